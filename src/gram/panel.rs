//! Columns of the Gram matrix of a radial kernel, a panel at a time.

use crate::kernel::Kernel;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{DMatrix, DMatrixView};
use std::ops::Range;

/// A squared distance from the product formula loses at most the factor
/// `(‖x‖² + ‖y‖²)/‖x−y‖²` of its digits; beyond this factor it is recomputed
/// from the difference.
pub(crate) const CANCELLATION: f64 = 64.0;

/// Columns of a panel: the panel of a product fits the cache of a core.
pub(super) const PANEL: usize = 64;

/// Points about one of them, and their squared norms.
#[derive(Debug)]
pub(super) struct Points {
    centred: DMatrix<f64>,
    squares: Vec<f64>,
}

impl Points {
    /// Takes points (q × N).
    pub fn new<'a>(points: impl Into<DMatrixView<'a, f64>>) -> Self {
        let points = points.into();
        let mut centred = points.into_owned();
        if points.ncols() > 0 {
            // An average could overflow for huge data and is not needed: any nearby point will do.
            let centre = points.column(points.ncols() / 2).into_owned();
            for mut column in centred.column_iter_mut() {
                column -= &centre;
            }
        }
        let squares = centred.column_iter().map(|z| z.norm_squared()).collect();
        Self { centred, squares }
    }

    /// N.
    pub fn len(&self) -> usize {
        self.squares.len()
    }

    /// The centred points.
    pub fn centred(&self) -> &DMatrix<f64> {
        &self.centred
    }

    /// Writes squared distances to the columns of `panel` (N rows, column-major), of which the first
    /// is column `first` of the matrix, from row `start` on. Rows above are left alone; with
    /// `start ≤ j` those of the point itself are exact zeros.
    pub fn squared_distances(&self, first: usize, start: usize, panel: &mut [f64]) {
        let samples = self.len();
        let columns = first..first + panel.len() / samples;
        let below = &mut panel[start..];
        self.rectangle(start..samples, columns, samples, below);
    }

    /// Writes the squared distances of the points `rows` to the points `columns`, column by column, `stride` numbers
    /// apart.
    pub fn rectangle(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        stride: usize,
        out: &mut [f64],
    ) {
        let (dimension, samples) = self.centred.shape();
        let all = MatRef::from_column_major_slice(self.centred.as_slice(), dimension, samples);
        matmul(
            MatMut::from_column_major_slice_with_stride_mut(out, rows.len(), columns.len(), stride),
            Accum::Replace,
            all.subcols(rows.start, rows.len()).transpose(),
            all.subcols(columns.start, columns.len()),
            1.0,
            Par::Seq,
        );
        for (j, entries) in columns.zip(out.chunks_mut(stride)) {
            let (entries, squares) = (&mut entries[..rows.len()], &self.squares[rows.clone()]);
            let cancelled = distances_of_products(entries, squares, self.squares[j]);
            // The point itself cancels, if it is there, and that is no work.
            if cancelled == 1 && rows.contains(&j) {
                entries[j - rows.start] = 0.0;
            } else if cancelled > 0 {
                for (value, i) in entries.iter_mut().zip(rows.clone()) {
                    if cancels(*value, self.squares[i] + self.squares[j]) {
                        *value = (self.centred.column(i) - self.centred.column(j)).norm_squared();
                    }
                }
            }
        }
    }

    /// Writes kernel values in the same way; the diagonal is an exact one.
    pub fn values(&self, kernel: &dyn Kernel, first: usize, start: usize, panel: &mut [f64]) {
        self.squared_distances(first, start, panel);
        for entries in panel.chunks_exact_mut(self.len()) {
            kernel.profile_in_place(&mut entries[start..]);
        }
    }
}

/// Tells whether a squared distance lost too many digits against `‖x‖² + ‖y‖²`; a NaN did.
#[inline(always)]
fn cancels(squared_distance: f64, size: f64) -> bool {
    !(squared_distance * CANCELLATION > size)
}

/// Replaces inner products by squared distances, without a branch; returns how many of them cancel.
fn distances_of_products(products: &mut [f64], squares: &[f64], square: f64) -> u64 {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut cancelled = 0;
            for (value, other) in products.iter_mut().zip(squares) {
                let size = other + square;
                *value = size - 2.0 * *value;
                cancelled += u64::from(cancels(*value, size));
            }
            cancelled
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_distances_are_counted() {
        // ‖x‖² = 1, ‖y‖² = 1 at most: 2/64 is no more enough.
        let mut values = [0.0, 0.984, 0.985, 1.0, f64::NAN];
        let count = distances_of_products(&mut values, &[1.0; 5], 1.0);
        assert_eq!(count, 3);
        assert_eq!(values[..2], [2.0, 2.0 - 2.0 * 0.984]);
        assert!(cancels(1.0 / 32.0, 2.0) && !cancels(0.0313, 2.0));
    }

    #[test]
    fn a_single_pair_that_cancels_is_no_diagonal() {
        // From row 1 on: of column 0 only the near pair cancels, and the point itself is not there.
        let points = Points::new(&nalgebra::dmatrix![1.0, 1.0 + 1e-9, -1.0, 9.0]);
        let mut panel = vec![f64::NAN; 8];
        points.squared_distances(0, 1, &mut panel);
        assert!(panel[0].is_nan() && panel[4].is_nan());
        let near = panel[1];
        assert!((near - 1e-18).abs() < 1e-24, "{near:e}");
        // Column 1 has the point itself, an exact zero.
        assert_eq!(panel[5], 0.0);
    }
}
