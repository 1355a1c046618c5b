//! Davidson's method with blocks: values and residuals in f64, an inverse in f32 to precondition.

use super::SpectrumError;
use super::block_lanczos::{bordered, largest_block_ritz_pairs, orthonormal, product};
use super::eigen::{require_symmetric, symmetric_eigen};
use super::inverse_lanczos::{Estimate, Termination, estimate_of};
use super::lanczos::estimated_error;
use super::single_inverse::SingleInverse;
use crate::arithmetic::gamma;
use crate::linalg::within_pool;
use nalgebra::DMatrix;

/// From this order on the factorisation in f32 pays; below, blocks cost more than it saves.
pub(super) const SINGLE_ORDER: usize = 800;

/// Columns of a block.
const BLOCK: usize = 4;

/// Ritz vectors of the inverse that the iteration starts from.
const START: usize = 2 * BLOCK;

/// No Ritz value of the inverse in f32 is better.
const SINGLE_TOLERANCE: f64 = 1e-6;

/// Most applications of the inverse in either stage: it does not serve if they do not suffice.
const CAP: usize = 40;

/// The smallest Ritz pair of a symmetric matrix.
pub(super) struct SmallestRitz {
    /// Its vector, of unit norm up to rounding.
    pub vector: Vec<f64>,
    /// Applications of the inverse.
    pub iterations: usize,
    /// Why the iteration stopped.
    pub termination: Termination,
}

/// Estimates the smallest eigenvalue of a matrix that is positive definite in single precision.
///
/// A Cholesky factor of the matrix in f32 is an inverse of a few digits. Block Lanczos iterations with
/// it give a start; from there on residuals and Rayleigh–Ritz are of the matrix itself in f64, and the
/// inverse only preconditions (Davidson's method): it costs steps if it is inexact, not digits.
///
/// # Guarantee
/// That of [`inverse_lanczos`](super::inverse_lanczos()).
///
/// # Errors
/// A matrix that is empty, not square, not finite, not exactly symmetric, or without a
/// [useful inverse in f32](SpectrumError::NoSingleInverse).
///
/// # Cost
/// A Cholesky factorisation in f32, `2n²` bytes for its triangle, and a dozen passes over both
/// matrices.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::spectrum::davidson;
/// let estimate = davidson(&dmatrix![2.0, 1.0; 1.0, 2.0], 1e-10)?;
/// assert!((estimate.value - 1.0).abs() < 1e-10);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
///
/// # Source
/// Davidson, *The iterative calculation of a few of the lowest eigenvalues*, J. Comput. Phys. 17, 1975;
/// Crouzeix, Philippe, Sadkane, *The Davidson method*, SIAM J. Sci. Comput. 15, 1994.
pub fn davidson(a: &DMatrix<f64>, tolerance: f64) -> Result<Estimate, SpectrumError> {
    require_symmetric(a)?;
    of_symmetric(a, tolerance)
}

/// As [`davidson`] for a matrix that is known to be finite and symmetric.
pub(super) fn of_symmetric(a: &DMatrix<f64>, tolerance: f64) -> Result<Estimate, SpectrumError> {
    let refusal = SpectrumError::NoSingleInverse { size: a.nrows() };
    let ritz = smallest_ritz_pair(a, tolerance).ok_or(refusal)?;
    Ok(estimate_of(
        a,
        &ritz.vector,
        ritz.iterations,
        ritz.termination,
    ))
}

/// Approximates the smallest eigenvalue of a symmetric matrix, and its vector; nothing, where the inverse
/// in f32 does not exist or is none.
///
/// Every step adds the preconditioned residuals of the smallest Ritz pairs to the basis. Stops as
/// [`largest_ritz_pair`](super::lanczos::largest_ritz_pair) does, or when the residual decreases no more
/// and is below the rounding of a product.
pub(super) fn smallest_ritz_pair(a: &DMatrix<f64>, tolerance: f64) -> Option<SmallestRitz> {
    within_pool(|| iterate(a, tolerance))
}

fn iterate(a: &DMatrix<f64>, tolerance: f64) -> Option<SmallestRitz> {
    let order = a.nrows();
    let inverse = SingleInverse::new(a)?;
    let exploration = tolerance.max(SINGLE_TOLERANCE);
    let start = largest_block_ritz_pairs(order, BLOCK, START, exploration, CAP, |x| {
        inverse.apply(x);
    })?;
    let mut basis = DMatrix::zeros(order, 0);
    let mut images = DMatrix::zeros(order, 0);
    let mut projected = DMatrix::zeros(0, 0);
    let mut block = start.vectors;
    let mut last_residual = f64::INFINITY;
    for steps in 0..CAP {
        let (before, width) = (basis.ncols(), block.ncols());
        let after = before + width;
        basis = basis.resize_horizontally(after, 0.0);
        basis.columns_mut(before, width).copy_from(&block);
        let image = product(a, false, &block);
        images = images.resize_horizontally(after, 0.0);
        images.columns_mut(before, width).copy_from(&image);
        projected = bordered(projected, &product(&basis, true, &image));
        let eigen = symmetric_eigen(&projected).ok()?;
        let value = eigen.values[0];
        // The inverse is one to half of what it does to the smallest eigenvalue, or it does not serve.
        if steps == 0 && !((value * start.value - 1.0).abs() <= 0.5) {
            return None;
        }
        let wanted = eigen.vectors.columns(0, BLOCK.min(after)).into_owned();
        let vectors = product(&basis, false, &wanted);
        let mut residuals = product(&images, false, &wanted);
        for (j, mut residual) in residuals.column_iter_mut().enumerate() {
            residual.axpy(-eigen.values[j], &vectors.column(j), 1.0);
        }
        let residual = residuals.column(0).norm();
        let negated: Vec<f64> = eigen.values.iter().rev().map(|value| -value).collect();
        let error = estimated_error(&negated, residual);
        let stalled = residual > 0.5 * last_residual;
        last_residual = residual;
        let mut termination = if error <= tolerance * value.abs() || after == order {
            Some(Termination::Converged)
        } else if stalled && residual <= gamma(order) * a.norm() {
            Some(Termination::Rounding)
        } else {
            None
        };
        if termination.is_none() {
            inverse.apply(&mut residuals);
            (block, _) = orthonormal(&basis, residuals)?;
            // An invariant space.
            termination = (block.ncols() == 0).then_some(Termination::Converged);
        }
        if let Some(termination) = termination {
            return Some(SmallestRitz {
                vector: vectors.column(0).as_slice().to_vec(),
                iterations: start.iterations + steps,
                termination,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DVector, dmatrix};

    /// `2 + c − 2cos(kπ/(n+1))`.
    fn path(n: usize, c: f64) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0 + c,
            1 => -1.0,
            _ => 0.0,
        })
    }

    #[test]
    fn smallest_eigenvalue_of_the_path_graph() {
        // Sizes around blocks, starts and threads.
        for n in [1usize, 2, 3, 4, 5, 7, 8, 9, 12, 13, 64, 255, 256, 257, 400] {
            for tolerance in [1e-4, 1e-8, 1e-12] {
                let found = davidson(&path(n, 0.01), tolerance).unwrap();
                let angle = std::f64::consts::PI / (n as f64 + 1.0);
                let exact = 2.01 - 2.0 * angle.cos();
                // The estimate of its error is not proved: ten times the tolerance, and rounding.
                let slack = 10.0 * tolerance * exact + 8.0 * gamma(n + 8);
                assert!((found.value - exact).abs() <= slack, "{n} {found:?}");
                assert!((found.value - exact).abs() <= found.error_bound);
                assert_eq!(found.termination, Termination::Converged, "{n} {found:?}");
            }
        }
    }

    #[test]
    fn digits_come_from_double_precision() {
        // A well-conditioned matrix that f32 does not represent: condition 4e4 and full entries.
        let n = 80;
        let v = DVector::from_fn(n, |i, _| 1.0 + (i as f64 * 1.7).sin()).normalize();
        let q = DMatrix::identity(n, n) - &v * v.transpose() * 2.0;
        let values = DVector::from_fn(n, |i, _| 1e-3 + 0.5 * i as f64);
        let a = &q * DMatrix::from_diagonal(&values) * &q;
        let a = (&a + a.transpose()) * 0.5;
        let found = davidson(&a, 1e-12).unwrap();
        // The construction: two products of order n, ‖A‖ < 40.
        assert!(
            (found.value - 1e-3).abs() <= 40.0 * gamma(8 * n),
            "{found:?}"
        );
        // A value good to 1e-15 over a gap of one half has the residual 2e-8.
        assert!(found.error_bound <= 1e-7, "{found:?}");
    }

    #[test]
    fn invariant_spaces_end_the_iteration() {
        let found = davidson(&(DMatrix::identity(60, 60) * 3.0), 1e-10).unwrap();
        assert!((found.value - 3.0).abs() <= 100.0 * f64::EPSILON);
        assert_eq!(
            (found.iterations, found.termination),
            (1, Termination::Converged)
        );
        // Nothing is below the rounding of a product.
        let found = davidson(&path(300, 0.0), 1e-17).unwrap();
        assert_ne!(found.termination, Termination::Cap);
        assert!(found.error_bound < 1e-9, "{found:?}");
    }

    #[test]
    fn what_single_precision_cannot_tell_from_singular_is_refused() {
        let refused = Err(SpectrumError::NoSingleInverse { size: 2 });
        let near = 1.0 - 1e-9;
        assert_eq!(davidson(&dmatrix![1.0, near; near, 1.0], 1e-6), refused);
        assert_eq!(davidson(&dmatrix![0.0, 1.0; 1.0, 0.0], 1e-6), refused);
        // Rounds to a positive definite matrix, whose eigenvalue is 6.0e-8 instead of 1.5e-7.
        let (diagonal, beside) = (1.0 + 5.9e-8, 1.0 - 8.9e-8);
        assert!(SingleInverse::new(&dmatrix![diagonal, beside; beside, diagonal]).is_some());
        assert_eq!(
            davidson(&dmatrix![diagonal, beside; beside, diagonal], 1e-6),
            refused
        );
        // 4e-8 instead of 6.0e-8 serves.
        let near = 1.0 - 4e-8;
        let found = davidson(&dmatrix![1.0, near; near, 1.0], 1e-6).unwrap();
        assert!((found.value - 4e-8).abs() <= found.error_bound);
        assert!(matches!(
            davidson(&dmatrix![1.0, 2.0; 3.0, 1.0], 1e-6),
            Err(SpectrumError::NotSymmetric { .. })
        ));
        assert_eq!(
            davidson(&DMatrix::zeros(0, 0), 1e-6),
            Err(SpectrumError::Empty)
        );
    }
}
