//! Means of bounded draws.

use super::{FALSE_ALARM, MISS};
use crate::arithmetic::{Ball, gamma};

/// Returns the `t` with `P(|mean − E| ≥ t) ≤ probability` for independent draws with
/// `|X − EX| ≤ range` and a variance of at most `variance`.
///
/// # Source
/// Bernstein's inequality, `2exp(−nt²/(2(v + rt/3)))`; Boucheron, Lugosi, Massart, *Concentration
/// Inequalities*, Theorem 2.10.
///
/// # Example
/// ```
/// use polyak::evidence::statistics::bernstein;
/// let t = bernstein(0.25, 0.5, 10_000, 1e-9);
/// let bound = 2.0 * (-1e4 * t * t / (2.0 * (0.25 + 0.5 * t / 3.0))).exp();
/// assert!((bound / 1e-9 - 1.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn bernstein(variance: f64, range: f64, draws: usize, probability: f64) -> f64 {
    let n = draws as f64;
    let level = (2.0 / probability).ln();
    let linear = level * range / 3.0;
    (linear + (linear * linear + 2.0 * n * level * variance).sqrt()) / n
}

/// Returns a bound of `P(|mean − E| ≥ t)` under the same assumptions: the inverse of [`bernstein`], and one where `t` is
/// not positive.
///
/// # Example
/// ```
/// use polyak::evidence::statistics::{bernstein, bernstein_tail};
/// let t = bernstein(0.25, 0.5, 10_000, 1e-9);
/// assert!((bernstein_tail(0.25, 0.5, 10_000, t) / 1e-9 - 1.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn bernstein_tail(variance: f64, range: f64, draws: usize, t: f64) -> f64 {
    if !(t > 0.0) {
        return 1.0;
    }
    let exponent = draws as f64 * t * t / (2.0 * (variance + range * t / 3.0));
    (2.0 * (-exponent).exp()).min(1.0)
}

/// As [`bernstein`] for draws in an interval of length `range`, with the *sample* variance (that of
/// `n − 1`) in place of the unknown one.
///
/// # Source
/// Maurer, Pontil, COLT 2009, Theorem 4, for both sides.
#[must_use]
pub fn empirical_bernstein(variance: f64, range: f64, draws: usize, probability: f64) -> f64 {
    let n = draws as f64;
    let level = (4.0 / probability).ln();
    (2.0 * variance * level / n).sqrt() + 7.0 * range * level / (3.0 * (n - 1.0))
}

/// Mean and variance of draws from a bounded interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How many draws, two at least.
    pub draws: usize,
    /// Their mean.
    pub mean: f64,
    /// Their variance, that of `n − 1`.
    pub variance: f64,
    /// The length of an interval that holds every draw.
    pub range: f64,
}

impl Sample {
    /// Sums up draws.
    ///
    /// # Panics
    /// For less than two draws.
    #[must_use]
    pub fn of(draws: &[f64], range: f64) -> Self {
        assert!(draws.len() >= 2, "a sample of {} draws", draws.len());
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let squares: f64 = draws.iter().map(|x| (x - mean).powi(2)).sum();
        Self {
            draws: draws.len(),
            mean,
            variance: squares / (n - 1.0),
            range,
        }
    }

    /// The rounding of the mean of draws.
    fn rounding(&self) -> f64 {
        gamma(self.draws + 1) * (self.range + self.mean.abs())
    }

    /// Returns the mean as a ball that holds the expectation, but with probability [`FALSE_ALARM`], if
    /// the variance is at most `variance`; and the least departure of the expectation that is detected with
    /// probability `1 −` [`MISS`], of draws whose variance is no larger either.
    #[must_use]
    pub fn with_variance(&self, variance: f64) -> (Ball, f64) {
        let width = |probability| bernstein(variance, self.range, self.draws, probability);
        let half = width(FALSE_ALARM) + self.rounding();
        (Ball::new(self.mean, half), half + width(MISS))
    }

    /// As [`with_variance`](Self::with_variance), nothing known of the variance.
    #[must_use]
    pub fn with_unknown_variance(&self) -> (Ball, f64) {
        let half =
            |probability| empirical_bernstein(self.variance, self.range, self.draws, probability);
        let allowed = half(FALSE_ALARM) + self.rounding();
        (Ball::new(self.mean, allowed), allowed + half(MISS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn half_widths_solve_their_inequality() {
        for (variance, range, draws, level) in [
            (0.25, 0.5, 100, 1e-3),
            (1e-6, 1.0, 1000, 1e-9),
            (0.0, 2.0, 50, 0.1),
        ] {
            let t = bernstein(variance, range, draws, level);
            let n = draws as f64;
            let bound = 2.0 * (-n * t * t / (2.0 * (variance + range * t / 3.0))).exp();
            assert!((bound / level - 1.0).abs() < 1e-9, "{bound} {level}");
        }
        // √(2·0.25·ln40/100) + 7·ln40/297.
        let t = empirical_bernstein(0.25, 1.0, 100, 0.1);
        let level = 40.0_f64.ln();
        assert!((t - (level / 200.0).sqrt() - 7.0 * level / 297.0).abs() < 1e-15);
    }

    #[test]
    fn samples_have_mean_and_variance() {
        let sample = Sample::of(&[1.0, 2.0, 4.0, 5.0], 4.0);
        assert_eq!((sample.draws, sample.mean, sample.range), (4, 3.0, 4.0));
        assert!((sample.variance - 10.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_mean_is_rounded_like_its_range_and_its_size() {
        let sample = Sample::of(&[1.0, 2.0, 4.0, 5.0], 4.0);
        assert_eq!(sample.rounding(), gamma(5) * 7.0);
        assert_eq!(Sample::of(&[-3.0, -3.0], 0.5).rounding(), gamma(3) * 3.5);
    }

    #[test]
    #[should_panic(expected = "a sample of 1 draws")]
    fn one_draw_is_no_sample() {
        let _ = Sample::of(&[1.0], 1.0);
    }

    #[test]
    fn balls_are_as_wide_as_the_inequality() {
        let sample = Sample {
            draws: 1000,
            mean: 0.5,
            variance: 0.2,
            range: 1.0,
        };
        let (ball, detectable) = sample.with_variance(0.1);
        let expected = bernstein(0.1, 1.0, 1000, FALSE_ALARM);
        assert!(ball.rad() >= expected && ball.rad() < expected + 1e-12);
        assert_eq!(ball.mid(), 0.5);
        let more = bernstein(0.1, 1.0, 1000, MISS);
        assert!((detectable - expected - more).abs() < 1e-12);
        let (ball, detectable) = sample.with_unknown_variance();
        let expected = empirical_bernstein(0.2, 1.0, 1000, FALSE_ALARM);
        assert!(ball.rad() >= expected && ball.rad() < expected + 1e-12);
        let more = empirical_bernstein(0.2, 1.0, 1000, MISS);
        assert!((detectable - expected - more).abs() < 1e-12);
    }

    /// Draws of an event of probability `p`.
    fn events(rng: &mut ChaCha8Rng, p: f64, draws: usize) -> Vec<f64> {
        let event = |_| f64::from(u8::from(rng.random::<f64>() < p));
        (0..draws).map(event).collect()
    }

    // At a level where misses can be seen: of 4000 experiments at most 4000/20 may miss on average, and
    // more than 300 happen with probability 1e-11 (binomial tail); a half as wide is wrong in 10 % of them.
    #[test]
    fn coverage_is_that_of_the_level() {
        let (p, draws, level) = (0.1, 400, 0.05);
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let (mut known, mut empirical, mut halved) = (0, 0, 0);
        for _ in 0..4000 {
            let sample = Sample::of(&events(&mut rng, p, draws), 1.0);
            let miss = |t: f64| u32::from((sample.mean - p).abs() > t);
            let t = bernstein(p * (1.0 - p), 0.9, draws, level);
            known += miss(t);
            halved += miss(0.5 * t);
            empirical += miss(empirical_bernstein(sample.variance, 1.0, draws, level));
        }
        assert!(known <= 300 && empirical <= 300, "{known} {empirical}");
        assert!(halved > 300, "{halved}");
    }

    // With probability at least 1 − 1e-6 each: 1000 experiments miss none with probability 0.999.
    #[test]
    fn departures_that_are_detectable_are_detected() {
        let (p, draws) = (0.5, 4096);
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for _ in 0..1000 {
            let sample = Sample::of(&events(&mut rng, p, draws), 1.0);
            let (ball, detectable) = sample.with_variance(0.25);
            assert!(!ball.contains(p + detectable) && !ball.contains(p - detectable));
            assert!(ball.contains(p));
        }
    }
}
