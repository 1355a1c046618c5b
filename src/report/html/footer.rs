//! The last words of every page: how it was run, for whoever runs it again.

use maud::{Markup, html};

/// The last words.
///
/// # Arguments
/// * `entries`: names with what they stand for.
/// * `notes`: what was done to the data.
pub(crate) fn footer(
    version: &str,
    instruction_set: &str,
    entries: &[(&str, String)],
    notes: &[String],
) -> Markup {
    html! {
        h2 { "How it was run" }
        dl {
            dt { "Version" } dd { "polyak " (version) ", instruction set " (instruction_set) }
            @for (name, value) in entries { dt { (name) } dd { (value) } }
            @if !notes.is_empty() { dt { "Notes" } }
            @for note in notes { dd { (note) } }
        }
        p { "This file needs no network and no script. The same program, seed, inputs and instruction set write it again, but for times." }
    }
}
