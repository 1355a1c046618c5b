//! The steps of a certificate by themselves, for claims that try them on matrices of known eigenvalues.

use super::super::enclosure::rayleigh_quotient;
use super::double;
use crate::arithmetic::Ball;
use nalgebra::{DMatrix, DVector};

/// Encloses `λ_min(A)` with a vector that is proposed, as the stage in f32 proposes one; nothing, where the entries are out
/// of the range of f64.
///
/// # Guarantee
/// That of a certificate in f64, whatever the vector is: a bad one costs factorisations.
pub(crate) fn smallest_proposed(
    a: &DMatrix<f64>,
    width: f64,
    proposal: &DVector<f64>,
) -> Option<(f64, f64)> {
    let bounds = double::smallest_proposed(a, width, proposal)?;
    Some((bounds.lo, bounds.hi))
}

/// Returns what a factorisation of `A − sI` in f64 proves `λ_min(A)` to be at least; nothing, if it does not complete.
pub(crate) fn proved_below(a: &DMatrix<f64>, shift: f64) -> Option<f64> {
    double::proved_below(a, shift)
}

/// Encloses `xᵀAx/xᵀx`, as for the upper end of a certificate.
pub(crate) fn quotient(a: &DMatrix<f64>, x: &DVector<f64>) -> Ball {
    rayleigh_quotient(a, x)
}
