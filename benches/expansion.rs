//! A step of the non-parametric network (loss, gradient and the sections appended) beside the same
//! step in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
use nalgebra::DMatrix;
use polyak::kernel::{Gaussian, KernelSpec};
use polyak::resnet::{Expansion, ExpansionNetwork, ExpansionTape, ResidualNetwork};
use std::hint::black_box;

const SIGMA: f64 = 1.5;
const STEP: f64 = 1e-3;

struct Problem {
    network: ExpansionNetwork,
    v: Expansion,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
}

fn wave(rows: usize, columns: usize, start: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| ((start + 3 * i + 7 * j) as f64).sin())
}

impl Problem {
    /// State dimension q with two outputs, as in P10, after `sections/samples` steps or so.
    fn new(samples: usize, state: usize, sections: usize, depth: usize) -> Self {
        let kernel: KernelSpec = Gaussian::try_new(SIGMA)
            .expect("a positive bandwidth")
            .into();
        let network =
            ExpansionNetwork::lifted(state - 2, 2, 1.0, kernel, depth).expect("a network");
        let fields = (0..depth).map(|k| {
            let coefficients = wave(state, sections, k) * 0.01;
            network
                .field(wave(state, sections, 100 + k), coefficients)
                .expect("finite numbers")
        });
        let v = network
            .expansion(fields.collect())
            .expect("a field a layer");
        Self {
            v,
            network,
            inputs: wave(state - 2, samples, 11),
            targets: wave(2, samples, 13),
        }
    }

    fn step(&self, tape: &mut ExpansionTape) -> (f64, Expansion) {
        let network = &self.network;
        let loss = network.forward(tape, &self.v, &self.inputs, &self.targets);
        network.backward(tape, &self.v);
        let next = network.combination(&self.v, &[(-STEP, network.gradient(tape))]);
        (loss, next)
    }

    /// The obvious way: a kernel value for every pair, then products.
    fn plain(&self) -> (f64, Vec<DMatrix<f64>>) {
        let frame = self.network.frame();
        let gaussian = |x: &DMatrix<f64>, y: &DMatrix<f64>| {
            DMatrix::from_fn(x.ncols(), y.ncols(), |i, j| {
                let squared = (x.column(i) - y.column(j)).norm_squared();
                (-0.5 * squared / (SIGMA * SIGMA)).exp()
            })
        };
        let step = 1.0 / frame.depth() as f64;
        let mut state = frame.lift() * &self.inputs;
        let mut passed = Vec::new();
        for field in self.v.layers() {
            let values = gaussian(field.centres(), &state);
            let next = &state + field.coefficients() * &values * step;
            passed.push((state, values));
            state = next;
        }
        let samples = self.inputs.ncols() as f64;
        let errors = frame.readout() * &state - &self.targets;
        let loss = errors.norm_squared() / (2.0 * samples);
        let mut adjoint = frame.readout().transpose() * errors / samples;
        let mut adjoints = Vec::new();
        for (field, (states, values)) in self.v.layers().iter().zip(&passed).rev() {
            adjoints.push(adjoint.clone());
            let weighted = (field.coefficients().transpose() * &adjoint).component_mul(values)
                / (SIGMA * SIGMA);
            let mut moved = field.centres() * &weighted;
            for (i, mut column) in moved.column_iter_mut().enumerate() {
                column -= states.column(i) * weighted.column(i).sum();
            }
            // The norms that a step needs.
            black_box(gaussian(field.centres(), states));
            black_box(gaussian(states, states));
            adjoint += moved * step;
        }
        adjoints.reverse();
        (loss, adjoints)
    }
}

fn expansion_step(criterion: &mut Criterion) {
    let what = "resnet/expansion-step/128x16x1024x8";
    let problem = Problem::new(128, 16, 1024, 8);
    let mut tape = problem.network.tape(128);
    let mut group = criterion.benchmark_group(what);
    group.sample_size(10);
    group.bench_function("polyak", |b| b.iter(|| black_box(problem.step(&mut tape))));
    group.bench_function("nalgebra", |b| b.iter(|| black_box(problem.plain())));
    group.finish();
    let (loss, adjoints) = problem.plain();
    let (own, _) = problem.step(&mut tape);
    assert!(
        (own - loss).abs() <= 1e-9 * loss,
        "both compute the same loss"
    );
    for (gradient, plain) in tape.gradient().layers().iter().zip(&adjoints) {
        let apart = (gradient.coefficients() - plain).norm();
        assert!(
            apart <= 1e-9 * plain.norm(),
            "both compute the same gradient"
        );
    }
    ratio::report(
        what,
        || problem.step(&mut tape),
        "nalgebra",
        || problem.plain(),
    );
}

criterion_group!(benches, expansion_step);
criterion::criterion_main!(benches);
