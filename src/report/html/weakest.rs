//! The comparisons that were closest to a violation, and all of them in two figures.

use super::figure::Figure;
use super::plots;
use super::words::{mark, room, short};
use crate::campaign::Stage;
use crate::evidence::statistics::FALSE_ALARM;
use crate::report::{ClaimEntry, Report, StageEntry};
use maud::{Markup, Render, html};

/// As many are listed.
const FEW: usize = 10;

/// With fewer claims there is no figure.
const FEWEST: usize = 3;

/// The stage of a claim that was closest to a violation, and how close.
fn closest(claim: &ClaimEntry) -> Option<(f64, Stage, &StageEntry)> {
    let rooms = Stage::ALL.into_iter().filter_map(|stage| {
        let counts = claim.stages.get(stage);
        Some((room(counts.worst_margin, counts.tolerance)?, stage, counts))
    });
    rooms.min_by(|a, b| a.0.total_cmp(&b.0))
}

pub(super) fn section(report: &Report) -> Markup {
    let mut all: Vec<_> = report
        .claims
        .iter()
        .filter_map(|claim| closest(claim).map(|found| (claim, found)))
        .collect();
    all.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
    html! {
        section {
            h2 { "The weakest margins" }
            p {
                "How many tolerances each comparison is away from a violation: 0 would be one, and 1 is a bound that is attained "
                "exactly. Sharp instances attain their bounds by design, so that numbers near 1 are what a sharp theorem looks like. Between 0 "
                "and 1 a comparison is on the wrong side by less than rounding, or chance where draws decide, accounts for."
            }
            div .wide tabindex="0" role="group" aria-label="The weakest margins" {
                table {
                    caption { "The " (FEW.min(all.len())) " closest to a violation" }
                    thead { tr {
                        th scope="col" { "claim" }
                        th scope="col" .number { "tolerances away" } th scope="col" .number { "margin" } th scope="col" .number { "tolerance" }
                        th scope="col" { "instances" } th scope="col" { "verdict" }
                    } }
                    tbody { @for (claim, (room, stage, counts)) in all.iter().take(FEW) {
                        tr {
                            th scope="row" { a href=(format!("#{}", claim.id)) { (claim.id) } }
                            td .number { (short(Some(*room))) }
                            td .number { (short(counts.worst_margin)) }
                            td .number { (short(counts.tolerance)) }
                            td { (stage) }
                            td { (mark(claim.verdict)) }
                        }
                    } }
                }
            }
            (figures(report))
            (slopes(report))
        }
    }
}

/// The figures, with what they show in words; a few claims are seen better in their sections.
fn figures(report: &Report) -> Markup {
    if report.claims.len() < FEWEST {
        return html! {};
    }
    let rooms = |counts: &StageEntry| {
        room(counts.worst_margin, counts.tolerance).filter(|room| *room > 0.0)
    };
    // A file may say anything.
    let share = |counts: &StageEntry| counts.tightness.filter(|share| (0.0..=1.0).contains(share));
    let drawn = [
        (
            "Distance from a violation",
            "For every claim the number of tolerances that its worst comparison of each stage is away from a violation, on a \
             logarithmic scale; the dashed line is at 1, where a bound is attained exactly. The numbers stand in the sections of the claims.",
            plots::margins(report, rooms),
        ),
        (
            "Tightness by claim",
            "For every claim the largest share of its bound that an instance of each stage reached. At 1 the bound is attained. \
             The numbers stand in the sections of the claims.",
            plots::tightness(report, share),
        ),
    ];
    let figures = drawn.into_iter().filter_map(|(title, told, svg)| {
        Some(Figure {
            title: title.render(),
            told: told.to_owned(),
            svg: svg?,
            legend: plots::LEGEND
                .map(|(class, sign, name)| (class, sign, name.render()))
                .to_vec(),
        })
    });
    html! { @for figure in figures { (figure.markup(false)) } }
}

/// All slopes with their intervals.
fn slopes(report: &Report) -> Markup {
    let figure = plots::slopes(report).map(|svg| Figure {
        title: "Slopes with their intervals".render(),
        told: format!(
            "For every statement about a slope how far the slope that was fitted is from the one that is claimed. The bar is where the true \
             slope is, but with probability {FALSE_ALARM:e}: a statement is violated if its bar leaves zero, the dashed line, out. Statements of \
             a claim are in the order of its section, which draws the points."
        ),
        svg,
        legend: vec![("first", "●", "fitted less claimed slope, with its interval".render())],
    });
    html! { @if let Some(figure) = figure { (figure.markup(false)) } }
}
