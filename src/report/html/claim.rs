//! The section of a claim.

use super::tables::{controls, dropped, factors, reasons, stages, tests};
use super::words::{exact, kind, mark};
use super::{Bound, drawn};
use crate::pages::{Page, typeset};
use crate::report::advice::{is_failed, is_open};
use crate::report::{ClaimEntry, CounterexampleEntry, Report};
use crate::theorem::Registry;
use maud::{Markup, html};

/// A section a claim, by family in the order of the theory.
pub(super) fn sections(registry: &Registry, report: &Report, pages: &Bound) -> Markup {
    let mut families: Vec<&str> = Vec::new();
    for claim in &report.claims {
        if !families.contains(&&*claim.family) {
            families.push(&claim.family);
        }
    }
    html! {
        section {
            h2 { "The claims" }
            p { "Each unfolds to its evidence and its proof." }
            @for family in families {
                h3 { "Family " (family) }
                @for claim in report.claims.iter().filter(|claim| claim.family == family) {
                    (section(registry, report, claim, pages))
                }
            }
        }
    }
}

fn section(registry: &Registry, report: &Report, claim: &ClaimEntry, pages: &Bound) -> Markup {
    let known = registry.find(&claim.id).ok();
    html! {
        details .claim #(claim.id) open[is_failed(claim) || is_open(report, claim)] {
            summary {
                h4 {
                    span .id { (claim.id) } " "
                    @if report.is_elsewhere(claim) { span .mark { "in other parts" } } @else { (mark(claim.verdict)) }
                }
                span .statement { (typeset(&claim.statement)) }
            }
            @if let Some(found) = &claim.counterexample { (violation(claim, found)) }
            @for events in claim.pooled.iter().filter(|events| events.is_violated()) {
                p .loud {
                    "Violated over all random instances: " (events.seen.events) " of " (events.seen.trials) " draws, where the bound is "
                    (format!("{:e}", events.bound)) ": " (events.statement)
                }
            }
            dl {
                @if let Some(known) = known {
                    @let about = known.about();
                    dt { "Hypotheses" }
                    @if about.hypotheses.is_empty() { dd { "none" } }
                    @for hypothesis in about.hypotheses { dd { (typeset(hypothesis)) } }
                    dt { "Source" } dd { (about.source) }
                    dt { "Tolerance" } dd { (about.tolerance) }
                    dt { "Random instances" } dd { (known.draws()) }
                }
                dt { "Kind of evidence" } dd { (kind(claim.kind)) }
                dt { "Seed" } dd { (claim.seed) }
                dt { "Run it again" } dd { code { (report.replay_command(&claim.id)) } }
            }
            (stages(claim))
            (drawn::slopes(claim))
            (drawn::courses(claim))
            (reasons(claim))
            (controls(claim))
            (dropped(claim))
            (tests(claim))
            (factors(claim))
            @match known.and_then(Page::of) {
                Some(page) => (pages.folded(&page, &html! { h5 { "Proof. " (page.title()) } }, 6)),
                None => @if let Some(known) = known { p { "Its proof is the page " code { (known.about().page) } " of its own package." } },
            }
        }
    }
}

fn violation(claim: &ClaimEntry, found: &CounterexampleEntry) -> Markup {
    html! {
        div .loud {
            p { strong { "Violated in the " (found.stage) " stage: " (found.instance) } }
            dl {
                dt { "Statement" } dd { (typeset(&found.statement)) }
                dt { "Quantity" } dd { (exact(found.quantity)) }
                dt { "Bound" } dd { (exact(found.bound)) }
                dt { "Margin" } dd { (exact(found.margin)) }
                dt { "Tolerance" } dd { (exact(found.tolerance)) }
            }
            @if let Some(test) = &found.test {
                p { "A test to paste, which fails as long as " (claim.id) " does:" }
                pre tabindex="0" { code { (test) } }
            }
        }
    }
}
