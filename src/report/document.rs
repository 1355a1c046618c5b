//! The report of a run.

use super::{BaselineReport, ClaimEntry};
use crate::arithmetic::{instruction_set, instruction_sets};
use crate::campaign::{ClaimReport, Effort, Shard};
use crate::evidence::Verdict;
use serde::{Deserialize, Serialize};

/// The version of the schema.
pub const SCHEMA: u32 = 1;

/// The data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataEntry {
    /// The file as given; absent for the embedded digits.
    pub file: Option<String>,
    /// The array in an archive, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array: Option<String>,
    /// The target as given; absent for the last column.
    pub target: Option<String>,
    /// Samples kept.
    pub samples: usize,
    /// Inputs of a sample.
    pub inputs: usize,
    /// Targets of a sample.
    pub targets: usize,
    /// The largest number of samples asked for.
    pub max_samples: usize,
    /// The kernel as asked for.
    pub kernel: String,
    /// The kernel with its bandwidth resolved on the data.
    pub resolved_kernel: String,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// How hard it tried.
    pub effort: Effort,
    /// The part that was run, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The names that selected the claims; none selects all.
    pub selection: Vec<String>,
    /// On which data.
    pub data: DataEntry,
    /// How the data were prepared, and what is wrong with them.
    pub data_notes: Vec<String>,
}

impl Run {
    /// Returns the run that this is a part of.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self {
            shard: None,
            ..self.clone()
        }
    }
}

/// A report: [`SCHEMA`] 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// 1.
    pub schema: u32,
    /// The version of this crate.
    pub version: String,
    /// [`instruction_set`](crate::arithmetic::instruction_set()) of the run; all of them, in alphabetical order and
    /// with commas between, if parts ran on several. Empty if that is not known.
    #[serde(default)]
    pub instruction_set: String,
    /// What was run.
    #[serde(flatten)]
    pub run: Run,
    /// Whether claims of the run are still to come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// What came of it.
    pub outcome: Outcome,
    /// One entry a claim, in the order of the theory.
    pub claims: Vec<ClaimEntry>,
    /// Against the baseline, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineReport>,
}

/// What came of a run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every claim holds, every control is rejected, and no baseline regressed.
    Holds,
    /// A claim is violated, a control is not rejected, or a baseline regressed.
    Failed,
    /// Nothing failed, but a claim was undecided, vacuous or inapplicable.
    Open,
}

impl Outcome {
    /// Returns the exit status of the command: 0, 1 and 3.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Failed => 1,
            Self::Open => 3,
        }
    }
}

impl Report {
    /// Gathers what a run found.
    pub fn new(run: Run, claims: &[ClaimReport]) -> Self {
        Self::of_entries(run, claims.iter().map(ClaimEntry::from).collect())
    }

    /// Gathers entries, some of an earlier run that was stopped.
    #[must_use]
    pub fn of_entries(run: Run, claims: Vec<ClaimEntry>) -> Self {
        let report = Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instruction_set: instruction_set().to_owned(),
            run,
            unfinished: false,
            outcome: Outcome::Open,
            claims,
            baseline: None,
        };
        report.judged()
    }

    /// The same with its outcome.
    pub(super) fn judged(mut self) -> Self {
        self.outcome = self.judge();
        self
    }

    /// Says that some of it was found on other instruction sets too.
    #[must_use]
    pub fn also_on(mut self, other: &str) -> Self {
        self.instruction_set = instruction_sets([self.instruction_set.as_str(), other]);
        self
    }

    /// Says that claims of the run are still to come.
    #[must_use]
    pub fn so_far(mut self) -> Self {
        self.unfinished = true;
        self.judged()
    }

    /// Adds the comparison with a baseline, and judges again.
    #[must_use]
    pub fn with_baseline(mut self, baseline: BaselineReport) -> Self {
        self.baseline = Some(baseline);
        self.judged()
    }

    /// Leaves the comparison with a baseline out, and judges again.
    #[must_use]
    pub fn without_baseline(mut self) -> Self {
        self.baseline = None;
        self.judged()
    }

    /// Leaves out what is there to be looked at alone: no baseline holds anything to slopes and courses.
    #[must_use]
    pub fn without_figures(mut self) -> Self {
        for claim in &mut self.claims {
            claim.slopes.clear();
            claim.courses.clear();
        }
        self
    }

    /// The outcome that follows from the claims and the baseline.
    pub(super) fn judge(&self) -> Outcome {
        let regressed = self.baseline.as_ref().is_some_and(|b| !b.passed());
        let failed =
            |claim: &ClaimEntry| claim.verdict == Verdict::Violated || !claim.control_rejected;
        if regressed || self.claims.iter().any(failed) {
            Outcome::Failed
        } else if !self.unfinished && self.claims.iter().all(|claim| self.is_settled(claim)) {
            Outcome::Holds
        } else {
            Outcome::Open
        }
    }

    /// Tells whether a claim holds, as far as this part of a run goes.
    fn is_settled(&self, claim: &ClaimEntry) -> bool {
        claim.verdict == Verdict::Holds || self.is_elsewhere(claim)
    }

    /// Tells whether this is a part of a run, and other parts have all instances of a claim.
    pub(super) fn is_elsewhere(&self, claim: &ClaimEntry) -> bool {
        self.run.shard.is_some() && claim.total.instances() == 0
    }

    /// Returns the command that runs one claim of this report again.
    #[must_use]
    pub fn replay_command(&self, claim: &str) -> String {
        let Run {
            seed, effort, data, ..
        } = &self.run;
        let mut command = format!("polyak verify --family {claim} --effort {effort} --seed {seed}");
        if let Some(shard) = self.run.shard {
            command += &format!(" --shard {shard}");
        }
        for (option, value) in [("data", &data.file), ("target", &data.target)] {
            if let Some(value) = value {
                command += &format!(" --{option} {}", quoted(value));
            }
        }
        command += &format!(" --kernel {}", quoted(&data.kernel));
        command + &format!(" --max-samples {}", data.max_samples)
    }
}

/// The word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:-+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::report;

    #[test]
    fn an_outcome_is_that_of_the_worst_claim() {
        let judged = |verdict, rejected| {
            let mut report = report();
            report.claims[1].verdict = verdict;
            report.claims[1].control_rejected = rejected;
            report.judge()
        };
        assert_eq!(judged(Verdict::Holds, true), Outcome::Holds);
        assert_eq!(judged(Verdict::Violated, true), Outcome::Failed);
        assert_eq!(judged(Verdict::Holds, false), Outcome::Failed);
        assert_eq!(judged(Verdict::Vacuous, false), Outcome::Failed);
        for open in [Verdict::Vacuous, Verdict::Undecided, Verdict::Inapplicable] {
            assert_eq!(judged(open, true), Outcome::Open);
        }
        let mut unfinished = report();
        assert_eq!(unfinished.clone().judged().outcome, Outcome::Holds);
        unfinished = unfinished.so_far();
        assert_eq!(unfinished.outcome, Outcome::Open);
        let all = [Outcome::Holds, Outcome::Failed, Outcome::Open];
        assert_eq!(all.map(Outcome::exit_status), [0, 1, 3]);
    }

    #[test]
    fn instruction_sets_are_those_of_all_parts_each_once() {
        let mut report = report();
        assert_eq!(report.instruction_set, instruction_set());
        report.instruction_set = "x86_64-v4".to_owned();
        let names = |report: &Report| report.instruction_set.clone();
        report = report.also_on("");
        assert_eq!(names(&report), "x86_64-v4");
        report = report.also_on("x86_64-v3, x86_64-v4").also_on("x86_64-v3");
        assert_eq!(names(&report), "x86_64-v3, x86_64-v4");
    }

    /// A part without an instance of a claim says nothing against it; a whole run without one does.
    #[test]
    fn claims_whose_instances_are_elsewhere_are_settled() {
        let mut report = report();
        report.claims[1].total = Default::default();
        report.claims[1].verdict = Verdict::Inapplicable;
        report.run.shard = Some("9/16".parse().unwrap());
        assert_eq!(report.judge(), Outcome::Holds);
        report.claims[1].total.inapplicable = 1;
        assert_eq!(report.judge(), Outcome::Open);
        report.claims[1].total.inapplicable = 0;
        report.run.shard = None;
        assert_eq!(report.judge(), Outcome::Open);
    }

    #[test]
    fn a_replay_names_everything_that_was_asked_for() {
        let mut report = report();
        assert_eq!(
            report.replay_command("P3.local"),
            "polyak verify --family P3.local --effort quick --seed 5 --kernel gaussian:auto \
             --max-samples 200"
        );
        report.run.data.file = Some("it's here.csv".into());
        report.run.data.target = Some("price".into());
        report.run.data.kernel = "gaussian:0.5*auto".into();
        report.run.shard = None;
        assert_eq!(
            report.replay_command("P3.local"),
            r"polyak verify --family P3.local --effort quick --seed 5 --data 'it'\''s here.csv' --target price --kernel 'gaussian:0.5*auto' --max-samples 200"
        );
    }
}
