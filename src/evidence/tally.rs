//! Counts of verdicts over many instances.

use super::statistics::{FLAKE, Frequency};
use super::{Comparison, Evidence, Verdict};
use std::collections::BTreeMap;

/// Evidence over many instances, summed up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Instances on which the claim holds.
    pub checked: usize,
    /// Instances that violate it.
    pub violated: usize,
    /// Undecided instances.
    pub undecided: usize,
    /// Vacuous instances.
    pub vacuous: usize,
    /// Instances on which a hypothesis fails.
    pub inapplicable: usize,
    /// Instances that said nothing and were drawn anew; they are counted nowhere else.
    pub redrawn: usize,
    /// Largest tightness seen.
    pub tightness: Option<f64>,
    /// The comparison of smallest margin among the deciding ones that hold or violate.
    pub worst: Option<Comparison>,
    /// How often each reason (a failing hypothesis, a failed computation) was given.
    pub reasons: BTreeMap<String, usize>,
}

impl Tally {
    /// Counts one more instance.
    pub fn add(&mut self, evidence: &Evidence) {
        *match evidence.verdict {
            Verdict::Holds => &mut self.checked,
            Verdict::Violated => &mut self.violated,
            Verdict::Undecided => &mut self.undecided,
            Verdict::Vacuous => &mut self.vacuous,
            Verdict::Inapplicable => &mut self.inapplicable,
        } += 1;
        if matches!(evidence.verdict, Verdict::Holds | Verdict::Violated) {
            self.keep_worst(evidence.decisive);
        }
        self.tightness = [self.tightness, evidence.tightness]
            .into_iter()
            .flatten()
            .reduce(f64::max);
        for reason in &evidence.reasons {
            *self.reasons.entry(reason.clone()).or_default() += 1;
        }
    }

    /// Adds the counts of another tally.
    pub fn merge(&mut self, other: &Self) {
        self.checked += other.checked;
        self.violated += other.violated;
        self.undecided += other.undecided;
        self.vacuous += other.vacuous;
        self.inapplicable += other.inapplicable;
        self.redrawn += other.redrawn;
        self.keep_worst(other.worst);
        self.tightness = [self.tightness, other.tightness]
            .into_iter()
            .flatten()
            .reduce(f64::max);
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
    }

    fn keep_worst(&mut self, candidate: Option<Comparison>) {
        let candidates = [self.worst, candidate].into_iter().flatten();
        self.worst = candidates.min_by(|a, b| a.margin().total_cmp(&b.margin()));
    }

    /// Returns the number of instances.
    #[must_use]
    pub fn instances(&self) -> usize {
        self.checked + self.violated + self.undecided + self.vacuous + self.inapplicable
    }

    /// Returns the verdict over all instances: one violation violates; the claim
    /// holds if it held on at least half of the instances; else the most frequent
    /// of the other verdicts (inapplicable when there was no instance at all).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.violated > 0 {
            return Verdict::Violated;
        }
        if self.checked > 0 && 2 * self.checked >= self.instances() {
            return Verdict::Holds;
        }
        self.most_frequent_other()
    }

    /// Returns the verdict over instances that were drawn at random: as [`verdict`](Self::verdict), but that fewer than
    /// half of them hold must be more than chance. A claim that holds on a random instance with probability one half or
    /// more has so few with probability at most [`FLAKE`] (exact binomial test), whatever the seed.
    ///
    /// # Example
    /// ```
    /// use polyak::evidence::{Tally, Verdict};
    /// let of = |checked, vacuous| Tally { checked, vacuous, ..Tally::default() };
    /// assert_eq!(of(120, 136).verdict(), Verdict::Vacuous);
    /// assert_eq!(of(120, 136).verdict_of_draws(), Verdict::Holds);
    /// assert_eq!(of(60, 196).verdict_of_draws(), Verdict::Vacuous);
    /// assert_eq!(of(0, 3).verdict_of_draws(), Verdict::Vacuous);
    /// ```
    #[must_use]
    pub fn verdict_of_draws(&self) -> Verdict {
        if self.violated > 0 {
            return Verdict::Violated;
        }
        let silent = Frequency {
            events: (self.instances() - self.checked) as u64,
            trials: self.instances() as u64,
        };
        if self.checked > 0 && silent.at_least(0.5) > FLAKE {
            return Verdict::Holds;
        }
        self.most_frequent_other()
    }

    fn most_frequent_other(&self) -> Verdict {
        let others = [
            (self.undecided, Verdict::Undecided),
            (self.vacuous, Verdict::Vacuous),
            (self.inapplicable, Verdict::Inapplicable),
        ];
        let most = others.into_iter().max_by_key(|&(count, _)| count);
        most.map_or(Verdict::Inapplicable, |(_, verdict)| verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;

    fn at_least(quantity: f64, bound: f64) -> Comparison {
        Comparison::at_least("a", Ball::from(quantity), Ball::from(bound))
    }

    fn evidence(verdict: Verdict, bound: f64, reasons: &[&str]) -> Evidence {
        let tightness = (verdict == Verdict::Holds).then_some(bound);
        Evidence {
            verdict,
            decisive: Some(at_least(1.0, bound)),
            tightness,
            reasons: reasons.iter().map(ToString::to_string).collect(),
            comparisons: 1,
        }
    }

    fn tally(all: &[Evidence]) -> Tally {
        let mut tally = Tally::default();
        all.iter().for_each(|evidence| tally.add(evidence));
        tally
    }

    /// As many instances of each verdict as asked for: holds, violated, undecided, vacuous, inapplicable.
    fn counts(numbers: [usize; 5]) -> Tally {
        let [checked, violated, undecided, vacuous, inapplicable] = numbers;
        Tally {
            checked,
            violated,
            undecided,
            vacuous,
            inapplicable,
            ..Tally::default()
        }
    }

    fn sample() -> Vec<Evidence> {
        let verdicts = [
            (Verdict::Holds, 0.5, &[][..]),
            (Verdict::Holds, 0.875, &[]),
            (Verdict::Holds, 0.25, &[]),
            (Verdict::Violated, 3.0, &[]),
            (Verdict::Violated, 2.0, &[]),
            (Verdict::Undecided, 9.0, &["slow", "slow", "shallow"]),
            (Verdict::Vacuous, 8.0, &[]),
            (Verdict::Vacuous, 7.0, &["shallow"]),
            (Verdict::Vacuous, 6.0, &[]),
            (Verdict::Vacuous, 5.0, &[]),
            (Verdict::Inapplicable, 4.0, &["equal inputs"]),
        ];
        let verdicts = verdicts.into_iter();
        verdicts
            .map(|(verdict, bound, reasons)| evidence(verdict, bound, reasons))
            .collect()
    }

    #[test]
    fn every_instance_is_counted_once() {
        let tally = tally(&sample());
        assert_eq!((tally.checked, tally.violated, tally.undecided), (3, 2, 1));
        assert_eq!((tally.vacuous, tally.inapplicable), (4, 1));
        assert_eq!(tally.instances(), 11);
        assert_eq!(counts([1, 20, 300, 4_000, 50_000]).instances(), 54_321);
        assert_eq!(Tally::default().instances(), 0);
        let reasons: Vec<(&str, usize)> = tally
            .reasons
            .iter()
            .map(|(reason, &count)| (reason.as_str(), count))
            .collect();
        assert_eq!(reasons, [("equal inputs", 1), ("shallow", 2), ("slow", 2)]);
    }

    #[test]
    fn worst_is_the_smallest_margin_of_what_was_decided() {
        let all = sample();
        assert_eq!(tally(&all).worst, Some(at_least(1.0, 3.0)));
        assert_eq!(tally(&all[..3]).worst, Some(at_least(1.0, 0.875)));
        assert_eq!(tally(&all[5..]).worst, None);
        assert_eq!(tally(&all).tightness, Some(0.875));
        assert_eq!(tally(&all[..1]).tightness, Some(0.5));
        assert_eq!(tally(&all[5..]).tightness, None);
    }

    #[test]
    fn merging_is_adding_one_by_one() {
        let all = sample();
        for cut in 0..=all.len() {
            let mut merged = tally(&all[..cut]);
            merged.merge(&tally(&all[cut..]));
            assert_eq!(merged, tally(&all), "{cut}");
        }
        let mut doubled = tally(&all);
        doubled.merge(&doubled.clone());
        assert_eq!(doubled, tally(&[&all[..], &all[..]].concat()));
    }

    #[test]
    fn one_violation_violates() {
        assert_eq!(counts([1_000, 1, 0, 0, 0]).verdict(), Verdict::Violated);
        assert_eq!(counts([0, 1, 5, 5, 5]).verdict(), Verdict::Violated);
    }

    #[test]
    fn half_of_the_instances_must_hold() {
        assert_eq!(counts([3, 0, 1, 1, 1]).verdict(), Verdict::Holds);
        assert_eq!(counts([3, 0, 1, 1, 2]).verdict(), Verdict::Inapplicable);
        assert_eq!(counts([1, 0, 0, 0, 0]).verdict(), Verdict::Holds);
        assert_eq!(counts([1, 0, 0, 1, 0]).verdict(), Verdict::Holds);
        assert_eq!(counts([10, 0, 11, 0, 0]).verdict(), Verdict::Undecided);
        assert_eq!(counts([2, 0, 2, 0, 0]).verdict(), Verdict::Holds);
    }

    #[test]
    fn few_draws_hold_by_chance_or_not() {
        // P(Bin(256, ½) ≤ 80) = 8.4e-10, P(Bin(256, ½) ≤ 81) = 1.6e-9.
        let at = |checked, n: usize| counts([checked, 0, n - checked, 0, 0]).verdict_of_draws();
        let last = (0..256).rfind(|&k| at(k, 256) != Verdict::Holds).unwrap();
        let tail = |k: usize| {
            Frequency {
                events: (256 - k) as u64,
                trials: 256,
            }
            .at_least(0.5)
        };
        assert!(tail(last) <= FLAKE && tail(last + 1) > FLAKE);
        assert!((70..90).contains(&last), "{last}");
        // One that holds is needed, and of thirty it is too few by the test's own level.
        assert_eq!(at(0, 3), Verdict::Undecided);
        assert_eq!(at(1, 8), Verdict::Holds);
        assert_eq!(at(1, 40), Verdict::Undecided);
        assert_eq!(
            counts([9, 1, 0, 0, 0]).verdict_of_draws(),
            Verdict::Violated
        );
        assert_eq!(counts([0; 5]).verdict_of_draws(), Verdict::Inapplicable);
    }

    #[test]
    fn otherwise_the_most_frequent_verdict_speaks() {
        assert_eq!(counts([1, 0, 3, 2, 1]).verdict(), Verdict::Undecided);
        assert_eq!(counts([1, 0, 2, 3, 1]).verdict(), Verdict::Vacuous);
        assert_eq!(counts([1, 0, 1, 2, 3]).verdict(), Verdict::Inapplicable);
        assert_eq!(counts([0, 0, 1, 0, 0]).verdict(), Verdict::Undecided);
        assert_eq!(counts([0; 5]).verdict(), Verdict::Inapplicable);
    }
}
