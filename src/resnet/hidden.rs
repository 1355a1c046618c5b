//! Residuals whose hidden layer is trained too: outside the theorems, for comparison.

use super::Weights;
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;

/// Parameters of the residuals `v_k(z) = W_k·m^{-1/2}(cos U_kz, sin U_kz)`: with `U_k` fixed they are those of
/// [`ResNet`](super::ResNet), one draw of frequencies a layer.
///
/// The residual is not linear in `U`: it is in no fixed reproducing kernel space, `κ1` and `κ2` change during
/// training, and every claim is inapplicable to a [`HiddenInstance`](crate::claims::HiddenInstance).
#[derive(Clone, Debug, PartialEq)]
pub struct HiddenWeights {
    /// `W_k`, q × 2m.
    pub outer: Weights,
    /// `U_k`, m × q.
    pub hidden: Weights,
}

/// A residual network on fixed lift and readout whose hidden layers may be trained.
///
/// # Example
/// ```
/// use nalgebra::{DMatrix, dmatrix};
/// use polyak::resnet::{HiddenNetwork, HiddenWeights, Weights};
/// let network = HiddenNetwork { lift: dmatrix![1.0; 0.0], readout: dmatrix![0.0, 1.0] };
/// let weights = HiddenWeights {
///     outer: Weights::zeros(2, 2, 6),
///     hidden: Weights::from_layers(vec![dmatrix![1.0, 0.0; 0.0, 2.0; 1.0, 1.0]; 2]),
/// };
/// let pass = network.pass(&weights, &dmatrix![0.5, -0.5], &dmatrix![1.0, -1.0]);
/// assert_eq!(pass.loss, 0.5);
/// let next = weights.stepped(0.1, &pass.gradient, true);
/// assert!(network.pass(&next, &dmatrix![0.5, -0.5], &dmatrix![1.0, -1.0]).loss < 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct HiddenNetwork {
    /// `A`, q × d.
    pub lift: DMatrix<f64>,
    /// `B`, d' × q.
    pub readout: DMatrix<f64>,
}

/// Loss, predictions and gradient at one set of parameters.
#[derive(Clone, Debug)]
pub struct HiddenPass {
    /// `(2N)⁻¹Σ‖F − y‖²`.
    pub loss: f64,
    /// `F`, d' × N.
    pub predictions: DMatrix<f64>,
    /// With respect to `W` and `U`, for the inner product of [`Weights`].
    pub gradient: HiddenWeights,
}

impl HiddenWeights {
    /// Returns `θ − η∇`, the hidden layers moved only if asked for.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn stepped(&self, step: f64, gradient: &Self, train_hidden: bool) -> Self {
        Self {
            outer: self.outer.plus(-step, &gradient.outer),
            hidden: if train_hidden {
                self.hidden.plus(-step, &gradient.hidden)
            } else {
                self.hidden.clone()
            },
        }
    }
}

/// Cosines before sines of `UZ`, divided by `√m`.
fn features(hidden: &DMatrix<f64>, states: &DMatrix<f64>) -> DMatrix<f64> {
    let m = hidden.nrows();
    let phases = hidden * states;
    let scale = 1.0 / (m as f64).sqrt();
    let mut features = DMatrix::zeros(2 * m, states.ncols());
    for (mut out, column) in features.column_iter_mut().zip(phases.column_iter()) {
        for (j, phase) in column.iter().enumerate() {
            let (sine, cosine) = phase.sin_cos();
            out[j] = scale * cosine;
            out[m + j] = scale * sine;
        }
    }
    features
}

impl HiddenNetwork {
    /// Runs forward and backward.
    ///
    /// # Arguments
    /// * `inputs`: d × N; `targets`: d' × N.
    ///
    /// # Panics
    /// If shapes do not fit.
    ///
    /// # Cost
    /// Per layer seven products of orders `m × q × N` or `2m × q × N`.
    #[must_use]
    pub fn pass(
        &self,
        weights: &HiddenWeights,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> HiddenPass {
        let layers = weights.outer.layers().iter().zip(weights.hidden.layers());
        let step = 1.0 / weights.outer.depth() as f64;
        let mut states = vec![&self.lift * inputs];
        let mut kept = Vec::with_capacity(weights.outer.depth());
        for (outer, hidden) in layers.clone() {
            let state = states.last().expect("the lifted inputs");
            let phi = features(hidden, state);
            let mut next = state.clone();
            gemm(&mut next, Accum::Add, step, outer, false, &phi, false);
            states.push(next);
            kept.push(phi);
        }
        let predictions = &self.readout * states.last().expect("the last state");
        let errors = &predictions - targets;
        let samples = inputs.ncols() as f64;
        let mut adjoint = self.readout.tr_mul(&errors) / samples;
        let (mut outers, mut hiddens) = (Vec::new(), Vec::new());
        for (k, (outer, hidden)) in layers.enumerate().rev() {
            let m = hidden.nrows();
            let mut gradient = DMatrix::zeros(outer.nrows(), outer.ncols());
            gemm(
                &mut gradient,
                Accum::Replace,
                1.0,
                &adjoint,
                false,
                &kept[k],
                true,
            );
            outers.push(gradient);
            let pulled = outer.tr_mul(&adjoint);
            // Derivative with respect to the phases.
            let (cosines, sines) = (kept[k].rows(0, m), kept[k].rows(m, m));
            let slopes =
                cosines.component_mul(&pulled.rows(m, m)) - sines.component_mul(&pulled.rows(0, m));
            let mut gradient = DMatrix::zeros(m, hidden.ncols());
            gemm(
                &mut gradient,
                Accum::Replace,
                1.0,
                &slopes,
                false,
                &states[k],
                true,
            );
            hiddens.push(gradient);
            gemm(&mut adjoint, Accum::Add, step, hidden, true, &slopes, false);
        }
        outers.reverse();
        hiddens.reverse();
        HiddenPass {
            loss: errors.norm_squared() / (2.0 * samples),
            predictions,
            gradient: HiddenWeights {
                outer: Weights::from_layers(outers),
                hidden: Weights::from_layers(hiddens),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, Double, chirp};
    use super::*;
    use crate::arithmetic::{Dual, Real};

    const SHAPE: [usize; 6] = [2, 3, 2, 4, 3, 5];

    fn network() -> (Case, HiddenNetwork, HiddenWeights) {
        let case = Case::new(SHAPE, 3);
        let network = HiddenNetwork {
            lift: case.network.lift().clone(),
            readout: case.network.readout().clone(),
        };
        let hidden = (0..3).map(|k| chirp(k + 9, 4, 3) * 1.3).collect();
        let weights = HiddenWeights {
            outer: case.weights.clone(),
            hidden: Weights::from_layers(hidden),
        };
        (case, network, weights)
    }

    /// The loss in scalar loops; `number` gives entry `(i, j)` of layer `k` of `W` (0) or `U` (1).
    fn slow<T: Real>(
        case: &Case,
        network: &HiddenNetwork,
        number: impl Fn(usize, usize, usize, usize) -> T,
    ) -> T {
        let zero = || T::from(0.0);
        let mut total = zero();
        for (x, y) in case.inputs.column_iter().zip(case.targets.column_iter()) {
            let times = |matrix: &DMatrix<f64>, v: &[T]| -> Vec<T> {
                let row =
                    |i: usize| (0..v.len()).fold(zero(), |s, j| s + T::from(matrix[(i, j)]) * v[j]);
                (0..matrix.nrows()).map(row).collect()
            };
            let input: Vec<T> = x.iter().map(|&x| T::from(x)).collect();
            let mut z = times(&network.lift, &input);
            for k in 0..3 {
                let waves: Vec<(T, T)> = (0..4)
                    .map(|j| {
                        (0..3)
                            .fold(zero(), |s, a| s + number(1, k, j, a) * z[a])
                            .sin_cos()
                    })
                    .collect();
                // D⁻¹m^{-1/2} = 1/6.
                let sixth = T::reciprocal_root(36.0);
                let moved = (0..3).map(|a| {
                    let sum = (0..4).fold(zero(), |s, j| {
                        s + number(0, k, a, j) * waves[j].1 + number(0, k, a, 4 + j) * waves[j].0
                    });
                    z[a] + sixth * sum
                });
                z = moved.collect();
            }
            for (output, &y) in times(&network.readout, &z).into_iter().zip(y.iter()) {
                let error = output - T::from(y);
                total = total + error * error;
            }
        }
        total * T::reciprocal_root(100.0)
    }

    fn entry(weights: &HiddenWeights, kind: usize, k: usize, at: (usize, usize)) -> f64 {
        let part = [&weights.outer, &weights.hidden][kind];
        part.layers()[k][at]
    }

    #[test]
    fn gradient_is_the_derivative_of_the_slow_loss() {
        let (case, network, weights) = network();
        let pass = network.pass(&weights, &case.inputs, &case.targets);
        let plain = slow(&case, &network, |kind, k, i, j| {
            Double::from(entry(&weights, kind, k, (i, j)))
        });
        // Hundreds of roundings of numbers below ten.
        let close = 1e4 * f64::EPSILON;
        assert!((pass.loss - plain.value()).abs() <= close);
        for (kind, k, at) in [
            (0, 0, (0, 0)),
            (0, 2, (2, 5)),
            (1, 0, (3, 1)),
            (1, 1, (0, 2)),
            (1, 2, (2, 0)),
        ] {
            let along = slow(&case, &network, |part, layer, i, j| {
                let here = (part, layer, (i, j)) == (kind, k, at);
                Dual::new(
                    entry(&weights, part, layer, (i, j)),
                    f64::from(u8::from(here)),
                )
            });
            let found = entry(&pass.gradient, kind, k, at);
            assert!(
                (found - 3.0 * along.derivative).abs() <= close,
                "{kind} {k} {at:?}"
            );
            // Differences in 31 digits: an error of t²/6 of a third derivative below 1e4.
            let t = 1e-8;
            let moved = |t: f64| {
                let f = |part, layer, i, j| {
                    let here = (part, layer, (i, j)) == (kind, k, at);
                    let own = Double::from(entry(&weights, part, layer, (i, j)));
                    if here { own + Double::from(t) } else { own }
                };
                slow(&case, &network, f)
            };
            let difference = (moved(t) - moved(-t)).value() / (2.0 * t);
            assert!((difference - along.derivative).abs() <= 1e4 * t * t + close);
        }
    }

    /// With one draw for all layers and fixed hidden layers it is the network of the theorems.
    #[test]
    fn fixed_hidden_layers_are_random_features() {
        let (case, network, mut weights) = network();
        let frequencies = case.network.features().frequencies().transpose();
        weights.hidden = Weights::from_layers(vec![frequencies; 3]);
        let pass = network.pass(&weights, &case.inputs, &case.targets);
        let tape = case.tape();
        assert!((pass.loss - tape.loss()).abs() <= 1e4 * f64::EPSILON);
        let distance = pass.gradient.outer.distance(tape.gradient()).mid();
        assert!(distance <= 1e4 * f64::EPSILON);
        let predictions = case.network.predict(&case.weights, &case.inputs);
        assert!((pass.predictions - predictions).amax() <= 1e4 * f64::EPSILON);
    }

    #[test]
    fn hidden_layers_move_if_asked_for() {
        let (case, network, weights) = network();
        let gradient = network.pass(&weights, &case.inputs, &case.targets).gradient;
        let fixed = weights.stepped(0.5, &gradient, false);
        assert_eq!(fixed.hidden, weights.hidden);
        assert_eq!(fixed.outer, weights.outer.plus(-0.5, &gradient.outer));
        let moved = weights.stepped(0.5, &gradient, true);
        assert_eq!(moved.hidden, weights.hidden.plus(-0.5, &gradient.hidden));
        assert_eq!(moved.outer, fixed.outer);
    }
}
