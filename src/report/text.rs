//! Reports as text: a table, with what needs words below each row.

use super::advice::Advice;
use super::{
    BaselineReport, Change, ClaimEntry, CounterexampleEntry, FactorEntry, Layout, Number, Outcome,
    Report,
};
use crate::campaign::{Controls, Stage};
use crate::evidence::Verdict;
use crate::evidence::statistics::{Frequency, MISS};
use crate::spectrum::certificate::decimal_above;
use crate::text::{count, printable, source};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Writes a report for people, at most 80 columns wide: what was run and [`answer_text`], then a table of every [`claim_text`],
/// and [`closing`].
///
/// Three things are wider where they must be: a word without a blank, a command to run, and a test to paste.
#[must_use]
pub fn to_text(report: &Report) -> String {
    let layout = Layout::PLAIN;
    let claims = report.claims.iter();
    let claims: String = claims.map(|c| claim_text(layout, report, c)).collect();
    let answer = answer_text(layout, report);
    run_text(layout, report)
        + "\n"
        + &answer
        + "\n"
        + &layout.head()
        + &claims
        + &closing(layout, report)
}

/// What was run, on which data, and the titles of the table.
#[must_use]
pub fn heading(layout: Layout, report: &Report) -> String {
    run_text(layout, report) + "\n" + &layout.head()
}

/// What was checked and what came of it, what that means, and what to do next.
#[must_use]
pub fn answer_text(layout: Layout, report: &Report) -> String {
    let advice = Advice::of(report);
    let checked = format!("{}. {}", advice.title, advice.checked);
    layout.wrapped(&checked, "", "") + &advice.text(layout)
}

/// What was run, and on which data.
fn run_text(layout: Layout, report: &Report) -> String {
    let run = &report.run;
    let data = &run.data;
    let source = source(data.file.as_deref());
    let heading = format!(
        "polyak {} · seed {} · effort {} ({} a claim) · {} of {source} \
         ({} → {}), kernel {}",
        report.version,
        run.seed,
        run.effort,
        count(run.effort.cases(), "random instance"),
        count(data.samples, "sample"),
        data.inputs,
        data.targets,
        data.resolved_kernel,
    );
    let mut text = layout.wrapped(&heading, "", "  ");
    for note in &run.data_notes {
        text += &layout.wrapped(note, "· ", "  ");
    }
    text
}

/// The comparison with the baseline, if there is one, and the sum of all claims.
#[must_use]
pub fn closing(layout: Layout, report: &Report) -> String {
    let mut text = "\n".to_owned();
    if let Some(baseline) = &report.baseline {
        text += &baseline_text(layout, baseline);
    }
    if let Some(factors) = all_factors(report) {
        text += &layout.wrapped(&factors, "", "  ");
    }
    text + &layout.wrapped(&summary(report), "", "  ")
}

/// The row of a claim, and what needs words.
#[must_use]
pub fn claim_text(layout: Layout, report: &Report, claim: &ClaimEntry) -> String {
    let total = &claim.total;
    let exponent = |number: Number| number.map_or("—".into(), |n| format!("{n:.1e}"));
    let verdict = if report.is_elsewhere(claim) {
        "elsewhere".to_owned()
    } else {
        claim.verdict.to_string()
    };
    let mut text = layout.row([
        claim.id.clone(),
        claim.kind.to_string(),
        verdict,
        total.checked.to_string(),
        total.vacuous.to_string(),
        total.undecided.to_string(),
        total.inapplicable.to_string(),
        exponent(total.worst_margin),
        exponent(total.tolerance),
        total.tightness.map_or("—".into(), |t| format!("{t:.6}")),
    ]);
    text += &layout.wrapped(&claim.statement, "    ", "    ");
    text += &layout.wrapped(&stages(claim), "    ", "    ");
    if let Some(power) = power(claim) {
        text += &layout.wrapped(&power, "    ", "    ");
    }
    if let Some(factors) = factors(claim) {
        text += &layout.wrapped(&factors, "    ", "    ");
    }
    if let Some(pooled) = pooled(claim) {
        text += &layout.wrapped(&pooled, "    ", "    ");
    }
    for events in claim.pooled.iter().filter(|events| events.is_violated()) {
        let Frequency {
            events: number,
            trials,
        } = events.seen;
        let line = format!(
            "VIOLATED over all random instances: {number} of {trials}, bound {:e}: {}",
            events.bound, events.statement
        );
        text += &layout.wrapped(&line, "    ", "      ");
    }
    let mut reasons: Vec<(&String, &usize)> = claim.reasons.iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(a.1));
    for (reason, count) in reasons {
        text += &layout.wrapped(&format!("{count}× {reason}"), "    ", "       ");
    }
    for control in claim.control.iter().filter(|control| !control.rejected) {
        let line = format!("NOT REJECTED: {}, strengthened", control.statement);
        text += &layout.wrapped(&line, "    ", "      ");
    }
    for control in claim.dropped.iter().filter(|control| !control.rejected) {
        let line = format!("NOT REJECTED: {} ({})", control.name, control.verdict);
        text += &layout.wrapped(&line, "    ", "      ");
    }
    if let Some(found) = &claim.counterexample {
        text += &violation(layout, report, claim, found);
    }
    text
}

/// Where the claim holds, stage by stage, what was rejected, and the seed.
fn stages(claim: &ClaimEntry) -> String {
    let mut parts = vec![];
    for stage in Stage::ALL {
        let counts = claim.stages.get(stage);
        if counts.instances() > 0 {
            let redrawn = match counts.redrawn {
                0 => String::new(),
                anew => format!(" ({anew} drawn anew)"),
            };
            let (checked, all) = (counts.checked, counts.instances());
            parts.push(format!("{stage} {checked}/{all}{redrawn}"));
        }
    }
    let statements = claim.control.iter().filter(|c| c.rejected).count();
    let dropped = claim.dropped.iter().filter(|c| c.rejected).count();
    let all = claim.control.len() + claim.dropped.len();
    parts.push(format!("controls rejected {}/{all}", statements + dropped));
    parts.push(format!("seed {}", claim.seed));
    parts.join(" · ")
}

/// The error probabilities of the tests of a statistical claim.
fn power(claim: &ClaimEntry) -> Option<String> {
    let detectable = claim.tests.iter().filter_map(|test| test.detectable);
    let (least, most) = detectable.fold((f64::INFINITY, 0.0_f64), |(least, most), d| {
        (least.min(d), most.max(d))
    });
    let false_alarm = claim.tests.first()?.false_alarm;
    Some(format!(
        "tests: false alarm {false_alarm:.0e} a comparison · miss {MISS:.0e} of departures of {} to {} (pinned)",
        decimal_above(least, 2),
        decimal_above(most, 2)
    ))
}

/// The changes of a factor up to which a summary counts: those that a reader would call close, and half.
const CLOSE: [f64; 2] = [0.05, 0.5];

/// As many unseen factors are named.
const FEW: usize = 12;

/// How many factors are seen at which change, and which are not.
fn factors(claim: &ClaimEntry) -> Option<String> {
    if claim.factors.is_empty() {
        return None;
    }
    let factors: Vec<&FactorEntry> = claim.factors.iter().collect();
    Some(format!("factors seen {}", shares(&factors)))
}

/// How many of these are seen at which change.
fn shares(factors: &[&FactorEntry]) -> String {
    let all = factors.len();
    let [close, half] = CLOSE.map(|share| factors.iter().filter(|f| f.is_seen_at(share)).count());
    format!("{close}/{all} at 5 %, {half}/{all} at 50 %")
}

/// The factors of all claims together, if any were tried: a formula that several share needs to be seen by one of them.
fn all_factors(report: &Report) -> Option<String> {
    let mut best: BTreeMap<&str, &FactorEntry> = BTreeMap::new();
    for factor in report.claims.iter().flat_map(|claim| &claim.factors) {
        let known = best.entry(&factor.factor).or_insert(factor);
        let least = |entry: &FactorEntry| entry.least.map_or(f64::INFINITY, f64::abs);
        if least(factor) < least(known) {
            *known = factor;
        }
    }
    let factors: Vec<&FactorEntry> = best.into_values().collect();
    if factors.is_empty() {
        return None;
    }
    let unseen: Vec<&str> = (factors.iter())
        .filter(|factor| factor.least.is_none())
        .map(|factor| &*factor.factor)
        .collect();
    let mut text = format!("factors seen by some claim: {}", shares(&factors));
    match unseen.len() {
        0 => {}
        1..=FEW => text += &format!(" · by none: {}", unseen.join("; ")),
        // A few claims see a few factors: the others are no news.
        more => text += &format!(" · {more} by none of these claims"),
    }
    Some(text)
}

/// The power of all random instances together.
fn pooled(claim: &ClaimEntry) -> Option<String> {
    let detectable = claim.pooled.iter().filter_map(|events| events.detectable);
    let (least, most) = detectable.fold((f64::INFINITY, 0.0_f64), |(least, most), d| {
        (least.min(d), most.max(d))
    });
    let trials = claim.pooled.iter().map(|events| events.seen.trials).max()?;
    Some(format!(
        "random instances together: up to {trials} draws · miss {MISS:.0e} of probabilities of {} to {}",
        decimal_above(least, 2),
        decimal_above(most, 2)
    ))
}

fn violation(
    layout: Layout,
    report: &Report,
    claim: &ClaimEntry,
    found: &CounterexampleEntry,
) -> String {
    let number = |number: Number| number.map_or("not finite".into(), |n| format!("{n:.17e}"));
    let mut text = String::new();
    let place = format!("VIOLATED on {} instance: {}", found.stage, found.instance);
    text += &layout.wrapped(&place, "    ", "      ");
    text += &layout.wrapped(&found.statement, "      statement ", "                ");
    for (name, value) in [
        ("quantity ", found.quantity),
        ("bound    ", found.bound),
        ("margin   ", found.margin),
        ("tolerance", found.tolerance),
    ] {
        let _ = writeln!(text, "      {name} {}", number(value));
    }
    let _ = writeln!(text, "      seed      {}", claim.seed);
    let _ = writeln!(text, "      replay    {}", report.replay_command(&claim.id));
    if let Some(test) = &found.test {
        text += "      test to paste:\n\n";
        for line in test.lines() {
            let _ = writeln!(text, "{}", printable(line));
        }
        text.push('\n');
    }
    text
}

fn baseline_text(layout: Layout, baseline: &BaselineReport) -> String {
    let line = |mark: &str, claims: &str, change: &Change| {
        let allowance = match change.allowance {
            Some(allowance) => format!(" (may fall by {allowance:.2e})"),
            None => String::new(),
        };
        let line = format!(
            "{claims} {}: {} → {}{allowance}",
            change.what, change.before, change.now
        );
        layout.wrapped(&line, mark, "    ")
    };
    let mut text = match baseline.regressions.len() {
        0 => "baseline: nothing got worse\n".to_owned(),
        1 => "baseline: 1 REGRESSION\n".to_owned(),
        number => format!("baseline: {number} REGRESSIONS\n"),
    };
    for change in &baseline.regressions {
        text += &line("  − ", &change.claim, change);
    }
    let heading = format!(
        "gated: {}{}",
        baseline.gated,
        if baseline.notes.is_empty() {
            ""
        } else {
            "; not gated, or otherwise than in the baseline:"
        }
    );
    text += &layout.wrapped(&heading, "  ", "    ");
    for (claims, change) in alike(&baseline.notes) {
        text += &line("  + ", &claims.join(", "), change);
    }
    text.push('\n');
    text
}

/// Changes that differ in the claim alone, together.
fn alike(changes: &[Change]) -> Vec<(Vec<&str>, &Change)> {
    let mut groups: Vec<(Vec<&str>, &Change)> = Vec::new();
    for change in changes {
        let same = |known: &Change| {
            (&known.what, &known.before, &known.now) == (&change.what, &change.before, &change.now)
        };
        match groups.iter_mut().find(|(_, known)| same(known)) {
            Some((claims, _)) => claims.push(&change.claim),
            None => groups.push((vec![&change.claim], change)),
        }
    }
    groups
}

fn summary(report: &Report) -> String {
    let outcome = match report.outcome {
        Outcome::Holds => "ALL HOLD",
        Outcome::Failed => "FAILED",
        Outcome::Open if report.unfinished => "UNFINISHED",
        Outcome::Open => "OPEN",
    };
    let mut parts = vec![];
    for verdict in [
        Verdict::Holds,
        Verdict::Violated,
        Verdict::Undecided,
        Verdict::Vacuous,
        Verdict::Inapplicable,
    ] {
        let here = report.claims.iter().filter(|c| !report.is_elsewhere(c));
        let of = here.filter(|c| c.verdict == verdict);
        match (of.count(), verdict) {
            (0, _) => (),
            (1, Verdict::Holds) => parts.push("1 holds".into()),
            (count, Verdict::Holds) => parts.push(format!("{count} hold")),
            (count, _) => parts.push(format!("{count} {verdict}")),
        }
    }
    let elsewhere = report.claims.iter().filter(|c| report.is_elsewhere(c));
    match elsewhere.count() {
        0 => (),
        count => parts.push(format!("{count} with all instances in other parts")),
    }
    let checked = report.claims.iter().map(|c| c.total.checked);
    let checked = checked.fold(0, usize::saturating_add);
    let loose = report.claims.iter().filter(|c| !c.control_rejected).count();
    let controls = match loose {
        0 => "every control rejected".to_owned(),
        _ => format!("{loose} with a control NOT REJECTED"),
    };
    format!(
        "{outcome}: {}{}, {} · {} checked · {controls}",
        count(report.claims.len(), "claim"),
        if report.unfinished { " so far" } else { "" },
        parts.join(", "),
        count(checked, "instance")
    )
}

/// Writes what the controls of one claim saw.
#[must_use]
pub fn controls_text(layout: Layout, claim: &str, controls: &Controls) -> String {
    let said = |rejected| if rejected { "rejected" } else { "NOT REJECTED" };
    let mut text = format!("{claim}\n");
    let sharpness = controls.sharpness.iter();
    for &(statement, tightness, rejected) in sharpness.clone().flat_map(|c| &c.statements) {
        let line = format!(
            "{}: {statement}, strengthened (tightness {tightness:.6})",
            said(rejected)
        );
        text += &layout.wrapped(&line, "    ", "      ");
    }
    if sharpness.clone().any(|c| c.statements.is_empty()) {
        text += "    NOT REJECTED: no statement is compared on the sharp instances\n";
    }
    for control in &controls.dropped {
        let line = format!(
            "{}: {} (the check says {})",
            said(control.rejected),
            control.name,
            control.verdict
        );
        text += &layout.wrapped(&line, "    ", "      ");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Campaign, controls, tests::fails_at_size};
    use crate::claims::find;
    use crate::report::fixture::{report, run};
    use crate::report::layout::{WIDTH, columns};

    #[test]
    fn every_row_is_there_and_fits() {
        let text = to_text(&report());
        for line in text.lines() {
            assert!(columns(line) <= WIDTH, "{line}");
        }
        let claim = &report().claims[1];
        let row = text
            .lines()
            .find(|line| line.starts_with("P3.local"))
            .unwrap();
        assert_eq!(row.split_whitespace().count(), 7, "{row}");
        // All columns, where there is room.
        let row = claim_text(Layout::of_columns(100), &report(), claim);
        let row = row.lines().next().unwrap();
        let cells: Vec<&str> = row.split_whitespace().collect();
        let total = &claim.total;
        assert_eq!(cells[1..3], ["rounded", "holds"]);
        let counts = [
            total.checked,
            total.vacuous,
            total.undecided,
            total.inapplicable,
        ];
        assert_eq!(cells[3..7], counts.map(|count| count.to_string()));
        assert_eq!(cells[7], format!("{:.1e}", total.worst_margin.unwrap()));
        assert_eq!(cells[8], format!("{:.1e}", total.tolerance.unwrap()));
        assert_eq!(cells[9], format!("{:.6}", total.tightness.unwrap()));
        assert!(text.contains("λ_min(𝕂_k⁰)"), "{text}");
        let random = &claim.stages.random;
        let counts = format!(
            "random {}/64 · data 1/1 · controls rejected",
            random.checked
        );
        assert!(text.contains(&counts), "{text}");
        assert!(text.contains("· 200 of 1797 samples are kept"));
        let checked: usize = report().claims.iter().map(|c| c.total.checked).sum();
        let last = format!(
            "ALL HOLD: 2 claims, 2 hold · {checked} instances checked · every control rejected"
        );
        assert_eq!(text.lines().last(), Some(&*last));
    }

    #[test]
    fn every_line_fits_every_terminal() {
        let mut report = report();
        report.claims[1]
            .reasons
            .insert("why not, in words".into(), 3);
        // A certificate's id or a number may be a word of its own; no word here is wider than 40 columns.
        for wide in 46..=200 {
            let layout = Layout::of_columns(wide);
            let claims = report.claims.iter();
            let claims: String = claims.map(|c| claim_text(layout, &report, c)).collect();
            let answer = answer_text(layout, &report);
            let text = heading(layout, &report) + &claims + &closing(layout, &report);
            for line in text.lines().chain(answer.lines()) {
                let to_run = line.starts_with("      polyak ");
                assert!(to_run || columns(line) <= wide, "{wide}: {line}");
            }
            if wide == WIDTH {
                let whole = to_text(&report);
                assert!(whole.contains(&answer) && whole.ends_with(&closing(layout, &report)));
                assert_eq!(whole.replacen(&format!("{answer}\n"), "", 1), text);
            }
        }
    }

    #[test]
    fn an_unfinished_report_says_so() {
        let text = to_text(&report().so_far());
        let sum = "\nUNFINISHED: 2 claims so far, 2 hold · ";
        assert!(text.contains(sum), "{text}");
        let mut failed = report();
        failed.claims[0].verdict = Verdict::Violated;
        let text = to_text(&failed.so_far());
        assert!(
            text.contains("FAILED: 2 claims so far, 1 holds, 1 violated"),
            "{text}"
        );
    }

    #[test]
    fn a_violation_says_how_to_see_it_again() {
        let claim = fails_at_size();
        let found = Campaign { seed: 5, cases: 64 }.run(&claim, &[], &|| ());
        let report = Report::new(run(), &[found]);
        assert_eq!(report.outcome, Outcome::Failed);
        let text = to_text(&report);
        let row = text.lines().find(|l| l.starts_with("T1.size")).unwrap();
        assert_eq!(row.split_whitespace().nth(2), Some("violated"));
        for part in [
            "VIOLATED on random instance: random instance 1, shrunk",
            "statement small",
            "quantity  2.00000000000000000e0",
            "bound     1.00000000000000000e0",
            "margin    -5.00000000000000000e-1",
            "tolerance 0.00000000000000000e0",
            "seed      5",
            "replay    polyak verify --family T1.size --effort quick --seed 5",
            "\nfn t1_size_counterexample() {",
            "FAILED: 1 claim, 1 violated",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn what_is_not_rejected_is_loud() {
        let mut report = report();
        report.claims[0].control[0].rejected = false;
        report.claims[0].control_rejected = false;
        report.claims[1].dropped[0].rejected = false;
        report.claims[1].control_rejected = false;
        report.claims[1].verdict = Verdict::Vacuous;
        report.claims[1].reasons.insert("why not".into(), 3);
        let text = to_text(&report);
        let statement = &report.claims[0].control[0].statement;
        assert!(text.contains(&format!("NOT REJECTED: {statement}, strengthened")));
        assert!(text.contains("NOT REJECTED: too few layers (inapplicable)"));
        assert!(text.contains("3× why not"));
        assert!(text.contains("1 holds, 1 vacuous · "));
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("2 with a control NOT REJECTED"), "{text}");
    }

    #[test]
    fn a_baseline_is_shown_as_a_difference() {
        let change = |claim: &str, allowance| Change {
            claim: claim.into(),
            what: "random instances attempted".into(),
            before: "256".into(),
            now: "64".into(),
            allowance,
        };
        let mut baseline = BaselineReport {
            regressions: vec![change("P3.local", None), change("K4.lipschitz", Some(0.5))],
            notes: vec![change("P9", None)],
            gated: Default::default(),
        };
        let text = to_text(&report().with_baseline(baseline.clone()));
        for line in [
            "baseline: 2 REGRESSIONS\n",
            "  − P3.local random instances attempted: 256 → 64\n",
            "  − K4.lipschitz random instances attempted: 256 → 64 (may fall by 5.00e-1)\n",
            "  + P9 random instances attempted: 256 → 64\n",
            "FAILED: 2 claims, 2 hold",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        baseline.regressions.truncate(1);
        assert!(baseline_text(Layout::PLAIN, &baseline).starts_with("baseline: 1 REGRESSION\n"));
        baseline.regressions.clear();
        assert!(
            baseline_text(Layout::PLAIN, &baseline)
                .starts_with("baseline: nothing got worse\n  gated: 0 of 0")
        );
    }

    #[test]
    fn controls_are_listed_one_by_one() {
        let claim = find("P3.local").unwrap();
        let mut seen = controls(claim, 0);
        let text = controls_text(Layout::PLAIN, claim.id(), &seen);
        assert_eq!(text.matches("    rejected: ").count(), 4);
        assert!(text.contains("rejected: too few layers (the check says inapplicable)"));
        assert!(!text.contains("NOT REJECTED"));
        seen.sharpness.as_mut().unwrap().statements.clear();
        seen.dropped[0].rejected = false;
        let text = controls_text(Layout::PLAIN, claim.id(), &seen);
        assert_eq!(text.matches("NOT REJECTED").count(), 2);
    }

    #[test]
    fn claims_of_other_parts_are_said_to_be_elsewhere() {
        let mut report = report();
        report.run.shard = Some("9/16".parse().unwrap());
        report.claims[1].total = Default::default();
        report.claims[1].verdict = Verdict::Inapplicable;
        let text = to_text(&report.judged());
        assert!(text.contains("elsewhere"), "{text}");
        assert!(
            text.contains("ALL HOLD: 2 claims, 1 holds, 1 with all instances in other"),
            "{text}"
        );
    }
}
