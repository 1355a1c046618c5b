//! The regression gate: a run against a report that was kept.
//!
//! What must not get worse, claim by claim, and by how much it may move:
//!
//! * the claim, its control's statements and its dropped hypotheses are still
//!   there, each control still rejected, the kind of evidence no weaker: exactly;
//! * the instances *attempted* in every stage are no fewer: exactly;
//! * the instances on which it *holds*: exactly in the pinned stage, and on data
//!   under the same seed, which are the same instances; see
//!   [below](#random-counts) where they are drawn anew;
//! * every factor that the claim saw changed is still there, and seen at as small a change: exactly;
//! * on the pinned instances, tightness and margin of every statement, up to
//!   [rounding](#rounding).
//!
//! Nothing that depends on the speed of the machine is looked at. What the baseline does not
//! have, and what it has for which no fall would show, is noted and passes. The verdict is not compared beside the counts that
//! make it: a claim that no longer holds fails the run by itself.
//!
//! # Random counts
//! Let a claim hold with the same probability on a random instance of either
//! run, of `n` and `n'` independent ones. By Hoeffding's inequality for the
//! difference of two means of independent variables in [0,1],
//! ```text
//! P(share − share' ≥ t) ≤ exp(−2t²/(1/n + 1/n')),
//! ```
//! so a drop of the share by more than `t = √(ln(10⁹)(1/n + 1/n')/2)` is called
//! a regression with a false-alarm probability of at most 1e-9 a claim. For
//! `n = n'` that is a drop of the count by `√(n ln 10⁹)`: 73 of 256, 292 of 4096.
//! By the same inequality a true drop of the share by `2t` or more is noticed
//! with probability at least `1 − 1e-9`.
//!
//! # Rounding
//! Two runs on pinned instances differ by rounding alone (another instruction
//! set, another order of the same sums). A tightness is `r = s/l` with `s ≤ l`
//! each known up to `ρ_s`, `ρ_l`, and the tolerance is `t = (ρ_s + ρ_l)/l`, so
//! the truth differs from `r` by at most
//! `(ρ_s + rρ_l)/(l − ρ_l) ≤ t/(1 − t)`; the same holds for a margin, which is
//! `±(l − s)/l`, or a difference over a fixed scale. Two computed values of one
//! comparison differ by twice that. The *largest* tightness falls by no more
//! than that of the comparison which was sharpest in the baseline; the
//! *smallest* margin by no more than that of the comparison which is closest
//! now. The tolerance is a function of the same numbers in both runs, so one
//! run's is used twice. The instances themselves are computed (an eigenvector,
//! say), hence move by rounding too: [`MARGIN_ALLOWANCE`] is added, a choice,
//! some 10⁹ roundings. The allowed fall is `2t/(1 − t) + 1e-6`.

use super::gated::is_exact;
use super::{
    ClaimEntry, ControlEntry, DataEntry, DroppedEntry, FactorEntry, Gated, Number, Report, Run,
    StageEntry,
};
use crate::campaign::Stage;
use crate::text::count;
use serde::{Deserialize, Serialize};

/// How far tightness and margin of a pinned instance may fall beyond rounding.
pub const MARGIN_ALLOWANCE: f64 = 1e-6;

/// False-alarm probability of the comparison of random counts.
const FALSE_ALARM: f64 = 1e-9;

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The claim's id, or `every claim`.
    pub claim: String,
    /// What changed.
    pub what: String,
    /// In the baseline.
    pub before: String,
    /// In this run.
    pub now: String,
    /// How far it might have fallen, where that is not zero.
    pub allowance: Number,
}

/// A run against its baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BaselineReport {
    /// Everything that got worse.
    pub regressions: Vec<Change>,
    /// Everything that is not gated, because it is new or otherwise than it was.
    pub notes: Vec<Change>,
    /// How much is gated.
    #[serde(default)]
    pub gated: Gated,
}

impl BaselineReport {
    /// Tells whether nothing got worse.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.regressions.is_empty()
    }
}

/// Why a report is no baseline of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotComparable {
    /// The two are not about the same thing.
    #[error(
        "the baseline was written with {before} and this run is with {now}: use the same \
         --data, --array, --target, --kernel and --max-samples, or write another baseline"
    )]
    Data {
        /// The data of the baseline.
        before: String,
        /// The data of this run.
        now: String,
    },
    /// One part of a run.
    #[error(
        "the baseline is part {part} of a run, with a share of the instances only: put the parts \
         together with `polyak merge`, or write another baseline"
    )]
    Part {
        /// Which part.
        part: String,
    },
    /// A run that was stopped.
    #[error(
        "the baseline is the report of a run that was stopped before its last claim: finish it with \
         `polyak verify --resume`, or write another baseline"
    )]
    Unfinished,
    /// Nothing that the run selects.
    #[error(
        "the baseline has none of the claims that this run selects, and would gate nothing: name others with \
         --family, or write another baseline"
    )]
    GatesNothing,
}

/// Compares a run with its baseline, on the claims that the run selects.
///
/// # Errors
/// Those of [`Report::require_comparable`].
pub fn compare(baseline: &Report, now: &Report) -> Result<BaselineReport, NotComparable> {
    baseline.require_comparable(&now.run)?;
    let mut found = BaselineReport::default();
    found.take_stock(baseline, now);
    let same_seed = baseline.run.seed == now.run.seed;
    for before in &baseline.claims {
        match now.claims.iter().find(|claim| claim.id == before.id) {
            Some(claim) => Pair { before, now: claim }.gate(same_seed, &mut found.regressions),
            None if selects(&now.run.selection, before) => found.regressions.push(Change {
                claim: before.id.clone(),
                what: "the claim".into(),
                before: format!("{}, {}", before.kind, before.verdict),
                now: "gone".into(),
                allowance: None,
            }),
            None => (),
        }
    }
    Ok(found)
}

impl Report {
    /// Makes sure that a run can be compared with this report as its baseline.
    ///
    /// # Errors
    /// The data, their shape, or the kernel differ (of a path only the last part counts); this is no report of a
    /// whole run; it has none of the claims that the run selects.
    pub fn require_comparable(&self, run: &Run) -> Result<(), NotComparable> {
        if self.unfinished {
            return Err(NotComparable::Unfinished);
        }
        if let Some(shard) = self.run.shard {
            let part = shard.to_string();
            return Err(NotComparable::Part { part });
        }
        let [before, now] = [&self.run.data, &run.data].map(described);
        if before != now {
            return Err(NotComparable::Data { before, now });
        }
        let mut claims = self.claims.iter();
        match claims.any(|claim| selects(&run.selection, claim)) {
            true => Ok(()),
            false => Err(NotComparable::GatesNothing),
        }
    }
}

/// What makes two runs comparable: data, target and kernel as asked for.
fn described(data: &DataEntry) -> String {
    let file = data.file.as_deref().unwrap_or("the embedded digits");
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let target = data.target.as_deref().unwrap_or("LAST");
    let array = data.array.as_ref();
    let array = array.map_or_else(String::new, |array| format!(", array {array}"));
    format!(
        "{} of {name} ({} → {}, target {target}{array}), kernel {}",
        count(data.samples, "sample"),
        data.inputs,
        data.targets,
        data.kernel
    )
}

/// Tells whether a selection, by families, ids or numbers, includes a claim.
fn selects(selection: &[String], claim: &ClaimEntry) -> bool {
    let number = claim.id.split('.').next().unwrap_or(&claim.id);
    let known = [&*claim.family, &*claim.id, number];
    let named = |name: &String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    selection.is_empty() || selection.iter().any(named)
}

/// One claim in both runs.
struct Pair<'a> {
    before: &'a ClaimEntry,
    now: &'a ClaimEntry,
}

impl Pair<'_> {
    fn change(
        &self,
        what: impl Into<String>,
        values: [impl ToString; 2],
        allowance: Number,
    ) -> Change {
        let [before, now] = values.map(|value| value.to_string());
        Change {
            claim: self.before.id.clone(),
            what: what.into(),
            before,
            now,
            allowance,
        }
    }

    fn gate(&self, same_seed: bool, changes: &mut Vec<Change>) {
        let kinds = [self.before.kind, self.now.kind];
        if kinds[1] < kinds[0] {
            changes.push(self.change("kind of evidence", kinds, None));
        }
        for stage in Stage::ALL {
            changes.extend(self.counts(stage, is_exact(stage, same_seed)));
        }
        for statement in &self.before.control {
            changes.extend(self.statement(statement));
        }
        for factor in &self.before.factors {
            changes.extend(self.factor(factor));
        }
        for dropped in &self.before.dropped {
            let named = |other: &&DroppedEntry| other.name == dropped.name;
            let now = self.now.dropped.iter().find(named);
            if dropped.rejected && !now.is_some_and(|now| now.rejected) {
                let what = format!("dropped hypothesis `{}`", dropped.name);
                let now = now.map_or("gone", |_| "NOT REJECTED");
                changes.push(self.change(what, ["rejected", now], None));
            }
        }
    }

    /// A factor that is seen later than before, or no more.
    fn factor(&self, before: &FactorEntry) -> Option<Change> {
        let share = before.least?.abs();
        let now = self
            .now
            .factors
            .iter()
            .find(|now| now.factor == before.factor);
        if now.is_some_and(|now| now.is_seen_at(share)) {
            return None;
        }
        let at = |entry: &FactorEntry| match entry.least {
            Some(least) => format!("seen at {}", least.abs()),
            None => "unseen".to_owned(),
        };
        let what = format!("factor `{}`", before.factor);
        let now = now.map_or("gone".to_owned(), at);
        Some(self.change(what, [at(before), now], None))
    }

    fn counts(&self, stage: Stage, exact: bool) -> Option<Change> {
        let (before, now) = (self.before.stages.get(stage), self.now.stages.get(stage));
        let attempted = [before, now].map(StageEntry::instances);
        if attempted[1] < attempted[0] {
            let what = format!("{stage} instances attempted");
            return Some(self.change(what, attempted, None));
        }
        if attempted[0] == 0 {
            return None;
        }
        let holds = [before.checked, now.checked];
        let what = format!("{stage} instances on which it holds");
        if exact {
            return (holds[1] < holds[0]).then(|| self.change(what, holds, None));
        }
        let sizes = attempted.map(|count| count as f64);
        let shares = [holds[0] as f64 / sizes[0], holds[1] as f64 / sizes[1]];
        let allowance = share_allowance(sizes);
        let values = [0, 1].map(|i| format!("{} of {}", holds[i], attempted[i]));
        (shares[0] - shares[1] > allowance)
            .then(|| self.change(what, values, Some(allowance * sizes[1])))
    }

    fn statement(&self, before: &ControlEntry) -> Vec<Change> {
        let named = |other: &&ControlEntry| other.statement == before.statement;
        let Some(now) = self.now.control.iter().find(named) else {
            let what = format!("statement `{}`", before.statement);
            return vec![self.change(what, ["there", "gone"], None)];
        };
        let mut changes = Vec::new();
        if before.rejected && !now.rejected {
            let what = format!("control of `{}`", before.statement);
            changes.push(self.change(what, ["rejected", "NOT REJECTED"], None));
        }
        for (name, values, tolerance) in [
            (
                "tightness",
                [before.tightness, now.tightness],
                before.tightness_tolerance,
            ),
            ("margin", [before.margin, now.margin], now.margin_tolerance),
        ] {
            let allowance = pinned_allowance(tolerance);
            if fell(values, allowance) {
                let what = format!("pinned {name} of `{}`", before.statement);
                let values = values.map(|v| v.map_or("none".into(), |v| format!("{v:.9e}")));
                changes.push(self.change(what, values, Some(allowance)));
            }
        }
        changes
    }
}

/// Tells whether a number fell by more than an allowance, or is there no longer.
fn fell([before, now]: [Number; 2], allowance: f64) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => before - now > allowance,
        (before, now) => before.is_some() && now.is_none(),
    }
}

/// `√(ln(10⁹)(1/n + 1/n')/2)`: see the head of this file.
pub(super) fn share_allowance(sizes: [f64; 2]) -> f64 {
    (-FALSE_ALARM.ln() * (sizes[0].recip() + sizes[1].recip()) / 2.0).sqrt()
}

/// `2t/(1 − t) + 1e-6`: see the head of this file.
fn pinned_allowance(tolerance: Number) -> f64 {
    let tolerance = tolerance.unwrap_or(0.0);
    2.0 * tolerance / (1.0 - tolerance) + MARGIN_ALLOWANCE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Kind, Verdict};
    use crate::report::fixture::report;

    /// What the gate says of the fixture against the fixture as it was before `doctor`.
    fn regressions(doctor: impl FnOnce(&mut Report)) -> Vec<Change> {
        let mut baseline = report();
        doctor(&mut baseline);
        compare(&baseline, &report()).unwrap().regressions
    }

    fn only(doctor: impl FnOnce(&mut Report)) -> Change {
        let mut found = regressions(doctor);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    #[test]
    fn nothing_changed_is_nothing_to_say() {
        let found = compare(&report(), &report()).unwrap();
        assert!(found.passed() && found.notes.is_empty());
        assert!(BaselineReport::default().passed());
    }

    #[test]
    fn parts_and_stopped_runs_are_no_baselines() {
        let mut part = report();
        part.run.shard = Some("2/3".parse().unwrap());
        let refused = compare(&part, &report()).unwrap_err();
        assert!(refused.to_string().contains("part 2/3"), "{refused}");
        let refused = compare(&report().so_far(), &report()).unwrap_err();
        assert_eq!(refused, NotComparable::Unfinished);
    }

    #[test]
    fn a_baseline_that_gates_nothing_is_none() {
        let mut empty = report();
        empty.claims.clear();
        let refused = compare(&empty, &report()).unwrap_err();
        assert_eq!(refused, NotComparable::GatesNothing);
        // Claims that this run does not select.
        let mut other = report();
        other.run.selection = vec!["R3".into()];
        other.claims.clear();
        let refused = compare(&report(), &other).unwrap_err();
        assert!(refused.to_string().contains("--family"), "{refused}");
    }

    #[test]
    fn a_changed_seed_passes() {
        // The runs differ in the drawn instances alone.
        let claims = ["K4.lipschitz", "P3.local"].map(|id| {
            let claim = crate::claims::find(id).unwrap();
            let data = [("a sharp one".to_owned(), claim.sharp().remove(0))];
            let campaign = crate::campaign::Campaign {
                seed: 99,
                cases: 64,
            };
            campaign.run(claim, &data, &|| ())
        });
        let run = Run {
            seed: 99,
            ..report().run
        };
        let other = Report::new(run, &claims);
        assert_ne!(other.claims, report().claims);
        for (before, now) in [(&other, &report()), (&report(), &other)] {
            let found = compare(before, now).unwrap();
            assert!(found.passed());
            // One data instance is too few for chance to be told from change, where the seed is another.
            let what = found.notes.iter().map(|note| &*note.what);
            let data = "data instances on which it holds (chance allows for none)";
            assert_eq!(what.collect::<Vec<_>>(), ["seed", data, data]);
        }
    }

    #[test]
    fn a_removed_claim_fails_if_it_was_selected() {
        let gone = |id: &str, family: &str, selection: &[&str]| {
            let mut baseline = report();
            let mut extra = baseline.claims[0].clone();
            (extra.id, extra.family) = (id.into(), family.into());
            baseline.claims.push(extra);
            let mut now = report();
            now.run.selection = selection.iter().map(ToString::to_string).collect();
            compare(&baseline, &now).unwrap().regressions
        };
        let change = gone("P9.flow", "pl", &[]).remove(0);
        assert_eq!((&*change.claim, &*change.now), ("P9.flow", "gone"));
        assert_eq!(change.before, "rounded, holds");
        assert_eq!(gone("P9.flow", "pl", &["PL"]).len(), 1);
        assert_eq!(gone("P9.flow", "pl", &["K4", "p9"]).len(), 1);
        assert_eq!(gone("P9.flow", "pl", &["P9.FLOW"]).len(), 1);
        assert!(gone("P9.flow", "pl", &["kernel", "P3"]).is_empty());
    }

    #[test]
    fn a_new_claim_is_noted_and_passes() {
        let mut baseline = report();
        let known = baseline.claims.remove(0);
        let found = compare(&baseline, &report()).unwrap();
        assert!(found.passed());
        assert_eq!(found.notes.len(), 1);
        assert_eq!(found.notes[0].claim, known.id);
    }

    #[test]
    fn a_weaker_kind_fails_and_a_stronger_one_passes() {
        let change = only(|baseline| baseline.claims[1].kind = Kind::Certified);
        assert_eq!((&*change.before, &*change.now), ("certified", "rounded"));
        assert!(regressions(|baseline| baseline.claims[1].kind = Kind::Statistical).is_empty());
    }

    #[test]
    fn fewer_instances_attempted_fail_in_every_stage() {
        let stage = |which: fn(&mut ClaimEntry) -> &mut StageEntry| {
            let change = only(|baseline| which(&mut baseline.claims[1]).inapplicable += 1);
            // Fewer in the baseline is more now.
            assert!(
                regressions(|baseline| {
                    let stage = which(&mut baseline.claims[1]);
                    (stage.checked, stage.vacuous, stage.inapplicable) = (0, 0, 0);
                })
                .is_empty()
            );
            change.what
        };
        let attempted = |name: &str| format!("{name} instances attempted");
        assert_eq!(stage(|c| &mut c.stages.pinned), attempted("pinned"));
        assert_eq!(stage(|c| &mut c.stages.random), attempted("random"));
        assert_eq!(stage(|c| &mut c.stages.data), attempted("data"));
    }

    #[test]
    fn half_the_instances_fail() {
        let change = only(|baseline| {
            let random = &mut baseline.claims[0].stages.random;
            random.checked *= 2;
            random.vacuous *= 2;
            random.undecided *= 2;
            random.inapplicable *= 2;
        });
        assert_eq!((&*change.before, &*change.now), ("128", "64"));
    }

    #[test]
    fn holding_on_fewer_pinned_instances_fails() {
        let mut now = report();
        let stage = &mut now.claims[1].stages.pinned;
        (stage.checked, stage.vacuous) = (stage.checked - 1, stage.vacuous + 1);
        for seed in [5, 6] {
            let mut baseline = report();
            baseline.run.seed = seed;
            let found = compare(&baseline, &now).unwrap().regressions;
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].what, "pinned instances on which it holds");
        }
    }

    #[test]
    fn data_are_the_same_instances_under_the_same_seed_only() {
        let mut now = report();
        let stage = &mut now.claims[1].stages.data;
        (stage.checked, stage.vacuous) = (stage.checked - 1, stage.vacuous + 1);
        let mut baseline = report();
        let found = compare(&baseline, &now).unwrap().regressions;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "data instances on which it holds");
        baseline.run.seed = 6;
        assert!(compare(&baseline, &now).unwrap().passed());
    }

    #[test]
    fn random_counts_may_fall_by_chance() {
        // √(64 ln 10⁹) = 36.4.
        let fallen_by = |count: usize| {
            let [baseline, now] = [20 + count, 20].map(|checked| {
                let mut report = report();
                report.claims[0].stages.random = StageEntry {
                    checked,
                    vacuous: 64 - checked,
                    ..StageEntry::default()
                };
                report
            });
            compare(&baseline, &now).unwrap().regressions
        };
        assert!(fallen_by(36).is_empty());
        let found = fallen_by(37);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&*found[0].before, &*found[0].now),
            ("57 of 64", "20 of 64")
        );
        let allowance = (64.0 * 1e9_f64.ln()).sqrt();
        assert!((found[0].allowance.unwrap() - allowance).abs() < 1e-12);
    }

    #[test]
    fn the_allowance_of_counts_is_hoeffdings() {
        // exp(−T²/n) = 1e-9 at T = √(n ln 10⁹).
        for n in [64.0, 256.0, 4096.0] {
            let drop = n * share_allowance([n, n]);
            assert!(((-drop * drop / n).exp() - 1e-9).abs() < 1e-15, "{n}");
        }
        // One count known exactly: the one-sample inequality exp(−2t²n).
        let share = share_allowance([100.0, 1e300]);
        assert!(((-2.0 * share * share * 100.0).exp() - 1e-9).abs() < 1e-15);
    }

    #[test]
    fn a_weakened_bound_fails() {
        let change = only(|baseline| {
            let control = &mut baseline.claims[1].control[0];
            control.tightness = control.tightness.map(|t| t + 2e-6);
            control.tightness_tolerance = Some(1e-9);
        });
        assert!(change.what.starts_with("pinned tightness of `"));
        assert!(change.allowance.unwrap() < 1.01e-6);
        // Within the allowance; and a tolerance of the baseline allows for itself.
        for (more, tolerance) in [(0.9e-6, 0.0), (0.021, 0.01), (-0.5, 0.0)] {
            let found = regressions(|baseline| {
                let control = &mut baseline.claims[1].control[0];
                control.tightness = control.tightness.map(|t| t + more);
                control.tightness_tolerance = Some(tolerance);
            });
            assert_eq!(found.is_empty(), more < 0.0202, "{more}");
        }
    }

    #[test]
    fn a_lost_margin_fails() {
        let change = only(|baseline| {
            let control = &mut baseline.claims[0].control[0];
            control.margin = control.margin.map(|m| m + 2e-6);
        });
        assert!(change.what.starts_with("pinned margin of `"));
        let mut now = report();
        now.claims[0].control[0].margin = None;
        now.claims[0].control[0].tightness = None;
        let found = compare(&report(), &now).unwrap().regressions;
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|change| change.now == "none"));
    }

    #[test]
    fn the_allowance_of_pinned_numbers_covers_two_roundings() {
        // Two readings of s/l, one with both radii up, one with both down.
        for (s, l, rho) in [(1.0, 2.0, 0.01), (1.9, 2.0, 0.01), (0.5, 1.0, 1e-4)] {
            let readings = [(s + rho) / (l - rho), (s - rho) / (l + rho)];
            let tolerance = 2.0 * rho / l;
            let allowance = pinned_allowance(Some(tolerance)) - MARGIN_ALLOWANCE;
            assert!(readings[0] - readings[1] <= allowance);
        }
        assert_eq!(pinned_allowance(None), MARGIN_ALLOWANCE);
    }

    #[test]
    fn a_control_must_stay_and_stay_rejected() {
        let mut now = report();
        now.claims[0].control[0].rejected = false;
        let found = compare(&report(), &now).unwrap().regressions;
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with("control of `"));
        assert_eq!(found[0].now, "NOT REJECTED");

        let mut now = report();
        let statement = now.claims[0].control.remove(0).statement;
        let found = compare(&report(), &now).unwrap().regressions;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, format!("statement `{statement}`"));

        let mut now = report();
        now.claims[1].dropped[0].rejected = false;
        let found = compare(&report(), &now).unwrap().regressions;
        assert_eq!((found.len(), &*found[0].now), (1, "NOT REJECTED"));
        now.claims[1].dropped.remove(0);
        let found = compare(&report(), &now).unwrap().regressions;
        assert_eq!((found.len(), &*found[0].now), (1, "gone"));
        // What was not rejected before cannot get worse.
        let mut baseline = report();
        baseline.claims[1].dropped[0].rejected = false;
        baseline.claims[0].control[0].rejected = false;
        assert!(compare(&baseline, &now).unwrap().passed());
    }

    #[test]
    fn other_data_are_not_comparable_and_other_folders_are() {
        let differ = |doctor: fn(&mut DataEntry)| {
            let mut baseline = report();
            baseline.run.data.file = Some("/there/x.csv".into());
            let mut now = report();
            now.run.data.file = Some("x.csv".into());
            doctor(&mut now.run.data);
            compare(&baseline, &now)
        };
        assert!(differ(|_| ()).is_ok());
        for doctor in [
            (|data| data.file = None) as fn(&mut DataEntry),
            |data| data.samples = 100,
            |data| data.inputs = 3,
            |data| data.targets = 1,
            |data| data.array = Some("other".into()),
            |data| data.kernel = "matern52:auto".into(),
            |data| data.target = Some("3".into()),
        ] {
            let error = differ(doctor).unwrap_err().to_string();
            assert!(error.contains("200 samples of x.csv"), "{error}");
            assert!(error.contains("write another baseline"), "{error}");
        }
    }

    #[test]
    fn a_regression_fails_the_report() {
        let verdicts = |claims: &[ClaimEntry]| claims.iter().all(|c| c.verdict == Verdict::Holds);
        assert!(verdicts(&report().claims));
        let mut found = BaselineReport::default();
        let judged = report().with_baseline(found.clone());
        assert_eq!(judged.outcome, super::super::Outcome::Holds);
        found.regressions = regressions(|baseline| baseline.claims[1].kind = Kind::Certified);
        let judged = report().with_baseline(found);
        assert_eq!(judged.outcome, super::super::Outcome::Failed);
    }
}
