//! That optima are optimal: by brute force, by other solvers, and in one dimension.

use super::clouds::{KINDS, Kind, cloud, generator, uniform};
use crate::transport::{
    Atoms, Ground, RELATIVE_GAP, Transport, line_cost, transport, wasserstein1, wasserstein2,
};
use dashu_float::FBig;
use nalgebra::DMatrix;
use rand::RngExt;

const GROUNDS: [Ground; 2] = [Ground::SquaredDistance, Ground::Distance];

/// The cost matrix, slowly.
fn costs(x: &DMatrix<f64>, y: &DMatrix<f64>, ground: Ground) -> DMatrix<f64> {
    DMatrix::from_fn(x.ncols(), y.ncols(), |i, j| {
        let squared: f64 = (0..x.nrows())
            .map(|k| (x[(k, i)] - y[(k, j)]).powi(2))
            .sum();
        match ground {
            Ground::SquaredDistance => squared,
            Ground::Distance => squared.sqrt(),
        }
    })
}

/// The least sum over all permutations, by trying them.
fn brute_force(costs: &DMatrix<f64>) -> f64 {
    fn go(costs: &DMatrix<f64>, row: usize, taken: &mut [bool], sum: f64, best: &mut f64) {
        if sum >= *best {
            return;
        }
        if row == costs.nrows() {
            *best = sum;
            return;
        }
        for column in 0..costs.ncols() {
            if !taken[column] {
                taken[column] = true;
                go(costs, row + 1, taken, sum + costs[(row, column)], best);
                taken[column] = false;
            }
        }
    }
    let mut best = f64::INFINITY;
    go(costs, 0, &mut vec![false; costs.ncols()], 0.0, &mut best);
    best
}

/// A sum of n non-negative numbers, each of p squares: within γ_{n+p+3} of exact.
fn close(found: &Transport, expected: f64, roundings: usize) {
    let slack = crate::arithmetic::gamma(roundings) * expected;
    let cost = found.cost();
    assert!(
        cost.lower() <= expected + slack && expected - slack <= cost.upper(),
        "{cost:?} is not {expected:e}"
    );
    assert!(
        found.relative_gap() <= RELATIVE_GAP,
        "{}",
        found.relative_gap()
    );
}

/// Row and column sums of the plan are the masses, and its value is the optimum.
fn plan_is_a_plan(found: &Transport, costs: &DMatrix<f64>) {
    let (n, m) = costs.shape();
    let (mut rows, mut columns, mut total) = (vec![0; n], vec![0; m], 0.0);
    for shipped in found.plan() {
        assert!(shipped.mass > 0);
        rows[shipped.source] += shipped.mass;
        columns[shipped.target] += shipped.mass;
        total += shipped.mass as f64 * costs[(shipped.source, shipped.target)];
    }
    assert!(rows.iter().all(|&mass| mass * n as u64 == found.unit()));
    assert!(columns.iter().all(|&mass| mass * m as u64 == found.unit()));
    close(found, total / found.unit() as f64, 3 * (n + m) + 100);
}

#[test]
fn brute_force_agrees_on_2304_pairs() {
    let mut rng = generator(1);
    let mut pairs = 0;
    for kind in KINDS {
        for other in [kind, Kind::Uniform, Kind::Lattice] {
            for round in 0..96 {
                let (n, p) = (1 + round % 8, 1 + rng.random_range(0..4));
                let (x, y) = (cloud(kind, p, n, &mut rng), cloud(other, p, n, &mut rng));
                let ground = GROUNDS[round / 8 % 2];
                let costs = costs(&x, &y, ground);
                let found = match ground {
                    Ground::SquaredDistance => wasserstein2(&x, &y),
                    Ground::Distance => wasserstein1(&x, &y),
                }
                .unwrap();
                close(&found, brute_force(&costs) / n as f64, n + p + 8);
                plan_is_a_plan(&found, &costs);
                assert_eq!(found.permutation().map(|columns| columns.len()), Some(n));
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 2304);
}

/// The Hungarian method in its textbook form, one row after another in `n³`: no auction, no vectors.
fn hungarian(costs: &DMatrix<f64>) -> f64 {
    let n = costs.nrows();
    // Rows and columns from 1; column 0 holds the row that is being placed.
    let (mut u, mut v) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let (mut holder, mut way) = (vec![0; n + 1], vec![0; n + 1]);
    for row in 1..=n {
        holder[0] = row;
        let mut column = 0;
        let (mut slack, mut used) = (vec![f64::INFINITY; n + 1], vec![false; n + 1]);
        while holder[column] != 0 {
            used[column] = true;
            let (from, mut delta, mut next) = (holder[column], f64::INFINITY, 0);
            for j in (1..=n).filter(|&j| !used[j]) {
                let reduced = costs[(from - 1, j - 1)] - u[from] - v[j];
                if reduced < slack[j] {
                    (slack[j], way[j]) = (reduced, column);
                }
                if slack[j] < delta {
                    (delta, next) = (slack[j], j);
                }
            }
            for j in 0..=n {
                if used[j] {
                    u[holder[j]] += delta;
                    v[j] -= delta;
                } else {
                    slack[j] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            holder[column] = holder[way[column]];
            column = way[column];
        }
    }
    (1..=n).map(|j| costs[(holder[j] - 1, j - 1)]).sum()
}

#[test]
fn a_second_solver_agrees_on_104_pairs_up_to_512() {
    let mut rng = generator(2);
    let mut pairs = 0;
    for kind in KINDS {
        for n in [9, 17, 33, 47, 64, 65, 100, 130, 128, 200, 256, 300, 512] {
            let (x, y) = (cloud(kind, 3, n, &mut rng), cloud(kind, 3, n, &mut rng));
            let costs = costs(&x, &y, Ground::SquaredDistance);
            let found = wasserstein2(&x, &y).unwrap();
            close(&found, hungarian(&costs) / n as f64, 64 * n);
            plan_is_a_plan(&found, &costs);
            pairs += 1;
        }
    }
    assert_eq!(pairs, 104);
}

#[test]
fn clouds_of_different_size_agree_with_their_replicas() {
    let mut rng = generator(3);
    for kind in KINDS {
        for (n, m) in [
            (1, 5),
            (2, 3),
            (4, 6),
            (5, 4),
            (6, 12),
            (9, 7),
            (12, 18),
            (16, 15),
        ] {
            let (x, y) = (cloud(kind, 2, n, &mut rng), cloud(kind, 2, m, &mut rng));
            let found = wasserstein2(&x, &y).unwrap();
            let unit = found.unit() as usize;
            let copies = |points: &DMatrix<f64>| {
                let of_each = unit / points.ncols();
                DMatrix::from_fn(2, unit, |i, j| points[(i, j / of_each)])
            };
            let replicas = wasserstein2(&copies(&x), &copies(&y)).unwrap();
            assert_eq!(replicas.unit(), found.unit());
            close(&found, replicas.cost().mid(), 4 * unit + 20);
            plan_is_a_plan(&found, &costs(&x, &y, Ground::SquaredDistance));
            // Without ties the columns and rows that are tight make a forest.
            assert!(found.plan().len() < n + m || !matches!(kind, Kind::Uniform));
            assert_eq!(found.permutation(), None);
        }
    }
}

#[test]
fn sorting_agrees_on_a_line() {
    let mut rng = generator(4);
    for kind in KINDS {
        for (n, m) in [(1, 1), (7, 7), (40, 40), (12, 8), (5, 11), (128, 128)] {
            let (x, y) = (cloud(kind, 1, n, &mut rng), cloud(kind, 1, m, &mut rng));
            for ground in GROUNDS {
                let sorted = line_cost(x.as_slice(), y.as_slice(), ground).unwrap();
                let found = match ground {
                    Ground::SquaredDistance => wasserstein2(&x, &y),
                    Ground::Distance => wasserstein1(&x, &y),
                }
                .unwrap();
                let cost = found.cost();
                assert!(
                    cost.lower() <= sorted.upper() && sorted.lower() <= cost.upper(),
                    "{kind:?} {n} {m} {ground:?}: {cost:?} {sorted:?}"
                );
                assert!(found.relative_gap() <= RELATIVE_GAP);
            }
        }
    }
}

fn exact(x: f64) -> FBig {
    let exact = FBig::try_from(x).expect("a finite number");
    exact.with_precision(600).value()
}

/// The exact squared distance of two atoms.
fn exact_cost(x: &DMatrix<f64>, y: &DMatrix<f64>, i: usize, j: usize) -> FBig {
    let square = |k: usize| {
        let d = exact(x[(k, i)]) - exact(y[(k, j)]);
        &d * &d
    };
    let squares = (0..x.nrows()).map(square);
    squares.fold(exact(0.0), |sum, d| sum + d)
}

#[test]
fn potentials_of_both_sides_are_feasible_and_close() {
    for kind in KINDS {
        let mut rng = generator(11);
        let (x, y) = (cloud(kind, 3, 9, &mut rng), cloud(kind, 3, 12, &mut rng));
        let found = wasserstein2(&x, &y).unwrap();
        let (u, v) = (found.source_potentials(), found.potentials());
        assert_eq!((u.len(), v.len()), (9, 12));
        for (i, &u) in u.iter().enumerate() {
            for (j, &v) in v.iter().enumerate() {
                let sum = exact(u) + exact(v);
                assert!(sum <= exact_cost(&x, &y, i, j), "{kind:?} {i} {j}");
            }
        }
        let mean = |p: &[f64]| p.iter().sum::<f64>() / p.len() as f64;
        let largest = u.iter().chain(v).fold(0.0, |m: f64, p| m.max(p.abs()));
        let gap = found.cost().upper() - mean(u) - mean(v);
        // A potential of the source is as good as the f64 costs, and so is the sum.
        assert!(
            gap <= 64.0 * f64::EPSILON * (largest + found.cost().upper()),
            "{kind:?} {gap:e}"
        );
    }
}

/// The least sum of exact squared distances.
fn exact_optimum(x: &DMatrix<f64>, y: &DMatrix<f64>) -> FBig {
    let n = x.ncols();
    let cost = |i: usize, j: usize| exact_cost(x, y, i, j);
    let costs: Vec<Vec<FBig>> = (0..n)
        .map(|i| (0..n).map(|j| cost(i, j)).collect())
        .collect();
    let mut order: Vec<usize> = (0..n).collect();
    let mut best: Option<FBig> = None;
    // Heap's algorithm.
    let mut counters = vec![0; n];
    let mut at = 0;
    loop {
        let sum = (0..n).fold(exact(0.0), |sum, i| sum + &costs[i][order[i]]);
        best = Some(best.map_or(sum.clone(), |best| best.min(sum)));
        while at < n && counters[at] >= at {
            counters[at] = 0;
            at += 1;
        }
        if at >= n {
            return best.expect("at least one permutation");
        }
        order.swap(if at % 2 == 0 { 0 } else { counters[at] }, at);
        counters[at] += 1;
        at = 0;
    }
}

#[test]
fn enclosures_contain_the_exact_optimum() {
    let mut rng = generator(5);
    for kind in KINDS {
        for other in [kind, Kind::Uniform, Kind::FarAway] {
            for n in [1, 2, 3, 4, 5] {
                let (x, y) = (cloud(kind, 3, n, &mut rng), cloud(other, 3, n, &mut rng));
                let found = wasserstein2(&x, &y).unwrap();
                let optimum = exact_optimum(&x, &y);
                let total = |bound: f64| exact(bound) * exact(n as f64);
                let cost = found.cost();
                assert!(total(cost.lower()) <= optimum && optimum <= total(cost.upper()));
                assert!(found.relative_gap() <= RELATIVE_GAP);
            }
        }
    }
}

#[test]
fn masses_agree_with_copies() {
    let mut rng = generator(6);
    for _ in 0..40 {
        let (x, y) = (uniform(2, 5, &mut rng), uniform(2, 4, &mut rng));
        let masses = |n: usize, rng: &mut rand_chacha::ChaCha8Rng| -> Vec<u64> {
            (0..n).map(|_| rng.random_range(1..4)).collect()
        };
        let (a, b) = (masses(5, &mut rng), masses(4, &mut rng));
        let (x, y) = (Atoms::new(x, a).unwrap(), Atoms::new(y, b).unwrap());
        assert_eq!(x.copies().ncols() as u64, x.total());
        let expected = wasserstein2(&x.copies(), &y.copies()).unwrap();
        let found = transport(&x, &y, Ground::SquaredDistance, None).unwrap();
        close(&found, expected.cost().mid(), 500);
        assert_eq!(found.unit(), expected.unit());
    }
}
