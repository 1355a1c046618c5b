//! `polyak recipe --model meanfield`: a mean-field network for given data, and a guarantee of its training.

mod page;

pub use page::{advice, sheet};

use super::arguments::Recipe;
use super::campaign::{load, notes, resolve};
use super::failure::Failure;
use super::points::noted;
use super::recipe::{made, require_room};
use super::running::Running;
use super::sheet::{Row, lines, row};
use crate::kernel::KernelSpec;
use crate::recipe::mean_field::{
    MeanFieldOptions, MeanFieldRecipe, MeanFieldRecipeError, mean_field,
};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;
use serde::Serialize;
use std::fmt::Write;

/// Significant digits of a proved number.
const PLACES: usize = 7;

/// A recipe, and what was done to its data.
#[derive(Serialize)]
pub struct Made {
    #[serde(flatten)]
    recipe: MeanFieldRecipe,
    data_notes: Vec<String>,
}

/// Particles of a layer if nothing is said, or four times the samples.
const WIDTH: usize = 256;

/// Reads the data, draws the network, computes.
pub fn recipe(options: &Recipe, running: &Running) -> Result<Made, Failure> {
    let data = load(&options.data, options.seed)?;
    let file = data.name.clone();
    let equal = data.duplicate_pair();
    let refused = |cause| {
        // Of a sub-sample the rows of the file are others than those of the samples.
        let cause = match (cause, equal) {
            (MeanFieldRecipeError::EqualInputs { .. }, Some((one, other))) => {
                MeanFieldRecipeError::EqualInputs { one, other }
            }
            (cause, _) => cause,
        };
        Failure::MeanFieldRecipe { file, cause }
    };
    let kernel = match resolve(&options.data.kernel, &data)? {
        KernelSpec::Gaussian(kernel) => kernel,
        other => {
            let kernel = other.to_string();
            return Err(refused(MeanFieldRecipeError::NotGaussian { kernel }));
        }
    };
    let chosen = options.width.map(|width| width as usize);
    let width = chosen.unwrap_or(WIDTH.max(4 * data.samples()));
    // A particle has a vector of outputs, one of the lifted inputs and a bias, in every layer; its activations.
    let coordinates = 2 * (data.input_dimension() + data.target_dimension()) + 1;
    let particles = width * options.depth as usize;
    require_room(
        format!("{}: a network of so many particles", data.name),
        [particles, 2 * coordinates + data.samples()],
    )?;
    let wanted = MeanFieldOptions {
        width,
        depth: options.depth as usize,
        weight_scale: 1.0 / kernel.sigma(),
        failure: options.failure,
        seed: options.seed,
        ..MeanFieldOptions::default()
    };
    let data_notes = notes(&data, &options.data.kernel);
    let made = made(running, move |say| {
        say("drawing the network and enclosing its Gram matrices".to_owned());
        Ok(mean_field(&data.inputs, &data.targets, &wanted))
    })?;
    let (recipe, ..) = made.map_err(refused)?;
    Ok(Made { recipe, data_notes })
}

/// What is proved.
fn proved(made: &Made) -> Vec<Row> {
    let recipe = &made.recipe;
    let constants = &recipe.constants;
    let below = |value| decimal_below(value, PLACES);
    let above = |value| decimal_above(value, PLACES);
    let nearest = |value: f64| format!("{value:.6e}");
    vec![
        row(
            "λ̄0",
            below(recipe.gram.lower()),
            "mean of the smallest eigenvalues of the Gram matrices, at least",
        ),
        row("α", nearest(recipe.scale), "scale of the output"),
        row(
            "L(μ⁰)",
            above(recipe.initial_risk.upper()),
            "initial risk, the same for every α, at most",
        ),
        row(
            "allowed",
            below(recipe.allowed_risk.lower()),
            "initial risk that C10 allows at this α",
        ),
        row(
            "R",
            above(constants.radius),
            "the network stays within this COT distance",
        ),
        row(
            "m",
            below(constants.pl_constant.lower()),
            "PL constant on that ball",
        ),
        row(
            "β",
            above(constants.smoothness.upper()),
            "smoothness on that ball",
        ),
        row(
            "η",
            nearest(constants.step),
            "step of gradient descent, learning rate ηDM",
        ),
        row(
            "rate",
            below(recipe.guaranteed_rate().lower()),
            "the risk falls by at least this share a step",
        ),
        row(
            "steps",
            above(recipe.steps_to(1e-3)),
            "to a thousandth of the risk, at most",
        ),
    ]
}

/// The recipe in words.
pub fn text(made: &Made) -> String {
    let recipe = &made.recipe;
    let options = &recipe.options;
    let mut text = format!(
        "recipe of a mean-field network, as drawn: {}, activation {}\n\
         {}network      {} of {}, u = 0, w of scale {:.6e}, b uniform, seed {}\n",
        count(recipe.samples, "sample"),
        options.activation,
        noted(&made.data_notes),
        count(options.depth, "layer"),
        count(options.width, "particle"),
        options.weight_scale,
        options.seed,
    );
    text += &lines(&proved(made), [12, 14]);
    let width = recipe.a_priori_width;
    let width = width.map_or("unknown".to_owned(), |width| width.to_string());
    let _ = writeln!(
        text,
        "a priori     {width:<14} particles give λ_min ≥ half of the expected one in every layer, but with \
         probability {:e}",
        options.failure
    );
    text += "training     by the library, `polyak::flow::mean_field`: `polyak train` trains residual networks\n";
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn words_say_what_is_promised() {
        let options = MeanFieldOptions {
            width: 40,
            depth: 2,
            ..MeanFieldOptions::default()
        };
        let (inputs, targets) = (dmatrix![-1.0, 0.2, 1.5], dmatrix![0.5, -1.0, 0.3]);
        let (recipe, ..) = mean_field(&inputs, &targets, &options).unwrap();
        let scale = format!("α            {:.6e}", recipe.scale);
        let width = recipe.a_priori_width.unwrap().to_string();
        let text = text(&Made {
            recipe,
            data_notes: vec!["made here".into()],
        });
        assert!(
            text.contains("3 samples, activation scaled-cosine"),
            "{text}"
        );
        assert!(text.contains("2 layers of 40 particles"));
        assert!(text.contains(&scale) && text.contains(&width));
        assert!(text.contains("\n· made here\nnetwork"), "{text}");
    }
}
