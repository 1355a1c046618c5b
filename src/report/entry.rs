//! One claim of a report.

use super::drawn::{CourseEntry, SlopeEntry, courses, slopes};
use crate::campaign::{ClaimReport, Controls, Counterexample, Stage, StatementReport, pasted_test};
use crate::evidence::statistics::Frequency;
use crate::evidence::{Comparison, Kind, Pooled, Tally, Verdict};
use crate::theorem::Sensitivity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A number of a report; absent, and `null` in JSON, if there is none or it is not finite.
pub type Number = Option<f64>;

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn finite(number: f64) -> Number {
    number.is_finite().then_some(number)
}

/// What one stage counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageEntry {
    /// Instances on which the claim holds.
    pub checked: usize,
    /// Instances that violate it.
    pub violated: usize,
    /// Vacuous instances.
    pub vacuous: usize,
    /// Undecided instances.
    pub undecided: usize,
    /// Instances on which a hypothesis fails.
    pub inapplicable: usize,
    /// Instances that said nothing and were drawn anew; they are counted nowhere else.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redrawn: usize,
    /// Margin of the worst comparison that decided, relative to its scale.
    pub worst_margin: Number,
    /// Tolerance of that comparison.
    pub tolerance: Number,
    /// Largest tightness seen.
    pub tightness: Number,
}

impl StageEntry {
    /// Adds another stage's counts, and keeps the worst margin and the largest tightness (the own one,
    /// among equals).
    pub(super) fn add(&mut self, other: &Self) {
        // Counts of a file may be anything.
        for (count, more) in [
            (&mut self.checked, other.checked),
            (&mut self.violated, other.violated),
            (&mut self.vacuous, other.vacuous),
            (&mut self.undecided, other.undecided),
            (&mut self.inapplicable, other.inapplicable),
            (&mut self.redrawn, other.redrawn),
        ] {
            *count = count.saturating_add(more);
        }
        let worse = match (self.worst_margin, other.worst_margin) {
            (Some(known), Some(new)) => new < known,
            (known, new) => known.is_none() && new.is_some(),
        };
        if worse {
            (self.worst_margin, self.tolerance) = (other.worst_margin, other.tolerance);
        }
        let tightness = [self.tightness, other.tightness].into_iter().flatten();
        self.tightness = tightness.reduce(f64::max);
    }

    /// Returns the number of instances, whatever their verdict.
    pub fn instances(&self) -> usize {
        let others = [
            self.violated,
            self.vacuous,
            self.undecided,
            self.inapplicable,
        ];
        others.into_iter().fold(self.checked, usize::saturating_add)
    }
}

impl From<&Tally> for StageEntry {
    fn from(tally: &Tally) -> Self {
        Self {
            checked: tally.checked,
            violated: tally.violated,
            vacuous: tally.vacuous,
            undecided: tally.undecided,
            inapplicable: tally.inapplicable,
            redrawn: tally.redrawn,
            worst_margin: tally.worst.and_then(|worst| finite(worst.margin())),
            tolerance: tally.worst.and_then(|worst| finite(worst.tolerance())),
            tightness: tally.tightness.and_then(finite),
        }
    }
}

/// The stages of a claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stages {
    /// Sharp instances, whatever the seed.
    pub pinned: StageEntry,
    /// Instances drawn by a strategy.
    pub random: StageEntry,
    /// Instances built on data; all zero without data.
    pub data: StageEntry,
}

impl Stages {
    /// Returns one of them.
    #[must_use]
    pub fn get(&self, stage: Stage) -> &StageEntry {
        match stage {
            Stage::Pinned => &self.pinned,
            Stage::Random => &self.random,
            Stage::Data => &self.data,
        }
    }

    /// Returns the sum of the stages, with the worst margin and the largest
    /// tightness of them (the first one's, among equals).
    #[must_use]
    pub fn total(&self) -> StageEntry {
        let mut total = StageEntry::default();
        for stage in Stage::ALL.map(|stage| self.get(stage)) {
            total.add(stage);
        }
        total
    }
}

/// One statement of a claim on the pinned instances, and its control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlEntry {
    /// The statement.
    pub statement: String,
    /// Whether its strengthened form was rejected.
    pub rejected: bool,
    /// Largest tightness where it holds.
    pub tightness: Number,
    /// Tolerance of that comparison.
    pub tightness_tolerance: Number,
    /// Smallest margin where it holds.
    pub margin: Number,
    /// Tolerance of that comparison.
    pub margin_tolerance: Number,
}

/// The error probabilities of the tests of one statement, on the pinned instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestEntry {
    /// The statement.
    pub statement: String,
    /// Probability of a violation where the statement is true, a comparison.
    pub false_alarm: f64,
    /// What every one of them detects with probability `1 − 1e-6`: a probability, or a departure as a share
    /// of its scale.
    pub detectable: Number,
}

/// Rare events of one statement over all random instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PooledEntry {
    /// The statement.
    pub statement: String,
    /// What bounds its probability on every instance.
    pub bound: f64,
    /// What was seen.
    #[serde(flatten)]
    pub seen: Frequency,
    /// The smallest probability that as many trials detect, but with probability `1e-6`.
    pub detectable: Number,
}

impl PooledEntry {
    /// Tells whether the events are too many, but with probability 1e-15.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        self.counted().is_violated()
    }

    /// The counts, without the name of what was counted.
    fn counted(&self) -> Pooled {
        Pooled {
            statement: "",
            bound: self.bound,
            seen: self.seen,
        }
    }

    /// Adds what was seen on the instances of another part of the run.
    pub(super) fn add(&mut self, other: &Self) {
        self.seen = self.seen.merged(other.seen);
        self.bound = self.bound.max(other.bound);
        self.detectable = detectable(&self.counted());
    }
}

impl From<&Pooled> for PooledEntry {
    fn from(pooled: &Pooled) -> Self {
        Self {
            statement: pooled.statement.to_owned(),
            bound: pooled.bound,
            seen: pooled.seen,
            detectable: detectable(pooled),
        }
    }
}

fn detectable(pooled: &Pooled) -> Number {
    let sampling = pooled.comparison().sampling();
    sampling.and_then(|sampling| finite(sampling.detectable))
}

/// A dropped hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DroppedEntry {
    /// What is wrong with the instance.
    pub name: String,
    /// What the check said.
    pub verdict: Verdict,
    /// Whether that is what it must say.
    pub rejected: bool,
    /// A bound of the probability that a fresh seed would not see it rejected, where draws decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Number,
}

/// A violation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CounterexampleEntry {
    /// Where it was found.
    pub stage: Stage,
    /// Which instance of the stage, in words.
    pub instance: String,
    /// The number of the case, from 0, of a random instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<usize>,
    /// The statement that fails.
    pub statement: String,
    /// The quantity as measured.
    pub quantity: Number,
    /// What bounds it.
    pub bound: Number,
    /// `(larger side − smaller side)/scale`: below `−tolerance`.
    pub margin: Number,
    /// The derived tolerance, relative to the same scale.
    pub tolerance: Number,
    /// A test to paste, which fails as long as the claim does; for random instances.
    #[serde(default)]
    pub test: Option<String>,
}

/// One claim: the fields of schema 1, then those that extend it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimEntry {
    /// The claim's id.
    pub id: String,
    /// Its statement in one line.
    pub statement: String,
    /// How strong the evidence is.
    pub kind: Kind,
    /// The verdict over all stages.
    pub verdict: Verdict,
    /// Sum over the stages.
    #[serde(flatten)]
    pub total: StageEntry,
    /// Whether every control was rejected.
    pub control_rejected: bool,
    /// The seed of the random stage.
    pub seed: u64,
    /// The claim's family.
    pub family: String,
    /// Counts and extremes of each stage.
    pub stages: Stages,
    /// Every statement on the pinned instances, and its control.
    pub control: Vec<ControlEntry>,
    /// Every dropped hypothesis that concerns the claim.
    pub dropped: Vec<DroppedEntry>,
    /// Every statement that random draws decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestEntry>,
    /// Rare events, counted over all random instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pooled: Vec<PooledEntry>,
    /// Every factor of its bounds that an instance met, and how wrong it may be before the claim notices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<FactorEntry>,
    /// Slopes, with the points that they were fitted to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slopes: Vec<SlopeEntry>,
    /// Numbers from iterate to iterate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub courses: Vec<CourseEntry>,
    /// How often each reason (a failing hypothesis, a failed computation) was given.
    pub reasons: BTreeMap<String, usize>,
    /// The first violation, if any.
    #[serde(default)]
    pub counterexample: Option<CounterexampleEntry>,
}

impl ClaimEntry {
    /// The factors that it sees.
    pub fn seen(&self) -> impl Iterator<Item = &FactorEntry> {
        self.factors.iter().filter(|factor| factor.least.is_some())
    }

    /// The reason of a claim that does not hold, in a line.
    pub(super) fn why(&self) -> String {
        if let Some(found) = &self.counterexample {
            return format!(
                "{} fails ({} stage, {})",
                found.statement, found.stage, found.instance
            );
        }
        if let Some(events) = self.pooled.iter().find(|events| events.is_violated()) {
            return format!(
                "{} happens too often over all random instances",
                events.statement
            );
        }
        let standing = self.standing();
        if !standing.is_empty() {
            return format!("a control is not rejected: {}", standing.join("; "));
        }
        let most = self.reasons.iter().max_by_key(|(_, times)| **times);
        most.map_or_else(
            || self.statement.clone(),
            |(reason, times)| format!("{reason} ({times}×)"),
        )
    }

    /// The controls that are not rejected, by name.
    fn standing(&self) -> Vec<&str> {
        let statements = self.control.iter().filter(|control| !control.rejected);
        let dropped = self.dropped.iter().filter(|control| !control.rejected);
        let statements = statements.map(|control| &*control.statement);
        statements
            .chain(dropped.map(|control| &*control.name))
            .collect()
    }

    /// Tells whether there are controls, and every one that is listed was rejected.
    pub(super) fn every_control_is_rejected(&self) -> bool {
        let statements = self.control.iter().map(|control| control.rejected);
        let mut all = statements
            .chain(self.dropped.iter().map(|control| control.rejected))
            .peekable();
        all.peek().is_some() && all.all(|rejected| rejected)
    }
}

/// A factor of a claim's bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorEntry {
    /// The name under which it stands in its formula.
    pub factor: String,
    /// The least share by which it had to be larger (below zero: smaller) for a pinned instance to be violated, or a
    /// control no longer rejected; `null`, if none of [`LADDER`](crate::theorem::LADDER) is enough.
    pub least: Number,
}

impl FactorEntry {
    /// Tells whether a change of so much, one way or the other, is noticed.
    #[must_use]
    pub fn is_seen_at(&self, share: f64) -> bool {
        self.least.is_some_and(|least| least.abs() <= share)
    }
}

impl From<&Sensitivity> for FactorEntry {
    fn from(found: &Sensitivity) -> Self {
        Self {
            factor: found.factor.to_owned(),
            least: found.least,
        }
    }
}

fn control(controls: &Controls, statements: &[StatementReport]) -> Vec<ControlEntry> {
    let entry = |&(statement, tightness, rejected): &(&'static str, f64, bool)| {
        let known = statements.iter().find(|s| s.statement == statement);
        let tolerance = |comparison: fn(&StatementReport) -> &Comparison| {
            known.and_then(|s| finite(comparison(s).tolerance()))
        };
        ControlEntry {
            statement: statement.to_owned(),
            rejected,
            tightness: known.map_or(finite(tightness), |s| finite(s.sharpest.tightness())),
            tightness_tolerance: tolerance(|s| &s.sharpest),
            margin: known.and_then(|s| finite(s.closest.margin())),
            margin_tolerance: tolerance(|s| &s.closest),
        }
    };
    let statements = controls.sharpness.iter().flat_map(|c| &c.statements);
    statements.map(entry).collect()
}

fn tests(statements: &[StatementReport]) -> Vec<TestEntry> {
    let entry = |known: &StatementReport| {
        let sampling = known.sampling?;
        Some(TestEntry {
            statement: known.statement.to_owned(),
            false_alarm: sampling.false_alarm,
            detectable: finite(sampling.detectable),
        })
    };
    statements.iter().filter_map(entry).collect()
}

impl CounterexampleEntry {
    fn new(id: &str, found: &Counterexample) -> Self {
        Self {
            stage: found.stage,
            instance: found.label.clone(),
            case: found.case,
            statement: found.comparison.statement().to_owned(),
            quantity: finite(found.comparison.quantity().mid()),
            bound: finite(found.comparison.bound().mid()),
            margin: finite(found.comparison.margin()),
            tolerance: finite(found.comparison.tolerance()),
            test: found.spec.as_ref().map(|spec| pasted_test(id, spec)),
        }
    }
}

impl From<&ClaimReport> for ClaimEntry {
    fn from(report: &ClaimReport) -> Self {
        let stages = Stages {
            pinned: StageEntry::from(&report.pinned),
            random: StageEntry::from(&report.random),
            data: StageEntry::from(&report.data),
        };
        let dropped = report.controls.dropped.iter().map(|control| DroppedEntry {
            name: control.name.to_owned(),
            verdict: control.verdict,
            rejected: control.rejected,
            missed: control.missed,
        });
        Self {
            id: report.id.to_owned(),
            statement: report.statement.to_owned(),
            kind: report.kind,
            verdict: report.verdict(),
            total: stages.total(),
            control_rejected: report.controls.rejected(),
            seed: report.seed,
            family: report.family.to_owned(),
            stages,
            control: control(&report.controls, &report.statements),
            dropped: dropped.collect(),
            tests: tests(&report.statements),
            pooled: report.pool.counts().iter().map(PooledEntry::from).collect(),
            factors: report.sensitivities.iter().map(FactorEntry::from).collect(),
            slopes: slopes(report),
            courses: courses(report),
            reasons: report.total().reasons,
            counterexample: report
                .counterexample
                .as_ref()
                .map(|found| CounterexampleEntry::new(report.id, found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Campaign;
    use crate::claims::find;

    #[test]
    fn counts_beyond_all_numbers_do_not_overflow() {
        let most = StageEntry {
            checked: usize::MAX,
            vacuous: 1,
            ..StageEntry::default()
        };
        assert_eq!(most.instances(), usize::MAX);
        let stages = Stages {
            pinned: most.clone(),
            random: most.clone(),
            data: most,
        };
        assert_eq!(stages.total().checked, usize::MAX);
    }

    #[test]
    fn totals_are_those_of_the_tallies() {
        for id in ["K4.lipschitz", "P3.local", "P8.convergence"] {
            let claim = find(id).unwrap();
            let data = [("sharp".to_owned(), claim.sharp().remove(0))];
            let report = Campaign { seed: 2, cases: 12 }.run(claim, &data, &|| ());
            let entry = ClaimEntry::from(&report);
            assert_eq!(entry.total, StageEntry::from(&report.total()), "{id}");
            assert_eq!(entry.total.instances(), report.total().instances());
            assert_eq!(entry.stages.data.instances(), 1);
            assert_eq!(entry.reasons, report.total().reasons);
            assert!(entry.control_rejected);
        }
    }

    #[test]
    fn the_first_of_equal_extremes_is_kept() {
        let stage = |margin, tolerance| StageEntry {
            worst_margin: margin,
            tolerance,
            tightness: tolerance,
            ..StageEntry::default()
        };
        let stages = Stages {
            pinned: stage(None, None),
            random: stage(Some(0.5), Some(1.0)),
            data: stage(Some(0.5), Some(2.0)),
        };
        let total = stages.total();
        assert_eq!(
            (total.worst_margin, total.tolerance),
            (Some(0.5), Some(1.0))
        );
        assert_eq!(total.tightness, Some(2.0));
        let stages = Stages {
            data: stage(Some(-0.5), Some(2.0)),
            ..stages
        };
        let total = stages.total();
        assert_eq!(
            (total.worst_margin, total.tolerance),
            (Some(-0.5), Some(2.0))
        );
    }

    #[test]
    fn controls_and_statements_are_joined_by_name() {
        let claim = find("P2.flow").unwrap();
        let report = Campaign { seed: 0, cases: 1 }.run(claim, &[], &|| ());
        let entry = ClaimEntry::from(&report);
        let sharpness = report.controls.sharpness.unwrap();
        assert_eq!(entry.control.len(), sharpness.statements.len());
        for (one, other) in entry.control.iter().zip(&sharpness.statements) {
            assert_eq!((&*one.statement, one.rejected), (other.0, other.2));
            assert_eq!(one.tightness, Some(other.1));
            assert!(one.margin.is_some() && one.margin_tolerance.is_some());
            assert!(one.tightness_tolerance.is_some_and(|t| t < 1e-6));
        }
    }

    #[test]
    fn statistical_claims_state_their_error_probabilities() {
        let campaign = Campaign { seed: 0, cases: 1 };
        let entry = |id| ClaimEntry::from(&campaign.run(find(id).unwrap(), &[], &|| ()));
        let hoeffding = entry("R2.hoeffding");
        assert_eq!(hoeffding.tests.len(), 1);
        assert_eq!(hoeffding.tests[0].false_alarm, 1e-15);
        // 8192 trials of an event of probability 0.9, the weaker of the two tests.
        let power = hoeffding.tests[0].detectable.unwrap();
        assert!(power > 0.9 && power < 0.95, "{power}");
        assert!(entry("P1.gradient").tests.is_empty());
    }

    #[test]
    fn numbers_that_are_not_finite_are_absent() {
        assert_eq!(finite(f64::NAN), None);
        assert_eq!(finite(f64::NEG_INFINITY), None);
        assert_eq!(finite(-0.5), Some(-0.5));
    }

    #[test]
    fn pooled_events_are_added_and_tested() {
        let entry = |events, trials| PooledEntry {
            statement: "lost".to_owned(),
            bound: 1e-3,
            seen: Frequency { events, trials },
            detectable: None,
        };
        let mut pooled = entry(2, 256);
        assert!(!pooled.is_violated());
        pooled.add(&entry(30, 256));
        assert_eq!(
            pooled.seen,
            Frequency {
                events: 32,
                trials: 512
            }
        );
        assert!(pooled.is_violated());
        let detectable = pooled.detectable.unwrap();
        assert!(detectable > 0.02 && detectable < 0.2, "{detectable}");
    }
}
