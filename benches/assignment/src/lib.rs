//! The competitors behind one signature: the mean cost of an optimal assignment between two
//! clouds, the assembly of the costs included as it is in `polyak`.

use nalgebra::DMatrix;
use pathfinding::prelude::{Matrix, kuhn_munkres_min};

fn costs(x: &DMatrix<f64>, y: &DMatrix<f64>) -> lapjv::Matrix<f64> {
    let (n, p) = (x.ncols(), x.nrows());
    lapjv::Matrix::from_shape_fn((n, n), |(i, j)| {
        (0..p).map(|k| (x[(k, i)] - y[(k, j)]).powi(2)).sum()
    })
}

/// By the crate `lapjv`.
pub fn lapjv_cost(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    let costs = costs(x, y);
    let (columns, _) = lapjv::lapjv(&costs).expect("a finite matrix");
    let total: f64 = columns.iter().enumerate().map(|(i, &j)| costs[(i, j)]).sum();
    total / x.ncols() as f64
}

/// By the crate `pathfinding`, which wants integers: costs in units of 2^-40.
pub fn kuhn_munkres_cost(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    let unit = 2f64.powi(-40);
    let n = x.ncols();
    let costs = costs(x, y).iter().map(|cost| (cost / unit).round() as i64).collect();
    let matrix = Matrix::from_vec(n, n, costs).expect("a square matrix");
    kuhn_munkres_min(&matrix).0 as f64 * unit / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use polyak::transport::wasserstein2;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn all_solvers_agree_on_128_pairs_up_to_512() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for round in 0..128 {
            let n = if round == 0 { 512 } else { 2 + 3 * (round % 64) };
            let lattice = round % 4 == 3;
            let mut draw = || {
                DMatrix::from_fn(3, n, |_, _| {
                    let x: f64 = rng.random();
                    if lattice { (4.0 * x).floor() } else { x }
                })
            };
            let (x, y) = (draw(), draw());
            let ours = wasserstein2(&x, &y).expect("finite clouds").cost().mid();
            // A sum of n costs of three squares each.
            let rounding = (n + 8) as f64 * f64::EPSILON * ours;
            assert!((lapjv_cost(&x, &y) - ours).abs() <= rounding, "{n}");
            // Half a unit an entry, up and down.
            let unit = 2f64.powi(-40);
            assert!((kuhn_munkres_cost(&x, &y) - ours).abs() <= unit + rounding, "{n}");
        }
    }
}
