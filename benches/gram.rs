//! Gram assembly beside the double loop in plain nalgebra.

mod ratio;

use criterion::{Criterion, criterion_group};
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

fn assembly(criterion: &mut Criterion) {
    for dimension in [8, 64] {
        let sigma = (dimension as f64).sqrt() / 2.0;
        let kernel = Gaussian::try_new(sigma).expect("a positive bandwidth");
        let points = points(dimension, 2000);
        let name = format!("gram/assembly/gaussian-d{dimension}");
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10);
        group.bench_function("polyak/2000", |b| {
            b.iter(|| black_box(kernel_gram(&kernel, &points)))
        });
        group.bench_function("nalgebra/2000", |b| {
            b.iter(|| black_box(double_loop(&points, sigma)))
        });
        group.finish();
        let apart = (kernel_gram(&kernel, &points) - double_loop(&points, sigma)).amax();
        assert!(apart < 1e-12, "both compute the same matrix");
        ratio::report(
            &format!("{name}/2000"),
            || kernel_gram(&kernel, &points),
            "nalgebra",
            || double_loop(&points, sigma),
        );
    }
}

criterion_group!(benches, assembly);
criterion::criterion_main!(benches);
