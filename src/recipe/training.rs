//! Training that is held to its promise.

use super::certificate::TrainingCertificate;
use super::filtered::{LinearTask, MOST_STEPS, Steps};
use super::plan::initial_loss;
use super::{RecipeError, fingerprint};
use crate::arithmetic::Ball;
use crate::bounds::{EnvelopePoint, LossSlope, Standing};
use crate::features::FourierFeatures;
use crate::flow::{Guarantee, HeldDescent, HeldTask, Observer, TrainingEnd, TrainingProgress};
use crate::resnet::{ResNet, Weights};
use nalgebra::DMatrix;
use std::ops::ControlFlow;

/// Gradient descent from zero weights with the step of a certificate.
///
/// # Example
/// ```
/// use polyak::recipe::{DataSource, Plan, Training, TrainingEnd};
/// let data = polyak::data::digits().subsample(8, 0)?;
/// let kernel = "gaussian:1".parse()?;
/// let source = DataSource::digits(8);
/// let certificate = Plan::default().with_depth(3).realised(&data, source, kernel, 60)?;
/// let mut training = Training::new(certificate, &data.inputs, &data.targets)?;
/// let end = training.run(u64::MAX, |progress| {
///     assert!(progress.loss.lower() <= progress.bound);
///     std::ops::ControlFlow::Continue(())
/// })?;
/// assert_eq!(end, TrainingEnd::TargetReached);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Training {
    pub(super) certificate: TrainingCertificate,
    pub(super) network: ResNet,
    inputs: DMatrix<f64>,
    pub(super) targets: DMatrix<f64>,
    /// What the certificate promises, of the network that is here.
    pub(super) guarantee: Guarantee,
    pub(super) state: HeldDescent,
}

impl Training {
    /// Builds the network of a certificate on its data, at zero weights.
    ///
    /// # Errors
    /// [`RecipeError::OtherData`] or [`RecipeError::OtherFrequencies`] where a fingerprint differs; what a
    /// network refuses.
    pub fn new(
        certificate: TrainingCertificate,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> Result<Self, RecipeError> {
        if fingerprint(&[inputs, targets]) != certificate.data.fingerprint {
            return Err(RecipeError::OtherData);
        }
        let architecture = &certificate.architecture;
        let (d, outputs) = (inputs.nrows(), targets.nrows());
        let count = architecture.frequencies as usize;
        let features =
            FourierFeatures::draw(&architecture.kernel, d + outputs, count, architecture.seed)?;
        if let Some(known) = &architecture.fingerprint
            && fingerprint(&[features.frequencies()]) != *known
        {
            return Err(RecipeError::OtherFrequencies);
        }
        let scale = certificate.scale.chosen;
        let network = ResNet::lifted(d, outputs, scale, features, architecture.depth)?;
        network.require_data(inputs, targets)?;
        let state = HeldDescent::new(network.zero_weights());
        let points = points(&certificate, &network, inputs, targets)?;
        Ok(Self {
            guarantee: guarantee(&certificate, &network, points),
            certificate,
            network,
            inputs: inputs.clone(),
            targets: targets.clone(),
            state,
        })
    }

    /// Trains until the target is reached, the promise is broken or used up, `iterations` steps are taken
    /// in all, or `progress` breaks. Called again it goes on from there, unless the promise is broken or used up.
    ///
    /// # Errors
    /// Data that a network refuses.
    ///
    /// # Cost
    /// One forward and backward pass a step.
    pub fn run(
        &mut self,
        iterations: u64,
        progress: impl FnMut(&TrainingProgress) -> ControlFlow<()>,
    ) -> Result<TrainingEnd, RecipeError> {
        let promise = &self.certificate.promise;
        let task = HeldTask {
            guarantee: &self.guarantee,
            reference: None,
            initial: Some(initial_loss(&self.targets)),
            // P8b.filtered has no condition on the loss.
            threshold: promise.filtered.is_none().then_some(promise.loss_threshold),
            target: promise.target,
        };
        let mut observer = Observer::try_new(&self.network, &self.inputs, &self.targets)?;
        Ok(self.state.run(&mut observer, &task, iterations, progress))
    }

    /// The certificate.
    pub fn certificate(&self) -> &TrainingCertificate {
        &self.certificate
    }

    /// The network.
    pub fn network(&self) -> &ResNet {
        &self.network
    }

    /// The descent so far, and where it stands with the promise.
    pub fn descent(&self) -> &HeldDescent {
        &self.state
    }

    /// The weights reached.
    pub fn weights(&self) -> &Weights {
        self.state.weights()
    }

    /// The loss of every iterate so far, the start included.
    pub fn losses(&self) -> &[f64] {
        self.state.losses()
    }

    /// What the last loss was promised to be at most; nothing before the start.
    pub fn bound(&self) -> Option<f64> {
        self.state.bound()
    }

    /// Where the last iterate left the promise; held, before the start.
    pub fn standing(&self) -> Standing {
        self.state.standing()
    }

    /// What was promised of the losses of so many iterates, the start included, but for what rounding adds; nothing before the start.
    pub fn envelope(&self, iterations: u64) -> Vec<f64> {
        self.state.envelope(iterations)
    }

    /// Observed rate of a training whose loss fell: `ln(L0/L_n)/n` at its end.
    pub fn observed_rate(&self) -> Option<f64> {
        self.state.observed_rate()
    }

    /// Guaranteed rate over observed rate, in [0, 1] if the promise is kept.
    pub fn tightness(&self) -> Option<f64> {
        Some(self.certificate.promise.guaranteed_rate() / self.observed_rate()?)
    }
}

/// What a certificate promises of the training of its network, from zero weights.
fn guarantee(
    certificate: &TrainingCertificate,
    network: &ResNet,
    points: Vec<EnvelopePoint>,
) -> Guarantee {
    let promise = &certificate.promise;
    let (mut reach, mut after, mut rounding) = (promise.radius, 0, 0.0);
    if let Some(filtered) = &promise.filtered {
        let outer = Ball::from(filtered.displacement.value) + Ball::from(promise.radius);
        reach = outer.lower();
        (after, rounding) = (filtered.iterations, filtered.rounding);
    }
    Guarantee {
        convergence: promise.convergence(),
        slope: LossSlope {
            norm_squared: network.readout_norm_squared(),
            kappa1: network.features().kappa1_ball(),
        },
        centre_norm: Ball::from(0.0),
        level: promise.level(&certificate.ingredients()).upper(),
        reach,
        after,
        points: points.into(),
        rounding,
        samples: certificate.data.samples,
    }
}

/// What P8b.filtered guarantees of the network that is here; nothing if it is not promised.
fn points(
    certificate: &TrainingCertificate,
    network: &ResNet,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> Result<Vec<EnvelopePoint>, RecipeError> {
    let promise = &certificate.promise;
    let Some(filtered) = &promise.filtered else {
        return Ok(Vec::new());
    };
    let mut observer = Observer::try_new(network, inputs, targets)?;
    let observation = observer.observe(&network.zero_weights());
    let task = LinearTask::new(&observer, &observation, inputs, targets);
    let steps = Steps {
        count: filtered.iterations.min(MOST_STEPS as u64) as usize,
        step: promise.step,
        rounding: filtered.rounding,
    };
    let ingredients = certificate.ingredients();
    Ok(task.envelope(&ingredients, certificate.scale.chosen, steps))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Plan;
    use super::super::plan::tests::{corners, kernel, realised, source};
    use super::*;
    use crate::flow::{DescentOptions, gradient_descent};

    pub fn training() -> Training {
        let data = corners();
        Training::new(realised(), &data.inputs, &data.targets).unwrap()
    }

    fn go_on(_: &TrainingProgress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn the_promise_is_kept_until_the_target() {
        let mut training = training();
        let mut seen = Vec::new();
        let end = training.run(u64::MAX, |progress| {
            assert_eq!(progress.standing, Standing::Held);
            seen.push(*progress);
            ControlFlow::Continue(())
        });
        assert_eq!(end, Ok(TrainingEnd::TargetReached));
        let losses = training.losses();
        assert_eq!(losses.len(), seen.len());
        assert!(
            seen.iter()
                .enumerate()
                .all(|(n, p)| p.iteration == n as u64 && p.loss.mid() == losses[n])
        );
        assert!((losses[0] - corners().targets.norm_squared() / 10.0).abs() < 1e-15);
        let last = losses.len() - 1;
        assert!(losses[last] <= 1e-6 * losses[0] && losses[last - 1] > 1e-6 * losses[0]);
        assert!(last as u64 <= training.certificate().promise.iterations);
        // Guaranteed over observed, from the losses.
        let guaranteed = training.certificate().promise.guaranteed_rate();
        let observed = (losses[0] / losses[last]).ln() / last as f64;
        assert!((training.observed_rate().unwrap() - observed).abs() < 1e-15);
        assert!((training.tightness().unwrap() - guaranteed / observed).abs() < 1e-12);
        assert!(training.tightness().unwrap() <= 1.0);
        assert!(seen.iter().all(|p| p.loss.upper() <= p.bound));
        assert_eq!(training.bound(), Some(seen[last].bound));
        assert_eq!(self::training().bound(), None);
        // The whole envelope is what each iterate was held to, which rounding has made a little larger.
        let envelope = training.envelope(last as u64);
        assert_eq!(envelope.len(), losses.len());
        for (promised, seen) in envelope.iter().zip(&seen) {
            assert!(
                seen.bound >= *promised && seen.bound <= promised * 1.01,
                "{promised} {seen:?}"
            );
        }
        assert!(self::training().envelope(3).is_empty());
    }

    /// The same iterates as the descent of the room `flow`.
    #[test]
    fn iterates_are_those_of_gradient_descent() {
        let mut training = training();
        assert_eq!(training.run(15, go_on), Ok(TrainingEnd::Iterations));
        let data = corners();
        let network = training.network().clone();
        let mut observer = Observer::try_new(&network, &data.inputs, &data.targets).unwrap();
        let task = DescentOptions {
            step: training.certificate().promise.step,
            iterations: 15,
            target: 0.0,
            gram_spectra: false,
            tangent_every: 0,
        };
        let trace = gradient_descent(&mut observer, network.zero_weights(), &task, |_| ()).unwrap();
        assert_eq!(trace.weights, *training.weights());
        let losses: Vec<f64> = trace
            .records
            .iter()
            .map(|record| record.loss.mid())
            .collect();
        assert_eq!(losses, training.losses());
        let last = trace.records.last().unwrap();
        let envelope = *training.state.held.as_ref().unwrap().state();
        assert!((envelope.path.mid() / last.path_length.mid() - 1.0).abs() < 1e-9);
        let perturbations: f64 = trace
            .records
            .iter()
            .map(|record| record.step_rounding)
            .sum();
        assert!((envelope.perturbations / perturbations - 1.0).abs() < 1e-6);
        assert_eq!(envelope.displacement, last.norm);
    }

    #[test]
    fn a_training_goes_on_where_it_was_stopped() {
        let mut whole = training();
        whole.run(17, go_on).unwrap();
        let mut parts = training();
        assert_eq!(parts.run(5, go_on), Ok(TrainingEnd::Iterations));
        let mut calls = 0;
        let stopped = parts.run(17, |progress| {
            calls += 1;
            if progress.iteration == 14 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((stopped, calls), (Ok(TrainingEnd::Stopped), 9));
        assert_eq!(parts.run(17, go_on), Ok(TrainingEnd::Iterations));
        assert_eq!(parts.state, whole.state);
        assert_eq!(parts.run(17, go_on), Ok(TrainingEnd::Iterations));
        assert_eq!(parts.state, whole.state);
    }

    /// A recipe before the draw, which P8 alone promises, on few samples.
    fn by_p8() -> TrainingCertificate {
        let plan = Plan::default().with_target(1e-6).with_seed(3);
        plan.a_priori(&corners(), source(), kernel(), 0.5).unwrap()
    }

    fn first_break(certificate: TrainingCertificate) -> (TrainingEnd, Standing) {
        let data = corners();
        let mut training = Training::new(certificate.clone(), &data.inputs, &data.targets).unwrap();
        let mut standing = Standing::Held;
        let end = training.run(1000, |p| {
            standing = p.standing;
            ControlFlow::Continue(())
        });
        let end = end.unwrap();
        assert_eq!(training.standing(), standing);
        // A training whose promise is broken or used up stays so: called again, and read from its checkpoint.
        let bytes = training.to_bytes();
        let mut again = Training::new(certificate, &data.inputs, &data.targets).unwrap();
        again.restore(&bytes).unwrap();
        for training in [&mut training, &mut again] {
            assert_eq!(training.run(1000, go_on), Ok(end));
            assert_eq!(training.standing(), standing);
            assert_eq!(training.to_bytes(), bytes);
        }
        (end, standing)
    }

    fn breaks(certificate: TrainingCertificate, wanted: &str) {
        let (end, standing) = first_break(certificate);
        assert_eq!(end, TrainingEnd::Broken, "{wanted}");
        assert!(
            matches!(standing, Standing::Broken { what, .. } if what == wanted),
            "{standing:?}"
        );
    }

    /// The promise of a certificate that claims too much is broken.
    #[test]
    fn a_false_promise_of_p8_is_found_out() {
        assert_eq!(first_break(by_p8()).0, TrainingEnd::TargetReached);
        let mut false_rate = by_p8();
        false_rate.promise.pl_constant.value *= 30.0;
        assert_eq!(first_break(false_rate).0, TrainingEnd::Broken);
        let mut large_step = by_p8();
        large_step.promise.step *= 20.0;
        let (end, _) = first_break(large_step);
        assert!(
            matches!(end, TrainingEnd::Broken | TrainingEnd::PrecisionLost),
            "{end:?}"
        );
        let mut threshold = by_p8();
        threshold.promise.loss_threshold = 1e-3;
        breaks(threshold, "L(v⁰) ≤ mR²c²/4");
        let mut radius = by_p8();
        radius.promise.radius *= 1e-3;
        breaks(radius, "path ≤ R");
    }

    /// Without the curvature of the features the errors are promised to be those of the linearised network, which they
    /// are not; and a step that may be off by more than was allowed ends the promise.
    #[test]
    fn a_false_promise_of_the_spectrum_is_found_out() {
        let plan = Plan::default().with_target(1e-6).with_headroom(1.0);
        let plan = plan.with_seed(3);
        let data = corners();
        let honest = plan.realised(&data, source(), kernel(), 30).unwrap();
        assert!(honest.promise.filtered.is_some());
        assert_eq!(first_break(honest.clone()).0, TrainingEnd::TargetReached);
        let mut straight = honest.clone();
        straight.constants.kappa1.value *= 1e-9;
        straight.constants.kappa2.value *= 1e-9;
        let (end, standing) = first_break(straight);
        assert_eq!(end, TrainingEnd::Broken, "{standing:?}");
        let mut exact = honest;
        exact.promise.filtered.as_mut().unwrap().rounding = 1e-30;
        let (end, standing) = first_break(exact);
        assert_eq!(
            (end, standing),
            (TrainingEnd::PrecisionLost, Standing::Unknown)
        );
    }

    /// Beyond the last iterate that the spectrum promises, P8 goes on.
    #[test]
    fn p8_goes_on_where_the_spectrum_ends() {
        let mut certificate = realised();
        let steps = certificate.promise.iterations;
        // A target that is not reached there, of the same promise.
        certificate.promise.target = 1e-9;
        let data = corners();
        let mut training = Training::new(certificate, &data.inputs, &data.targets).unwrap();
        let mut bounds = Vec::new();
        let end = training.run(steps + 5, |progress| {
            assert_eq!(progress.standing, Standing::Held);
            bounds.push(progress.bound);
            ControlFlow::Continue(())
        });
        assert_eq!(end, Ok(TrainingEnd::Iterations));
        let promise = &training.certificate().promise;
        let level = promise.filtered.as_ref().unwrap().error.value.powi(2) / 10.0;
        for (j, bound) in bounds[steps as usize..].iter().enumerate() {
            let expected = level * (1.0 - promise.rate).powi(j as i32);
            // Rounding adds to it.
            let more = bound / expected - 1.0;
            assert!((-1e-12..1e-6).contains(&more), "{j}: {more:e}");
        }
        // A pause there changes nothing.
        let mut paused =
            Training::new(training.certificate.clone(), &data.inputs, &data.targets).unwrap();
        for stop in [steps - 1, steps, steps + 2, steps + 5] {
            paused.run(stop, go_on).unwrap();
            let bytes = paused.to_bytes();
            paused.restore(&bytes).unwrap();
        }
        assert_eq!(paused.state, training.state);
    }

    #[test]
    fn other_data_and_other_draws_are_refused() {
        let data = corners();
        let refused = |certificate: TrainingCertificate, inputs: &DMatrix<f64>| {
            Training::new(certificate, inputs, &data.targets).err()
        };
        let mut moved = data.inputs.clone();
        moved[(0, 1)] += 1e-12;
        assert_eq!(refused(realised(), &moved), Some(RecipeError::OtherData));
        let mut other = realised();
        other.architecture.seed += 1;
        assert_eq!(
            refused(other, &data.inputs),
            Some(RecipeError::OtherFrequencies)
        );
        // Before the draw any seed will do.
        let plan = Plan {
            seed: 7,
            ..Plan::default()
        };
        let prior = plan.a_priori(&data, source(), kernel(), 0.5).unwrap();
        assert_eq!(refused(prior, &data.inputs), None);
        assert_eq!(training().observed_rate(), None);
    }
}
