//! Upper bounds of 2-norms, sharper than Frobenius'.

use crate::arithmetic::{enlarged, gamma};
use crate::linalg::{multiply, view};
use faer::{Accum, MatMut};
use nalgebra::DMatrix;

/// Rounds of the search of weights for [`of_symmetric`].
const ROUNDS: usize = 64;

/// Returns the sum of the squares of the entries, from above.
pub(super) fn squares(a: &DMatrix<f64>) -> f64 {
    let sum: f64 = a.iter().map(|x| x * x).sum();
    // A square that underflows loses 2^{−1075}.
    enlarged(sum, a.len() + 2) + a.len() as f64 * f64::MIN_POSITIVE
}

/// Bounds `‖T‖₂` of a tile from above.
///
/// # Guarantee
/// `‖T‖₂² = ‖TᵀT‖₂` and `‖G‖₂² = ‖GᵀG‖₂ ≤ ‖GᵀG‖_F`; the products computed for `TᵀT` and `GᵀG` are off by `γ_n|T|ᵀ|T|`, whose norm is
/// at most `γ_n‖T‖_F²`. Of `T` with entries of one size and random signs, `b × b`, this is about `b^{3/8}/2` times below `‖T‖_F`.
///
/// # Cost
/// Two products of order `b`.
pub(super) fn of_tile(tile: &DMatrix<f64>) -> f64 {
    if !tile.iter().all(|x| x.is_finite()) {
        return f64::INFINITY;
    }
    let largest = tile.amax();
    if largest == 0.0 {
        return 0.0;
    }
    // By a power of two, so that squares of squares keep their range; what underflows beside numbers about one is far
    // below one rounding, which is allowed beyond those that there are.
    let exponent = largest.log2().floor();
    let Some(scale) = scale_of(exponent) else {
        return squares(tile).sqrt().next_up();
    };
    let scaled = tile * (1.0 / scale);
    let whole = squares(&scaled);
    let first = own_product(&scaled);
    let first_squares = squares(&first);
    let second = own_product(&first);
    let (rows, columns) = tile.shape();
    let of_second = squares(&second).sqrt().next_up();
    let of_first = (of_second + gamma(columns + 2) * first_squares).next_up();
    let square = (of_first.sqrt().next_up() + gamma(rows + 2) * whole).next_up();
    let sharper = square.sqrt().next_up();
    let plain = whole.sqrt().next_up();
    (sharper.min(plain) * scale).next_up()
}

/// `2^exponent` where that and its reciprocal are normal, with room to spare.
fn scale_of(exponent: f64) -> Option<f64> {
    (exponent.abs() <= 900.0).then(|| 2.0_f64.powi(exponent as i32))
}

/// `TᵀT`.
fn own_product(a: &DMatrix<f64>) -> DMatrix<f64> {
    let columns = a.ncols();
    let mut product = DMatrix::zeros(columns, columns);
    multiply(
        MatMut::from_column_major_slice_mut(product.as_mut_slice(), columns, columns),
        Accum::Replace,
        1.0,
        view(a, true),
        view(a, false),
    );
    product
}

/// Bounds the 2-norm of a symmetric matrix of non-negative numbers from above: for any `x > 0` the largest
/// `(Tx)_i/x_i` is one (Collatz), and the best `x` is an eigenvector.
pub(super) fn of_symmetric(a: &DMatrix<f64>) -> f64 {
    let order = a.nrows();
    if !a.iter().all(|x| x.is_finite()) {
        return f64::INFINITY;
    }
    let largest = a.amax();
    if largest == 0.0 {
        return 0.0;
    }
    let scaled = a / largest;
    let mut weights = nalgebra::DVector::from_element(order, 1.0);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let image = &scaled * &weights;
        let quotients = image.iter().zip(weights.iter()).map(|(y, x)| y / x);
        best = best.min(quotients.fold(0.0, f64::max));
        // Positive, and of a range in which no quotient overflows.
        let top = image.amax();
        weights = (image / top).map(|x| x.max(1e-6)) + weights;
        weights /= weights.amax();
    }
    // A sum of products, a quotient, the scaling and its undoing.
    enlarged(best * largest, order + 6).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between −1 and 1 without a pattern: SplitMix64.
    fn entry(i: usize, j: usize) -> f64 {
        let mut bits = (i as u64 * 1_000_003 + j as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) as i64 as f64 / 2.0_f64.powi(63)
    }

    /// Against singular values of another routine: never below, and far below Frobenius' norm.
    #[test]
    fn tiles_are_bounded_by_little_more_than_their_norm() {
        for (rows, columns) in [(1, 1), (1, 9), (40, 7), (64, 64), (128, 100)] {
            for scale in [1.0, 1e-200, 1e-16, 1e150] {
                let tile = DMatrix::from_fn(rows, columns, |i, j| scale * entry(i, j));
                let exact = scale * (tile.clone() / scale).singular_values().max();
                let found = of_tile(&tile);
                let rounding = 1.0 + 1e-12;
                assert!(found * rounding >= exact, "{rows} × {columns} · {scale:e}");
                let frobenius = scale * (tile / scale).norm();
                assert!(found <= frobenius * rounding);
                if rows.min(columns) >= 64 {
                    assert!(
                        found < 1.6 * exact && found < 0.4 * frobenius,
                        "{found:e} {exact:e}"
                    );
                }
            }
        }
        assert_eq!(of_tile(&DMatrix::zeros(3, 4)), 0.0);
        assert_eq!(
            of_tile(&DMatrix::from_element(2, 2, f64::NAN)),
            f64::INFINITY
        );
    }

    #[test]
    fn one_singular_value_is_met() {
        // x yᵀ has one: ‖x‖‖y‖, and every bound is it.
        let tile = DMatrix::from_fn(20, 30, |i, j| (i + 1) as f64 * (j + 1) as f64);
        let exact: f64 = (2870.0_f64 * 9455.0).sqrt();
        let found = of_tile(&tile);
        assert!(
            found >= exact && found <= exact * (1.0 + 1e-10),
            "{found} {exact}"
        );
    }

    #[test]
    fn weights_find_the_norm() {
        let path = DMatrix::from_fn(30, 30, |i, j| if i.abs_diff(j) == 1 { 1.0 } else { 0.0 });
        let exact = 2.0 * (std::f64::consts::PI / 31.0).cos();
        let found = of_symmetric(&path);
        assert!(found >= exact && found <= 2.0, "{found} {exact}");
        let rank_one = DMatrix::from_fn(9, 9, |i, j| ((i + 1) * (j + 1)) as f64 * 1e-9);
        let found = of_symmetric(&rank_one);
        assert!((285e-9..285.1e-9).contains(&found), "{found:e}");
        assert_eq!(of_symmetric(&DMatrix::zeros(4, 4)), 0.0);
        let mut bad = rank_one;
        bad[(3, 3)] = f64::INFINITY;
        assert_eq!(of_symmetric(&bad), f64::INFINITY);
    }
}
