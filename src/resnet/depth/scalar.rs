//! The depth-limit network in scalar loops, over any number type.

use super::Scheme;
use crate::arithmetic::Real;
use crate::features::FourierFeatures;
use crate::resnet::reference::{Layers, feature_vector};

/// `v(z) = Wφ(z)`.
pub(super) fn field<T: Real>(features: &FourierFeatures, rows: &[Vec<T>], state: &[T]) -> Vec<T> {
    let phi = feature_vector(features, state);
    let dot = |row: &Vec<T>| {
        let terms = row.iter().zip(&phi);
        terms.fold(T::from(0.0), |sum, (&w, &x)| sum + w * x)
    };
    rows.iter().map(dot).collect()
}

/// Returns the states at the ends of all steps, the start included: `steps` steps a piece.
///
/// Slow and obvious: the oracle of [`SteppedTape`](super::SteppedTape), and the network over balls,
/// dual numbers and [`Double`](crate::arithmetic::Double)s.
///
/// # Arguments
/// * `layers`: the field of every piece of `[0, 1]`, all pieces of one length.
///
/// # Example
/// Order four, in 31 digits:
/// ```
/// use polyak::arithmetic::Double;
/// use polyak::features::FourierFeatures;
/// use polyak::resnet::depth::{Scheme, stepped_states};
/// let features = FourierFeatures::try_new(nalgebra::dmatrix![1.0])?;
/// // z' = cos z from 0: sin z(1) = tanh 1.
/// let layers = vec![vec![vec![Double::from(1.0), Double::from(0.0)]]];
/// let start = [Double::from(0.0)];
/// let states = stepped_states(&features, &layers, Scheme::RungeKutta4, 64, &start);
/// assert!((states[64][0].value().sin() - 1f64.tanh()).abs() < 1e-9);
/// # Ok::<(), polyak::features::FeaturesError>(())
/// ```
pub fn stepped_states<T: Real>(
    features: &FourierFeatures,
    layers: &Layers<T>,
    scheme: Scheme,
    steps: usize,
    start: &[T],
) -> Vec<Vec<T>> {
    let total = (layers.len() * steps) as f64;
    let step = T::reciprocal_root(total * total);
    let sixth = T::reciprocal_root(36.0);
    let mut states = vec![start.to_vec()];
    for rows in layers {
        for _ in 0..steps {
            let state = states.last().expect("the start").clone();
            let moved = |by: &[T], node: f64| -> Vec<T> {
                let terms = state.iter().zip(by);
                terms.map(|(&z, &v)| z + T::from(node) * step * v).collect()
            };
            let mut slope: Vec<T> = vec![T::from(0.0); state.len()];
            let mut total: Vec<T> = slope.clone();
            for (&node, &weight) in scheme.nodes().iter().zip(scheme.sixths()) {
                slope = field(features, rows, &moved(&slope, node));
                for (sum, &v) in total.iter_mut().zip(&slope) {
                    *sum = *sum + T::from(weight) * v;
                }
            }
            let next = state.iter().zip(&total);
            states.push(next.map(|(&z, &v)| z + sixth * step * v).collect());
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::resnet::oracle::{Case, chirp, doubled};
    use crate::resnet::reference;

    /// Euler with one step a piece is the residual network.
    #[test]
    fn euler_is_the_residual_network() {
        let case = Case::new([2, 3, 2, 4, 5, 1], 3);
        let layers = reference::lift(&case.weights, Ball::from);
        let exact = reference::states(&case.network, &layers, case.inputs.as_slice());
        let features = case.network.features();
        let states = stepped_states(features, &layers, Scheme::Euler, 1, &exact[0]);
        assert_eq!(states.len(), exact.len());
        for (state, exact) in states.iter().flatten().zip(exact.iter().flatten()) {
            assert!((state.mid() - exact.mid()).abs() <= state.rad() + exact.rad());
        }
    }

    /// By the textbook, stage by stage.
    #[test]
    fn steps_are_those_of_the_textbook() {
        let features = FourierFeatures::try_new(chirp(0, 2, 3)).unwrap();
        let rows: Vec<Vec<f64>> = (0..2)
            .map(|i| chirp(i, 1, 6).iter().copied().collect())
            .collect();
        let (z, h) = ([0.3, -0.4], 1.0 / 3.0);
        let v = |z: [f64; 2]| -> [f64; 2] {
            field(&features, &rows, &z).try_into().expect("two numbers")
        };
        let plus = |t: f64, k: [f64; 2]| [z[0] + t * k[0], z[1] + t * k[1]];
        let k1 = v(z);
        let k2 = v(plus(h / 2.0, k1));
        let k3 = v(plus(h / 2.0, k2));
        let k4 = v(plus(h, k3));
        let fourth = [0, 1].map(|i| z[i] + h * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0);
        for (scheme, expected) in [
            (Scheme::Euler, plus(h, k1)),
            (Scheme::Midpoint, plus(h, k2)),
            (Scheme::RungeKutta4, fourth),
        ] {
            let states = stepped_states(&features, &vec![rows.clone()], scheme, 3, &z);
            assert_eq!(states.len(), 4);
            for (found, expected) in states[1].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-15, "{scheme:?}");
            }
        }
    }

    /// Every piece has its own field, for as many steps as asked for.
    #[test]
    fn pieces_follow_each_other() {
        let case = Case::new([1, 2, 1, 3, 2, 1], 5);
        let layers = doubled(&case.weights);
        let features = case.network.features();
        let start = [Double::from(0.2), Double::from(-0.1)];
        let all = stepped_states(features, &layers, Scheme::Midpoint, 2, &start);
        let twice = |k: usize| vec![layers[k].clone(), layers[k].clone()];
        let first = stepped_states(features, &twice(0), Scheme::Midpoint, 2, &start);
        assert_eq!(all[..3], first[..3]);
        let second = stepped_states(features, &twice(1), Scheme::Midpoint, 2, &all[2]);
        assert_eq!(all[3..], second[1..3]);
    }

    use crate::arithmetic::Double;
}
