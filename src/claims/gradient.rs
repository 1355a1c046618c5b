//! P1: the gradient by the adjoint state, against three other ways to get it.

use super::{ResidualInstance, undecided};
use crate::arithmetic::{Ball, Dual, UNIT_ROUNDOFF, enlarged, gamma};
use crate::bounds::{LineSegment, third_derivative};
use crate::evidence::{Comparison, Finding};
use crate::flow::Observation;
use crate::resnet::{Pass, ResidualNetwork, Rounding, Tape, Weights, reference};
use nalgebra::DVector;

/// The gradient equals its kernel form in norm, and along two directions the
/// derivatives by dual numbers and by a central difference.
pub(super) fn identity(instance: &ResidualInstance) -> Finding {
    let mut observer = match instance.observer() {
        Ok(observer) => observer,
        Err(error) => return undecided(error),
    };
    let observation = observer.observe(&instance.weights);
    let gradient = observer.tape().gradient().clone();
    let features = instance.network.features();
    let mut comparisons = vec![kernel_form(
        instance,
        &observer.pass(),
        &observation,
        |x, y| features.value(x, y),
        |k| kernel_value_error(instance, observer.tape(), &observation.rounding, k),
    )];
    let chirp = chirp(&instance.weights);
    for direction in [&chirp, &gradient] {
        let size = direction.norm().upper();
        let measured = directional(&gradient, direction, &observation);
        let scale = gradient.norm().mid() * size;
        let along = reference::lift_pair(&instance.weights, direction, |w, h| {
            Dual::new(Ball::from(w), Ball::from(h))
        });
        let (inputs, targets) = (&instance.inputs, &instance.targets);
        let exact = reference::loss(&instance.network, &along, inputs, targets).derivative;
        comparisons.push(Comparison::equal(
            "<∇L,h> = dual derivative",
            measured,
            exact,
            scale,
        ));
        let difference = central_difference(instance, direction, &observation);
        comparisons.push(Comparison::equal(
            "<∇L,h> = difference",
            measured,
            difference,
            scale,
        ));
    }
    Finding::Compared(comparisons)
}

/// A fixed direction with entries of both signs and no pattern in common with the weights.
pub(super) fn chirp(weights: &Weights) -> Weights {
    let layers = weights.layers().iter().enumerate().map(|(k, layer)| {
        layer.map_with_location(|i, j, _| ((1 + i + 3 * j + 7 * k) as f64).powi(2).sin())
    });
    Weights::from_layers(layers.collect())
}

/// `<∇L, h>` with the error of the gradient and of the sum.
fn directional(gradient: &Weights, direction: &Weights, observation: &Observation) -> Ball {
    let gradient_error = observation.rounding.gradient_error();
    let size = direction.norm().upper();
    let products = gamma(gradient.parameters() + 4) * gradient.norm().upper();
    Ball::new(
        gradient.dot(direction),
        enlarged(size * (gradient_error + products), 16),
    )
}

/// `‖∇L‖² = D⁻¹Σ_kΣ_ij k(z_k^i, z_k^j) p_{k+1}^i·p_{k+1}^j`, kernel values one by one.
///
/// # Arguments
/// * `value`: the kernel; `value_error`: how far off it is at the computed states of a layer.
pub(super) fn kernel_form<N: ResidualNetwork>(
    instance: &ResidualInstance<N>,
    pass: &Pass,
    seen: &Observation,
    value: impl Fn(&DVector<f64>, &DVector<f64>) -> f64,
    value_error: impl Fn(usize) -> f64,
) -> Comparison {
    let frame = instance.network.frame();
    let (depth, samples) = (frame.depth(), instance.samples());
    let (mut form, mut error, mut scale) = (0.0, 0.0, 0.0);
    for k in 0..depth {
        let (states, adjoints) = (&pass.states[k], &pass.adjoints[k + 1]);
        let norms: Vec<f64> = adjoints.column_iter().map(|p| p.norm()).collect();
        let entry = value_error(k);
        let adjoint_error = seen.rounding.adjoints[k + 1];
        for i in 0..samples {
            for j in 0..samples {
                let (x, y) = (states.column(i).into_owned(), states.column(j).into_owned());
                let dot = adjoints.column(i).dot(&adjoints.column(j));
                form += value(&x, &y) * dot;
                error += entry * norms[i] * norms[j]
                    + adjoint_error * (norms[i] + norms[j] + adjoint_error)
                    + gamma(frame.state_dimension() + 4) * norms[i] * norms[j];
                scale += norms[i] * norms[j];
            }
        }
    }
    let count = depth as f64;
    let summation = gamma(depth * samples * samples + 4) * scale;
    let expected = Ball::new(form / count, enlarged((error + summation) / count, 64));
    let measured = seen.gradient_norm_squared;
    Comparison::equal("‖∇L‖² = kernel form", measured, expected, scale / count)
}

/// Bounds the error of `features.value` at computed states: `|k̂ − k̂'| ≤ κ̂1·(Δ_i + Δ_j)`
/// for the states, `γ_{q+2}` for the phases of the difference, a few roundings for
/// cosine and mean.
fn kernel_value_error(
    instance: &ResidualInstance,
    tape: &Tape,
    rounding: &Rounding,
    k: usize,
) -> f64 {
    let features = instance.network.features();
    let largest = tape.states()[k]
        .column_iter()
        .map(|z| z.norm())
        .fold(0.0, f64::max);
    let phases = gamma(features.dimension() + 2) * features.frequency_rms() * 2.0 * largest;
    let states = 2.0 * features.kappa1_ball().upper() * rounding.states[k];
    states + phases + 4.0 * UNIT_ROUNDOFF + gamma(features.count() + 2)
}

/// `(L(v + th) − L(v − th))/2t` with rounding and remainder, at a step that balances both.
fn central_difference(
    instance: &ResidualInstance,
    direction: &Weights,
    observation: &Observation,
) -> Ball {
    let (weights, network) = (&instance.weights, &instance.network);
    let (inputs, targets) = (&instance.inputs, &instance.targets);
    let direction_norms: Vec<f64> = direction
        .layer_norms()
        .into_iter()
        .map(Ball::upper)
        .collect();
    let readout_norm = network.readout_norm_squared().sqrt().upper();
    let mut tape = Tape::new(network, instance.samples());
    tape.forward(network, weights, inputs, targets);
    let error = tape
        .errors()
        .column_iter()
        .map(|e| e.norm())
        .fold(0.0, f64::max)
        + observation.rounding.errors;
    let third = |t: f64| {
        let along: Vec<f64> = direction_norms.iter().map(|h| t * h).collect();
        let covered: Vec<f64> = observation
            .layer_norms
            .iter()
            .zip(&along)
            .map(|(norm, h)| norm.upper() + h)
            .collect();
        third_derivative(&LineSegment {
            weights: &covered,
            direction: &along,
            frequency: enlarged(
                network.features().frequency_max(),
                network.state_dimension() + 8,
            ),
            readout_norm,
            error,
        })
    };
    // Truncation a·t² against rounding b/t: a = third(t)/(6t³), b = the error of the loss.
    let unit = 1.0 / direction.norm().mid();
    let curvature = third(1e-3 * unit) / (1e-3 * unit).powi(3);
    let noise = observation.loss.rad();
    let balanced = (3.0 * noise / curvature).cbrt();
    let t = if balanced.is_finite() && balanced > 0.0 {
        balanced.min(unit)
    } else {
        1e-3 * unit
    };
    let mut at = |t: f64| {
        let moved = weights.plus(t, direction);
        tape.forward(network, &moved, inputs, targets);
        tape.backward(network, &moved);
        Rounding::of(network, &moved, inputs, &tape).loss
    };
    let (forward, backward) = (at(t), at(-t));
    // The moved weights are rounded: at most u(‖v‖ + 2t‖h‖) away from the exact line.
    let reach = weights.norm() + Ball::from(t) * direction.norm();
    let farthest = reach.upper() + t * direction.norm().upper();
    let moved = enlarged(UNIT_ROUNDOFF * farthest, 8);
    let carried = instance
        .loss_slope()
        .carried(reach, forward.max(backward), moved);
    let difference = (forward - backward) * Ball::from(0.5);
    difference.widened(third(t) / 6.0 + carried) / Ball::from(t)
}
