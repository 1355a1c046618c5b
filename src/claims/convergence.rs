//! P8: gradient descent converges linearly.

use super::pl::DEEP_ENOUGH;
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{Convergence, LossEnvelope, NoConvergence};
use crate::evidence::{Comparison, Finding};
use crate::flow::{DescentTermination, GramSpectrum, Record, Trace};
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
    let found = instance.local(gram).admissible(loss, instance.step_margin);
    found.map_err(|why| failing(why, SMALL_LOSS))
}

/// The hypothesis that fails, `small_loss` if it is the one on the loss.
pub(super) fn failing(why: NoConvergence, small_loss: &str) -> Vec<String> {
    let hypothesis = match why {
        NoConvergence::TooShallow => DEEP_ENOUGH,
        NoConvergence::NotExpressive => EXPRESSIVE,
        NoConvergence::LossTooLarge => small_loss,
    };
    vec![hypothesis.to_owned()]
}

/// P8 from the reference, with the constants computed from the data.
pub(super) fn gradient_descent_converges<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let constants = match constants(instance, &gram, loss) {
            Ok(constants) => constants,
            Err(failing) => return Ok(Finding::Inapplicable(failing)),
        };
        let trace = instance.descend(constants.step, instance.steps, TARGET)?;
        let comparisons = conclusions(instance, &constants, &trace);
        if comparisons.is_empty() {
            return Ok(Finding::Undecided(PERTURBED.to_owned()));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// The envelope that a training is held to, at the reference.
fn envelope<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    start: &Record,
) -> LossEnvelope {
    let (slope, norm) = (
        instance.loss_slope(),
        instance.network.norm(&instance.reference),
    );
    let level = start.loss.upper();
    LossEnvelope::new(*constants, slope, norm, start.loss, level)
}

/// What the theorem promises of every iterate, by the envelope that a training is held to.
///
/// The perturbations that rounding adds to the steps are so small that all steps stay in the ball: the comparisons
/// end where that is no longer certain. The whole decrease is compared in logarithms, and the path with what exact
/// steps may have; each is at least as sharp as the conclusion of the envelope.
pub(super) fn conclusions<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    trace: &Trace<N::Parameter>,
) -> Vec<Comparison> {
    let start = trace.records[0].loss;
    let mut envelope = envelope(instance, constants, &trace.records[0]);
    let mut comparisons = Vec::new();
    for pair in known(trace).windows(2) {
        let (before, record) = (&pair[0], &pair[1]);
        if !envelope.allows(record.step_rounding) {
            break;
        }
        let found = envelope.next(&record.step());
        let one_step = found.one_step;
        let measured = one_step.measured();
        comparisons.push(Comparison::at_most(
            one_step.what,
            measured,
            one_step.allowed,
        ));

        let step = Ball::from(constants.step);
        let promised = step * constants.step_margin() * before.gradient_norm_squared;
        let decrease = before.loss - measured;
        comparisons.push(Comparison::at_least(
            "L(vⁿ) − L(vⁿ⁺¹) ≥ ηc‖∇L‖²",
            decrease,
            promised,
        ));

        let count = Ball::from(record.iteration as f64);
        let observed = (start.ln() - found.whole.measured().ln()) / count;
        let rate = -constants.factor().ln();
        comparisons.push(Comparison::at_least(RATE, observed, rate));

        let radius = Ball::from(constants.radius);
        let length = found.path.found.widened(envelope.state.perturbations);
        comparisons.push(Comparison::at_most(PATH, length, radius));
        let promised = constants.path_length(start);
        comparisons.push(Comparison::at_most(PROMISED_PATH, length, promised));
    }
    comparisons
}

/// How many steps are certain to stay in the ball in spite of rounding.
pub(super) fn certain_steps<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    trace: &Trace<N::Parameter>,
) -> usize {
    let mut envelope = envelope(instance, constants, &trace.records[0]);
    let steps = known(trace).iter().skip(1).map(Record::step);
    let certain = steps.take_while(|step| {
        let allowed = envelope.allows(step.rounding);
        envelope.next(step);
        allowed
    });
    certain.count()
}

/// The iterates but one whose loss has no digits left, which ends a run and proves nothing.
pub(super) fn known<P>(trace: &Trace<P>) -> &[Record] {
    let lost = usize::from(trace.termination == DescentTermination::PrecisionLost);
    &trace.records[..trace.records.len() - lost]
}

#[cfg(test)]
mod tests {
    use super::super::sharp;
    use super::*;
    use crate::bounds::Standing;
    use crate::evidence::Verdict;

    fn run(instance: &ResidualInstance) -> (Convergence, Trace) {
        let gram = instance.reference_spectra().unwrap();
        let loss = instance.reference_loss().unwrap();
        let constants = constants(instance, &gram, loss).unwrap();
        let trace = instance.descend(constants.step, 20, 0.0).unwrap();
        (constants, trace)
    }

    /// What breaks a training violates the claim, and a training is held where the claim holds.
    #[test]
    fn the_claim_and_a_training_agree() {
        let instance = &sharp::stiff()[0];
        let (constants, trace) = run(instance);
        let verdicts = |constants: &Convergence, trace: &Trace| {
            let comparisons = conclusions(instance, constants, trace);
            assert_eq!(
                comparisons.len(),
                5 * certain_steps(instance, constants, trace)
            );
            let all = comparisons.iter().all(|c| c.verdict() == Verdict::Holds);
            let any = comparisons.iter().any(|c| c.verdict() == Verdict::Violated);
            let mut envelope = envelope(instance, constants, &trace.records[0]);
            let steps = trace.records[1..].iter().map(Record::step);
            let standings: Vec<_> = steps.map(|step| envelope.next(&step).standing()).collect();
            let held = standings.iter().all(|standing| *standing == Standing::Held);
            let broken = |standing: &Standing| matches!(standing, Standing::Broken { .. });
            (all, any, held, standings.iter().any(broken))
        };
        assert_eq!(verdicts(&constants, &trace), (true, false, true, false));
        assert_eq!(certain_steps(instance, &constants, &trace), 20);
        // A claim of one part in a thousand too much, and a loss that has risen by as much.
        let too_much = Convergence {
            pl_constant: constants.pl_constant * Ball::from(1.001),
            ..constants
        };
        assert_eq!(verdicts(&too_much, &trace), (false, true, false, true));
        let mut risen = trace.clone();
        risen.records[7].loss = risen.records[7].loss * Ball::from(1.001);
        assert_eq!(verdicts(&constants, &risen), (false, true, false, true));
        // A path beyond the ball.
        let mut long = trace.clone();
        long.records[9].step_length = Ball::from(constants.radius);
        assert_eq!(verdicts(&constants, &long), (false, true, false, true));
    }

    /// Large perturbations end what is claimed, and what ends a run without digits is no iterate.
    #[test]
    fn comparisons_end_with_what_is_certain() {
        let instance = &sharp::stiff()[0];
        let (constants, mut trace) = run(instance);
        trace.termination = DescentTermination::PrecisionLost;
        assert_eq!(certain_steps(instance, &constants, &trace), 19);
        trace.records[12].step_rounding = constants.radius;
        assert_eq!(certain_steps(instance, &constants, &trace), 11);
        assert_eq!(conclusions(instance, &constants, &trace).len(), 55);
    }
}
