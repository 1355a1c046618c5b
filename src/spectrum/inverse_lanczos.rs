//! The smallest eigenvalue by Cholesky factorisation and inverse Lanczos: an estimate.

use super::SpectrumError;
use super::block_lanczos::largest_block_ritz_pair;
use super::eigen::require_symmetric;
use super::lanczos::{Ritz, axpy, column_products, dot, largest_ritz_pair};
use crate::arithmetic::{enlarged, gamma};
use crate::linalg::view;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::matmul;
use faer::reborrow::Reborrow;
use faer::{Accum, MatMut, Par};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Below this order a factorisation runs on one thread: a millisecond of work.
const PARALLEL_ORDER: usize = 256;

/// Why an iteration stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Termination {
    /// The residual says that the tolerance is met, or the Krylov space is exhausted.
    Converged,
    /// The number of iterations reached its cap.
    Cap,
    /// The time was up.
    Time,
    /// The residual is below the proved rounding of a product: no more can be said.
    Rounding,
}

/// An estimated eigenvalue: good to its tolerance as a rule, without proof that
/// nothing lies below it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Estimate {
    /// The Rayleigh quotient of the final vector.
    pub value: f64,
    /// *Some* eigenvalue lies within this of the value: the residual `‖Ax − μx‖/‖x‖`,
    /// rounding included.
    pub error_bound: f64,
    /// Solutions with the factor.
    pub iterations: usize,
    /// Why the iteration stopped.
    pub termination: Termination,
}

/// Estimates the smallest eigenvalue of a numerically positive definite matrix.
///
/// Lanczos' method for `A⁻¹`, every product two triangular solutions with the Cholesky
/// factor, full reorthogonalisation, and a stop when the residual of the Ritz pair
/// says that the value has the relative accuracy `tolerance`.
///
/// # Guarantee
/// An estimate. That some eigenvalue lies within `error_bound` of the value is proved;
/// that it is the smallest is not: see [`certificate`](super::certificate).
///
/// # Errors
/// A matrix that is empty, not square, not finite, not exactly symmetric, or
/// [not positive definite](SpectrumError::NotPositiveDefinite) in f64.
///
/// # Cost
/// One Cholesky factorisation, a copy, and `O(n²)` an iteration, of which there are
/// at most `cap`.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::spectrum::inverse_lanczos;
/// let estimate = inverse_lanczos(&dmatrix![2.0, 1.0; 1.0, 2.0], 1e-10, 100)?;
/// assert!((estimate.value - 1.0).abs() < 1e-10);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub fn inverse_lanczos(
    a: &DMatrix<f64>,
    tolerance: f64,
    cap: usize,
) -> Result<Estimate, SpectrumError> {
    require_symmetric(a)?;
    of_symmetric(a, tolerance, cap)
}

/// As [`inverse_lanczos`] for a matrix that is known to be finite and symmetric.
pub(super) fn of_symmetric(
    a: &DMatrix<f64>,
    tolerance: f64,
    cap: usize,
) -> Result<Estimate, SpectrumError> {
    let mut inverse = ShiftedInverse::new(a.nrows());
    let refusal = SpectrumError::NotPositiveDefinite { size: a.nrows() };
    if !inverse.factor(a, 0.0) {
        return Err(refusal);
    }
    let ritz = inverse.smallest_pair(tolerance, cap).ok_or(refusal)?;
    let products = column_products(a, &ritz.vector);
    let value = rayleigh(&products, &ritz.vector);
    Ok(Estimate {
        value,
        error_bound: residual_bound(&products, &ritz.vector, value),
        iterations: ritz.iterations,
        termination: if ritz.converged {
            Termination::Converged
        } else {
            Termination::Cap
        },
    })
}

/// `x·Ax/‖x‖²`, rounded.
fn rayleigh(products: &[(f64, f64)], x: &[f64]) -> f64 {
    let terms = products.iter().zip(x).map(|((sum, _), x)| sum * x);
    terms.sum::<f64>() / dot(x, x)
}

/// Bounds `‖Ax − μx‖/‖x‖`, rounding included, given the rows of `Ax` and of `|A||x|`.
fn residual_bound(products: &[(f64, f64)], x: &[f64], value: f64) -> f64 {
    let (mut residual, mut size) = (0.0, 0.0);
    let n = x.len();
    for (i, &(sum, absolute)) in products.iter().enumerate() {
        residual += (sum - value * x[i]).powi(2);
        size += (absolute + (value * x[i]).abs()).powi(2);
    }
    let rounding = gamma(2 * n + 8) * size.sqrt() + n as f64 * f64::MIN_POSITIVE;
    enlarged((residual.sqrt() + rounding) / dot(x, x).sqrt(), 2 * n + 8)
}

/// `(A − sI)⁻¹` through a Cholesky factor, whose storage serves many shifts.
pub(crate) struct ShiftedInverse {
    factor: DMatrix<f64>,
    scratch: MemBuffer,
}

impl ShiftedInverse {
    pub fn new(order: usize) -> Self {
        let scratch = cholesky_in_place_scratch::<f64>(order, Par::rayon(0), Default::default());
        Self {
            factor: DMatrix::zeros(order, order),
            scratch: MemBuffer::new(scratch),
        }
    }

    /// Factors the rounded `A − sI`; tells whether that completed with finite positive pivots.
    pub fn factor(&mut self, a: &DMatrix<f64>, shift: f64) -> bool {
        let n = a.nrows();
        // The lower triangle is all that is read, of both.
        let columns = self.factor.as_mut_slice().par_chunks_exact_mut(n);
        let given = a.as_slice().par_chunks_exact(n);
        let columns = columns.zip(given).enumerate().with_min_len(64);
        columns.for_each(|(j, (column, given))| {
            column[j..].copy_from_slice(&given[j..]);
            column[j] -= shift;
        });
        let par = if n < PARALLEL_ORDER {
            Par::Seq
        } else {
            Par::rayon(0)
        };
        let completed = cholesky_in_place(
            MatMut::from_column_major_slice_mut(self.factor.as_mut_slice(), n, n),
            LltRegularization::default(),
            par,
            MemStack::new(&mut self.scratch),
            Default::default(),
        );
        completed.is_ok()
            && (0..n).all(|i| {
                let pivot = self.factor[(i, i)];
                pivot.is_finite() && pivot > 0.0
            })
    }

    /// Approximates the largest eigenvalue of `(A − sI)⁻¹` and its vector.
    ///
    /// The vector is multiplied by the inverse once more: a component `ε_j` along
    /// another eigenvector costs the Ritz value `ε_j²`, but the Rayleigh quotient of
    /// `A − sI` `ε_j² λ_j/λ_1`, all relatively; afterwards `ε_j² λ_1/λ_j`.
    pub(super) fn smallest_pair(&self, tolerance: f64, cap: usize) -> Option<Ritz> {
        let n = self.factor.nrows();
        let ritz = if n < SOLVED_ALONE {
            largest_ritz_pair(n, tolerance, cap, |x, y| self.apply(x, y))?
        } else {
            largest_block_ritz_pair(n, BLOCK, tolerance, cap, |x| solve_block(&self.factor, x))?
        };
        let mut vector = if n < SOLVED_ALONE {
            let mut vector = vec![0.0; n];
            self.apply(&ritz.vector, &mut vector);
            vector
        } else {
            let mut vector = DMatrix::from_column_slice(n, 1, &ritz.vector);
            solve_block(&self.factor, &mut vector);
            vector.as_slice().to_vec()
        };
        let norm = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
        norm.is_finite().then_some(Ritz { vector, ..ritz })
    }

    /// Writes `(A − sI)⁻¹x` to `y`, with the factor of the last call that completed.
    pub fn apply(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(x);
        solve(&self.factor, y);
    }
}

/// Columns that are solved for on one thread before the rest is updated on all.
const SOLVED_AT_ONCE: usize = 128;

/// Right-hand sides that share a pass over a large factor.
const BLOCK: usize = 4;

/// Below this order one thread solves alone, one right-hand side at a time: the factor fits the cache.
const SOLVED_ALONE: usize = 1200;

/// Solves `LLᵀx = y` in place, `L` the lower triangle.
fn solve(factor: &DMatrix<f64>, y: &mut [f64]) {
    let n = y.len();
    let column = |j: usize| &factor.as_slice()[j * n..][..n];
    for j in 0..n {
        let (head, tail) = y.split_at_mut(j + 1);
        head[j] /= column(j)[j];
        axpy(tail, -head[j], &column(j)[j + 1..]);
    }
    for j in (0..n).rev() {
        let (head, tail) = y.split_at_mut(j + 1);
        head[j] = (head[j] - dot(&column(j)[j + 1..], tail)) / column(j)[j];
    }
}

/// Solves `LLᵀX = Y` in place for a block, on all cores: one pass over the factor each way.
fn solve_block(factor: &DMatrix<f64>, y: &mut DMatrix<f64>) {
    let (n, width) = y.shape();
    let lower = view(factor, false);
    let column = |j: usize| &factor.as_slice()[j * n..][..n];
    let starts = || (0..n).step_by(SOLVED_AT_ONCE);
    for start in starts() {
        let end = (start + SOLVED_AT_ONCE).min(n);
        for side in y.as_mut_slice().chunks_exact_mut(n) {
            for j in start..end {
                let (head, tail) = side[..end].split_at_mut(j + 1);
                head[j] /= column(j)[j];
                axpy(tail, -head[j], &column(j)[j + 1..end]);
            }
        }
        let all = MatMut::from_column_major_slice_mut(y.as_mut_slice(), n, width);
        let (solved, rest) = all.split_at_row_mut(end);
        let solved = solved.rb().subrows(start, end - start);
        let panel = lower.submatrix(end, start, n - end, end - start);
        matmul(rest, Accum::Add, panel, solved, -1.0, Par::rayon(0));
    }
    for start in starts().rev() {
        let end = (start + SOLVED_AT_ONCE).min(n);
        let all = MatMut::from_column_major_slice_mut(y.as_mut_slice(), n, width);
        let (unsolved, rest) = all.split_at_row_mut(end);
        let block = unsolved.subrows_mut(start, end - start);
        let panel = lower.submatrix(end, start, n - end, end - start);
        matmul(
            block,
            Accum::Add,
            panel.transpose(),
            rest.rb(),
            -1.0,
            Par::rayon(0),
        );
        for side in y.as_mut_slice().chunks_exact_mut(n) {
            for j in (start..end).rev() {
                let (head, tail) = side[..end].split_at_mut(j + 1);
                head[j] = (head[j] - dot(&column(j)[j + 1..end], tail)) / column(j)[j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DVector;

    /// The path graph: `2 − 2cos(kπ/(n+1))`.
    fn path(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        })
    }

    #[test]
    fn smallest_eigenvalue_of_the_path_graph() {
        for n in [1usize, 2, 5, 33, 120, 300] {
            let estimate = inverse_lanczos(&path(n), 1e-12, 100).unwrap();
            let angle = std::f64::consts::PI / (n as f64 + 1.0);
            let exact = 2.0 - 2.0 * angle.cos();
            // Tolerance; rounding of the factorisation, γ_n·‖A‖.
            let slack = 1e-11 * exact + 8.0 * gamma(n + 8);
            assert!((estimate.value - exact).abs() <= slack, "{n} {estimate:?}");
            assert!((estimate.value - exact).abs() <= estimate.error_bound);
            // A value good to 1e-12 has a vector good to 1e-6, times ‖A‖ < 4.
            assert!(estimate.error_bound <= 1e-5, "{n} {estimate:?}");
            assert_eq!(estimate.termination, Termination::Converged);
        }
    }

    #[test]
    fn residuals_are_bounded_with_their_rounding() {
        // An eigenvector of norm 1e-3: nothing is left but the rounding of 2e5, over the norm.
        let a = nalgebra::dmatrix![1e8];
        let bound = |a: &DMatrix<f64>, x: &[f64], value: f64| {
            residual_bound(&column_products(a, x), x, value)
        };
        let long = bound(&a, &[1e-3], 1e8);
        let expected = 2e8 * gamma(10);
        assert!(long >= expected && long < 1.1 * expected, "{long:e}");
        // (2, 1): the residual of the vector (1, 0) is 1.
        let a = nalgebra::dmatrix![2.0, 1.0; 1.0, 5.0];
        let one = bound(&a, &[4.0, 0.0], 2.0);
        assert!((1.0..1.0 + 1e-13).contains(&one), "{one}");
        // x·Ax = 3² · 2 + 2 · 3 + 5 over 10.
        assert_eq!(
            rayleigh(&column_products(&a, &[3.0, 1.0]), &[3.0, 1.0]),
            2.9
        );
    }

    #[test]
    fn vectors_are_of_unit_norm() {
        for n in [40, 150] {
            let mut inverse = ShiftedInverse::new(n);
            assert!(inverse.factor(&path(n), 0.0));
            let pair = inverse.smallest_pair(1e-9, 90).unwrap();
            let norm = dot(&pair.vector, &pair.vector).sqrt();
            assert!((norm - 1.0).abs() < gamma(n + 8), "{norm}");
        }
    }

    #[test]
    fn shifted_inverses_undo_the_product() {
        for n in [40, 150] {
            undoes_the_product(n);
        }
    }

    #[test]
    fn blocks_are_solved_as_their_columns_are() {
        // Within a panel, at its end, and with a rest.
        for n in [
            5,
            SOLVED_AT_ONCE,
            SOLVED_AT_ONCE + 1,
            3 * SOLVED_AT_ONCE + 7,
        ] {
            let mut inverse = ShiftedInverse::new(n);
            assert!(inverse.factor(&path(n), -0.5));
            let given = DMatrix::from_fn(n, 3, |i, j| ((i + 5 * j) as f64).cos());
            let mut block = given.clone();
            solve_block(&inverse.factor, &mut block);
            for (j, column) in given.column_iter().enumerate() {
                let mut single = column.into_owned();
                solve(&inverse.factor, single.as_mut_slice());
                // Both backward stable; the condition number is nine.
                let error = 10.0 * gamma(6 * n) * single.norm();
                assert!((block.column(j) - single).norm() <= error, "{n}");
            }
        }
    }

    #[test]
    fn large_matrices_are_iterated_in_blocks() {
        let n = SOLVED_ALONE;
        let estimate = inverse_lanczos(&path(n), 1e-10, 100).unwrap();
        let angle = std::f64::consts::PI / (n as f64 + 1.0);
        let exact = 2.0 - 2.0 * angle.cos();
        let slack = 1e-9 * exact + 8.0 * gamma(n + 8);
        assert!((estimate.value - exact).abs() <= slack, "{estimate:?}");
        assert_eq!(estimate.termination, Termination::Converged);
    }

    fn undoes_the_product(n: usize) {
        let a = path(n);
        let mut inverse = ShiftedInverse::new(n);
        assert!(
            !inverse.factor(&a, 0.1),
            "0.0059 or less is the smallest eigenvalue"
        );
        assert!(inverse.factor(&a, -0.5));
        let x = DVector::from_fn(n, |i, _| (i as f64).cos());
        let mut y = DVector::zeros(n);
        inverse.apply(x.as_slice(), y.as_mut_slice());
        let error = &a * &y + &y * 0.5 - x;
        // Backward stable: 3n roundings of numbers at most ‖A + ½‖‖y‖ ≤ 4.5·2·√n.
        assert!(error.amax() <= gamma(3 * n + 9) * 9.0 * (n as f64).sqrt());
    }

    #[test]
    fn a_cap_is_reported_and_an_indefinite_matrix_refused() {
        let spread = DMatrix::from_fn(60, 60, |i, j| if i == j { 1.0 + i as f64 } else { 0.0 });
        let estimate = inverse_lanczos(&spread, 1e-13, 2).unwrap();
        assert_eq!(
            (estimate.iterations, estimate.termination),
            (2, Termination::Cap)
        );
        assert!(estimate.error_bound > 1e-3 && estimate.value > 1.0);
        let indefinite = nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0];
        assert_eq!(
            inverse_lanczos(&indefinite, 1e-3, 9),
            Err(SpectrumError::NotPositiveDefinite { size: 2 })
        );
    }

    #[test]
    fn factors_are_finite() {
        let mut inverse = ShiftedInverse::new(2);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let a = nalgebra::dmatrix![1.0, 0.0; 0.0, bad];
            assert!(!inverse.factor(&a, 0.0), "{bad}");
        }
        assert!(inverse.factor(&DMatrix::identity(2, 2), 0.0));
    }
}
