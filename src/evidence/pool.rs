//! Rare events counted over many instances.

use super::statistics::Frequency;
use super::{Comparison, Finding, Verdict};
use crate::arithmetic::Ball;

/// Events of one statement on independent instances, each held to a bound of the same size (within a factor of two).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// The statement.
    pub statement: &'static str,
    /// The largest of the bounds.
    pub bound: f64,
    /// What was seen on all instances together.
    pub seen: Frequency,
}

impl Pooled {
    /// Returns the power of two below a bound: events are counted together where those of their bounds are equal.
    #[must_use]
    pub fn octave(bound: f64) -> i32 {
        bound.log2().floor() as i32
    }

    /// Tells whether the events are too many for the bound, whatever a single instance says.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        self.comparison().verdict() == Verdict::Violated
    }

    /// Returns the comparison of all instances: trials with probabilities of at most the bound have no more events, in
    /// distribution, than as many with that probability, so that the binomial test keeps its level.
    ///
    /// # Example
    /// ```
    /// use polyak::evidence::{Pooled, Verdict, statistics::Frequency};
    /// let pooled = |events| Pooled { statement: "lost", bound: 1e-3, seen: Frequency { events, trials: 2048 } };
    /// assert_eq!(pooled(4).comparison().verdict(), Verdict::Holds);
    /// assert_eq!(pooled(40).comparison().verdict(), Verdict::Violated);
    /// ```
    #[must_use]
    pub fn comparison(&self) -> Comparison {
        Comparison::rarer(self.statement, self.seen, Ball::from(self.bound))
    }
}

/// Events of all statements over independent instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool(Vec<Pooled>);

impl Pool {
    /// Adds what was counted on one more instance, independent of the others.
    pub fn add(&mut self, finding: &Finding) {
        let Finding::Compared(comparisons) = finding else {
            return;
        };
        for comparison in comparisons {
            let bound = comparison.bound().upper();
            if let Some(seen) = comparison.seen()
                && bound < 1.0
            {
                self.count(Pooled {
                    statement: comparison.statement(),
                    bound,
                    seen,
                });
            }
        }
    }

    /// Adds what was counted on other instances.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|&one| self.count(one));
    }

    fn count(&mut self, one: Pooled) {
        let same = |known: &&mut Pooled| {
            known.statement == one.statement
                && Pooled::octave(known.bound) == Pooled::octave(one.bound)
        };
        match self.0.iter_mut().find(same) {
            Some(known) => {
                known.seen = known.seen.merged(one.seen);
                known.bound = known.bound.max(one.bound);
            }
            None => self.0.push(one),
        }
    }

    /// Returns the counts, in the order in which statements appeared.
    #[must_use]
    pub fn counts(&self) -> &[Pooled] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(events: u64, bound: f64) -> Finding {
        let seen = Frequency { events, trials: 8 };
        let deterministic = Comparison::at_most("b", Ball::from(1.0), Ball::from(2.0));
        let vacuous = Comparison::rarer("c", seen, Ball::from(1.0));
        Finding::Compared(vec![
            Comparison::rarer("a", seen, Ball::from(bound)),
            Comparison::rarer("a", seen, Ball::from(0.9)),
            deterministic,
            vacuous,
        ])
    }

    #[test]
    fn counts_of_one_statement_and_one_bound_are_added() {
        let mut pool = Pool::default();
        let nearly = 0.1 * (1.0 + 4.0 * f64::EPSILON);
        for (events, bound) in [(1, 0.1), (0, nearly), (2, 0.1)] {
            pool.add(&finding(events, bound));
        }
        pool.add(&Finding::Undecided("why".to_owned()));
        let counted = |bound| Pooled {
            statement: "a",
            bound,
            seen: Frequency {
                events: 3,
                trials: 24,
            },
        };
        let bounds: Vec<f64> = pool.counts().iter().map(|one| one.bound).collect();
        assert!(bounds[0] >= nearly && bounds[0] <= nearly * (1.0 + f64::EPSILON));
        assert!(bounds.len() == 2 && bounds[1] >= 0.9);
        assert_eq!(pool.counts()[0], counted(bounds[0]));
        assert_eq!(pool.counts()[1], counted(bounds[1]));
        let mut twice = pool.clone();
        twice.merge(&pool);
        assert_eq!(twice.counts()[0].seen.trials, 48);
        // Other bounds are counted apart.
        pool.add(&finding(1, 0.124));
        assert_eq!(pool.counts().len(), 2);
        assert!(pool.counts()[0].bound >= 0.124);
        pool.add(&finding(1, 0.126));
        assert_eq!(pool.counts().len(), 3);
        assert_eq!(
            [0.3, 0.25, 0.249, 1e-3].map(Pooled::octave),
            [-2, -2, -3, -10]
        );
    }

    /// What no instance says the sum of them does.
    #[test]
    fn many_instances_see_what_one_does_not() {
        let one = finding(2, 1e-3);
        assert_ne!(one.judge().verdict, Verdict::Violated);
        let mut pool = Pool::default();
        for _ in 0..8 {
            pool.add(&one);
        }
        let comparison = pool.counts()[0].comparison();
        assert_eq!(comparison.verdict(), Verdict::Violated);
        let alone = Pooled {
            seen: Frequency {
                events: 2,
                trials: 8,
            },
            ..pool.counts()[0]
        };
        let detectable = |pooled: &Pooled| pooled.comparison().sampling().unwrap().detectable;
        assert!(detectable(&pool.counts()[0]) < 0.5 * detectable(&alone));
    }
}
