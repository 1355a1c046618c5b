//! What the theory asks of a residual network, parametric or not.

use super::{Frame, NetworkError, Rounding};
use crate::arithmetic::Ball;
use nalgebra::DMatrix;
use std::fmt::Debug;

/// What a forward and a backward pass leave, a column a sample.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// `z_0, …, z_D`, each q × N.
    pub states: &'a [DMatrix<f64>],
    /// `p_0, …, p_D`, each q × N.
    pub adjoints: &'a [DMatrix<f64>],
    /// `F(v, x^i) − y^i`, d' × N.
    pub errors: &'a DMatrix<f64>,
    /// `L(v)`.
    pub loss: f64,
}

/// A residual network whose layers `v_k` live in a reproducing kernel Hilbert space with
/// `k(z, z) = 1`: the space of its parameters `v = (v_0, …, v_{D−1})`, `‖v‖² = D⁻¹Σ‖v_k‖²`,
/// and the passes through it.
///
/// [`ResNet`](super::ResNet) spans the space by finitely many features, and a parameter is a
/// list of matrices; [`ExpansionNetwork`](super::ExpansionNetwork) spans it by kernel sections,
/// and a parameter is a list of kernel expansions, which grow by a section a sample and step.
///
/// # Example
/// A step of gradient descent, on either:
/// ```
/// use polyak::resnet::{ExpansionNetwork, ResidualNetwork};
/// fn step<N: ResidualNetwork>(network: &N, eta: f64) -> (f64, f64) {
///     let (inputs, targets) = (nalgebra::dmatrix![0.0, 1.0], nalgebra::dmatrix![1.0, -1.0]);
///     let mut tape = network.tape(2);
///     let zero = network.zero();
///     let before = network.forward(&mut tape, &zero, &inputs, &targets);
///     network.backward(&mut tape, &zero);
///     let next = network.combination(&zero, &[(-eta, network.gradient(&tape))]);
///     (before, network.forward(&mut tape, &next, &inputs, &targets))
/// }
/// let kernel: polyak::kernel::KernelSpec = "gaussian:1".parse()?;
/// let (before, after) = step(&ExpansionNetwork::lifted(1, 1, 1.0, kernel, 3)?, 0.1);
/// assert!(after < before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ResidualNetwork: Clone + Debug + Sync {
    /// A vector of the space of parameters; gradients are of this type too.
    type Parameter: Clone + Debug + PartialEq + Send + Sync;

    /// The buffers of a pass.
    type Tape: Clone + Debug + Sync;

    /// Returns lift, readout and depth.
    fn frame(&self) -> &Frame;

    /// Returns the same network with the readout multiplied by `factor`.
    ///
    /// # Errors
    /// A factor that makes an entry infinite or NaN.
    fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError>;

    /// Returns `κ1`.
    fn kappa1(&self) -> Ball;

    /// Returns an upper bound of `κ2`.
    fn kappa2(&self) -> Ball;

    /// Returns the parameter zero.
    fn zero(&self) -> Self::Parameter;

    /// Returns `v + Σ_j t_j w_j`.
    ///
    /// # Panics
    /// If the parameters do not fit.
    fn combination(
        &self,
        v: &Self::Parameter,
        terms: &[(f64, &Self::Parameter)],
    ) -> Self::Parameter;

    /// Returns a [`combination`](Self::combination) that is passed through: its norm may be known less well.
    ///
    /// # Panics
    /// If the parameters do not fit.
    fn passing_point(
        &self,
        v: &Self::Parameter,
        terms: &[(f64, &Self::Parameter)],
    ) -> Self::Parameter {
        self.combination(v, terms)
    }

    /// Bounds the distance of a computed [`combination`](Self::combination) from the exact one.
    fn combination_rounding(&self, sum: &Self::Parameter, terms: &[(f64, &Self::Parameter)])
    -> f64;

    /// Returns `‖v_k‖` for every layer.
    fn layer_norms(&self, v: &Self::Parameter) -> Vec<Ball>;

    /// Returns `‖v − w‖`.
    fn distance(&self, v: &Self::Parameter, w: &Self::Parameter) -> Ball;

    /// Returns `<v, w> = D⁻¹Σ<v_k, w_k>`.
    fn inner_product(&self, v: &Self::Parameter, w: &Self::Parameter) -> Ball;

    /// Returns `‖v‖`.
    fn norm(&self, v: &Self::Parameter) -> Ball {
        let norms = self.layer_norms(v);
        let total: Ball = norms.iter().map(|norm| norm.square()).sum();
        (total / Ball::from(norms.len() as f64)).sqrt()
    }

    /// Allocates the buffers of passes over `samples` samples.
    fn tape(&self, samples: usize) -> Self::Tape;

    /// Runs the states forward and returns the loss.
    ///
    /// # Panics
    /// If shapes do not fit.
    fn forward(
        &self,
        tape: &mut Self::Tape,
        v: &Self::Parameter,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> f64;

    /// Runs the adjoint states backward from the errors of the last forward pass and leaves the
    /// gradient, `∇L(v)_k = Σ_i k(·, z_k^i)p_{k+1}^i` (P1).
    fn backward(&self, tape: &mut Self::Tape, v: &Self::Parameter);

    /// Propagates any terminal adjoint state (q × N) along the states of the last forward pass.
    fn pull_back(&self, tape: &mut Self::Tape, v: &Self::Parameter, terminal: &DMatrix<f64>);

    /// Returns what the passes left.
    fn pass<'a>(&self, tape: &'a Self::Tape) -> Pass<'a>;

    /// Returns the gradient of the last backward pass.
    fn gradient<'a>(&self, tape: &'a Self::Tape) -> &'a Self::Parameter;

    /// Bounds the rounding of the forward and backward pass that a tape holds.
    fn rounding(&self, v: &Self::Parameter, inputs: &DMatrix<f64>, tape: &Self::Tape) -> Rounding;

    /// Bounds the error of adjoint states pulled back from an exact terminal state.
    fn pull_back_rounding(
        &self,
        rounding: &Rounding,
        v: &Self::Parameter,
        tape: &Self::Tape,
    ) -> Vec<f64>;

    /// Returns the Gram matrix `(k(z_k^i, z_k^j))` of the states of a layer, N × N.
    fn gram(&self, tape: &Self::Tape, layer: usize) -> DMatrix<f64>;

    /// Bounds the error of an entry of [`gram`](Self::gram), the rounding of the states included.
    fn gram_entry_error(&self, rounding: &Rounding, layer: usize) -> f64;
}
