//! What claims about mean-field networks are checked on when there are data.

use crate::claims::{InstanceError, MeanFieldInstance};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::flow::mean_field::Descent;
use crate::meanfield::{Activation, Particles, Regression};
use crate::recipe::mean_field::{self, MeanFieldOptions};
use crate::text::count;
use nalgebra::DMatrix;

/// Samples of the claims about convergence.
pub(in crate::claims) const SOME: usize = 20;

/// Samples of the pointwise ones.
pub(in crate::claims) const FEW: usize = 8;

/// Two layers of so many particles of a Gaussian kernel as wide as the inputs are apart.
fn options(data: &Dataset, width: usize, seed: u64) -> MeanFieldOptions {
    MeanFieldOptions {
        activation: Activation::ScaledCosine,
        width,
        depth: 2,
        weight_scale: 1.5 / root_mean_square_distance(&data.inputs),
        margin: 0.5,
        seed,
        ..MeanFieldOptions::default()
    }
}

fn labelled(
    data: &Dataset,
    options: &MeanFieldOptions,
    task: Regression,
    [network, other]: [Particles; 2],
) -> (String, MeanFieldInstance) {
    let label = format!(
        "{} of {}, {}, 2 layers",
        count(data.samples(), "sample"),
        data.name,
        count(options.width, "particle")
    );
    let instance = MeanFieldInstance {
        task,
        network,
        other,
        step_margin: options.margin,
        steps: 10,
        seed: options.seed,
        draws: DEFAULT_DRAWS,
    };
    (label, instance)
}

/// The task and the network of the recipe, with its label.
///
/// # Errors
/// Data that have no recipe.
pub(in crate::claims) fn scaled(
    data: &Dataset,
    seed: u64,
) -> Result<(String, MeanFieldInstance), InstanceError> {
    let options = options(data, 64, seed);
    let (_, task, network) = mean_field::mean_field(&data.inputs, &data.targets, &options)?;
    Ok(labelled(data, &options, task, [network.clone(), network]))
}

/// Data with as many coordinates as there are outputs at least, and a network to be lifted, with its label.
///
/// # Errors
/// Data that have no recipe.
pub(in crate::claims) fn to_lift(
    data: &Dataset,
    seed: u64,
) -> Result<(String, MeanFieldInstance), InstanceError> {
    let options = options(data, 24, seed);
    let padding = data
        .target_dimension()
        .saturating_sub(data.input_dimension());
    let task = padded(data, padding, &options)?;
    let wide = MeanFieldOptions {
        width: 2 * SOME,
        ..options
    };
    let network = mean_field::draw(&wide, &data.inputs, padding)?;
    Ok(labelled(data, &options, task, [network.clone(), network]))
}

/// Lifted data and a network after five steps of gradient descent, beside a second draw, with its label.
///
/// # Errors
/// Data that have no recipe.
pub(in crate::claims) fn trained(
    data: &Dataset,
    seed: u64,
) -> Result<(String, MeanFieldInstance), InstanceError> {
    let options = options(data, 24, seed);
    let outputs = data.target_dimension();
    let task = padded(data, outputs, &options)?;
    let network = mean_field::draw(&options, &data.inputs, outputs)?;
    let another = MeanFieldOptions {
        seed: seed ^ 1,
        ..options
    };
    let second = mean_field::draw(&another, &data.inputs, outputs)?;
    let mut descent = Descent::new(&task, network);
    for _ in 0..5 {
        descent.step(0.1);
    }
    let network = descent.network().clone();
    Ok(labelled(data, &options, task, [network, second]))
}

/// The data with so many coordinates of zeros.
fn padded(
    data: &Dataset,
    padding: usize,
    options: &MeanFieldOptions,
) -> Result<Regression, InstanceError> {
    let inputs = data.inputs.clone();
    let inputs = inputs.insert_rows(data.input_dimension(), padding, 0.0);
    Ok(Regression::try_new(
        options.activation,
        1.0,
        inputs,
        data.targets.clone(),
    )?)
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
