//! What a check means, and its page: ‖∇L‖²/L between its bounds along the checkpoints.

use super::document::{Answer, Entry};
use super::words::{found, outlook};
use crate::command::sheet::{Sheet, numbers, rows};
use crate::report::Outcome;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::text::count;
use maud::html;

/// A file that states another loss than its network has.
pub(in crate::command) fn disagrees(answer: &Answer) -> bool {
    answer
        .checkpoints
        .iter()
        .any(|entry| entry.agrees == Some(false))
}

/// What was found, in words.
pub(in crate::command) fn advice(answer: &Answer) -> Advice {
    let all = answer.checkpoints.len();
    let (title, meaning, next) = if disagrees(answer) {
        (
            "A file states another loss than its network has".to_owned(),
            "Scaling, data, their order or the features are other than was said, so that what is found is of another network than yours.",
            "Check --scale, the order of the samples, and the arrays of the file.",
        )
    } else if answer.holds() {
        let title = match answer.guaranteed_from {
            Some(from) if all > 1 => {
                format!("Zero loss is certain from checkpoint {from} of {all} on")
            }
            _ => "Zero loss is certain from here".to_owned(),
        };
        (
            title,
            "Gradient descent from the last checkpoint, at the step that is given here or a shorter one, reaches zero loss: the hypotheses of a \
             theorem hold there, with all rounding counted. It is promised of exact steps, and of no other optimiser.",
            "Go on training with the learning rate that is given, and check the next checkpoint.",
        )
    } else {
        (
            "Zero loss is not certain".to_owned(),
            "No theorem here promises that descent from the last checkpoint reaches zero loss. It may well do so: a hypothesis is missed, by the \
             factor that is said with it.",
            "Do what is said of the hypothesis that is missed: train further, separate the inputs, or scale the output.",
        )
    };
    Advice {
        title,
        checked: format!(
            "{} of a network that another program trained, on {} of {}.",
            match all {
                1 => "Checked was one checkpoint".to_owned(),
                many => format!("Checked were {many} checkpoints"),
            },
            count(answer.data.samples, "sample"),
            answer.data.file
        ),
        meaning: meaning.to_owned(),
        next: vec![Step::new(next, [])],
    }
}

/// The page.
pub(super) fn sheet(answer: &Answer) -> Sheet {
    let last = &answer.checkpoints[answer.checkpoints.len() - 1];
    let network = &answer.network;
    Sheet {
        subcommand: "check",
        outcome: match (disagrees(answer), answer.holds()) {
            (true, _) => Outcome::Failed,
            (_, true) => Outcome::Holds,
            (_, false) => Outcome::Open,
        },
        figures: [constants(answer), losses(answer)]
            .into_iter()
            .flatten()
            .collect(),
        sections: vec![
            (
                "What is promised from the last checkpoint",
                promises(answer, last),
            ),
            (
                "The last checkpoint",
                rows(&last.name, ["what", "value", "meaning"], &found(last)),
            ),
            ("All checkpoints", table(answer)),
        ],
        asked: vec![
            ("Data", answer.data.file.clone()),
            (
                "Network",
                format!(
                    "{}, {}, {} wide",
                    network.model,
                    count(network.layers, "layer"),
                    network.width
                ),
            ),
            ("Scaling", network.scale.clone()),
            ("Time", format!("{:.2} s", answer.seconds)),
        ],
        notes: answer.data_notes.clone(),
    }
}

/// What every theorem says of a checkpoint.
pub(in crate::command) fn promises(answer: &Answer, entry: &Entry) -> maud::Markup {
    html! { ul { @for promise in &entry.outlooks { li { (outlook(promise, answer.target)) } } } }
}

/// A line a checkpoint.
fn table(answer: &Answer) -> maud::Markup {
    let number = |x: f64| format!("{x:.4e}");
    let line = |(k, entry): (usize, &Entry)| {
        let constants = &entry.constants;
        let word = if entry.guaranteed {
            "guaranteed"
        } else {
            "open"
        };
        vec![
            (k + 1).to_string(),
            number(entry.loss[1]),
            number(entry.ratio[1]),
            number(constants.tangent.unwrap_or(constants.trajectory)[0]),
            constants
                .upper
                .map_or("—".to_owned(), |[_, high]| number(high)),
            number(entry.path[0]),
            word.to_owned(),
        ]
    };
    let lines: Vec<Vec<String>> = answer.checkpoints.iter().enumerate().map(line).collect();
    let head = [
        "checkpoint",
        "loss",
        "‖∇L‖²/L",
        "m",
        "M",
        "path",
        "zero loss",
    ];
    numbers("The checkpoints in the order of time", &head, &lines)
}

/// Points of a number that some checkpoints have.
fn along(answer: &Answer, of: impl Fn(&Entry) -> Option<f64>) -> Vec<(f64, f64)> {
    let numbered = answer.checkpoints.iter().enumerate();
    numbered
        .filter_map(|(k, entry)| Some((k as f64 + 1.0, of(entry)?)))
        .collect()
}

fn constants(answer: &Answer) -> Option<Figure> {
    // Of one checkpoint there is no line.
    let line = |mark| {
        if answer.checkpoints.len() > 1 {
            mark
        } else {
            Mark::Squares
        }
    };
    let chart = Chart {
        id: "constants",
        name: "The squared gradient over the loss, between its bounds, by checkpoint".to_owned(),
        axes: ["checkpoint", "‖∇L‖²/L"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "M, at most",
                line(Mark::Line),
                Colour::Second,
                along(answer, |e| Some(e.constants.upper?[1])),
            ),
            Series::new(
                "m of the tangent kernel, at least",
                line(Mark::Line),
                Colour::Third,
                along(answer, |e| Some(e.constants.tangent?[0])),
            ),
            Series::new(
                "m of the layers, at least",
                line(Mark::Dashes),
                Colour::Ink,
                along(answer, |e| Some(e.constants.trajectory[0])),
            ),
            Series::new(
                "‖∇L‖²/L",
                Mark::Discs,
                Colour::First,
                along(answer, |e| Some(e.ratio[1])),
            ),
        ],
    };
    chart.figure(
        "The PL inequality along the checkpoints",
        "The discs are the squared gradient over the loss. The theory bounds them from below by a PL constant m and from above by M. Where m stays away \
         from zero the loss cannot stop falling."
            .to_owned(),
    )
}

fn losses(answer: &Answer) -> Option<Figure> {
    if answer.checkpoints.len() < 2 {
        return None;
    }
    let (certain, open): (Vec<_>, Vec<_>) =
        (answer.checkpoints.iter().enumerate()).partition(|(_, entry)| entry.guaranteed);
    let points = |of: Vec<(usize, &Entry)>| {
        of.into_iter()
            .map(|(k, entry)| (k as f64 + 1.0, entry.loss[1]))
            .collect()
    };
    let chart = Chart {
        id: "losses",
        name: "The loss by checkpoint".to_owned(),
        axes: ["checkpoint", "loss"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "zero loss is open",
                Mark::Triangles,
                Colour::Second,
                points(open),
            ),
            Series::new(
                "zero loss is certain",
                Mark::Discs,
                Colour::Third,
                points(certain),
            ),
        ],
    };
    chart.figure(
        "The loss",
        "The loss of every checkpoint, and whether descent from there certainly reaches zero loss."
            .to_owned(),
    )
}
