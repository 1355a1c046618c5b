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
    let state = lift.map(|row| {
        let terms = row.iter().zip(input);
        terms.fold(zero(), |sum: T, (&a, &x)| sum + T::from(a) * T::from(x))
    });
    states_from(network, layers, state.collect())
}

/// Returns the states from a state `z_0` on, which may be a dual number: the flow is differentiated in its start.
pub fn states_from<T: Real>(
    network: &ResNet,
    layers: &Layers<T>,
    mut state: Vec<T>,
) -> Vec<Vec<T>> {
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

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, chirp};
    use super::*;
    use crate::arithmetic::{Ball, Dual, gamma};
    use nalgebra::dmatrix;

    fn close(computed: f64, exact: f64, size: f64) {
        // Fewer than 60 operations and libraries good to 4u on terms below `size`.
        assert!(
            (computed - exact).abs() <= gamma(80) * size,
            "{computed} {exact}"
        );
    }

    /// One sample, one layer, one frequency: everything by hand.
    #[test]
    fn line_in_closed_form() {
        let (omega, a, b, [w1, w2], x, y) = (1.5, 0.7, -2.0, [0.4, -0.9], 0.6, 0.3);
        let case = Case::line(omega, a, b, [w1, w2], x, y);
        let layers = lift(&case.weights, |w| w);
        let (sine, cosine) = (omega * a * x).sin_cos();
        let trajectory = states(&case.network, &layers, &[x]);
        assert_eq!(trajectory.len(), 2);
        close(trajectory[0][0], a * x, 1.0);
        let end = a * x + w1 * cosine + w2 * sine;
        close(trajectory[1][0], end, 2.0);
        let error = b * end - y;
        let computed = loss(&case.network, &layers, &case.inputs, &case.targets);
        close(computed, 0.5 * error * error, 10.0);
        let gradient = gradient(&case.network, &layers, &case.inputs, &case.targets);
        close(gradient[0][0][0], b * error * cosine, 10.0);
        close(gradient[0][0][1], b * error * sine, 10.0);
    }

    /// Two layers, two samples, two outputs, two equal frequencies.
    #[test]
    fn means_over_layers_samples_and_frequencies() {
        let features = FourierFeatures::try_new(dmatrix![1.0, 1.0]).unwrap();
        let network = ResNet::try_new(dmatrix![1.0], dmatrix![1.0; 2.0], features, 2).unwrap();
        let layer = dmatrix![0.5, 0.25, -1.0, 0.75];
        let weights = Weights::from_layers(vec![layer.clone(), layer * 2.0]);
        let (inputs, targets) = (dmatrix![0.4, -0.3], dmatrix![0.1, 0.2; -0.5, 1.0]);
        let layers = lift(&weights, |w| w);
        // φ = (cos, cos, sin, sin)/√2, and the cosines' weights add up.
        let root = 2.0_f64.sqrt();
        let phi = feature_vector(network.features(), &[0.4]);
        let (sine, cosine) = 0.4_f64.sin_cos();
        for (phi, wave) in phi.iter().zip([cosine, cosine, sine, sine]) {
            close(*phi, wave / root, 1.0);
        }
        let field = |z: f64| (0.75 * z.cos() - 0.25 * z.sin()) / root;
        let slope = |z: f64| (-0.75 * z.sin() - 0.25 * z.cos()) / root;
        let mut total = 0.0;
        let mut first_row = [0.0; 4];
        let mut second_row = [0.0; 4];
        for i in 0..2 {
            let z0: f64 = inputs[i];
            let z1 = z0 + field(z0) / 2.0;
            let z2 = z1 + 2.0 * field(z1) / 2.0;
            let trajectory = states(&network, &layers, &[z0]);
            close(trajectory[1][0], z1, 2.0);
            close(trajectory[2][0], z2, 3.0);
            let errors = [z2 - targets[(0, i)], 2.0 * z2 - targets[(1, i)]];
            total += errors[0] * errors[0] + errors[1] * errors[1];
            let p2 = (errors[0] + 2.0 * errors[1]) / 2.0;
            let p1 = p2 * (1.0 + 2.0 * slope(z1) / 2.0);
            for (c, wave) in [f64::cos, f64::cos, f64::sin, f64::sin].iter().enumerate() {
                first_row[c] += p1 * wave(z0) / root;
                second_row[c] += p2 * wave(z1) / root;
            }
        }
        close(
            loss(&network, &layers, &inputs, &targets),
            total / 4.0,
            20.0,
        );
        let gradient = gradient(&network, &layers, &inputs, &targets);
        for c in 0..4 {
            close(gradient[0][0][c], first_row[c], 20.0);
            close(gradient[1][0][c], second_row[c], 20.0);
        }
    }

    /// The derivative of the loss knows nothing of adjoint states; with the inner
    /// product `D⁻¹Σ`, a gradient is `D` times the partial derivatives.
    #[test]
    fn gradient_is_the_derivative_of_the_loss() {
        let case = Case::new([2, 3, 2, 3, 3, 2], 1);
        let layers = lift(&case.weights, Ball::from);
        let gradient = gradient(&case.network, &layers, &case.inputs, &case.targets);
        for k in 0..3 {
            for row in 0..3 {
                for column in 0..6 {
                    let mut along: Layers<Dual<Ball>> = lift(&case.weights, Dual::from);
                    along[k][row][column].derivative = Ball::from(1.0);
                    let value = loss(&case.network, &along, &case.inputs, &case.targets);
                    let expected = Ball::from(3.0) * value.derivative;
                    let found = gradient[k][row][column];
                    let difference = (found.mid() - expected.mid()).abs();
                    assert!(difference <= found.rad() + expected.rad());
                    assert!(found.rad() + expected.rad() <= 1e-12);
                }
            }
        }
    }

    #[test]
    fn balls_contain_the_numbers_and_are_tight() {
        let case = Case::new([3, 2, 2, 4, 5, 3], 7);
        let (balls, numbers) = (lift(&case.weights, Ball::from), lift(&case.weights, |w| w));
        let inputs = &case.inputs;
        for i in 0..3 {
            let x = inputs.column(i).into_owned();
            let exact = states(&case.network, &balls, x.as_slice());
            let computed = states(&case.network, &numbers, x.as_slice());
            assert_eq!((exact.len(), exact[0].len()), (6, 2));
            for (ball, number) in exact.iter().flatten().zip(computed.iter().flatten()) {
                // The f64 number is off as well, by no more than the ball.
                assert!((ball.mid() - number).abs() <= 2.0 * ball.rad());
                assert!(ball.rad() <= 1e-13);
            }
        }
        let ball = loss(&case.network, &balls, inputs, &case.targets);
        let number = loss(&case.network, &numbers, inputs, &case.targets);
        assert!((ball.mid() - number).abs() <= 2.0 * ball.rad());
        assert!(ball.rad() <= 1e-13);
    }

    #[test]
    fn lifts_keep_layer_row_and_column() {
        let weights = Weights::from_layers(vec![chirp(1, 2, 3), chirp(9, 2, 3)]);
        let other = Weights::from_layers(vec![chirp(4, 2, 3), chirp(5, 2, 3)]);
        let plain = lift(&weights, |w| w);
        let pairs = lift_pair(&weights, &other, |w, h| (w, h));
        assert_eq!((plain.len(), plain[0].len(), plain[0][0].len()), (2, 2, 3));
        for k in 0..2 {
            for i in 0..2 {
                for j in 0..3 {
                    let (w, h) = (weights.layers()[k][(i, j)], other.layers()[k][(i, j)]);
                    assert_eq!(plain[k][i][j], w);
                    assert_eq!(pairs[k][i][j], (w, h));
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "shapes of two layers")]
    fn pairs_of_different_shapes_panic() {
        let wide = Weights::zeros(1, 1, 3);
        lift_pair(&Weights::zeros(1, 1, 2), &wide, |w, h| w + h);
    }
}
