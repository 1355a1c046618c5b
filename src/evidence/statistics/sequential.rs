//! A test that may stop as soon as it knows.

use super::Frequency;
use crate::arithmetic::Ball;
use std::fmt;

/// What a sequential test says after some trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The event is more probable than the null hypothesis allows.
    Rejected,
    /// The event is less probable than the alternative.
    Accepted,
    /// Neither is certain yet.
    Undecided,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Undecided => "undecided",
        })
    }
}

/// Wald's sequential probability ratio test of "the event has probability at most `null`" against "at least
/// `alternative`", on trials in their order.
///
/// It may be looked at after every trial: by Ville's inequality the likelihood ratio, a martingale
/// at `null` and a supermartingale below it, ever reaches `1/false_alarm` with probability at most
/// `false_alarm`; and its inverse, above the alternative, `1/miss` with probability at most `miss`. Once
/// decided it stays so.
///
/// # Source
/// Wald, *Sequential Analysis* (1947); Ville (1939).
///
/// # Example
/// ```
/// use polyak::evidence::statistics::{Decision, Sequential};
/// let mut test = Sequential::new(0.01, 0.1, 2e-9, 1e-6);
/// let decided = (0..).find(|_| test.trial(true) == Decision::Rejected);
/// assert_eq!(decided, Some(8)); // the ninth factor of ten is beyond 5·10⁸
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequential {
    on_event: Ball,
    otherwise: Ball,
    reject: Ball,
    accept: Ball,
    decision: Decision,
    seen: Frequency,
}

impl Sequential {
    /// Starts a test.
    ///
    /// # Panics
    /// Unless `0 < null < alternative < 1` and both error probabilities are in (0, 1).
    pub fn new(null: f64, alternative: f64, false_alarm: f64, miss: f64) -> Self {
        let proper = |p: f64| p > 0.0 && p < 1.0;
        assert!(
            proper(null) && proper(alternative) && null < alternative,
            "a null hypothesis of {null} against {alternative}"
        );
        assert!(
            proper(false_alarm) && proper(miss),
            "error probabilities {false_alarm} and {miss}"
        );
        let [one, null, alternative] = [1.0, null, alternative].map(Ball::from);
        Self {
            on_event: (alternative / null).ln(),
            otherwise: ((one - alternative) / (one - null)).ln(),
            reject: -Ball::from(false_alarm).ln(),
            accept: Ball::from(miss).ln(),
            decision: Decision::Undecided,
            seen: Frequency {
                events: 0,
                trials: 0,
            },
        }
    }

    /// Counts a trial, and says what is known by then.
    pub fn trial(&mut self, event: bool) -> Decision {
        self.seen = self.seen.merged(Frequency::of([event]));
        if self.decision == Decision::Undecided {
            let ratio = self.ln_ratio();
            if ratio.lower() >= self.reject.upper() {
                self.decision = Decision::Rejected;
            } else if ratio.upper() <= self.accept.lower() {
                self.decision = Decision::Accepted;
            }
        }
        self.decision
    }

    /// The logarithm of the ratio of the likelihoods of what was seen, in any order.
    fn ln_ratio(&self) -> Ball {
        let Frequency { events, trials } = self.seen;
        let times = |n: u64| Ball::from(n as f64);
        times(events) * self.on_event + times(trials - events) * self.otherwise
    }

    /// Returns what is known by now.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns what was seen.
    #[must_use]
    pub fn seen(&self) -> Frequency {
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// The decision and the number of trials until then, of an event of probability `p`.
    fn run(rng: &mut ChaCha8Rng, mut test: Sequential, p: f64) -> (Decision, u64) {
        for _ in 0..100_000 {
            if test.trial(rng.random::<f64>() < p) != Decision::Undecided {
                break;
            }
        }
        (test.decision(), test.seen().trials)
    }

    // 4000 experiments at 5 % and 10 %: more than 300 and 500 errors happen with probability below 1e-9.
    #[test]
    fn errors_are_as_rare_as_stated() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let test = Sequential::new(0.1, 0.2, 0.05, 0.1);
        let (mut alarms, mut misses, mut trials) = (0, 0, 0);
        for _ in 0..4000 {
            let (decision, length) = run(&mut rng, test, 0.1);
            alarms += u32::from(decision != Decision::Accepted);
            trials += length;
            misses += u32::from(run(&mut rng, test, 0.2).0 != Decision::Rejected);
        }
        assert!(alarms <= 300 && misses <= 500, "{alarms} {misses}");
        // And not much rarer: the thresholds are those of the level, overshoot apart.
        assert!(alarms >= 60 && misses >= 120, "{alarms} {misses}");
        // Wald: about ln(1/0.1)/KL(0.1‖0.2) = 2.303/0.0366 = 63 trials.
        assert!((40..100).contains(&(trials / 4000)), "{trials}");
    }

    #[test]
    fn the_ratio_is_that_of_the_likelihoods() {
        let mut test = Sequential::new(0.25, 0.5, 1e-3, 1e-3);
        test.trial(true);
        test.trial(false);
        // (0.5·0.5)/(0.25·0.75) = 4/3.
        assert_agrees(test.ln_ratio(), (4.0_f64 / 3.0).ln(), 24);
        assert_eq!(
            test.seen(),
            Frequency {
                events: 1,
                trials: 2
            }
        );
        assert_eq!(test.decision(), Decision::Undecided);
    }

    #[test]
    fn a_decision_is_final() {
        let mut test = Sequential::new(0.01, 0.5, 1e-3, 1e-3);
        while test.trial(true) == Decision::Undecided {}
        for _ in 0..100 {
            assert_eq!(test.trial(false), Decision::Rejected);
        }
        // By far more against than for.
        assert!(test.ln_ratio().upper() < 0.0);
        let mut other = Sequential::new(0.01, 0.5, 1e-3, 1e-3);
        while other.trial(false) == Decision::Undecided {}
        assert_eq!(other.trial(true), Decision::Accepted);
        // ln 1000/ln(0.99/0.5) = 10.1 trials, and the last two above.
        assert_eq!(other.seen().trials, 12);
    }

    #[test]
    #[should_panic(expected = "a null hypothesis of 0.2 against 0.1")]
    fn an_alternative_below_the_null_panics() {
        Sequential::new(0.2, 0.1, 0.1, 0.1);
    }

    #[test]
    #[should_panic(expected = "error probabilities 0 and 0.1")]
    fn no_test_never_errs() {
        Sequential::new(0.1, 0.2, 0.0, 0.1);
    }
}
