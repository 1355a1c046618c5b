//! The smallest singular value of features.

use super::SpectrumError;
use super::certificate::decimal_above;
use super::eigen::{require_points, symmetric_eigen};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged, gamma};
use crate::gram::feature_gram;
use crate::linalg::decompositions::{self, ThinSvd};
use crate::linalg::{gemm, view};
use faer::Accum;
use nalgebra::DMatrix;
use std::fmt;

/// How a smallest singular value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum SingularRoute {
    /// More samples than features: zero, exactly.
    Rank,
    /// The root of an eigenvalue of `ΦᵀΦ`, which is far enough from its rounding.
    Gram,
    /// A singular value decomposition of `Φ`: squaring would lose the digits.
    Decomposition,
}

impl fmt::Display for SingularRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rank => "rank",
            Self::Gram => "Gram matrix",
            Self::Decomposition => "singular value decomposition",
        })
    }
}

/// An estimated smallest singular value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SingularEstimate {
    /// The value.
    pub value: f64,
    /// The exact one lies within this: certified, for the features as given.
    pub error_bound: f64,
    /// How it was found.
    pub route: SingularRoute,
}

impl fmt::Display for SingularEstimate {
    /// The value as an f64 number, the bound rounded up, and the route.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = decimal_above(self.error_bound, 2);
        write!(f, "{:e} ± {bound}, by {}", self.value, self.route)
    }
}

/// The smallest singular value `σ_min(Φ) = √λ_min(ΦᵀΦ)` of features `Φ` (w × N, a column a sample).
///
/// With `w < N` it is zero. Else by `ΦᵀΦ`, if the error stays below a millionth of the value: its
/// eigenvalues are off by `u‖Φ‖²`, so the root by `u‖Φ‖²/σ`; else by a decomposition of `Φ`, whose
/// error is `u‖Φ‖` whatever the value.
///
/// # Guarantee
/// Certified: residual and orthogonality of the computed vectors bound every value (Weyl).
///
/// # Errors
/// No samples; an entry that is not finite; a decomposition that does not converge.
///
/// # Cost
/// A product and the eigenvalues of order N, or a few times that for the decomposition.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::spectrum::{SingularRoute, smallest_singular_value};
/// let found = smallest_singular_value(&dmatrix![3.0, 0.0; 0.0, 1e-9; 0.0, 0.0])?;
/// assert!((found.value - 1e-9).abs() <= found.error_bound && found.error_bound < 1e-12);
/// assert_eq!(found.route, SingularRoute::Decomposition);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub fn smallest_singular_value(features: &DMatrix<f64>) -> Result<SingularEstimate, SpectrumError> {
    require_points(features.as_view())?;
    let (width, samples) = features.shape();
    if width < samples {
        return Ok(SingularEstimate {
            value: 0.0,
            error_bound: 0.0,
            route: SingularRoute::Rank,
        });
    }
    let by_gram = by_gram(features)?;
    if by_gram.error_bound <= 1e-6 * by_gram.value {
        return Ok(by_gram);
    }
    let decomposed = by_decomposition(features)?;
    Ok(if decomposed.error_bound < by_gram.error_bound {
        decomposed
    } else {
        by_gram
    })
}

fn by_gram(features: &DMatrix<f64>) -> Result<SingularEstimate, SpectrumError> {
    let gram = feature_gram(features);
    let eigen = symmetric_eigen(&gram)?;
    // Entries within γ_w|φ_i||φ_j|: in the norm at most the trace.
    let rounding = 2.0 * gamma(features.nrows() + 2) * gram.trace();
    let squared = Ball::new(eigen.values[0], eigen.error_bound(&gram) + rounding);
    let root = squared.positive_part().sqrt();
    Ok(SingularEstimate {
        value: root.mid(),
        error_bound: root.rad(),
        route: SingularRoute::Gram,
    })
}

/// A bound of `‖XᵀX − I‖_F`: the products of a column's entries are rounded, and their difference
/// from one.
fn defect(x: &DMatrix<f64>) -> f64 {
    let mut defect = DMatrix::identity(x.ncols(), x.ncols());
    gemm(&mut defect, Accum::Add, -1.0, x, true, x, false);
    let size = Ball::norm_of(x.as_slice()).upper();
    Ball::norm_of(defect.as_slice()).upper() + gamma(x.nrows() + 4) * (size * size + 1.0)
}

/// With `R = Φ − USVᵀ`, by Weyl `|σ_i − s_i| ≤ ‖R‖ + ‖S‖(‖UᵀU − I‖ + ‖VᵀV − I‖)`: the singular values of
/// `USVᵀ` are those of `S` up to factors `‖U‖‖V‖ ≤ 1 + d` and `σ_min(U)σ_min(V) ≥ 1 − d`.
fn by_decomposition(features: &DMatrix<f64>) -> Result<SingularEstimate, SpectrumError> {
    let (width, samples) = features.shape();
    let refusal = SpectrumError::NoConvergence { size: samples };
    let ThinSvd { u, values, v } =
        decompositions::thin_svd(view(features, false)).ok_or(refusal)?;
    let scaled = DMatrix::from_fn(width, samples, |i, j| u[(i, j)] * values[j]);
    let mut residual = features.clone();
    // Φ − (US)Vᵀ.
    gemm(&mut residual, Accum::Add, -1.0, &scaled, false, &v, true);
    let norm = |x: &DMatrix<f64>| Ball::norm_of(x.as_slice()).upper();
    let rounding = gamma(samples + 4) * (norm(features) + norm(&scaled) * norm(&v));
    let largest = values.iter().fold(0.0_f64, |a, b| a.max(*b));
    let smallest = values.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    let defects = defect(&u) + defect(&v);
    let error = norm(&residual) + rounding + largest * (defects + UNIT_ROUNDOFF);
    Ok(SingularEstimate {
        value: smallest,
        error_bound: enlarged(error, 16),
        route: SingularRoute::Decomposition,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn features(width: usize, samples: usize) -> DMatrix<f64> {
        DMatrix::from_fn(width, samples, |i, j| {
            ((i * 7 + j * j * 3 + i * j + 1) as f64).sin()
        })
    }

    #[test]
    fn well_conditioned_features_take_the_gram_matrix() {
        for (width, samples) in [(1, 1), (5, 5), (40, 11)] {
            let phi = features(width, samples);
            let found = smallest_singular_value(&phi).unwrap();
            // Another library's decomposition.
            let reference = phi.clone().svd(false, false).singular_values.min();
            assert_eq!(found.route, SingularRoute::Gram, "{width} {samples}");
            let error = found.error_bound + 1e-13 * phi.norm();
            assert!((found.value - reference).abs() <= error);
            assert!(found.error_bound <= 1e-6 * found.value && found.error_bound > 0.0);
            let decomposed = by_decomposition(&phi).unwrap();
            assert!((decomposed.value - reference).abs() <= decomposed.error_bound);
            assert!(decomposed.error_bound <= 1e-11 * phi.norm());
        }
    }

    #[test]
    fn a_decomposition_without_residual_is_off_by_its_products_alone() {
        // 1 = 1·1·1: γ_5(1 + 1) of the residual, γ_5(1 + 1) of either defect, u of the largest value.
        let found = by_decomposition(&dmatrix![1.0]).unwrap();
        let exact = 6.0 * gamma(5) + UNIT_ROUNDOFF;
        assert_eq!(found.value, 1.0);
        assert!(
            (found.error_bound / exact - 1.0).abs() < 1e-9,
            "{found:?} {exact:e}"
        );
    }

    #[test]
    fn the_defect_is_that_of_the_products_and_their_rounding() {
        // ‖I‖_F² = 2: γ_7·3 and nothing else.
        let exact = defect(&dmatrix![1.0, 0.0; 0.0, 1.0; 0.0, 0.0]);
        assert!((exact / (3.0 * gamma(7)) - 1.0).abs() < 1e-9, "{exact:e}");
        // One column of length two: 4 − 1.
        let long = defect(&dmatrix![2.0]);
        assert!(
            long >= 3.0 + 5.0 * gamma(5) && long < 3.0 + 20.0 * gamma(5),
            "{long}"
        );
    }

    #[test]
    fn singular_values_are_roots() {
        let found = by_gram(&dmatrix![3.0, 0.0; 0.0, 2.0; 0.0, 0.0]).unwrap();
        assert!((found.value - 2.0).abs() <= found.error_bound && found.error_bound < 1e-13);
        // γ_5 of the trace 13, over twice the root.
        assert!(found.error_bound >= 65.0 * UNIT_ROUNDOFF / 4.0);
    }

    #[test]
    fn ill_conditioned_features_are_decomposed() {
        // Columns (1, 0, 0) and (1, ε, 0): σ_min = ε/√2 to the first order.
        for epsilon in [1e-7, 1e-10] {
            let phi = dmatrix![1.0, 1.0; 0.0, epsilon; 0.0, 0.0];
            let found = smallest_singular_value(&phi).unwrap();
            assert_eq!(found.route, SingularRoute::Decomposition);
            let exact = epsilon / 2.0_f64.sqrt();
            assert!((found.value - exact).abs() <= found.error_bound + epsilon.powi(2));
            assert!(found.error_bound <= 1e-13);
            // By the Gram matrix the error is the root of a rounding.
            assert!(by_gram(&phi).unwrap().error_bound > 100.0 * found.error_bound);
        }
    }

    #[test]
    fn an_error_of_the_decomposition_is_seen() {
        // σ = 5 and 0: whatever is computed, zero is within the bound.
        let phi = dmatrix![3.0, 0.0; 4.0, 0.0];
        let found = by_decomposition(&phi).unwrap();
        assert!(found.value <= found.error_bound && found.error_bound < 1e-13);
        assert!(found.error_bound >= 5.0 * 2.0 * 8.0 * UNIT_ROUNDOFF);
    }

    #[test]
    fn more_samples_than_features_have_the_value_zero() {
        let found = smallest_singular_value(&features(4, 5)).unwrap();
        assert_eq!(
            (found.value, found.error_bound, found.route),
            (0.0, 0.0, SingularRoute::Rank)
        );
    }

    #[test]
    fn bad_features_are_refused() {
        let empty = smallest_singular_value(&DMatrix::zeros(3, 0));
        assert_eq!(empty, Err(SpectrumError::Empty));
        let refused = smallest_singular_value(&dmatrix![1.0; f64::NAN]);
        assert!(matches!(
            refused,
            Err(SpectrumError::NonFinite {
                row: 1,
                column: 0,
                ..
            })
        ));
    }

    #[test]
    fn routes_have_names() {
        assert_eq!(SingularRoute::Rank.to_string(), "rank");
        assert_eq!(SingularRoute::Gram.to_string(), "Gram matrix");
        let decomposition = SingularRoute::Decomposition.to_string();
        assert_eq!(decomposition, "singular value decomposition");
    }

    #[test]
    fn a_singular_value_is_written_with_its_bound() {
        let found = SingularEstimate {
            value: 3.0,
            error_bound: 2e-15,
            route: SingularRoute::Gram,
        };
        assert_eq!(found.to_string(), "3e0 ± 2.1e-15, by Gram matrix");
    }
}
