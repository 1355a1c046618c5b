//! Forward error analysis of a pass through kernel expansions (`proofs/rounding.md`).
//!
//! The recursions are those of the parametric pass, with what a layer of `M` sections rounds:
//! its values are off by the error of a kernel value times `Σ‖a_j‖`, its pull-back by that of a
//! gradient, and both by the sums over sections.

use super::{Expansion, ExpansionNetwork, ExpansionTape, Field, FieldKernel};
use crate::arithmetic::gamma;
use crate::resnet::rounding::{
    gradient_norm_squared, largest_column, lifted, readout_errors, slack,
};
use crate::resnet::{ResidualNetwork, Rounding};
use nalgebra::DMatrix;

/// What the recursions share.
struct Sizes {
    depth: f64,
    dimension: usize,
    kappa1: f64,
    kappa2: f64,
    slack: f64,
}

impl Sizes {
    fn of<K: FieldKernel>(network: &ExpansionNetwork<K>, v: &Expansion, samples: usize) -> Self {
        let frame = network.frame();
        let longest = v.layers.iter().map(Field::len).max().unwrap_or(0);
        Self {
            depth: frame.depth() as f64,
            dimension: frame.state_dimension(),
            kappa1: network.kappa1().upper(),
            kappa2: network.kappa2().upper(),
            slack: slack(frame, samples, longest * frame.state_dimension()),
        }
    }

    /// `1 + κ1‖v_k‖/D`.
    fn gain(&self, norm: f64) -> f64 {
        1.0 + self.kappa1 * norm / self.depth
    }
}

/// The largest norm of a centre or a state of a layer.
fn reach(field: &Field, states: &DMatrix<f64>) -> f64 {
    field.reach().max(largest_column(states))
}

fn norms<K: FieldKernel>(network: &ExpansionNetwork<K>, v: &Expansion) -> Vec<f64> {
    let balls = network.layer_norms(v).into_iter();
    balls.map(|norm| norm.upper()).collect()
}

/// Bounds the rounding of the passes that a tape holds.
pub(super) fn of<K: FieldKernel>(
    network: &ExpansionNetwork<K>,
    v: &Expansion,
    inputs: &DMatrix<f64>,
    tape: &ExpansionTape,
) -> Rounding {
    let (frame, pass) = (network.frame(), tape.pass());
    let sizes = Sizes::of(network, v, inputs.ncols());
    let norms = norms(network, v);
    let mut state = sizes.slack * lifted(frame, inputs);
    let (mut states, mut features, mut values) = (vec![state], Vec::new(), Vec::new());
    for (k, field) in v.layers.iter().enumerate() {
        let points = &pass.states[k];
        let (size, terms) = (largest_column(points), gamma(field.len() + 4));
        let value = network
            .kernel()
            .value_error(sizes.dimension, reach(field, points));
        values.push(sizes.slack * value);
        features.push(sizes.slack * sizes.kappa1 * state);
        let layer = field.mass() / sizes.depth * (value + terms * (1.0 + value)) + terms * size;
        state = sizes.slack * (sizes.gain(norms[k]) * state + layer);
        states.push(state);
    }
    let readout = readout_errors(frame, sizes.slack, &pass, state);
    let adjoints = backward(network, &sizes, v, &states, tape, readout.terminal);
    let samples = inputs.ncols() as f64;
    let gradient: Vec<f64> = (0..frame.depth())
        .map(|k| {
            let total = super::network::columns_sum(&pass.adjoints[k + 1]);
            sizes.slack * (samples * adjoints[k + 1] + total * features[k])
        })
        .collect();
    let norm = network.norm(tape.gradient());
    Rounding {
        gradient_norm_squared: gradient_norm_squared(norm, &gradient, sizes.slack),
        states,
        features,
        values,
        errors: readout.errors,
        loss: readout.loss,
        adjoints,
        gradient,
    }
}

/// Bounds the error of adjoint states pulled back from an exact terminal state.
pub(super) fn of_pull_back<K: FieldKernel>(
    network: &ExpansionNetwork<K>,
    rounding: &Rounding,
    v: &Expansion,
    tape: &ExpansionTape,
) -> Vec<f64> {
    let sizes = Sizes::of(network, v, tape.pass().errors.ncols());
    backward(network, &sizes, v, &rounding.states, tape, 0.0)
}

fn backward<K: FieldKernel>(
    network: &ExpansionNetwork<K>,
    sizes: &Sizes,
    v: &Expansion,
    states: &[f64],
    tape: &ExpansionTape,
    terminal: f64,
) -> Vec<f64> {
    let (pass, norms) = (tape.pass(), norms(network, v));
    let mut adjoint = terminal;
    let mut adjoints = vec![terminal; v.depth() + 1];
    for (k, field) in v.layers.iter().enumerate().rev() {
        let size = largest_column(&pass.adjoints[k + 1]);
        let reach = reach(field, &pass.states[k]);
        let gradient = network
            .kernel()
            .gradient_error(sizes.dimension, field.len(), reach);
        // D²v moves with the state; the weights a·p round by γ_q; the sum by two roundings.
        let curvature = if states[k] > 0.0 {
            sizes.kappa2 * norms[k] * states[k]
        } else {
            0.0
        };
        let sections = field.mass() * (gradient + gamma(sizes.dimension + 2) * sizes.kappa1);
        let rounded = size / sizes.depth * (curvature + sections) + gamma(4) * size;
        adjoint = sizes.slack * (sizes.gain(norms[k]) * adjoint + rounded);
        adjoints[k] = adjoint;
    }
    adjoints
}
