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
