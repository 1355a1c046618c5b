//! Proved intervals for the extreme eigenvalues of an exactly given matrix.

use super::SpectrumError;
use super::eigen::{require_symmetric, symmetric_eigen};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, gamma};
use crate::linalg::view;
use faer::Side;
use nalgebra::{DMatrix, DVector};

/// An interval that contains a real number, with proof.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::spectrum::smallest_eigenvalue;
/// let enclosure = smallest_eigenvalue(&dmatrix![2.0, 1.0; 1.0, 2.0])?;
/// assert!(enclosure.contains(1.0));
/// assert!(enclosure.width() < 1e-13);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Enclosure {
    /// The number is at least this.
    pub lo: f64,
    /// The number is at most this.
    pub hi: f64,
}

impl Enclosure {
    /// Returns `hi − lo`, rounded up.
    pub fn width(self) -> f64 {
        (self.hi - self.lo).next_up()
    }

    /// Tells whether `x` lies in the interval.
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// Drops what is below zero: for matrices known to be positive semi-definite.
    pub fn non_negative(self) -> Self {
        Self {
            lo: self.lo.max(0.0),
            hi: self.hi.max(0.0),
        }
    }

    /// Returns the interval as a midpoint and a radius.
    pub fn ball(self) -> Ball {
        Ball::from_bounds(self.lo, self.hi)
    }
}

/// Both ends of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    /// Enclosure of the smallest eigenvalue.
    pub smallest: Enclosure,
    /// Enclosure of the largest eigenvalue.
    pub largest: Enclosure,
}

/// Encloses the smallest eigenvalue of the exact matrix with these entries.
///
/// # Guarantee
/// Certified. The upper end is a Rayleigh quotient with its rounding bound; the
/// lower end is a shift `s` at which the Cholesky factorisation of `A − sI`
/// completes, less the backward error of that factorisation
/// (Demmel 1989; Rump, *BIT* 46, 2006): `γ/(1−γ)·tr(A − sI)` with `γ = γ_{n+4}`
/// (conventional products in any order, fused or not; four more roundings than
/// the textbook's for reciprocal pivots and the shift), the rounding of the
/// shifted diagonal, and underflow.
///
/// # Errors
/// A matrix that is empty, not square, not finite or not exactly symmetric.
///
/// # Cost
/// One dense eigendecomposition and one or two Cholesky factorisations.
pub fn smallest_eigenvalue(a: &DMatrix<f64>) -> Result<Enclosure, SpectrumError> {
    Ok(extreme_eigenvalues(a)?.smallest)
}

/// Encloses the largest eigenvalue of the exact matrix with these entries.
///
/// # Guarantee, errors and cost
/// Those of [`smallest_eigenvalue`], applied to `−A`.
pub fn largest_eigenvalue(a: &DMatrix<f64>) -> Result<Enclosure, SpectrumError> {
    Ok(extreme_eigenvalues(a)?.largest)
}

/// Encloses both ends of the spectrum from one eigendecomposition.
///
/// # Errors
/// As [`smallest_eigenvalue`].
pub fn extreme_eigenvalues(a: &DMatrix<f64>) -> Result<Extremes, SpectrumError> {
    require_symmetric(a)?;
    let eigen = symmetric_eigen(a)?;
    let last = a.nrows() - 1;
    let enclose = |matrix: &DMatrix<f64>, column: usize| {
        let vector = eigen.vectors.column(column).into_owned();
        let hi = rayleigh_quotient(matrix, &vector).upper();
        Enclosure {
            lo: lower_bound(matrix, hi),
            hi,
        }
    };
    let smallest = enclose(a, 0);
    let mirrored = enclose(&-a, last);
    Ok(Extremes {
        smallest,
        largest: Enclosure {
            lo: -mirrored.hi,
            hi: -mirrored.lo,
        },
    })
}

/// Returns `xᵀAx / xᵀx` with a rigorous radius; everything, if `x = 0`.
pub(super) fn rayleigh_quotient(a: &DMatrix<f64>, x: &DVector<f64>) -> Ball {
    let (mut form, mut absolute) = (0.0, 0.0);
    for (column, &xj) in a.column_iter().zip(x.iter()) {
        let (mut dot, mut size) = (0.0, 0.0);
        for (&aij, &xi) in column.iter().zip(x.iter()) {
            dot += aij * xi;
            size += (aij * xi).abs();
        }
        form += dot * xj;
        absolute += size * xj.abs();
    }
    let n = x.len();
    // n products and sums inside, n outside, and as many again for the computed bound itself.
    let error = gamma(4 * n + 4) * absolute + 2.0 * (n * n) as f64 * f64::MIN_POSITIVE;
    let squared_norm = Ball::norm_of(x.as_slice()).square();
    Ball::new(form, error) / squared_norm
}

/// Returns a proved lower bound of the smallest eigenvalue, close below `guess`.
///
/// The shift starts one backward error below the guess and doubles its distance
/// until the factorisation completes; Gershgorin's bound ends the search.
fn lower_bound(a: &DMatrix<f64>, guess: f64) -> f64 {
    let gershgorin = gershgorin_lower(a);
    let mut distance = backward_error(a, guess).max(f64::MIN_POSITIVE);
    loop {
        let shift = guess - distance;
        // Written so that a NaN or an infinite shift ends the search too.
        if !(shift > gershgorin) {
            return gershgorin;
        }
        if cholesky_completes(a, shift) {
            return (shift - backward_error(a, shift))
                .next_down()
                .max(gershgorin);
        }
        distance *= 2.0;
    }
}

/// Bounds the distance between `A − sI` and the product of its computed Cholesky factors.
pub(super) fn backward_error(a: &DMatrix<f64>, shift: f64) -> f64 {
    let n = a.nrows();
    let diagonal = a.diagonal();
    let shifted = diagonal.iter().map(|x| (x - shift).abs());
    let largest = shifted.clone().fold(0.0, f64::max);
    let trace: f64 = shifted.sum();
    let g = gamma(n + 4);
    // The factor covers the rounding of the trace and of this line.
    let rounded = (g / (1.0 - g) * trace + UNIT_ROUNDOFF * largest) * (1.0 + gamma(n + 8));
    rounded + (4 * n * n) as f64 * f64::MIN_POSITIVE
}

/// Tells whether the Cholesky factorisation of the rounded `A − sI` completes with finite factors.
fn cholesky_completes(a: &DMatrix<f64>, shift: f64) -> bool {
    let mut shifted = a.clone();
    for i in 0..a.nrows() {
        shifted[(i, i)] -= shift;
    }
    match view(&shifted, false).llt(Side::Lower) {
        Ok(factor) => (0..a.nrows()).all(|i| {
            let pivot = factor.L()[(i, i)];
            pivot.is_finite() && pivot > 0.0
        }),
        Err(_) => false,
    }
}

/// Returns `min_i (a_ii − Σ_{j≠i}|a_ij|)`, rounded down.
pub(super) fn gershgorin_lower(a: &DMatrix<f64>) -> f64 {
    a.column_iter()
        .enumerate()
        .map(|(j, column)| {
            let sum: f64 = column.iter().map(|x| x.abs()).sum();
            let radius = sum - column[j].abs();
            column[j] - radius - gamma(a.nrows() + 4) * sum
        })
        .fold(f64::INFINITY, f64::min)
        .next_down()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `QᵀDQ` with a Householder reflection: the spectrum is known in closed form.
    fn with_spectrum(values: &[f64]) -> DMatrix<f64> {
        let n = values.len();
        let v = DVector::from_fn(n, |i, _| 1.0 + (i as f64 * 1.7).sin()).normalize();
        let q = DMatrix::identity(n, n) - &v * v.transpose() * 2.0;
        let a = &q * DMatrix::from_diagonal(&DVector::from_column_slice(values)) * &q;
        (&a + a.transpose()) * 0.5
    }

    /// Rounding of `with_spectrum`: two products of orders n with a reflection good to γ_{2n}.
    fn construction_error(values: &[f64]) -> f64 {
        let n = values.len();
        let size = values.iter().map(|x| x * x).sum::<f64>().sqrt();
        gamma(8 * n + 8) * size * n as f64
    }

    #[test]
    fn enclosures_contain_a_known_spectrum_at_every_size() {
        // Sizes around the blocking thresholds; one library release erred at 33 alone.
        for n in [1usize, 2, 3, 8, 16, 31, 32, 33, 34, 63, 64, 65, 97] {
            let values: Vec<f64> = (0..n).map(|i| 1e-3 + (i as f64).powi(2)).collect();
            let a = with_spectrum(&values);
            let Extremes { smallest, largest } = extreme_eigenvalues(&a).unwrap();
            let slack = construction_error(&values);
            for (enclosure, exact) in [(smallest, values[0]), (largest, values[n - 1])] {
                assert!(
                    enclosure.lo <= exact + slack && exact - slack <= enclosure.hi,
                    "n = {n}"
                );
                // Two backward errors and a Rayleigh quotient's rounding, no more.
                let trace = n as f64 * values[n - 1];
                assert!(
                    enclosure.width() <= 8.0 * gamma(n + 8) * trace + slack,
                    "n = {n}"
                );
            }
        }
    }

    #[test]
    fn singular_and_indefinite_matrices() {
        let a = nalgebra::dmatrix![1.0, 1.0; 1.0, 1.0];
        let Extremes { smallest, largest } = extreme_eigenvalues(&a).unwrap();
        assert!(smallest.contains(0.0) && smallest.width() < 1e-14);
        assert!(
            smallest.lo < 0.0,
            "a singular matrix must not pass for a definite one"
        );
        assert!(largest.contains(2.0) && largest.width() < 1e-14);
        let a = nalgebra::dmatrix![0.0, 3.0; 3.0, 0.0];
        let Extremes { smallest, largest } = extreme_eigenvalues(&a).unwrap();
        assert!(smallest.contains(-3.0) && largest.contains(3.0));
        assert_eq!(smallest.non_negative(), Enclosure { lo: 0.0, hi: 0.0 });
    }

    #[test]
    fn eigenvalue_below_rounding_is_not_called_positive() {
        // The exact eigenvalue of this f64 matrix is 2⁻⁵³: below what f64 can certify.
        let a = nalgebra::dmatrix![1.0, 1.0 - UNIT_ROUNDOFF; 1.0 - UNIT_ROUNDOFF, 1.0];
        let enclosure = smallest_eigenvalue(&a).unwrap();
        assert!(enclosure.contains(UNIT_ROUNDOFF));
        assert!(enclosure.lo <= 0.0);
    }

    #[test]
    fn scaling_and_shifts_move_the_enclosure_along() {
        let a = with_spectrum(&[0.5, 1.0, 2.0, 7.0]);
        for power in [-300i32, -20, 20, 300] {
            let scale = 2.0_f64.powi(power);
            let scaled = smallest_eigenvalue(&(&a * scale)).unwrap();
            assert!(scaled.contains(0.5 * scale));
            assert!(scaled.width() <= 1e-13 * scale);
        }
    }

    #[test]
    fn refusals_name_the_entry() {
        use SpectrumError::*;
        let check = |a: DMatrix<f64>| smallest_eigenvalue(&a).unwrap_err();
        assert_eq!(check(DMatrix::zeros(0, 0)), Empty);
        assert_eq!(
            check(DMatrix::zeros(2, 3)),
            NotSquare {
                rows: 2,
                columns: 3
            }
        );
        let mut a = DMatrix::identity(3, 3);
        a[(0, 2)] = 1e-300;
        assert!(matches!(
            check(a.clone()),
            NotSymmetric {
                row: 0,
                column: 2,
                ..
            }
        ));
        a[(0, 2)] = f64::INFINITY;
        assert!(matches!(
            check(a.clone()),
            NonFinite {
                row: 0,
                column: 2,
                ..
            }
        ));
        a[(0, 2)] = 0.0;
        a[(1, 0)] = f64::NAN;
        assert!(matches!(
            check(a),
            NonFinite {
                row: 1,
                column: 0,
                ..
            }
        ));
    }

    #[test]
    fn eigenpairs_satisfy_the_definition() {
        let a = with_spectrum(&[-1.0, 0.25, 3.0]);
        let eigen = symmetric_eigen(&a).unwrap();
        let residual = &a * &eigen.vectors - &eigen.vectors * DMatrix::from_diagonal(&eigen.values);
        assert!(residual.amax() < 3.0 * gamma(60));
        assert_eq!(
            eigen.values,
            super::super::eigenvalues(&a).unwrap().map(|x| x)
        );
    }
}
