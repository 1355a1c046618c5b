//! Features of many points beside the product that they cannot do without.

mod ratio;

use criterion::{Criterion, criterion_group};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use polyak::features::FourierFeatures;
use polyak::kernel::Gaussian;
use std::hint::black_box;

/// `ΩᵀZ` into a matrix that is there already.
fn product(frequencies: &DMatrix<f64>, points: &DMatrix<f64>, phases: &mut DMatrix<f64>) {
    let (dimension, count) = frequencies.shape();
    let samples = points.ncols();
    let omega = MatRef::from_column_major_slice(frequencies.as_slice(), dimension, count);
    let z = MatRef::from_column_major_slice(points.as_slice(), dimension, samples);
    let into = MatMut::from_column_major_slice_mut(phases.as_mut_slice(), count, samples);
    let par = Par::rayon(0);
    matmul(into, Accum::Replace, omega.transpose(), z, 1.0, par);
}

fn evaluation(criterion: &mut Criterion) {
    for (dimension, samples, count) in [(64, 4096, 4096), (8, 2000, 1000)] {
        let kernel = Gaussian::try_new((dimension as f64).sqrt()).expect("a positive bandwidth");
        let features =
            FourierFeatures::draw(&kernel, dimension, count, 1).expect("finite frequencies");
        let points = DMatrix::from_fn(dimension, samples, |i, j| {
            ((1 + 3 * i + 7 * j) as f64).powi(2).sin()
        });
        let name = format!("features/evaluate/q{dimension}-n{samples}-m{count}");
        let mut values = DMatrix::zeros(2 * count, samples);
        let mut phases = DMatrix::zeros(count, samples);
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10);
        group.bench_function("polyak", |b| {
            b.iter(|| features.evaluate_into(black_box(&points), &mut values))
        });
        group.bench_function("product alone", |b| {
            b.iter(|| product(features.frequencies(), black_box(&points), &mut phases))
        });
        group.finish();
        // A filter may have kept both from running.
        features.evaluate_into(&points, &mut values);
        product(features.frequencies(), &points, &mut phases);
        let scale = (count as f64).sqrt();
        let apart = (0..count).map(|j| (values[(j, 0)] * scale - phases[(j, 0)].cos()).abs());
        assert!(
            apart.fold(0.0, f64::max) < 1e-12,
            "cosines of the same phases"
        );
        ratio::report(
            &name,
            || features.evaluate_into(&points, &mut values),
            "the product alone",
            || product(features.frequencies(), &points, &mut phases),
        );
    }
}

criterion_group!(benches, evaluation);
criterion::criterion_main!(benches);
