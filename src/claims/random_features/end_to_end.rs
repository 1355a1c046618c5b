//! R10: a recipe computed before the draw.

use super::models::{Stream, seed_of};
use super::{GAUSSIAN, POSITIVE, Sampler, gaussian};
use crate::arithmetic::Ball;
use crate::bounds::random_features::{
    Expressivity, WidthBound, curvature_constant, lipschitz_constant,
};
use crate::bounds::{Convergence, CurvatureBounds, CurvatureVersion};
use crate::claims::convergence::{TARGET, conclusions};
use crate::claims::{ResidualInstance, undecided};
use crate::evidence::statistics::Frequency;
use crate::evidence::{Comparison, Finding, Verdict};
use crate::features::FourierFeatures;
use crate::gram::feature_gram;
use crate::kernel::Gaussian;
use crate::recipe::Ingredients;
use crate::resnet::ResNet;
use crate::spectrum::{SpectrumError, smallest_eigenvalue};
use crate::text::count;
use rayon::prelude::*;

/// The probability that any of the three constants of a drawn network is worse than promised: half of it
/// for `λ_min(K̂)`, a quarter for each of `κ̂1` and `κ̂2`.
pub(super) const FAILURE: f64 = 1e-3;

/// `ε`: half of `λ_min(K)` may be lost.
const SHARE: f64 = 0.5;

const DEPTH: usize = 6;

/// `c = 1 − βη/2` at the smallest scale, and at least beyond.
const MARGIN: f64 = 0.5;

/// Steps of gradient descent a network.
const STEPS: usize = 12;

/// How many times the smallest scale the readout's scale is.
const HEADROOM: f64 = 4.0;

/// What is promised of a network that is not drawn yet.
#[derive(Clone, Copy, Debug)]
struct Promise {
    /// `m`.
    frequencies: usize,
    /// At least this: `λ_min(K̂)`.
    smallest: Ball,
    /// At most these.
    kappa1: Ball,
    kappa2: Ball,
    /// `α`, the readout's scale.
    scale: f64,
    /// The constants of P8 that follow.
    convergence: Convergence,
}

/// The recipe.
fn promise(
    instance: &ResidualInstance,
    kernel: Gaussian,
    expressivity: &Expressivity,
) -> Result<Option<Promise>, SpectrumError> {
    let Some((_, frequencies)) = width(expressivity)? else {
        return Ok(None);
    };
    let frequencies = frequencies as usize;
    let dimension = instance.inputs.nrows() + instance.targets.nrows();
    let sigma = Ball::from(kernel.sigma());
    let kappa1 = lipschitz_constant(dimension, frequencies, FAILURE / 4.0) / sigma;
    let kappa2 = curvature_constant(dimension, frequencies, FAILURE / 4.0) / sigma.square();
    let smallest = Ball::from(1.0 - SHARE) * expressivity.smallest();
    let samples = instance.samples();
    let squares = Ball::norm_of(instance.targets.as_slice()).square();
    let loss = squares / Ball::from(2.0 * samples as f64);
    let ingredients = Ingredients {
        samples,
        depth: DEPTH,
        smallest,
        largest: Ball::from(samples as f64),
        kappa1,
        kappa2,
        initial_loss: loss,
        curvature: CurvatureBounds {
            versions: &[CurvatureVersion::Global],
            ..CurvatureBounds::default()
        },
    };
    let choice = ingredients
        .smallest_scale(MARGIN)
        .and_then(|found| ingredients.best(HEADROOM * found.scale));
    Ok(choice.ok().map(|choice| Promise {
        frequencies,
        smallest,
        kappa1,
        kappa2,
        scale: choice.scale,
        convergence: choice.convergence,
    }))
}

pub(super) fn width(
    expressivity: &Expressivity,
) -> Result<Option<(WidthBound, u64)>, SpectrumError> {
    expressivity.width(SHARE, FAILURE / 2.0)
}

/// What became of a network.
struct Outcome {
    /// A constant is certainly worse than promised.
    broken: bool,
    /// All are certainly as good.
    kept: bool,
    /// What P8 says of it then.
    comparisons: Vec<Comparison>,
}

/// R10.
pub(in crate::claims) fn end_to_end(instance: &ResidualInstance) -> Finding {
    end_to_end_with(instance, Sampler::Independent)
}

pub(super) fn end_to_end_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error + Send + Sync>> {
        let Some(kernel) = gaussian(&instance.kernel) else {
            return Ok(Finding::Inapplicable(vec![GAUSSIAN.to_owned()]));
        };
        let expressivity = Expressivity::try_new(&instance.kernel, &instance.inputs)?;
        if !(expressivity.smallest().lower() > 0.0) {
            return Ok(Finding::Inapplicable(vec![POSITIVE.to_owned()]));
        }
        let networks = instance.draws.div_ceil(128);
        let Some(promise) = promise(instance, kernel, &expressivity)? else {
            return Ok(undecided("no scale of the readout satisfies the condition"));
        };
        // A step costs a dozen passes over the features of every layer.
        let work = networks * STEPS * DEPTH * 12;
        if let Err(reason) =
            super::models::affordable(promise.frequencies as u64, instance.samples(), work)
        {
            return Ok(undecided(reason));
        }
        let outcomes: Result<Vec<Outcome>, _> = (0..networks)
            .into_par_iter()
            .map(|index| network(instance, kernel, sampler, &promise, index))
            .collect();
        let outcomes = outcomes?;
        let broken = Frequency::of(outcomes.iter().map(|outcome| outcome.broken));
        let kept = Frequency::of(outcomes.iter().map(|outcome| outcome.kept));
        let broken = Comparison::rarer(
            "P(λ_min(K̂), κ̂1 or κ̂2 is worse than promised) ≤ τ",
            broken,
            Ball::from(FAILURE),
        );
        if kept.events < kept.trials.div_ceil(2) && broken.verdict() != Verdict::Violated {
            return Ok(undecided(format!(
                "only {} of {} are certainly as promised",
                kept.events,
                count(kept.trials, "network")
            )));
        }
        let trained = outcomes.into_iter().flat_map(|outcome| outcome.comparisons);
        Ok(Finding::Compared(
            std::iter::once(broken).chain(trained).collect(),
        ))
    };
    check().unwrap_or_else(undecided)
}

/// Draws a network, compares its constants with the promise, and trains it.
fn network(
    instance: &ResidualInstance,
    kernel: Gaussian,
    sampler: Sampler,
    promise: &Promise,
    index: usize,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let (inputs, outputs) = (instance.inputs.nrows(), instance.targets.nrows());
    let seed = seed_of(instance.seed, Stream::Networks, index as u64);
    let (drawn, _) = sampler.draw(&kernel, inputs + outputs, promise.frequencies, 1, seed)?;
    let features = FourierFeatures::try_new(drawn)?;
    let network = ResNet::lifted(inputs, outputs, promise.scale, features, DEPTH)?;
    let zero = network.zero_weights();
    let realised = ResidualInstance {
        network,
        reference: zero.clone(),
        weights: zero,
        step_margin: MARGIN,
        steps: STEPS,
        ..instance.clone()
    };
    let points = realised.lifted_inputs();
    let features = realised.network.features();
    let values = features.evaluate(&points);
    // Products of 2m features of m^{−1/2} at most, whose phases are rounded like those of the pass.
    let phase = features.frequency_max() * points.amax() * points.nrows() as f64;
    let entry = crate::arithmetic::gamma(2 * features.width() + 16)
        + crate::arithmetic::gamma(2 * points.nrows() + 4) * phase;
    let smallest = smallest_eigenvalue(&feature_gram(&values))?.ball();
    let smallest = smallest.widened(points.ncols() as f64 * entry);
    let (kappa1, kappa2) = (features.kappa1_ball(), features.kappa2_ball());
    let (_, most_curved) = features.kappa2_lower(1);
    let broken = smallest.upper() < promise.smallest.lower()
        || kappa1.lower() > promise.kappa1.upper()
        || features.kappa2_along(&most_curved).lower() > promise.kappa2.upper();
    let kept = smallest.lower() >= promise.smallest.upper()
        && kappa1.upper() <= promise.kappa1.lower()
        && kappa2.upper() <= promise.kappa2.lower();
    let comparisons = if kept {
        let trace = realised.descend(promise.convergence.step, STEPS, TARGET)?;
        conclusions(&realised, &promise.convergence, &trace)
    } else {
        Vec::new()
    };
    Ok(Outcome {
        broken,
        kept,
        comparisons,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::random_features::pinned;

    #[test]
    fn the_promise_satisfies_the_condition_and_is_kept() {
        let instance = pinned(&[0.0], &[1.0]);
        let kernel = gaussian(&instance.kernel).unwrap();
        let expressivity = Expressivity::try_new(&instance.kernel, &instance.inputs).unwrap();
        let promise = promise(&instance, kernel, &expressivity).unwrap().unwrap();
        let loss = instance.targets.norm_squared() / (2.0 * instance.samples() as f64);
        assert!(promise.convergence.loss_threshold().lower() >= loss);
        let margin = promise.convergence.step_margin().mid();
        assert!((MARGIN - 1e-9..1.0).contains(&margin));
        let (_, frequencies) = width(&expressivity).unwrap().unwrap();
        assert_eq!(promise.frequencies as u64, frequencies);
        let outcome = network(&instance, kernel, Sampler::Independent, &promise, 0).unwrap();
        assert!(outcome.kept && !outcome.broken);
        // Five conclusions a step, until the loss has fallen to a thousandth.
        assert!(outcome.comparisons.len() >= 5 * STEPS / 2);
        assert_eq!(outcome.comparisons.len() % 5, 0);
        let holds = |c: &Comparison| c.verdict() == Verdict::Holds;
        assert!(outcome.comparisons.iter().all(holds));
        // A smaller scale would not do.
        assert!(promise.scale > 1.0);
        let outcome = network(&instance, kernel, Sampler::Fewer(50), &promise, 0).unwrap();
        assert!(outcome.broken && !outcome.kept && outcome.comparisons.is_empty());
        let outcome = network(&instance, kernel, Sampler::Stretched(4.0), &promise, 0).unwrap();
        assert!(outcome.broken);
    }

    #[test]
    fn a_thousand_networks_keep_the_promise() {
        let instance = pinned(&[0.0], &[1.0]);
        let kernel = gaussian(&instance.kernel).unwrap();
        let expressivity = Expressivity::try_new(&instance.kernel, &instance.inputs).unwrap();
        let promise = promise(&instance, kernel, &expressivity).unwrap().unwrap();
        let draw = |index| network(&instance, kernel, Sampler::Independent, &promise, index);
        let outcomes: Vec<Outcome> = (0..1000)
            .into_par_iter()
            .map(|index| draw(index).unwrap())
            .collect();
        // P(Bin(1000, 1e-3) > 12) < 1e-9; kept means that certificates say so, too.
        let broken = outcomes.iter().filter(|outcome| outcome.broken).count();
        let kept = outcomes.iter().filter(|outcome| outcome.kept).count();
        assert!(broken <= 12 && kept >= 988, "{broken} {kept}");
        let mut comparisons = outcomes.iter().flat_map(|outcome| &outcome.comparisons);
        assert!(comparisons.all(|c| c.verdict() == Verdict::Holds));
    }
}
