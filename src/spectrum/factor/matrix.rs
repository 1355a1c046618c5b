//! The matrix of which a factor is, a tile at a time.

use super::checksum::{checksum, checksums};
use super::{FactorError, Tiling};
use crate::gram::GramRectangles;
use crate::kernel::MercerKernel;
use crate::spectrum::SpectrumError;
use crate::spectrum::certificate::gram_norm_error;
use crate::spectrum::eigen::require_symmetric;
use nalgebra::{DMatrix, DMatrixView};

/// A symmetric matrix of which tiles can be made.
#[derive(Debug)]
pub struct TiledMatrix<'a> {
    entries: Entries<'a>,
    order: usize,
    error: f64,
    checksum: u64,
}

#[derive(Debug)]
enum Entries<'a> {
    Kernel(Box<GramRectangles>),
    Given(&'a DMatrix<f64>),
}

impl<'a> TiledMatrix<'a> {
    /// The Gram matrix of a kernel at points (q × N), the exact real one; its tiles are made when they are asked for.
    ///
    /// # Errors
    /// [`FactorError::Kernel`] when the kernel does not fit the points, [`FactorError::Matrix`] without points or where a coordinate is not finite,
    /// [`FactorError::Unproved`] when no rounding of its entries is proved.
    pub fn of_kernel(
        kernel: &MercerKernel,
        points: DMatrixView<'_, f64>,
    ) -> Result<Self, FactorError> {
        if points.ncols() == 0 {
            return Err(SpectrumError::Empty.into());
        }
        let unproved = || FactorError::Unproved {
            kernel: kernel.to_string(),
        };
        if !points.iter().all(|x| x.is_finite()) {
            return Err(unproved());
        }
        let rectangles = GramRectangles::try_new(kernel, points)?;
        let error = gram_norm_error(kernel, points).ok_or_else(unproved)?;
        let name = kernel.to_string();
        let name = name.bytes().map(u64::from);
        let columns = points.column_iter();
        let columns = columns.map(|z| checksum(z.into_owned().as_slice()));
        Ok(Self {
            entries: Entries::Kernel(Box::new(rectangles)),
            order: points.ncols(),
            error,
            checksum: checksums(name.chain(columns)),
        })
    }

    /// A symmetric matrix of f64 numbers, each exact.
    ///
    /// # Errors
    /// [`FactorError::Matrix`] when it is empty, not square, not finite or not symmetric.
    pub fn of_entries(matrix: &'a DMatrix<f64>) -> Result<Self, FactorError> {
        require_symmetric(matrix)?;
        Ok(Self {
            entries: Entries::Given(matrix),
            order: matrix.nrows(),
            error: 0.0,
            checksum: checksum(matrix.as_slice()),
        })
    }

    /// The same for any symmetric matrix within a distance of this one, in the 2-norm.
    ///
    /// # Panics
    /// If the distance is negative or not finite.
    #[must_use]
    pub fn widened(self, distance: f64) -> Self {
        assert!(
            distance.is_finite() && distance >= 0.0,
            "a distance of {distance}"
        );
        let error = match distance > 0.0 {
            true => (self.error + distance).next_up(),
            false => self.error,
        };
        Self { error, ..self }
    }

    /// The order of the matrix.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// A bound, in the 2-norm, of how far all tiles together are from the matrix.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Changes with the points, the kernel or an entry.
    pub(super) fn checksum(&self) -> u64 {
        self.checksum
    }

    /// The tile of a row and a column of tiles.
    pub(super) fn tile(&self, tiling: Tiling, row: usize, column: usize) -> DMatrix<f64> {
        let (rows, columns) = (tiling.range(row), tiling.range(column));
        match &self.entries {
            Entries::Kernel(rectangles) => rectangles.rectangle(rows, columns),
            Entries::Given(matrix) => matrix
                .view((rows.start, columns.start), (rows.len(), columns.len()))
                .into_owned(),
        }
    }
}
