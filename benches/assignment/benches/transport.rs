//! Exact transport beside the assignment solvers available as crates.

#[path = "../../ratio/mod.rs"]
mod ratio;

use criterion::{BenchmarkId, Criterion, criterion_group};
use nalgebra::DMatrix;
use polyak_assignment_bench::{kuhn_munkres_cost, lapjv_cost};
use polyak::transport::{Atoms, Ground, conditional_distance, transport, wasserstein2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::hint::black_box;

fn uniform(dimension: usize, atoms: usize, seed: u64) -> DMatrix<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    DMatrix::from_fn(dimension, atoms, |_, _| rng.random())
}

/// Two independent clouds, or one that moved by about a tenth of the distance of neighbours.
fn pair(atoms: usize, moved: bool, seed: u64) -> (DMatrix<f64>, DMatrix<f64>) {
    let cloud = uniform(3, atoms, 2 * seed);
    let other = uniform(3, atoms, 2 * seed + 1);
    let step = 0.1 * (atoms as f64).powf(-1.0 / 3.0);
    let other = if moved { &cloud + other * step } else { other };
    (cloud, other)
}

fn assignment(criterion: &mut Criterion) {
    for moved in [false, true] {
        for atoms in [512, 1024, 2048] {
            let how = if moved { "moved" } else { "independent" };
            let name = format!("transport/w2/{how}-d3-n{atoms}");
            let (x, y) = pair(atoms, moved, 1);
            let mut group = criterion.benchmark_group(&name);
            group.sample_size(10);
            let solve = || wasserstein2(&x, &y).expect("finite clouds").cost().mid();
            group.bench_function("polyak", |b| b.iter(|| black_box(solve())));
            group.finish();
            // One run of the competitor at 2048 independent atoms takes many seconds.
            if atoms <= 1024 || moved {
                assert!((lapjv_cost(&x, &y) / solve() - 1.0).abs() < 1e-9);
                ratio::report(&name, solve, "lapjv", || lapjv_cost(&x, &y));
            }
            if atoms <= 512 {
                assert!((kuhn_munkres_cost(&x, &y) / solve() - 1.0).abs() < 1e-6);
                ratio::report(&name, solve, "pathfinding", || kuhn_munkres_cost(&x, &y));
            }
        }
    }
}

/// Sizes without a common divisor, beside equal ones.
fn coprime(criterion: &mut Criterion) {
    for atoms in [1200, 2000] {
        let (x, y) = pair(atoms, false, 3);
        let more = uniform(3, atoms + 1, 7);
        let name = format!("transport/coprime/d3-n{atoms}");
        let unequal = || wasserstein2(&x, &more).expect("finite clouds").cost().mid();
        let equal = || wasserstein2(&x, &y).expect("finite clouds").cost().mid();
        criterion.bench_function(&format!("{name}/polyak"), |b| {
            b.iter(|| black_box(unequal()))
        });
        ratio::report(&name, unequal, "equal sizes", equal);
    }
}

/// A cloud and its target, the cloud moved by one step of a flow; the plan before is known.
fn warm(criterion: &mut Criterion) {
    for atoms in [512, 1024, 2048] {
        let (x, y) = pair(atoms, false, 2);
        let step = 1e-3 * (atoms as f64).powf(-1.0 / 3.0);
        let moved = &x + uniform(3, atoms, 99) * step;
        let atoms_of = |points: &DMatrix<f64>| Atoms::uniform(points.clone()).expect("finite");
        let (before, after, target) = (atoms_of(&x), atoms_of(&moved), atoms_of(&y));
        let ground = Ground::SquaredDistance;
        let known = transport(&before, &target, ground, None).expect("finite clouds");
        let name = format!("transport/warm/d3-n{atoms}");
        let restart = || transport(&after, &target, ground, Some(&known)).expect("finite clouds");
        let cold = || transport(&after, &target, ground, None).expect("finite clouds");
        criterion.bench_with_input(BenchmarkId::new(&name, "polyak"), &(), |b, ()| {
            b.iter(|| black_box(restart()))
        });
        ratio::report(&name, restart, "from scratch", cold);
    }
}

fn batch(criterion: &mut Criterion) {
    for moved in [false, true] {
        let how = if moved { "moved" } else { "independent" };
        let name = format!("transport/batch/{how}-d3-n64x64");
        let pairs: Vec<_> = (0..64).map(|seed| pair(64, moved, 10 + seed)).collect();
        let ours = || -> Vec<f64> {
            let found = pairs
                .par_iter()
                .map(|(x, y)| wasserstein2(x, y).expect("finite"));
            found.map(|found| found.cost().mid()).collect()
        };
        let theirs = || {
            pairs
                .iter()
                .map(|(x, y)| lapjv_cost(x, y))
                .collect::<Vec<f64>>()
        };
        let apart = ours()
            .into_iter()
            .zip(theirs())
            .map(|(a, b)| (a / b - 1.0).abs());
        assert!(apart.fold(0.0, f64::max) < 1e-9, "both find the optimum");
        criterion.bench_function(&format!("{name}/polyak"), |b| b.iter(|| black_box(ours())));
        ratio::report(&name, ours, "lapjv", theirs);
    }
}

/// Two independent networks of 32 layers of 256 particles in dimension 17, on one core and on all.
fn networks(criterion: &mut Criterion) {
    let network = |seed: u64| -> Vec<DMatrix<f64>> {
        (0..32).map(|k| uniform(17, 256, 1000 * seed + k)).collect()
    };
    let (mu, nu) = (network(1), network(2));
    let distance = || conditional_distance(&mu, &nu).expect("finite networks");
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let alone = alone.expect("one thread");
    let name = "transport/conditional/d32-m256-p17";
    criterion.bench_function(&format!("{name}/polyak"), |b| {
        b.iter(|| black_box(distance()))
    });
    ratio::report(name, distance, "one thread", || alone.install(distance));
    ratio::report(name, distance, "lapjv", || -> f64 {
        mu.iter().zip(&nu).map(|(x, y)| lapjv_cost(x, y)).sum()
    });
}

criterion_group!(benches, assignment, coprime, warm, batch, networks);
criterion::criterion_main!(benches);
