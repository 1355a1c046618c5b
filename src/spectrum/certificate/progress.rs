//! What a search for a certificate knows while it runs.

use super::{Direction, Endpoint, Precision};
use crate::kernel::MercerKernel;
use nalgebra::{DMatrix, DMatrixView};
use std::fmt;
use std::ops::ControlFlow;

/// Whose eigenvalue is enclosed.
#[derive(Clone, Copy, Debug)]
pub enum CertificateSubject<'a> {
    /// The exact Gram matrix of points (q × N).
    Points(&'a MercerKernel, DMatrixView<'a, f64>),
    /// The symmetric matrix with exactly these entries.
    Matrix(&'a DMatrix<f64>),
}

/// Which end of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `λ_min`.
    Smallest,
    /// `λ_max`.
    Largest,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Smallest => "λ_min",
            Self::Largest => "λ_max",
        })
    }
}

/// What is known so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CertificateProgress {
    /// The arithmetic at work.
    pub precision: Precision,
    /// The eigenvalue is at least this, proved.
    pub lo: Endpoint,
    /// The eigenvalue is at most this, proved.
    pub hi: Endpoint,
    /// Columns of the factorisation at work that are done; 0 while the matrix is computed.
    pub columns: usize,
    /// Columns in all.
    pub order: usize,
    /// As [`Certificate::needed_bits`](super::Certificate::needed_bits).
    pub needed_bits: Option<usize>,
}

impl fmt::Display for CertificateProgress {
    /// The arithmetic, the interval rounded outwards to three digits, and how far the factorisation is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lo = self.lo.decimal(3, Direction::Down);
        let hi = self.hi.decimal(3, Direction::Up);
        let (columns, order) = (self.columns, self.order);
        write!(
            f,
            "{}: [{lo}, {hi}], {columns} of {order} columns",
            self.precision
        )
    }
}

/// Sees every step of a search, and says whether it goes on: a search that is stopped ends as one whose time is up.
///
/// It is called before every stage and every column of a factorisation in fixed point, on the thread of the caller.
pub type CertificateObserver<'a> = dyn Fn(&CertificateProgress) -> ControlFlow<()> + 'a;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_written_in_a_line() {
        let seen = CertificateProgress {
            precision: Precision::Multi { bits: 128 },
            lo: 0.125.into(),
            hi: 0.25.into(),
            columns: 3,
            order: 16,
            needed_bits: None,
        };
        let expected = "128 bits: [1.25e-1, 2.50e-1], 3 of 16 columns";
        assert_eq!(seen.to_string(), expected);
        assert_eq!(
            format!("{}, {}", End::Smallest, End::Largest),
            "λ_min, λ_max"
        );
    }
}
