//! The training step (loss and gradient) beside its natural lower limit, the products and one pass of sines
//! and cosines; and beside the same step in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use polyak::features::FourierFeatures;
use polyak::kernel::Gaussian;
use polyak::resnet::{ResNet, Tape, Weights};
use rayon::prelude::*;
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
    fn new([samples, state, frequencies, depth]: [usize; 4]) -> Self {
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

/// What no step can do without: its products, and one pass of sines and cosines.
///
/// The products of the step on buffers of its sizes, split over samples (over layers for the gradient)
/// between all cores, features of every layer for the latter, and nothing else; sines and cosines of as many phases by the features of one
/// frequency coordinate, whose product is a multiplication a phase.
struct Limit {
    sizes: [usize; 4],
    state: Vec<f64>,
    features: Vec<f64>,
    frequencies: Vec<f64>,
    weights: Vec<f64>,
    gradient: Vec<Vec<f64>>,
    line: FourierFeatures,
    points: DMatrix<f64>,
    waves: Vec<DMatrix<f64>>,
}

impl Limit {
    fn new(sizes: [usize; 4]) -> Self {
        let [samples, state, frequencies, depth] = sizes;
        let fill = |n: usize| -> Vec<f64> { (0..n).map(|i| (i as f64).sin()).collect() };
        let kernel = Gaussian::try_new(1.0).expect("a positive bandwidth");
        Self {
            sizes,
            state: fill(state * samples),
            features: fill(2 * frequencies * samples),
            frequencies: fill(state * frequencies),
            weights: fill(state * 2 * frequencies),
            gradient: vec![vec![0.0; state * 2 * frequencies]; depth],
            line: FourierFeatures::draw(&kernel, 1, frequencies, 1).expect("a draw"),
            points: wave(1, samples, 3),
            waves: vec![DMatrix::zeros(2 * frequencies, samples); depth],
        }
    }

    fn products(&mut self) -> f64 {
        let [samples, q, m, depth] = self.sizes;
        let columns = samples.div_ceil(2 * samples.div_ceil(128)).max(1);
        let omega = MatRef::from_column_major_slice(&self.frequencies, q, m);
        let weights = MatRef::from_column_major_slice(&self.weights, q, 2 * m);
        let states = self.state.par_chunks_mut(q * columns);
        states
            .zip(self.features.par_chunks_mut(2 * m * columns))
            .for_each(|(state, features)| {
                let n = state.len() / q;
                for _ in 0..depth {
                    // Phases, residual; pulled back, slopes.
                    let phases =
                        MatMut::from_column_major_slice_with_stride_mut(features, m, n, 2 * m);
                    let now = MatRef::from_column_major_slice(state, q, n);
                    matmul(
                        phases,
                        Accum::Replace,
                        omega.transpose(),
                        now,
                        1.0,
                        Par::Seq,
                    );
                    let phi = MatRef::from_column_major_slice(features, 2 * m, n);
                    let next = MatMut::from_column_major_slice_mut(state, q, n);
                    matmul(next, Accum::Replace, weights, phi, 1e-3, Par::Seq);
                    let pulled = MatMut::from_column_major_slice_mut(features, 2 * m, n);
                    let now = MatRef::from_column_major_slice(state, q, n);
                    matmul(
                        pulled,
                        Accum::Replace,
                        weights.transpose(),
                        now,
                        1.0,
                        Par::Seq,
                    );
                    let slopes = MatRef::from_column_major_slice_with_stride(features, m, n, 2 * m);
                    let next = MatMut::from_column_major_slice_mut(state, q, n);
                    matmul(next, Accum::Replace, omega, slopes, 1e-3, Par::Seq);
                }
            });
        let state = MatRef::from_column_major_slice(&self.state, q, samples);
        let layers = self.gradient.par_iter_mut().zip(&self.waves);
        layers.for_each(|(layer, wave)| {
            let layer = MatMut::from_column_major_slice_mut(layer, q, 2 * m);
            let wave = MatRef::from_column_major_slice(wave.as_slice(), 2 * m, samples);
            matmul(
                layer,
                Accum::Replace,
                state,
                wave.transpose(),
                1.0,
                Par::Seq,
            );
        });
        self.gradient[0][0]
    }

    fn waves(&mut self) -> f64 {
        let (line, points) = (&self.line, &self.points);
        self.waves
            .par_iter_mut()
            .for_each(|wave| line.evaluate_into(points, wave));
        self.waves[0][0]
    }
}

fn training_step(criterion: &mut Criterion) {
    let sizes = [256, 16, 256, 32];
    let what = "resnet/training-step/256x16x256x32";
    let problem = Problem::new(sizes);
    let mut tape = Tape::new(&problem.network, sizes[0]);
    let mut limit = Limit::new(sizes);
    let mut group = criterion.benchmark_group(what);
    group.sample_size(20);
    group.bench_function("polyak", |b| b.iter(|| black_box(problem.step(&mut tape))));
    group.bench_function("products", |b| b.iter(|| black_box(limit.products())));
    group.bench_function("waves", |b| b.iter(|| black_box(limit.waves())));
    group.bench_function("nalgebra", |b| b.iter(|| black_box(problem.plain())));
    group.finish();
    agree(&problem, &mut tape);
    ratio::report(
        what,
        || problem.step(&mut tape),
        "nalgebra",
        || problem.plain(),
    );
    ratio::report(
        what,
        || problem.step(&mut tape),
        "its natural limit",
        || (limit.products(), limit.waves()),
    );
}

/// Seconds a step: a few rounds beside its limit, and nothing more.
fn large_training_step(_: &mut Criterion) {
    let sizes = [1797, 74, 2048, 20];
    let problem = Problem::new(sizes);
    let mut tape = Tape::new(&problem.network, sizes[0]);
    let mut limit = Limit::new(sizes);
    ratio::report_rounds(
        3,
        "resnet/training-step/1797x74x2048x20",
        || problem.step(&mut tape),
        "its natural limit",
        || (limit.products(), limit.waves()),
    );
}

/// Both compute the same.
fn agree(problem: &Problem, tape: &mut Tape) {
    let (loss, gradient) = problem.plain();
    assert!(
        (problem.step(tape) - loss).abs() <= 1e-9 * loss,
        "the same loss"
    );
    let gradient = Weights::from_layers(gradient);
    let apart = tape.gradient().plus(-1.0, &gradient).norm().mid();
    let size = tape.gradient().norm().mid();
    assert!(apart <= 1e-9 * size, "the same gradient");
}

criterion_group!(benches, training_step, large_training_step);
criterion::criterion_main!(benches);
