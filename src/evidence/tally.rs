//! Counts of verdicts over many instances.

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
    pub fn instances(&self) -> usize {
        self.checked + self.violated + self.undecided + self.vacuous + self.inapplicable
    }

    /// Returns the verdict over all instances: one violation violates; the claim
    /// holds if it held on at least half of the instances; else the most frequent
    /// of the other verdicts (inapplicable when there was no instance at all).
    pub fn verdict(&self) -> Verdict {
        if self.violated > 0 {
            return Verdict::Violated;
        }
        if self.checked > 0 && 2 * self.checked >= self.instances() {
            return Verdict::Holds;
        }
        let others = [
            (self.undecided, Verdict::Undecided),
            (self.vacuous, Verdict::Vacuous),
            (self.inapplicable, Verdict::Inapplicable),
        ];
        let most = others.into_iter().max_by_key(|&(count, _)| count);
        most.map_or(Verdict::Inapplicable, |(_, verdict)| verdict)
    }
}
