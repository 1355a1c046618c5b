//! The first screen of every page: what came of it, what was checked, what that means, and what to do next.

use crate::report::Outcome;
use crate::report::advice::{Advice, Step};
use maud::{Markup, html};

/// The first screen.
///
/// # Arguments
/// * `kicker`: what the page is, in a few words above the answer.
/// * `ids`: the sections of the page that words may lead to.
pub(crate) fn front(kicker: &str, outcome: Outcome, advice: &Advice, ids: &[&str]) -> Markup {
    let class = match outcome {
        Outcome::Holds => "holds",
        Outcome::Failed => "violated",
        Outcome::Open => "undecided",
    };
    html! {
        p .kicker { (kicker) }
        h1 .(class) { (advice.title) }
        p .lead { (advice.checked) }
        h2 { "What that means" }
        p { (advice.meaning) }
        h2 { "What to do next" }
        ul { @for step in &advice.next { li { (words(step, ids)) } } }
    }
}

/// A step, with a link to the section that it names.
fn words(step: &Step, ids: &[&str]) -> Markup {
    let named = ids.iter().find_map(|id| {
        let (before, after) = step.words.split_once(&format!(" {id} "))?;
        Some((before, id, after))
    });
    html! {
        @match named {
            Some((before, id, after)) => { (before) " " a href=(format!("#{id}")) { (id) } " " (after) }
            None => (step.words)
        }
        @for command in &step.commands { " " code { (command) } }
    }
}
