//! The variance of normal draws.

use super::quantile::bisected;
use super::{FALSE_ALARM, MISS};
use crate::arithmetic::Ball;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Returns the variance of independent centred normal draws as a ball that holds it but with probability
/// [`FALSE_ALARM`], and the least share by which a variance above another is told apart from it with
/// probability `1 −` [`MISS`].
///
/// # Guarantee
/// Exact: `Σx²/v` has the law χ² of as many degrees of freedom as draws, of which the distribution function of
/// `statrs` is inverted by bisection.
///
/// # Panics
/// Without draws.
///
/// # Example
/// ```
/// use polyak::evidence::statistics::normal_variance;
/// let draws = [1.0, -1.0].repeat(512);
/// let (variance, detectable) = normal_variance(&draws);
/// assert!(variance.contains(1.0) && variance.upper() < 1.6 && detectable < 0.8);
/// ```
#[must_use]
pub fn normal_variance(draws: &[f64]) -> (Ball, f64) {
    let count = draws.len() as f64;
    let law = ChiSquared::new(count).expect("draws");
    let squares: f64 = draws.iter().map(|x| x * x).sum();
    let high = upper_tail(&law, 0.5 * FALSE_ALARM);
    let low = lower_tail(&law, 0.5 * FALSE_ALARM);
    let missed = lower_tail(&law, MISS);
    (
        Ball::from_bounds(squares / high, squares / low),
        high / missed - 1.0,
    )
}

/// Returns the probability that a variance which is `factor > 1` times another is not told apart from it, by
/// [`normal_variance`] of so many draws: its exact power, but for the other side of the interval.
///
/// # Panics
/// Without a draw.
#[must_use]
pub fn normal_variance_missed(draws: usize, factor: f64) -> f64 {
    let law = ChiSquared::new(draws as f64).expect("draws");
    law.cdf(upper_tail(&law, 0.5 * FALSE_ALARM) / factor)
}

/// The `t` with `P(X > t) = tail`.
fn upper_tail(law: &ChiSquared, tail: f64) -> f64 {
    bisected(law.freedom(), |t| law.sf(t) > tail)
}

/// The `t` with `P(X ≤ t) = tail`.
fn lower_tail(law: &ChiSquared, tail: f64) -> f64 {
    bisected(law.freedom(), |t| law.cdf(t) < tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    /// Two degrees of freedom: `P(X > t) = e^{−t/2}`.
    #[test]
    fn quantiles_have_closed_forms() {
        let law = ChiSquared::new(2.0).unwrap();
        for tail in [0.3, 1e-3, 1e-12] {
            let high = -2.0 * f64::ln(tail);
            assert!((upper_tail(&law, tail) / high - 1.0).abs() < 1e-9, "{tail}");
            let low = -2.0 * f64::ln_1p(-tail);
            assert!((lower_tail(&law, tail) / low - 1.0).abs() < 1e-4, "{tail}");
        }
    }

    /// Wilson and Hilferty's approximation is good to a thousandth here.
    #[test]
    fn a_thousand_draws_know_their_variance_to_a_third() {
        let draws = vec![2.0; 1024];
        let (variance, detectable) = normal_variance(&draws);
        let cube = |z: f64| {
            let spread = 2.0 / (9.0 * 1024.0);
            (1.0 - spread + z * f64::sqrt(spread)).powi(3)
        };
        // The normal quantile of 5e-16.
        let z = 8.0288;
        assert!((variance.lower() / (4.0 / cube(z)) - 1.0).abs() < 5e-3);
        assert!((variance.upper() / (4.0 / cube(-z)) - 1.0).abs() < 1e-2);
        assert!(detectable > 0.5 && detectable < 0.75, "{detectable}");
    }

    #[test]
    fn normal_draws_are_within_and_others_are_not() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let draws: Vec<f64> = (0..1024).map(|_| rng.sample(StandardNormal)).collect();
        let scaled = |by: f64| -> Ball {
            normal_variance(&draws.iter().map(|x| by * x).collect::<Vec<_>>()).0
        };
        assert!(scaled(1.0).contains(1.0) && scaled(3.0).contains(9.0));
        assert!(!scaled(1.3).contains(1.0) && !scaled(0.75).contains(1.0));
    }
}
