//! What the tests share: small networks, numbers of twice the precision, and
//! the Jacobian of a network by dual numbers.

use super::reference::{Layers, feature_vector, lift};
use super::{ResNet, Tape, Weights};
pub(crate) use crate::arithmetic::Double;
use crate::arithmetic::{Dual, Real};
use crate::features::FourierFeatures;
use nalgebra::DMatrix;

/// Numbers in [−1, 1] of both signs, without a pattern.
pub(crate) fn chirp(start: usize, rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| {
        ((start + 3 * i + 7 * j + 1) as f64).powi(2).sin()
    })
}

/// A network, weights and data.
#[derive(Clone)]
pub(crate) struct Case {
    pub network: ResNet,
    pub weights: Weights,
    pub inputs: DMatrix<f64>,
    pub targets: DMatrix<f64>,
}

impl Case {
    /// Dense chirps of all shapes: `d, q, d', m, D, N`.
    pub fn new([d, q, outputs, m, depth, samples]: [usize; 6], seed: usize) -> Self {
        let features = FourierFeatures::try_new(chirp(seed, q, m) * 1.5).unwrap();
        let network = ResNet::try_new(
            chirp(seed + 1, q, d),
            chirp(seed + 2, outputs, q),
            features,
            depth,
        );
        let layers = (0..depth).map(|k| chirp(seed + 3 + 11 * k, q, 2 * m) * 0.5);
        Self {
            network: network.unwrap(),
            weights: Weights::from_layers(layers.collect()),
            inputs: chirp(seed + 4, d, samples),
            targets: chirp(seed + 5, outputs, samples),
        }
    }

    /// One number of everything: `q = m = D = N = d = d' = 1`.
    pub fn line(
        frequency: f64,
        lift: f64,
        readout: f64,
        weights: [f64; 2],
        x: f64,
        y: f64,
    ) -> Self {
        let number = |x: f64| DMatrix::from_element(1, 1, x);
        let features = FourierFeatures::try_new(number(frequency)).unwrap();
        Self {
            network: ResNet::try_new(number(lift), number(readout), features, 1).unwrap(),
            weights: Weights::from_layers(vec![DMatrix::from_row_slice(1, 2, &weights)]),
            inputs: number(x),
            targets: number(y),
        }
    }

    /// Returns the tape after a forward and a backward pass.
    pub fn tape(&self) -> Tape {
        let mut tape = Tape::new(&self.network, self.inputs.ncols());
        tape.forward(&self.network, &self.weights, &self.inputs, &self.targets);
        tape.backward(&self.network, &self.weights);
        tape
    }
}

/// `z + D⁻¹Wφ(z)`, written out.
fn layer<T: Real>(network: &ResNet, rows: &[Vec<T>], state: &[T]) -> Vec<T> {
    let depth = network.depth() as f64;
    let step = T::reciprocal_root(depth * depth);
    let features = feature_vector(network.features(), state);
    let moved = state.iter().zip(rows).map(|(&z, row)| {
        let terms = row.iter().zip(&features);
        z + step * terms.fold(T::from(0.0), |sum, (&w, &phi)| sum + w * phi)
    });
    moved.collect()
}

/// Returns the columns of `∂z_D/∂z_from` at a given state `z_from`.
pub(crate) fn jacobian<T: Real>(
    network: &ResNet,
    layers: &Layers<T>,
    from: usize,
    state: &[T],
) -> Vec<Vec<T>> {
    let constant = |&x: &T| Dual::new(x, T::from(0.0));
    let column = |b: usize| {
        let mut z: Vec<Dual<T>> = state.iter().map(constant).collect();
        z[b].derivative = T::from(1.0);
        for rows in &layers[from..] {
            let rows = rows.iter().map(|row| row.iter().map(constant).collect());
            z = layer(network, &rows.collect::<Vec<_>>(), &z);
        }
        z.into_iter().map(|z| z.derivative).collect()
    };
    (0..state.len()).map(column).collect()
}

/// Weights in doubled precision.
pub(crate) fn doubled(weights: &Weights) -> Layers<Double> {
    lift(weights, Double::from)
}
