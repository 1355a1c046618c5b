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
    let refused = || word.to_owned();
    if let Ok(value) = word.parse::<i128>() {
        return exact(value).map_err(|_| SparseError::Inexact { word: refused() });
    }
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Err(match number(word) {
        _ if is_whole => SparseError::Inexact { word: refused() },
        Ok(_) => SparseError::Whole { word: refused() },
        Err(cause) => cause,
    })
}
