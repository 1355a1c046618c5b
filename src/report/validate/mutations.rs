//! No leaf of a report can be changed for the better unnoticed.
//!
//! Every leaf of valid reports (a whole run that holds, one part of a run with statistical claims, a run that fails) is
//! deleted, emptied, set to zero, negated, made huge, or replaced by another word, one at a time, and the result is
//! read as each reader reads it. What may come of it, for a baseline:
//!
//! * *refused*: it is no report, or contradicts itself, or is not comparable with the run;
//! * *noted*: the gate says that it gates less, or what is otherwise;
//! * *stricter*: the run fails against it;
//! * *the same*: the gate says the same as of the original. These are the leaves that nothing is made of: see
//!   [`shown`] for the list.
//!
//! For a part to merge or a report to resume:
//!
//! * *refused*;
//! * *the same* verdicts, counts of instances, controls and outcome. The events of a pooled count are the one number
//!   that a verdict of the merged run hangs on and nothing else in a part bears on: they are believed, as long as the
//!   verdict of the part follows from them.

use crate::campaign::{Campaign, Shard, Stage};
use crate::claims::{find, registry};
use crate::evidence::Verdict;
use crate::report::fixture::{report, run};
use crate::report::{
    BaselineReport, FactorEntry, MARGIN_ALLOWANCE, Outcome, Report, compare, from_json, to_json,
};
use serde_json::Value;

/// Leaves that no verdict of their report, no count of instances and no gate depends on: words that are printed, extremes of
/// instances that are not pinned, the power of tests, tolerances that may be smaller. By the end of a path, its beginning,
/// or a part.
fn shown(path: &str) -> bool {
    let ends = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
    let begins = |names: &[&str]| names.iter().any(|name| path.starts_with(name));
    ends(&[
        "worst_margin",
        "tolerance",
        "tightness",
        "detectable",
        "false_alarm",
        "verdict",
        "missed",
    ]) || begins(&[
        "/data_notes",
        "/data/max_samples",
        "/selection",
        "/instruction_set",
    ]) || path.contains("/reasons/")
        || path.contains("/counterexample/")
        || path.contains("/pooled/")
        || path.contains("/tests/")
}

/// The paths of all leaves.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (i, value) in items.iter().enumerate() {
                leaves(value, &format!("{path}/{i}"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

fn without(value: &Value, path: &str) -> Value {
    let mut value = value.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            items.remove(name.parse().unwrap());
        }
        _ => unreachable!("a leaf has a parent"),
    }
    value
}

/// Every change of one leaf, with its name.
fn mutants(value: &Value) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    leaves(value, "", &mut paths);
    let mut all = Vec::new();
    for path in paths {
        all.push((format!("{path} deleted"), without(value, &path)));
        let old = value.pointer(&path).unwrap();
        let number = old.as_f64().unwrap_or(1.0);
        for new in [
            Value::Null,
            0.into(),
            (-1).into(),
            Value::from(-number),
            Value::from(number / 2.0),
            1e19.into(),
            u64::MAX.into(),
            Value::from(old.as_u64().unwrap_or(6) + 1),
            "another word".into(),
            "holds".into(),
            "violated".into(),
            "certified".into(),
            "statistical".into(),
            "thorough".into(),
            true.into(),
            false.into(),
            Value::Array(Vec::new()),
        ] {
            if new != *old {
                let mut changed = value.clone();
                let name = format!("{path} = {new}");
                *changed.pointer_mut(&path).unwrap() = new;
                all.push((name, changed));
            }
        }
    }
    all
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&to_json(report)).unwrap()
}

fn read(value: &Value) -> Option<Report> {
    from_json(registry(), "mutant", &value.to_string()).ok()
}

/// Tells whether a margin moves by less than a gate allows.
fn within_rounding(name: &str, before: &Value) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let now = name
        .split_once(" = ")
        .and_then(|(_, now)| now.parse::<f64>().ok());
    match (number(before.pointer(path(name))), now) {
        (Some(before), Some(now)) if path(name).ends_with("/margin") => {
            (now - before).abs() <= MARGIN_ALLOWANCE
        }
        _ => false,
    }
}

/// The path of a mutant's name.
fn path(name: &str) -> &str {
    name.split(' ').next().unwrap()
}

fn campaign(ids: &[&str], shard: Option<Shard>) -> Report {
    let campaign = Campaign { seed: 5, cases: 64 };
    let claims: Vec<_> = ids
        .iter()
        .map(|id| {
            campaign
                .run_part(
                    shard.unwrap_or(Shard::WHOLE),
                    find(id).unwrap(),
                    &[],
                    &|| (),
                )
                .unwrap()
        })
        .collect();
    let mut run = run();
    run.selection = ids.iter().map(ToString::to_string).collect();
    run.shard = shard;
    Report::new(run, &claims)
}

#[test]
fn no_leaf_of_a_baseline_can_be_weakened_in_silence() {
    let mut now = report();
    now.claims[1].factors = [("a bound: 2", Some(-0.05)), ("a bound: term", None)]
        .map(|(factor, least)| FactorEntry {
            factor: factor.to_owned(),
            least,
        })
        .to_vec();
    let same = |found: &BaselineReport| found.passed() && found.notes.is_empty();
    let mut refused = 0;
    let all = mutants(&value(&now));
    for (name, mutant) in &all {
        let Some(mutant) = read(mutant) else {
            refused += 1;
            continue;
        };
        let Ok(found) = compare(&mutant, &now) else {
            refused += 1;
            continue;
        };
        if same(&found) {
            let unchanged = mutant == now;
            let believed = shown(path(name)) || within_rounding(name, &value(&now));
            // Seen at as small a change, the other way; and the name of one that nobody sees.
            let believed = believed
                || name.ends_with("/least = 0.05")
                || path(name) == "/claims/1/factors/1/factor";
            assert!(unchanged || believed, "{name} is believed");
        }
    }
    assert!(2 * refused > all.len(), "{refused} of {}", all.len());
}

/// What a run, or the merged parts of one, say of a report.
fn effect(report: &Report) -> impl PartialEq + std::fmt::Debug + use<> {
    let claims = report.claims.iter().map(|claim| {
        let counts = Stage::ALL.map(|stage| claim.stages.get(stage).instances());
        let held = Stage::ALL.map(|stage| claim.stages.get(stage).checked);
        (
            claim.id.clone(),
            claim.verdict,
            counts,
            held,
            claim.control_rejected,
        )
    });
    (report.outcome, claims.collect::<Vec<_>>())
}

fn no_leaf_is_believed(report: &Report) {
    let whole = value(report);
    read(&whole)
        .unwrap()
        .require_registered(registry(), "r")
        .unwrap();
    for (name, mutant) in mutants(&whole) {
        let Some(mutant) = read(&mutant) else {
            continue;
        };
        // Another run is not resumed, nor merged with the others.
        let other = mutant.run != report.run || mutant.version != report.version;
        if other || mutant.require_registered(registry(), "r").is_err() || mutant == *report {
            continue;
        }
        let kept = effect(&mutant) == effect(report);
        let path = path(&name);
        let named = shown(path) || path.contains("/control/");
        assert!(kept && named, "{name} is believed");
    }
}

#[test]
fn no_leaf_of_a_part_is_believed() {
    for part in ["1/3", "2/3"] {
        no_leaf_is_believed(&campaign(
            &["K4.lipschitz", "R2.hoeffding"],
            part.parse().ok(),
        ));
    }
}

#[test]
fn no_leaf_of_a_run_that_fails_is_believed() {
    let mut failing = campaign(&["K4.lipschitz"], None);
    let claim = &mut failing.claims[0];
    let stage = &mut claim.stages.random;
    (stage.checked, stage.violated) = (stage.checked - 1, 1);
    stage.worst_margin = Some(-0.5);
    claim.total = claim.stages.total();
    claim.verdict = Verdict::Violated;
    claim.counterexample = Some(crate::report::CounterexampleEntry {
        stage: Stage::Random,
        instance: "case 7 (counted from 0), shrunk".into(),
        case: Some(7),
        statement: claim.control[0].statement.clone(),
        quantity: Some(2.0),
        bound: Some(1.0),
        margin: Some(-0.5),
        tolerance: Some(1e-12),
        test: Some("#[test]".into()),
    });
    let failing = failing.judged();
    assert_eq!(failing.outcome, Outcome::Failed);
    no_leaf_is_believed(&failing);
}

/// As many claims as the registry has, of which one is left.
#[test]
fn a_whole_run_has_all_its_claims() {
    let mut one = report();
    one.run.selection.clear();
    let refused = one.validate(registry(), "m.json").unwrap_err();
    assert!(refused.claim.is_some(), "{refused}");
    assert!(
        refused.to_string().contains("claims is missing"),
        "{refused}"
    );
    assert_eq!(one.so_far().validate(registry(), "m.json"), Ok(()));
    let mut swapped = report();
    swapped.claims.swap(0, 1);
    assert!(swapped.validate(registry(), "m.json").is_err());
    let mut twice = report();
    twice.claims.push(twice.claims[1].clone());
    assert!(twice.validate(registry(), "m.json").is_err());
}
