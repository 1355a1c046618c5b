//! Blocks of the Gram matrix of a radial kernel, and sums of its gradients.

use super::panel::{PANEL, Points};
use crate::kernel::{DifferentiableKernel, Kernel};
use crate::linalg::{gemm, view};
use faer::Accum;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Squared distances of all points (rows) to the last ones (columns), each column then mapped.
fn map_distances(points: &Points, out: &mut DMatrix<f64>, map: impl Fn(&mut [f64]) + Sync) {
    let (rows, columns) = out.shape();
    assert_eq!(rows, points.len(), "a row for every point");
    if rows == 0 || columns == 0 {
        return;
    }
    let first = rows - columns;
    (out.as_mut_slice())
        .par_chunks_mut(PANEL * rows)
        .enumerate()
        .for_each(|(panel, entries)| {
            points.squared_distances(first + panel * PANEL, 0, entries);
            map(entries);
        });
}

/// Writes `k(x_i, x_j)` for all columns `x_i` of `points` (q × P) and the last of them, `x_j`.
///
/// # Arguments
/// * `out`: P × N; its columns belong to the last `N` points, its last `N` rows are their Gram matrix.
///
/// # Guarantee
/// Entries as in [`kernel_gram`](super::kernel_gram).
///
/// # Panics
/// If `out` has not a row for every point, or more columns than points.
pub(crate) fn kernel_block(kernel: &dyn Kernel, points: &DMatrix<f64>, out: &mut DMatrix<f64>) {
    map_distances(&Points::new(points), out, |column| {
        kernel.profile_in_place(column);
    });
}

/// Returns `Σ_j w_ji ∇_z k(z_i, c_j)` (q × N), a column a point `z_i`.
///
/// # Arguments
/// * `points`: q × (M + N), the centres `c_j`, then the points `z_i`; `weights`: M × N.
///
/// # Guarantee
/// `∇_z k = −s·(z − c)` in coordinates centred at one of the points, two products of inner
/// dimensions `M` and 1: with `S` the largest centred norm, rounded by at most
/// `γ_{M+8}·4κ1²S·Σ_j|w_ji|` beyond the error of the slopes.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn weighted_gradients(
    kernel: &dyn DifferentiableKernel,
    points: &DMatrix<f64>,
    weights: &DMatrix<f64>,
) -> DMatrix<f64> {
    let (centres, columns) = weights.shape();
    assert_eq!(points.ncols(), centres + columns, "centres, then points");
    let points = Points::new(points);
    let mut slopes = DMatrix::zeros(centres + columns, columns);
    map_distances(&points, &mut slopes, |column| {
        kernel.slopes_in_place(column);
    });
    let weighted = slopes.rows(0, centres).component_mul(weights);
    let centred = points.centred();
    let mut gradients = DMatrix::zeros(centred.nrows(), columns);
    gemm(
        &mut gradients,
        Accum::Replace,
        1.0,
        &centred.columns(0, centres).into_owned(),
        false,
        &weighted,
        false,
    );
    for (i, mut gradient) in gradients.column_iter_mut().enumerate() {
        gradient.axpy(-weighted.column(i).sum(), &centred.column(centres + i), 1.0);
    }
    gradients
}

/// Returns `A K_top` for the first `a.ncols()` rows of a block `K`.
pub(crate) fn times_top(a: &DMatrix<f64>, block: &DMatrix<f64>) -> DMatrix<f64> {
    let mut product = DMatrix::zeros(a.nrows(), block.ncols());
    if a.ncols() > 0 {
        let (rows, stride) = (product.nrows(), a.ncols());
        let top = view(block, false).subrows(0, stride);
        crate::linalg::gemm_top(&mut product, rows, Accum::Replace, 1.0, view(a, false), top);
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gram::kernel_gram;
    use crate::kernel::KernelSpec;

    fn points(dimension: usize, count: usize) -> DMatrix<f64> {
        DMatrix::from_fn(dimension, count, |i, j| {
            ((i * 31 + j * 17 + i * j * 5) as f64).sin()
        })
    }

    #[test]
    fn blocks_are_the_last_columns_of_the_gram_matrix() {
        for (count, columns) in [(1, 1), (5, 2), (140, 70), (9, 9), (4, 0)] {
            let kernel: KernelSpec = "matern52:0.9".parse().unwrap();
            let z = points(3, count);
            let mut block = DMatrix::zeros(count, columns);
            kernel_block(&kernel, &z, &mut block);
            let gram = kernel_gram(&kernel, &z);
            let expected = gram.columns(count - columns, columns).into_owned();
            // Squared distances within 1e-13 of exact by either order of the product.
            assert!((block - expected).amax() <= 2e-13);
        }
    }

    #[test]
    fn gradients_are_differences_of_values() {
        for name in ["gaussian:0.8", "matern52:1.1", "imq(1/2):0.7"] {
            let kernel: KernelSpec = name.parse().unwrap();
            let z = points(3, 9);
            let weights = points(6, 3);
            let gradients = weighted_gradients(&kernel, &z, &weights);
            assert_eq!(gradients.shape(), (3, 3));
            let field = |i: usize, at: &[f64]| -> f64 {
                let terms =
                    (0..6).map(|j| weights[(j, i)] * kernel.value(at, z.column(j).as_slice()));
                terms.sum()
            };
            let h = 1e-5;
            for i in 0..3 {
                for b in 0..3 {
                    let mut ends = [z.column(6 + i).into_owned(), z.column(6 + i).into_owned()];
                    ends[0][b] += h;
                    ends[1][b] -= h;
                    let [forward, backward] = ends.map(|end| field(i, end.as_slice()));
                    let difference = (forward - backward) / (2.0 * h);
                    // h²/6 times third derivatives of six terms, each below 60, and 100u/h.
                    assert!((gradients[(b, i)] - difference).abs() <= 1e-8, "{name}");
                }
            }
        }
    }

    #[test]
    fn products_take_the_top_rows() {
        let (a, block) = (points(2, 3), points(5, 4));
        let product = times_top(&a, &block);
        let expected = &a * block.rows(0, 3);
        assert!((product - expected).amax() <= 1e-15);
        let none = times_top(&DMatrix::zeros(2, 0), &block);
        assert_eq!(none, DMatrix::zeros(2, 4));
    }
}
