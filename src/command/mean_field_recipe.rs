//! `polyak recipe --model meanfield`: a mean-field network for given data, and a guarantee of its training.

use super::arguments::Recipe;
use super::campaign::{load, resolve};
use super::failure::Failure;
use super::recipe::require_memory;
use polyak::kernel::KernelSpec;
use polyak::meanfield::recipe::{MeanFieldOptions, MeanFieldRecipe, RecipeError, mean_field};
use std::fmt::Write;

/// Particles of a layer if nothing is said, or four times the samples.
const WIDTH: usize = 256;

/// Reads the data, draws the network, computes.
pub fn recipe(options: &Recipe) -> Result<MeanFieldRecipe, Failure> {
    let data = load(&options.data, options.seed)?;
    let kernel = match resolve(&options.data, &data)? {
        KernelSpec::Gaussian(kernel) => kernel,
        other => {
            let kernel = other.to_string();
            return Err(RecipeError::NotGaussian { kernel }.into());
        }
    };
    let chosen = options.width.map(|width| width as usize);
    let width = chosen.unwrap_or(WIDTH.max(4 * data.samples()));
    // A particle has a vector of outputs, one of the lifted inputs and a bias, in every layer; its activations.
    let coordinates = 2 * (data.input_dimension() + data.target_dimension()) + 1;
    let particles = width * options.depth as usize;
    require_memory(
        "a network of so many particles",
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
    let (recipe, ..) = mean_field(&data.inputs, &data.targets, &wanted)?;
    Ok(recipe)
}

/// The recipe in words.
pub fn text(recipe: &MeanFieldRecipe) -> String {
    let (options, constants) = (&recipe.options, &recipe.constants);
    let mut text = format!(
        "recipe of a mean-field network, as drawn: {} samples, activation {}\n\
         network      {} layers of {} particles, u = 0, w of scale {:.6e}, b uniform, seed {}\n",
        recipe.samples,
        options.activation,
        options.depth,
        options.width,
        options.weight_scale,
        options.seed,
    );
    let mut line = |name: &str, value: f64, meaning: &str| {
        let value = format!("{value:.6e}");
        let _ = writeln!(text, "{name:<12} {value:<14} {meaning}");
    };
    line(
        "λ̄0",
        recipe.gram.lower(),
        "mean of the smallest eigenvalues of the Gram matrices, at least",
    );
    line("α", recipe.scale, "scale of the output");
    line(
        "L(μ⁰)",
        recipe.initial_risk.mid(),
        "initial risk, the same for every α",
    );
    line(
        "allowed",
        recipe.allowed_risk.lower(),
        "initial risk that C10 allows at this α",
    );
    line(
        "R",
        constants.radius,
        "the network stays within this COT distance",
    );
    line(
        "m",
        constants.pl_constant.lower(),
        "PL constant on that ball",
    );
    line("β", constants.smoothness.upper(), "smoothness on that ball");
    line(
        "η",
        constants.step,
        "step of gradient descent, learning rate ηDM",
    );
    line(
        "rate",
        recipe.guaranteed_rate().lower(),
        "the risk falls by at least this share a step",
    );
    line(
        "steps",
        recipe.steps_to(1e-3),
        "to a thousandth of the risk, at most",
    );
    let width = recipe.a_priori_width;
    let width = width.map_or("unknown".to_owned(), |width| width.to_string());
    let _ = writeln!(
        text,
        "a priori     {width:<14} particles give λ_min ≥ half of the expected one in every layer, but with \
         probability {:e}",
        options.failure
    );
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
        let text = text(&recipe);
        assert!(
            text.contains("3 samples, activation scaled-cosine"),
            "{text}"
        );
        assert!(text.contains("2 layers of 40 particles"));
        assert!(text.contains(&format!("α            {:.6e}", recipe.scale)));
        assert!(text.contains(&recipe.a_priori_width.unwrap().to_string()));
    }
}
