//! One batched forward and backward pass.

use super::{ResNet, Weights};
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Below this many entries an elementwise pass stays on one thread.
const PARALLEL_ENTRIES: usize = 1 << 14;

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
        let step = 1.0 / network.depth() as f64;
        gemm(
            &mut self.states[0],
            Accum::Replace,
            1.0,
            network.lift(),
            false,
            inputs,
            false,
        );
        for (k, layer) in weights.layers().iter().enumerate() {
            let (past, future) = self.states.split_at_mut(k + 1);
            let (state, next) = (&past[k], &mut future[0]);
            network
                .features()
                .evaluate_into(state, &mut self.features[k]);
            next.copy_from(state);
            gemm(
                next,
                Accum::Add,
                step,
                layer,
                false,
                &self.features[k],
                false,
            );
        }
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
        for (k, layer) in self.gradient.layers_mut().iter_mut().enumerate() {
            let adjoint = &self.adjoints[k + 1];
            gemm(
                layer,
                Accum::Replace,
                1.0,
                adjoint,
                false,
                &self.features[k],
                true,
            );
        }
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
        let step = 1.0 / network.depth() as f64;
        let frequencies = network.features().frequencies();
        for (k, layer) in weights.layers().iter().enumerate().rev() {
            let (past, future) = self.adjoints.split_at_mut(k + 1);
            let (adjoint, next) = (&mut past[k], &future[0]);
            gemm(
                &mut self.pullback,
                Accum::Replace,
                1.0,
                layer,
                true,
                next,
                false,
            );
            phase_slopes(&self.features[k], &self.pullback, &mut self.slopes);
            adjoint.copy_from(next);
            gemm(
                adjoint,
                Accum::Add,
                step,
                frequencies,
                false,
                &self.slopes,
                false,
            );
        }
    }

    /// Returns the states `z_0, …, z_D`, each q × N.
    pub fn states(&self) -> &[DMatrix<f64>] {
        &self.states
    }

    /// Returns the features `φ(z_0), …, φ(z_{D−1})`, each 2m × N.
    pub fn features(&self) -> &[DMatrix<f64>] {
        &self.features
    }

    /// Returns the errors `F(v, x^i) − y^i`, d' × N.
    pub fn errors(&self) -> &DMatrix<f64> {
        &self.errors
    }

    /// Returns the loss of the last forward pass.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Returns the adjoint states `p_0, …, p_D` of the last backward pass, each q × N.
    pub fn adjoints(&self) -> &[DMatrix<f64>] {
        &self.adjoints
    }

    /// Returns the gradient of the last backward pass.
    pub fn gradient(&self) -> &Weights {
        &self.gradient
    }
}

/// Derivative with respect to the phases: `e_j = cos_j·q_{m+j} − sin_j·q_j`, a column a sample.
fn phase_slopes(features: &DMatrix<f64>, pullback: &DMatrix<f64>, slopes: &mut DMatrix<f64>) {
    let width = features.nrows();
    let count = width / 2;
    let column = |(out, (phi, q)): (&mut [f64], (&[f64], &[f64]))| {
        let ((cosines, sines), (q_cosines, q_sines)) = (phi.split_at(count), q.split_at(count));
        for (j, slope) in out.iter_mut().enumerate() {
            *slope = cosines[j] * q_sines[j] - sines[j] * q_cosines[j];
        }
    };
    let (phi, q) = (features.as_slice(), pullback.as_slice());
    if slopes.len() < PARALLEL_ENTRIES {
        let columns = phi.chunks(width).zip(q.chunks(width));
        slopes
            .as_mut_slice()
            .chunks_mut(count)
            .zip(columns)
            .for_each(column);
    } else {
        let columns = phi.par_chunks(width).zip(q.par_chunks(width));
        slopes
            .as_mut_slice()
            .par_chunks_mut(count)
            .zip(columns)
            .for_each(column);
    }
}
