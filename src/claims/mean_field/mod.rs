//! Claims about mean-field networks and their flow: C3, C5–C11.
//!
//! Gradient descent is run exactly, in balls ([`crate::flow::mean_field`]): what is compared holds of the exact
//! iterates.

pub(super) mod controls;
mod convergence;
mod cot;
pub(super) mod data;
mod dissipation;
mod gradient;
mod invariance;
mod lift;
mod pl;
mod sharp;
mod stability;

pub(super) use convergence::{
    EXPRESSIVE, ONE_STEP, PATH, PROMISED_PATH, RATE, REST, SMALL_RISK, SPEED, converges,
};
pub(super) use dissipation::{ENERGY, dissipation};
pub(super) use gradient::gradient;
pub(super) use invariance::measure_only;
pub(super) use lift::attainable;
pub(super) use pl::{gram_stability, pl};
pub(super) use sharp::{
    generic, linear_descent, saddle, shrinking_features, single_sample, steep, stiff, unlabelled,
};
pub(super) use stability::stability;

use super::{MeanFieldInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::mean_field::{Curvature, Region, root_risk_between};
use crate::bounds::step_with_margin;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::Iterate;
use crate::meanfield::ActivationBounds;

/// The hypothesis of every claim of this family.
pub(super) const BOUNDED: &str = "activation: σ, σ' and σ'' are bounded";

/// A check that needs the activation's bounds.
fn bounded(
    instance: &MeanFieldInstance,
    check: impl FnOnce(&ActivationBounds) -> Finding,
) -> Finding {
    match instance.bounds() {
        Some(bounds) => check(&bounds),
        None => Finding::Inapplicable(vec![BOUNDED.to_owned()]),
    }
}

/// What was compared; a run that has no iterate after its start decides nothing.
fn compared(comparisons: Vec<Comparison>) -> Finding {
    if comparisons.is_empty() {
        let reason = "the risk is not known to one per cent: rounding hides it";
        return Finding::Undecided(reason.to_owned());
    }
    Finding::Compared(comparisons)
}

/// The curvature of the risk on the segment between two networks at this labelled distance.
fn curvature_between(
    instance: &MeanFieldInstance,
    bounds: &ActivationBounds,
    a: &Iterate,
    b: &Iterate,
    distance: Ball,
) -> Curvature {
    let moments = a.moments().join(&b.moments());
    let region = Region::of(bounds, &moments, instance.input_size());
    let lipschitz = instance.scale() * region.first(bounds);
    let root_risk = root_risk_between(a.risk(), b.risk(), lipschitz, distance);
    Curvature::on(&region, bounds, instance.scale(), root_risk)
}

/// The step for which `1 − βη/2 = c` with the curvature at one network.
fn step_at(
    instance: &MeanFieldInstance,
    bounds: &ActivationBounds,
    at: &Iterate,
    margin: f64,
) -> f64 {
    let curvature = curvature_between(instance, bounds, at, at, Ball::from(0.0));
    step_with_margin(margin, curvature.positive)
}
