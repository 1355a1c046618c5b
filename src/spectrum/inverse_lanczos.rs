//! The smallest eigenvalue by Cholesky factorisation and inverse Lanczos: an estimate.

use super::SpectrumError;
use super::block_lanczos::largest_block_ritz_pairs;
use super::certificate::decimal_above;
use super::cholesky::{factor_lower, solve_in_place};
use super::eigen::require_symmetric;
use super::lanczos::{Ritz, column_products, dot, largest_ritz_pair};
use crate::arithmetic::{enlarged, gamma};
use crate::linalg::within_pool;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::fmt;

/// Why an iteration stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
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

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Converged => "converged",
            Self::Cap => "stopped at the cap",
            Self::Time => "stopped by the time",
            Self::Rounding => "stopped at the rounding of a product",
        })
    }
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

impl fmt::Display for Estimate {
    /// The value as an f64 number, the bound rounded up: `1e-3 ± 2.1e-19, converged`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, bound) = (self.value, decimal_above(self.error_bound, 2));
        write!(f, "{value:e} ± {bound}, {}", self.termination)
    }
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
    within_pool(|| iterate(a, tolerance, cap))
}

fn iterate(a: &DMatrix<f64>, tolerance: f64, cap: usize) -> Result<Estimate, SpectrumError> {
    let mut inverse = ShiftedInverse::new(a.nrows());
    let refusal = SpectrumError::NotPositiveDefinite { size: a.nrows() };
    if !inverse.factor(a, 0.0) {
        return Err(refusal);
    }
    let ritz = inverse.smallest_pair(tolerance, cap).ok_or(refusal)?;
    let termination = if ritz.converged {
        Termination::Converged
    } else {
        Termination::Cap
    };
    Ok(estimate_of(a, &ritz.vector, ritz.iterations, termination))
}

/// The Rayleigh quotient of a vector, and the bound of its residual.
pub(super) fn estimate_of(
    a: &DMatrix<f64>,
    vector: &[f64],
    iterations: usize,
    termination: Termination,
) -> Estimate {
    let products = column_products(a, vector);
    let value = rayleigh(&products, vector);
    Estimate {
        value,
        error_bound: residual_bound(&products, vector, value),
        iterations,
        termination,
    }
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
}

impl ShiftedInverse {
    pub fn new(order: usize) -> Self {
        Self {
            factor: DMatrix::zeros(order, order),
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
        factor_lower(self.factor.as_mut_slice(), n)
    }

    /// Approximates the largest eigenvalue of `(A − sI)⁻¹` and its vector.
    ///
    /// The vector is multiplied by the inverse once more: a component `ε_j` along
    /// another eigenvector costs the Ritz value `ε_j²`, but the Rayleigh quotient of
    /// `A − sI` `ε_j² λ_j/λ_1`, all relatively; afterwards `ε_j² λ_1/λ_j`.
    pub(super) fn smallest_pair(&self, tolerance: f64, cap: usize) -> Option<Ritz> {
        let n = self.factor.nrows();
        let ritz = if n < BLOCKS_ORDER {
            largest_ritz_pair(n, tolerance, cap, |x, y| self.apply(x, y))?
        } else {
            let block = |x: &mut DMatrix<f64>| self.solve(x.as_mut_slice());
            let pairs = largest_block_ritz_pairs(n, BLOCK, 1, tolerance, cap, block)?;
            Ritz {
                value: pairs.value,
                vector: pairs.vectors.as_slice().to_vec(),
                iterations: pairs.iterations,
                converged: pairs.converged,
            }
        };
        let mut vector = ritz.vector;
        self.solve(&mut vector);
        let norm = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
        norm.is_finite().then_some(Ritz { vector, ..ritz })
    }

    /// Writes `(A − sI)⁻¹x` to `y`, with the factor of the last call that completed.
    pub fn apply(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(x);
        self.solve(y);
    }

    /// Solves for columns in place.
    fn solve(&self, sides: &mut [f64]) {
        solve_in_place(self.factor.as_slice(), self.factor.nrows(), sides);
    }
}

/// Right-hand sides that share a pass over a large factor.
const BLOCK: usize = 4;

/// Below this order the factor fits the cache, and single vectors need fewer products than blocks.
pub(super) const BLOCKS_ORDER: usize = 1200;

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
    fn large_matrices_are_iterated_in_blocks() {
        let n = BLOCKS_ORDER;
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

    #[test]
    fn an_estimate_is_written_with_its_bound() {
        let estimate = Estimate {
            value: 0.25,
            error_bound: 1.01e-9,
            iterations: 7,
            termination: Termination::Rounding,
        };
        let expected = "2.5e-1 ± 1.1e-9, stopped at the rounding of a product";
        assert_eq!(estimate.to_string(), expected);
    }
}
