//! Sparse matrices in text: Matrix Market and svmlight. They are spread to dense ones.

mod dense;
mod error;
mod matrix_market;
mod svmlight;

pub use error::SparseError;
pub use matrix_market::matrix_market;
pub(super) use svmlight::is_svmlight;
pub use svmlight::svmlight;

use super::DataError;
use super::delimited::decode as utf8;
use super::npy::exact;

/// A line that is neither blank nor a comment, with its number, from 1.
type Line<'a> = (usize, &'a str);

/// The error of a line of a file.
fn at(file: &str, line: usize) -> impl Fn(SparseError) -> DataError {
    move |cause| DataError::Sparse {
        file: file.to_owned(),
        line,
        cause,
    }
}

/// A finite number; an exponent may be written with `D`, as Fortran does.
fn number(word: &str) -> Result<f64, SparseError> {
    let refused = || SparseError::Number {
        word: word.to_owned(),
    };
    let parsed = word.parse().ok().or_else(|| {
        let fortran = word.replace(['d', 'D'], "e");
        fortran.parse().ok()
    });
    parsed
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(refused)
}

/// An integer that some f64 is equal to.
fn integer(word: &str) -> Result<f64, SparseError> {
    let word = word.to_owned();
    match word.parse::<i128>() {
        Ok(value) => exact(value).map_err(|_| SparseError::Inexact { word }),
        Err(_) => Err(SparseError::Number { word }),
    }
}
