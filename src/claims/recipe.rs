//! P10's lift on a data set: the network on which `verify` trains.

use super::convergence::constants;
use super::{Instance, InstanceError};
use crate::data::Dataset;
use crate::features::FourierFeatures;
use crate::kernel::KernelSpec;
use crate::resnet::ResNet;

/// Doublings of the readout's scale before the search gives up.
const DOUBLINGS: i32 = 60;

/// The sizes of a training run on data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// Number of frequencies `m`.
    pub frequencies: usize,
    /// Number of layers `D`.
    pub depth: usize,
    /// How many times the smallest admissible power of two the readout's scale
    /// is: a larger scale brings the guaranteed rate closer to the observed one.
    pub headroom: f64,
    /// `c = 1 − βη/2`.
    pub step_margin: f64,
    /// Largest number of steps.
    pub steps: usize,
}

impl Default for Training {
    /// 500 frequencies, 8 layers, eightfold headroom, the step `1/β`, 100 steps.
    fn default() -> Self {
        Self {
            frequencies: 500,
            depth: 8,
            headroom: 8.0,
            step_margin: 0.5,
            steps: 100,
        }
    }
}

impl Training {
    /// Builds the lifted network of P10 on a data set, at zero weights, with a
    /// readout scaled until P8's condition holds.
    ///
    /// If no scale satisfies the condition (two equal inputs, say) the network has
    /// scale 1, and the claims say which hypothesis fails.
    ///
    /// # Arguments
    /// * `seed`: of the frequencies, drawn from the kernel's spectral measure in
    ///   dimension `d + d'`.
    ///
    /// # Errors
    /// Data that a network refuses.
    ///
    /// # Example
    /// ```
    /// use polyak::claims::{Training, find};
    /// use polyak::evidence::Verdict;
    /// let data = polyak::data::digits().subsample(20, 0)?;
    /// let kernel = "gaussian:0.35*auto".parse::<polyak::kernel::KernelName>()?;
    /// let training = Training { frequencies: 100, depth: 4, ..Training::default() };
    /// let instance = training.instance(&data, kernel.resolve(&data.inputs)?, 0)?;
    /// let evidence = find("P8.convergence")?.evaluate(&instance);
    /// assert_eq!(evidence.verdict, Verdict::Holds);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instance(
        &self,
        data: &Dataset,
        kernel: KernelSpec,
        seed: u64,
    ) -> Result<Instance, InstanceError> {
        let (inputs, outputs) = (data.inputs.nrows(), data.targets.nrows());
        let features = FourierFeatures::draw(&kernel, inputs + outputs, self.frequencies, seed)?;
        // Once for all scales: clones of the features keep their constants.
        features.kappa2_ball();
        let network = ResNet::lifted(inputs, outputs, 1.0, features, self.depth)?;
        network.require_data(&data.inputs, &data.targets)?;
        let zero = network.zero_weights();
        let mut instance = Instance {
            kernel,
            network,
            inputs: data.inputs.clone(),
            targets: data.targets.clone(),
            reference: zero.clone(),
            weights: zero,
            step_margin: self.step_margin,
            steps: self.steps,
        };
        // At zero weights neither the Gram matrices nor the loss depend on the scale.
        let gram = instance.reference_spectra()?;
        let loss = instance.observer()?.observe(&instance.reference).loss;
        let unit = instance.network.clone();
        for power in 0..DOUBLINGS {
            let scale = 2.0_f64.powi(power);
            instance.network = unit.with_readout_scaled(scale)?;
            if constants(&instance, &gram, loss).is_ok() {
                instance.network = unit.with_readout_scaled(scale * self.headroom)?;
                return Ok(instance);
            }
        }
        instance.network = unit;
        Ok(instance)
    }
}
