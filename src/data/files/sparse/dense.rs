//! The dense matrix that a sparse file is spread to.

use nalgebra::DMatrix;

use super::SparseError;
use crate::memory::room_for;

/// The most entries of the dense matrix for a byte of the entries that are written: as the most that DEFLATE expands, so
/// that a sparse file costs no more than a compressed dense one. A band matrix of order 10⁴ has some 500.
const MOST_A_BYTE: usize = 1024;

/// A matrix to be filled, which knows what was filled: `NaN` is not yet.
pub(super) struct Dense(DMatrix<f64>);

impl Dense {
    /// A matrix without entries.
    ///
    /// # Arguments
    /// * `bytes`: of the lines that hold entries; comments and blanks, which cost nothing, allow nothing.
    ///
    /// # Errors
    /// [`SparseError::Spread`], [`SparseError::Memory`].
    pub(super) fn try_new(rows: usize, columns: usize, bytes: usize) -> Result<Self, SparseError> {
        let spread = || SparseError::Spread {
            rows,
            columns,
            bytes,
        };
        let count = rows.checked_mul(columns).ok_or_else(spread)?;
        if count > bytes.saturating_mul(MOST_A_BYTE) {
            return Err(spread());
        }
        let mut entries = room_for(count as u64)?;
        entries.resize(count, f64::NAN);
        Ok(Self(DMatrix::from_vec(rows, columns, entries)))
    }

    /// Fills an entry, with indices from 0.
    ///
    /// # Errors
    /// [`SparseError::Twice`].
    pub(super) fn fill(
        &mut self,
        row: usize,
        column: usize,
        value: f64,
    ) -> Result<(), SparseError> {
        let entry = &mut self.0[(row, column)];
        if !entry.is_nan() {
            return Err(SparseError::Twice {
                row: row + 1,
                column: column + 1,
            });
        }
        *entry = value;
        Ok(())
    }

    /// The matrix, zero where nothing was filled.
    pub(super) fn finished(mut self) -> DMatrix<f64> {
        let empty = |entry: &&mut f64| entry.is_nan();
        self.0
            .iter_mut()
            .filter(empty)
            .for_each(|entry| *entry = 0.0);
        self.0
    }
}
