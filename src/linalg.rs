//! Matrix products through `faer` on `nalgebra`'s storage, without copies.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;

/// Below this many multiplications a product runs on one thread: at about
/// 10 multiplications a nanosecond, 25 µs of work, a few times the cost of
/// waking a worker.
const PARALLEL_MULTIPLICATIONS: usize = 262_144;

/// Computes `C ← α op(A) op(B)` or `C ← C + α op(A) op(B)`, each `op` the
/// identity or the transpose.
///
/// # Guarantee
/// Rounded: each entry is off by at most `γ_{k+2}` times the same product of
/// absolute values, `k` the inner dimension. The result does not depend on the
/// number of threads: work is split over entries, never over the inner sum.
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
    let multiplications = rows.saturating_mul(columns).saturating_mul(a.ncols());
    let par = if multiplications < PARALLEL_MULTIPLICATIONS {
        Par::Seq
    } else {
        Par::rayon(0)
    };
    let c =
        MatMut::from_column_major_slice_with_stride_mut(c.as_mut_slice(), rows, columns, stride);
    matmul(c, beta, a, b, alpha, par);
}

/// The same of any views, on one thread: for callers that divide the work themselves.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply(
    c: MatMut<'_, f64>,
    beta: Accum,
    alpha: f64,
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
) {
    matmul(c, beta, a, b, alpha, Par::Seq);
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

    #[test]
    fn result_does_not_depend_on_the_number_of_threads() {
        // Inexact entries; the product is above the threshold.
        let entry = |i: usize, j: usize| ((i * 31 + j * 17) as f64).sin();
        let (a, b) = (
            DMatrix::from_fn(150, 90, entry),
            DMatrix::from_fn(90, 130, entry),
        );
        const { assert!(150 * 90 * 130 >= PARALLEL_MULTIPLICATIONS) };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut c = DMatrix::zeros(150, 130);
            pool.install(|| gemm(&mut c, Accum::Replace, 1.0, &a, false, &b, false));
            c
        };
        let one = run(1);
        assert!(run(2) == one && run(5) == one);
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
