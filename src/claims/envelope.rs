//! P8b: the errors follow the spectrum of the tangent kernel.

use super::convergence::{PERTURBED, TARGET, certain_steps, constants};
use super::descent::root_slope;
use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, count};
use crate::bounds::{Convergence, Envelope, LinearPoint, uniform_envelope};
use crate::evidence::{Comparison, Finding};
use crate::flow::{Descent, Linearised, Trace, gradient_descent};

/// One change of the tangent kernel for the whole ball.
pub(super) const UNIFORM: &str = "‖e_n‖ ≤ ‖(I−ηT₀/N)ⁿe₀‖ + (ητ/N)Σϱ^{j/2}‖e₀‖";

/// The change of the tangent kernel up to each iterate.
pub(super) const STEPWISE: &str = "‖e_n‖ ≤ E_n";

/// How far the iterates are from the start.
pub(super) const DISPLACEMENT: &str = "‖vⁿ−v⁰‖ ≤ p_n";

/// Both envelopes along gradient descent from the reference, with the constants of P8.
pub(super) fn spectral_envelope(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let gram = instance.reference_spectra()?;
        let mut observer = instance.observer()?;
        let observation = observer.observe(&instance.reference);
        let constants = match constants(instance, &gram, observation.loss) {
            Ok(constants) => constants,
            Err(failing) => return Ok(Finding::Inapplicable(failing)),
        };
        let errors = observer.tape().errors().clone();
        let kernel = observer.tangent_kernel(&instance.reference, &observation);
        let linear = Linearised::new(kernel, &errors, &observation);
        let envelope = envelope(instance, &linear, constants.step, constants.radius)?;
        let task = Descent {
            step: constants.step,
            iterations: instance.steps,
            target: TARGET,
            gram_spectra: false,
            tangent_every: 0,
        };
        let trace = gradient_descent(&mut observer, instance.reference.clone(), &task, |_| ())?;
        let steps = certain_steps(instance, &constants, &trace);
        if steps == 0 {
            return Ok(Finding::Undecided(PERTURBED.to_owned()));
        }
        let line = linear.train(constants.step, steps, envelope.slope);
        let mut comparisons = uniform(instance, &constants, &envelope, &line, &trace);
        comparisons.extend(stepwise(instance, &envelope, &line, &trace));
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// The constants of the envelope on a ball around the reference.
///
/// # Errors
/// A tangent kernel without a spectrum.
pub(super) fn envelope(
    instance: &ResidualInstance,
    linear: &Linearised,
    step: f64,
    radius: f64,
) -> Result<Envelope, crate::spectrum::SpectrumError> {
    let extremes = linear.kernel().extremes()?;
    let around = instance.neighbourhood(Ball::from(radius));
    let norm_squared = instance.network.readout_norm_squared();
    Ok(Envelope {
        slope: extremes.1.sqrt(),
        curvature: Envelope::curvature(instance.samples(), norm_squared, &around),
        // T₀ is positive semi-definite and ηλ_max(T₀)/N ≤ ηG ≤ 2: not above one.
        contraction: linear.contraction(step, extremes).min(Ball::from(1.0)),
        rate: Ball::from(step) / count(instance.samples()),
        radius,
    })
}

/// `‖e_n‖ = √(2N·L(vⁿ))`.
fn error_norm(instance: &ResidualInstance, loss: Ball) -> Ball {
    (count(2 * instance.samples()) * loss).sqrt()
}

/// Rounding enters as in P8: `‖e_n‖ ≤ √ϱ‖e_{n−1}‖ + √(N M̄/2)δ_n`, and each step moves the errors by
/// `‖J‖δ` at most.
fn uniform(
    instance: &ResidualInstance,
    constants: &Convergence,
    envelope: &Envelope,
    line: &[LinearPoint],
    trace: &Trace,
) -> Vec<Comparison> {
    let bent = envelope.curvature * Ball::from(envelope.radius);
    let steepest = envelope.slope + bent;
    let change = bent * (envelope.slope + steepest);
    let factor = constants.factor();
    let bounds = uniform_envelope(line, envelope.rate, change, factor);
    let outer = instance
        .neighbourhood(Ball::from(constants.radius))
        .outer_norm();
    let half_samples = count(instance.samples()) / Ball::from(2.0);
    let slope = half_samples.sqrt() * root_slope(instance, outer);
    let zero = Ball::from(0.0);
    // Excess of ‖e_n‖ over ϱ^{n/2}‖e_0‖, its sum, and the sum of the δ.
    let (mut excess, mut sum, mut moved) = (zero, zero, zero);
    let mut comparisons = Vec::new();
    for (record, &bound) in trace.records.iter().zip(&bounds).skip(1) {
        let off = Ball::from(record.step_rounding);
        sum = sum + excess;
        excess = factor.sqrt() * excess + slope * off;
        moved = moved + off;
        let carried = envelope.rate * change * sum + steepest * moved;
        let error = error_norm(instance, record.loss).widened(carried.upper());
        comparisons.push(Comparison::at_most(UNIFORM, error, bound));
    }
    comparisons
}

fn stepwise(
    instance: &ResidualInstance,
    envelope: &Envelope,
    line: &[LinearPoint],
    trace: &Trace,
) -> Vec<Comparison> {
    let perturbations: Vec<f64> = trace.records.iter().map(|r| r.step_rounding).collect();
    let points = envelope.points(line, &perturbations);
    let pairs = trace.records.iter().zip(&points).skip(1);
    pairs
        .flat_map(|(record, point)| {
            let error = error_norm(instance, record.loss);
            [
                Comparison::at_most(STEPWISE, error, point.error),
                Comparison::at_most(DISPLACEMENT, record.displacement, point.displacement),
            ]
        })
        .collect()
}
