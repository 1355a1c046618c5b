//! What claims about kernel expansions are checked on when there are data.

use super::data::first;
use super::recipe::scaled;
use super::separation::narrowed;
use super::{FunctionalInstance, InstanceError, ResidualInstance};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::kernel::KernelSpec;
use crate::resnet::{ExpansionNetwork, ResidualNetwork};
use crate::text::count;

/// A network of kernel expansions grows by a section a sample, layer and step.
const SAMPLES: usize = 20;
const LAYERS: usize = 4;
const STEPS: usize = 30;

/// How many times the smallest admissible scale the readout's scale is.
const HEADROOM: f64 = 8.0;

/// P10's lift with residuals in the RKHS of the exact kernel, from zero.
///
/// # Errors
/// Data that a network refuses.
pub(super) fn at_zero(
    data: &Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Result<(String, FunctionalInstance), InstanceError> {
    let part = first(data, SAMPLES, seed)?;
    let label = format!(
        "{} of {}, kernel expansions, {LAYERS} layers",
        count(part.samples(), "sample"),
        data.name
    );
    Ok((label, lifted(&part, kernel)?))
}

/// The same with a narrow kernel. As for K7: at a bandwidth fit for learning λ(δ) is next to nothing.
///
/// # Errors
/// Data that a network refuses.
pub(super) fn narrow(
    data: &Dataset,
    kernel: KernelSpec,
    seed: u64,
) -> Result<(String, FunctionalInstance), InstanceError> {
    let (label, instance) = at_zero(data, kernel, seed)?;
    let kernel = narrowed(&instance);
    let instance = lifted(&first(data, SAMPLES, seed)?, kernel)?;
    Ok((format!("{label}, kernel {kernel}"), instance))
}

fn lifted(
    data: &Dataset,
    kernel: KernelSpec,
) -> Result<ResidualInstance<ExpansionNetwork>, InstanceError> {
    let (inputs, outputs) = (data.inputs.nrows(), data.targets.nrows());
    let network = ExpansionNetwork::lifted(inputs, outputs, 1.0, kernel, LAYERS)?;
    network.frame().require_data(&data.inputs, &data.targets)?;
    let instance = ResidualInstance {
        kernel,
        inputs: data.inputs.clone(),
        targets: data.targets.clone(),
        reference: network.zero(),
        weights: network.zero(),
        network,
        step_margin: 0.5,
        steps: STEPS,
        seed: 0,
        draws: DEFAULT_DRAWS,
    };
    scaled(instance, HEADROOM)
}

#[cfg(test)]
mod tests {
    use super::super::convergence::constants;
    use super::*;
    use nalgebra::{DMatrix, dmatrix};

    fn corners(inputs: DMatrix<f64>) -> Dataset {
        Dataset {
            name: "corners".to_owned(),
            targets: DMatrix::from_fn(1, inputs.ncols(), |_, j| [1.0, -1.0][j % 2]),
            rows: (1..=inputs.ncols()).collect(),
            inputs,
            notes: Vec::new(),
        }
    }

    #[test]
    fn condition_holds_down_to_an_eighth_of_the_scale() {
        let data = corners(dmatrix![0.0, 1.0, 0.0, 1.0; 0.0, 0.0, 1.0, 1.0]);
        let kernel: KernelSpec = "gaussian:1".parse().unwrap();
        let found = at_zero(&data, kernel, 1).unwrap();
        let (label, mut instance) = found;
        assert_eq!(label, "4 samples of corners, kernel expansions, 4 layers");
        assert_eq!(instance.network.frame().depth(), 4);
        assert_eq!((instance.step_margin, instance.steps), (0.5, 30));
        assert_eq!(instance.reference, instance.network.zero());
        let gram = instance.reference_spectra().unwrap();
        let loss = instance.reference_loss().unwrap();
        assert!(loss.contains(0.5));
        let full = instance.network.clone();
        for (share, holds) in [(1.0, true), (0.127, true), (0.1249, false)] {
            instance.network = full.with_readout_scaled(share).unwrap();
            assert_eq!(constants(&instance, &gram, loss).is_ok(), holds, "{share}");
        }
    }

    #[test]
    fn equal_inputs_leave_the_scale_at_one() {
        let data = corners(dmatrix![0.3, 0.3; 0.1, 0.1]);
        let instance = lifted(&data, "gaussian:1".parse().unwrap()).unwrap();
        assert_eq!(*instance.network.frame().readout(), dmatrix![0.0, 0.0, 1.0]);
    }
}
