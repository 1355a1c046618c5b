//! One batched forward and backward pass.

use super::{ResNet, Weights, panels};
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;

/// Buffers of a pass over `N` samples: states, features, adjoint states and the
/// gradient. Allocated once and reused at every step.
///
/// # Cost
/// A forward pass takes `D` products of orders `m × q × N` and `q × 2m × N` and
/// `mND` sines and cosines; a backward pass the same products again, twice.
///
/// # Example
/// ```
/// use polyak::{features::FourierFeatures, kernel::Gaussian, resnet::{ResNet, Tape}};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 3, 8, 0)?;
/// let network = ResNet::lifted(2, 1, 1.0, features, 4)?;
/// let inputs = nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0];
/// let targets = nalgebra::dmatrix![1.0, -1.0];
/// let mut tape = Tape::new(&network, 2);
/// let weights = network.zero_weights();
/// let loss = tape.forward(&network, &weights, &inputs, &targets);
/// assert_eq!(loss, 0.5);
/// tape.backward(&network, &weights);
/// let stepped = weights.plus(-0.1, tape.gradient());
/// assert!(tape.forward(&network, &stepped, &inputs, &targets) < loss);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tape {
    states: Vec<DMatrix<f64>>,
    features: Vec<DMatrix<f64>>,
    errors: DMatrix<f64>,
    loss: f64,
    adjoints: Vec<DMatrix<f64>>,
    gradient: Weights,
    pullback: DMatrix<f64>,
    slopes: DMatrix<f64>,
}

impl Tape {
    /// Allocates the buffers for `samples` samples.
    pub fn new(network: &ResNet, samples: usize) -> Self {
        let (depth, state) = (network.depth(), network.state_dimension());
        let width = network.features().width();
        Self {
            states: vec![DMatrix::zeros(state, samples); depth + 1],
            features: vec![DMatrix::zeros(width, samples); depth],
            errors: DMatrix::zeros(network.output_dimension(), samples),
            loss: 0.0,
            adjoints: vec![DMatrix::zeros(state, samples); depth + 1],
            gradient: network.zero_weights(),
            pullback: DMatrix::zeros(width, samples),
            slopes: DMatrix::zeros(width / 2, samples),
        }
    }

    /// Runs the states forward and returns the loss `L(v)`.
    ///
    /// # Arguments
    /// * `inputs`: d × N; `targets`: d' × N.
    ///
    /// # Panics
    /// If shapes do not fit the network or the number of samples of this tape.
    pub fn forward(
        &mut self,
        network: &ResNet,
        weights: &Weights,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> f64 {
        assert_eq!(weights.depth(), network.depth(), "layers of the weights");
        assert_eq!(targets.shape(), self.errors.shape(), "shape of the targets");
        panels::forward(
            network,
            weights,
            inputs,
            &mut self.states,
            &mut self.features,
        );
        let last = self.states.last().expect("at least one state");
        gemm(
            &mut self.errors,
            Accum::Replace,
            1.0,
            network.readout(),
            false,
            last,
            false,
        );
        self.errors -= targets;
        self.loss = self.errors.norm_squared() / (2 * self.errors.ncols()) as f64;
        self.loss
    }

    /// Runs the adjoint states backward from the errors of the last forward pass
    /// and leaves the gradient `∇_k = P_{k+1}Φ_kᵀ` (P1).
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn backward(&mut self, network: &ResNet, weights: &Weights) {
        let samples = self.errors.ncols();
        let last = network.depth();
        let mean = 1.0 / samples as f64;
        let errors = &self.errors;
        gemm(
            &mut self.adjoints[last],
            Accum::Replace,
            mean,
            network.readout(),
            true,
            errors,
            false,
        );
        self.propagate(network, weights);
        let gradient = self.gradient.layers_mut();
        panels::gradient(&self.adjoints[1..], &self.features, gradient);
    }

    /// Propagates any terminal adjoint state (q × N) to every layer, along the
    /// states of the last forward pass. Returns `p_0, …, p_D`.
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn pull_back(
        &mut self,
        network: &ResNet,
        weights: &Weights,
        terminal: &DMatrix<f64>,
    ) -> &[DMatrix<f64>] {
        let last = network.depth();
        self.adjoints[last].copy_from(terminal);
        self.propagate(network, weights);
        &self.adjoints
    }

    /// `p_k = p_{k+1} + D⁻¹ Dv_k(z_k)ᵀ p_{k+1}`, from the terminal state in place.
    fn propagate(&mut self, network: &ResNet, weights: &Weights) {
        let scratch = [&mut self.pullback, &mut self.slopes];
        panels::backward(
            network,
            weights,
            &self.features,
            &mut self.adjoints,
            scratch,
        );
    }

    /// Returns the states `z_0, …, z_D`, each q × N.
    #[must_use]
    pub fn states(&self) -> &[DMatrix<f64>] {
        &self.states
    }

    /// Returns the features `φ(z_0), …, φ(z_{D−1})`, each 2m × N.
    #[must_use]
    pub fn features(&self) -> &[DMatrix<f64>] {
        &self.features
    }

    /// Returns the errors `F(v, x^i) − y^i`, d' × N.
    #[must_use]
    pub fn errors(&self) -> &DMatrix<f64> {
        &self.errors
    }

    /// Returns the loss of the last forward pass.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Returns the adjoint states `p_0, …, p_D` of the last backward pass, each q × N.
    #[must_use]
    pub fn adjoints(&self) -> &[DMatrix<f64>] {
        &self.adjoints
    }

    /// Returns the gradient of the last backward pass.
    #[must_use]
    pub fn gradient(&self) -> &Weights {
        &self.gradient
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, chirp, jacobian};
    use super::super::{Rounding, reference};
    use super::*;
    use crate::arithmetic::{Ball, Dual};

    /// A computed vector lies within the balls of the reference, enlarged by the
    /// bound of the batched pass. Returns the largest radius.
    fn within(computed: impl Iterator<Item = f64>, exact: &[Ball], bound: f64) -> f64 {
        let mut worst = 0.0_f64;
        for (x, ball) in computed.zip(exact) {
            assert!((x - ball.mid()).abs() <= ball.rad() + bound, "{x} {ball:?}");
            worst = worst.max(ball.rad() + bound);
        }
        worst
    }

    /// Shapes of all kinds: single numbers, a tall and a flat network.
    const SHAPES: [[usize; 6]; 4] = [
        [1, 1, 1, 1, 1, 1],
        [2, 3, 2, 4, 5, 6],
        [4, 2, 1, 1, 2, 3],
        [1, 5, 3, 7, 1, 2],
    ];

    #[test]
    fn pass_agrees_with_the_reference() {
        for (seed, shape) in SHAPES.into_iter().enumerate() {
            let case = Case::new(shape, seed);
            let (network, tape) = (&case.network, case.tape());
            let rounding = Rounding::of(network, &case.weights, &case.inputs, &tape);
            let layers = reference::lift(&case.weights, Ball::from);
            let mut worst = 0.0_f64;
            for (i, x) in case.inputs.column_iter().enumerate() {
                let exact = reference::states(network, &layers, x.as_slice());
                assert_eq!(tape.states().len(), exact.len());
                for (k, exact) in exact.iter().enumerate() {
                    let column = tape.states()[k].column(i);
                    let bound = rounding.states[k];
                    worst = worst.max(within(column.iter().copied(), exact, bound));
                }
                for k in 0..network.depth() {
                    let exact = reference::feature_vector(network.features(), &exact[k]);
                    let column = tape.features()[k].column(i);
                    let bound = rounding.features[k];
                    worst = worst.max(within(column.iter().copied(), &exact, bound));
                }
                // Adjoint states: the Jacobian applied to N⁻¹Bᵀe.
                let last = &tape.adjoints()[network.depth()].column(i);
                for (k, state) in exact.iter().enumerate() {
                    let jacobian = jacobian(network, &layers, k, state);
                    for (b, column) in jacobian.iter().enumerate() {
                        let terms = column.iter().zip(last.iter());
                        let exact = terms.map(|(&j, &p)| j * Ball::from(p)).sum();
                        let found = tape.adjoints()[k][(b, i)];
                        // The computed terminal state is itself off.
                        let bound = 2.0 * rounding.adjoints[k];
                        worst = worst.max(within([found].into_iter(), &[exact], bound));
                    }
                }
            }
            let (inputs, targets) = (&case.inputs, &case.targets);
            let exact = reference::loss(network, &layers, inputs, targets);
            within([tape.loss()].into_iter(), &[exact], rounding.loss.rad());
            let exact = reference::gradient(network, &layers, inputs, targets);
            for (k, layer) in tape.gradient().layers().iter().enumerate() {
                for (r, row) in layer.row_iter().enumerate() {
                    let row = row.into_owned();
                    let computed = row.iter().copied();
                    let bound = rounding.gradient[k];
                    worst = worst.max(within(computed, &exact[k][r], bound));
                }
            }
            // The comparison sees the tenth digit.
            assert!(worst <= 1e-10, "{worst}");
        }
    }

    #[test]
    fn gradient_is_the_derivative_of_the_loss() {
        let case = Case::new([2, 2, 2, 3, 3, 2], 5);
        let (network, tape) = (&case.network, case.tape());
        let rounding = Rounding::of(network, &case.weights, &case.inputs, &tape);
        for k in 0..3 {
            for row in 0..2 {
                for column in 0..6 {
                    let mut along = reference::lift(&case.weights, Dual::<Ball>::from);
                    along[k][row][column].derivative = Ball::from(1.0);
                    let loss = reference::loss(network, &along, &case.inputs, &case.targets);
                    let exact = Ball::from(3.0) * loss.derivative;
                    let found = tape.gradient().layers()[k][(row, column)];
                    let bound = rounding.gradient[k];
                    assert!(within([found].into_iter(), &[exact], bound) <= 1e-11);
                }
            }
        }
    }

    /// `p_k = (∂z_D/∂z_k)ᵀ p_D` for any terminal state.
    #[test]
    fn pull_back_is_the_transposed_jacobian() {
        let case = Case::new([2, 3, 1, 4, 4, 2], 3);
        let (network, mut tape) = (&case.network, case.tape());
        let rounding = Rounding::of(network, &case.weights, &case.inputs, &tape);
        let terminal = chirp(20, 3, 2);
        tape.pull_back(network, &case.weights, &terminal);
        let bounds = rounding.of_pull_back(network, &case.weights, &tape);
        let layers = reference::lift(&case.weights, Ball::from);
        for (i, x) in case.inputs.column_iter().enumerate() {
            let states = reference::states(network, &layers, x.as_slice());
            for (k, state) in states.iter().enumerate() {
                let jacobian = jacobian(network, &layers, k, state);
                for (b, column) in jacobian.iter().enumerate() {
                    let terms = (0..3).map(|a| column[a] * Ball::from(terminal[(a, i)]));
                    let exact = terms.sum();
                    let found = tape.adjoints()[k][(b, i)];
                    assert!(within([found].into_iter(), &[exact], bounds[k]) <= 1e-11);
                }
            }
        }
        assert_eq!(tape.adjoints()[4], terminal);
    }

    #[test]
    fn loss_is_half_the_mean_square_of_the_errors() {
        // Zero weights and dyadic data: every operation is exact.
        let case = Case::line(1.0, 2.0, -4.0, [0.0, 0.0], 0.5, 1.0);
        assert_eq!(case.tape().errors()[0], -5.0);
        assert_eq!(case.tape().loss(), 12.5);
        let twice = |a: &DMatrix<f64>| DMatrix::from_columns(&[a.column(0), a.column(0)]);
        let (inputs, targets) = (twice(&case.inputs), twice(&case.targets));
        let mut tape = Tape::new(&case.network, 2);
        let loss = tape.forward(&case.network, &case.weights, &inputs, &targets);
        assert_eq!((loss, tape.loss()), (12.5, 12.5));
        // A prediction is an error against zero.
        assert_eq!(
            case.network.predict(&case.weights, &inputs),
            tape.errors() + targets
        );
    }

    #[test]
    fn buffers_do_not_remember() {
        let case = Case::new([2, 3, 2, 4, 3, 5], 1);
        let other = Case::new([2, 3, 2, 4, 3, 5], 2);
        let fresh = case.tape();
        let mut tape = other.tape();
        tape.pull_back(&other.network, &other.weights, &chirp(1, 3, 5));
        let Case {
            network,
            weights,
            inputs,
            targets,
        } = &case;
        tape.forward(network, weights, inputs, targets);
        tape.backward(network, weights);
        assert_eq!(tape.loss(), fresh.loss());
        assert_eq!(tape.states(), fresh.states());
        assert_eq!(tape.features(), fresh.features());
        assert_eq!(tape.errors(), fresh.errors());
        assert_eq!(tape.adjoints(), fresh.adjoints());
        assert_eq!(tape.gradient(), fresh.gradient());
    }

    /// Of more samples than a panel holds each has the values that it has alone,
    /// up to the order of sums.
    #[test]
    fn large_batches_are_many_small_ones() {
        const SAMPLES: usize = 150;
        let case = Case::new([3, 4, 2, 120, 2, SAMPLES], 1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
        let tape = pool.unwrap().install(|| case.tape());
        let rounding = Rounding::of(&case.network, &case.weights, &case.inputs, &tape);
        for i in [0, 1, 77, SAMPLES - 1] {
            let alone = Case {
                inputs: case.inputs.columns(i, 1).into_owned(),
                targets: case.targets.columns(i, 1).into_owned(),
                ..case.clone()
            };
            let single = alone.tape();
            for k in 0..=2 {
                let states = tape.states()[k].column(i) - single.states()[k].column(0);
                assert!(states.norm() <= 2.0 * rounding.states[k]);
                let adjoint = single.adjoints()[k].column(0) / SAMPLES as f64;
                let adjoints = tape.adjoints()[k].column(i) - adjoint;
                assert!(adjoints.norm() <= 2.0 * rounding.adjoints[k]);
            }
            assert!(rounding.adjoints[0] * SAMPLES as f64 <= 1e-8);
        }
    }

    #[test]
    #[should_panic(expected = "layers of the weights")]
    fn weights_of_another_depth_panic() {
        let case = Case::new([1, 1, 1, 1, 2, 1], 1);
        let deeper = Weights::zeros(3, 1, 2);
        Tape::new(&case.network, 1).forward(&case.network, &deeper, &case.inputs, &case.targets);
    }

    #[test]
    #[should_panic(expected = "shape of the targets")]
    fn targets_of_another_shape_panic() {
        let case = Case::new([1, 1, 1, 1, 2, 1], 1);
        let targets = DMatrix::zeros(1, 2);
        Tape::new(&case.network, 1).forward(&case.network, &case.weights, &case.inputs, &targets);
    }
}
