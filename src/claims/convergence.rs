//! P8: gradient descent converges linearly.

use super::descent::{carried_error, root_slope};
use super::pl::DEEP_ENOUGH;
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{Convergence, smallest_admissible_radius};
use crate::evidence::{Comparison, Finding};
use crate::flow::{Descent, GramSpectrum, Termination, Trace, gradient_descent};
use crate::resnet::ResidualNetwork;

/// The step.
pub(super) const STEP: &str = "step: 0 < η < 2/β";

/// λ_min of some layer's Gram matrix is certainly positive, and so is σ_B.
pub(super) const EXPRESSIVE: &str = "expressivity: m > 0 on some ball around v⁰";

/// The condition of the theorem.
pub(super) const SMALL_LOSS: &str = "initial loss: L(v⁰) ≤ mR²(1−βη/2)²/4 for some R";

/// The conclusion: observed rate per step against the guaranteed one.
pub(super) const RATE: &str = "ln(L0/Ln)/n ≥ −ln ϱ";

/// The path stays in the ball.
pub(super) const PATH: &str = "path ≤ R";

/// The path is as short as promised.
pub(super) const PROMISED_PATH: &str = "path ≤ 2√L0/(√m·c)";

/// Why a run proves nothing: see the page of P8, "inexact steps".
pub(super) const PERTURBED: &str =
    "rounding of the first step is not small against the decrease of the loss";

/// The run stops at this share of the initial loss, which is where tightness is measured.
pub(super) const TARGET: f64 = 1e-3;

/// Finds the constants of P8 for an instance: the smallest admissible radius and
/// the step it allows.
///
/// # Errors
/// The hypotheses that fail.
pub(super) fn constants<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    gram: &[GramSpectrum],
    loss: Ball,
) -> Result<Convergence, Vec<String>> {
    if !(0.0 < instance.step_margin && instance.step_margin < 1.0) {
        return Err(vec![STEP.to_owned()]);
    }
    let at = |radius: f64| instance.convergence(gram, radius, loss);
    let largest = instance.largest_radius();
    let start = if largest > 0.0 { at(0.0) } else { None };
    admissible(start, largest, loss, SMALL_LOSS, at)
}

/// The constants at the smallest admissible radius.
///
/// # Arguments
/// * `start`: those at the reference itself; `at`: those at a radius.
/// * `small_loss`: the hypothesis that fails if no radius up to `largest` is admissible.
///
/// # Errors
/// The hypothesis that fails.
pub(super) fn admissible(
    start: Option<Convergence>,
    largest: f64,
    loss: Ball,
    small_loss: &'static str,
    at: impl Fn(f64) -> Option<Convergence>,
) -> Result<Convergence, Vec<String>> {
    let start = start.ok_or_else(|| vec![DEEP_ENOUGH.to_owned()])?;
    if !(start.pl_constant.lower() > 0.0) {
        return Err(vec![EXPRESSIVE.to_owned()]);
    }
    let threshold = |radius: f64| at(radius).map(|constants| constants.loss_threshold());
    let radius = if largest > 0.0 {
        smallest_admissible_radius(largest, loss, threshold)
    } else {
        None
    };
    let found = radius.and_then(at);
    found.ok_or_else(|| vec![small_loss.to_owned()])
}

/// P8 from the reference, with the constants computed from the data.
pub(super) fn gradient_descent_converges<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let loss = observer.observe(&instance.reference).loss;
        let constants = match constants(instance, &gram, loss) {
            Ok(constants) => constants,
            Err(failing) => return Ok(Finding::Inapplicable(failing)),
        };
        let task = Descent {
            step: constants.step,
            iterations: instance.steps,
            target: TARGET,
            gram_spectra: false,
            tangent_every: 0,
        };
        let start = instance.reference.clone();
        let trace = gradient_descent(&mut observer, start, &task, |_| ())?;
        let comparisons = conclusions(instance, &constants, &trace);
        if comparisons.is_empty() {
            return Ok(Finding::Undecided(PERTURBED.to_owned()));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// What the theorem promises of every iterate.
///
/// The computed path is one of exact steps, each followed by a small
/// perturbation; what a perturbation does to the loss is carried along:
/// `E_{n+1} = ϱE_n + ε_{n+1}` bounds the excess of `L(vⁿ)` over `ϱⁿL(v⁰)`. The path stays
/// in the ball as long as `(√M̄ + c√m)·Δ_{n+1} ≤ (1 − √ϱ)·√L(vⁿ)`, `Δ` the sum of the
/// perturbations: the comparisons end where that is no longer certain.
pub(super) fn conclusions<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    trace: &Trace<N::Parameter>,
) -> Vec<Comparison> {
    let start = trace.records[0].loss;
    let factor = constants.factor();
    let mut comparisons = Vec::new();
    let mut excess = Ball::from(0.0);
    let mut perturbations = 0.0;
    let certain = certain_steps(instance, constants, trace);
    for pair in trace.records.windows(2).take(certain) {
        let (before, record) = (&pair[0], &pair[1]);
        perturbations += record.step_rounding;
        let carried = carried_error(instance, record.norm, record.loss, record.step_rounding);
        excess = factor * excess + Ball::from(carried);
        let one_step = factor * before.loss;
        let measured = record.loss.widened(carried);
        comparisons.push(Comparison::at_most("L(vⁿ⁺¹) ≤ ϱL(vⁿ)", measured, one_step));

        let step = Ball::from(constants.step);
        let promised = step * constants.step_margin() * before.gradient_norm_squared;
        let decrease = before.loss - measured;
        comparisons.push(Comparison::at_least(
            "L(vⁿ) − L(vⁿ⁺¹) ≥ ηc‖∇L‖²",
            decrease,
            promised,
        ));

        let count = Ball::from(record.iteration as f64);
        let measured = record.loss.widened(excess.upper());
        let observed = (start.ln() - measured.ln()) / count;
        comparisons.push(Comparison::at_least(RATE, observed, -factor.ln()));

        let radius = Ball::from(constants.radius);
        let length = record.path_length.widened(perturbations);
        comparisons.push(Comparison::at_most(PATH, length, radius));
        let promised = constants.path_length(start);
        comparisons.push(Comparison::at_most(PROMISED_PATH, length, promised));
    }
    comparisons
}

/// How many steps are certain to stay in the ball in spite of rounding: as long as
/// `(√M̄ + c√m)·Δ_{n+1} ≤ (1 − √ϱ)·√L(vⁿ)`.
pub(super) fn certain_steps<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    trace: &Trace<N::Parameter>,
) -> usize {
    let outer = instance
        .neighbourhood(Ball::from(constants.radius))
        .outer_norm();
    let margin = constants.step_margin() * constants.pl_constant.sqrt();
    let sensitivity = root_slope(instance, outer) + margin;
    let left = Ball::from(1.0) - constants.factor().sqrt();
    // An iterate whose loss has no digits left, which ends a run, proves nothing.
    let lost = usize::from(trace.termination == Termination::PrecisionLost);
    let known = &trace.records[..trace.records.len() - lost];
    let mut perturbations = 0.0;
    let certain = known.windows(2).take_while(|pair| {
        perturbations += pair[1].step_rounding;
        let room = left * pair[0].loss.sqrt();
        (sensitivity * Ball::from(perturbations)).upper() <= room.lower()
    });
    certain.count()
}
