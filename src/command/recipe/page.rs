//! What a recipe means, and its page: the loss that is promised.

use super::{PLACES, proved};
use crate::command::sheet::{Sheet, row, rows};
use crate::recipe::{RecipeKind, TrainingCertificate};
use crate::report::Outcome;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::decimal_above;
use crate::text::{count, source};

/// Iterates that are drawn.
const SHOWN: u64 = 200;

/// What was found, in words.
pub(super) fn advice(certificate: &TrainingCertificate) -> Advice {
    let (data, architecture, promise) = (
        &certificate.data,
        &certificate.architecture,
        &certificate.promise,
    );
    let sure = match (certificate.kind, &certificate.probability) {
        (RecipeKind::APriori, Some(probability)) => format!(
            "It holds of the network that will be drawn, but with probability {:e}.",
            probability.failure
        ),
        _ => "Every constant that it rests on was certified of the network as it was drawn."
            .to_owned(),
    };
    Advice {
        title: format!(
            "The loss falls to {} of its start in {} at most",
            promise.target,
            count(promise.iterations, "step")
        ),
        checked: format!(
            "Asked was a network for {} of {} whose training is guaranteed: it has {} and {}.",
            count(data.samples, "sample"),
            source(data.source.file.as_deref()),
            count(architecture.depth, "layer"),
            count(architecture.frequencies, "random frequency")
        ),
        meaning: format!(
            "This is known before the first step: gradient descent from zero weights, with the step given here, cannot do worse, and from there \
             on the loss goes to zero. {sure}"
        ),
        next: vec![Step::new(
            "Keep the certificate with --json recipe.json, then train by it and hold every iterate to it:",
            ["polyak train --recipe recipe.json"],
        )],
    }
}

/// The page.
pub(super) fn sheet(certificate: &TrainingCertificate) -> Sheet {
    let (data, promise, scale) = (&certificate.data, &certificate.promise, &certificate.scale);
    let training = [
        row("scale α", format!("{:.6e}", scale.chosen), "of the readout"),
        row(
            "step η",
            format!("{:.6e}", promise.step),
            "of gradient descent",
        ),
        row("c", format!("{:.6}", promise.step_margin), "1 − βη/2"),
        row(
            "radius",
            decimal_above(promise.radius, PLACES),
            "the weights stay within it",
        ),
    ];
    let head = ["what", "value", "why"];
    Sheet {
        subcommand: "recipe",
        outcome: Outcome::Holds,
        figures: figure(certificate).into_iter().collect(),
        sections: vec![
            (
                "What is proved",
                rows(
                    "The constants, each with its reason",
                    head,
                    &proved(certificate),
                ),
            ),
            ("The training", rows("What to train with", head, &training)),
        ],
        asked: vec![
            ("Data", source(data.source.file.as_deref()).to_owned()),
            ("Kernel", certificate.architecture.kernel.to_string()),
            ("Seed", certificate.architecture.seed.to_string()),
        ],
        notes: data.notes.clone(),
    }
}

/// The loss that is promised at the iterates that the certificate names.
fn figure(certificate: &TrainingCertificate) -> Option<Figure> {
    let (promise, start) = (
        &certificate.promise,
        certificate.constants.initial_loss.value,
    );
    let (from, level) = match &promise.filtered {
        None => (0, start),
        Some(filtered) => (
            filtered.iterations,
            filtered.error.value.powi(2) / (2.0 * certificate.data.samples as f64),
        ),
    };
    // Beyond the target, too: the loss goes on falling.
    let last = promise.iterations.max(from).saturating_mul(2).max(1);
    let every = (last - from).div_ceil(SHOWN).max(1);
    let falling = (from..=last).step_by(every as usize);
    let falling = falling.map(|n| {
        (
            n as f64,
            level * (1.0 - promise.rate).powf((n - from) as f64),
        )
    });
    let target = promise.target * start;
    let chart = Chart {
        id: "promise",
        name: "The loss that is promised, by steps".to_owned(),
        axes: ["step", "loss"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "at most, step by step (P8)",
                Mark::Line,
                Colour::Second,
                falling.collect(),
            ),
            Series::new(
                "at most, by the linearised training (P8b)",
                Mark::Squares,
                Colour::First,
                promise
                    .filtered
                    .iter()
                    .flat_map(|_| [(0.0, start), (from as f64, level)])
                    .collect(),
            ),
            Series::new(
                "target",
                Mark::Dashes,
                Colour::Ink,
                vec![(0.0, target), (last as f64, target)],
            ),
        ],
    };
    chart.figure(
        "The promise",
        "What the loss is guaranteed to be at most: where the linearised training ends, and from there on by a constant share a step. The broken line \
         is the target. polyak train --report draws the loss itself beside it."
            .to_owned(),
    )
}
