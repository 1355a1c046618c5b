//! P9, and P5 along the gradient flow.

use super::convergence::{EXPRESSIVE, PATH, SMALL_LOSS};
use super::descent::{at_iterate, root_slope};
use super::pl::DEEP_ENOUGH;
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{Convergence, smallest_admissible_radius};
use crate::evidence::{Comparison, Finding};
use crate::flow::{FlowRecord, FlowTrace, GradientFlow, GramSpectrum, gradient_flow};
use crate::resnet::{ExpansionNetwork, ResidualNetwork};

/// The observed rate per unit of time against the guaranteed one.
pub(super) const FLOW_RATE: &str = "ln(L0/L(t))/t ≥ (1−θ)m";

/// The path is as short as promised.
pub(super) const FLOW_PATH: &str = "path ≤ 2√L0/√m·(1+θ)/(1−θ)";

/// The energy identity.
pub(super) const ENERGY: &str = "L(0) − L(t) = ∫‖∇L‖²";

/// Two tolerances of the integrator give the same loss.
pub(super) const SETTLED: &str = "L(t) at a hundredth of the tolerance";

/// Why an integration proves nothing.
const RESIDUAL: &str = "the residual of the integrator is not small against the gradient";

/// Tolerance of the integrator, as a share of `‖∇L‖` a unit of time.
const TOLERANCE: f64 = 1e-5;

/// The same for kernel expansions, and the time they are given.
const FUNCTIONAL_TOLERANCE: f64 = 1e-4;
const FUNCTIONAL_STEPS: usize = 6;

/// Largest residual of a path of which anything is claimed.
const LARGEST_RESIDUAL: f64 = 4e-3;

/// What the condition on the initial loss spares for it: `((1+θ)/(1−θ))² ≤ 1.0161` there.
const SPARE: f64 = 1.02;

/// Steps that the integrator may try.
const ATTEMPTS: usize = 1000;

/// The flow for the time of `steps` steps of gradient descent at `1/β`.
fn task(steps: usize, smoothness: Ball) -> GradientFlow {
    GradientFlow {
        horizon: steps as f64 / smoothness.upper(),
        tolerance: TOLERANCE,
        first_step: 0.5 / smoothness.upper(),
        steps: ATTEMPTS,
        gram_spectra: false,
    }
}

/// Finds the constants of P9: those of P8 with `η → 0`, and a little more room.
///
/// # Errors
/// The hypotheses that fail.
fn constants<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    gram: &[GramSpectrum],
    loss: Ball,
) -> Result<Convergence, Vec<String>> {
    let largest = instance.largest_radius();
    let at = |radius: f64| {
        let constants = instance.convergence(gram, radius, loss)?;
        Some(Convergence {
            step: 0.0,
            ..constants
        })
    };
    if !(largest > 0.0) || at(0.0).is_none() {
        return Err(vec![DEEP_ENOUGH.to_owned()]);
    }
    if !at(0.0).is_some_and(|constants| constants.pl_constant.lower() > 0.0) {
        return Err(vec![EXPRESSIVE.to_owned()]);
    }
    let threshold = |radius: f64| at(radius).map(|constants| constants.loss_threshold());
    let radius = smallest_admissible_radius(largest, loss * Ball::from(SPARE), threshold);
    let found = radius.and_then(at);
    found.ok_or_else(|| vec![SMALL_LOSS.to_owned()])
}

/// P9 from the reference, with the constants computed from the data, and again at a hundredth of the
/// tolerance.
pub(super) fn flow_converges(instance: &ResidualInstance) -> Finding {
    converges(instance, TOLERANCE, instance.steps, true)
}

/// The same for kernel expansions, which grow with every evaluation: a shorter time, and once.
pub(super) fn functional_flow_converges(instance: &ResidualInstance<ExpansionNetwork>) -> Finding {
    let steps = instance.steps.min(FUNCTIONAL_STEPS);
    converges(instance, FUNCTIONAL_TOLERANCE, steps, false)
}

fn converges<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    tolerance: f64,
    steps: usize,
    twice: bool,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let loss = observer.observe(&instance.reference).loss;
        let constants = match constants(instance, &gram, loss) {
            Ok(constants) => constants,
            Err(failing) => return Ok(Finding::Inapplicable(failing)),
        };
        let task = GradientFlow {
            tolerance,
            ..task(steps, constants.smoothness)
        };
        let trace = gradient_flow(&mut observer, instance.reference.clone(), &task)?;
        let mut comparisons = conclusions(instance, &constants, &trace);
        if comparisons.is_empty() {
            return Ok(Finding::Undecided(RESIDUAL.to_owned()));
        }
        if twice {
            let tighter = GradientFlow {
                tolerance: 0.01 * tolerance,
                ..task
            };
            let finer = gradient_flow(&mut observer, instance.reference.clone(), &tighter)?;
            comparisons.extend(settled(instance, &constants, loss, [&trace, &finer]));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// What the theorem promises of every accepted step, until the residual is too large.
///
/// Nodes are off by the rounding of their sums: what it does to the loss is carried along, and
/// the path is widened by it.
fn conclusions<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    trace: &FlowTrace<N::Parameter>,
) -> Vec<Comparison> {
    let start = trace.records[0].record.loss;
    let radius = Ball::from(constants.radius);
    let slope = root_slope(instance, instance.neighbourhood(radius).outer_norm());
    let one = Ball::from(1.0);
    let (mut jumps, mut excess) = (0.0, Ball::from(0.0));
    let mut comparisons = Vec::new();
    for pair in trace.records.windows(2) {
        let (before, here) = (&pair[0].record, &pair[1]);
        let record = &here.record;
        let known = record.loss.rad() <= 0.01 * record.loss.mid();
        jumps += record.step_rounding;
        let jump = slope * Ball::from(record.step_rounding);
        // √L has the Lipschitz constant √M̄/2, and L ≤ L(0) on the way.
        excess = excess + jump * before.loss.sqrt() + jump.square();
        let room = (start.sqrt() - record.loss.sqrt()) * Ball::from(0.01);
        let small = (slope * Ball::from(jumps)).upper() <= room.lower();
        if !(known && small && here.residual <= LARGEST_RESIDUAL) {
            break;
        }
        let residual = Ball::from(here.residual);
        let rate = constants.pl_constant * (one - residual);
        let loss = record.loss.widened(excess.upper());
        let observed = (start.ln() - loss.ln()) / Ball::from(here.time);
        comparisons.push(Comparison::at_least(FLOW_RATE, observed, rate));

        let length = record.path_length.widened(jumps);
        comparisons.push(Comparison::at_most(PATH, length, radius));
        let stretch = (one + residual) / (one - residual);
        let promised = constants.path_length(start) * stretch;
        comparisons.push(Comparison::at_most(FLOW_PATH, length, promised));

        comparisons.push(energy(start, here, excess));
    }
    comparisons
}

/// `L(0) − L(t) − ∫‖∇L‖² = ∫<∇L, v̇ + ∇L>`, at most `θ∫‖∇L‖²`.
fn energy(start: Ball, here: &FlowRecord, excess: Ball) -> Comparison {
    let lost = (start - here.record.loss).widened(excess.upper());
    let share = here.residual * here.dissipated.upper();
    let dissipated = here.dissipated.widened(share);
    Comparison::equal(ENERGY, lost, dissipated, start.mid())
}

/// The losses at the horizon of two tolerances, as far apart as their residuals allow: paths of
/// residuals `δ, δ'` are apart by at most `e^{νt}∫‖δ‖+‖δ'‖`, where `∇²L ≥ −ν`.
fn settled<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    loss: Ball,
    traces: [&FlowTrace<N::Parameter>; 2],
) -> Option<Comparison> {
    let [coarse, fine] = traces.map(|trace| trace.records.last());
    let (coarse, fine) = (coarse?, fine?);
    if coarse.time != fine.time || coarse.residual > LARGEST_RESIDUAL {
        return None;
    }
    let around = instance.neighbourhood(Ball::from(constants.radius));
    let curvature = instance.negative_curvature(&around, loss);
    let stretch = (curvature * Ball::from(coarse.time)).exp();
    let apart = stretch * Ball::from(coarse.defect + fine.defect);
    let root = root_slope(instance, around.outer_norm()) * apart;
    let carried = root * coarse.record.loss.sqrt() + root.square();
    let [coarse, fine] = [coarse, fine].map(|record| record.record.loss);
    let quantity = coarse.widened(carried.upper());
    Some(Comparison::equal(SETTLED, quantity, fine, loss.mid()))
}

/// P5 along the flow: P3 and P4 at every accepted step from the reference.
pub(super) fn pl_along_flow(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let reference = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let loss = observer.observe(&instance.reference).loss;
        let around = instance.neighbourhood(Ball::from(0.0));
        let smoothness = instance.smoothness(&reference, &around, loss);
        let task = GradientFlow {
            gram_spectra: true,
            ..task(instance.steps, smoothness)
        };
        let trace = gradient_flow(&mut observer, instance.reference.clone(), &task)?;
        let known = trace.records.iter().filter(|r| !r.record.gram.is_empty());
        let comparisons = known.flat_map(|r| at_iterate(instance, &r.record, &reference));
        Ok(Finding::Compared(comparisons.collect()))
    };
    check().unwrap_or_else(undecided)
}

#[cfg(test)]
mod tests {
    use super::super::sharp;
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn conclusions_are_those_of_the_theorem() {
        let instance = sharp::flowing().remove(0);
        let Finding::Compared(comparisons) = flow_converges(&instance) else {
            panic!("a sharp instance is applicable");
        };
        for statement in [FLOW_RATE, PATH, FLOW_PATH, ENERGY, SETTLED] {
            let named = comparisons.iter().filter(|c| c.statement() == statement);
            let tightness = named.clone().map(Comparison::tightness).fold(0.0, f64::max);
            assert!(tightness >= 0.95, "{statement}: {tightness}");
            assert!(named.into_iter().all(|c| c.verdict() == Verdict::Holds));
        }
    }
}
