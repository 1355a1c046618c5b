//! What a search for a certificate knows while it runs.

use super::{Direction, Endpoint, Precision};
use crate::kernel::MercerKernel;
use crate::watch::Watch;
use nalgebra::{DMatrix, DMatrixView};
use std::fmt;
use std::time::{Duration, Instant};

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
    /// Columns of the factorisation at work that are done; 0 while the matrix is computed, and of an elimination with
    /// integers.
    pub columns: usize,
    /// Columns in all.
    pub order: usize,
    /// Factorisations begun before those of the precision at work.
    pub factorisations: usize,
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

/// Sees every step of a search: it is called before every stage and every column of a factorisation in fixed point, on
/// the thread of the caller.
pub type CertificateObserver<'a> = dyn Fn(&CertificateProgress) + 'a;

/// Who oversees a factorisation.
#[derive(Clone, Copy)]
pub(super) struct Overseer<'a> {
    /// Looked at all along.
    pub watch: &'a dyn Watch,
    /// Hears before every column how many are done.
    pub seen: &'a dyn Fn(usize),
}

/// Whoever may end a search, and the end of its time.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    watch: &'a dyn Watch,
    pub deadline: Option<Instant>,
}

impl<'a> Limit<'a> {
    /// A time beyond the clock's range is none.
    pub fn new(watch: &'a dyn Watch, time: Option<Duration>) -> Self {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        Self { watch, deadline }
    }
}

impl Watch for Limit<'_> {
    fn is_stopped(&self) -> bool {
        self.watch.is_stopped() || self.deadline.is_some_and(|end| Instant::now() >= end)
    }
}

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
            factorisations: 2,
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
