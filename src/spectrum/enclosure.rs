//! Proved intervals for the extreme eigenvalues of an exactly given matrix.

use super::SpectrumError;
use super::certificate::{decimal_above, decimal_below};
use super::cholesky::factor_lower;
use super::eigen::symmetric_eigen;
use super::lanczos::column_products;
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged, gamma};
use nalgebra::{DMatrix, DVector};
use std::fmt;

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

impl fmt::Display for Enclosure {
    /// Both ends in decimal, rounded outwards: seven digits, or one more than the precision says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(6) + 1;
        let (lo, hi) = (
            decimal_below(self.lo, digits),
            decimal_above(self.hi, digits),
        );
        write!(f, "[{lo}, {hi}]")
    }
}

impl Enclosure {
    /// Returns `hi − lo`, rounded up.
    #[must_use]
    pub fn width(self) -> f64 {
        (self.hi - self.lo).next_up()
    }

    /// Tells whether `x` lies in the interval.
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// Drops what is below zero: for matrices known to be positive semi-definite.
    #[must_use]
    pub fn non_negative(self) -> Self {
        Self {
            lo: self.lo.max(0.0),
            hi: self.hi.max(0.0),
        }
    }

    /// Returns the interval as a midpoint and a radius.
    #[must_use]
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
    let products = column_products(a, x.as_slice());
    for ((dot, size), &xj) in products.into_iter().zip(x.iter()) {
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
        // An infinite guess makes a NaN.
        if shift.is_nan() || shift <= gershgorin {
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
    let rounded = enlarged(g / (1.0 - g) * trace + UNIT_ROUNDOFF * largest, n + 8);
    rounded + (4 * n * n) as f64 * f64::MIN_POSITIVE
}

/// Tells whether the Cholesky factorisation of the rounded `A − sI` completes with finite factors.
pub(super) fn cholesky_completes(a: &DMatrix<f64>, shift: f64) -> bool {
    let mut shifted = a.clone();
    for i in 0..a.nrows() {
        shifted[(i, i)] -= shift;
    }
    let positive = f64::MIN_POSITIVE..=f64::MAX;
    factor_lower(shifted.as_mut_slice(), a.nrows())
        && (0..a.nrows()).all(|i| positive.contains(&shifted[(i, i)]))
}

/// Returns `min_i (a_ii − Σ_{j≠i}|a_ij|)`, rounded down.
pub(super) fn gershgorin_lower(a: &DMatrix<f64>) -> f64 {
    let ones = vec![1.0; a.nrows()];
    let sums = column_products(a, &ones).into_iter().enumerate();
    sums.map(|(j, (_, sum))| {
        let centre = a[(j, j)];
        centre - (sum - centre.abs()) - gamma(a.nrows() + 4) * sum
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
        assert_eq!(check(a.clone()), Triangular { upper: true });
        assert_eq!(check(a.transpose()), Triangular { upper: false });
        (a[(0, 1)], a[(1, 0)]) = (1e-300, 1e-300);
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

    const U: f64 = UNIT_ROUNDOFF;

    #[test]
    fn enclosures_are_intervals() {
        let enclosure = Enclosure { lo: 1.0, hi: 3.0 };
        assert_eq!(enclosure.width(), 2.0_f64.next_up());
        for (x, inside) in [
            (0.9, false),
            (1.0, true),
            (2.0, true),
            (3.0, true),
            (3.1, false),
        ] {
            assert_eq!(enclosure.contains(x), inside);
        }
        let ball = enclosure.ball();
        assert!(ball.lower() <= 1.0 && ball.upper() >= 3.0 && ball.mid() == 2.0);
        let mixed = Enclosure { lo: -1.0, hi: 2.0 }.non_negative();
        assert_eq!(mixed, Enclosure { lo: 0.0, hi: 2.0 });
    }

    /// `xᵀAx = 1 + 8 − 12`, the terms of absolute value 21 in all, `‖x‖² = 5`.
    #[test]
    fn rayleigh_quotient_counts_its_roundings() {
        let a = nalgebra::dmatrix![1.0, 2.0; 2.0, -3.0];
        let quotient = rayleigh_quotient(&a, &nalgebra::dvector![1.0, 2.0]);
        assert!(quotient.contains(-0.6));
        // Four passes over two entries and four operations more; the norm takes a dozen.
        let form = 12.0 * U * 21.0 / 5.0;
        assert!(quotient.rad() >= form && quotient.rad() <= form + 12.0 * U);
        let nothing = rayleigh_quotient(&a, &DVector::zeros(2));
        assert!(!nothing.is_bounded());
    }

    /// A product that underflows is off by less than the smallest normal number.
    #[test]
    fn rayleigh_quotient_counts_underflow() {
        let (n, ones) = (10, DVector::from_element(10, 1.0));
        let underflow = 20.0 * f64::MIN_POSITIVE;
        let zero = rayleigh_quotient(&DMatrix::zeros(n, n), &ones);
        assert!(zero.rad() >= underflow && zero.rad() <= 1.2 * underflow);
        // Entries whose rounding, γ_44 of each, is as large as that; the norm adds half.
        let entry = underflow / (44.0 * U);
        let tiny = rayleigh_quotient(&(DMatrix::identity(n, n) * entry), &ones);
        assert!(tiny.rad() >= 1.9 * underflow && tiny.rad() <= 2.8 * underflow);
    }

    /// The identity shifted by one from zero: diagonal of ones, `γ/(1−γ)` of `n` and
    /// `u`. Relatively to the first order that is `2(n+4)u` more, and `(n+8)u` cover the
    /// rounding of the trace.
    #[test]
    fn backward_error_of_shifted_zero() {
        for n in [1usize, 2, 100] {
            let zero = DMatrix::zeros(n, n);
            for shift in [-1.0, 1.0] {
                let first_order = ((n + 4) * n + 1) as f64 * U;
                let excess = (backward_error(&zero, shift) / first_order - 1.0) / U;
                let higher = 2.0 * (n + 4) as f64 * ((n + 4) * n) as f64 / (first_order / U);
                let expected = higher + (n + 8) as f64;
                assert!((excess - expected).abs() <= 8.0, "{n}: {excess} {expected}");
            }
            let underflow = (4 * n * n) as f64 * f64::MIN_POSITIVE;
            assert_eq!(backward_error(&zero, 0.0), underflow);
        }
        // Only the largest entry rounds: diagonal (1, −7) shifted by 1 is (0, −8).
        let a = nalgebra::dmatrix![1.0, 0.5; 0.5, -7.0];
        let units = backward_error(&a, 1.0) / U;
        assert!((units - (6.0 * 8.0 + 8.0)).abs() <= 1e-9);
    }

    #[test]
    fn gershgorin_discs_are_rounded_down() {
        let a = nalgebra::dmatrix![4.0, -1.0, 2.0; -1.0, 5.0, 0.5; 2.0, 0.5, -3.0];
        // Centre −3, radius 2.5: seven roundings of a sum of 5.5, and one step down of 8u.
        let below = (-5.5 - gershgorin_lower(&a)) / U;
        assert!((30.5..=54.5).contains(&below), "{below}");
        let b = nalgebra::dmatrix![4.0, -1.0; -1.0, 2.0];
        let below = (1.0 - gershgorin_lower(&b)) / U;
        assert!((18.0..=22.0).contains(&below), "{below}");
    }

    /// Guesses close to the eigenvalue 1 and far above it: the distance doubles, so
    /// at most twice the gap is lost.
    #[test]
    fn lower_bound_ends_within_twice_the_distance_of_the_guess() {
        let a = with_spectrum(&[1.0, 2.0, 3.0, 5.0, 8.0, 13.0]);
        assert!(gershgorin_lower(&a) < -1.0, "the discs say nothing");
        let slack = construction_error(&[1.0, 2.0, 3.0, 5.0, 8.0, 13.0]) + 1e-12;
        for gap in [0.0, 1e-6, 1e-3, 0.4] {
            let bound = lower_bound(&a, 1.0 + gap);
            assert!(bound <= 1.0 + slack && bound >= 1.0 - gap - slack, "{gap}");
        }
        // A guess that is too low is taken at its word, less two backward errors.
        let bound = lower_bound(&a, 0.5);
        let error = backward_error(&a, 0.5);
        assert!(bound <= 0.5 - 1.9 * error && bound >= 0.5 - 2.1 * error - U);
        for hopeless in [f64::NAN, f64::INFINITY, -1e9] {
            assert_eq!(lower_bound(&a, hopeless), gershgorin_lower(&a));
        }
    }

    #[test]
    fn factors_must_exist_and_be_finite() {
        let a = nalgebra::dmatrix![2.0, 1.0; 1.0, 2.0];
        assert!(cholesky_completes(&a, 0.9) && !cholesky_completes(&a, 1.1));
        assert!(cholesky_completes(&a, -5.0));
        let huge = nalgebra::dmatrix![1e308, 0.0; 0.0, 1e308];
        assert!(!cholesky_completes(&huge, -1e308));
        assert!(!cholesky_completes(&a, f64::NAN));
    }

    #[test]
    fn enclosures_are_written_outwards() {
        let enclosure = Enclosure {
            lo: 0.123456,
            hi: 0.123457,
        };
        assert_eq!(format!("{enclosure:.2}"), "[1.23e-1, 1.24e-1]");
        let written = enclosure.to_string();
        let ends = written.trim_matches(['[', ']']).split_once(", ").unwrap();
        let (lo, hi): (f64, f64) = (ends.0.parse().unwrap(), ends.1.parse().unwrap());
        assert!(lo <= 0.123456 && 0.123457 <= hi && hi - lo < 2e-6);
    }
}
