//! Lanczos' method with blocks: fewer passes over an operator that costs what its memory costs.

use super::eigen::symmetric_eigen;
use super::lanczos::estimated_error;
use crate::arithmetic::UNIT_ROUNDOFF;
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::{DMatrix, DVector};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Seed of the starting block: any will do, and the same gives the same result.
const SEED: u64 = 1;

/// Most rounds of orthogonalisation: each loses half of a vector at least, or is the last.
const ROUNDS: usize = 5;

/// The largest Ritz pairs of a symmetric operator.
pub(super) struct BlockRitz {
    /// The largest Ritz value.
    pub value: f64,
    /// Orthonormal vectors of the largest Ritz values, that of the largest first.
    pub vectors: DMatrix<f64>,
    /// Number of products with the operator.
    pub iterations: usize,
    /// Whether the estimated error of the value is below the tolerance.
    pub converged: bool,
}

/// Approximates the largest eigenvalue of a symmetric operator on blocks (n × `width`), and its vector;
/// with it those of the next, `wanted` in all where there are as many.
///
/// Rayleigh–Ritz on the block Krylov space, with full reorthogonalisation; stops as
/// [`largest_ritz_pair`](super::lanczos::largest_ritz_pair) does, by the residual of the pair, when a
/// block adds nothing, or after `cap` products.
pub(super) fn largest_block_ritz_pairs(
    order: usize,
    width: usize,
    wanted: usize,
    tolerance: f64,
    cap: usize,
    mut apply: impl FnMut(&mut DMatrix<f64>),
) -> Option<BlockRitz> {
    let start = starting_block(order, width);
    let (mut block, _) = orthonormal(&DMatrix::zeros(order, 0), start)?;
    let mut basis = DMatrix::zeros(order, 0);
    let mut projected = DMatrix::zeros(0, 0);
    for iterations in 1.. {
        let (before, width) = (basis.ncols(), block.ncols());
        let after = before + width;
        basis = basis.resize_horizontally(after, 0.0);
        basis.columns_mut(before, width).copy_from(&block);
        let mut image = block;
        apply(&mut image);
        if image.iter().any(|x| !x.is_finite()) {
            return None;
        }
        projected = bordered(projected, &product(&basis, true, &image));
        let (next, coupling) = orthonormal(&basis, image)?;
        let eigen = symmetric_eigen(&projected).ok()?;
        let value = eigen.values[after - 1];
        let coefficients = eigen.vectors.column(after - 1).into_owned();
        // (A − θ)Vy = QRy_last.
        let residual = (&coupling * coefficients.rows(before, width)).norm();
        let error = estimated_error(eigen.values.as_slice(), residual);
        let converged = next.ncols() == 0 || after == order || error <= tolerance * value.abs();
        if converged || iterations >= cap {
            let largest: Vec<_> = (0..after).rev().take(wanted).collect();
            let coefficients = eigen.vectors.select_columns(&largest);
            return Some(BlockRitz {
                value,
                vectors: product(&basis, false, &coefficients),
                iterations,
                converged,
            });
        }
        block = next;
    }
    None
}

/// A block to start from, of independent normal numbers: n × `width`, or n × n.
pub(super) fn starting_block(order: usize, width: usize) -> DMatrix<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    DMatrix::from_fn(order, width.min(order), |_, _| rng.sample(StandardNormal))
}

/// `VᵀAV` for a basis with new last columns, from that of the others and the new `columns`, whose
/// mirror image are its new rows.
pub(super) fn bordered(projected: DMatrix<f64>, columns: &DMatrix<f64>) -> DMatrix<f64> {
    let (after, width) = columns.shape();
    let before = after - width;
    let mut projected = projected.resize(after, after, 0.0);
    projected.columns_mut(before, width).copy_from(columns);
    for j in before..after {
        for i in 0..j {
            let entry = if i < before {
                projected[(i, j)]
            } else {
                0.5 * (projected[(i, j)] + projected[(j, i)])
            };
            projected[(i, j)] = entry;
            projected[(j, i)] = entry;
        }
    }
    projected
}

/// Removes the span of `basis` from a block and orthonormalises the rest: `block = basis·C + QR`.
/// Columns that add nothing are left out of `Q`; `R` has a row for each that is left.
pub(super) fn orthonormal(
    basis: &DMatrix<f64>,
    mut block: DMatrix<f64>,
) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
    let (order, width) = block.shape();
    let sizes: Vec<f64> = block.column_iter().map(|column| column.norm()).collect();
    let overlap = product(basis, true, &block);
    gemm(&mut block, Accum::Add, -1.0, basis, false, &overlap, false);
    let mut columns: Vec<DVector<f64>> = Vec::new();
    let mut coupling = DMatrix::zeros(width, width);
    for (j, size) in sizes.into_iter().enumerate() {
        // What is left of a dependent column is rounding.
        let dependent = order as f64 * UNIT_ROUNDOFF * size;
        let mut vector = block.column(j).into_owned();
        let mut norm = vector.norm();
        // Once more, until little is lost (Daniel, Gragg, Kaufman, Stewart).
        for _ in 0..ROUNDS {
            let overlap = basis.tr_mul(&vector);
            vector.gemv(-1.0, basis, &overlap, 1.0);
            for (i, member) in columns.iter().enumerate() {
                let component = member.dot(&vector);
                coupling[(i, j)] += component;
                vector.axpy(-component, member, 1.0);
            }
            let before = std::mem::replace(&mut norm, vector.norm());
            if !norm.is_finite() {
                return None;
            }
            if 2.0 * norm > before || norm <= dependent {
                break;
            }
        }
        if norm > dependent && basis.ncols() + columns.len() < order {
            coupling[(columns.len(), j)] = norm;
            columns.push(vector / norm);
        }
    }
    let kept = columns.len();
    let block = if kept == 0 {
        DMatrix::zeros(order, 0)
    } else {
        DMatrix::from_columns(&columns)
    };
    Some((block, coupling.rows(0, kept).into_owned()))
}

/// `AB` or `AᵀB`.
pub(super) fn product(a: &DMatrix<f64>, transposed: bool, b: &DMatrix<f64>) -> DMatrix<f64> {
    let rows = if transposed { a.ncols() } else { a.nrows() };
    let mut c = DMatrix::zeros(rows, b.ncols());
    gemm(&mut c, Accum::Replace, 1.0, a, transposed, b, false);
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Tx` for the path graph: 2 on the diagonal, −1 beside.
    fn path(x: &mut DMatrix<f64>) {
        let n = x.nrows();
        let given = x.clone();
        for j in 0..x.ncols() {
            for i in 0..n {
                let before = if i > 0 { given[(i - 1, j)] } else { 0.0 };
                let after = if i + 1 < n { given[(i + 1, j)] } else { 0.0 };
                x[(i, j)] = 2.0 * given[(i, j)] - before - after;
            }
        }
    }

    #[test]
    fn largest_pair_of_the_path_graph() {
        for n in [1usize, 2, 3, 4, 17, 90] {
            for width in [1, 3, 4] {
                let pair = largest_block_ritz_pairs(n, width, 1, 1e-12, 200, path).unwrap();
                let angle = std::f64::consts::PI / (n as f64 + 1.0);
                let exact = 2.0 + 2.0 * angle.cos();
                assert!(pair.converged && pair.iterations <= n, "{n} {width}");
                // The tolerance, and a few hundred roundings of numbers below 4.
                let error = 4.0 * (1e-12 + 500.0 * f64::EPSILON);
                assert!((pair.value - exact).abs() <= error, "{n} {width}");
                assert_eq!(pair.vectors.ncols(), 1);
                let mut image = pair.vectors;
                let vector = image.clone();
                assert!((vector.norm() - 1.0).abs() < 200.0 * f64::EPSILON);
                path(&mut image);
                // A value good to 1e-12 has a vector good to 1e-6.
                assert!((image - vector * pair.value).norm() < 1e-5);
            }
        }
    }

    #[test]
    fn vectors_of_the_next_values_come_after_that_of_the_largest() {
        let n = 40;
        let pairs = largest_block_ritz_pairs(n, 4, 3, 1e-13, 200, path).unwrap();
        let mut images = pairs.vectors.clone();
        path(&mut images);
        let values = pairs.vectors.tr_mul(&images);
        for k in 0..3 {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n as f64 + 1.0);
            // The largest is good to 1e-13; the others follow it closely.
            let error = (values[(k, k)] - 2.0 - 2.0 * angle.cos()).abs();
            assert!(error < [1e-12, 1e-6, 1e-3][k], "{k} {error:e}");
        }
        let all = largest_block_ritz_pairs(3, 4, 8, 1e-13, 200, path).unwrap();
        assert_eq!(all.vectors.shape(), (3, 3));
    }

    #[test]
    fn borders_are_symmetric() {
        let inner = nalgebra::dmatrix![7.0];
        let columns = nalgebra::dmatrix![1.0, 2.0; 3.0, 4.0; 5.0, 6.0];
        let whole = nalgebra::dmatrix![7.0, 1.0, 2.0; 1.0, 3.0, 4.5; 2.0, 4.5, 6.0];
        assert_eq!(bordered(inner, &columns), whole);
        let first = nalgebra::dmatrix![1.0, 2.0; 4.0, 5.0];
        let whole = nalgebra::dmatrix![1.0, 3.0; 3.0, 5.0];
        assert_eq!(bordered(DMatrix::zeros(0, 0), &first), whole);
    }

    #[test]
    fn wider_blocks_need_fewer_products() {
        let iterations = |width| {
            largest_block_ritz_pairs(90, width, 1, 1e-10, 200, path)
                .unwrap()
                .iterations
        };
        assert!(2 * iterations(4) < iterations(1) && iterations(1) < 91);
    }

    #[test]
    fn caps_and_numbers_that_are_none() {
        let pair = largest_block_ritz_pairs(90, 2, 1, 1e-14, 3, path).unwrap();
        assert!(!pair.converged && pair.iterations == 3 && pair.value < 4.0);
        assert!(largest_block_ritz_pairs(4, 2, 1, 1e-3, 9, |x| x.fill(f64::NAN)).is_none());
        // A multiple of the identity: one step spans an invariant space.
        let pair = largest_block_ritz_pairs(50, 4, 1, 1e-3, 9, |x| *x *= 3.0).unwrap();
        assert_eq!((pair.iterations, pair.converged), (1, true));
        assert!((pair.value - 3.0).abs() < 100.0 * f64::EPSILON);
    }

    #[test]
    fn what_is_removed_is_accounted_for() {
        let entry = |i: usize, j: usize| ((i * 7 + j * j * 3 + i * j + 1) as f64).sin();
        let none = DMatrix::zeros(20, 0);
        let (basis, _) = orthonormal(&none, DMatrix::from_fn(20, 3, entry)).unwrap();
        let mut block = DMatrix::from_fn(20, 3, |i, j| entry(j + 1, i));
        // The last column depends on the second and on the basis.
        let dependent = 2.0 * block.column(1) + basis.column(0);
        block.set_column(2, &dependent);
        let (q, r) = orthonormal(&basis, block.clone()).unwrap();
        assert_eq!((q.shape(), r.shape()), ((20, 2), (2, 3)));
        let whole = &basis * basis.tr_mul(&block) + &q * &r;
        assert!((whole - block).amax() < 1e-14);
        assert!((q.tr_mul(&q) - DMatrix::identity(2, 2)).amax() < 1e-15);
        assert!(basis.tr_mul(&q).amax() < 1e-15);
    }

    #[test]
    fn iterations_do_not_depend_on_the_unit() {
        // A power of two changes no digit.
        let scaled = |exponent: i32| {
            largest_block_ritz_pairs(90, 3, 1, 1e-5, 200, |x| {
                path(x);
                *x *= 2.0_f64.powi(exponent);
            })
            .unwrap()
        };
        let one = scaled(0);
        for exponent in [-40, 40] {
            let other = scaled(exponent);
            assert_eq!(
                (one.iterations, &one.vectors),
                (other.iterations, &other.vectors)
            );
        }
    }
}
