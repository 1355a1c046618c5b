//! The exact flow of a network of infinite depth, enclosed.

use crate::arithmetic::{Ball, Real, count, gamma};
use crate::features::FourierFeatures;
use crate::resnet::reference::Layers;
use crate::resnet::{ResNet, Weights, reference};

/// Degree of the Taylor polynomials.
pub(super) const DEGREE: usize = 14;

/// Longest step, as `s = hΩ‖v‖`: the remainder of one is `s^{15}/(15Ω)`, 6e-11/Ω at most.
const LONGEST: f64 = 0.25;

/// Beyond this `κ1‖v‖` an error of one rounding grows to e⁴⁰·u, more than one.
const HOPELESS: f64 = 40.0;

/// The end `z(1)` of the flow of one input: a point, and how far the exact one can be.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowEnd {
    /// The computed end, q numbers.
    pub state: Vec<f64>,
    /// Bound of its distance to the exact end.
    pub error: f64,
}

/// Returns the largest `‖ω_j‖`, with its rounding.
pub(crate) fn longest_frequency(features: &FourierFeatures) -> Ball {
    let longest = features.frequency_max();
    Ball::new(longest, gamma(features.dimension() + 4) * longest)
}

/// Follows `z' = v_k(z)` from `Ax`, `v_k` the field of the piece of `[0, 1]` that `t` is in.
///
/// Taylor polynomials of degree 14 in ball arithmetic. What one step adds to the error is the
/// radius of its polynomial and Lagrange's remainder: with `Ω = max‖ω_j‖` and `C = ‖W_k‖_F` the
/// `n`-th Taylor coefficient of the flow is at most `(CΩ)ⁿ/(nΩ)` everywhere, because
/// `‖Dⁿv‖ ≤ CΩⁿ` has the majorant `Ce^{Ωy}`. What an error grows by is `e^{κ1‖v_k‖}` a unit of time.
///
/// # Cost
/// `4Ω∫‖v‖` steps and one a piece; each `14²m` and `14·2mq` operations on balls.
///
/// # Source
/// `proofs/d1-euler-error.md`.
///
/// # Example
/// ```
/// use polyak::{features::FourierFeatures, resnet::{ResNet, Weights, depth::exact_flow}};
/// let features = FourierFeatures::try_new(nalgebra::dmatrix![1.0])?;
/// let one = nalgebra::dmatrix![1.0];
/// let network = ResNet::try_new(one.clone(), one, features, 1)?;
/// // z' = cos z from 0: sin z(1) = tanh 1.
/// let weights = Weights::from_layers(vec![nalgebra::dmatrix![1.0, 0.0]]);
/// let end = exact_flow(&network, &weights, &[0.0]);
/// assert!((end.state[0].sin() - 1f64.tanh()).abs() <= end.error && end.error < 1e-10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If shapes do not fit.
pub fn exact_flow(network: &ResNet, weights: &Weights, input: &[f64]) -> FlowEnd {
    let features = network.features();
    let (omega, kappa1) = (longest_frequency(features), features.kappa1_ball());
    let layers: Layers<Ball> = reference::lift(weights, Ball::from);
    let start = reference::states(network, &Vec::new(), input).remove(0);
    let (mut state, mut error) = settled(&start);
    if !((kappa1 * weights.norm()).upper() <= HOPELESS) {
        let error = f64::INFINITY;
        return FlowEnd { state, error };
    }
    for (rows, norm) in layers.iter().zip(weights.layer_norms()) {
        // Ω‖v‖ per piece; its steps.
        let pieces = count(layers.len());
        let speed = omega * norm;
        let length = (speed / pieces).upper();
        let steps = (length / LONGEST).ceil().clamp(1.0, 1e6);
        let step = Ball::from(1.0) / (pieces * Ball::from(steps));
        let growth = (kappa1 * norm * step).exp();
        let remainder = remainder(speed, norm, step);
        for _ in 0..steps as usize {
            let from: Vec<Ball> = state.iter().map(|&z| Ball::from(z)).collect();
            let (next, rounding) = settled(&taylor(features, rows, &from, step));
            state = next;
            error = error * growth + rounding + remainder;
        }
    }
    FlowEnd {
        state,
        error: error.upper(),
    }
}

/// The remainder of one Taylor step `h` of a field of norm `C` and frequencies up to `Ω`: with `s = hΩC`,
/// `s^{p+1}/((p+1)Ω) = s^p·hC/(p+1)`. Without frequencies nothing is curved.
///
/// # Arguments
/// * `speed`: `ΩC`; `norm`: `C`; `step`: `h`.
pub(super) fn remainder(speed: Ball, norm: Ball, step: Ball) -> Ball {
    (speed * step).powi(DEGREE) * norm * step / count(DEGREE + 1)
}

/// Midpoints, and a bound of the distance to any point of the box.
fn settled(state: &[Ball]) -> (Vec<f64>, Ball) {
    let radii: Vec<f64> = state.iter().map(|z| z.rad()).collect();
    let middle = state.iter().map(|z| z.mid()).collect();
    (middle, Ball::from(Ball::norm_of(&radii).upper()))
}

/// The Taylor polynomial of the flow at time `step`.
pub(super) fn taylor<T: Real>(
    features: &FourierFeatures,
    rows: &[Vec<T>],
    state: &[T],
    step: T,
) -> Vec<T> {
    let zero = T::from(0.0);
    let frequencies = features.frequencies();
    let m = features.count();
    let scale = T::reciprocal_root(m as f64);
    // Coefficients of the state, of the phases times their index, and of cosine and sine.
    let mut states: Vec<Vec<T>> = vec![state.to_vec()];
    let mut phases: Vec<Vec<T>> = Vec::new();
    let phase = |z: &[T], j: usize| {
        let terms = frequencies.column(j);
        let terms = terms.iter().zip(z);
        terms.fold(zero, |sum: T, (&w, &z)| sum + T::from(w) * z)
    };
    let mut waves: Vec<Vec<(T, T)>> = vec![(0..m).map(|j| phase(state, j).sin_cos()).collect()];
    for n in 0..DEGREE {
        let inverse = T::reciprocal_root(((n + 1) * (n + 1)) as f64);
        let velocity = rows.iter().map(|row| {
            let (cosines, sines) = row.split_at(m);
            let weights = cosines.iter().zip(sines);
            let terms = weights.zip(&waves[n]);
            scale * terms.fold(zero, |sum, ((&c, &s), wave)| sum + c * wave.1 + s * wave.0)
        });
        let next: Vec<T> = velocity.map(|v| inverse * v).collect();
        let index = T::from((n + 1) as f64);
        phases.push((0..m).map(|j| index * phase(&next, j)).collect());
        states.push(next);
        // (sin θ)' = θ' cos θ, coefficient by coefficient.
        let wave = |j: usize| {
            let (mut sine, mut cosine) = (zero, zero);
            for i in 0..=n {
                let (s, c) = waves[n - i][j];
                sine = sine + phases[i][j] * c;
                cosine = cosine - phases[i][j] * s;
            }
            (inverse * sine, inverse * cosine)
        };
        waves.push((0..m).map(wave).collect());
    }
    let horner = |a: usize| {
        let coefficients = states.iter().rev();
        coefficients.fold(zero, |sum, z| sum * step + z[a])
    };
    (0..state.len()).map(horner).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Scheme, stepped_states};
    use super::*;
    use crate::arithmetic::Double;
    use crate::resnet::oracle::{Case, doubled};
    use nalgebra::{DMatrix, dmatrix};

    fn line(frequency: f64, pieces: &[[f64; 2]]) -> (ResNet, Weights) {
        let features = FourierFeatures::try_new(dmatrix![frequency]).unwrap();
        let network = ResNet::try_new(dmatrix![1.0], dmatrix![1.0], features, 1).unwrap();
        let layers = pieces.iter().map(|w| DMatrix::from_row_slice(1, 2, w));
        (network, Weights::from_layers(layers.collect()))
    }

    /// `z' = w cos ωz` from 0: `sin ωz(t) = tanh ωwt`.
    #[test]
    fn flow_of_a_cosine_is_gudermanns() {
        for (frequency, w) in [(1.0, 1.0), (2.0, -1.5), (0.5, 3.0), (3.0, 1e-3)] {
            let (network, weights) = line(frequency, &[[w, 0.0]]);
            let end = exact_flow(&network, &weights, &[0.0]);
            let exact = (frequency * w).tanh().asin() / frequency;
            let slack = 64.0 * f64::EPSILON;
            assert!(
                (end.state[0] - exact).abs() <= end.error + slack,
                "{frequency} {w}"
            );
            assert!(end.error > 0.0 && end.error < 1e-8 * w.abs());
        }
    }

    /// Two pieces of opposite sign lead back; and a piece lasts as long as its share.
    #[test]
    fn pieces_follow_each_other() {
        let (network, weights) = line(1.3, &[[0.9, 0.4], [-0.9, -0.4]]);
        let end = exact_flow(&network, &weights, &[0.2]);
        assert!((end.state[0] - 0.2).abs() <= end.error);
        let (network, weights) = line(1.0, &[[0.0, 0.0], [2.0, 0.0], [0.0, 0.0], [0.0, 0.0]]);
        let end = exact_flow(&network, &weights, &[0.0]);
        assert!((end.state[0].sin() - 0.5f64.tanh()).abs() <= end.error);
    }

    /// Against the classical scheme in 31 digits, whose error at depth 256 is below 1e-9.
    #[test]
    fn flow_is_the_limit_of_the_classical_scheme() {
        for seed in 0..4 {
            let case = Case::new([2, 3, 1, 4, 3, 1], seed);
            let layers = doubled(&case.weights);
            let (network, input) = (&case.network, case.inputs.as_slice());
            let start = reference::states(network, &layers, input).remove(0);
            let run = |steps: usize| {
                let scheme = Scheme::RungeKutta4;
                let mut states = stepped_states(network.features(), &layers, scheme, steps, &start);
                states.pop().unwrap()
            };
            let (deep, deeper) = (run(64), run(128));
            let end = exact_flow(network, &case.weights, input);
            for ((a, b), z) in deep.iter().zip(&deeper).zip(&end.state) {
                // The error of the deeper is a fifteenth of the difference, to leading order.
                let difference = (*a - *b).value().abs();
                let off = (Double::from(*z) - *b).value().abs();
                assert!(off <= end.error + difference / 10.0, "{off} {difference}");
                assert!(difference < 1e-8);
            }
            assert!(end.error > 0.0 && end.error < 1e-9, "{}", end.error);
        }
    }

    /// The bound covers the remainder even where a step is as long as can be.
    #[test]
    fn error_bound_holds_at_every_length_of_a_step() {
        for i in 1..40 {
            let w = 0.05 * f64::from(i);
            let (network, weights) = line(1.0, &[[w, 0.0]]);
            let end = exact_flow(&network, &weights, &[0.0]);
            let exact = w.tanh().asin();
            assert!((end.state[0] - exact).abs() <= end.error + 8.0 * f64::EPSILON);
        }
    }

    #[test]
    fn hopeless_weights_have_no_end() {
        let (network, weights) = line(1.0, &[[41.0, 0.0]]);
        assert_eq!(exact_flow(&network, &weights, &[0.0]).error, f64::INFINITY);
        let (network, weights) = line(1.0, &[[39.0, 0.0]]);
        assert!(exact_flow(&network, &weights, &[0.0]).error.is_finite());
    }

    #[test]
    fn nothing_moves_without_weights_or_frequencies() {
        let (network, weights) = line(1.0, &[[0.0, 0.0]]);
        let end = exact_flow(&network, &weights, &[0.7]);
        assert_eq!(end.state, [0.7]);
        assert!(end.error < 1e-14);
        let (network, weights) = line(0.0, &[[0.25, 5.0]]);
        let end = exact_flow(&network, &weights, &[0.5]);
        assert!((end.state[0] - 0.75).abs() <= end.error && end.error < 1e-14);
    }
}
