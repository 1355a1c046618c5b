//! Where the tiles of a factor come from.

use super::Tiling;
use nalgebra::DMatrix;
use std::error::Error;

/// Why a source has no tile.
pub type TileFailure = Box<dyn Error + Send + Sync>;

/// A lower triangular matrix in tiles, wherever they are.
///
/// The proof believes nothing of it; it asks for the same tile several times, from any thread, and notices if one changes.
pub trait FactorTiles: Sync {
    /// How the factor is cut.
    fn tiling(&self) -> Tiling;

    /// Returns the tile of a row and a column of tiles, `column ≤ row`, counted from 0; of a tile on the diagonal what is above
    /// the diagonal is not looked at.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure>;

    /// Tells whether every entry is an f32: products of two are exact in f64, and the bound is a little sharper.
    fn is_single(&self) -> bool {
        false
    }
}

/// A factor in memory.
#[derive(Clone, Debug)]
pub struct LowerFactor {
    factor: DMatrix<f64>,
    tiling: Tiling,
}

impl LowerFactor {
    /// Takes a square matrix (N × N), of which the lower triangle counts, and the side of its tiles.
    ///
    /// # Panics
    /// If the matrix is not square or empty, or the side zero.
    #[must_use]
    pub fn new(factor: DMatrix<f64>, side: usize) -> Self {
        let (rows, columns) = factor.shape();
        assert!(
            rows == columns,
            "a factor of {rows} × {columns} entries is not square"
        );
        let tiling = Tiling::new(rows, side);
        Self { factor, tiling }
    }
}

impl FactorTiles for LowerFactor {
    fn tiling(&self) -> Tiling {
        self.tiling
    }

    fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, TileFailure> {
        let (rows, columns) = (self.tiling.range(row), self.tiling.range(column));
        let view = self
            .factor
            .view((rows.start, columns.start), (rows.len(), columns.len()));
        Ok(view.into_owned())
    }
}
