//! P8b without a ball: the change of the Jacobian, the envelope that follows it, and P8 once the loss is small.

use super::convergence::{PERTURBED, STEP, TARGET, constants, failing, known};
use super::envelope::{DISPLACEMENT, STEPWISE, error_norm, linearised};
use super::smoothness::push_forward;
use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, count};
use crate::bounds::{
    Convergence, EnvelopePoint, EnvelopeState, IntegratedEnvelope, LossEnvelope, admissible,
    filtered_envelope,
};
use crate::evidence::{Comparison, Finding};
use crate::flow::{GramSpectrum, Linearised, Record, Trace};
use crate::spectrum::SpectrumError;

/// Along the line to the reference.
pub(super) const CHANGE: &str = "‖(J(v)−J(v⁰))h‖ ≤ ω(‖v−v⁰‖)‖h‖";

/// `N` times the gradient, of which a step is `η/N`.
pub(super) const PULL: &str = "N‖∇L(vⁿ)‖ ≤ P_n";

/// The condition of P8, of what the envelope knows of an iterate.
pub(super) const SMALL_LATER: &str =
    "loss at vⁿ: E_n²/2N ≤ mr²(1−βη/2)²/4 on the ball of radius p_n+r, for some r";

/// The conclusion of P8 from there.
pub(super) const RESUMED: &str = "L(vⁿ⁺ʲ) ≤ ϱʲE_n²/2N";

/// P8b.jacobian in the direction `h = v − v⁰`.
pub(super) fn jacobian_changes(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let (v, start) = (&instance.weights, &instance.reference);
        let direction = v.plus(-1.0, start);
        let pushed = push_forward(instance, v, &direction).into_iter();
        let change = pushed.zip(push_forward(instance, start, &direction));
        let square: Ball = change.map(|(new, old)| (new - old).square()).sum();
        let bound = instance.jacobian_change(&gram).at(v.distance(start));
        let length = direction.norm();
        Ok(Finding::Compared(vec![Comparison::at_most(
            CHANGE,
            square.sqrt(),
            bound * length,
        )]))
    };
    check().unwrap_or_else(undecided)
}

/// Which envelope.
#[derive(Clone, Copy)]
enum Version {
    /// Every push of the curvature counts in full from its step on.
    Integrated,
    /// The steps after it filter it.
    Filtered,
}

/// Gradient descent from the reference, with everything that is known before it starts.
struct Run {
    gram: Vec<GramSpectrum>,
    step: f64,
    trace: Trace,
    points: Vec<EnvelopePoint>,
}

/// The step is that of P8, or, where its condition fails, `2(1−c)/β` with the smoothness at the reference; either
/// `β` bounds `λ_max(T₀)/N`.
fn run(instance: &ResidualInstance, version: Version) -> Result<Run, Box<dyn std::error::Error>> {
    let gram = instance.reference_spectra()?;
    let mut observer = instance.observer()?;
    let observation = observer.observe(&instance.reference);
    let step = match constants(instance, &gram, observation.loss) {
        Ok(constants) => constants.step,
        Err(_) => instance.reference_step(&gram, observation.loss),
    };
    let linear = linearised(instance, &mut observer, &observation);
    let trace = instance.descend(step, instance.steps, TARGET)?;
    let envelope = instance.integrated_envelope(&gram, &linear, step)?;
    let line = linear.train(step, trace.records.len() - 1, envelope.slope);
    let perturbations: Vec<f64> = trace.records.iter().map(|r| r.step_rounding).collect();
    let points = match version {
        Version::Integrated => envelope.points(&line, &perturbations),
        Version::Filtered => {
            let filter = linear.filter(step)?;
            let change = |distance| envelope.change.at(distance);
            filtered_envelope(&filter, change, &line, &perturbations)
        }
    };
    let points = known_points(points, &trace);
    Ok(Run {
        gram,
        step,
        trace,
        points,
    })
}

/// The envelope as far as it and the computed losses are known.
fn known_points(mut points: Vec<EnvelopePoint>, trace: &Trace) -> Vec<EnvelopePoint> {
    points.truncate(known(trace).len());
    points
}

fn checked(
    instance: &ResidualInstance,
    version: Version,
    compare: impl Fn(&Run) -> Finding,
) -> Finding {
    if !(0.0 < instance.step_margin && instance.step_margin < 1.0) {
        return Finding::Inapplicable(vec![STEP.to_owned()]);
    }
    match run(instance, version) {
        Ok(run) if run.points.len() > 1 => compare(&run),
        Ok(_) => Finding::Undecided(PERTURBED.to_owned()),
        Err(error) => undecided(error),
    }
}

/// P8b.integrated: the errors and the place of every iterate.
pub(super) fn integrated_envelope(instance: &ResidualInstance) -> Finding {
    checked(instance, Version::Integrated, |run| {
        Finding::Compared(every_iterate(instance, run))
    })
}

/// P8b.filtered: the same, every push of the curvature filtered by the steps after it, and the gradients.
pub(super) fn filtered(instance: &ResidualInstance) -> Finding {
    checked(instance, Version::Filtered, |run| {
        let pairs = run.trace.records.iter().zip(&run.points).skip(1);
        let pulls = pairs.map(|(record, point)| {
            let pull = count(instance.samples()) * record.gradient_norm_squared.sqrt();
            Comparison::at_most(PULL, pull, point.pull)
        });
        Finding::Compared(
            every_iterate(instance, run)
                .into_iter()
                .chain(pulls)
                .collect(),
        )
    })
}

fn every_iterate(instance: &ResidualInstance, run: &Run) -> Vec<Comparison> {
    let pairs = run.trace.records.iter().zip(&run.points).skip(1);
    let comparisons = pairs.flat_map(|(record, point)| {
        let error = error_norm(instance, record.loss);
        [
            Comparison::at_most(STEPWISE, error, point.error),
            Comparison::at_most(DISPLACEMENT, record.displacement, point.displacement),
        ]
    });
    comparisons.collect()
}

/// P8b.resumed: P8 from the middle of the run, with what the envelope knows of the iterate there.
pub(super) fn resumed_convergence(instance: &ResidualInstance) -> Finding {
    checked(instance, Version::Filtered, |run| {
        let middle = run.points.len() / 2;
        let from = &run.points[middle];
        let loss = from.loss(instance.samples());
        let local = instance.local(&run.gram);
        let at = |radius: f64| local.resumed(from, radius, run.step);
        let largest = local.largest_radius() - from.displacement.upper();
        let start = local.resumed(&run.points[0], 0.0, run.step);
        match admissible(largest, loss, start, at) {
            Err(why) => Finding::Inapplicable(failing(why, SMALL_LATER)),
            Ok(constants) => {
                let comparisons = tail(instance, run, middle, &constants);
                if comparisons.is_empty() {
                    return Finding::Undecided(PERTURBED.to_owned());
                }
                Finding::Compared(comparisons)
            }
        }
    })
}

/// The losses from an iterate on, held to the promise (`proofs/p10-recipe.md`): exact steps that are seen to start
/// and to end in the ball lose `1 − ϱ` of the loss.
fn tail(
    instance: &ResidualInstance,
    run: &Run,
    middle: usize,
    constants: &Convergence,
) -> Vec<Comparison> {
    let from = &run.points[middle];
    let records = &run.trace.records[middle..run.points.len()];
    let level = from.loss(instance.samples());
    let (slope, norm) = (instance.loss_slope(), instance.reference.norm());
    let mut envelope = LossEnvelope::new(*constants, slope, norm, records[0].loss, level.upper());
    envelope.reach = (from.displacement + Ball::from(constants.radius)).lower();
    envelope.state = EnvelopeState {
        displacement: records[0].displacement,
        promised: level,
        ..envelope.state
    };
    let steps = records[1..].iter().map(Record::step);
    let conclusions = steps.map(|step| envelope.next(&step));
    let seen = conclusions.take_while(|conclusions| conclusions.seen);
    let whole = seen.map(|conclusions| conclusions.whole);
    whole
        .map(|whole| Comparison::at_most(RESUMED, whole.measured(), whole.allowed))
        .collect()
}

impl ResidualInstance {
    /// The envelope of P8b.integrated around the reference.
    ///
    /// # Arguments
    /// * `gram`: the spectra at the reference; `linear`: the network linearised there.
    /// * `step`: `η`, with `ηλ_max(T₀) ≤ 2N`.
    ///
    /// # Errors
    /// A tangent kernel without a spectrum.
    pub fn integrated_envelope(
        &self,
        gram: &[GramSpectrum],
        linear: &Linearised,
        step: f64,
    ) -> Result<IntegratedEnvelope, SpectrumError> {
        self.surroundings(gram).integrated_envelope(linear, step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{convergence, find, sharp};
    use super::*;
    use crate::evidence::Verdict;
    use crate::flow::DescentTermination;

    fn verdict(finding: &Finding) -> Verdict {
        finding.judge().verdict
    }

    /// One sample, 64 layers, no curvature to speak of: the change is `θ_D` of `κ1p`, and `κ1p` is what
    /// the spectrum gives. A bound of half of that is too small.
    #[test]
    fn halved_bounds_of_either_version_are_rejected() {
        let instance = &sharp::turning_line()[0];
        let gram = instance.reference_spectra().unwrap();
        let change = instance.jacobian_change(&gram);
        let Finding::Compared(found) = jacobian_changes(instance) else {
            panic!("there are no hypotheses");
        };
        let [comparison] = found[..] else {
            panic!("one direction");
        };
        let place = instance.weights.distance(&instance.reference);
        let of = |slope: Ball| {
            let bound = slope * place * instance.weights.norm();
            Comparison::at_most(CHANGE, comparison.quantity(), bound)
        };
        for slope in [change.by_samples(place), change.by_spectrum(place)] {
            assert_eq!(of(slope).verdict(), Verdict::Holds);
            assert_eq!(of(slope).strengthened(0.5).verdict(), Verdict::Violated);
        }
        assert!(of(change.by_samples(place)).tightness() > 0.999);
    }

    #[test]
    fn step_outside_its_range_is_named() {
        for margin in [0.0, 1.0, -0.5, f64::NAN] {
            let mut instance = sharp::stiff().remove(0);
            instance.step_margin = margin;
            let finding = Finding::Inapplicable(vec![convergence::STEP.to_owned()]);
            assert_eq!(integrated_envelope(&instance), finding);
            assert_eq!(resumed_convergence(&instance), finding);
        }
    }

    /// One sample: `E_n` and `p_n` from the recursion in plain numbers.
    #[test]
    fn bounds_are_their_recursion() {
        let instance = &sharp::stiff()[0];
        let gram = instance.reference_spectra().unwrap();
        let change = instance.jacobian_change(&gram);
        let slope = instance.network.readout_norm_squared().mid().sqrt();
        let loss = instance.reference_loss().unwrap();
        let step = constants(instance, &gram, loss).unwrap().step;
        let Finding::Compared(comparisons) = integrated_envelope(instance) else {
            panic!("the step is allowed");
        };
        let bounds = |statement: &str| -> Vec<f64> {
            let own = comparisons.iter().filter(|c| c.statement() == statement);
            own.map(|c| c.bound().mid()).collect()
        };
        let (errors, places) = (bounds(STEPWISE), bounds(DISPLACEMENT));
        assert!(errors.len() > 100 && errors.len() == places.len());
        let omega = |p: f64| change.at(Ball::from(p)).mid();
        let contraction = 1.0 - step * slope * slope;
        let (mut line, mut gap, mut off, mut place) = (1.0, 0.0, 0.0, 0.0);
        for (error, found) in errors.iter().zip(&places) {
            let (known, bent) = (line + gap, omega(place));
            line *= contraction;
            off += step * (slope * gap + bent * known);
            let straight = (1.0 - line) / slope + off;
            let next = straight.min(place + step * (slope + bent) * known);
            let between = 0.5 * (bent + omega(next));
            gap = contraction * gap + step * (between * (slope + bent) + slope * bent) * known;
            place = next;
            assert!((error / (line + gap) - 1.0).abs() < 1e-9);
            assert!((found / place - 1.0).abs() < 1e-9);
        }
    }

    /// One sample has one singular value: nothing is filtered more than the contraction does.
    #[test]
    fn one_sample_is_filtered_by_its_contraction() {
        let instance = &sharp::stiff()[0];
        let [plain, filtered] =
            [Version::Integrated, Version::Filtered].map(|v| run(instance, v).unwrap());
        assert_eq!(plain.points.len(), filtered.points.len());
        for (one, other) in plain.points.iter().zip(&filtered.points) {
            assert!((one.error.mid() / other.error.mid() - 1.0).abs() < 1e-9);
            assert!((one.displacement.mid() - other.displacement.mid()).abs() < 1e-9);
        }
        // Several samples have many: what the curvature adds is less.
        let instance = &sharp::generic()[0];
        let [plain, filtered] =
            [Version::Integrated, Version::Filtered].map(|v| run(instance, v).unwrap());
        let last = plain.points.len().min(filtered.points.len()) - 1;
        assert!(filtered.points[last].error_gap.upper() < plain.points[last].error_gap.lower());
    }

    /// An iterate whose loss has no digits is not known, and a start alone is nothing to compare.
    #[test]
    fn lost_iterates_are_left_out() {
        let instance = &sharp::stiff()[0];
        let found = run(instance, Version::Integrated).unwrap();
        let mut trace = found.trace.clone();
        trace.records.truncate(10);
        let points = found.points[..10].to_vec();
        for (termination, known) in [
            (DescentTermination::Iterations, 10),
            (DescentTermination::PrecisionLost, 9),
        ] {
            trace.termination = termination;
            assert_eq!(known_points(points.clone(), &trace).len(), known);
        }
        let mut fitted = instance.clone();
        fitted.targets = instance
            .network
            .predict(&instance.reference, &instance.inputs);
        let nothing = Finding::Undecided(PERTURBED.to_owned());
        assert_eq!(integrated_envelope(&fitted), nothing);
    }

    /// The iterate in the middle of a run of one sample, and the constants of P8 from there.
    fn middle_of(instance: &ResidualInstance, run: &Run) -> (usize, Convergence) {
        let middle = run.points.len() / 2;
        let from = &run.points[middle];
        let local = instance.local(&run.gram);
        let largest = local.largest_radius() - from.displacement.upper();
        let at = |radius: f64| local.resumed(from, radius, run.step);
        let constants = admissible(largest, from.loss(1), at(0.0), at);
        (middle, constants.unwrap())
    }

    /// A step that may leave the ball, whatever it does then, ends what is known: here it is made too long.
    #[test]
    fn steps_that_may_leave_the_ball_end_the_tail() {
        let instance = &sharp::stiff()[0];
        let mut run = run(instance, Version::Filtered).unwrap();
        let (middle, constants) = middle_of(instance, &run);
        let room = run.points[middle].displacement + Ball::from(constants.radius)
            - run.trace.records[middle + 3].displacement;
        for (share, kept) in [(0.99, true), (1.01, false)] {
            run.trace.records[middle + 4].step_length = room * Ball::from(share);
            let found = tail(instance, &run, middle, &constants).len();
            assert_eq!(found > 3, kept, "{share}");
        }
    }

    /// What is lost to rounding is carried to the end: `Σ_jϱ^{n−j}ε_j`.
    #[test]
    fn roundings_of_the_tail_add_up() {
        let instance = &sharp::stiff()[0];
        let mut run = run(instance, Version::Filtered).unwrap();
        let (middle, constants) = middle_of(instance, &run);
        for record in &mut run.trace.records {
            record.step_rounding = 1e-9;
        }
        let comparisons = tail(instance, &run, middle, &constants);
        let (factor, mut expected) = (constants.factor().mid(), 0.0);
        for (record, comparison) in run.trace.records[middle + 1..].iter().zip(&comparisons) {
            let slope = instance.loss_slope();
            let carried = slope.carried(record.norm, record.loss, record.step_rounding);
            expected = factor * expected + carried;
            let off = comparison.quantity().rad() - record.loss.rad();
            assert!((off / expected - 1.0).abs() < 1e-6, "{off} {expected}");
        }
        assert!(comparisons.len() > 50);
    }

    /// From the middle of the run, with the factor of P8 on the ball around the iterate there.
    #[test]
    fn convergence_is_resumed_in_the_middle() {
        let instance = &sharp::stiff()[0];
        let run = run(instance, Version::Filtered).unwrap();
        let middle = run.points.len() / 2;
        let Finding::Compared(comparisons) = resumed_convergence(instance) else {
            panic!("the loss is small");
        };
        assert_eq!(comparisons.len(), run.points.len() - 1 - middle);
        let level = run.points[middle].error.mid().powi(2) / 2.0;
        let slope = instance.network.readout_norm_squared().mid();
        let rate = run.step * 2.0 * slope * 0.99;
        for (j, comparison) in comparisons.iter().enumerate() {
            let expected = level * (1.0 - rate).powi(j as i32 + 1);
            assert!((comparison.bound().mid() / expected - 1.0).abs() < 1e-3);
        }
        // The loss is not small enough at the start of a steep valley.
        let claim = find("P8b.resumed").unwrap();
        assert_eq!(
            verdict(&claim.check(&sharp::generic().remove(0).into())),
            Verdict::Inapplicable
        );
    }
}
