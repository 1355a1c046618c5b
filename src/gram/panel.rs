//! Columns of the Gram matrix of a radial kernel, a panel at a time.

use crate::kernel::Kernel;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;

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
    pub fn new(points: &DMatrix<f64>) -> Self {
        let mut centred = points.clone();
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
        let (dimension, samples) = self.centred.shape();
        let width = panel.len() / samples;
        let all = MatRef::from_column_major_slice(self.centred.as_slice(), dimension, samples);
        let rows = samples - start;
        matmul(
            MatMut::from_column_major_slice_with_stride_mut(
                &mut panel[start..],
                rows,
                width,
                samples,
            ),
            Accum::Replace,
            all.subcols(start, rows).transpose(),
            all.subcols(first, width),
            1.0,
            Par::Seq,
        );
        for (column, entries) in panel.chunks_exact_mut(samples).enumerate() {
            let j = first + column;
            let below = entries[start..].iter_mut().zip(start..);
            for (value, i) in below {
                let size = self.squares[i] + self.squares[j];
                let squared_distance = size - 2.0 * *value;
                *value = if squared_distance * CANCELLATION > size {
                    squared_distance
                } else {
                    (self.centred.column(i) - self.centred.column(j)).norm_squared()
                };
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
