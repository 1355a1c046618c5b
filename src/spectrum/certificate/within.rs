//! The smallest eigenvalue of every symmetric matrix near a given one.

use super::super::SpectrumError;
use super::super::eigen::require_symmetric;
use super::super::lanczos::column_products;
use super::{Certificate, Direction, Endpoint, is_narrow};
use crate::arithmetic::enlarged;
use nalgebra::DMatrix;

/// Products with a radius matrix for a vector that is nearly its largest.
const ITERATIONS: usize = 30;

/// How far matrices may be from a given one.
///
/// # Guarantee
/// Every matrix meant is within [`outer`](Self::outer) in the 2-norm, and among them are `A + tI` for every
/// `|t| ≤` [`inner`](Self::inner).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radius {
    outer: f64,
    inner: f64,
}

impl Radius {
    /// All symmetric matrices within a spectral distance: both radii are that.
    ///
    /// # Panics
    /// If the distance is negative or not finite.
    #[must_use]
    pub fn spectral(distance: f64) -> Self {
        assert!(
            distance >= 0.0 && distance.is_finite(),
            "a distance of {distance}: it must be a finite number that is not negative"
        );
        Self {
            outer: distance,
            inner: distance,
        }
    }

    /// All symmetric matrices whose entries are off by at most those of `radii`, of either sign.
    ///
    /// # Guarantee
    /// Certified. `‖E‖₂ ≤ ‖|E|‖₂ ≤ ‖R‖₂` for `|E| ≤ R`, and by Collatz and Wielandt `‖R‖₂ ≤ max (Rx)_i/x_i` for every
    /// positive vector `x`, here one that power iterations propose, with the rounding of products and quotients added.
    ///
    /// # Errors
    /// A matrix that is empty, not square, not finite, not symmetric, or has a negative entry.
    ///
    /// # Cost
    /// Thirty products of the matrix with a vector.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::certificate::Radius;
    /// let radius = Radius::entrywise(&nalgebra::dmatrix![1.0, 2.0; 2.0, 1.0])?;
    /// assert!(radius.outer() >= 3.0 && radius.outer() < 3.0 + 1e-9);
    /// assert_eq!(radius.inner(), 1.0);
    /// # Ok::<(), polyak::spectrum::SpectrumError>(())
    /// ```
    pub fn entrywise(radii: &DMatrix<f64>) -> Result<Self, SpectrumError> {
        require_symmetric(radii)?;
        for column in 0..radii.ncols() {
            for row in 0..radii.nrows() {
                let value = radii[(row, column)];
                if value < 0.0 {
                    return Err(SpectrumError::NegativeRadius { row, column, value });
                }
            }
        }
        let outer = perron_bound(radii);
        if !outer.is_finite() {
            return Err(SpectrumError::Overflow);
        }
        Ok(Self {
            outer,
            inner: radii.diagonal().min(),
        })
    }

    /// Bounds the distance of every matrix meant, in the 2-norm.
    #[must_use]
    pub fn outer(self) -> f64 {
        self.outer
    }

    /// Multiples of the identity up to this are among the differences meant.
    #[must_use]
    pub fn inner(self) -> f64 {
        self.inner
    }
}

/// Bounds the norm of a symmetric matrix without negative entries.
fn perron_bound(radii: &DMatrix<f64>) -> f64 {
    let order = radii.nrows();
    let mut x = vec![1.0_f64; order];
    let mut least = f64::INFINITY;
    for _ in 0..ITERATIONS {
        let image = column_products(radii, &x);
        // Products and sums of what is not negative: a relative error, and underflow.
        let quotients = image.iter().zip(&x).map(|((_, sum), x)| {
            let sum = enlarged(*sum, order + 4) + order as f64 * f64::MIN_POSITIVE;
            (sum / x).next_up()
        });
        least = quotients.fold(0.0, f64::max).min(least);
        let largest = image.iter().fold(0.0_f64, |m, (_, sum)| m.max(*sum));
        if !(largest > 0.0 && largest.is_finite()) {
            break;
        }
        // Positive: an entry that vanishes would prove nothing.
        x = (image.iter())
            .map(|(_, sum)| (sum / largest).max(1e-6))
            .collect();
    }
    match radii.iter().all(|x| *x == 0.0) {
        true => 0.0,
        false => least,
    }
}

/// Whether the matrices near one are positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Definiteness {
    /// All of them.
    Every,
    /// Not all: one of them has an eigenvalue that is zero or negative.
    NotEvery,
    /// Neither is proved.
    Undecided,
}

/// What is proved of the smallest eigenvalue of every matrix near one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    /// No eigenvalue of any of the matrices is smaller.
    pub lo: Endpoint,
    /// The smallest eigenvalue of none of the matrices is larger.
    pub hi: Endpoint,
    /// Whether the matrices are positive definite.
    pub definite: Definiteness,
}

impl Within {
    /// Concludes from a certificate of the smallest eigenvalue of the matrix in the middle.
    ///
    /// # Guarantee
    /// Weyl: eigenvalues move by the distance at most, and by exactly that where it is a multiple of the identity.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::certificate::{
    ///     CertificateOptions, Definiteness, Radius, Within, certify_smallest_of_matrix,
    /// };
    /// let a = nalgebra::dmatrix![2.0, 1.0; 1.0, 2.0];
    /// let smallest = certify_smallest_of_matrix(&a, &CertificateOptions::default())?;
    /// let near = Within::of(&smallest, Radius::spectral(0.25));
    /// assert!(near.lo > 0.7499.into() && near.hi < 1.2501.into());
    /// assert_eq!(near.definite, Definiteness::Every);
    /// assert_eq!(Within::of(&smallest, Radius::spectral(1.5)).definite, Definiteness::NotEvery);
    /// # Ok::<(), polyak::spectrum::certificate::CertificateError>(())
    /// ```
    #[must_use]
    pub fn of(smallest: &Certificate, radius: Radius) -> Self {
        let (outer, inner) = (Endpoint::from(radius.outer), Endpoint::from(radius.inner));
        let lo = smallest.lo.plus(-outer, Direction::Down);
        let hi = smallest.hi.plus(outer, Direction::Up);
        let definite = if lo.is_positive() {
            Definiteness::Every
        } else if smallest.hi <= inner {
            Definiteness::NotEvery
        } else {
            Definiteness::Undecided
        };
        Self { lo, hi, definite }
    }
}

impl Certificate {
    /// Returns the interval that is wider by `distance` on both sides: of the eigenvalue of any matrix at that
    /// distance. It is `reached` if it is as narrow as `relative_width` still.
    ///
    /// # Panics
    /// If the distance is not finite.
    #[must_use]
    pub fn widened(self, distance: f64, relative_width: f64) -> Self {
        if distance == 0.0 {
            return self;
        }
        let lo = self.lo.plus((-distance).into(), Direction::Down);
        let hi = self.hi.plus(distance.into(), Direction::Up);
        Self {
            lo,
            hi,
            reached: self.reached && is_narrow(lo, hi, relative_width),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_norm_of_a_radius_matrix_is_bounded_closely() {
        let entrywise = |r: &DMatrix<f64>| Radius::entrywise(r).unwrap();
        for (radii, norm) in [
            (dmatrix![0.0, 1.0; 1.0, 0.0], 1.0),
            (DMatrix::from_element(40, 40, 0.5), 20.0),
            // (1 + √5)/2.
            (dmatrix![1.0, 1.0; 1.0, 0.0], 1.618_033_988_749_895),
            (
                DMatrix::from_diagonal(&nalgebra::dvector![3.0, 1.0, 0.0]),
                3.0,
            ),
        ] {
            let found = entrywise(&radii).outer();
            assert!(
                found >= norm && found <= norm * (1.0 + 1e-4),
                "{found} {norm}"
            );
        }
        assert_eq!(entrywise(&DMatrix::zeros(3, 3)), Radius::spectral(0.0));
        assert_eq!(entrywise(&dmatrix![2.0, 0.0; 0.0, 5.0]).inner(), 2.0);
        // The smallest numbers are none that are lost.
        let tiny = entrywise(&DMatrix::from_element(2, 2, 5e-324)).outer();
        assert!(tiny >= 1e-323, "{tiny:e}");
    }

    #[test]
    fn bad_radii_are_refused() {
        let negative = Radius::entrywise(&dmatrix![1.0, -0.5; -0.5, 1.0]).unwrap_err();
        assert!(matches!(
            negative,
            SpectrumError::NegativeRadius {
                row: 1,
                column: 0,
                value: -0.5
            }
        ));
        assert!(negative.to_string().contains("(2, 1)"));
        assert!(Radius::entrywise(&dmatrix![1.0, 0.5; 0.25, 1.0]).is_err());
        assert!(std::panic::catch_unwind(|| Radius::spectral(-1.0)).is_err());
        assert!(std::panic::catch_unwind(|| Radius::spectral(f64::NAN)).is_err());
    }

    #[test]
    fn matrices_at_the_distance_are_enclosed_and_attain_it() {
        let at = |lo: f64, hi: f64| Certificate {
            hi: hi.into(),
            ..Certificate::exact(lo.into())
        };
        let near = Within::of(&at(1.0, 1.5), Radius::spectral(0.75));
        assert_eq!((near.lo, near.hi), (0.25.into(), 2.25.into()));
        let definite = |lo, hi, radius| Within::of(&at(lo, hi), radius).definite;
        assert_eq!(
            definite(1.0, 1.5, Radius::spectral(1.25)),
            Definiteness::Undecided
        );
        assert_eq!(
            definite(1.0, 1.5, Radius::spectral(1.5)),
            Definiteness::NotEvery
        );
        assert_eq!(
            definite(0.0, 0.0, Radius::spectral(0.0)),
            Definiteness::NotEvery
        );
        // Of entries alone: the multiples of the identity that are among them decide.
        let off = Radius::entrywise(&dmatrix![0.0, 2.0; 2.0, 0.0]).unwrap();
        assert_eq!(definite(1.0, 1.5, off), Definiteness::Undecided);
        assert_eq!(definite(-1.0, 0.0, off), Definiteness::NotEvery);
    }

    #[test]
    fn intervals_are_widened_on_both_sides() {
        let found = Certificate::exact(1.0.into()).widened(0.25, 0.1);
        assert_eq!(
            (found.lo, found.hi, found.reached),
            (0.75.into(), 1.25.into(), false)
        );
        assert!(Certificate::exact(1.0.into()).widened(0.25, 0.5).reached);
        let same = Certificate::exact(1.0.into());
        assert_eq!(same.widened(0.0, 0.5), same);
    }
}
