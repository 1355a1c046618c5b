//! How often an event happened.

use super::{FALSE_ALARM, MISS};
use statrs::function::beta::beta_reg;
use std::fmt;

/// An event that happened in some of a number of independent trials.
///
/// # Example
/// ```
/// use polyak::evidence::statistics::Frequency;
/// let seen = Frequency { events: 3, trials: 1000 };
/// let (low, high) = seen.interval(0.05);
/// assert!((low - 6.19e-4).abs() < 1e-5 && (high - 8.74e-3).abs() < 1e-5);
/// assert!(seen.at_least(0.003) > 0.5); // P(three or more | p = 0.003)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Frequency {
    /// How often it happened, at most `trials`.
    pub events: u64,
    /// How often it could have.
    pub trials: u64,
}

impl fmt::Display for Frequency {
    /// `3 of 1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.events, self.trials)
    }
}

impl Frequency {
    /// Counts events.
    pub fn of(events: impl IntoIterator<Item = bool>) -> Self {
        let mut counted = Self {
            events: 0,
            trials: 0,
        };
        for event in events {
            counted.events += u64::from(event);
            counted.trials += 1;
        }
        counted
    }

    /// Adds the trials of another count of the same event.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            trials: self.trials.saturating_add(other.trials),
        }
    }

    /// Returns the share of the trials, zero without any.
    #[must_use]
    pub fn share(self) -> f64 {
        self.events as f64 / self.trials.max(1) as f64
    }

    /// Returns the probability of as many events or more, each of probability `p`: the exact p-value of
    /// the hypothesis that it is at most `p`.
    #[must_use]
    pub fn at_least(self, p: f64) -> f64 {
        match (self.events, p) {
            (0, _) => 1.0,
            (_, p) if p <= 0.0 => 0.0,
            (_, p) if p >= 1.0 => 1.0,
            (events, p) => beta_reg(events as f64, (self.trials - events) as f64 + 1.0, p),
        }
    }

    /// Returns the probability of as many events or fewer.
    #[must_use]
    pub fn at_most(self, p: f64) -> f64 {
        let others = Self {
            events: self.trials - self.events,
            trials: self.trials,
        };
        others.at_least(1.0 - p)
    }

    /// Returns the Clopper–Pearson interval: it contains the probability of the event, but with
    /// probability `miss`, half of it on either side.
    #[must_use]
    pub fn interval(self, miss: f64) -> (f64, f64) {
        (self.lower(0.5 * miss), self.upper(0.5 * miss))
    }

    /// Returns the lower Clopper–Pearson bound, above the probability of the event with probability at
    /// most `miss`.
    #[must_use]
    pub fn lower(self, miss: f64) -> f64 {
        if self.events == 0 {
            return 0.0;
        }
        bisect(|p| self.at_least(p) <= miss).0
    }

    /// Returns the upper Clopper–Pearson bound, below the probability of the event with probability at
    /// most `miss`.
    #[must_use]
    pub fn upper(self, miss: f64) -> f64 {
        if self.events == self.trials {
            return 1.0;
        }
        bisect(|p| self.at_most(p) > miss).1
    }

    /// Returns the smallest probability of the event that the test of "at most `null`" at the level
    /// [`FALSE_ALARM`] rejects, on as many trials, with probability at least `1 −` [`MISS`];
    /// above one if there is none.
    #[must_use]
    pub fn detectable(self, null: f64) -> f64 {
        let trials = self.trials;
        self.least_rejected(null).map_or(f64::INFINITY, |rejected| {
            let events = rejected - 1;
            Self { events, trials }.upper(MISS)
        })
    }

    /// Returns a bound of the probability that the same test on as many trials rejects nothing where the event has the
    /// probability `truth`, or more: its exact power.
    ///
    /// # Example
    /// ```
    /// use polyak::evidence::statistics::Frequency;
    /// let trials = Frequency { events: 0, trials: 1000 };
    /// assert!(trials.missed(0.1, 0.5) < 1e-30);
    /// assert!(trials.missed(0.1, 0.1) > 1.0 - 1e-14);
    /// ```
    #[must_use]
    pub fn missed(self, null: f64, truth: f64) -> f64 {
        let trials = self.trials;
        self.least_rejected(null).map_or(1.0, |rejected| {
            let events = rejected - 1;
            Self { events, trials }.at_most(truth)
        })
    }

    /// The least number of events, of as many trials, for which the test of "at most `null`" rejects.
    fn least_rejected(self, null: f64) -> Option<u64> {
        let trials = self.trials;
        let rejects = |events: u64| Self { events, trials }.at_least(null) < FALSE_ALARM;
        if !rejects(trials) {
            return None;
        }
        let (mut accepted, mut rejected) = (0, trials);
        while rejected - accepted > 1 {
            let middle = accepted + (rejected - accepted) / 2;
            if rejects(middle) {
                rejected = middle;
            } else {
                accepted = middle;
            }
        }
        Some(rejected)
    }
}

/// The neighbouring numbers in (0, 1) between which a condition ends to hold, the last that satisfies it
/// and the first that does not, to one part in 10¹³.
fn bisect(holds: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut low, mut high) = (f64::MIN_POSITIVE, 1.0_f64);
    while high > low * (1.0 + 1e-13) {
        // By the logarithm while the ends are decades apart.
        let middle = if high > 2.0 * low {
            (low * high).sqrt()
        } else {
            0.5 * (low + high)
        };
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use statrs::function::gamma::ln_gamma;

    fn seen(events: u64, trials: u64) -> Frequency {
        Frequency { events, trials }
    }

    /// The tail by its sum.
    fn tail(seen: Frequency, p: f64) -> f64 {
        let n = seen.trials as f64;
        let term = |k: u64| {
            let k = k as f64;
            let choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
            (choose + k * p.ln() + (n - k) * (1.0 - p).ln()).exp()
        };
        (seen.events..=seen.trials).map(term).sum()
    }

    #[test]
    fn tails_are_sums() {
        for (seen, p) in [
            (seen(3, 10), 0.2),
            (seen(10, 10), 0.01),
            (seen(80, 1000), 0.01),
            (seen(700, 1000), 0.5),
            (seen(2, 4096), 1e-6),
        ] {
            let expected = tail(seen, p);
            // Logarithms of factorials of 4096 are 3e4, off by a few roundings.
            assert!(
                (seen.at_least(p) / expected - 1.0).abs() < 1e-10,
                "{seen:?} {p}"
            );
            let below = Frequency {
                events: seen.events - 1,
                ..seen
            };
            assert!((below.at_most(p) + expected - 1.0).abs() < 1e-10);
        }
        assert_eq!(seen(0, 10).at_least(0.3), 1.0);
        assert_eq!(
            (seen(4, 10).at_least(0.0), seen(4, 10).at_least(1.0)),
            (0.0, 1.0)
        );
    }

    #[test]
    fn events_are_counted() {
        let counted = Frequency::of([true, false, true]);
        assert_eq!(counted, seen(2, 3));
        assert_eq!(counted.merged(seen(5, 10)), seen(7, 13));
        assert_eq!(seen(2, 8).share(), 0.25);
        assert_eq!(Frequency::of([]).share(), 0.0);
    }

    #[test]
    fn intervals_have_closed_forms_at_the_ends() {
        // p^n = miss, and (1 − p)^n = miss.
        let (low, high) = seen(20, 20).interval(1e-3);
        assert!((low - 5e-4_f64.powf(0.05)).abs() < 1e-12 && high == 1.0);
        let (low, high) = seen(0, 20).interval(1e-3);
        assert!((high - (1.0 - 5e-4_f64.powf(0.05))).abs() < 1e-12 && low == 0.0);
        // Far below what a quantile of the beta distribution resolves: n·p ≈ miss.
        let low = seen(1, 100).lower(1e-15);
        assert!((low / 1e-17 - 1.0).abs() < 1e-6, "{low}");
    }

    #[test]
    fn a_bound_is_where_the_p_value_is_its_level() {
        for miss in [0.1, 1e-9, 1e-15] {
            let seen = seen(37, 400);
            assert!((seen.at_least(seen.lower(miss)) / miss - 1.0).abs() < 1e-9);
            assert!((seen.at_most(seen.upper(miss)) / miss - 1.0).abs() < 1e-9);
            assert!(seen.lower(miss) < seen.share() && seen.share() < seen.upper(miss));
        }
    }

    #[test]
    fn what_is_detectable_is_detected() {
        let null = 0.02;
        let detectable = seen(0, 4096).detectable(null);
        // The number from which on the test rejects.
        let least = (0..4096)
            .find(|&k| seen(k, 4096).at_least(null) < FALSE_ALARM)
            .unwrap();
        let power = tail(seen(least, 4096), detectable);
        assert!((1.0 - power - MISS).abs() < 1e-9, "{power}");
        assert!(detectable > 0.05 && detectable < 0.08, "{detectable}");
        // Few trials reject nothing, whatever happens.
        assert_eq!(seen(0, 10).detectable(0.5), f64::INFINITY);
        assert!(seen(0, 60).detectable(0.5) < 1.0);
    }

    fn draw(rng: &mut ChaCha8Rng, p: f64, trials: u64) -> Frequency {
        Frequency::of((0..trials).map(|_| rng.random::<f64>() < p))
    }

    // 1000 experiments at 5 %, where errors can be seen: more than 100 happen with probability below 1e-9.
    #[test]
    fn intervals_miss_and_tests_alarm_as_rarely_as_stated() {
        let (p, trials, level) = (0.1, 300, 0.05);
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let (mut low, mut high, mut outside, mut alarms) = (0, 0, 0, 0);
        for _ in 0..1000 {
            let seen = draw(&mut rng, p, trials);
            low += u32::from(seen.lower(level) > p);
            high += u32::from(seen.upper(level) < p);
            let (lower, upper) = seen.interval(level);
            outside += u32::from(!(lower..=upper).contains(&p));
            alarms += u32::from(seen.at_least(p) <= level);
        }
        assert!(low <= 100 && high <= 100 && outside <= 100);
        // Not much rarer either; and the bound is the test's.
        assert!(
            low >= 15 && high >= 15 && outside >= 10,
            "{low} {high} {outside}"
        );
        assert_eq!(low, alarms);
    }

    // With probability at least 1 − 1e-6 each: 1000 experiments miss none with probability 0.999; and at the
    // hypothesis itself none of them alarms, with probability 1 − 1e-12.
    #[test]
    fn what_is_detectable_is_detected_in_every_experiment() {
        let (null, trials) = (0.05, 2000);
        let p = seen(0, trials).detectable(null);
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        for _ in 0..1000 {
            assert!(draw(&mut rng, p, trials).at_least(null) < FALSE_ALARM);
            assert!(draw(&mut rng, null, trials).at_least(null) >= FALSE_ALARM);
        }
        // Halfway there it is missed now and then.
        let half = 0.5 * (p + null);
        let detected =
            (0..200).filter(|_| draw(&mut rng, half, trials).at_least(null) < FALSE_ALARM);
        assert!(detected.count() < 200);
    }
}
