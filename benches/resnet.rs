//! The training step (loss and gradient) beside the same step in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
use nalgebra::DMatrix;
use polyak::features::FourierFeatures;
use polyak::kernel::Gaussian;
use polyak::resnet::{ResNet, Tape, Weights};
use std::hint::black_box;

struct Problem {
    network: ResNet,
    weights: Weights,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
}

fn wave(rows: usize, columns: usize, start: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| ((start + 3 * i + 7 * j) as f64).sin())
}

impl Problem {
    /// State dimension q with two outputs, readout and lift as in P10.
    fn new(samples: usize, state: usize, frequencies: usize, depth: usize) -> Self {
        let kernel = Gaussian::try_new(1.5).expect("a positive bandwidth");
        let features = FourierFeatures::draw(&kernel, state, frequencies, 1).expect("a draw");
        let network = ResNet::lifted(state - 2, 2, 1.0, features, depth).expect("a network");
        let layers = (0..depth)
            .map(|k| wave(state, 2 * frequencies, k) * 0.05)
            .collect();
        Self {
            network,
            weights: Weights::from_layers(layers),
            inputs: wave(state - 2, samples, 11),
            targets: wave(2, samples, 13),
        }
    }

    fn step(&self, tape: &mut Tape) -> f64 {
        let loss = tape.forward(&self.network, &self.weights, &self.inputs, &self.targets);
        tape.backward(&self.network, &self.weights);
        loss
    }

    /// The obvious way: one product and one elementwise map after the other.
    fn plain(&self) -> (f64, Vec<DMatrix<f64>>) {
        let omega = self.network.features().frequencies();
        let (count, depth) = (omega.ncols(), self.network.depth());
        let (scale, step) = (1.0 / (count as f64).sqrt(), 1.0 / depth as f64);
        let mut state = self.network.lift() * &self.inputs;
        let mut waves = Vec::with_capacity(depth);
        for layer in self.weights.layers() {
            let phases = omega.transpose() * &state;
            let cosines = phases.map(|x| scale * x.cos());
            let sines = phases.map(|x| scale * x.sin());
            state +=
                (layer.columns(0, count) * &cosines + layer.columns(count, count) * &sines) * step;
            waves.push((cosines, sines));
        }
        let samples = self.inputs.ncols() as f64;
        let errors = self.network.readout() * &state - &self.targets;
        let loss = errors.norm_squared() / (2.0 * samples);
        let mut adjoint = self.network.readout().transpose() * errors / samples;
        let mut gradient = Vec::with_capacity(depth);
        for (layer, (cosines, sines)) in self.weights.layers().iter().zip(&waves).rev() {
            let mut block = DMatrix::zeros(layer.nrows(), 2 * count);
            block
                .columns_mut(0, count)
                .copy_from(&(&adjoint * cosines.transpose()));
            block
                .columns_mut(count, count)
                .copy_from(&(&adjoint * sines.transpose()));
            gradient.push(block);
            let along_cosines = layer.columns(0, count).transpose() * &adjoint;
            let along_sines = layer.columns(count, count).transpose() * &adjoint;
            let slopes = cosines.component_mul(&along_sines) - sines.component_mul(&along_cosines);
            adjoint += omega * slopes * step;
        }
        gradient.reverse();
        (loss, gradient)
    }
}

fn training_step(criterion: &mut Criterion) {
    let problem = Problem::new(256, 16, 256, 32);
    let mut tape = Tape::new(&problem.network, 256);
    let mut group = criterion.benchmark_group("resnet/training-step/256x16x256x32");
    group.sample_size(20);
    group.bench_function("polyak", |b| b.iter(|| black_box(problem.step(&mut tape))));
    group.bench_function("nalgebra", |b| b.iter(|| black_box(problem.plain())));
    group.finish();
    let (loss, gradient) = problem.plain();
    assert!(
        (problem.step(&mut tape) - loss).abs() <= 1e-9 * loss,
        "both compute the same loss"
    );
    let apart = tape
        .gradient()
        .plus(-1.0, &Weights::from_layers(gradient))
        .norm()
        .mid();
    assert!(
        apart <= 1e-9 * tape.gradient().norm().mid(),
        "both compute the same gradient"
    );
    ratio::report(
        "resnet/training-step/256x16x256x32",
        || problem.step(&mut tape),
        "nalgebra",
        || problem.plain(),
    );
}

criterion_group!(benches, training_step);
criterion::criterion_main!(benches);
