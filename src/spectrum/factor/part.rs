//! What some rows of tiles prove.

use super::checksum::{checksum, checksums, hexadecimal};
use super::quotient::quotient_above;
use super::{FactorError, FactorTiles, TiledMatrix, Tiling, norm};
use crate::linalg::{multiply, view};
use crate::watch::{Stopped, Watch};
use faer::{Accum, MatMut};
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Mutex;

/// What is proved of one tile of the residual; tiles are counted from 0.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TileBounds {
    /// The row of tiles.
    pub row: usize,
    /// The column of tiles, at most the row.
    pub column: usize,
    /// A bound of the 2-norm of the tile of the residual, as computed.
    pub residual: f64,
    /// A bound of the sum of the squares of the entries of `K − sI`, as computed.
    pub matrix_squares: f64,
    /// A bound of the sum of the squares of the entries of `L`.
    pub factor_squares: f64,
    /// Of a tile on the diagonal: the least entry on the diagonal, as computed.
    pub least_diagonal: Option<f64>,
}

/// The checksum of a row of tiles of a factor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RowDigest {
    /// The row of tiles, from 0.
    pub row: usize,
    /// The checksum of its tiles, in hexadecimal.
    pub digest: String,
}

/// A part of a proof: what some rows of tiles show, and of what.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FactorPart {
    /// The order of the matrix.
    pub order: usize,
    /// The side of a tile.
    pub side: usize,
    /// The shift.
    pub shift: f64,
    /// Whether every entry of the factor is an f32.
    pub single: bool,
    /// A bound of the distance of the entries as computed from the matrix, in the 2-norm.
    pub entries_error: f64,
    /// A checksum of the points and the kernel, or of the entries, in hexadecimal.
    pub matrix: String,
    /// The eigenvalue is at most this, by the Rayleigh quotient of a vector, if the part had one.
    pub upper: Option<f64>,
    /// The rows of tiles of the factor that were read.
    pub factor: Vec<RowDigest>,
    /// What is proved, tile by tile.
    pub tiles: Vec<TileBounds>,
}

/// Bounds the tiles of some rows of the residual `K − sI − LLᵀ`.
///
/// # Arguments
/// * `rows`: rows of tiles, from 0, as [`Tiling::deal`] deals them;
/// * `vector`: N numbers for a Rayleigh quotient, which one part may have for all;
/// * `watch`: hears of one unit a tile.
///
/// # Guarantee
/// The same numbers for any number of threads.
///
/// # Errors
/// [`FactorError`]: shapes that do not fit, a tile that cannot be read, is not finite, or changes, and a run that was stopped.
///
/// # Cost
/// `b³` multiplications a product of two tiles of side `b`, `(I + 1)(I + 2)/2` of them for row `I` (from 0); each tile of the factor
/// above or in the row is read once a row.
///
/// # Panics
/// If there is no such row of tiles.
pub fn prove_rows(
    matrix: &TiledMatrix<'_>,
    factor: &dyn FactorTiles,
    shift: f64,
    rows: &[usize],
    vector: Option<&[f64]>,
    watch: &dyn Watch,
) -> Result<FactorPart, FactorError> {
    let tiling = factor.tiling();
    let order = tiling.order();
    if order != matrix.order() {
        return Err(FactorError::Order {
            factor: order,
            matrix: matrix.order(),
        });
    }
    if !shift.is_finite() {
        return Err(FactorError::Shift { shift });
    }
    let upper = vector
        .map(|vector| quotient_above(matrix, tiling, vector, watch))
        .transpose()?;
    let reader = Reader::new(factor);
    let mut tiles = Vec::new();
    for &row in rows {
        let strip = reader.row(row, watch)?;
        let proof = Row {
            matrix,
            reader: &reader,
            shift,
            row,
            strip: &strip,
        };
        // The long ones first.
        let columns = (0..row + 1).into_par_iter().rev();
        let bounds = columns.map(|column| {
            if watch.is_stopped() {
                return Err(Stopped.into());
            }
            let bounds = proof.tile(column)?;
            watch.advance(1);
            Ok(bounds)
        });
        let mut bounds = bounds.collect::<Result<Vec<_>, FactorError>>()?;
        bounds.reverse();
        tiles.append(&mut bounds);
    }
    Ok(FactorPart {
        order,
        side: tiling.side(),
        shift,
        single: factor.is_single(),
        entries_error: matrix.error(),
        matrix: hexadecimal(matrix.checksum()),
        upper,
        factor: reader.digests(),
        tiles,
    })
}

/// Tiles of a factor that are what they should be, and stay it.
pub(super) struct Reader<'a> {
    factor: &'a dyn FactorTiles,
    tiling: Tiling,
    seen: Mutex<HashMap<(usize, usize), u64>>,
}

impl<'a> Reader<'a> {
    pub fn new(factor: &'a dyn FactorTiles) -> Self {
        Self {
            factor,
            tiling: factor.tiling(),
            seen: Mutex::default(),
        }
    }

    /// A row of tiles, up to the diagonal.
    fn row(&self, row: usize, watch: &dyn Watch) -> Result<Vec<DMatrix<f64>>, FactorError> {
        let columns = (0..=row).into_par_iter();
        let tiles = columns.map(|column| match watch.is_stopped() {
            true => Err(Stopped.into()),
            false => self.tile(row, column),
        });
        tiles.collect()
    }

    /// A tile; zero above the diagonal.
    pub fn tile(&self, row: usize, column: usize) -> Result<DMatrix<f64>, FactorError> {
        let tile = self.factor.tile(row, column);
        let mut tile = tile.map_err(|cause| FactorError::Tile { row, column, cause })?;
        let (found_rows, found_columns) = tile.shape();
        let (rows, columns) = (
            self.tiling.range(row).len(),
            self.tiling.range(column).len(),
        );
        if (found_rows, found_columns) != (rows, columns) {
            return Err(FactorError::Shape {
                row,
                column,
                rows,
                columns,
                found_rows,
                found_columns,
            });
        }
        if row == column {
            tile.fill_upper_triangle(0.0, 1);
        }
        let at = |place: usize| (place % rows, place / rows);
        let numbers = tile.as_slice();
        if let Some(place) = numbers.iter().position(|x| !x.is_finite()) {
            let ((i, j), value) = (at(place), numbers[place]);
            return Err(FactorError::NotFinite {
                row,
                column,
                i,
                j,
                value,
            });
        }
        let is_double = |x: &f64| f64::from(*x as f32) != *x;
        if self.factor.is_single()
            && let Some(place) = numbers.iter().position(is_double)
        {
            let ((i, j), value) = (at(place), numbers[place]);
            return Err(FactorError::NotSingle {
                row,
                column,
                i,
                j,
                value,
            });
        }
        let sum = checksum(numbers);
        let mut seen = self.seen.lock().expect("nobody panics with it");
        if *seen.entry((row, column)).or_insert(sum) != sum {
            return Err(FactorError::Changed { row, column });
        }
        Ok(tile)
    }

    /// The rows that were read in whole.
    fn digests(&self) -> Vec<RowDigest> {
        let seen = self.seen.lock().expect("nobody panics with it");
        let whole = |row: usize| {
            let sums: Option<Vec<u64>> = (0..=row)
                .map(|column| seen.get(&(row, column)).copied())
                .collect();
            sums.map(|sums| RowDigest {
                row,
                digest: hexadecimal(checksums(sums)),
            })
        };
        (0..self.tiling.rows()).filter_map(whole).collect()
    }
}

/// A row of tiles that is being proved.
struct Row<'a> {
    matrix: &'a TiledMatrix<'a>,
    reader: &'a Reader<'a>,
    shift: f64,
    row: usize,
    /// The factor's tiles in it.
    strip: &'a [DMatrix<f64>],
}

impl Row<'_> {
    fn tile(&self, column: usize) -> Result<TileBounds, FactorError> {
        let (row, tiling) = (self.row, self.reader.tiling);
        let mut residual = self.matrix.tile(tiling, row, column);
        let is_diagonal = row == column;
        if is_diagonal {
            // The matrix meant is symmetric: its lower half says what it is.
            residual.fill_upper_triangle_with_lower_triangle();
        }
        let least = is_diagonal.then(|| residual.diagonal().min());
        if is_diagonal {
            residual.set_diagonal(&residual.diagonal().add_scalar(-self.shift));
        }
        let matrix_squares = norm::squares(&residual);
        let mut product = DMatrix::zeros(residual.nrows(), residual.ncols());
        for (k, left) in self.strip[..=column].iter().enumerate() {
            let read;
            let right = match is_diagonal {
                true => left,
                false => {
                    read = self.reader.tile(column, k)?;
                    &read
                }
            };
            // Each product by itself, and then taken away: its terms are rounded b times, and once a tile.
            let (rows, columns) = product.shape();
            multiply(
                MatMut::from_column_major_slice_mut(product.as_mut_slice(), rows, columns),
                Accum::Replace,
                1.0,
                view(left, false),
                view(right, true),
            );
            residual -= &product;
        }
        if is_diagonal {
            residual.fill_upper_triangle_with_lower_triangle();
        }
        let bounds = TileBounds {
            row,
            column,
            residual: norm::of_tile(&residual),
            matrix_squares,
            factor_squares: norm::squares(&self.strip[column]),
            least_diagonal: least,
        };
        let numbers = [
            bounds.residual,
            bounds.matrix_squares,
            bounds.factor_squares,
        ];
        match numbers.into_iter().all(f64::is_finite) {
            true => Ok(bounds),
            false => Err(FactorError::Overflow { row, column }),
        }
    }
}
