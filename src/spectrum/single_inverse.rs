//! An approximate inverse in single precision: half the time and half the memory of one in double.

use super::cholesky::{factor_lower, solve_in_place};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Entries below this share of the largest are left out: products of them would be denormal numbers.
const NEGLIGIBLE: f64 = 1.0 / (1_u64 << 60) as f64;

/// `A⁻¹`, up to the rounding of a Cholesky factorisation in f32.
pub(super) struct SingleInverse {
    order: usize,
    /// The factor of `A/scale`.
    factor: Vec<f32>,
    /// A power of two near the largest entry.
    scale: f64,
}

impl SingleInverse {
    /// Factors `A` rounded to f32, from its lower triangle; nothing, where that breaks down.
    pub fn new(a: &DMatrix<f64>) -> Option<Self> {
        let order = a.nrows();
        // No positive definite matrix has a larger entry than on its diagonal.
        let largest = a.diagonal().max();
        if !(largest >= f64::MIN_POSITIVE && largest.is_finite()) {
            return None;
        }
        let scale = 2.0_f64.powi(largest.log2().floor() as i32);
        let (unit, least) = (scale.recip(), NEGLIGIBLE * largest);
        let mut factor = vec![0.0_f32; order * order];
        let columns = factor.par_chunks_exact_mut(order);
        let given = a.as_slice().par_chunks_exact(order);
        let columns = columns.zip(given).enumerate().with_min_len(64);
        columns.for_each(|(j, (column, given))| {
            for (x, given) in column[j..].iter_mut().zip(&given[j..]) {
                let kept = if given.abs() < least { 0.0 } else { *given };
                *x = (kept * unit) as f32;
            }
        });
        let completed = factor_lower(&mut factor, order);
        completed.then_some(Self {
            order,
            factor,
            scale,
        })
    }

    /// `X ← A⁻¹X`, approximately, every column in a unit of its own.
    pub fn apply(&self, x: &mut DMatrix<f64>) {
        let units: Vec<f64> = x.column_iter().map(|column| column.amax()).collect();
        let rounded = |(j, x): (usize, &f64)| match units[j / self.order] {
            0.0 => 0.0,
            unit => (x / unit) as f32,
        };
        let mut single: Vec<f32> = x.as_slice().iter().enumerate().map(rounded).collect();
        solve_in_place(&self.factor, self.order, &mut single);
        let columns = x.as_mut_slice().chunks_exact_mut(self.order);
        let solved = single.chunks_exact(self.order);
        for ((column, solved), unit) in columns.zip(solved).zip(units) {
            for (x, solved) in column.iter_mut().zip(solved) {
                *x = f64::from(*solved) * (unit / self.scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;

    /// 2.5 on the diagonal, −1 beside: eigenvalues between ½ and 4½.
    fn path(n: usize, unit: f64) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.5 * unit,
            1 => -unit,
            _ => 0.0,
        })
    }

    #[test]
    fn products_with_the_matrix_are_undone_in_any_unit() {
        for n in [1usize, 5, 300] {
            for exponent in [-300, 0, 300] {
                let a = path(n, 2.0_f64.powi(exponent));
                let inverse = SingleInverse::new(&a).unwrap();
                let mut block = DMatrix::from_fn(n, 3, |i, j| {
                    // Columns of very different sizes, and one of zeros.
                    ((i + 1) as f64).sin() * [1.0, 0.0, 1e-200][j]
                });
                let given = block.clone();
                inverse.apply(&mut block);
                let error = &a * &block - &given;
                for j in 0..3 {
                    // Backward stable in f32, whose unit is 2²⁹ times that of f64; condition nine.
                    let bound = 2.0_f64.powi(29) * gamma(6 * n) * 9.0;
                    assert!(error.column(j).norm() <= bound * given.column(j).norm());
                }
                assert!(block.column(1).iter().all(|x| *x == 0.0));
            }
        }
    }

    #[test]
    fn small_entries_are_left_out() {
        let a = nalgebra::dmatrix![1.0, 1e-19, 1e-18; 1e-19, 1.0, 0.0; 1e-18, 0.0, 1.0];
        let inverse = SingleInverse::new(&a).unwrap();
        // 2⁻⁶⁰ is 8.7e-19.
        assert_eq!((inverse.factor[1], inverse.factor[2]), (0.0, 1e-18));
    }

    #[test]
    fn what_is_not_positive_definite_in_single_precision_is_refused() {
        let refused = |a: DMatrix<f64>| SingleInverse::new(&a).is_none();
        assert!(refused(nalgebra::dmatrix![0.0]));
        assert!(refused(nalgebra::dmatrix![-1.0]));
        assert!(refused(nalgebra::dmatrix![f64::NAN]));
        assert!(refused(nalgebra::dmatrix![1e-310]));
        // Positive definite in f64, with the eigenvalue 1e-9.
        let near = 1.0 - 1e-9;
        assert!(refused(nalgebra::dmatrix![1.0, near; near, 1.0]));
        assert!(!refused(nalgebra::dmatrix![1.0, 0.99; 0.99, 1.0]));
    }
}
