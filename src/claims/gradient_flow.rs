//! P9, and P5 along the gradient flow.

use super::convergence::{PATH, SMALL_LOSS, failing};
use super::descent::at_iterate;
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{Convergence, carried};
use crate::evidence::{Comparison, Finding, LARGEST_TOLERANCE};
use crate::flow::{
    FlowRecord, FlowTermination, FlowTrace, GradientFlow, GramSpectrum, LossCurvature, Stretch,
    gradient_flow,
};
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

/// Why two integrations prove nothing.
const UNSETTLED: &str = "an integration ended before the time at which two are compared";

/// How finely the flow is followed.
#[derive(Clone, Copy)]
struct Accuracy {
    /// Tolerance of the integrator, as a share of `‖∇L‖` a unit of time.
    tolerance: f64,
    /// The residual aimed at.
    residual: f64,
}

const ACCURACY: Accuracy = Accuracy {
    tolerance: 1e-5,
    residual: 3e-3,
};

/// The same for kernel expansions, and the time they are given: so many steps, and so many steps and
/// samples. Every step adds five sections a sample, and every corner meets them all.
const FUNCTIONAL_ACCURACY: Accuracy = Accuracy {
    tolerance: 1e-4,
    residual: 3e-3,
};
const FUNCTIONAL_STEPS: f64 = 6.0;
const FUNCTIONAL_SECTIONS: f64 = 12.0;

/// Largest residual of a path of which anything is claimed.
const LARGEST_RESIDUAL: f64 = 4e-3;

/// Steps that the integrator may try.
const ATTEMPTS: usize = 1000;

/// `(1+θ)/(1−θ)`: how much longer than the flow's a path of the residual θ may be.
fn stretch_of(residual: f64) -> Ball {
    let (one, residual) = (Ball::from(1.0), Ball::from(residual));
    (one + residual) / (one - residual)
}

/// The flow for the time of `steps` steps of gradient descent at `1/β`.
fn task(steps: f64, smoothness: Ball) -> GradientFlow {
    GradientFlow {
        horizon: steps / smoothness.upper(),
        tolerance: ACCURACY.tolerance,
        first_step: 0.5 / smoothness.upper(),
        steps: ATTEMPTS,
        residual: f64::INFINITY,
        gram_spectra: false,
    }
}

/// `√L` on a stretch: `√L` has the Lipschitz constant `√M̄/2` where `‖v‖ ≤ ‖v⁰‖ + radius` (P4).
fn root_near<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    radius: Ball,
    loss: Ball,
    reach: Ball,
) -> Ball {
    let slope = instance
        .loss_slope()
        .root(instance.neighbourhood(radius).outer_norm());
    loss.sqrt() + slope * reach * Ball::from(0.5)
}

/// The curvature of P7 on the ball around the reference that holds a stretch.
fn curvature_near<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    gram: &[GramSpectrum],
    stretch: &Stretch,
) -> LossCurvature {
    let radius = stretch.displacement + stretch.reach;
    let loss = root_near(instance, radius, stretch.loss, stretch.reach).square();
    let around = instance.neighbourhood(radius);
    LossCurvature {
        largest: instance.smoothness(gram, &around, loss),
        negative: instance.negative_curvature(&around, loss),
    }
}

/// The flow from the reference, with the curvature of P7.
fn follow<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    gram: &[GramSpectrum],
    task: &GradientFlow,
) -> Result<FlowTrace<N::Parameter>, Box<dyn std::error::Error>> {
    let mut observer = instance.observer()?;
    let start = instance.reference.clone();
    let curvature = |stretch: &Stretch| curvature_near(instance, gram, stretch);
    Ok(gradient_flow(&mut observer, start, task, curvature)?)
}

/// Finds the constants of P9: those of P8 with `η → 0`, and room for a path of the largest residual.
///
/// # Errors
/// The hypotheses that fail.
fn constants<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    gram: &[GramSpectrum],
    loss: Ball,
) -> Result<Convergence, Vec<String>> {
    let local = instance.local(gram);
    let at = |radius: f64| {
        let constants = local.convergence(radius, loss, instance.step_margin)?;
        Some(Convergence {
            step: 0.0,
            ..constants
        })
    };
    let spared = loss * stretch_of(LARGEST_RESIDUAL).square();
    let found = local.admissible_with(spared, at);
    found.map_err(|why| failing(why, SMALL_LOSS))
}

/// P9 from the reference, with the constants computed from the data, and for a shorter time at two
/// tolerances.
pub(super) fn flow_converges(instance: &ResidualInstance) -> Finding {
    converges(instance, ACCURACY, instance.steps as f64)
}

/// The same for kernel expansions, which grow with every evaluation: a shorter time.
pub(super) fn functional_flow_converges(instance: &ResidualInstance<ExpansionNetwork>) -> Finding {
    let steps = functional_steps(instance.steps, instance.samples());
    converges(instance, FUNCTIONAL_ACCURACY, steps)
}

/// As many steps as are asked for and as expansions of so many samples are given.
fn functional_steps(asked: usize, samples: usize) -> f64 {
    let most = FUNCTIONAL_STEPS.min(FUNCTIONAL_SECTIONS / samples as f64);
    most.min(asked as f64)
}

fn converges<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    accuracy: Accuracy,
    steps: f64,
) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let constants = match constants(instance, &gram, loss) {
            Ok(constants) => constants,
            Err(failing) => return Ok(Finding::Inapplicable(failing)),
        };
        let task = GradientFlow {
            tolerance: accuracy.tolerance,
            residual: accuracy.residual,
            ..task(steps, constants.smoothness)
        };
        let trace = follow(instance, &gram, &task)?;
        let mut comparisons = conclusions(&constants, &trace);
        if comparisons.is_empty() {
            return Ok(Finding::Undecided(RESIDUAL.to_owned()));
        }
        let coarse = GradientFlow {
            horizon: task.horizon.min(settling_time(instance, &constants)),
            ..task
        };
        let fine = GradientFlow {
            tolerance: 0.01 * coarse.tolerance,
            ..coarse
        };
        let coarse = follow(instance, &gram, &coarse)?;
        let fine = follow(instance, &gram, &fine)?;
        let Some(settled) = settled(instance, &constants, [&coarse, &fine]) else {
            return Ok(Finding::Undecided(UNSETTLED.to_owned()));
        };
        comparisons.push(settled);
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// What the theorem promises of every accepted step, until the residual is too large.
fn conclusions<P>(constants: &Convergence, trace: &FlowTrace<P>) -> Vec<Comparison> {
    let start = trace.records[0].record.loss;
    let radius = Ball::from(constants.radius);
    let mut comparisons = Vec::new();
    for here in &trace.records[1..] {
        let record = &here.record;
        let known = record.loss.rad() <= LARGEST_TOLERANCE * record.loss.mid();
        if !(known && here.residual <= LARGEST_RESIDUAL) {
            break;
        }
        let rate = constants.pl_constant * (Ball::from(1.0) - Ball::from(here.residual));
        let observed = (start.ln() - record.loss.ln()) / here.elapsed();
        comparisons.push(Comparison::at_least(FLOW_RATE, observed, rate));

        let length = record.path_length;
        comparisons.push(Comparison::at_most(PATH, length, radius));
        let promised = constants.path_length(start) * stretch_of(here.residual);
        comparisons.push(Comparison::at_most(FLOW_PATH, length, promised));

        comparisons.push(energy(start, here));
    }
    comparisons
}

/// `L(0) − L(t) − ∫‖∇L‖² = −∫<∇L, v̇ + ∇L>`, at most `θ∫‖∇L‖²`.
fn energy(start: Ball, here: &FlowRecord) -> Comparison {
    let share = Ball::from(here.residual) * Ball::from(here.dissipated.upper());
    let dissipated = here.dissipated.widened(share.upper());
    let lost = start - here.record.loss;
    Comparison::equal(ENERGY, lost, dissipated, start.mid())
}

/// The time at which two integrations are compared, `1/(M̄ + β)`: what their residuals do to the loss
/// until then is about their sum as a share of it.
fn settling_time<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
) -> f64 {
    let around = instance.neighbourhood(Ball::from(constants.radius));
    let slope = instance.loss_slope().root(around.outer_norm());
    1.0 / (slope.square() + constants.smoothness).upper()
}

/// The losses at the horizon of two tolerances, as far apart as their residuals allow: paths of
/// residuals `δ, δ'` are apart by at most `e^{νt}∫‖δ‖+‖δ'‖`, where `∇²L ≥ −ν` between them.
///
/// Nothing, unless both reach the horizon with a small residual.
fn settled<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    constants: &Convergence,
    traces: [&FlowTrace<N::Parameter>; 2],
) -> Option<Comparison> {
    let start = traces[0].records[0].record.loss;
    let arrived = |trace: &FlowTrace<N::Parameter>| {
        let last = trace.records.last().expect("the start");
        trace.termination == FlowTermination::Horizon && last.residual <= LARGEST_RESIDUAL
    };
    if !traces.into_iter().all(arrived) {
        return None;
    }
    let [coarse, fine] = traces.map(|trace| trace.records.last().expect("the start"));
    let radius = Ball::from(constants.radius);
    let around = instance.neighbourhood(radius);
    // Between two points of the paths, none is farther from the nearer one than this.
    let reach = (coarse.record.path_length + fine.record.path_length) * Ball::from(0.5);
    let root = root_near(instance, radius, start, reach);
    let curvature = instance.negative_curvature(&around, root.square());
    let stretch = (curvature * fine.elapsed()).exp();
    let apart = stretch * (coarse.defect + fine.defect);
    let slope = instance.loss_slope().root(around.outer_norm());
    let [coarse, fine] = [coarse, fine].map(|record| record.record.loss);
    let carried = carried(slope * apart, coarse);
    let quantity = coarse.widened(carried.upper());
    Some(Comparison::equal(SETTLED, quantity, fine, start.mid()))
}

/// P5 along the flow: P3 and P4 at every accepted step from the reference.
pub(super) fn pl_along_flow(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let reference = instance.reference_spectra()?;
        let loss = instance.reference_loss()?;
        let around = instance.neighbourhood(Ball::from(0.0));
        let smoothness = instance.smoothness(&reference, &around, loss);
        let task = GradientFlow {
            gram_spectra: true,
            ..task(instance.steps as f64, smoothness)
        };
        let trace = follow(instance, &reference, &task)?;
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

    fn near(ball: Ball, expected: f64) {
        assert!(
            (ball.mid() / expected - 1.0).abs() <= 1e-12,
            "{ball:?} {expected}"
        );
    }

    #[test]
    fn conclusions_are_those_of_the_theorem() {
        fn sharp<N: ResidualNetwork>(
            mut instances: Vec<ResidualInstance<N>>,
            check: fn(&ResidualInstance<N>) -> Finding,
        ) {
            let Finding::Compared(comparisons) = check(&instances.remove(0)) else {
                panic!("a sharp instance is applicable");
            };
            for statement in [FLOW_RATE, PATH, FLOW_PATH, ENERGY, SETTLED] {
                let named = comparisons.iter().filter(|c| c.statement() == statement);
                let tightness = named.clone().map(Comparison::tightness).fold(0.0, f64::max);
                assert!(tightness >= 0.95, "{statement}: {tightness}");
                assert!(named.into_iter().all(|c| c.verdict() == Verdict::Holds));
            }
        }
        sharp(sharp::flowing(), flow_converges);
        sharp(sharp::functional_flowing(), functional_flow_converges);
    }

    // ((1+θ)/(1−θ))² at 4e-3: (251/249)².
    #[test]
    fn room_is_for_the_largest_residual() {
        near(stretch_of(LARGEST_RESIDUAL), 251.0 / 249.0);
        let instance = sharp::flowing().remove(0);
        let gram = instance.reference_spectra().unwrap();
        let loss = instance.reference_loss().unwrap();
        let constants = constants(&instance, &gram, loss).unwrap();
        let room = constants.loss_threshold() / loss;
        let needed = (251.0_f64 / 249.0).powi(2);
        assert!(room.lower() >= needed && room.mid() <= needed * (1.0 + 3e-4));
    }

    // √L + ½√M̄·reach with √M̄ = √2‖B‖e^{κ1R}, ‖B‖ = 10³, κ1 = 10⁻³, from zero.
    #[test]
    fn root_of_the_loss_is_lipschitz() {
        let instance = sharp::flowing().remove(0);
        let slope = 2.0_f64.sqrt() * 1e3 * (1e-3_f64 * 2.0).exp();
        let [radius, loss, reach] = [2.0, 4.0, 0.25].map(Ball::from);
        near(
            root_near(&instance, radius, loss, reach),
            2.0 + 0.125 * slope,
        );
    }

    #[test]
    fn curvature_is_that_of_the_ball_around_a_stretch() {
        let instance = sharp::generic().remove(0);
        let gram = instance.reference_spectra().unwrap();
        let [displacement, loss, reach] = [0.125, 0.75, 0.25].map(Ball::from);
        let stretch = Stretch {
            displacement,
            loss,
            reach,
        };
        let found = curvature_near(&instance, &gram, &stretch);
        let radius = Ball::from(0.375);
        let around = instance.neighbourhood(radius);
        let loss = root_near(&instance, radius, loss, reach).square();
        assert_eq!(found.largest, instance.smoothness(&gram, &around, loss));
        assert_eq!(found.negative, instance.negative_curvature(&around, loss));
    }

    // M̄ = 2β up to 10⁻⁵ of it, and β = 10⁶.
    #[test]
    fn integrations_are_compared_early() {
        let instance = sharp::flowing().remove(0);
        let constants = Convergence {
            pl_constant: Ball::from(1.0),
            smoothness: Ball::from(1e6),
            step: 0.0,
            radius: 1e-3,
        };
        let time = settling_time(&instance, &constants);
        assert!((time * 3e6 - 1.0).abs() <= 1e-5, "{time:e}");
    }

    fn record(residual: f64, dissipated: Ball) -> FlowRecord {
        let instance = sharp::flowing().remove(0);
        let gram = instance.reference_spectra().unwrap();
        let task = GradientFlow {
            horizon: 0.0,
            ..task(1.0, Ball::from(1e6))
        };
        let trace = follow(&instance, &gram, &task).unwrap();
        let mut record = trace.records[0].clone();
        record.residual = residual;
        record.dissipated = dissipated;
        record
    }

    #[test]
    fn energy_is_off_by_a_residual_of_it() {
        let here = record(0.25, Ball::new(3.0, 1.0));
        let start = Ball::from(5.0);
        let comparison = energy(start, &here);
        near(comparison.quantity(), 4.5);
        near(comparison.bound(), 3.0);
        assert!((comparison.bound().rad() - 2.0).abs() <= 1e-12);
        assert_eq!(comparison.scale(), 5.0);
    }

    #[test]
    fn expansions_of_many_samples_are_followed_for_a_shorter_time() {
        assert_eq!(functional_steps(4, 1), 4.0);
        assert_eq!(functional_steps(40, 1), 6.0);
        assert_eq!(functional_steps(40, 5), 2.4);
    }

    /// Two integrations, their residuals and defects made up: the paths are apart by `e^{νt}` times both
    /// defects, ν at the loss that a point between them may have.
    #[test]
    fn integrations_settle_as_far_as_their_residuals_allow() {
        let instance = sharp::generic().remove(0);
        let gram = instance.reference_spectra().unwrap();
        let horizon = 0.03;
        let run = |steps: usize| {
            let task = GradientFlow {
                horizon,
                steps,
                ..task(1.0, Ball::from(10.0))
            };
            let mut trace = follow(&instance, &gram, &task).unwrap();
            trace.records.last_mut().unwrap().residual = LARGEST_RESIDUAL;
            trace
        };
        let constants = Convergence {
            pl_constant: Ball::from(1.0),
            smoothness: Ball::from(10.0),
            step: 0.0,
            radius: 0.25,
        };
        let set = |trace: &mut FlowTrace, defect: f64, length: f64| {
            let last = trace.records.last_mut().unwrap();
            last.defect = Ball::from(defect);
            last.record.path_length = Ball::from(length);
        };
        let (mut coarse, mut fine) = (run(100), run(100));
        set(&mut coarse, 1e-3, 0.25);
        set(&mut fine, 3e-3, 0.125);
        let comparison = settled(&instance, &constants, [&coarse, &fine]).unwrap();
        let around = instance.neighbourhood(Ball::from(0.25));
        let slope = instance.loss_slope().root(around.outer_norm()).mid();
        let (start, end) = (&coarse.records[0], coarse.records.last().unwrap());
        let between = (start.record.loss.mid().sqrt() + 0.1875 * slope * 0.5).powi(2);
        let curvature = instance.negative_curvature(&around, Ball::from(between));
        let change = slope * (curvature.mid() * horizon).exp() * 4e-3;
        let expected = change * end.record.loss.mid().sqrt() + 0.25 * change * change;
        let found = comparison.quantity().rad();
        assert!(curvature.mid() * horizon >= 0.01);
        assert!(
            (found / expected - 1.0).abs() <= 1e-9,
            "{found:e} {expected:e}"
        );
        assert_eq!(comparison.scale(), start.record.loss.mid());
        // An integration that ends early, or whose residual is too large, settles nothing.
        let early = run(0);
        assert!(settled(&instance, &constants, [&coarse, &early]).is_none());
        assert!(settled(&instance, &constants, [&early, &fine]).is_none());
        fine.records.last_mut().unwrap().residual = 1.01 * LARGEST_RESIDUAL;
        assert!(settled(&instance, &constants, [&coarse, &fine]).is_none());
    }

    /// A tolerance that some steps meet, and a hundredth of it, which takes more than may be tried: the
    /// instance does not hold for what is left.
    #[test]
    fn integration_that_does_not_arrive_is_undecided() {
        let instance = sharp::flowing().remove(0);
        let severe = Accuracy {
            tolerance: 1e-15,
            ..ACCURACY
        };
        let finding = converges(&instance, severe, 1.0);
        assert_eq!(finding, Finding::Undecided(UNSETTLED.to_owned()));
    }

    /// What a record says is compared up to the largest residual.
    #[test]
    fn comparisons_end_with_the_largest_residual() {
        let instance = sharp::flowing().remove(0);
        let gram = instance.reference_spectra().unwrap();
        let task = GradientFlow {
            residual: ACCURACY.residual,
            ..task(1.0, Ball::from(1e6))
        };
        let mut trace = follow(&instance, &gram, &task).unwrap();
        let constants = Convergence {
            pl_constant: Ball::from(1e6),
            smoothness: Ball::from(1e6),
            step: 0.0,
            radius: 2e-3,
        };
        let steps = trace.records.len() - 1;
        let comparisons = conclusions(&constants, &trace);
        assert_eq!(comparisons.len(), 4 * steps);
        let last = trace.records.last().unwrap();
        let (start, end) = (trace.records[0].record.loss, last.record.loss);
        let rate = &comparisons[4 * (steps - 1)..];
        near(
            rate[0].quantity(),
            (start.mid() / end.mid()).ln() / last.time,
        );
        near(rate[0].bound(), 1e6 * (1.0 - last.residual));
        near(rate[1].bound(), 2e-3);
        let stretch = (1.0 + last.residual) / (1.0 - last.residual);
        near(rate[2].bound(), 2.0 * start.mid().sqrt() / 1e3 * stretch);
        assert_eq!(rate[2].quantity(), last.record.path_length);
        trace.records[steps].residual = LARGEST_RESIDUAL;
        assert_eq!(conclusions(&constants, &trace).len(), 4 * steps);
        trace.records[steps].residual = 1.01 * LARGEST_RESIDUAL;
        assert_eq!(conclusions(&constants, &trace).len(), 4 * (steps - 1));
        trace.records[steps].residual = 0.0;
        let loss = trace.records[steps].record.loss.mid();
        for (share, kept) in [(0.0099, steps), (0.0101, steps - 1)] {
            trace.records[steps].record.loss = Ball::new(loss, share * loss);
            assert_eq!(conclusions(&constants, &trace).len(), 4 * kept);
        }
    }

    /// A tolerance that no step can meet leaves nothing to compare.
    #[test]
    fn integration_that_does_not_begin_is_undecided() {
        let instance = sharp::flowing().remove(0);
        let impossible = Accuracy {
            tolerance: 0.0,
            ..ACCURACY
        };
        let finding = converges(&instance, impossible, 1.0);
        assert_eq!(finding, Finding::Undecided(RESIDUAL.to_owned()));
    }
}
