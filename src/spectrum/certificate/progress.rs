//! What a search for a certificate knows while it runs.

use super::{Endpoint, Precision};
use crate::kernel::MercerKernel;
use nalgebra::{DMatrix, DMatrixView};
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

/// Sees every step of a search, and says whether it goes on: a search that is stopped ends as one whose time is up.
///
/// It is called before every stage and every column of a factorisation in fixed point, on the thread of the caller.
pub type CertificateObserver<'a> = dyn Fn(&CertificateProgress) -> ControlFlow<()> + 'a;
