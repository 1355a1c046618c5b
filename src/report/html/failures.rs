//! What failed and what is open, with the reasons in a line.

use super::answer::{is_failed, is_open};
use super::words::mark;
use crate::evidence::Verdict;
use crate::report::{ClaimEntry, Report};
use crate::text::count;
use maud::{Markup, html};

/// Leads to the section of a claim.
pub(super) fn link(claim: &ClaimEntry) -> Markup {
    html! { a href=(format!("#{}", claim.id)) { (claim.id) } }
}

/// What failed, then what is open, with the reason in a line.
pub(super) fn section(report: &Report) -> Markup {
    let failed: Vec<&ClaimEntry> = report
        .claims
        .iter()
        .filter(|claim| is_failed(claim))
        .collect();
    let open: Vec<&ClaimEntry> = report
        .claims
        .iter()
        .filter(|claim| is_open(report, claim))
        .collect();
    html! {
        @for (title, class, claims) in [("What failed", "failed", failed), ("What is left open", "open", open)] {
            @if !claims.is_empty() {
                section .loud.(class) {
                    h2 { (title) }
                    ul { @for claim in claims { li { (standing(claim)) " " (link(claim)) ": " (why(claim)) } } }
                }
            }
        }
    }
}

/// The verdict, or that a control stands where the claim itself holds.
fn standing(claim: &ClaimEntry) -> Markup {
    match claim.verdict {
        Verdict::Holds if !claim.control_rejected => {
            html! { span .mark.violated { span aria-hidden="true" { "✗" } " control" } }
        }
        verdict => mark(verdict),
    }
}

/// The reason of a claim that does not hold, in a line.
fn why(claim: &ClaimEntry) -> String {
    if let Some(found) = &claim.counterexample {
        return format!(
            "{} fails ({} stage, {})",
            found.statement, found.stage, found.instance
        );
    }
    if let Some(events) = claim.pooled.iter().find(|events| events.is_violated()) {
        return format!(
            "{} happens too often over all random instances",
            events.statement
        );
    }
    let standing = claim
        .control
        .iter()
        .filter(|control| !control.rejected)
        .map(|control| &control.statement);
    let dropped = claim
        .dropped
        .iter()
        .filter(|control| !control.rejected)
        .map(|control| &control.name);
    if let Some(name) = standing.chain(dropped).next() {
        return format!("a control is not rejected: {name}");
    }
    let most = claim.reasons.iter().max_by_key(|(_, times)| **times);
    most.map_or_else(
        || claim.statement.clone(),
        |(reason, times)| format!("{reason} ({times}×)"),
    )
}

/// The comparison with a baseline, if there was one.
pub(super) fn against_baseline(report: &Report) -> Markup {
    let Some(baseline) = &report.baseline else {
        return html! {};
    };
    html! {
        section .loud[!baseline.passed()] {
            h2 { "Against the baseline" }
            p {
                @if baseline.passed() { "Nothing got worse. " } @else { (count(baseline.regressions.len(), "regression")) ". " }
                "Held to the baseline: " (baseline.gated) "."
            }
            @if !baseline.passed() {
                ul { @for change in &baseline.regressions {
                    li { strong { (change.claim) } " " (change.what) ": " (change.before) " → " (change.now) }
                } }
            }
        }
    }
}
