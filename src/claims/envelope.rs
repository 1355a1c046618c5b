//! P8b: the errors follow the spectrum of the tangent kernel.

use super::convergence::{PERTURBED, TARGET, certain_steps, constants};
use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, count};
use crate::bounds::{Convergence, Envelope, LinearPoint, uniform_envelope};
use crate::evidence::{Comparison, Finding};
use crate::flow::{Linearised, Observation, Observer, Trace};

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
        let linear = linearised(instance, &mut observer, &observation);
        let envelope = envelope(instance, &linear, constants.step, constants.radius)?;
        let trace = instance.descend(constants.step, instance.steps, TARGET)?;
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

/// The network linearised at the reference, from the observation there.
pub(super) fn linearised(
    instance: &ResidualInstance,
    observer: &mut Observer,
    observation: &Observation,
) -> Linearised {
    let errors = observer.tape().errors().clone();
    let kernel = observer.tangent_kernel(&instance.reference, observation);
    Linearised::new(kernel, &errors, observation)
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
pub(super) fn error_norm(instance: &ResidualInstance, loss: Ball) -> Ball {
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
    let slope = half_samples.sqrt() * instance.loss_slope().root(outer);
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

#[cfg(test)]
mod tests {
    use super::super::sharp;
    use super::*;
    use crate::bounds::layered_coupling;

    /// One sample at zero weights: `T₀ = S² = ‖B‖²`, `ê_n = (1 − ηS²)ⁿ`, and the rest in plain numbers.
    #[test]
    fn bounds_are_their_formulas() {
        let instance = &sharp::stiff()[0];
        let gram = instance.reference_spectra().unwrap();
        let loss = instance.reference_loss().unwrap();
        let constants = constants(instance, &gram, loss).unwrap();
        let Finding::Compared(comparisons) = spectral_envelope(instance) else {
            panic!("the hypotheses of P8 hold");
        };
        let features = instance.network.features();
        let (kappa1, kappa2) = (features.kappa1_ball().mid(), features.kappa2_ball().mid());
        let slope = instance.network.readout_norm_squared().mid().sqrt();
        let (step, radius) = (constants.step, constants.radius);
        let stretch = (kappa1 * radius).exp();
        // Of four layers.
        let (way, theta) = ((14.0_f64 / 64.0).sqrt(), layered_coupling(4).mid());
        let inner = way * kappa2 * radius * stretch + theta * kappa1;
        let bent = slope * stretch * inner * radius;
        let change = bent * (2.0 * slope + bent);
        let root = constants.factor().mid().sqrt();
        let bounds = |statement: &str| -> Vec<f64> {
            let own = comparisons.iter().filter(|c| c.statement() == statement);
            own.map(|c| c.bound().mid()).collect()
        };
        let uniform = bounds(UNIFORM);
        assert!(uniform.len() > 100);
        let (mut line, mut sum, mut power) = (1.0, 0.0, 1.0);
        let (stepwise, places) = (bounds(STEPWISE), bounds(DISPLACEMENT));
        assert_eq!(stepwise.len(), places.len());
        assert!(!stepwise.is_empty());
        for (n, found) in uniform.iter().enumerate() {
            line *= 1.0 - step * slope * slope;
            sum += power;
            power *= root;
            let expected = line + step * change * sum;
            assert!((found / expected - 1.0).abs() < 1e-9, "{n}");
            // The change up to an iterate is no more than that of the ball.
            if let (Some(&tighter), Some(&place)) = (stepwise.get(n), places.get(n)) {
                assert!(line <= tighter && tighter <= expected * (1.0 + 1e-9));
                assert!(place <= radius && place >= (1.0 - line) / slope * (1.0 - 1e-9));
            }
        }
    }

    /// With a distance lost at every step: `(ητ/N)Σ_{j<n}x_j + ‖J‖nδ`, `x_j = √ϱx_{j−1} + √(NM̄/2)δ`.
    #[test]
    fn roundings_of_the_steps_add_up() {
        let instance = &sharp::stiff()[0];
        let gram = instance.reference_spectra().unwrap();
        let mut observer = instance.observer().unwrap();
        let observation = observer.observe(&instance.reference);
        let constants = constants(instance, &gram, observation.loss).unwrap();
        let linear = linearised(instance, &mut observer, &observation);
        let mut envelope = envelope(instance, &linear, constants.step, constants.radius).unwrap();
        // So curved that every term is seen.
        envelope.curvature = envelope.slope / Ball::from(envelope.radius);
        let mut trace = instance.descend(constants.step, 20, 0.0).unwrap();
        let line = linear.train(constants.step, 20, envelope.slope);
        let off = 1e-6;
        for record in &mut trace.records {
            record.step_rounding = off;
        }
        let comparisons = uniform(instance, &constants, &envelope, &line, &trace);
        assert_eq!(comparisons.len(), 20);
        let bent = (envelope.curvature * Ball::from(envelope.radius)).mid();
        let steepest = envelope.slope.mid() + bent;
        let change = bent * (envelope.slope.mid() + steepest);
        let outer = instance
            .neighbourhood(Ball::from(constants.radius))
            .outer_norm();
        let slope = 0.5f64.sqrt() * instance.loss_slope().root(outer).mid();
        let root = constants.factor().mid().sqrt();
        let (mut excess, mut sum) = (0.0, 0.0);
        for (n, (record, comparison)) in trace.records[1..].iter().zip(&comparisons).enumerate() {
            sum += excess;
            excess = root * excess + slope * off;
            let expected = constants.step * change * sum + steepest * (n + 1) as f64 * off;
            let widened = comparison.quantity().rad() - error_norm(instance, record.loss).rad();
            assert!(
                (widened / expected - 1.0).abs() < 1e-6,
                "{n}: {widened} {expected}"
            );
        }
    }
}
