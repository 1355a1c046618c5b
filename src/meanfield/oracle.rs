//! Fixed networks and data for tests.

use super::{Activation, ParticleTape, Particles, Regression};
use nalgebra::DMatrix;

/// Numbers of both signs, below one, without a pattern.
pub(crate) fn chirp(start: usize, rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| {
        ((start + 3 * i + 7 * j + 1) as f64).powi(2).sin()
    })
}

/// A task and a network for it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub task: Regression,
    pub network: Particles,
}

impl Case {
    /// A case with nothing special about it: `[N, q, d', D, M]`.
    pub fn new(activation: Activation, shape: [usize; 5], start: usize) -> Self {
        let [samples, q, outputs, depth, width] = shape;
        let task = Regression::try_new(
            activation,
            1.5,
            chirp(start, q, samples),
            chirp(start + 1, outputs, samples),
        );
        let layers = (0..depth).map(|k| chirp(start + 2 + k, 2 * q + 1, width));
        Self {
            task: task.unwrap(),
            network: Particles::try_new(layers.collect()).unwrap(),
        }
    }

    /// Every `(layer, particle, coordinate)`.
    pub fn indices(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let (rows, width) = self.network.layers()[0].shape();
        let each = move |k| (0..width).flat_map(move |j| (0..rows).map(move |a| (k, j, a)));
        (0..self.network.depth()).flat_map(each)
    }

    /// A tape after both passes.
    pub fn tape(&self) -> ParticleTape {
        let mut tape = ParticleTape::new(&self.task, self.network.depth(), self.network.width());
        tape.run(&self.task, &self.network);
        tape
    }
}
