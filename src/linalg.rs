//! Matrix products through `faer` on `nalgebra`'s storage, without copies.
//!
//! A product is split by its shape alone, never by the number of threads: the same numbers come out of a
//! pool of any size.

pub(crate) mod decompositions;

use faer::linalg::matmul::matmul;
use faer::reborrow::ReborrowMut;
use faer::traits::RealField;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;

/// Below this many multiplications a product is one piece: at about
/// 10 multiplications a nanosecond, 25 µs of work, a few times the cost of
/// waking a worker.
const PARALLEL_MULTIPLICATIONS: usize = 262_144;

/// The most pieces of a product: enough to keep some dozen threads busy.
const MOST_PIECES: usize = 64;

/// No side shorter than twice this is cut, and cuts are at multiples of it: one of the widest register tiles.
const SIDE: usize = 48;

/// The same of a product with a vector, which reads columns as long as the pieces.
const VECTOR_SIDE: usize = 384;

/// The most terms of a sum that one call adds up. The library cuts longer sums too, elsewhere than on x86-64
/// by the size of the caches.
const TERMS: usize = 512;

/// Computes `C ← α op(A) op(B)` or `C ← C + α op(A) op(B)`, each `op` the
/// identity or the transpose.
///
/// # Guarantee
/// Rounded: each entry is off by at most `γ_{k+2}` times the same product of
/// absolute values, `k` the inner dimension. The result does not depend on the
/// number of threads: pieces follow from the shape, and each is the work of one thread.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn gemm(
    c: &mut DMatrix<f64>,
    beta: Accum,
    alpha: f64,
    a: &DMatrix<f64>,
    transpose_a: bool,
    b: &DMatrix<f64>,
    transpose_b: bool,
) {
    let stride = c.nrows();
    gemm_top(
        c,
        stride,
        beta,
        alpha,
        view(a, transpose_a),
        view(b, transpose_b),
    );
}

/// The same on the first `rows` rows of `C`; the rest is left alone.
pub(crate) fn gemm_top(
    c: &mut DMatrix<f64>,
    rows: usize,
    beta: Accum,
    alpha: f64,
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
) {
    let (stride, columns) = c.shape();
    assert!(
        rows <= stride && a.nrows() == rows && b.ncols() == columns && a.ncols() == b.nrows(),
        "a product of {:?} and {:?} does not fit {rows} rows of {:?}",
        a.shape(),
        b.shape(),
        (stride, columns),
    );
    let c =
        MatMut::from_column_major_slice_with_stride_mut(c.as_mut_slice(), rows, columns, stride);
    multiply_on_all_cores(c, beta, alpha, a, b);
}

/// The same of any views, in either precision.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply_on_all_cores<T: RealField + Copy>(
    c: MatMut<'_, T>,
    beta: Accum,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) {
    let entries = c.nrows().saturating_mul(c.ncols());
    let multiplications = entries.saturating_mul(a.ncols());
    let pieces = (multiplications / PARALLEL_MULTIPLICATIONS).clamp(1, MOST_PIECES);
    multiply_in_pieces(c, beta, alpha, a, b, pieces);
}

/// Cuts the longer side of `C` in half until there are pieces enough.
fn multiply_in_pieces<T: RealField + Copy>(
    c: MatMut<'_, T>,
    beta: Accum,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    pieces: usize,
) {
    let (rows, columns) = c.shape();
    let longer = rows.max(columns);
    let side = if rows.min(columns) > 1 {
        SIDE
    } else {
        VECTOR_SIDE
    };
    if pieces < 2 || longer < 2 * side {
        return multiply(c, beta, alpha, a, b);
    }
    let half = (longer / 2).next_multiple_of(side);
    let pieces = pieces / 2;
    let (left, right) = if rows >= columns {
        let (top, bottom) = c.split_at_row_mut(half);
        let (a_top, a_bottom) = a.split_at_row(half);
        ((top, a_top, b), (bottom, a_bottom, b))
    } else {
        let (left, right) = c.split_at_col_mut(half);
        let (b_left, b_right) = b.split_at_col(half);
        ((left, a, b_left), (right, a, b_right))
    };
    rayon::join(
        || multiply_in_pieces(left.0, beta, alpha, left.1, left.2, pieces),
        || multiply_in_pieces(right.0, beta, alpha, right.1, right.2, pieces),
    );
}

/// The same of any views, on one thread: for callers that divide the work themselves.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply<T: RealField + Copy>(
    mut c: MatMut<'_, T>,
    beta: Accum,
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) {
    let (mut a, mut b, mut beta) = (a, b, beta);
    // Products with a vector have no blocks.
    while c.nrows() > 1 && c.ncols() > 1 && a.ncols() > TERMS {
        let (a_first, a_rest) = a.split_at_col(TERMS);
        let (b_first, b_rest) = b.split_at_row(TERMS);
        matmul(c.rb_mut(), beta, a_first, b_first, alpha, Par::Seq);
        (a, b, beta) = (a_rest, b_rest, Accum::Add);
    }
    matmul(c, beta, a, b, alpha, Par::Seq);
}

/// Takes what this thread keeps of the address space from its first product on.
#[cfg(feature = "cli")]
pub(crate) fn take_workspace() {
    let ones = faer::Mat::<f64>::full(128, 128, 1.0);
    let mut square = faer::Mat::<f64>::zeros(128, 128);
    multiply(
        square.as_mut(),
        Accum::Replace,
        1.0,
        ones.as_ref(),
        ones.as_ref(),
    );
    std::hint::black_box(square);
}

/// Runs work that calls many parallel products on a thread of the pool: one outside would sleep and wake
/// at each of them.
pub(crate) fn within_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}

/// The same for a panel: the columns of `C` in a slice, on one thread.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn gemm_panel(
    c: &mut [f64],
    beta: Accum,
    alpha: f64,
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
) {
    let (rows, columns) = (a.nrows(), b.ncols());
    assert!(
        c.len() == rows * columns && a.ncols() == b.nrows(),
        "a product of {:?} and {:?} does not fit a panel of {} numbers",
        a.shape(),
        b.shape(),
        c.len(),
    );
    let c = MatMut::from_column_major_slice_mut(c, rows, columns);
    multiply(c, beta, alpha, a, b);
}

/// Columns of a length, from a slice.
///
/// # Panics
/// Unless the length divides that of the slice.
pub(crate) fn panel(columns: &[f64], rows: usize) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(columns, rows, columns.len() / rows)
}

/// A matrix, or its transpose, as `faer` sees it.
pub(crate) fn view(a: &DMatrix<f64>, transpose: bool) -> MatRef<'_, f64> {
    let a_view = MatRef::from_column_major_slice(a.as_slice(), a.nrows(), a.ncols());
    if transpose {
        a_view.transpose()
    } else {
        a_view
    }
}

/// Asserts that a result is the same, bit for bit, on pools of one to eight threads.
#[cfg(test)]
#[track_caller]
pub(crate) fn in_pools_of_any_size<T: PartialEq + Send>(work: impl Fn() -> T + Sync) -> T {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(&work)
    };
    let alone = run(1);
    for threads in [2, 3, 5, 8] {
        assert!(run(threads) == alone, "{threads} threads");
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries k/16, |k| ≤ 8: every product and sum below is exact.
    fn dyadic(rows: usize, columns: usize, salt: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |i, j| {
            ((i * 7 + j * 13 + salt * 5 + i * j) % 17) as f64 / 16.0 - 0.5
        })
    }

    fn slow(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
        DMatrix::from_fn(a.nrows(), b.ncols(), |i, j| {
            (0..a.ncols()).map(|k| a[(i, k)] * b[(k, j)]).sum()
        })
    }

    #[test]
    fn product_is_exact_on_dyadic_numbers() {
        for (n, k, m) in [
            (1, 1, 1),
            (3, 2, 4),
            (5, 0, 2),
            (0, 3, 2),
            (33, 17, 9),
            (80, 65, 70),
        ] {
            for (transpose_a, transpose_b) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let (a, b) = (dyadic(n, k, 1), dyadic(k, m, 2));
                let expected = slow(&a, &b) * -2.0;
                let a = if transpose_a { a.transpose() } else { a };
                let b = if transpose_b { b.transpose() } else { b };
                let mut c = DMatrix::from_element(n, m, f64::NAN);
                gemm(
                    &mut c,
                    Accum::Replace,
                    -2.0,
                    &a,
                    transpose_a,
                    &b,
                    transpose_b,
                );
                assert_eq!(c, expected, "{n} {k} {m} {transpose_a} {transpose_b}");
                gemm(&mut c, Accum::Add, -2.0, &a, transpose_a, &b, transpose_b);
                assert_eq!(c, expected * 2.0);
            }
        }
    }

    #[test]
    fn top_rows_leave_the_rest_alone() {
        let (a, b) = (dyadic(3, 4, 1), dyadic(4, 5, 2));
        let mut c = DMatrix::from_element(7, 5, 9.0);
        gemm_top(
            &mut c,
            3,
            Accum::Replace,
            1.0,
            view(&a, false),
            view(&b, false),
        );
        assert_eq!(c.rows(0, 3), slow(&a, &b));
        assert!(c.rows(3, 4).iter().all(|&x| x == 9.0));
    }

    #[test]
    fn panels_are_columns_of_the_product() {
        let (a, b) = (dyadic(3, 4, 1), dyadic(4, 5, 2));
        let expected = slow(&a, &b) * 2.0;
        let mut c = dyadic(3, 5, 3);
        let sum = &c + &expected;
        let right = panel(&b.as_slice()[4..16], 4);
        gemm_panel(
            &mut c.as_mut_slice()[3..12],
            Accum::Add,
            2.0,
            view(&a, false),
            right,
        );
        assert_eq!(c.columns(1, 3), sum.columns(1, 3));
        assert_eq!(c.column(0), dyadic(3, 5, 3).column(0));
        let right = panel(b.as_slice(), 4);
        gemm_panel(
            c.as_mut_slice(),
            Accum::Replace,
            2.0,
            view(&a, false),
            right,
        );
        assert_eq!(c, expected);
        let refused = std::panic::catch_unwind(|| {
            gemm_panel(
                &mut [0.0; 6],
                Accum::Add,
                1.0,
                view(&a, false),
                panel(&[0.0; 12], 4),
            );
        });
        assert!(refused.is_err());
    }

    /// Inner dimensions on both sides of [`TERMS`], thin and square, on both sides of every threshold.
    #[test]
    fn result_does_not_depend_on_the_number_of_threads() {
        let entry = |i: usize, j: usize| ((i * 31 + j * 17) as f64).sin();
        let cut = 2 * SIDE;
        for (n, k, m) in [
            (150, 90, 130),
            (63, 64, 65),
            (65, 64, 65),
            (cut - 1, 300, cut - 1),
            (cut, 300, cut + 1),
            (40, 1000, 3),
            (1, 300_000, 1),
            (1, 900, 900),
            (2 * VECTOR_SIDE - 1, 900, 1),
            (2 * VECTOR_SIDE, 900, 1),
            (900, 300, 2),
            (130, TERMS - 1, 110),
            (130, TERMS, 110),
            (130, TERMS + 1, 110),
            (500, 40, 1000),
        ] {
            for transpose in [false, true] {
                let a = DMatrix::from_fn(n, k, entry);
                let (a, b) = (
                    if transpose { a.transpose() } else { a },
                    DMatrix::from_fn(k, m, |i, j| entry(j, i)),
                );
                let product = || {
                    let mut c = DMatrix::from_element(n, m, 0.1);
                    gemm(&mut c, Accum::Add, 0.3, &a, transpose, &b, false);
                    c
                };
                in_pools_of_any_size(product);
            }
        }
    }

    #[test]
    fn long_sums_in_pieces_are_exact_on_dyadic_numbers() {
        let (n, k, m) = (130, 2 * TERMS + 1, 99);
        let (a, b) = (dyadic(n, k, 1), dyadic(k, m, 2));
        let mut c = DMatrix::from_element(n, m, f64::NAN);
        gemm(&mut c, Accum::Replace, 0.5, &a, false, &b, false);
        assert_eq!(c, slow(&a, &b) * 0.5);
        gemm(&mut c, Accum::Add, 0.5, &a, false, &b, false);
        assert_eq!(c, slow(&a, &b));
    }

    #[test]
    fn shapes_that_do_not_fit_panic() {
        let product = |c: (usize, usize), rows, a: (usize, usize), b: (usize, usize)| {
            std::panic::catch_unwind(|| {
                let mut c = DMatrix::zeros(c.0, c.1);
                let (a, b) = (DMatrix::zeros(a.0, a.1), DMatrix::zeros(b.0, b.1));
                gemm_top(
                    &mut c,
                    rows,
                    Accum::Add,
                    1.0,
                    view(&a, false),
                    view(&b, false),
                );
            })
            .map_err(|payload| {
                payload
                    .downcast::<String>()
                    .is_ok_and(|s| s.contains("not fit"))
            })
        };
        assert_eq!(product((2, 3), 2, (2, 4), (4, 3)), Ok(()));
        assert_eq!(product((2, 3), 2, (2, 4), (5, 3)), Err(true));
        assert_eq!(product((2, 3), 2, (1, 4), (4, 3)), Err(true));
        assert_eq!(product((2, 3), 2, (2, 4), (4, 2)), Err(true));
        assert_eq!(product((2, 3), 3, (3, 4), (4, 3)), Err(true));
    }
}
