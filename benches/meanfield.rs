//! The mean-field training step (risk and gradient) beside the same step in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
use nalgebra::DMatrix;
use polyak::meanfield::{Activation, ParticleTape, Particles, Regression};
use std::hint::black_box;

struct Problem {
    task: Regression,
    network: Particles,
}

fn wave(rows: usize, columns: usize, start: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| ((start + 3 * i + 7 * j) as f64).sin())
}

impl Problem {
    fn new(
        activation: Activation,
        samples: usize,
        state: usize,
        width: usize,
        depth: usize,
    ) -> Self {
        let (inputs, targets) = (wave(state, samples, 11), wave(state, samples, 13));
        let layers = (0..depth).map(|k| wave(2 * state + 1, width, k)).collect();
        Self {
            task: Regression::try_new(activation, 1.0, inputs, targets).expect("a task"),
            network: Particles::try_new(layers).expect("a network"),
        }
    }

    /// The obvious way: one product and one elementwise map after the other.
    fn plain(&self) -> (f64, Vec<DMatrix<f64>>) {
        let (q, samples) = self.task.inputs().shape();
        let step = 1.0 / (self.network.depth() * self.network.width()) as f64;
        let mut state = self.task.inputs().clone();
        let mut past = Vec::new();
        for layer in self.network.layers() {
            let (u, w, b) = (
                layer.rows(0, q),
                layer.rows(q, q),
                layer.row(2 * q).transpose(),
            );
            let mut phases = w.transpose() * &state;
            phases.column_iter_mut().for_each(|mut column| column += &b);
            let values = phases.map(|t| self.task.activation().value_and_slope(t).0);
            let slopes = phases.map(|t| self.task.activation().value_and_slope(t).1);
            let next = &state + (u * &values) * step;
            past.push((std::mem::replace(&mut state, next), values, slopes));
        }
        let errors = &state - self.task.targets();
        let risk = errors.norm_squared() / (2 * samples) as f64;
        let mut adjoint = errors / samples as f64;
        let mut gradient = Vec::new();
        for (layer, (state, values, slopes)) in self.network.layers().iter().zip(&past).rev() {
            let pull = slopes.component_mul(&(layer.rows(0, q).transpose() * &adjoint));
            let mut block = DMatrix::zeros(2 * q + 1, layer.ncols());
            block
                .rows_mut(0, q)
                .copy_from(&(&adjoint * values.transpose()));
            block.rows_mut(q, q).copy_from(&(state * pull.transpose()));
            block
                .row_mut(2 * q)
                .copy_from(&pull.column_sum().transpose());
            gradient.push(block);
            adjoint += layer.rows(q, q) * pull * step;
        }
        gradient.reverse();
        (risk, gradient)
    }
}

fn training_step(criterion: &mut Criterion) {
    for activation in [Activation::Cosine, Activation::Tanh] {
        let problem = Problem::new(activation, 128, 8, 512, 16);
        let mut tape = ParticleTape::new(&problem.task, 16, 512);
        let name = format!("meanfield/training-step/128x8x512x16/{activation}");
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(20);
        group.bench_function("polyak", |b| {
            b.iter(|| black_box(tape.run(&problem.task, &problem.network)));
        });
        group.bench_function("nalgebra", |b| b.iter(|| black_box(problem.plain())));
        group.finish();
        let (risk, gradient) = problem.plain();
        let found = tape.run(&problem.task, &problem.network);
        assert!(
            (found - risk).abs() <= 1e-9 * risk,
            "both compute the same risk"
        );
        let plain = Particles::try_new(gradient).expect("finite layers");
        let apart = tape.gradient().plus(-1.0, &plain).norm().mid();
        assert!(
            apart <= 1e-9 * plain.norm().mid(),
            "both compute the same gradient"
        );
        ratio::report(
            &name,
            || tape.run(&problem.task, &problem.network),
            "nalgebra",
            || problem.plain(),
        );
    }
}

criterion_group!(benches, training_step);
criterion::criterion_main!(benches);
