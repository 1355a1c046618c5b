//! What a distance means, and its page: how far apart every layer is.

use super::{Answer, EXACT, Network};
use crate::command::sheet::{Sheet, numbers, outcome, plain};
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;

fn middle([lo, hi]: [f64; 2]) -> f64 {
    lo + (hi - lo) / 2.0
}

fn network(of: &Network) -> String {
    let (layers, particles) = (count(of.layers, "layer"), count(of.particles, "particle"));
    format!("{} ({layers} of {particles})", of.file)
}

/// What was found, in words.
pub(super) fn advice(answer: &Answer) -> Advice {
    let (first, second) = (network(&answer.first), network(&answer.second));
    Advice {
        title: format!("The networks are {} apart", plain(middle(answer.distance))),
        checked: format!(
            "Asked was the conditional optimal transport distance of {first} and {second}: how far the particles of every layer must be moved."
        ),
        meaning: "It is the root mean square over the layers of the least distance by which the particles of one network become those of the other. \
                  Paper B guarantees training within a ball of this distance. Both ends are proved, by a plan from above and by potentials from below."
            .to_owned(),
        next: vec![
            Step::new("See with --layers where the networks differ.", []),
            Step::new("Compare it with the radius R that a recipe guarantees:", ["polyak recipe --model meanfield"]),
        ],
    }
}

/// The page.
pub(super) fn sheet(answer: &Answer, narrow: bool) -> Sheet {
    let layers: Vec<Vec<String>> = (answer.layers.iter().enumerate())
        .map(|(k, layer)| {
            let [lo, hi] = layer.distance;
            vec![
                (k + 1).to_string(),
                decimal_below(lo, EXACT),
                decimal_above(hi, EXACT),
                decimal_above(layer.relative_gap, 2),
            ]
        })
        .collect();
    let [lo, hi] = answer.distance;
    let total = vec![
        "all".to_owned(),
        decimal_below(lo, EXACT),
        decimal_above(hi, EXACT),
        decimal_above(answer.relative_gap, 2),
    ];
    let rows: Vec<Vec<String>> = std::iter::once(total).chain(layers).collect();
    Sheet {
        subcommand: "distance",
        outcome: outcome(narrow),
        figures: figure(answer).into_iter().collect(),
        sections: vec![(
            "The layers",
            numbers(
                "Enclosures of the distance, and the relative gap of its square",
                &["layer", "at least", "at most", "gap"],
                &rows,
            ),
        )],
        asked: vec![
            (
                "Networks",
                format!("{} and {}", network(&answer.first), network(&answer.second)),
            ),
            ("Time", format!("{:.3} s", answer.seconds)),
        ],
        notes: Vec::new(),
    }
}

fn figure(answer: &Answer) -> Option<Figure> {
    let layers = answer.layers.iter().enumerate();
    let points: Vec<(f64, f64)> = layers
        .map(|(k, layer)| (k as f64 + 1.0, middle(layer.distance)))
        .collect();
    let all = middle(answer.distance);
    let chart = Chart {
        id: "layers",
        name: "Distance of the two networks, by layer".to_owned(),
        axes: ["layer", "distance W_2"],
        scales: [Scale::Linear, Scale::FromZero],
        series: vec![
            Series::new(
                "root mean square",
                Mark::Dashes,
                Colour::Ink,
                vec![(1.0, all), (answer.layers.len() as f64, all)],
            ),
            Series::new("layer", Mark::Discs, Colour::First, points),
        ],
    };
    chart.figure(
        "Where the networks differ",
        "A disc is the distance of the particles of one layer; the broken line is the distance of the networks, the root mean square of them."
            .to_owned(),
    )
}
