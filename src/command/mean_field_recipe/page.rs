//! What a recipe of particles means, and its page: the risk that is promised.

use super::{Made, proved};
use crate::command::sheet::{Sheet, rows};
use crate::recipe::mean_field::MeanFieldRecipe;
use crate::report::Outcome;
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::decimal_above;
use crate::text::count;

/// What was found, in words.
pub fn advice(made: &Made) -> Advice {
    let recipe = &made.recipe;
    Advice {
        title: format!("The risk falls to a thousandth in {} at most", count(whole(recipe.steps_to(1e-3)), "step")),
        checked: format!(
            "Asked was a network of particles for {} whose training is guaranteed: it has {} of {}.",
            count(recipe.samples, "sample"),
            count(recipe.options.depth, "layer"),
            count(recipe.options.width, "particle")
        ),
        meaning: "This is known before the first step, of the network as it was drawn: gradient descent with the step given here stays within a \
                  ball of the conditional optimal transport distance, on which the PL inequality holds, so that the risk goes to zero."
            .to_owned(),
        next: vec![Step::new(
            "Train it with the library, polyak::flow::mean_field, and measure with polyak distance how far it moved.",
            [],
        )],
    }
}

/// A number of steps, whole.
fn whole(steps: f64) -> String {
    match steps < 1e15 {
        true => format!("{steps:.0}"),
        false => decimal_above(steps, 3),
    }
}

/// The page.
pub fn sheet(made: &Made) -> Sheet {
    let recipe = &made.recipe;
    Sheet {
        subcommand: "recipe",
        outcome: Outcome::Holds,
        figures: figure(recipe).into_iter().collect(),
        sections: vec![(
            "What is proved",
            rows("The constants", ["what", "value", "meaning"], &proved(made)),
        )],
        asked: vec![
            ("Activation", recipe.options.activation.to_string()),
            ("Seed", recipe.options.seed.to_string()),
        ],
        notes: made.data_notes.clone(),
    }
}

/// The risk that is promised.
fn figure(recipe: &MeanFieldRecipe) -> Option<Figure> {
    let (start, rate) = (
        recipe.initial_risk.upper(),
        recipe.guaranteed_rate().lower(),
    );
    let last = recipe.steps_to(1e-3);
    let share = |k: u32| f64::from(k) / 100.0;
    let falling = (0..=100).map(|k| {
        (
            share(k) * last,
            start * (share(k) * last * (-rate).ln_1p()).exp(),
        )
    });
    let target = 1e-3 * start;
    let chart = Chart {
        id: "promise",
        name: "The risk that is promised, by steps".to_owned(),
        axes: ["step", "risk"],
        scales: [Scale::Linear, Scale::Free],
        series: vec![
            Series::new(
                "at most (C10)",
                Mark::Line,
                Colour::Second,
                falling.collect(),
            ),
            Series::new(
                "a thousandth",
                Mark::Dashes,
                Colour::Ink,
                vec![(0.0, target), (last, target)],
            ),
        ],
    };
    chart.figure(
        "The promise",
        "What the risk is guaranteed to be at most, step by step.".to_owned(),
    )
}
