//! Gram assembly beside the double loop in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use polyak::gram::kernel_gram;
use polyak::kernel::Gaussian;
use std::hint::black_box;

fn points(dimension: usize, samples: usize) -> DMatrix<f64> {
    DMatrix::from_fn(dimension, samples, |i, j| {
        ((1 + 3 * i + 7 * j) as f64).powi(2).sin()
    })
}

fn double_loop(points: &DMatrix<f64>, sigma: f64) -> DMatrix<f64> {
    let samples = points.ncols();
    let mut gram = DMatrix::zeros(samples, samples);
    for j in 0..samples {
        for i in j..samples {
            let squared = (points.column(i) - points.column(j)).norm_squared();
            let value = (-squared / (2.0 * sigma * sigma)).exp();
            gram[(i, j)] = value;
            gram[(j, i)] = value;
        }
    }
    gram
}

/// What cannot be avoided: every page of a fresh matrix is touched, and the product computed.
fn touch_and_multiply(points: &DMatrix<f64>) -> DMatrix<f64> {
    let (dimension, samples) = points.shape();
    let mut gram = DMatrix::from_element(samples, samples, 1.0);
    let factor = MatRef::from_column_major_slice(points.as_slice(), dimension, samples);
    let product = MatMut::from_column_major_slice_mut(gram.as_mut_slice(), samples, samples);
    let par = Par::rayon(0);
    matmul(
        product,
        Accum::Replace,
        factor.transpose(),
        factor,
        1.0,
        par,
    );
    gram
}

fn assembly(criterion: &mut Criterion) {
    for (dimension, samples) in [(8, 2000), (64, 2000), (64, 4000)] {
        let sigma = (dimension as f64).sqrt() / 2.0;
        let kernel = Gaussian::try_new(sigma).expect("a positive bandwidth");
        let points = points(dimension, samples);
        let name = format!("gram/assembly/gaussian-d{dimension}-n{samples}");
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10);
        group.bench_function("polyak", |b| {
            b.iter(|| black_box(kernel_gram(&kernel, &points)))
        });
        group.bench_function("nalgebra", |b| {
            b.iter(|| black_box(double_loop(&points, sigma)))
        });
        group.finish();
        let apart = (kernel_gram(&kernel, &points) - double_loop(&points, sigma)).amax();
        assert!(apart < 1e-12, "both compute the same matrix");
        ratio::report(
            &name,
            || kernel_gram(&kernel, &points),
            "nalgebra",
            || double_loop(&points, sigma),
        );
        ratio::report(
            &name,
            || kernel_gram(&kernel, &points),
            "pages and product alone",
            || touch_and_multiply(&points),
        );
    }
}

criterion_group!(benches, assembly);
criterion::criterion_main!(benches);
