//! The batched pass: matrix products over blocks of samples, on all cores.

use super::{Activation, Particles, Regression};
use crate::features::cos_sin_in_place;
use crate::linalg::multiply;
use crate::text::count;
use faer::{Accum, MatMut, MatRef};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Samples of a block: its states and features stay in a core's cache, and its products are large enough to
/// run at full speed.
const BLOCK: usize = 32;

/// Below this many particles times samples times layers everything runs on one thread.
const PARALLEL: usize = 16_384;

/// Buffers for the forward and backward pass of one shape of network and data.
///
/// The samples are divided into blocks of 32, whatever the number of threads: results do not depend on it.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::meanfield::{Activation, ParticleTape, Particles, Regression};
/// let task = Regression::try_new(Activation::Cosine, 1.0, dmatrix![0.5], dmatrix![1.5])?;
/// // u = 0: the network does nothing, and only u has a gradient, σ(wx + b)·p = 1·(0.5 − 1.5).
/// let network = Particles::try_new(vec![dmatrix![0.0; 2.0; -1.0]])?;
/// let mut tape = ParticleTape::new(&task, 1, 1);
/// assert_eq!(tape.run(&task, &network), 0.5);
/// assert_eq!(tape.gradient().layers()[0], dmatrix![-1.0; 0.0; 0.0]);
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParticleTape {
    blocks: Vec<Block>,
    gradient: Particles,
    risk: f64,
}

/// The samples from `first` on, one column each.
#[derive(Clone, Debug)]
struct Block {
    first: usize,
    /// `(x_k, 1)`, (q+1) × n, for `k = 0 … D`.
    states: Vec<DMatrix<f64>>,
    /// `σ`, M × n, a layer each.
    values: Vec<DMatrix<f64>>,
    /// `σ'`, likewise.
    slopes: Vec<DMatrix<f64>>,
    /// `αPx_D − y`, d' × n.
    errors: DMatrix<f64>,
    /// `p`, q × n.
    adjoint: DMatrix<f64>,
    /// `σ'(u·p)`, M × n.
    pull: DMatrix<f64>,
    gradient: Vec<DMatrix<f64>>,
}

impl ParticleTape {
    /// Creates the buffers.
    ///
    /// # Panics
    /// If depth or width is zero.
    #[must_use]
    pub fn new(task: &Regression, depth: usize, width: usize) -> Self {
        assert!(
            depth > 0 && width > 0,
            "a network of {} of {}",
            count(depth, "layer"),
            count(width, "particle")
        );
        let (q, samples) = (task.state_dimension(), task.samples());
        let block = |first: usize| {
            let n = BLOCK.min(samples - first);
            Block {
                first,
                states: vec![DMatrix::from_element(q + 1, n, 1.0); depth + 1],
                values: vec![DMatrix::zeros(width, n); depth],
                slopes: vec![DMatrix::zeros(width, n); depth],
                errors: DMatrix::zeros(task.outputs(), n),
                adjoint: DMatrix::zeros(q, n),
                pull: DMatrix::zeros(width, n),
                gradient: vec![DMatrix::zeros(2 * q + 1, width); depth],
            }
        };
        let zero = vec![DMatrix::zeros(2 * q + 1, width); depth];
        Self {
            blocks: (0..samples).step_by(BLOCK).map(block).collect(),
            gradient: Particles::try_new(zero).expect("finite layers of one shape"),
            risk: 0.0,
        }
    }

    /// Runs both passes; leaves the gradient and returns the risk.
    ///
    /// # Guarantee
    /// Rounded: within the balls that [`twin`](super::twin) gives, as long as phases are below 1e5.
    ///
    /// # Panics
    /// If shapes do not fit.
    ///
    /// # Cost
    /// Six products of `M × q` and `q × N` a layer.
    pub fn run(&mut self, task: &Regression, network: &Particles) -> f64 {
        self.each(task, network, |block| {
            block.forward(task, network);
            block.backward(task, network);
        });
        for (k, layer) in self.gradient.layers_mut().iter_mut().enumerate() {
            layer.copy_from(&self.blocks[0].gradient[k]);
            for block in &self.blocks[1..] {
                *layer += &block.gradient[k];
            }
        }
        self.sum_up(task)
    }

    /// Runs the forward pass alone; returns the risk.
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn risk_at(&mut self, task: &Regression, network: &Particles) -> f64 {
        self.each(task, network, |block| block.forward(task, network));
        self.sum_up(task)
    }

    fn each(
        &mut self,
        task: &Regression,
        network: &Particles,
        work: impl Fn(&mut Block) + Send + Sync,
    ) {
        let (depth, width) = (self.gradient.depth(), self.gradient.width());
        assert_eq!(
            (network.depth(), network.width(), network.state_dimension()),
            (depth, width, self.gradient.state_dimension()),
            "depth, width and state dimension of the network"
        );
        let samples: usize = self.blocks.iter().map(|block| block.errors.ncols()).sum();
        assert_eq!(
            (task.samples(), task.outputs(), task.state_dimension()),
            (
                samples,
                self.blocks[0].errors.nrows(),
                network.state_dimension()
            ),
            "samples, outputs and state dimension of the task"
        );
        if depth * width * samples < PARALLEL {
            self.blocks.iter_mut().for_each(work);
        } else {
            self.blocks.par_iter_mut().for_each(work);
        }
    }

    fn sum_up(&mut self, task: &Regression) -> f64 {
        let squares: f64 = self.blocks.iter().map(|b| b.errors.norm_squared()).sum();
        self.risk = squares / (2 * task.samples()) as f64;
        self.risk
    }

    /// Returns the risk of the last pass.
    #[must_use]
    pub fn risk(&self) -> f64 {
        self.risk
    }

    /// Returns the mean-field gradient of the last run.
    #[must_use]
    pub fn gradient(&self) -> &Particles {
        &self.gradient
    }

    /// Returns the outputs `αPx_D`, d' × N, of the last pass.
    #[must_use]
    pub fn outputs(&self, task: &Regression) -> DMatrix<f64> {
        let mut outputs = task.targets().clone();
        for block in &self.blocks {
            let mut columns = outputs.columns_mut(block.first, block.errors.ncols());
            columns += &block.errors;
        }
        outputs
    }

    /// Returns the features `σ(w_k^j·x_k^i + b_k^j)` of a layer, M × N.
    #[must_use]
    pub fn features(&self, layer: usize) -> DMatrix<f64> {
        let columns = self
            .blocks
            .iter()
            .flat_map(|b| b.values[layer].column_iter());
        DMatrix::from_columns(&columns.collect::<Vec<_>>())
    }
}

fn whole(a: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(a.as_slice(), a.nrows(), a.ncols())
}

fn whole_mut(a: &mut DMatrix<f64>) -> MatMut<'_, f64> {
    let (rows, columns) = a.shape();
    MatMut::from_column_major_slice_mut(a.as_mut_slice(), rows, columns)
}

impl Block {
    fn forward(&mut self, task: &Regression, network: &Particles) {
        let (q, n) = (task.state_dimension(), self.errors.ncols());
        let step = 1.0 / (network.depth() * network.width()) as f64;
        let inputs = task.inputs().columns(self.first, n);
        self.states[0].rows_mut(0, q).copy_from(&inputs);
        for (k, layer) in network.layers().iter().enumerate() {
            let layer = whole(layer);
            let (u, rest) = layer.split_at_row(q);
            let (values, slopes) = (&mut self.values[k], &mut self.slopes[k]);
            let (past, future) = self.states.split_at_mut(k + 1);
            let (state, next) = (&past[k], &mut future[0]);
            let phases = whole_mut(values);
            multiply(phases, Accum::Replace, 1.0, rest.transpose(), whole(state));
            activate(
                task.activation(),
                values.as_mut_slice(),
                slopes.as_mut_slice(),
            );
            next.copy_from(state);
            let rows = whole_mut(next).subrows_mut(0, q);
            multiply(rows, Accum::Add, step, u, whole(values));
        }
        let last = self.states.last().expect("at least one state");
        let outputs = last.rows(q - task.outputs(), task.outputs());
        let targets = task.targets().columns(self.first, n);
        self.errors.copy_from(&(outputs * task.scale() - targets));
    }

    fn backward(&mut self, task: &Regression, network: &Particles) {
        let q = task.state_dimension();
        let step = 1.0 / (network.depth() * network.width()) as f64;
        let factor = task.scale() * (1.0 / task.samples() as f64);
        self.adjoint.fill(0.0);
        let mut outputs = self.adjoint.rows_mut(q - task.outputs(), task.outputs());
        outputs.copy_from(&(&self.errors * factor));
        for (k, layer) in network.layers().iter().enumerate().rev() {
            let (u, rest) = whole(layer).split_at_row(q);
            let pull = whole_mut(&mut self.pull);
            multiply(
                pull,
                Accum::Replace,
                1.0,
                u.transpose(),
                whole(&self.adjoint),
            );
            self.pull.component_mul_assign(&self.slopes[k]);
            let (top, bottom) = whole_mut(&mut self.gradient[k]).split_at_row_mut(q);
            let values = whole(&self.values[k]).transpose();
            multiply(top, Accum::Replace, 1.0, whole(&self.adjoint), values);
            let pull = whole(&self.pull);
            let points = whole(&self.states[k]);
            multiply(bottom, Accum::Replace, 1.0, points, pull.transpose());
            let w = rest.subrows(0, q);
            multiply(whole_mut(&mut self.adjoint), Accum::Add, step, w, pull);
        }
    }
}

/// Replaces phases by `σ` of them and writes `σ'` beside.
fn activate(activation: Activation, phases: &mut [f64], slopes: &mut [f64]) {
    match activation {
        Activation::Cosine | Activation::ScaledCosine => {
            let scale = if activation == Activation::Cosine {
                1.0
            } else {
                std::f64::consts::SQRT_2
            };
            cos_sin_in_place(phases, slopes, scale);
            slopes.iter_mut().for_each(|sine| *sine = -*sine);
        }
        _ => {
            for (phase, slope) in phases.iter_mut().zip(slopes) {
                (*phase, *slope) = activation.value_and_slope(*phase);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::Case;
    use super::super::twin;
    use super::*;
    use crate::arithmetic::Ball;

    /// Everything that a tape holds lies in the balls of the twin, which are narrow.
    fn agrees(case: &Case) {
        let tape = case.tape();
        let cloud = case.network.cloud(Ball::from);
        let pass = twin::forward(&case.task, &cloud);
        let gradient = twin::backward(&case.task, &cloud, &pass).gradient;
        let within = |ball: Ball, x: f64| {
            assert!(ball.contains(x), "{ball:?} {x}");
            assert!(ball.rad() <= 1e-11, "{ball:?}");
        };
        within(pass.risk, tape.risk());
        for (k, j, a) in case.indices() {
            within(gradient[k][j][a], tape.gradient().layers()[k][(a, j)]);
        }
        for k in 0..case.network.depth() {
            let features = tape.features(k);
            for (i, values) in pass.values[k].iter().enumerate() {
                for (j, &value) in values.iter().enumerate() {
                    within(value, features[(j, i)]);
                }
            }
        }
        for (i, errors) in pass.errors.iter().enumerate() {
            for (a, &error) in errors.iter().enumerate() {
                let output = error + Ball::from(case.task.targets()[(a, i)]);
                within(output.widened(1e-15), tape.outputs(&case.task)[(a, i)]);
            }
        }
    }

    #[test]
    fn pass_agrees_with_the_twin() {
        for activation in Activation::ALL {
            for shape in [
                [1, 1, 1, 1, 1],
                [3, 2, 1, 4, 5],
                [2, 3, 3, 2, 7],
                [40, 2, 2, 2, 3],
            ] {
                agrees(&Case::new(activation, shape, 3));
            }
        }
    }

    #[test]
    fn large_batches_are_parallel_and_the_same() {
        let case = Case::new(Activation::Tanh, [100, 3, 2, 4, 50], 1);
        const { assert!(4 * 50 * 100 >= PARALLEL) };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| case.tape())
        };
        let (one, three) = (on(1), on(3));
        assert_eq!(one.gradient(), three.gradient());
        assert_eq!(one.risk(), three.risk());
        agrees(&case);
    }

    #[test]
    fn buffers_do_not_remember() {
        let case = Case::new(Activation::Erf, [5, 2, 1, 3, 4], 1);
        let other = Case::new(Activation::Erf, [5, 2, 1, 3, 4], 9);
        let mut tape = other.tape();
        assert_eq!(tape.risk_at(&case.task, &case.network), case.tape().risk());
        tape.run(&case.task, &case.network);
        assert_eq!(tape.gradient(), case.tape().gradient());
        assert_eq!(tape.risk(), case.tape().risk());
    }

    #[test]
    #[should_panic(expected = "of the network")]
    fn networks_of_another_width_panic() {
        let case = Case::new(Activation::Erf, [2, 1, 1, 1, 2], 1);
        case.tape().run(&case.task, &case.network.replicated(2));
    }

    #[test]
    #[should_panic(expected = "of the task")]
    fn tasks_of_another_size_panic() {
        let case = Case::new(Activation::Erf, [2, 1, 1, 1, 2], 1);
        let other = Case::new(Activation::Erf, [3, 1, 1, 1, 2], 1);
        case.tape().run(&other.task, &case.network);
    }
}
