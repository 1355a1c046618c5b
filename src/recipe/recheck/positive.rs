//! Proofs of definiteness by one plain Cholesky factorisation.

use crate::arithmetic::{UNIT_ROUNDOFF, gamma};
use nalgebra::DMatrix;

/// Tells whether every symmetric matrix whose entries are within `error` of these is certainly positive
/// semi-definite.
///
/// # Guarantee
/// If the factorisation of `Â = fl(A − tI)` completes, `λ_min(Â) ≥ −γ/(1−γ)·tr Â`, `γ = γ_{n+4}`
/// (`proofs/rounding.md`), for the column-by-column algorithm of `nalgebra` too; `t` pays for that, for
/// the rounding of the diagonal, and for `‖·‖ ≤ n·error` of the entries.
pub(super) fn is_positive(mut matrix: DMatrix<f64>, error: f64) -> bool {
    let order = matrix.nrows();
    let g = gamma(order + 4);
    if !(g < 0.5) || !error.is_finite() || matrix.iter().any(|x| !x.is_finite()) {
        return false;
    }
    let size: f64 = matrix.diagonal().iter().map(|x| x.abs()).sum();
    let rounding = g / (1.0 - g) * size + 4.0 * UNIT_ROUNDOFF * size + f64::MIN_POSITIVE;
    let shift = (order as f64 * error + rounding) * (1.0 + gamma(order + 16));
    for i in 0..order {
        matrix[(i, i)] -= shift;
    }
    matrix.cholesky().is_some()
}

/// Tells whether `lower ≤ λ_min(A)` certainly, for entries within `error`.
pub(super) fn at_least(matrix: &DMatrix<f64>, error: f64, lower: f64) -> bool {
    let mut shifted = matrix.clone();
    for i in 0..shifted.nrows() {
        shifted[(i, i)] -= lower;
    }
    let rounding = UNIT_ROUNDOFF * (matrix.amax() + lower.abs());
    is_positive(shifted, error + 2.0 * rounding)
}

/// Tells whether `λ_max(A) ≤ upper` certainly, for entries within `error`.
pub(super) fn at_most(matrix: &DMatrix<f64>, error: f64, upper: f64) -> bool {
    at_least(&-matrix, error, -upper)
}

/// How far below `λ_min`, or above `λ_max`, a bound must stay for [`at_least`] and [`at_most`] to be certain to
/// succeed.
///
/// Entries within `error` move an eigenvalue by `n·error`, twice: once as computed, once in the shift. The shift
/// is `γ/(1−γ)` of a trace of at most `2n·size`; and a factorisation completes if what is left of the eigenvalue
/// exceeds `nγ/(1−γ)` of the largest diagonal entry, at most `2·size` (Demmel 1989). A dozen roundings of
/// diagonal entries remain.
///
/// # Arguments
/// * `order`: `n`; `size`: at least every entry and the bound.
pub(super) fn reach(order: usize, size: f64, error: f64) -> f64 {
    let g = gamma(order + 4);
    let roundings = 4.0 * g / (1.0 - g) + 16.0 * UNIT_ROUNDOFF;
    let left = order as f64 * (2.0 * error + roundings * size) + 4.0 * f64::MIN_POSITIVE;
    left * (1.0 + gamma(2 * order + 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn eigenvalues_are_bounded_on_either_side() {
        // Eigenvalues 1 and 3.
        let a = dmatrix![2.0, 1.0; 1.0, 2.0];
        assert!(at_least(&a, 0.0, 1.0 - 1e-14) && !at_least(&a, 0.0, 1.0));
        assert!(at_most(&a, 0.0, 3.0 + 1e-14) && !at_most(&a, 0.0, 3.0));
        // Entries off by e move an eigenvalue by 2e.
        assert!(at_least(&a, 0.1, 0.8 - 1e-13) && !at_least(&a, 0.1, 0.8 + 1e-13));
        assert!(at_most(&a, 0.1, 3.2 + 1e-13) && !at_most(&a, 0.1, 3.2 - 1e-13));
    }

    #[test]
    fn larger_matrices_are_proved_too() {
        // The second difference: 2 − 2cos(kπ/(n+1)).
        let n = 150;
        let a = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let angle = std::f64::consts::PI / (n as f64 + 1.0);
        let (low, high) = (2.0 - 2.0 * angle.cos(), 2.0 + 2.0 * angle.cos());
        // Backward errors of 154 roundings of a trace of 300, twice.
        assert!(at_least(&a, 0.0, low - 2e-11) && !at_least(&a, 0.0, low + 1e-14));
        assert!(at_most(&a, 0.0, high + 2e-11) && !at_most(&a, 0.0, high - 1e-14));
    }

    /// The Hilbert matrix, whose smallest eigenvalues are rounding: `1/(i+j+1)` moved up by a diagonal.
    #[test]
    fn bounds_out_of_reach_are_proved() {
        for n in [1, 2, 7, 40] {
            for error in [0.0, 1e-9] {
                let a = DMatrix::from_fn(n, n, |i, j| {
                    1.0 / (i + j + 1) as f64 + f64::from(u8::from(i == j))
                });
                let values = a.clone().symmetric_eigenvalues();
                let (low, high) = (values.min(), values.max());
                let (below, above) = (reach(n, 2.0, error), reach(n, high.max(2.0), error));
                // The eigenvalues are themselves known to a few units only.
                let unit = 1e-14;
                assert!(at_least(&a, error, low - below - unit));
                assert!(at_most(&a, error, high + above + unit));
                assert!(below <= 2.0 * error * n as f64 + 1e-14 * (n * n) as f64 + 1e-14);
            }
        }
    }

    #[test]
    fn what_is_not_a_number_is_not_proved() {
        assert!(!at_least(&dmatrix![f64::NAN], 0.0, -1.0));
        assert!(!at_least(&dmatrix![1.0], f64::NAN, -1.0));
        assert!(!at_least(&dmatrix![1.0], f64::INFINITY, -1.0));
        assert!(!at_least(&dmatrix![1.0], 0.0, f64::NAN));
        assert!(at_least(&dmatrix![1.0], 0.0, -1.0));
    }
}
