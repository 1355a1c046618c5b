//! Numbers that know how wrong they are, and numbers that know their derivative.
//!
//! * [`Ball`]: midpoint and radius. The radius bounds the distance to the exact
//!   real number, whatever was rounded on the way; it *is* the derived tolerance
//!   of a check.
//! * [`Dual`]: forward-mode differentiation over any [`Real`], so that
//!   `Dual<Dual<Ball>>` is a second derivative with an error bound.
//! * [`Double`]: 31 digits, for what f64 cannot resolve.
//! * [`ln_half_gamma`], [`pi`]: special values as balls.
//! * [`instruction_set`]: what results depend on, bit for bit.
//! * [`gamma`]: the constant `γ_n = nu/(1−nu)` of rounding error analysis.
//!
//! # Assumptions
//! IEEE 754 binary64, round to nearest. `sin`, `cos`, `exp`, `exp_m1`, `ln` and `tanh` of the
//! standard library, and `erf` of `libm`, are assumed to be within [`LIBM_ULPS`] units in the last place (the
//! common implementations document less than one); nothing else is assumed of
//! them.

mod ball;
mod double;
mod dual;
mod half_gamma;
mod instruction_set;
mod real;
mod smooth;

pub use ball::Ball;
pub use double::{DOUBLE_ROUNDOFF, DOUBLE_SUM_ROUNDOFF, Double};
pub use dual::Dual;
pub use half_gamma::{ln_half_gamma, pi};
pub use instruction_set::instruction_set;
#[cfg(feature = "report")]
pub(crate) use instruction_set::instruction_sets;
pub use real::Real;
pub use smooth::Smooth;

/// The unit roundoff `u = 2⁻⁵³` of binary64, round to nearest.
pub const UNIT_ROUNDOFF: f64 = f64::EPSILON / 2.0;

/// Assumed accuracy, in units in the last place, of `sin`, `cos`, `exp`, `ln`, `tanh` and `erf`.
pub const LIBM_ULPS: f64 = 2.0;

/// Returns `γ_n = nu/(1−nu)`, rounded up; infinite once `nu ≥ 1`.
///
/// # Source
/// Higham, *Accuracy and Stability of Numerical Algorithms*, Lemma 3.1: a
/// product of `n` factors `(1+δ_i)^{±1}`, `|δ_i| ≤ u`, is `1+θ` with
/// `|θ| ≤ γ_n`, in any order of summation.
///
/// # Example
/// ```
/// use polyak::arithmetic::{UNIT_ROUNDOFF, gamma};
/// assert!(gamma(10) > 10.0 * UNIT_ROUNDOFF);
/// assert_eq!(gamma(1 << 53), f64::INFINITY);
/// ```
#[must_use]
pub fn gamma(n: usize) -> f64 {
    let nu = n as f64 * UNIT_ROUNDOFF;
    if nu < 1.0 {
        (nu / (1.0 - nu)).next_up()
    } else {
        f64::INFINITY
    }
}

/// Returns a bound of `x·(1 + γ_n)`: for a non-negative sum or product that was itself computed in
/// `n` roundings at most.
///
/// # Example
/// ```
/// use polyak::arithmetic::enlarged;
/// assert!(enlarged(1.0, 4) > 1.0 && enlarged(1.0, 4) < 1.0 + 1e-15);
/// ```
#[must_use]
pub fn enlarged(x: f64, n: usize) -> f64 {
    x * (1.0 + gamma(n))
}

/// An operation of a [`Ball`] adds at most so many units of rounding: one or two of its midpoint, and those of
/// computing a radius, which count with the size of the number.
const OF_A_BALL: usize = 8;

/// Returns the relative rounding of a formula of so many operations on balls of one sign.
///
/// # Example
/// ```
/// use polyak::arithmetic::{Ball, ball_rounding};
/// let product = (0..20).fold(Ball::from(1.1), |x, _| x * Ball::from(1.1));
/// assert!(product.rad() <= ball_rounding(20) * product.mid());
/// ```
#[must_use]
pub fn ball_rounding(operations: usize) -> f64 {
    gamma(OF_A_BALL * operations)
}

/// Returns a count as a ball: exact up to `2^53`, rounded beyond.
#[must_use]
pub fn count(n: usize) -> Ball {
    let mid = n as f64;
    if n < 1 << 53 {
        Ball::from(mid)
    } else {
        Ball::new(mid, f64::EPSILON * mid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enlarged_numbers_are_larger_by_gamma() {
        assert_eq!(enlarged(1.0, 4) - 1.0, 4.0 * UNIT_ROUNDOFF);
        assert_eq!(enlarged(-8.0, 2), -8.0 * (1.0 + f64::EPSILON));
        assert_eq!(enlarged(0.0, 100), 0.0);
    }

    #[test]
    fn counts_are_exact_until_they_cannot_be() {
        for n in [0, 1, 400, (1 << 53) - 1] {
            assert_eq!((count(n).mid(), count(n).rad()), (n as f64, 0.0));
        }
        for n in [1 << 53, (1 << 53) + 1, usize::MAX] {
            let ball = count(n);
            assert!(ball.rad() >= 1.0 && ball.rad() <= 4.0 * f64::EPSILON * ball.mid());
        }
    }

    #[test]
    fn gamma_is_just_above_n_u() {
        for n in [1usize, 7, 1000, 1 << 20] {
            let nu = n as f64 * UNIT_ROUNDOFF;
            assert!(gamma(n) >= nu);
            // nu/(1−nu) − nu = nu²/(1−nu), plus one rounding up.
            assert!(gamma(n) <= nu * (1.0 + 2.0 * nu) * (1.0 + 4.0 * UNIT_ROUNDOFF));
        }
        assert!(gamma((1 << 53) - 1).is_finite());
    }

    #[test]
    fn gamma_of_zero_operations_is_nothing() {
        assert!(gamma(0) <= f64::MIN_POSITIVE);
    }
}
