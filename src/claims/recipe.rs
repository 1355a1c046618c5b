//! P10's lift on a data set: the network on which `verify` trains.

use super::{InstanceError, ResidualInstance};
use crate::arithmetic::Ball;
use crate::bounds::{CurvatureBounds, Neighbourhood};
use crate::data::{DEFAULT_DRAWS, Dataset};
use crate::features::FourierFeatures;
use crate::flow::GramSpectrum;
use crate::kernel::KernelSpec;
use crate::recipe::Ingredients;
use crate::resnet::{ResNet, ResidualNetwork};

/// The sizes of a training run on data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrainingSizes {
    /// Number of frequencies `m`.
    pub frequencies: usize,
    /// Number of layers `D`.
    pub depth: usize,
    /// How many times the smallest admissible scale the readout's scale is: a
    /// larger one brings the guaranteed rate closer to the observed one.
    pub headroom: f64,
    /// `c = 1 − βη/2`.
    pub step_margin: f64,
    /// Largest number of steps.
    pub steps: usize,
}

impl Default for TrainingSizes {
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

impl TrainingSizes {
    setters! {
        with_frequencies, frequencies: usize;
        with_depth, depth: usize;
        with_headroom, headroom: f64;
        with_step_margin, step_margin: f64;
        with_steps, steps: usize;
    }
}

impl TrainingSizes {
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
    /// use polyak::claims::{TrainingSizes, find};
    /// use polyak::evidence::Verdict;
    /// let data = polyak::data::digits().subsample(20, 0)?;
    /// let kernel = "gaussian:0.35*auto".parse::<polyak::kernel::KernelName>()?;
    /// let training = TrainingSizes::default().with_frequencies(100).with_depth(4);
    /// let instance = training.instance(&data, kernel.resolve(&data.inputs)?, 0)?;
    /// let evidence = find("P8.convergence")?.evaluate(&instance.into());
    /// assert_eq!(evidence.verdict, Verdict::Holds);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instance(
        &self,
        data: &Dataset,
        kernel: KernelSpec,
        seed: u64,
    ) -> Result<ResidualInstance, InstanceError> {
        let (inputs, outputs) = (data.inputs.nrows(), data.targets.nrows());
        let features = FourierFeatures::draw(&kernel, inputs + outputs, self.frequencies, seed)?;
        // Once for all scales: clones of the features keep their constants.
        features.kappa2_ball();
        let network = ResNet::lifted(inputs, outputs, 1.0, features, self.depth)?;
        network.require_data(&data.inputs, &data.targets)?;
        let zero = network.zero_weights();
        let instance = ResidualInstance {
            kernel,
            network,
            inputs: data.inputs.clone(),
            targets: data.targets.clone(),
            reference: zero.clone(),
            weights: zero,
            step_margin: self.step_margin,
            steps: self.steps,
            seed,
            draws: DEFAULT_DRAWS,
        };
        scaled(instance, self.headroom)
    }
}

/// Scales the readout of a lifted network at zero weights to `headroom` times the smallest scale that
/// satisfies P8's condition; leaves it, if no scale does.
pub(super) fn scaled<N: ResidualNetwork>(
    mut instance: ResidualInstance<N>,
    headroom: f64,
) -> Result<ResidualInstance<N>, InstanceError> {
    // At zero weights neither the Gram matrices nor the loss depend on the scale.
    let gram = instance.reference_spectra()?;
    let loss = instance.reference_loss()?;
    let ingredients = instance.ingredients(&gram, loss);
    if let Ok(smallest) = ingredients.smallest_scale(instance.step_margin) {
        let scale = smallest.scale * headroom;
        instance.network = instance.network.with_readout_scaled(scale)?;
    }
    Ok(instance)
}

impl<N: ResidualNetwork> ResidualInstance<N> {
    /// Returns what P10 needs to know of a lifted network at zero weights, where all layers share one Gram matrix.
    pub fn ingredients(&self, gram: &[GramSpectrum], initial_loss: Ball) -> Ingredients {
        let Neighbourhood {
            kappa1,
            kappa2,
            depth,
            ..
        } = self.neighbourhood(Ball::from(0.0));
        Ingredients {
            samples: self.samples(),
            depth,
            smallest: gram[0].smallest,
            largest: gram[0].largest,
            kappa1,
            kappa2,
            initial_loss,
            curvature: CurvatureBounds::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::convergence::constants;
    use super::*;
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

    fn lifted(data: &Dataset, headroom: f64) -> ResidualInstance {
        let kernel = Gaussian::try_new(1.0).unwrap().into();
        training(headroom).instance(data, kernel, 3).unwrap()
    }

    fn training(headroom: f64) -> TrainingSizes {
        TrainingSizes {
            frequencies: 20,
            depth: 8,
            headroom,
            step_margin: 0.5,
            steps: 7,
        }
    }

    fn corners() -> Dataset {
        data(dmatrix![0.0, 1.0, 0.0, 1.0; 0.0, 0.0, 1.0, 1.0])
    }

    fn observed(instance: &ResidualInstance) -> (Vec<GramSpectrum>, Ball) {
        let loss = instance.reference_loss().unwrap();
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

    /// P8's condition holds a little above the scale found (its radius is searched on a grid) and not
    /// below it.
    #[test]
    fn scale_is_the_smallest() {
        let mut instance = lifted(&corners(), 1.0);
        let scale = instance.network.readout()[2];
        assert!(scale > 1.0);
        let (gram, loss) = observed(&instance);
        assert!(loss.contains(0.5));
        let unit = instance.network.clone();
        let mut at = |share: f64| {
            instance.network = unit.with_readout_scaled(share).unwrap();
            constants(&instance, &gram, loss)
        };
        assert!(at(1.01).is_ok() && at(0.999_99).is_err());
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
        let refused = training(1.0).instance(&broken, kernel, 3);
        assert!(matches!(refused, Err(InstanceError::Network(_))));
        let refused = TrainingSizes {
            frequencies: 0,
            ..training(1.0)
        }
        .instance(&corners(), kernel, 3);
        assert!(matches!(refused, Err(InstanceError::Features(_))));
        let refused = TrainingSizes {
            depth: 0,
            ..training(1.0)
        }
        .instance(&corners(), kernel, 3);
        assert!(matches!(refused, Err(InstanceError::Network(_))));
    }
}
