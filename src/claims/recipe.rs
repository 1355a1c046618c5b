//! P10's lift on a data set: the network on which `verify` trains.

use super::convergence::constants;
use super::{Instance, InstanceError};
use crate::data::Dataset;
use crate::features::FourierFeatures;
use crate::kernel::KernelSpec;
use crate::resnet::ResNet;

/// Doublings of the readout's scale before the search gives up.
const DOUBLINGS: usize = 60;

/// Builds the lifted network of P10 on a data set, at zero weights, with the
/// smallest power-of-two scale at which P8's condition holds, times `headroom`.
///
/// If no scale satisfies the condition (two equal inputs, say) the network has
/// scale 1, and the claims say which hypothesis fails.
///
/// # Arguments
/// * `frequencies`: `m`, drawn from the kernel's spectral measure in dimension `d + d'` with `seed`.
/// * `headroom`: at least 1; a larger scale brings the guaranteed rate closer to the observed one.
/// * `step_margin`: `c = 1 − βη/2`.
///
/// # Errors
/// Data that a network refuses.
#[expect(
    clippy::too_many_arguments,
    reason = "every one is a choice of the user"
)]
pub fn lifted_instance(
    data: &Dataset,
    kernel: KernelSpec,
    frequencies: usize,
    depth: usize,
    headroom: f64,
    step_margin: f64,
    steps: usize,
    seed: u64,
) -> Result<Instance, InstanceError> {
    let (d, outputs) = (data.inputs.nrows(), data.targets.nrows());
    let features = FourierFeatures::draw(&kernel, d + outputs, frequencies, seed)?;
    let network = ResNet::lifted(d, outputs, 1.0, features, depth)?;
    network.require_data(&data.inputs, &data.targets)?;
    let zero = network.zero_weights();
    let unit = Instance {
        kernel,
        network,
        inputs: data.inputs.clone(),
        targets: data.targets.clone(),
        reference: zero.clone(),
        weights: zero,
        step_margin,
        steps,
    };
    // At zero weights neither the Gram matrices nor the loss depend on the scale.
    let gram = unit.reference_spectra()?;
    let loss = unit.observer()?.observe(&unit.reference).loss;
    let mut scaled = unit.clone();
    for power in 0..DOUBLINGS {
        let scale = 2.0_f64.powi(power as i32);
        scaled.network = unit.network.with_readout_scaled(scale)?;
        if constants(&scaled, &gram, loss).is_ok() {
            scaled.network = unit.network.with_readout_scaled(scale * headroom)?;
            return Ok(scaled);
        }
    }
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::flow::GramSpectrum;
    use crate::kernel::Gaussian;
    use nalgebra::{DMatrix, dmatrix};

    fn data(inputs: DMatrix<f64>) -> Dataset {
        Dataset {
            name: "corners".to_owned(),
            targets: DMatrix::from_fn(1, inputs.ncols(), |_, j| [1.0, -1.0][j % 2]),
            rows: (1..=inputs.ncols()).collect(),
            inputs,
            notes: Vec::new(),
        }
    }

    fn lifted(data: &Dataset, headroom: f64) -> Instance {
        let kernel = Gaussian::try_new(1.0).unwrap().into();
        lifted_instance(data, kernel, 20, 8, headroom, 0.5, 7, 3).unwrap()
    }

    fn corners() -> Dataset {
        data(dmatrix![0.0, 1.0, 0.0, 1.0; 0.0, 0.0, 1.0, 1.0])
    }

    fn observed(instance: &Instance) -> (Vec<GramSpectrum>, Ball) {
        let loss = instance
            .observer()
            .unwrap()
            .observe(&instance.reference)
            .loss;
        (instance.reference_spectra().unwrap(), loss)
    }

    #[test]
    fn instance_is_the_lift_at_zero_weights() {
        let data = corners();
        let instance = lifted(&data, 1.0);
        assert_eq!(
            (&instance.inputs, &instance.targets),
            (&data.inputs, &data.targets)
        );
        let network = &instance.network;
        assert_eq!(
            (network.state_dimension(), network.output_dimension()),
            (3, 1)
        );
        assert_eq!((network.depth(), network.features().count()), (8, 20));
        let drawn = FourierFeatures::draw(&instance.kernel, 3, 20, 3).unwrap();
        assert_eq!(*network.features(), drawn);
        assert_eq!(instance.reference, network.zero_weights());
        assert_eq!(instance.weights, instance.reference);
        assert_eq!((instance.step_margin, instance.steps), (0.5, 7));
        assert_eq!(network.readout() * network.lift(), DMatrix::zeros(1, 2));
    }

    /// P8's condition holds at the scale found and not at half of it.
    #[test]
    fn scale_is_the_smallest_power_of_two() {
        let mut instance = lifted(&corners(), 1.0);
        let scale = instance.network.readout()[2];
        assert!(scale > 1.0 && scale.log2().fract() == 0.0);
        let (gram, loss) = observed(&instance);
        assert!(loss.contains(0.5));
        assert!(constants(&instance, &gram, loss).is_ok());
        instance.network = instance.network.with_readout_scaled(0.5).unwrap();
        assert!(constants(&instance, &gram, loss).is_err());
    }

    #[test]
    fn headroom_multiplies_the_scale() {
        let (plain, roomy) = (lifted(&corners(), 1.0), lifted(&corners(), 6.0));
        let expected = plain.network.readout() * 6.0;
        assert_eq!(*roomy.network.readout(), expected);
        let (gram, loss) = observed(&roomy);
        assert!(constants(&roomy, &gram, loss).is_ok());
    }

    #[test]
    fn equal_inputs_leave_the_scale_at_one() {
        let instance = lifted(&data(dmatrix![0.3, 0.3; 0.1, 0.1]), 6.0);
        assert_eq!(*instance.network.readout(), dmatrix![0.0, 0.0, 1.0]);
        let (gram, loss) = observed(&instance);
        assert!(constants(&instance, &gram, loss).is_err());
    }

    #[test]
    fn data_that_a_network_refuses_are_errors() {
        let kernel = Gaussian::try_new(1.0).unwrap().into();
        let mut broken = corners();
        broken.inputs[(1, 2)] = f64::NAN;
        let refused = lifted_instance(&broken, kernel, 20, 8, 1.0, 0.5, 7, 3);
        assert!(matches!(refused, Err(InstanceError::Network(_))));
        let refused = lifted_instance(&corners(), kernel, 0, 8, 1.0, 0.5, 7, 3);
        assert!(matches!(refused, Err(InstanceError::Features(_))));
        let refused = lifted_instance(&corners(), kernel, 20, 0, 1.0, 0.5, 7, 3);
        assert!(matches!(refused, Err(InstanceError::Network(_))));
    }
}
