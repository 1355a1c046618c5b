//! What a training means, and its page: the loss against its guaranteed envelope.

use super::outcome::{Outcome, Promised};
use crate::command::sheet::{Sheet, row, rows};
use crate::flow::HeldDescent;
use crate::report::Outcome as Standing;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;
use maud::Markup;

/// What a training started from, in words.
pub(super) struct Start {
    /// What was trained, and by what.
    pub checked: String,
    /// What to do after a broken promise, where rounding has used it up, and where the training ended early.
    pub next: [&'static str; 3],
    /// What was asked for.
    pub asked: Vec<(&'static str, String)>,
    /// What is said beside the numbers.
    pub sections: Vec<(&'static str, Markup)>,
}

/// What happened, in words.
pub(super) fn advice(outcome: &Outcome, start: &Start) -> Advice {
    let steps = count(outcome.iterations, "step");
    let of_promised = match outcome.promised_iterations {
        Some(promised) => format!("{steps} of {promised}"),
        None => steps.clone(),
    };
    let share = outcome.loss / outcome.initial_loss;
    let [after_break, after_rounding, after_stop] = start.next;
    let (title, meaning, next) = match (outcome.end, &outcome.broken) {
        (_, Some(broken)) => (
            format!("The promise is broken after {steps}"),
            format!(
                "A number is on the wrong side of what was guaranteed, by more than rounding explains: {broken}. The theorem, a constant or the code \
                 that computes them is wrong."
            ),
            after_break,
        ),
        ("target-reached", _) => (
            format!("The promise is kept: {share:.1e} of the loss is left after {steps}"),
            format!(
                "Every iterate was below the loss that was guaranteed before the first step, and the target was reached in {of_promised} \
                 promised. Theorem, constants and code agree on these data."
            ),
            "Compare the losses, which --json keeps, with those of your own training at this step.",
        ),
        ("precision-lost", _) => (
            format!("Rounding has used up the promise after {steps}"),
            "Every iterate was below its envelope, but the loss is now so small that rounding is not small against it: nothing is promised from here \
             on."
                .to_owned(),
            after_rounding,
        ),
        _ => (
            format!("The promise is kept so far, for {of_promised}"),
            "Every iterate was below the loss that was guaranteed before the first step. The training ended before the target.".to_owned(),
            after_stop,
        ),
    };
    Advice {
        title,
        checked: start.checked.clone(),
        meaning,
        next: vec![Step::new(next, [])],
    }
}

/// The page.
pub(super) fn sheet(
    outcome: &Outcome,
    descent: &HeldDescent,
    promised: Promised,
    start: Start,
) -> Sheet {
    let mut found = vec![
        row(
            "loss at the start",
            format!("{:.6e}", outcome.initial_loss),
            "",
        ),
        row(
            "loss now",
            format!("{:.6e}", outcome.loss),
            format!("after {}", count(outcome.iterations, "step")),
        ),
    ];
    if let Some(bound) = outcome.bound {
        let bound = decimal_above(bound, 7);
        found.push(row("promised", bound, "the loss now, at most"));
    }
    if let Some(rate) = outcome.guaranteed_rate {
        let rate = decimal_below(rate, 5);
        found.push(row(
            "rate promised",
            rate,
            "of the logarithm of the loss, a step",
        ));
    }
    if let (Some(observed), Some(tightness)) = (outcome.observed_rate, outcome.tightness) {
        found.push(row(
            "rate observed",
            format!("{observed:.4e}"),
            format!("tightness {tightness:.3}"),
        ));
    }
    let numbers = rows(
        "What was seen and what was promised",
        ["what", "value", "meaning"],
        &found,
    );
    let mut sections = vec![("The numbers", numbers)];
    sections.extend(start.sections);
    Sheet {
        subcommand: "train",
        outcome: match (outcome.end, &outcome.broken) {
            (_, Some(_)) => Standing::Failed,
            ("target-reached", _) => Standing::Holds,
            _ => Standing::Open,
        },
        figures: figure(outcome, descent, promised).into_iter().collect(),
        sections,
        asked: start.asked,
        notes: outcome.data_notes.clone(),
    }
}

fn figure(outcome: &Outcome, descent: &HeldDescent, promised: Promised) -> Option<Figure> {
    let numbered = |losses: Vec<f64>| {
        losses
            .into_iter()
            .enumerate()
            .map(|(n, loss)| (n as f64, loss))
            .collect()
    };
    let last = promised.iterations.unwrap_or(0).max(outcome.iterations);
    // Of a very long promise no more than was trained.
    let shown = if last <= 1 << 20 {
        last
    } else {
        outcome.iterations
    };
    let target = promised.target * outcome.initial_loss;
    let chart = Chart {
        id: "loss",
        name: "The loss of every iterate, and what was guaranteed of it".to_owned(),
        axes: ["step", "loss"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "guaranteed at most",
                Mark::Line,
                Colour::Second,
                numbered(descent.envelope(shown)),
            ),
            Series::new(
                "target",
                Mark::Dashes,
                Colour::Ink,
                vec![(0.0, target), (shown as f64, target)],
            ),
            Series::new(
                "loss",
                Mark::Discs,
                Colour::First,
                numbered(outcome.losses.clone()),
            ),
        ],
    };
    chart.figure(
        "The loss against its envelope",
        "The discs are the losses of the training, the line is what was guaranteed of them before the first step. A disc above the line would break the \
         promise. JSON has the losses as numbers."
            .to_owned(),
    )
}
