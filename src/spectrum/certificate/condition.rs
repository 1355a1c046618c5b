//! The condition number of a positive definite matrix.

use super::{Certificate, Direction, Endpoint};
use std::fmt;

/// What is proved of `κ = λ_max/λ_min`.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{
///     CertificateOptions, ConditionNumber, certify_largest_of_matrix, certify_smallest_of_matrix,
/// };
/// let a = nalgebra::dmatrix![2.0, 1.0; 1.0, 2.0];
/// let options = CertificateOptions::default();
/// let smallest = certify_smallest_of_matrix(&a, &options)?;
/// let largest = certify_largest_of_matrix(&a, &options)?;
/// let ConditionNumber::Between { lo, hi } = ConditionNumber::of(&smallest, &largest) else {
///     panic!("positive definite");
/// };
/// assert!(lo <= 3.0.into() && hi >= 3.0.into());
/// # Ok::<(), polyak::spectrum::certificate::CertificateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConditionNumber {
    /// The matrix is positive definite, and `lo ≤ κ ≤ hi`.
    Between {
        /// Rounded down.
        lo: Endpoint,
        /// Rounded up.
        hi: Endpoint,
    },
    /// Whether the matrix is positive definite is not decided; if it is, `lo ≤ κ`.
    AtLeast {
        /// Rounded down.
        lo: Endpoint,
    },
    /// The smallest eigenvalue is zero: there is no inverse.
    Singular,
    /// The smallest eigenvalue is proved to be zero or negative.
    NotDefinite,
}

impl ConditionNumber {
    /// Concludes from certificates of both ends of one spectrum.
    #[must_use]
    pub fn of(smallest: &Certificate, largest: &Certificate) -> Self {
        let zero = Endpoint::ZERO;
        if smallest.lo == zero && smallest.hi == zero {
            return Self::Singular;
        }
        if smallest.hi <= zero {
            return Self::NotDefinite;
        }
        // κ is at least one, whatever is known of the largest eigenvalue.
        let lo = match largest.lo > smallest.hi {
            true => largest.lo.over(smallest.hi, Direction::Down),
            false => 1.0.into(),
        };
        match smallest.is_positive() {
            true => Self::Between {
                lo,
                hi: largest.hi.over(smallest.lo, Direction::Up),
            },
            false => Self::AtLeast { lo },
        }
    }
}

impl fmt::Display for ConditionNumber {
    /// The interval in decimal, rounded outwards, seven digits or one more than the precision says; else a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(6) + 1;
        match self {
            Self::Between { lo, hi } => {
                let lo = lo.decimal(digits, Direction::Down);
                let hi = hi.decimal(digits, Direction::Up);
                write!(f, "[{lo}, {hi}]")
            }
            Self::AtLeast { lo } => {
                write!(f, "at least {}", lo.decimal(digits, Direction::Down))
            }
            Self::Singular => f.write_str("infinite: the matrix is singular"),
            Self::NotDefinite => f.write_str("none: the matrix is not positive definite"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lo: f64, hi: f64) -> Certificate {
        Certificate {
            hi: hi.into(),
            ..Certificate::exact(lo.into())
        }
    }

    #[test]
    fn quotients_are_rounded_outwards() {
        let found = ConditionNumber::of(&at(1.0, 3.0), &at(4.0, 5.0));
        let ConditionNumber::Between { lo, hi } = found else {
            panic!("{found:?}");
        };
        assert_eq!(hi, 5.0.into());
        assert_eq!(lo.to_f64(Direction::Down), 4.0 / 3.0);
        assert_eq!(format!("{found:.2}"), "[1.33e0, 5.00e0]");
        // Intervals that overlap: one is all that is known from below.
        let found = ConditionNumber::of(&at(1.0, 3.0), &at(2.0, 5.0));
        assert!(matches!(found, ConditionNumber::Between { lo, .. } if lo == 1.0.into()));
    }

    #[test]
    fn what_has_no_inverse_has_no_condition_number() {
        let of = |lo, hi| ConditionNumber::of(&at(lo, hi), &at(4.0, 5.0));
        assert_eq!(of(0.0, 0.0), ConditionNumber::Singular);
        assert_eq!(of(-1.0, 0.0), ConditionNumber::NotDefinite);
        assert_eq!(of(-2.0, -1.0), ConditionNumber::NotDefinite);
        assert_eq!(of(-1.0, 2.0), ConditionNumber::AtLeast { lo: 2.0.into() });
        assert_eq!(of(0.0, 2.0).to_string(), "at least 2.000000e0");
        assert!(of(0.0, 0.0).to_string().contains("singular"));
        assert!(of(-2.0, -1.0).to_string().contains("not positive definite"));
    }
}
