//! D2: loss and gradient at two depths.

use super::super::ResidualInstance;
use super::{STEPS, deep_steps, path};
use crate::arithmetic::enlarged;
use crate::evidence::Comparison;
use crate::flow::{Observation, Observer};
use crate::resnet::{NetworkError, Weights};

/// The losses of a path run at the depths `D` and `nD`.
const LOSS_GAP: &str = "|L_D−L_nD| ≤ √(2L)‖B‖ε+‖B‖²ε²/2";

/// Their gradients.
const GRADIENT_GAP: &str = "‖∇L_D−∇L_nD‖ ≤ ‖B‖√(2L)Γ+‖B‖²εZ";

/// Loss and gradient of the path `weights`, run at `steps` times its depth.
fn seen(
    instance: &ResidualInstance,
    weights: &Weights,
    steps: usize,
) -> Result<(Observation, Weights), NetworkError> {
    let deep = instance.network.with_depth(weights.depth() * steps)?;
    let mut observer = Observer::try_new(&deep, &instance.inputs, &instance.targets)?;
    let observation = observer.observe(&weights.refined(steps));
    Ok((observation, observer.tape().gradient().clone()))
}

/// Loss and gradient at two depths, each beside the same deep network.
pub(in crate::claims) fn gaps(
    instance: &ResidualInstance,
) -> Result<Vec<Comparison>, NetworkError> {
    let norm_squared = instance.network.readout_norm_squared();
    let weights = &instance.weights;
    let mut comparisons = Vec::new();
    let deep = deep_steps(weights.depth());
    let (fine, fine_gradient) = seen(instance, weights, deep)?;
    for steps in STEPS {
        let times = deep / steps;
        let (coarse, gradient) = seen(instance, weights, steps)?;
        let around = path(instance, weights.norm(), weights.depth() * steps);
        let loss = (coarse.loss - fine.loss).abs();
        let bound = around.loss_gap(times, norm_squared, coarse.loss);
        comparisons.push(Comparison::at_most(LOSS_GAP, loss, bound));
        let off = coarse.rounding.gradient_error() + fine.rounding.gradient_error();
        let distance = gradient.refined(times).distance(&fine_gradient);
        let distance = distance.widened(enlarged(off, 2));
        let bound = around.gradient_gap(times, norm_squared, coarse.loss);
        comparisons.push(Comparison::at_most(GRADIENT_GAP, distance, bound));
    }
    Ok(comparisons)
}
