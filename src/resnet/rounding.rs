//! Forward error analysis of the batched pass.
//!
//! Every bound here is a first-order-free recursion: the error of a layer's
//! input times that layer's exact gain `1 + a_k`, plus what the layer itself
//! rounds (`proofs/rounding.md` derives each line). Norms are Euclidean, the
//! largest over the samples.

use super::{ResNet, Tape, Weights};
use crate::arithmetic::{Ball, LIBM_ULPS, UNIT_ROUNDOFF, gamma};
use nalgebra::DMatrix;

/// Bounds of the distance between a computed pass and the exact one at the same
/// weights and data.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// `max_i ‖ẑ_k^i − z_k^i‖`, for `k = 0 … D`.
    pub states: Vec<f64>,
    /// `max_i ‖φ̂(ẑ_k^i) − φ(z_k^i)‖`, for `k = 0 … D−1`.
    pub features: Vec<f64>,
    /// `max_i ‖ê^i − e^i‖` of the errors `F − y`.
    pub errors: f64,
    /// The loss.
    pub loss: Ball,
    /// `max_i ‖p̂_k^i − p_k^i‖`, for `k = 0 … D`.
    pub adjoints: Vec<f64>,
    /// `‖∇̂_k − ∇_k‖_F`, for `k = 0 … D−1`.
    pub gradient: Vec<f64>,
    /// `‖∇L‖² = D⁻¹Σ‖∇_k‖_F²`.
    pub gradient_norm_squared: Ball,
}

/// Returns the largest Euclidean norm of a column.
fn largest_column(a: &DMatrix<f64>) -> f64 {
    a.column_iter().map(|c| c.norm()).fold(0.0, f64::max)
}

/// Returns the largest number of non-zero entries of a row: products with an
/// exact zero round nothing.
fn longest_row(a: &DMatrix<f64>) -> usize {
    let counts = a
        .row_iter()
        .map(|row| row.iter().filter(|&&x| x != 0.0).count());
    counts.max().unwrap_or(0)
}

/// The quantities of a network that all recursions share, rounded up.
struct Sizes {
    depth: f64,
    /// Product of orders `· × q`.
    state: f64,
    /// Product of orders `· × 2m`, with four more roundings for the scale and the sum.
    width: f64,
    trigonometry: f64,
    kappa1: f64,
    kappa2: f64,
    rms: f64,
    quartic: f64,
    /// Covers the rounding of the bound itself.
    slack: f64,
}

impl Sizes {
    fn of(network: &ResNet, samples: usize) -> Self {
        let features = network.features();
        let (q, width) = (network.state_dimension(), features.width());
        let kappa1 = features.kappa1_ball().upper();
        Self {
            depth: network.depth() as f64,
            state: gamma(q),
            width: gamma(width + 4),
            trigonometry: (2.0 * LIBM_ULPS + 3.0) * UNIT_ROUNDOFF,
            kappa1,
            kappa2: kappa1 * features.frequency_max(),
            rms: features.frequency_rms(),
            quartic: features.frequency_quartic(),
            slack: 1.0 + gamma(16 * (q + width + samples * network.output_dimension() + 8)),
        }
    }

    /// `1 + κ1‖W‖_F/D`.
    fn gain(&self, layer_norm: f64) -> f64 {
        1.0 + self.kappa1 * layer_norm / self.depth
    }

    /// Error of the features as evaluated at a given point of norm `size`.
    fn evaluation(&self, size: f64) -> f64 {
        self.state * self.rms * size + self.trigonometry
    }
}

impl Rounding {
    /// Bounds the rounding of the forward and backward pass that `tape` holds.
    ///
    /// # Cost
    /// Norms of what the tape holds; no product.
    pub fn of(network: &ResNet, weights: &Weights, inputs: &DMatrix<f64>, tape: &Tape) -> Self {
        let samples = inputs.ncols();
        let sizes = Sizes::of(network, samples);
        let norms: Vec<f64> = weights.layer_norms().into_iter().map(Ball::upper).collect();
        let (states, features) = forward(network, &sizes, &norms, inputs, tape);

        let readout = network.readout();
        let readout_norm = network.readout_norm_squared().sqrt().upper();
        let readout_size = Ball::norm_of(readout.as_slice()).upper();
        let last = network.depth();
        let largest_error = largest_column(tape.errors());
        let product =
            gamma(longest_row(readout)) * readout_size * largest_column(&tape.states()[last]);
        let errors =
            sizes.slack * (readout_norm * states[last] + product + UNIT_ROUNDOFF * largest_error);
        let mean_error =
            tape.errors().column_iter().map(|e| e.norm()).sum::<f64>() / samples as f64;
        let loss = Ball::new(tape.loss(), gamma(tape.errors().len() + 3) * tape.loss())
            .widened(sizes.slack * (mean_error * errors + 0.5 * errors * errors));

        let transposed = gamma(longest_row(&readout.transpose()) + 3);
        let terminal = sizes.slack
            * (readout_norm * errors + transposed * readout_size * largest_error)
            / samples as f64;
        let adjoints = backward(&sizes, &norms, &states, tape, terminal);

        let gradient: Vec<f64> = (0..last)
            .map(|k| {
                let total: f64 = tape.adjoints()[k + 1].column_iter().map(|p| p.norm()).sum();
                let carried = samples as f64 * adjoints[k + 1];
                sizes.slack * (carried + total * (features[k] + gamma(samples)))
            })
            .collect();
        let error = gradient.iter().map(|g| g * g).sum::<f64>() / sizes.depth;
        let norm = tape.gradient().norm().widened(sizes.slack * error.sqrt());
        Self {
            states,
            features,
            errors,
            loss,
            adjoints,
            gradient,
            gradient_norm_squared: norm.square(),
        }
    }

    /// Bounds the error of adjoint states pulled back from an exact terminal state.
    pub fn of_pull_back(&self, network: &ResNet, weights: &Weights, tape: &Tape) -> Vec<f64> {
        let sizes = Sizes::of(network, tape.errors().ncols());
        let norms: Vec<f64> = weights.layer_norms().into_iter().map(Ball::upper).collect();
        backward(&sizes, &norms, &self.states, tape, 0.0)
    }

    /// Bounds the entries of `ΦᵀΦ − (k̂(z^i, z^j))` at layer `k`.
    pub fn gram_entry(&self, network: &ResNet, layer: usize) -> f64 {
        let size = 1.0 + self.features[layer];
        let product = gamma(network.features().width() + 2) * size * size;
        product + self.features[layer] * (1.0 + size)
    }
}

fn forward(
    network: &ResNet,
    sizes: &Sizes,
    norms: &[f64],
    inputs: &DMatrix<f64>,
    tape: &Tape,
) -> (Vec<f64>, Vec<f64>) {
    let lift = network.lift();
    let lift_size = Ball::norm_of(lift.as_slice()).upper();
    let mut state = sizes.slack * gamma(longest_row(lift)) * lift_size * largest_column(inputs);
    let (mut states, mut features) = (vec![state], Vec::with_capacity(norms.len()));
    for (k, &norm) in norms.iter().enumerate() {
        let size = largest_column(&tape.states()[k]);
        let evaluation = sizes.slack * sizes.evaluation(size);
        features.push(sizes.slack * (sizes.kappa1 * state + evaluation));
        let product = sizes.width * (1.0 + evaluation) + evaluation;
        let layer = norm / sizes.depth * product + sizes.width * size;
        state = sizes.slack * (sizes.gain(norm) * state + layer);
        states.push(state);
    }
    (states, features)
}

fn backward(sizes: &Sizes, norms: &[f64], states: &[f64], tape: &Tape, terminal: f64) -> Vec<f64> {
    let mut adjoint = terminal;
    let mut adjoints = vec![terminal; norms.len() + 1];
    for (k, &norm) in norms.iter().enumerate().rev() {
        let size = largest_column(&tape.adjoints()[k + 1]);
        let position = largest_column(&tape.states()[k]);
        let phases = std::f64::consts::SQRT_2 * sizes.state * position * sizes.quartic;
        // γ_q for Wᵀp, γ_2 for the slopes, and the product with Ω.
        let products = sizes.state + gamma(2) + sizes.width + sizes.trigonometry;
        let layer = sizes.kappa2 * states[k] + sizes.rms * products + phases;
        let rounded = norm * size / sizes.depth * layer + sizes.width * size;
        adjoint = sizes.slack * (sizes.gain(norm) * adjoint + rounded);
        adjoints[k] = adjoint;
    }
    adjoints
}
