//! What a training means, and its page: the loss against its guaranteed envelope.

use super::Outcome;
use crate::command::sheet::{Sheet, row, rows};
use crate::recipe::Training;
use crate::report::Outcome as Standing;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;

/// What happened, in words.
pub(super) fn advice(outcome: &Outcome, training: &Training) -> Advice {
    let certificate = training.certificate();
    let (steps, promised) = (
        count(outcome.iterations, "step"),
        outcome.promised_iterations,
    );
    let share = outcome.loss / outcome.initial_loss;
    let (title, meaning, next) = match (outcome.end, &outcome.broken) {
        (_, Some(broken)) => (
            format!("The promise is broken after {steps}"),
            format!(
                "A number is on the wrong side of what was guaranteed, by more than rounding explains: {broken}. The theorem, a constant or the code \
                 that computes them is wrong."
            ),
            Step::new("Keep the recipe and report it: this must not happen.", []),
        ),
        ("target-reached", _) => (
            format!("The promise is kept: {share:.1e} of the loss is left after {steps}"),
            format!(
                "Every iterate was below the loss that was guaranteed before the first step, and the target was reached in {steps} of {promised} \
                 promised. Theorem, constants and code agree on these data."
            ),
            Step::new("Compare the losses, which --json keeps, with those of your own training at this step.", []),
        ),
        ("precision-lost", _) => (
            format!("Rounding has used up the promise after {steps}"),
            "Every iterate was below its envelope, but the loss is now so small that rounding is not small against it: nothing is promised from here \
             on."
                .to_owned(),
            Step::new("Ask the recipe for a larger --loss, which is reached earlier.", []),
        ),
        _ => (
            format!("The promise is kept so far, for {steps} of {promised}"),
            "Every iterate was below the loss that was guaranteed before the first step. The training ended before the target.".to_owned(),
            Step::new("Go on with the same command and --checkpoint FILE.", []),
        ),
    };
    Advice {
        title,
        checked: format!(
            "A network with {} and {} was trained on {}, by a certificate that was proved again before.",
            count(certificate.architecture.depth, "layer"),
            count(certificate.architecture.frequencies, "random frequency"),
            count(certificate.data.samples, "sample")
        ),
        meaning,
        next: vec![next],
    }
}

/// The page.
pub(super) fn sheet(outcome: &Outcome, training: &Training) -> Sheet {
    let certificate = training.certificate();
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
        row(
            "promised",
            decimal_above(outcome.bound, 7),
            "the loss now, at most",
        ),
        row(
            "rate promised",
            decimal_below(outcome.guaranteed_rate, 5),
            "of the logarithm of the loss, a step",
        ),
    ];
    if let (Some(observed), Some(tightness)) = (outcome.observed_rate, outcome.tightness) {
        found.push(row(
            "rate observed",
            format!("{observed:.4e}"),
            format!("tightness {tightness:.3}"),
        ));
    }
    Sheet {
        subcommand: "train",
        outcome: match (outcome.end, &outcome.broken) {
            (_, Some(_)) => Standing::Failed,
            ("target-reached", _) => Standing::Holds,
            _ => Standing::Open,
        },
        figures: figure(outcome, training).into_iter().collect(),
        sections: vec![(
            "The numbers",
            rows(
                "What was seen and what was promised",
                ["what", "value", "meaning"],
                &found,
            ),
        )],
        asked: vec![
            ("Kernel", certificate.architecture.kernel.to_string()),
            ("Seed", certificate.architecture.seed.to_string()),
            ("Step", format!("{:e}", certificate.promise.step)),
        ],
        notes: outcome.data_notes.clone(),
    }
}

fn figure(outcome: &Outcome, training: &Training) -> Option<Figure> {
    let numbered = |losses: Vec<f64>| {
        losses
            .into_iter()
            .enumerate()
            .map(|(n, loss)| (n as f64, loss))
            .collect()
    };
    let last = outcome.promised_iterations.max(outcome.iterations);
    // Of a very long promise no more than was trained.
    let shown = if last <= 1 << 20 {
        last
    } else {
        outcome.iterations
    };
    let target = training.certificate().promise.target * outcome.initial_loss;
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
                numbered(training.envelope(shown)),
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
