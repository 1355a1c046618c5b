//! A report as one HTML file, without any script: the answer first, then what failed, the weakest margins, and a
//! section a claim that folds, with its proof page.

pub(crate) mod chart;
mod claim;
mod drawn;
mod failures;
pub(crate) mod figure;
pub(crate) mod footer;
pub(crate) mod front;
pub(crate) mod picture;
mod plots;
pub(crate) mod tables;
mod weakest;
mod words;

use super::Report;
use super::advice::Advice;
use crate::pages::{Binding, Page, document};
use crate::text::{count, source};
use crate::theorem::Registry;
use footer::footer;
use front::front;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeSet;

/// Writes a report as one HTML file that needs nothing else.
///
/// # Arguments
/// * `registry`: what is known of the claims beside the report; a claim that it does not have is shown without its hypotheses.
///
/// # Example
/// ```
/// # use polyak::report::{Report, from_json, to_html};
/// # let text = include_str!("../../../margins.json");
/// let registry = polyak::claims::registry();
/// let report = from_json(registry, "margins.json", text)?;
/// let page = to_html(registry, &report);
/// assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script"));
/// assert!(page.len() < 3_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_html(registry: &Registry, report: &Report) -> String {
    let pages = Bound::new(registry, report);
    let advice = Advice::of(report);
    let ids: Vec<&str> = report.claims.iter().map(|claim| &*claim.id).collect();
    document(
        &format!("polyak: {}", advice.title),
        &html! {
            header { (front(&format!("polyak {} · theorem check", report.version), report.outcome, &advice, &ids)) }
            main {
                (failures::section(report))
                (failures::against_baseline(report))
                (weakest::section(report))
                (claim::sections(registry, report, &pages))
                (pages.foundations())
                (words::section())
            }
            footer { (run(report)) }
        },
    )
}

/// What was run, for whoever runs it again.
fn run(report: &Report) -> Markup {
    let (run, data) = (&report.run, &report.run.data);
    let entries = [
        (
            "Seed, effort",
            format!(
                "{}, {}: {} for most claims",
                run.seed,
                run.effort,
                count(run.effort.cases(), "random instance")
            ),
        ),
        (
            "Kernel",
            format!("{}, asked for as {}", data.resolved_kernel, data.kernel),
        ),
        (
            "Data",
            format!(
                "{}: {}, {}, {}",
                source(data.file.as_deref()),
                count(data.samples, "sample"),
                count(data.inputs, "input"),
                count(data.targets, "target")
            ),
        ),
    ];
    footer(
        &report.version,
        &report.instruction_set,
        &entries,
        &run.data_notes,
    )
}

/// The proof pages of a report: those of its claims, and what these stand on.
struct Bound {
    files: BTreeSet<&'static str>,
    foundations: Vec<Page>,
}

impl Bound {
    fn new(registry: &Registry, report: &Report) -> Self {
        let claims = report
            .claims
            .iter()
            .filter_map(|entry| registry.find(&entry.id).ok());
        let pages: Vec<Page> = claims.filter_map(Page::of).collect();
        let mut files: BTreeSet<&'static str> = pages.iter().map(Page::file).collect();
        // What a page stands on may stand on another.
        let mut foundations = Page::foundations();
        let mut wanted: BTreeSet<&'static str> = pages.iter().flat_map(Page::linked).collect();
        loop {
            let linked = foundations
                .iter()
                .filter(|page| wanted.contains(page.file()));
            let more: Vec<&'static str> = linked.flat_map(Page::linked).collect();
            let before = wanted.len();
            wanted.extend(more);
            if wanted.len() == before {
                break;
            }
        }
        foundations.retain(|page| wanted.contains(page.file()));
        files.extend(foundations.iter().map(Page::file));
        Self { files, foundations }
    }

    /// A page that folds under its heading; its sections are headings of this level.
    fn folded(&self, page: &Page, heading: &Markup, level: u8) -> Markup {
        html! {
            details .proof #(page.stem()) {
                summary { (heading) }
                div .page { (PreEscaped(page.to_html(level, Binding::OneFile(&self.files)))) }
            }
        }
    }

    fn foundations(&self) -> Markup {
        html! {
            @if !self.foundations.is_empty() {
                section {
                    h2 { "What the proofs stand on" }
                    @for page in &self.foundations { (self.folded(page, &html! { h3 { (page.title()) } }, 4)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
