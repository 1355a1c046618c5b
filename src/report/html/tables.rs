//! The tables of a claim's section.

use super::words::{rejected, short, tightness};
use crate::campaign::Stage;
use crate::evidence::statistics::FALSE_ALARM;
use crate::evidence::statistics::MISS;
use crate::pages::typeset;
use crate::report::{ClaimEntry, Number, StageEntry};
use maud::{Markup, html};

/// A table that scrolls by itself where it is too wide.
pub(crate) fn table(caption: &str, head: &[(&str, bool)], body: Markup) -> Markup {
    html! {
        div .wide tabindex="0" role="group" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for (title, number) in head { th scope="col" .number[*number] { (title) } } } }
                tbody { (body) }
            }
        }
    }
}

/// What is counted, and what a column of it is called.
type Count = (&'static str, fn(&StageEntry) -> usize);

/// Counts, margins and tightness, stage by stage.
pub(super) fn stages(claim: &ClaimEntry) -> Markup {
    let counts: [Count; 6] = [
        ("hold", |counts| counts.checked),
        ("violated", |counts| counts.violated),
        ("vacuous", |counts| counts.vacuous),
        ("undecided", |counts| counts.undecided),
        ("inapplicable", |counts| counts.inapplicable),
        ("drawn anew", |counts| counts.redrawn),
    ];
    // What was never counted would make the table wider than a page.
    let counts = counts
        .into_iter()
        .enumerate()
        .filter(|(k, (_, of))| *k < 2 || of(&claim.total) > 0);
    let counts: Vec<Count> = counts.map(|(_, one)| one).collect();
    let names = counts.iter().map(|(name, _)| (*name, true));
    let head: Vec<(&str, bool)> = std::iter::once(("instances", false))
        .chain(names)
        .chain([
            ("worst margin", true),
            ("tolerance", true),
            ("tightness", true),
        ])
        .collect();
    let stages = Stage::ALL.map(|stage| (stage.to_string(), claim.stages.get(stage)));
    let rows = stages
        .into_iter()
        .filter(|(_, counts)| counts.instances() > 0);
    let rows = rows.chain([("all".to_owned(), &claim.total)]);
    table(
        "What was counted",
        &head,
        html! { @for (name, stage) in rows {
            tr {
                th scope="row" { (name) }
                @for (_, of) in &counts { td .number { (of(stage)) } }
                td .number { (short(stage.worst_margin)) }
                td .number { (short(stage.tolerance)) }
                td .number { (tightness(stage.tightness)) }
            }
        } },
    )
}

/// Why instances did not count.
pub(super) fn reasons(claim: &ClaimEntry) -> Markup {
    let mut reasons: Vec<(&String, &usize)> = claim.reasons.iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(a.1));
    html! {
        @if !reasons.is_empty() {
            p { "Why instances did not count:" }
            ul { @for (reason, times) in reasons { li { (times) "× " (reason) } } }
        }
    }
}

/// Every statement on the sharp instances, and its strengthened form.
pub(super) fn controls(claim: &ClaimEntry) -> Markup {
    if claim.control.is_empty() {
        return html! {};
    }
    let head = [
        ("statement", false),
        ("made too strong", false),
        ("tightness", true),
        ("margin", true),
        ("tolerance", true),
    ];
    table(
        "Statements on the sharp instances, and their controls",
        &head,
        html! { @for control in &claim.control {
            tr {
                th scope="row" { (typeset(&control.statement)) }
                td { (rejected(control.rejected)) }
                td .number { (tightness(control.tightness)) }
                td .number { (short(control.margin)) }
                td .number { (short(control.margin_tolerance)) }
            }
        } },
    )
}

/// Every dropped hypothesis.
pub(super) fn dropped(claim: &ClaimEntry) -> Markup {
    if claim.dropped.is_empty() {
        return html! {};
    }
    table(
        "What is wrong on purpose",
        &[
            ("what", false),
            ("the check says", false),
            ("as it must", false),
        ],
        html! { @for control in &claim.dropped {
            tr {
                th scope="row" { (control.name) }
                td { (control.verdict) }
                td { (rejected(control.rejected)) }
            }
        } },
    )
}

/// The error probabilities of what random draws decide.
pub(super) fn tests(claim: &ClaimEntry) -> Markup {
    let one = claim.tests.iter().map(|test| {
        (
            &test.statement,
            short(Some(test.false_alarm)),
            test.detectable,
        )
    });
    let pooled = claim.pooled.iter().map(|events| {
        (
            &events.statement,
            format!("{FALSE_ALARM:e}"),
            events.detectable,
        )
    });
    let rows: Vec<(&String, String, Number)> = one.chain(pooled).collect();
    if rows.is_empty() {
        return html! {};
    }
    let caption = format!(
        "What random draws decide; a departure that is detected is missed with probability {MISS:.0e}"
    );
    table(
        &caption,
        &[
            ("statement", false),
            ("false alarm", true),
            ("detects", true),
        ],
        html! { @for (statement, alarm, detects) in rows {
            tr { th scope="row" { (typeset(statement)) } td .number { (alarm) } td .number { (short(detects)) } }
        } },
    )
}

/// How wrong each factor may be; those that make no difference to this claim in a sentence.
pub(super) fn factors(claim: &ClaimEntry) -> Markup {
    let (seen, unseen): (Vec<_>, Vec<_>) = claim
        .factors
        .iter()
        .partition(|factor| factor.least.is_some());
    let names: Vec<&str> = unseen.iter().map(|factor| &*factor.factor).collect();
    html! {
        @if !seen.is_empty() {
            (table(
                "How wrong a factor of the bound may be before an instance notices",
                &[("factor", false), ("noticed from", true)],
                html! { @for factor in seen {
                    tr { th scope="row" { (typeset(&factor.factor)) } td .number { (share(factor.least)) } }
                } },
            ))
        }
        @if !names.is_empty() {
            p .soft { "Factors that its instances met and do not notice: " (names.join("; ")) "." }
        }
    }
}

fn share(least: Number) -> String {
    match least {
        Some(least) if least < 0.0 => format!("{} % smaller", -100.0 * least),
        Some(least) => format!("{} % larger", 100.0 * least),
        None => "not noticed".to_owned(),
    }
}
