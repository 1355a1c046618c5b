//! What a campaign found out about one claim.

use super::{Controls, CourseReport, StatementReport};
use crate::evidence::{Comparison, Evidence, Kind, Pool, Pooled, Tally, Verdict};
use crate::theorem::{Sensitivity, Spec};
use std::fmt;

/// A stage of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Stage {
    /// The claim's sharp instances.
    Pinned,
    /// Instances drawn by a strategy.
    Random,
    /// Instances built on a data set.
    Data,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 3] = [Self::Pinned, Self::Random, Self::Data];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pinned => "pinned",
            Self::Random => "random",
            Self::Data => "data",
        })
    }
}

/// An instance that violates a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// Where it was found.
    pub stage: Stage,
    /// Which instance of the stage, in words.
    pub label: String,
    /// The index of the case, from 0, if it is a random one.
    pub case: Option<usize>,
    /// The violated comparison of smallest margin.
    pub comparison: Comparison,
    /// The instance in plain numbers, shrunk, if it is a random one.
    pub spec: Option<Spec>,
}

impl Counterexample {
    pub(super) fn of_pinned(index: usize, evidence: &Evidence) -> Self {
        Self {
            stage: Stage::Pinned,
            label: pinned_label(index),
            case: None,
            comparison: decisive(evidence),
            spec: None,
        }
    }

    pub(super) fn of_random(case: usize, attempt: usize, evidence: &Evidence, spec: Spec) -> Self {
        let anew = match attempt {
            0 => String::new(),
            again => format!(" (drawn anew {again} times)"),
        };
        Self {
            stage: Stage::Random,
            label: format!("random instance {}{anew}, shrunk", case + 1),
            case: Some(case),
            comparison: decisive(evidence),
            spec: Some(spec),
        }
    }

    pub(super) fn of_data(label: &str, evidence: &Evidence) -> Self {
        Self {
            stage: Stage::Data,
            label: label.to_owned(),
            case: None,
            comparison: decisive(evidence),
            spec: None,
        }
    }
}

fn pinned_label(index: usize) -> String {
    format!("sharp instance {} of the claim", index + 1)
}

/// What each pinned instance is called, with what was found there.
pub(super) fn numbered<T>(found: &[T]) -> impl Iterator<Item = (String, &T)> + Clone {
    let numbered = found.iter().enumerate();
    numbered.map(|(index, found)| (pinned_label(index), found))
}

fn decisive(evidence: &Evidence) -> Comparison {
    let found = evidence.decisive;
    found.expect("a violation is that of a comparison")
}

/// What a campaign found out about one claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimReport {
    /// The claim's id.
    pub id: &'static str,
    /// Its family.
    pub family: &'static str,
    /// Its statement in one line.
    pub statement: &'static str,
    /// How strong the evidence is.
    pub kind: Kind,
    /// The seed of the random stage.
    pub seed: u64,
    /// The pinned stage.
    pub pinned: Tally,
    /// The random stage.
    pub random: Tally,
    /// The data stage; empty without data.
    pub data: Tally,
    /// Rare events, counted over all random instances.
    pub pool: Pool,
    /// How sharp every single statement is on the pinned instances.
    pub statements: Vec<StatementReport>,
    /// What was measured from iterate to iterate, of what the claim says that a page draws.
    pub courses: Vec<CourseReport>,
    /// What must be rejected, and whether it was.
    pub controls: Controls,
    /// How wrong each factor of the bounds may be before the claim notices, if somebody asked it:
    /// [`Claim::sensitivities`](crate::theorem::Claim#method.sensitivities).
    pub sensitivities: Vec<Sensitivity>,
    /// The first violation, if any.
    pub counterexample: Option<Counterexample>,
}

impl ClaimReport {
    /// Returns what one stage counted.
    #[must_use]
    pub fn tally(&self, stage: Stage) -> &Tally {
        match stage {
            Stage::Pinned => &self.pinned,
            Stage::Random => &self.random,
            Stage::Data => &self.data,
        }
    }

    /// Returns the sum over the stages.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for stage in Stage::ALL {
            total.merge(self.tally(stage));
        }
        total
    }

    /// Returns the verdict over all stages: one violation violates; to hold, the
    /// claim must hold in every stage that has instances; else the verdict of the first stage that
    /// spoils it. Without any instance it is inapplicable. Events that are too many over all random instances
    /// violate, whatever a single one says.
    pub fn verdict(&self) -> Verdict {
        let together = self.pool.counts().iter().any(Pooled::is_violated);
        verdict_of(Stage::ALL.map(|stage| self.tally(stage).clone()), together)
    }
}

/// The verdict over the stages of a claim, and over rare events of all random instances `together`, if those violate it.
pub(crate) fn verdict_of(stages: [Tally; 3], together: bool) -> Verdict {
    if together || stages.iter().any(|tally| tally.violated > 0) {
        return Verdict::Violated;
    }
    // Only the random stage is drawn from a law, by which few of its instances may hold by chance.
    let judges = Stage::ALL.map(|stage| match stage {
        Stage::Random => Tally::verdict_of_draws,
        Stage::Pinned | Stage::Data => Tally::verdict,
    });
    let mut verdicts = stages
        .iter()
        .zip(judges)
        .filter(|(tally, _)| tally.instances() > 0)
        .map(|(tally, judge)| judge(tally))
        .peekable();
    if verdicts.peek().is_none() {
        return Verdict::Inapplicable;
    }
    let spoilt = verdicts.find(|&verdict| verdict != Verdict::Holds);
    spoilt.unwrap_or(Verdict::Holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Campaign;
    use crate::claims::find;

    fn tally(checked: usize, violated: usize, undecided: usize, vacuous: usize) -> Tally {
        Tally {
            checked,
            violated,
            undecided,
            vacuous,
            ..Tally::default()
        }
    }

    #[test]
    fn every_stage_must_hold() {
        let claim = find("K5.tensor").unwrap();
        let mut report = Campaign { seed: 0, cases: 1 }.run(claim, &[], &|| ());
        let mut verdict = |pinned: Tally, random: Tally, data: Tally| {
            (report.pinned, report.random, report.data) = (pinned, random, data);
            report.verdict()
        };
        let none = Tally::default;
        let good = || tally(2, 0, 0, 1);
        assert_eq!(verdict(good(), good(), none()), Verdict::Holds);
        assert_eq!(verdict(good(), good(), good()), Verdict::Holds);
        // Parts of a run have no pinned stage, or no random case; nothing at all is no evidence.
        assert_eq!(verdict(none(), good(), none()), Verdict::Holds);
        assert_eq!(verdict(good(), none(), good()), Verdict::Holds);
        assert_eq!(verdict(none(), none(), none()), Verdict::Inapplicable);
        let vacuous = || tally(1, 0, 0, 40);
        let undecided = || tally(1, 0, 40, 0);
        assert_eq!(verdict(vacuous(), good(), good()), Verdict::Vacuous);
        assert_eq!(verdict(good(), undecided(), vacuous()), Verdict::Undecided);
        assert_eq!(verdict(good(), good(), vacuous()), Verdict::Vacuous);
        for stage in 0..3 {
            let one = |i| {
                if i == stage {
                    tally(99, 1, 0, 0)
                } else {
                    undecided()
                }
            };
            assert_eq!(verdict(one(0), one(1), one(2)), Verdict::Violated);
        }
    }
}
