//! The network in scalar loops, over any number type: slow and obvious.
//!
//! This is the oracle of the batched pass. It shares no code with it: sums are
//! written out, the kernel gradient of a feature is differentiated by hand only
//! in [`gradient`], and [`loss`] over dual numbers gives a derivative that knows
//! nothing of adjoint states. Over [`Ball`](crate::arithmetic::Ball)s every
//! result carries a bound of its own rounding error.

use super::{ResNet, Weights};
use crate::arithmetic::Real;
use crate::features::FourierFeatures;
use nalgebra::DMatrix;

/// Parameters as plain rows: `[layer][row][column]`.
pub type Layers<T> = Vec<Vec<Vec<T>>>;

/// Copies weights into any number type.
///
/// # Example
/// Derivative of the loss along a direction, by dual numbers:
/// ```
/// use polyak::arithmetic::Dual;
/// use polyak::{features::FourierFeatures, kernel::Gaussian, resnet::{ResNet, reference}};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 2, 3, 0)?;
/// let network = ResNet::lifted(1, 1, 1.0, features, 2)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.5], nalgebra::dmatrix![1.0]);
/// let zero = network.zero_weights();
/// let along = reference::lift(&zero, |_| Dual::new(0.0, 1.0));
/// let derivative = reference::loss(&network, &along, &inputs, &targets).derivative;
/// assert!(derivative < 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lift<T>(weights: &Weights, convert: impl Fn(f64) -> T) -> Layers<T> {
    let layers = weights.layers().iter();
    layers
        .map(|layer| {
            let rows = layer.row_iter();
            rows.map(|row| row.iter().map(|&w| convert(w)).collect())
                .collect()
        })
        .collect()
}

/// Copies weights and a direction into numbers that hold both.
///
/// # Panics
/// If the shapes differ.
pub fn lift_pair<T>(
    weights: &Weights,
    direction: &Weights,
    convert: impl Fn(f64, f64) -> T,
) -> Layers<T> {
    let layers = weights.layers().iter().zip(direction.layers());
    layers
        .map(|(w, h)| {
            assert_eq!(w.shape(), h.shape(), "shapes of two layers");
            let rows = w.row_iter().zip(h.row_iter());
            rows.map(|(w, h)| {
                w.iter()
                    .zip(h.iter())
                    .map(|(&w, &h)| convert(w, h))
                    .collect()
            })
            .collect()
        })
        .collect()
}

fn zero<T: Real>() -> T {
    T::from(0.0)
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(zero(), |sum, (&x, &y)| sum + x * y)
}

/// Returns `φ(z)`, cosines before sines, 2m numbers.
pub fn feature_vector<T: Real>(features: &FourierFeatures, point: &[T]) -> Vec<T> {
    let scale = T::reciprocal_root(features.count() as f64);
    waves(features, point)
        .into_iter()
        .map(|wave| scale * wave)
        .collect()
}

/// Cosines, then sines, of the phases `ω_j·z`, unscaled.
fn waves<T: Real>(features: &FourierFeatures, state: &[T]) -> Vec<T> {
    let frequencies = features.frequencies();
    let phases = frequencies.column_iter().map(|frequency| {
        let terms = frequency.iter().zip(state);
        terms.fold(zero(), |sum: T, (&w, &z)| sum + T::from(w) * z)
    });
    let (sines, cosines): (Vec<T>, Vec<T>) = phases.map(T::sin_cos).unzip();
    cosines.into_iter().chain(sines).collect()
}

/// `D⁻¹ m^{-1/2}`, applied once per layer.
fn layer_scale<T: Real>(network: &ResNet) -> T {
    let (depth, count) = (network.depth() as f64, network.features().count() as f64);
    T::reciprocal_root(depth * depth * count)
}

/// Returns the states `z_0, …, z_D` of one input.
pub fn states<T: Real>(network: &ResNet, layers: &Layers<T>, input: &[f64]) -> Vec<Vec<T>> {
    let lift = network.lift().row_iter();
    let mut state: Vec<T> = lift
        .map(|row| {
            let terms = row.iter().zip(input);
            terms.fold(zero(), |sum: T, (&a, &x)| sum + T::from(a) * T::from(x))
        })
        .collect();
    let scale: T = layer_scale(network);
    let mut trajectory = vec![state.clone()];
    for layer in layers {
        let waves = waves(network.features(), &state);
        for (z, row) in state.iter_mut().zip(layer) {
            *z = *z + scale * dot(row, &waves);
        }
        trajectory.push(state.clone());
    }
    trajectory
}

/// Returns `F(v, x) − y` for one sample.
fn error<T: Real>(network: &ResNet, state: &[T], target: &[f64]) -> Vec<T> {
    let rows = network.readout().row_iter().zip(target);
    rows.map(|(row, &y)| {
        let terms = row.iter().zip(state);
        terms.fold(zero(), |sum: T, (&b, &z)| sum + T::from(b) * z) - T::from(y)
    })
    .collect()
}

/// Returns the loss `(2N)⁻¹Σ‖F − y‖²`.
///
/// # Panics
/// If shapes do not fit.
///
/// # Cost
/// `O(N·D·m·q)` operations of `T`, one thread.
pub fn loss<T: Real>(
    network: &ResNet,
    layers: &Layers<T>,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> T {
    let samples = inputs.column_iter().zip(targets.column_iter());
    let total = samples.fold(zero(), |total: T, (input, target)| {
        let trajectory = states(network, layers, input.as_slice());
        let last = trajectory.last().expect("at least one state");
        let error = error(network, last, target.as_slice());
        total + dot(&error, &error)
    });
    let halved_mean = 2.0 * inputs.ncols() as f64;
    total * T::reciprocal_root(halved_mean * halved_mean)
}

/// Returns the gradient of the loss for the inner product of [`Weights`],
/// by the adjoint recursion written out.
///
/// # Panics
/// If shapes do not fit.
pub fn gradient<T: Real>(
    network: &ResNet,
    layers: &Layers<T>,
    inputs: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> Layers<T> {
    let count = network.features().count();
    let frequencies = network.features().frequencies();
    let scale: T = layer_scale(network);
    let feature_scale = T::reciprocal_root(count as f64);
    let samples = inputs.ncols() as f64;
    let mean = T::reciprocal_root(samples * samples);
    let mut gradient: Layers<T> = layers
        .iter()
        .map(|layer| vec![vec![zero(); 2 * count]; layer.len()])
        .collect();
    for (input, target) in inputs.column_iter().zip(targets.column_iter()) {
        let trajectory = states(network, layers, input.as_slice());
        let error = error(network, &trajectory[network.depth()], target.as_slice());
        let columns = network.readout().column_iter();
        let mut adjoint: Vec<T> = columns
            .map(|column| {
                let terms = column.iter().zip(&error);
                mean * terms.fold(zero(), |sum: T, (&b, &e)| sum + T::from(b) * e)
            })
            .collect();
        for k in (0..network.depth()).rev() {
            let waves = waves(network.features(), &trajectory[k]);
            for (row, &p) in gradient[k].iter_mut().zip(&adjoint) {
                for (g, &wave) in row.iter_mut().zip(&waves) {
                    *g = *g + feature_scale * p * wave;
                }
            }
            let mut moved = adjoint.clone();
            for j in 0..count {
                let along = |column: usize| {
                    let terms = layers[k].iter().zip(&adjoint);
                    terms.fold(zero(), |sum: T, (row, &p)| sum + row[column] * p)
                };
                let (cosine, sine) = (waves[j], waves[count + j]);
                let slope = cosine * along(count + j) - sine * along(j);
                for (p, &w) in moved.iter_mut().zip(frequencies.column(j).iter()) {
                    *p = *p + scale * slope * T::from(w);
                }
            }
            adjoint = moved;
        }
    }
    gradient
}
