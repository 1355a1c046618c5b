//! The gamma function at multiples of one half, by its recursion.

use super::{Ball, UNIT_ROUNDOFF};

/// Returns `π`: the nearest f64 is off by less than `1.3e-16`, which is below `2u`.
#[must_use]
pub fn pi() -> Ball {
    Ball::new(std::f64::consts::PI, 2.0 * UNIT_ROUNDOFF)
}

/// Returns `ln Γ(n/2)`, from `Γ(1/2) = √π`, `Γ(1) = 1` and `Γ(x+1) = xΓ(x)`.
///
/// # Panics
/// If `n` is zero, where the function has a pole.
///
/// # Cost
/// `n/2` logarithms.
///
/// # Example
/// ```
/// use polyak::arithmetic::ln_half_gamma;
/// // Γ(5) = 24.
/// assert!(ln_half_gamma(10).contains(24.0_f64.ln()));
/// ```
#[must_use]
pub fn ln_half_gamma(n: usize) -> Ball {
    assert!(n > 0, "the gamma function has a pole at {n}");
    let (first, start) = if n.is_multiple_of(2) {
        (2, Ball::from(0.0))
    } else {
        (1, pi().ln() * Ball::from(0.5))
    };
    let factors = (first..n).step_by(2).map(|k| Ball::from(0.5 * k as f64));
    factors.fold(start, |sum, x| sum + x.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pi_lies_inside() {
        // 2(2/1·2/3)(4/3·4/5)… is slow: Machin's 16 atan(1/5) − 4 atan(1/239), ten roundings below 4.
        let machin = 16.0 * 0.2_f64.atan() - 4.0 * (1.0_f64 / 239.0).atan();
        assert!((pi().mid() - machin).abs() <= 40.0 * UNIT_ROUNDOFF);
        assert!(pi().rad() < 3e-16);
        // π − fl(π) = 1.2246e-16 = sin fl(π) to first order.
        assert!(std::f64::consts::PI.sin() < pi().rad());
    }

    #[test]
    fn agrees_with_an_independent_library() {
        for n in 1..200usize {
            let (ball, expected) = (
                ln_half_gamma(n),
                statrs::function::gamma::ln_gamma(0.5 * n as f64),
            );
            // The library's Lanczos sum: 16 terms and the logarithm of a result below 360.
            let slack = 64.0 * UNIT_ROUNDOFF * expected.abs().max(1.0);
            assert!(
                (ball.mid() - expected).abs() <= ball.rad() + slack,
                "{n}: {ball:?} {expected}"
            );
            assert!(ball.rad() <= 4.0 * n as f64 * UNIT_ROUNDOFF * expected.abs().max(1.0));
        }
    }

    #[test]
    fn exact_at_one_and_two() {
        assert_eq!(ln_half_gamma(2), Ball::from(0.0));
        assert!(ln_half_gamma(4).contains(0.0) && ln_half_gamma(4).rad() < 1e-300);
    }

    #[test]
    #[should_panic(expected = "pole")]
    fn panics_at_zero() {
        let _ = ln_half_gamma(0);
    }
}
