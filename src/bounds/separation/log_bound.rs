//! A lower bound of a positive number, kept as its logarithm.

use crate::arithmetic::Ball;

/// A number known not to exceed another, as its natural logarithm: `1e-1000` is a bound like
/// any other. `−∞` stands for "nothing known but that it is not negative".
///
/// # Guarantee
/// Certified: the logarithm held is at most that of the exact bound.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::separation::LogBound};
/// let tiny = LogBound::of_log(Ball::from(-5000.0));
/// assert!(tiny > LogBound::NOTHING);
/// assert_eq!(tiny.value(), 0.0);
/// assert!(tiny.log10() < -2171.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogBound(f64);

impl LogBound {
    /// The bound 0.
    pub const NOTHING: Self = Self(f64::NEG_INFINITY);

    /// The bound whose logarithm is known to lie in a ball: its lower end.
    #[must_use]
    pub fn of_log(log: Ball) -> Self {
        Self(log.lower())
    }

    /// The bound `1 − sum`; nothing, unless that is certainly positive.
    pub(super) fn one_minus(sum: Ball) -> Self {
        let rest = Ball::from(1.0) - sum;
        if rest.lower() > 0.0 {
            Self(rest.ln().lower().min(0.0))
        } else {
            Self::NOTHING
        }
    }

    /// Returns the natural logarithm.
    #[must_use]
    pub fn ln(self) -> f64 {
        self.0
    }

    /// Returns the decimal logarithm, rounded.
    #[must_use]
    pub fn log10(self) -> f64 {
        self.0 * std::f64::consts::LOG10_E
    }

    /// Returns the bound times a power of two, for comparisons on a common scale.
    #[must_use]
    pub fn scaled(self, exponent: i64) -> Self {
        Self::of_log(Ball::from(self.0) + Ball::from(exponent as f64) * Ball::from(2.0).ln())
    }

    /// Returns the bound itself, rounded down; 0 below f64's range.
    #[must_use]
    pub fn value(self) -> f64 {
        if self.0 == f64::NEG_INFINITY {
            return 0.0;
        }
        Ball::from(self.0).exp().lower().max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_just_below_the_exponential() {
        for log in [-600.0, -20.0, -1.0, -1e-9, 0.0] {
            let bound = LogBound::of_log(Ball::from(log));
            assert_eq!(bound.ln(), log);
            let exact = log.exp();
            assert!(bound.value() < exact && bound.value() >= exact * (1.0 - 1e-14));
            // LOG10_E and the product: two roundings; log10's own, of a number that may be next to 1.
            let digits = (exact.log10() - bound.log10()).abs();
            assert!(digits <= 4.0 * f64::EPSILON * log.abs().max(1.0));
        }
    }

    #[test]
    fn nothing_is_zero_and_below_everything() {
        assert_eq!(LogBound::NOTHING.value(), 0.0);
        assert!(LogBound::NOTHING < LogBound::of_log(Ball::from(-1e300)));
        assert_eq!(LogBound::of_log(Ball::EVERYTHING), LogBound::NOTHING);
        assert_eq!(LogBound::one_minus(Ball::from(1.0)), LogBound::NOTHING);
        assert_eq!(LogBound::one_minus(Ball::EVERYTHING), LogBound::NOTHING);
    }

    #[test]
    fn powers_of_two_are_added() {
        let tiny = LogBound::of_log(Ball::from(-2000.0)).scaled(2886);
        let exact = 2886.0 * std::f64::consts::LN_2 - 2000.0;
        // One rounding of ln 2, of its multiple, of the sum: below 2000 each, and outwards.
        assert!(tiny.ln() < exact && tiny.ln() > exact - 2000.0 * 8.0 * f64::EPSILON);
        assert_eq!(LogBound::NOTHING.scaled(5), LogBound::NOTHING);
    }

    #[test]
    fn one_minus_a_sum() {
        let half = LogBound::one_minus(Ball::from(0.5));
        assert!(half.ln() <= -std::f64::consts::LN_2);
        assert!(half.ln() >= -std::f64::consts::LN_2 - 1e-15);
        // The radius counts against the bound.
        let wide = LogBound::one_minus(Ball::new(0.5, 0.25));
        assert!(wide.ln() <= 0.25_f64.ln() && wide.ln() >= 0.25_f64.ln() - 2.1);
        assert_eq!(LogBound::one_minus(Ball::new(0.5, 0.5)), LogBound::NOTHING);
        assert!(LogBound::one_minus(Ball::from(0.0)).ln() <= 0.0);
        assert!(LogBound::one_minus(Ball::from(0.0)).ln() >= -1e-15);
    }
}
