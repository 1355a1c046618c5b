//! What claims about mean-field networks are checked on when there are data.

use crate::claims::{InstanceError, MeanFieldInstance};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::flow::mean_field::Descent;
use crate::meanfield::recipe::{self, MeanFieldOptions};
use crate::meanfield::{Activation, Particles, Regression};
use nalgebra::DMatrix;

/// Samples of the claims about convergence, and of the pointwise ones.
pub(in crate::claims) const SAMPLES: [usize; 2] = [20, 8];

/// Returns the instance of a claim, with its label: lifted data and a drawn network (C10: at the scale of the recipe;
/// C11: to be lifted; the others: after five steps of gradient descent, beside a second draw).
///
/// # Errors
/// Data that have no recipe.
pub(in crate::claims) fn instance(
    claim: &str,
    data: &Dataset,
    seed: u64,
) -> Result<(String, MeanFieldInstance), InstanceError> {
    let width = if claim == "C10.convergence" { 64 } else { 24 };
    let options = MeanFieldOptions {
        activation: Activation::ScaledCosine,
        width,
        depth: 2,
        weight_scale: 1.5 / root_mean_square_distance(&data.inputs),
        margin: 0.5,
        seed,
        ..MeanFieldOptions::default()
    };
    let label = format!(
        "{} samples of {}, {width} particles, 2 layers",
        data.samples(),
        data.name
    );
    let instance = |task: Regression, network: Particles, other: Particles| MeanFieldInstance {
        task,
        network,
        other,
        step_margin: options.margin,
        steps: 10,
        seed,
        draws: DEFAULT_DRAWS,
    };
    if claim == "C10.convergence" {
        let (_, task, network) = recipe::mean_field(&data.inputs, &data.targets, &options)?;
        return Ok((label, instance(task, network.clone(), network)));
    }
    let outputs = data.target_dimension();
    let network = recipe::draw(&options, &data.inputs, outputs)?;
    if claim == "C11.lift" {
        // As many coordinates as there are outputs at least.
        let padding = outputs.saturating_sub(data.input_dimension());
        let inputs = data
            .inputs
            .clone()
            .insert_rows(data.input_dimension(), padding, 0.0);
        let task = Regression::try_new(options.activation, 1.0, inputs, data.targets.clone())?;
        let network = recipe::draw(
            &MeanFieldOptions {
                width: 2 * SAMPLES[0],
                ..options
            },
            &data.inputs,
            padding,
        )?;
        return Ok((label, instance(task, network.clone(), network)));
    }
    let inputs = data
        .inputs
        .clone()
        .insert_rows(data.input_dimension(), outputs, 0.0);
    let task = Regression::try_new(options.activation, 1.0, inputs, data.targets.clone())?;
    let second = recipe::draw(
        &MeanFieldOptions {
            seed: seed ^ 1,
            ..options
        },
        &data.inputs,
        outputs,
    )?;
    let mut descent = Descent::new(&task, network);
    for _ in 0..5 {
        descent.step(0.1);
    }
    let network = descent.network().clone();
    Ok((label, instance(task, network, second)))
}

/// `(2N⁻¹Σ‖x^i − x̄‖²)^{1/2}`: the root mean square of `‖x^i − x^j‖`; one if all are equal.
fn root_mean_square_distance(inputs: &DMatrix<f64>) -> f64 {
    let mean = inputs.column_mean();
    let squares: f64 = inputs
        .column_iter()
        .map(|x| (x - &mean).norm_squared())
        .sum();
    let distance = (2.0 * squares / inputs.ncols() as f64).sqrt();
    if distance > 0.0 { distance } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn distances_are_root_mean_squares_of_all_pairs() {
        let inputs = dmatrix![0.0, 1.0, 3.0; 1.0, 1.0, 0.0];
        // Ordered pairs: 2(1 + 10 + 5)/9.
        let expected = (32.0_f64 / 9.0).sqrt();
        assert!((root_mean_square_distance(&inputs) - expected).abs() < 1e-14);
        assert_eq!(root_mean_square_distance(&dmatrix![2.0, 2.0]), 1.0);
    }
}
