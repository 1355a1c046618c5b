//! What a baseline gates of a run, and what it does not.
//!
//! A claim is gated if the baseline has it, a statement if the baseline knows its tightness and its margin on the pinned
//! instances. Everything else that the run has and the baseline does not hold it to is a note: it passes, and is said.

use super::baseline::share_allowance;
use super::{
    BaselineReport, Change, ClaimEntry, ControlEntry, DroppedEntry, FactorEntry, Report, StageEntry,
};
use crate::campaign::Stage;
use crate::text::count;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much of a run its baseline gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gated {
    /// Claims of the run that the baseline has.
    pub claims: usize,
    /// Claims of the run.
    pub of_claims: usize,
    /// Statements of the run whose tightness and margin on pinned instances the baseline has.
    pub statements: usize,
    /// Statements of the run that are compared on pinned instances.
    pub of_statements: usize,
    /// Factors that a claim of the run sees, and saw as early in the baseline.
    #[serde(default)]
    pub factors: usize,
    /// Factors that a claim of the run sees.
    #[serde(default)]
    pub of_factors: usize,
}

impl fmt::Display for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {}, {} of {}",
            self.claims,
            count(self.of_claims, "claim"),
            self.statements,
            count(self.of_statements, "statement")
        )?;
        match self.of_factors {
            0 => Ok(()),
            all => write!(f, ", {} of {}", self.factors, count(all, "factor")),
        }
    }
}

/// The name of what concerns every claim, in place of an id.
const EVERY: &str = "every claim";

fn note(claim: &str, what: impl Into<String>, values: [impl ToString; 2]) -> Change {
    let [before, now] = values.map(|value| value.to_string());
    Change {
        claim: claim.to_owned(),
        what: what.into(),
        before,
        now,
        allowance: None,
    }
}

impl BaselineReport {
    /// Adds what is gated, and notes of what is not.
    pub(super) fn take_stock(&mut self, baseline: &Report, now: &Report) {
        self.notes.extend(of_runs(baseline, now));
        let same_seed = baseline.run.seed == now.run.seed;
        let same_effort = baseline.run.effort == now.run.effort;
        for claim in &now.claims {
            self.gated.of_claims += 1;
            self.gated.of_statements += claim.control.len();
            self.gated.of_factors += claim.seen().count();
            let mut known = baseline.claims.iter();
            let Some(before) = known.find(|before| before.id == claim.id) else {
                let words = format!("{}, {}", claim.kind, claim.verdict);
                let values = ["not there".to_owned(), words];
                self.notes.push(note(&claim.id, "the claim", values));
                continue;
            };
            self.gated.claims += 1;
            self.notes.extend(of_words(before, claim));
            for stage in Stage::ALL {
                let [then, here] = [before, claim].map(|claim| claim.stages.get(stage));
                let exact = is_exact(stage, same_seed);
                let expected = stage == Stage::Random && !same_effort;
                let found = of_counts(&claim.id, stage, [then, here], exact, expected);
                self.notes.extend(found);
            }
            for statement in &claim.control {
                match of_statement(before, claim, statement) {
                    Some(ungated) => self.notes.push(ungated),
                    None => self.gated.statements += 1,
                }
            }
            self.notes.extend(of_dropped(before, claim));
            let gated = factors(before, claim);
            self.gated.factors += gated;
            let seen = claim.seen().count();
            if gated < seen {
                let what = "factors that it sees as early";
                self.notes.push(note(&claim.id, what, [gated, seen]));
            }
        }
    }
}

/// Tells whether the instances of a stage are the same ones in both runs.
pub(super) fn is_exact(stage: Stage, same_seed: bool) -> bool {
    match stage {
        Stage::Pinned => true,
        Stage::Random => false,
        Stage::Data => same_seed,
    }
}

/// What was run otherwise, and may be.
fn of_runs(baseline: &Report, now: &Report) -> Vec<Change> {
    let [before, run] = [&baseline.run, &now.run];
    let mut values = vec![
        ("version", [baseline.version.clone(), now.version.clone()]),
        (
            "instruction set",
            [baseline, now].map(|report| match &*report.instruction_set {
                "" => "not known".to_owned(),
                known => known.to_owned(),
            }),
        ),
        ("effort", [before, run].map(|run| run.effort.to_string())),
        ("seed", [before, run].map(|run| run.seed.to_string())),
    ];
    // Another seed keeps other samples, which have another median.
    if before.seed == run.seed {
        let resolved = [before, run].map(|run| run.data.resolved_kernel.clone());
        values.push(("kernel as resolved on the data", resolved));
    }
    let changed = values.into_iter().filter(|(_, [then, here])| then != here);
    changed
        .map(|(what, values)| note(EVERY, what, values))
        .collect()
}

/// How many of the factors that a claim sees it saw at as small a change before.
fn factors(before: &ClaimEntry, now: &ClaimEntry) -> usize {
    let as_early = |factor: &&FactorEntry| {
        let mut known = before.seen();
        let share = factor.least.map_or(0.0, f64::abs);
        known.any(|known| known.factor == factor.factor && known.is_seen_at(share))
    };
    now.seen().filter(as_early).count()
}

/// What the claim is, in words.
fn of_words(before: &ClaimEntry, now: &ClaimEntry) -> Vec<Change> {
    let mut found = Vec::new();
    if before.kind < now.kind {
        found.push(note(&now.id, "kind of evidence", [before.kind, now.kind]));
    }
    for (what, values) in [
        ("words of the claim", [&before.statement, &now.statement]),
        ("family", [&before.family, &now.family]),
    ] {
        if values[0] != values[1] {
            found.push(note(&now.id, what, values));
        }
    }
    found
}

/// Instances that the baseline did not attempt, and counts that no fall would show in.
fn of_counts(
    id: &str,
    stage: Stage,
    [before, now]: [&StageEntry; 2],
    exact: bool,
    expected: bool,
) -> Vec<Change> {
    let attempted = [before, now].map(StageEntry::instances);
    let mut found = Vec::new();
    if attempted[0] < attempted[1] && !expected {
        found.push(note(id, format!("{stage} instances attempted"), attempted));
    }
    if exact || attempted.contains(&0) {
        return found;
    }
    let sizes = attempted.map(|count| count as f64);
    if before.checked as f64 / sizes[0] <= share_allowance(sizes) {
        let what = format!("{stage} instances on which it holds (chance allows for none)");
        let of = |entry: &StageEntry| format!("{} of {}", entry.checked, entry.instances());
        found.push(note(id, what, [before, now].map(of)));
    }
    found
}

/// A statement of the run without numbers in the baseline.
fn of_statement(before: &ClaimEntry, now: &ClaimEntry, statement: &ControlEntry) -> Option<Change> {
    let mut known = before.control.iter();
    let named = |other: &&ControlEntry| other.statement == statement.statement;
    let what = format!("statement `{}`", statement.statement);
    match known.find(named) {
        None => Some(note(&now.id, what, ["not there", "there"])),
        Some(known) if known.tightness.is_none() || known.margin.is_none() => {
            let values = ["holds nowhere", "there"];
            Some(note(&now.id, what, values))
        }
        Some(known) if !known.rejected && statement.rejected => {
            let what = format!("control of {what}");
            Some(note(&now.id, what, ["NOT REJECTED", "rejected"]))
        }
        Some(_) => None,
    }
}

/// Dropped hypotheses that the baseline does not have, or did not see rejected.
fn of_dropped(before: &ClaimEntry, now: &ClaimEntry) -> Vec<Change> {
    let ungated = |dropped: &DroppedEntry| {
        let named = |other: &&DroppedEntry| other.name == dropped.name;
        let known = before.dropped.iter().find(named);
        let then = match known {
            Some(known) if known.rejected => return None,
            Some(_) => "NOT REJECTED",
            None => "not there",
        };
        let here = if dropped.rejected {
            "rejected"
        } else {
            "NOT REJECTED"
        };
        let what = format!("dropped hypothesis `{}`", dropped.name);
        Some(note(&now.id, what, [then, here]))
    };
    now.dropped.iter().filter_map(ungated).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Kind, Verdict};
    use crate::report::compare;
    use crate::report::fixture::report;

    /// What is gated and said of the fixture against the fixture as it was before `doctor`.
    fn against(doctor: impl FnOnce(&mut Report)) -> BaselineReport {
        let mut baseline = report();
        doctor(&mut baseline);
        compare(&baseline, &report()).unwrap()
    }

    #[track_caller]
    fn noted(doctor: impl FnOnce(&mut Report), what: &str, values: [&str; 2]) {
        let found = against(doctor);
        assert_eq!(found.regressions, []);
        let [note] = &found.notes[..] else {
            panic!("{:?}", found.notes);
        };
        assert!(note.what.starts_with(what), "{note:?}");
        assert_eq!([&*note.before, &*note.now], values);
    }

    #[test]
    fn the_same_run_is_gated_in_full() {
        let found = against(|_| ());
        let statements = report()
            .claims
            .iter()
            .map(|claim| claim.control.len())
            .sum();
        let whole = Gated {
            claims: 2,
            of_claims: 2,
            statements,
            of_statements: statements,
            ..Gated::default()
        };
        assert_eq!((found.gated, found.notes.len()), (whole, 0));
    }

    #[test]
    fn a_claim_that_is_not_there_takes_its_statements_with_it() {
        let found = against(|baseline| {
            baseline.claims.remove(0);
        });
        let lost = report().claims[0].control.len();
        assert_eq!((found.gated.claims, found.gated.of_claims), (1, 2));
        assert_eq!(found.gated.statements + lost, found.gated.of_statements);
        assert_eq!(found.notes[0].what, "the claim");
    }

    #[test]
    fn statements_without_numbers_are_not_gated() {
        let found = against(|baseline| {
            let control = &mut baseline.claims[0].control[0];
            (control.margin, control.tightness) = (None, None);
        });
        assert_eq!(found.gated.statements + 1, found.gated.of_statements);
        assert_eq!(found.notes[0].before, "holds nowhere");
        let found = against(|baseline| baseline.claims[1].control.clear());
        let all = report().claims[1].control.len();
        assert_eq!(found.gated.statements + all, found.gated.of_statements);
        assert_eq!(found.notes.len(), all);
        // What was not rejected could not be lost.
        noted(
            |baseline| baseline.claims[0].control[0].rejected = false,
            "control of statement `",
            ["NOT REJECTED", "rejected"],
        );
    }

    /// Factors that the baseline does not know, did not see, or saw later, are said to be.
    #[test]
    fn factors_that_are_gone_are_said() {
        let factor = |least: Option<f64>| FactorEntry {
            factor: "a bound: 2".to_owned(),
            least,
        };
        let with = |factors: Vec<FactorEntry>| {
            let mut report = report();
            report.claims[0].factors = factors;
            report
        };
        let now = with(vec![factor(Some(-0.05))]);
        let against = |factors| compare(&with(factors), &now).unwrap();
        for baseline in [vec![], vec![factor(None)], vec![factor(Some(0.1))]] {
            let found = against(baseline);
            assert!(found.passed());
            assert_eq!((found.gated.factors, found.gated.of_factors), (0, 1));
            let [note] = &found.notes[..] else {
                panic!("{:?}", found.notes);
            };
            assert_eq!((&*note.before, &*note.now), ("0", "1"));
        }
        let found = against(vec![factor(Some(0.05))]);
        assert_eq!((found.notes.len(), found.gated.factors), (0, 1));
        assert!(found.gated.to_string().ends_with(", 1 of 1 factor"));
    }

    #[test]
    fn every_difference_that_passes_is_said() {
        noted(
            |baseline| baseline.version = "0.0.9".into(),
            "version",
            ["0.0.9", env!("CARGO_PKG_VERSION")],
        );
        noted(
            |baseline| baseline.instruction_set.clear(),
            "instruction set",
            ["not known", crate::arithmetic::instruction_set()],
        );
        noted(
            |baseline| baseline.run.data.resolved_kernel = "gaussian:2.0".into(),
            "kernel as resolved",
            ["gaussian:2.0", "gaussian:3.0"],
        );
        noted(
            |baseline| baseline.claims[1].kind = Kind::Statistical,
            "kind of evidence",
            ["statistical", "rounded"],
        );
        noted(
            |baseline| baseline.claims[1].family = "lazy".into(),
            "family",
            ["lazy", "pl"],
        );
        noted(
            |baseline| baseline.claims[0].stages.data.checked -= 1,
            "data instances attempted",
            ["0", "1"],
        );
        noted(
            |baseline| {
                baseline.claims[1].dropped.remove(0);
            },
            "dropped hypothesis `too few layers`",
            ["not there", "rejected"],
        );
        noted(
            |baseline| baseline.claims[1].dropped[0].rejected = false,
            "dropped hypothesis `too few layers`",
            ["NOT REJECTED", "rejected"],
        );
        let reworded = against(|baseline| baseline.claims[0].statement = "another".into());
        assert_eq!(reworded.notes[0].what, "words of the claim");
    }

    #[test]
    fn counts_that_chance_explains_away_are_said() {
        // ln(10⁹)/n ≥ 1 up to n = 20: then even none of as many may hold.
        for (count, gated) in [(20, false), (21, true)] {
            let mut few = report();
            for claim in &mut few.claims {
                claim.stages.random = StageEntry {
                    checked: count,
                    ..StageEntry::default()
                };
            }
            let found = compare(&few, &few).unwrap();
            assert_eq!(found.notes.is_empty(), gated, "{count}");
            let mut none = few.clone();
            none.claims[0].stages.random = StageEntry {
                vacuous: count,
                ..StageEntry::default()
            };
            let found = compare(&few, &none).unwrap();
            assert_eq!(found.passed(), !gated, "{count}");
        }
    }

    #[test]
    fn more_effort_is_one_note() {
        let mut thorough = report();
        thorough.run.effort = crate::campaign::Effort::Thorough;
        thorough.claims[0].stages.random.checked *= 2;
        let found = compare(&report(), &thorough).unwrap();
        assert_eq!((found.notes.len(), &*found.notes[0].what), (1, "effort"));
        assert_eq!(found.notes[0].claim, EVERY);
        assert_eq!(report().claims[0].verdict, Verdict::Holds);
    }
}
