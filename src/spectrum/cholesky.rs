//! Cholesky factors in one triangle of a column-major square, in either precision.
//!
//! Matrices are halved down to blocks of a fixed order, so that blocks follow from the order alone; threads share
//! the products and the rows of the solutions.

use crate::linalg::multiply_on_all_cores;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::reborrow::{Reborrow, ReborrowMut};
use faer::traits::RealField;
use faer::{Accum, MatMut, MatRef, Par};

/// One thread factors, updates or solves with a block of this order: some 100 µs.
const BLOCK: usize = 128;

/// Rows that one thread solves for.
const ROWS: usize = 96;

/// The place of the cut of a block above [`BLOCK`].
fn half(order: usize) -> usize {
    (order / 2).next_multiple_of(16)
}

/// Factors the matrix in the lower triangle, in place; tells whether that completed with finite positive
/// pivots. Of the upper triangle nothing matters, and blocks along the diagonal are overwritten.
pub(super) fn factor_lower<T>(entries: &mut [T], order: usize) -> bool
where
    T: RealField + Copy + Into<f64>,
{
    let a = MatMut::from_column_major_slice_mut(entries, order, order);
    factor(a)
        && (0..order).all(|i| {
            let pivot: f64 = entries[i * (order + 1)].into();
            pivot.is_finite() && pivot > 0.0
        })
}

/// `L_00` of the first half, `L_10 = A_10 L_00⁻ᵀ`, and the factor of `A_11 − L_10 L_10ᵀ`.
fn factor<T: RealField + Copy>(a: MatMut<'_, T>) -> bool {
    let order = a.nrows();
    if order <= BLOCK {
        let scratch = cholesky_in_place_scratch::<T>(order, Par::Seq, Default::default());
        let completed = cholesky_in_place(
            a,
            LltRegularization::default(),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
            Default::default(),
        );
        return completed.is_ok();
    }
    let half = half(order);
    let (mut first, _, mut below, mut last) = a.split_at_mut(half, half);
    if !factor(first.rb_mut()) {
        return false;
    }
    solve_rows(first.rb(), below.rb_mut());
    subtract_square(last.rb_mut(), below.rb());
    factor(last)
}

/// `X ← XL⁻ᵀ`, every thread some rows.
fn solve_rows<T: RealField + Copy>(lower: MatRef<'_, T>, x: MatMut<'_, T>) {
    if x.nrows() < 2 * ROWS {
        return solve_lower_triangular_in_place(lower, x.transpose_mut(), Par::Seq);
    }
    let half = (x.nrows() / 2).next_multiple_of(ROWS);
    let (top, bottom) = x.split_at_row_mut(half);
    rayon::join(|| solve_rows(lower, top), || solve_rows(lower, bottom));
}

/// `C ← C − XXᵀ` in the lower triangle.
fn subtract_square<T: RealField + Copy>(c: MatMut<'_, T>, x: MatRef<'_, T>) {
    let order = c.nrows();
    let minus_one = -faer::traits::math_utils::one::<T>();
    if order <= BLOCK {
        let (square, rectangle) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
        let transposed = x.transpose();
        return triangular::matmul(
            c,
            square,
            Accum::Add,
            x,
            rectangle,
            transposed,
            rectangle,
            minus_one,
            Par::Seq,
        );
    }
    let half = half(order);
    let (first, _, below, last) = c.split_at_mut(half, half);
    let (top, bottom) = x.split_at_row(half);
    rayon::join(
        || multiply_on_all_cores(below, Accum::Add, minus_one, bottom, top.transpose()),
        || {
            rayon::join(
                || subtract_square(first, top),
                || subtract_square(last, bottom),
            )
        },
    );
}

/// Solves `LLᵀX = Y` in place for the columns of `Y`, `L` the lower triangle of `factor`.
pub(super) fn solve_in_place<T: RealField + Copy>(factor: &[T], order: usize, sides: &mut [T]) {
    let width = sides.len() / order.max(1);
    let lower = MatRef::from_column_major_slice(factor, order, order);
    let mut sides = MatMut::from_column_major_slice_mut(sides, order, width);
    solve_lower(lower, sides.rb_mut());
    solve_upper(lower, sides);
}

/// `X ← L⁻¹X`.
fn solve_lower<T: RealField + Copy>(lower: MatRef<'_, T>, x: MatMut<'_, T>) {
    let order = lower.nrows();
    if order <= BLOCK {
        return solve_lower_triangular_in_place(lower, x, Par::Seq);
    }
    let half = half(order);
    let (first, _, below, last) = lower.split_at(half, half);
    let (mut top, mut bottom) = x.split_at_row_mut(half);
    solve_lower(first, top.rb_mut());
    let minus_one = -faer::traits::math_utils::one::<T>();
    multiply_on_all_cores(bottom.rb_mut(), Accum::Add, minus_one, below, top.rb());
    solve_lower(last, bottom);
}

/// `X ← L⁻ᵀX`.
fn solve_upper<T: RealField + Copy>(lower: MatRef<'_, T>, x: MatMut<'_, T>) {
    let order = lower.nrows();
    if order <= BLOCK {
        return solve_upper_triangular_in_place(lower.transpose(), x, Par::Seq);
    }
    let half = half(order);
    let (first, _, below, last) = lower.split_at(half, half);
    let (mut top, mut bottom) = x.split_at_row_mut(half);
    solve_upper(last, bottom.rb_mut());
    let minus_one = -faer::traits::math_utils::one::<T>();
    let across = below.transpose();
    multiply_on_all_cores(top.rb_mut(), Accum::Add, minus_one, across, bottom.rb());
    solve_upper(first, top);
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    /// 2 on the diagonal, −1 beside; above the diagonal what must not matter.
    fn path(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match (i, j) {
            _ if i == j => 2.0,
            _ if i == j + 1 => -1.0,
            _ if i > j => 0.0,
            _ => f64::NAN,
        })
    }

    #[test]
    fn factors_reproduce_the_path_graph_in_both_precisions() {
        for n in [1usize, 2, 31, 33, 127, 128, 129, 255, 256, 257, 300] {
            let (mut double, mut single) = (path(n), path(n).map(|x| x as f32));
            assert!(factor_lower(double.as_mut_slice(), n));
            assert!(factor_lower(single.as_mut_slice(), n));
            for k in 0..n {
                // The pivots squared are (k + 2)/(k + 1); a few roundings of numbers below two.
                let exact = ((k as f64 + 2.0) / (k as f64 + 1.0)).sqrt();
                let slack = 4.0 * (n as f64) * f64::EPSILON;
                assert!((double[(k, k)] - exact).abs() <= slack, "{n} {k}");
                let slack = 4.0 * (n as f64) * f64::from(f32::EPSILON);
                assert!((f64::from(single[(k, k)]) - exact).abs() <= slack);
            }
            // A(1, …, 1) is one at both ends and zero between.
            let mut sides: Vec<f64> = (0..2 * n)
                .map(|i| f64::from(u8::from(i % n == 0)) + f64::from(u8::from(i % n == n - 1)))
                .collect();
            solve_in_place(double.as_slice(), n, &mut sides);
            // Backward stable, the condition number below n².
            let slack = (8 * n * n * n) as f64 * f64::EPSILON;
            assert!(sides.iter().all(|x| (x - 1.0).abs() <= slack), "{n}");
        }
    }

    /// Orders on both sides of a block, of two, and of the pieces of a product; one side and several.
    #[test]
    fn factors_do_not_depend_on_the_number_of_threads() {
        for n in [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1, 400, 801] {
            let entry = |i: usize, j: usize| match i.abs_diff(j) {
                0 => 3.0 + n as f64 / 2.0,
                apart => (apart as f64 * 0.7).sin() / 2.0,
            };
            let a = DMatrix::from_fn(n, n, entry);
            let single = a.map(|x| x as f32);
            let sides: Vec<f64> = (0..5 * n).map(|i| (i as f64).cos()).collect();
            crate::linalg::in_pools_of_any_size(|| {
                let (mut double, mut single) = (a.clone(), single.clone());
                assert!(factor_lower(double.as_mut_slice(), n));
                assert!(factor_lower(single.as_mut_slice(), n));
                let mut solved = [sides[..n].to_vec(), sides.clone()];
                for sides in &mut solved {
                    solve_in_place(double.as_slice(), n, sides);
                }
                let mut rounded: Vec<f32> = sides.iter().map(|&x| x as f32).collect();
                solve_in_place(single.as_slice(), n, &mut rounded);
                (double, single, solved, rounded)
            });
        }
    }

    #[test]
    fn a_block_that_breaks_down_ends_the_factorisation() {
        for n in [BLOCK, 3 * BLOCK] {
            for bad in [0, n / 2, n - 1] {
                let mut a = path(n);
                a[(bad, bad)] = -1.0;
                assert!(!factor_lower(a.as_mut_slice(), n), "{n} {bad}");
            }
        }
    }

    #[test]
    fn pivots_must_be_positive_numbers() {
        assert!(!factor_lower(&mut [-1.0_f64], 1));
        assert!(!factor_lower(&mut [0.0_f32], 1));
        assert!(!factor_lower(&mut [f64::NAN], 1));
        assert!(!factor_lower(&mut [1.0, 1.0, 0.0, 0.5], 2));
        assert!(factor_lower::<f64>(&mut [], 0));
    }
}
