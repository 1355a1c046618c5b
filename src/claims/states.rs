//! P2: how states and adjoint states are stretched, squeezed and displaced.

use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::{
    contraction, contraction_floor, expansion, expansion_cap, layer_gains, parameter_sensitivity,
};
use crate::evidence::{Comparison, Finding};
use crate::resnet::ResidualNetwork;
use nalgebra::DMatrix;

/// The distance of two columns, each known to within `error`.
fn distance(a: &DMatrix<f64>, i: usize, b: &DMatrix<f64>, j: usize, error: f64) -> Ball {
    let difference = a.column(i) - b.column(j);
    let norm = Ball::norm_of(difference.as_slice());
    // Each entry of the difference is within u of its own size.
    norm.widened(error + 2.0 * crate::arithmetic::UNIT_ROUNDOFF * norm.upper())
}

/// All inequalities of P2, for all pairs of samples and all layers.
pub(super) fn flow_bounds<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> Finding {
    let mut observer = match instance.observer() {
        Ok(observer) => observer,
        Err(error) => return undecided(error),
    };
    let at_reference = observer.observe(&instance.reference);
    let reference_states = observer.pass().states.to_vec();
    let observation = observer.observe(&instance.weights);
    let pass = observer.pass();
    let (states, adjoints) = (pass.states, pass.adjoints);
    let rounding = &observation.rounding;

    let kappa1 = instance.network.kappa1();
    let depth = instance.network.frame().depth();
    let gains = layer_gains(kappa1, &observation.layer_norms);
    let (stretch, squeeze) = (expansion(&gains), contraction(&gains));
    let radius = observation.norm;
    let mut comparisons = vec![Comparison::at_most(
        "P₊ ≤ e^{κ1R}",
        stretch,
        expansion_cap(kappa1, radius),
    )];
    if let Some(floor) = contraction_floor(kappa1, radius, depth) {
        comparisons.push(Comparison::at_least(
            "P₋ ≥ e^{−κ1R−κ1²R²/D}",
            squeeze,
            floor,
        ));
    }
    let apart = instance
        .network
        .distance(&instance.weights, &instance.reference);
    let smaller = observation.norm.min(at_reference.norm);
    for k in 0..=depth {
        for i in 0..instance.samples() {
            for j in 0..i {
                let start = distance(&states[0], i, &states[0], j, 2.0 * rounding.states[0]);
                let here = distance(&states[k], i, &states[k], j, 2.0 * rounding.states[k]);
                comparisons.push(Comparison::at_most("‖z−z'‖ ≤ P₊", here, stretch * start));
                comparisons.push(Comparison::at_least("‖z−z'‖ ≥ P₋", here, squeeze * start));
            }
            let norm = |layer: usize| {
                Ball::norm_of(adjoints[layer].column(i).as_slice())
                    .widened(rounding.adjoints[layer])
            };
            comparisons.push(Comparison::at_most(
                "‖p‖ ≤ P₊",
                norm(k),
                stretch * norm(depth),
            ));
            comparisons.push(Comparison::at_least(
                "‖p‖ ≥ P₋",
                norm(k),
                squeeze * norm(depth),
            ));
            if k > 0 {
                let error = rounding.states[k] + rounding.states[0];
                let moved = distance(&states[k], i, &states[0], i, error);
                comparisons.push(Comparison::at_most("‖z_k−z_0‖ ≤ κ0R", moved, radius));
                let error = rounding.states[k] + at_reference.rounding.states[k];
                let moved = distance(&states[k], i, &reference_states[k], i, error);
                let one = Ball::from(1.0);
                let bound = parameter_sensitivity(k, depth, one, kappa1, smaller, apart);
                comparisons.push(Comparison::at_most("‖z_k(v)−z_k(w)‖", moved, bound));
            }
        }
    }
    Finding::Compared(comparisons)
}
