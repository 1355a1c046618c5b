//! What failed and what is open, with the reasons in a line.

use super::words::mark;
use crate::evidence::Verdict;
use crate::report::advice::{is_failed, is_open};
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
                    ul { @for claim in claims { li { (standing(claim)) " " (link(claim)) ": " (claim.why()) } } }
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
