//! One batched pass of a network of infinite depth, discretised: exact discrete adjoints.

use super::Scheme;
use crate::linalg::gemm;
use crate::resnet::{ResNet, Weights};
use faer::Accum;
use nalgebra::DMatrix;

/// A pass of `N` samples through `D0` pieces of `n` steps each.
///
/// The gradient is that of the *discrete* network, by its own adjoint: of the loss as a function
/// of the `D0` fields, for the inner product of [`Weights`]. With [`Scheme::Euler`] and one step a
/// piece this is [`Tape`](crate::resnet::Tape).
///
/// # Cost
/// Memory for all stages of all steps. A stage takes the products of orders `m × q × N` and
/// `q × 2m × N` once forward and twice backward.
///
/// # Example
/// ```
/// use polyak::features::FourierFeatures;
/// use polyak::kernel::Gaussian;
/// use polyak::resnet::{ResNet, depth::{Scheme, SteppedTape}};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 3, 8, 0)?;
/// let network = ResNet::lifted(2, 1, 1.0, features, 2)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0], nalgebra::dmatrix![1.0, -1.0]);
/// let zero = network.zero_weights();
/// let run = SteppedTape::run(&network, Scheme::RungeKutta4, 4, &zero, &inputs, &targets);
/// assert_eq!(run.loss(), 0.5);
/// let stepped = zero.plus(-0.1, run.gradient());
/// let next = SteppedTape::run(&network, Scheme::RungeKutta4, 4, &stepped, &inputs, &targets);
/// assert!(next.loss() < 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SteppedTape {
    ends: Vec<DMatrix<f64>>,
    errors: DMatrix<f64>,
    loss: f64,
    gradient: Weights,
}

/// What is kept of a stage: the features of the points where the field was taken.
type Stages = Vec<DMatrix<f64>>;

impl SteppedTape {
    /// Runs forward and backward.
    ///
    /// # Arguments
    /// * `steps`: `n`, the steps a piece; the depth is `n` times the layers of `weights`.
    /// * `inputs`: d × N; `targets`: d' × N.
    ///
    /// # Panics
    /// If shapes do not fit, or there are no steps.
    pub fn run(
        network: &ResNet,
        scheme: Scheme,
        steps: usize,
        weights: &Weights,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> Self {
        assert!(steps > 0, "at least one step a piece");
        let step = 1.0 / (weights.depth() * steps) as f64;
        let mut ends = vec![network.lift() * inputs];
        let mut stages: Vec<Stages> = Vec::new();
        for layer in weights.layers() {
            for _ in 0..steps {
                let (next, kept) =
                    forward(network, scheme, step, layer, ends.last().expect("a start"));
                ends.push(next);
                stages.push(kept);
            }
        }
        let errors = network.readout() * ends.last().expect("an end") - targets;
        let samples = inputs.ncols() as f64;
        let mut adjoint = network.readout().tr_mul(&errors) / samples;
        let mut gradient = Weights::zeros(
            weights.depth(),
            network.state_dimension(),
            network.features().width(),
        );
        // Gradients are D0 times partial derivatives: the inner product is averaged.
        let pieces = weights.depth() as f64;
        for (k, layer) in weights.layers().iter().enumerate().rev() {
            for _ in 0..steps {
                let kept = stages.pop().expect("a step kept");
                let sum = &mut gradient.layers_mut()[k];
                adjoint = backward(network, scheme, step, layer, &kept, adjoint, pieces, sum);
            }
        }
        Self {
            loss: errors.norm_squared() / (2.0 * samples),
            ends,
            errors,
            gradient,
        }
    }

    /// Returns the states at the ends of all steps, the start included, each q × N.
    #[must_use]
    pub fn ends(&self) -> &[DMatrix<f64>] {
        &self.ends
    }

    /// Returns `F − y`, d' × N.
    #[must_use]
    pub fn errors(&self) -> &DMatrix<f64> {
        &self.errors
    }

    /// Returns the loss.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Returns the gradient.
    #[must_use]
    pub fn gradient(&self) -> &Weights {
        &self.gradient
    }
}

/// `z ↦ z + hΣb_iv(Y_i)`, and the features of the `Y_i`.
fn forward(
    network: &ResNet,
    scheme: Scheme,
    step: f64,
    layer: &DMatrix<f64>,
    state: &DMatrix<f64>,
) -> (DMatrix<f64>, Stages) {
    let mut next = state.clone();
    let mut slope = DMatrix::zeros(state.nrows(), state.ncols());
    let mut kept = Vec::with_capacity(scheme.stages());
    for (&node, &weight) in scheme.nodes().iter().zip(scheme.sixths()) {
        let point = state + &slope * (node * step);
        let features = network.features().evaluate(&point);
        gemm(
            &mut slope,
            Accum::Replace,
            1.0,
            layer,
            false,
            &features,
            false,
        );
        next += &slope * (weight / 6.0 * step);
        kept.push(features);
    }
    (next, kept)
}

/// The transposed derivative of [`forward`]: from `p_{k+1}` to `p_k`, adding to the gradient.
#[allow(clippy::too_many_arguments)]
fn backward(
    network: &ResNet,
    scheme: Scheme,
    step: f64,
    layer: &DMatrix<f64>,
    kept: &Stages,
    adjoint: DMatrix<f64>,
    pieces: f64,
    gradient: &mut DMatrix<f64>,
) -> DMatrix<f64> {
    let mut earlier = adjoint.clone();
    // What the stage after this one asks of its slope.
    let mut asked: Option<DMatrix<f64>> = None;
    for i in (0..scheme.stages()).rev() {
        let mut of_slope = &adjoint * (scheme.sixths()[i] / 6.0 * step);
        if let Some(later) = &asked {
            of_slope += later * (scheme.nodes()[i + 1] * step);
        }
        gemm(
            gradient,
            Accum::Add,
            pieces,
            &of_slope,
            false,
            &kept[i],
            true,
        );
        let of_point = transposed_slope(network, layer, &kept[i], &of_slope);
        earlier += &of_point;
        asked = Some(of_point);
    }
    earlier
}

/// `Dv(Y)ᵀg`, from the features at `Y`.
fn transposed_slope(
    network: &ResNet,
    layer: &DMatrix<f64>,
    features: &DMatrix<f64>,
    adjoint: &DMatrix<f64>,
) -> DMatrix<f64> {
    let m = network.features().count();
    let pulled = layer.tr_mul(adjoint);
    let (cosines, sines) = (features.rows(0, m), features.rows(m, m));
    let slopes =
        cosines.component_mul(&pulled.rows(m, m)) - sines.component_mul(&pulled.rows(0, m));
    network.features().frequencies() * slopes
}

#[cfg(test)]
mod tests {
    use super::super::stepped_states;
    use super::*;
    use crate::arithmetic::{Dual, Real};
    use crate::resnet::oracle::{Case, Double, doubled};
    use crate::resnet::reference::{self, Layers};

    const STEPS: usize = 3;

    fn run(case: &Case, scheme: Scheme) -> SteppedTape {
        let (x, y) = (&case.inputs, &case.targets);
        SteppedTape::run(&case.network, scheme, STEPS, &case.weights, x, y)
    }

    /// The loss by the scalar loops.
    fn slow_loss<T: Real>(case: &Case, scheme: Scheme, layers: &Layers<T>) -> T {
        let network = &case.network;
        let mut total = T::from(0.0);
        for (x, y) in case.inputs.column_iter().zip(case.targets.column_iter()) {
            let start = reference::states::<T>(network, &Vec::new(), x.as_slice()).remove(0);
            let states = stepped_states(network.features(), layers, scheme, STEPS, &start);
            let last = states.last().unwrap();
            for (row, &y) in network.readout().row_iter().zip(y.iter()) {
                let terms = row.iter().zip(last);
                let output = terms.fold(T::from(0.0), |sum: T, (&b, &z)| sum + T::from(b) * z);
                let error = output - T::from(y);
                total = total + error * error;
            }
        }
        let twice = 2.0 * case.inputs.ncols() as f64;
        total * T::reciprocal_root(twice * twice)
    }

    /// A hundred roundings of numbers below ten.
    const CLOSE: f64 = 1e3 * f64::EPSILON;

    #[test]
    fn pass_agrees_with_the_scalar_loops() {
        for scheme in Scheme::ALL {
            let case = Case::new([2, 3, 2, 4, 2, 5], 1);
            let (found, layers) = (run(&case, scheme), doubled(&case.weights));
            let loss = slow_loss(&case, scheme, &layers).value();
            assert!((found.loss() - loss).abs() <= CLOSE, "{scheme:?}");
            assert_eq!(found.ends().len(), 2 * STEPS + 1);
            let start = case.network.lift() * &case.inputs;
            let column: Vec<Double> = start.column(4).iter().map(|&z| Double::from(z)).collect();
            let exact = stepped_states(case.network.features(), &layers, scheme, STEPS, &column);
            for (end, exact) in found.ends().iter().zip(&exact) {
                for (z, exact) in end.column(4).iter().zip(exact) {
                    assert!((Double::from(*z) - *exact).value().abs() <= CLOSE);
                }
            }
            let last = found.ends().last().unwrap();
            let errors = case.network.readout() * last - &case.targets;
            assert_eq!(*found.errors(), errors);
        }
    }

    /// Against dual numbers: exact derivatives of the discrete network.
    #[test]
    fn adjoint_is_the_derivative_of_the_discrete_network() {
        for scheme in Scheme::ALL {
            let case = Case::new([2, 2, 2, 3, 2, 3], 2);
            let found = run(&case, scheme);
            for k in 0..2 {
                for (row, column) in [(0, 0), (1, 2), (0, 3), (1, 5)] {
                    let mut along = reference::lift(&case.weights, Dual::<f64>::from);
                    along[k][row][column].derivative = 1.0;
                    let exact = 2.0 * slow_loss(&case, scheme, &along).derivative;
                    let found = found.gradient().layers()[k][(row, column)];
                    assert!((found - exact).abs() <= CLOSE, "{scheme:?} {found} {exact}");
                }
            }
        }
    }

    /// Against differences in 31 digits: `f(t) − f(−t)` over `2t`, `t = 1e-8`, is off by `t²` of the
    /// third derivative, which is below 1e4 here.
    #[test]
    fn adjoint_agrees_with_differences() {
        for scheme in Scheme::ALL {
            let case = Case::new([1, 2, 1, 3, 2, 2], 7);
            let found = run(&case, scheme);
            let direction = found.gradient().clone();
            let t = 1e-8;
            let at = |t: f64| {
                let lift = |w: f64, h: f64| Double::from(w) + Double::from(t) * Double::from(h);
                slow_loss(
                    &case,
                    scheme,
                    &reference::lift_pair(&case.weights, &direction, lift),
                )
            };
            let difference = (at(t) - at(-t)).value() / (2.0 * t);
            let exact = direction.dot(&direction);
            assert!(
                (difference - exact).abs() <= CLOSE + 1e4 * t * t,
                "{scheme:?}"
            );
        }
    }

    #[test]
    fn euler_with_one_step_is_the_tape() {
        let case = Case::new([2, 3, 2, 4, 5, 3], 4);
        let tape = case.tape();
        let (x, y) = (&case.inputs, &case.targets);
        let found = SteppedTape::run(&case.network, Scheme::Euler, 1, &case.weights, x, y);
        assert!((found.loss() - tape.loss()).abs() <= CLOSE);
        let distance = found.gradient().distance(tape.gradient());
        assert!(distance.mid() <= CLOSE * tape.gradient().norm().mid());
    }

    #[test]
    #[should_panic(expected = "at least one step")]
    fn no_step_panics() {
        let case = Case::new([1, 1, 1, 1, 1, 1], 0);
        let (x, y) = (&case.inputs, &case.targets);
        SteppedTape::run(&case.network, Scheme::Euler, 0, &case.weights, x, y);
    }
}
