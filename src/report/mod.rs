//! Reports: what a run found, as text, as JSON, and against a baseline.
//!
//! A [`Report`] is plain data: the text table, the JSON document and the
//! baseline gate all read the same value, and a baseline *is* a report that was
//! kept. The JSON is version 1 of the schema in `docs/schema`: it may gain
//! fields, it never renames them. Wherever it is read it is checked against itself
//! ([`Report::validate`]).

pub(crate) mod advice;
mod baseline;
mod document;
mod drawn;
mod entry;
mod forge;
mod gated;
#[cfg(feature = "html")]
pub(crate) mod html;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod layout;
mod merge;
mod text;
mod validate;

pub use baseline::{BaselineReport, Change, MARGIN_ALLOWANCE, NotComparable, compare};
pub use document::{DataEntry, Outcome, Report, Run, SCHEMA};
pub use drawn::{BoundEntry, CourseEntry, SlopeEntry};
pub use entry::{
    ClaimEntry, ControlEntry, CounterexampleEntry, DroppedEntry, FactorEntry, Number, PooledEntry,
    StageEntry, Stages, TestEntry,
};
pub use forge::{to_annotations, to_summary};
pub use gated::Gated;
#[cfg(feature = "html")]
pub use html::to_html;
pub use json::{ReportError, from_json, to_json};
#[cfg(feature = "junit")]
pub use junit::to_junit;
pub use layout::{Layout, WIDTH};
pub use merge::{MergeError, merge};
pub use text::{answer_text, claim_text, closing, controls_text, heading, to_text};
pub use validate::{Flaw, InvalidReport};

#[cfg(test)]
mod fixture;
#[cfg(all(test, feature = "html", feature = "junit"))]
mod forms;
