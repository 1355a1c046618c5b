//! What a width means, and its page: the smallest eigenvalues of models that were drawn, beside what the bounds promise.

use super::{Answer, share};
use crate::command::sheet::{Sheet, numbers, outcome, row, rows};
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::text::count;

impl Answer {
    /// The smallest width, with its bound.
    fn smallest_width(&self) -> Option<u64> {
        let best = self
            .widths
            .iter()
            .find(|promised| Some(promised.bound) == self.best)?;
        best.frequencies
    }
}

/// What was found, in words.
pub(super) fn advice(answer: &Answer) -> Advice {
    let kept = format!("1 − {}", share(answer.epsilon));
    let failure = share(answer.failure);
    let checked = format!(
        "Asked was how many random Fourier features of the kernel {} keep the share {kept} of the smallest eigenvalue of its matrix at {} of {} in dimension \
         {}, but with probability {failure}.",
        answer.kernel,
        count(answer.samples, "point"),
        answer.data,
        answer.dimension
    );
    let Some((width, bound)) = answer.smallest_width().zip(answer.best) else {
        return Advice {
            title: "No bound gives a width".to_owned(),
            checked,
            meaning: "The smallest eigenvalue is zero, or so small that a width is beyond 2^53 or f64 cannot tell its sign: no number of \
                      random features keeps a share of it."
                .to_owned(),
            next: vec![Step::new(
                "Take a shorter bandwidth, fewer points, or a larger --epsilon, and remove equal rows.",
                [],
            )],
        };
    };
    Advice {
        title: format!("{} are enough", count(width, "frequency")),
        checked,
        meaning: format!(
            "Whoever draws so many frequencies from the kernel's spectral measure gets a feature matrix whose smallest eigenvalue is at least \
             the share {kept} of the kernel's, but with probability {failure}. It is the smallest width of five theorems, that of the {bound}."
        ),
        next: vec![match answer.empirical {
            None => Step::new(
                "See with --empirical how many are needed, by drawing models: a theorem promises for the worst case.",
                [],
            ),
            Some(_) => Step::new(
                "Train a network with random features, and a guarantee:",
                ["polyak recipe --realised --json recipe.json"],
            ),
        }],
    }
}

/// The page.
pub(super) fn sheet(answer: &Answer) -> Sheet {
    let widths: Vec<Vec<String>> = (answer.widths.iter())
        .map(|promised| {
            let width = promised
                .frequencies
                .map_or("no width".to_owned(), |width| width.to_string());
            vec![promised.bound.to_string(), width]
        })
        .collect();
    let [lo, hi] = &answer.written;
    let mut found = vec![row("λ_min(K)", format!("[{lo}, {hi}]"), "enclosed")];
    for (name, seen) in [
        ("at the promised width", &answer.observed),
        ("smallest width by trial", &answer.empirical),
    ] {
        if let Some(seen) = seen {
            found.push(row(name, seen.frequencies.to_string(), seen.to_string()));
        }
    }
    Sheet {
        subcommand: "width",
        outcome: outcome(answer.best.is_some() && !answer.unfinished),
        figures: figure(answer).into_iter().collect(),
        sections: vec![
            (
                "What the bounds promise",
                numbers(
                    "Frequencies by every bound",
                    &["bound", "frequencies"],
                    &widths,
                ),
            ),
            (
                "What was drawn",
                rows("What was found", ["what", "value", "how"], &found),
            ),
        ],
        asked: vec![
            ("Data", answer.data.clone()),
            ("Kernel", answer.kernel.clone()),
            (
                "Share lost, probability",
                format!("{}, {}", answer.epsilon, answer.failure),
            ),
            ("Seed", answer.seed.to_string()),
        ],
        notes: answer.data_notes.clone(),
    }
}

fn figure(answer: &Answer) -> Option<Figure> {
    let points = answer
        .drawn
        .iter()
        .flat_map(|(width, smallest)| smallest.iter().map(|value| (*width as f64, value.max(0.0))));
    let points: Vec<(f64, f64)> = points.collect();
    let kernel = answer.smallest[0];
    let kept = (1.0 - answer.epsilon) * kernel;
    let promised: Vec<(f64, f64)> = (answer.widths.iter())
        .filter_map(|promised| Some((promised.frequencies? as f64, kept)))
        .collect();
    let all = || points.iter().chain(&promised).map(|point| point.0);
    let (first, last) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
    let chart = Chart {
        id: "width",
        name: "Smallest eigenvalues of models of random features, by their number of frequencies"
            .to_owned(),
        axes: ["frequencies", "smallest eigenvalue"],
        scales: [Scale::Free, Scale::FromZero],
        series: vec![
            Series::new(
                "of the kernel",
                Mark::Line,
                Colour::Ink,
                vec![(first, kernel), (last, kernel)],
            ),
            Series::new(
                "the share to keep",
                Mark::Dashes,
                Colour::Third,
                vec![(first, kept), (last, kept)],
            ),
            Series::new("of models drawn", Mark::Discs, Colour::First, points),
            Series::new(
                "promised by a bound",
                Mark::Squares,
                Colour::Second,
                promised,
            ),
        ],
    };
    chart.figure(
        "The smallest eigenvalue of models, and what the bounds promise",
        "A disc is the smallest eigenvalue of one model that was drawn, a square the width from which on a bound promises that it stays above the \
         broken line. How far the discs pass that line before the first square is what the theory gives away."
            .to_owned(),
    )
}
