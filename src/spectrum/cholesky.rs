//! Cholesky factors in one triangle of a column-major square, in either precision.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::reborrow::ReborrowMut;
use faer::traits::RealField;
use faer::{MatMut, MatRef, Par};

/// Below this order one thread works alone: a millisecond.
const PARALLEL_ORDER: usize = 256;

fn threads(order: usize) -> Par {
    if order < PARALLEL_ORDER {
        Par::Seq
    } else {
        Par::rayon(0)
    }
}

/// Factors the matrix in the lower triangle, in place; tells whether that completed with finite positive
/// pivots. Of the upper triangle nothing matters, and blocks along the diagonal are overwritten.
pub(super) fn factor_lower<T>(entries: &mut [T], order: usize) -> bool
where
    T: RealField + Copy + Into<f64>,
{
    let par = threads(order);
    let scratch = cholesky_in_place_scratch::<T>(order, par, Default::default());
    let completed = cholesky_in_place(
        MatMut::from_column_major_slice_mut(entries, order, order),
        LltRegularization::default(),
        par,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    completed.is_ok()
        && (0..order).all(|i| {
            let pivot: f64 = entries[i * (order + 1)].into();
            pivot.is_finite() && pivot > 0.0
        })
}

/// Solves `LLᵀX = Y` in place for the columns of `Y`, `L` the lower triangle of `factor`.
pub(super) fn solve_in_place<T: RealField>(factor: &[T], order: usize, sides: &mut [T]) {
    let width = sides.len() / order.max(1);
    let lower = MatRef::from_column_major_slice(factor, order, order);
    let mut sides = MatMut::from_column_major_slice_mut(sides, order, width);
    solve_lower_triangular_in_place(lower, sides.rb_mut(), threads(order));
    solve_upper_triangular_in_place(lower.transpose(), sides, threads(order));
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
        for n in [1usize, 2, 31, 33, 255, 256, 300] {
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

    #[test]
    fn pivots_must_be_positive_numbers() {
        assert!(!factor_lower(&mut [-1.0_f64], 1));
        assert!(!factor_lower(&mut [0.0_f32], 1));
        assert!(!factor_lower(&mut [f64::NAN], 1));
        assert!(!factor_lower(&mut [1.0, 1.0, 0.0, 0.5], 2));
        assert!(factor_lower::<f64>(&mut [], 0));
    }
}
