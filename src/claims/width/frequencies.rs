//! W3: random features against the kernel that they stand for.

use super::{EACH, GROUPS, Points, Power, generator, groups, ln_root_mean_square, too_long};
use crate::arithmetic::Ball;
use crate::bounds::finite_width::{Fluctuation, Majorant, MajorantTraining};
use crate::bounds::random_features::longest_frequency;
use crate::claims::random_features::{GAUSSIAN, Sampler, gaussian};
use crate::claims::{ResidualInstance, undecided};
use crate::evidence::statistics::FALSE_ALARM;
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::resnet::{ExpansionNetwork, Frame, NetworkError, ResNet, ResidualNetwork};
use nalgebra::DMatrix;
use rand::Rng;

/// Numbers of frequencies.
const WIDTHS: [usize; 5] = [16, 32, 64, 128, 256];

/// The step of gradient descent, times `‖B‖²`, and how many of them are a fixed training time.
const STEP: f64 = 1.0 / 32.0;
/// See [`STEP`].
const STEPS: usize = 4;

/// A few models apart from all others, drawn first: nothing else is if the correction is not smaller than four times
/// the mean square of these.
const PILOT: usize = 1 << 19;

/// W3: the distance of the predictions with `m` frequencies from those of the exact kernel, after a fixed time.
pub(in crate::claims) fn approximation(instance: &ResidualInstance) -> Finding {
    approximation_with(instance, Sampler::Independent)
}

/// The same with frequencies that are drawn wrongly.
pub(super) fn approximation_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    if gaussian(&instance.kernel).is_none() {
        return Finding::Inapplicable(vec![GAUSSIAN.to_owned()]);
    }
    let drawn = GROUPS * EACH * WIDTHS.iter().sum::<usize>();
    let dimension = instance.network.frame().state_dimension();
    let bandwidth = Ball::from(instance.kernel.bandwidth());
    let longest = longest_frequency(dimension, drawn, FALSE_ALARM) / bandwidth;
    slopes(instance, longest, sampler).map_or_else(|finding| finding, Finding::Compared)
}

fn slopes(
    instance: &ResidualInstance,
    longest: Ball,
    sampler: Sampler,
) -> Result<Vec<Comparison>, Finding> {
    let training = training(instance, longest);
    let correction = Fluctuation::error(&training, |found| Majorant::norm(&found.outputs));
    if !correction.is_possible(WIDTHS[0]) {
        return Err(too_long());
    }
    let task = Task {
        instance,
        step: (training.step).mid(),
    };
    let limit = task.limit().map_err(undecided)?;
    let off = |width: usize, index: usize| {
        // Models that are refused are no point of a regression.
        let found = task.drawn(sampler, width, index);
        found.map_or(f64::NAN, |predictions| (predictions - &limit).norm())
    };
    let widest = WIDTHS[WIDTHS.len() - 1];
    let few: Vec<f64> = (0..EACH).map(|index| off(widest, PILOT | index)).collect();
    let square = (2.0 * ln_root_mean_square(&few)).exp();
    let root = correction.root(widest, Ball::from(4.0 * widest as f64 * square));
    if correction.logarithm(WIDTHS[0], root).is_none() {
        return Err(too_long());
    }
    let points = Points::new(Power::Root, groups(&WIDTHS, off, ln_root_mean_square));
    let corrections = points.corrected(&correction)?;
    Ok(vec![points.slope(
        "predictions are m^−½ from those of the kernel",
        [-0.5, 0.0],
        Some(&corrections),
    )?])
}

/// Sizes of all that enters the training from zero with frequencies of at most this length.
fn training(instance: &ResidualInstance, longest: Ball) -> MajorantTraining {
    let frame = instance.network.frame();
    let norms = |matrix: &DMatrix<f64>| -> Vec<Ball> {
        let columns = matrix.column_iter();
        columns.map(|x| Ball::norm_of(x.as_slice())).collect()
    };
    let lifted = instance.lifted_inputs();
    let errors = frame.readout() * &lifted - &instance.targets;
    let squared = frame.readout_norm_squared();
    MajorantTraining {
        amplitude: Ball::from(1.0),
        frequency: longest,
        points: norms(&lifted),
        errors: norms(&errors),
        depth: frame.depth(),
        scale: squared.sqrt(),
        step: Ball::from(STEP / squared.upper()),
        steps: STEPS,
        rate: Ball::from(0.0),
        shared: true,
    }
}

/// Gradient descent from zero, on either network.
struct Task<'a> {
    instance: &'a ResidualInstance,
    step: f64,
}

impl Task<'_> {
    /// The predictions of the exact kernel.
    fn limit(&self) -> Result<DMatrix<f64>, NetworkError> {
        let frame = self.frame();
        let (lift, readout) = (frame.lift().clone(), frame.readout().clone());
        let kernel = self.instance.kernel;
        let network = ExpansionNetwork::try_new(lift, readout, kernel, frame.depth())?;
        Ok(self.predictions(&network))
    }

    /// Those of one draw of frequencies.
    fn drawn(
        &self,
        sampler: Sampler,
        width: usize,
        index: usize,
    ) -> Result<DMatrix<f64>, Box<dyn std::error::Error>> {
        let frame = self.frame();
        let seed = generator(self.instance.seed, 8, width << 20 | index).next_u64();
        let kernel = self.instance.kernel.as_kernel();
        let (frequencies, _) = sampler.draw(kernel, frame.state_dimension(), width, 1, seed)?;
        let features = FourierFeatures::try_new(frequencies)?;
        let (lift, readout) = (frame.lift().clone(), frame.readout().clone());
        let network = ResNet::try_new(lift, readout, features, frame.depth())?;
        Ok(self.predictions(&network))
    }

    fn frame(&self) -> &Frame {
        self.instance.network.frame()
    }

    /// The errors after the fixed time: predictions, less the targets that all have.
    fn predictions<N: ResidualNetwork>(&self, network: &N) -> DMatrix<f64> {
        let (inputs, targets) = (&self.instance.inputs, &self.instance.targets);
        let mut tape = network.tape(inputs.ncols());
        let mut v = network.zero();
        for _ in 0..STEPS {
            network.forward(&mut tape, &v, inputs, targets);
            network.backward(&mut tape, &v);
            v = network.combination(&v, &[(-self.step, network.gradient(&tape))]);
        }
        network.forward(&mut tape, &v, inputs, targets);
        network.pass(&tape).errors.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::width::spectral_instances;

    /// The states of the first layer do not move: with one layer the errors are `(I − (η/N)K)ⁿe_0`.
    #[test]
    fn one_layer_is_a_linear_iteration() {
        let mut instance = spectral_instances().remove(0);
        let network = &instance.network;
        let (lift, readout) = (network.lift().clone(), network.readout().clone() * 2.0);
        let features = network.features().clone();
        instance.network = ResNet::try_new(lift, readout, features, 1).unwrap();
        let sizes = training(&instance, Ball::from(7.0));
        assert!((sizes.scale.mid() - 2.0).abs() < 1e-14 && sizes.depth == 1);
        assert_eq!(sizes.errors[0].mid(), 0.04);
        assert_eq!((sizes.points[2].mid(), sizes.frequency.mid()), (1.0, 7.0));
        assert!((sizes.step.mid() * 128.0 - 1.0).abs() < 1e-14);
        let task = Task {
            instance: &instance,
            step: sizes.step.mid(),
        };
        let points = instance.lifted_inputs();
        let after = |kernel: &dyn Fn(f64, &DMatrix<f64>) -> f64| -> DMatrix<f64> {
            let gram = DMatrix::from_fn(3, 3, |i, j| {
                let difference = points.columns(i, 1) - points.columns(j, 1);
                kernel(difference.norm(), &difference)
            });
            let once = DMatrix::identity(3, 3) - gram * (4.0 * task.step / 3.0);
            let mut errors = -instance.targets.clone();
            for _ in 0..STEPS {
                errors *= &once;
            }
            errors
        };
        // The bandwidth is ½.
        let expected = after(&|r, _| (-2.0 * r * r).exp());
        assert!((task.limit().unwrap() - expected).amax() < 1e-14);
        let seed = generator(instance.seed, 8, 5 << 20 | 2).next_u64();
        let drawn = instance
            .kernel
            .as_kernel()
            .try_sample_frequencies(2, 5, seed)
            .unwrap();
        let expected = after(&|_, x| drawn.tr_mul(x).map(f64::cos).sum() / 5.0);
        let found = task.drawn(Sampler::Independent, 5, 2).unwrap();
        assert!((found - expected).amax() < 1e-14);
    }
}
