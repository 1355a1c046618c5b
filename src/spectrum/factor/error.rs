//! Why a factor proves nothing.

use super::TileFailure;
use crate::kernel::KernelError;
use crate::spectrum::SpectrumError;
use crate::text::count;
use crate::watch::Stopped;

/// A factor, or parts of a proof, of which nothing follows. Tiles are named as their files, `I-J` from 0; entries of a tile are counted from 0 in fields and
/// from 1 in messages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactorError {
    /// The matrix and the factor are of different orders.
    #[error(
        "the factor is of order {factor}, and the matrix of order {matrix}: they must be of one"
    )]
    Order {
        /// That of the factor.
        factor: usize,
        /// That of the matrix.
        matrix: usize,
    },
    /// A shift that is no number.
    #[error("a shift of {shift} is not finite")]
    Shift {
        /// The shift.
        shift: f64,
    },
    /// A tile that cannot be had.
    #[error("tile {row}-{column} of the factor: {cause}")]
    Tile {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
        /// What its source says.
        #[source]
        cause: TileFailure,
    },
    /// A tile of another shape.
    #[error(
        "tile {row}-{column} of the factor is {found_rows} × {found_columns}, and should be {rows} × {columns}"
    )]
    Shape {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
        /// The rows that it should have.
        rows: usize,
        /// The columns that it should have.
        columns: usize,
        /// Those that it has.
        found_rows: usize,
        /// Those that it has.
        found_columns: usize,
    },
    /// An entry of the factor is NaN or infinite.
    #[error(
        "entry ({}, {}) of tile {row}-{column} of the factor is {value}: compute the factor again, with a smaller shift if it broke down",
        .i + 1, .j + 1
    )]
    NotFinite {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
        /// The row in the tile.
        i: usize,
        /// The column in the tile.
        j: usize,
        /// The entry.
        value: f64,
    },
    /// An entry of a factor in f32 that no f32 equals.
    #[error(
        "entry ({}, {}) of tile {row}-{column} of the factor is {value:e}, which is no f32, as the factor is said to be",
        .i + 1, .j + 1
    )]
    NotSingle {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
        /// The row in the tile.
        i: usize,
        /// The column in the tile.
        j: usize,
        /// The entry.
        value: f64,
    },
    /// A residual beyond the range of f64.
    #[error(
        "the residual of tile {row}-{column} exceeds the range of f64: the factor or the shift is far too large"
    )]
    Overflow {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
    },
    /// A tile that changed while it was read.
    #[error("tile {row}-{column} of the factor changed while the proof ran: prove it again")]
    Changed {
        /// Its row of tiles.
        row: usize,
        /// Its column of tiles.
        column: usize,
    },
    /// A vector for the upper bound that has another length, is zero or not finite.
    #[error("the vector must be {}, not all zero", count(.order, "finite number"))]
    Vector {
        /// How many numbers are needed.
        order: usize,
    },
    /// A kernel whose rounding in f64 is not proved at these points.
    #[error(
        "no rounding of the entries of kernel `{kernel}` is proved at these points: scale them, or certify them with `--certify`"
    )]
    Unproved {
        /// The kernel.
        kernel: String,
    },
    /// Parts of different proofs.
    #[error(
        "the parts are not of one proof: {what} differs; prove all parts with the same points, kernel, shift and factor"
    )]
    Mixed {
        /// What differs.
        what: &'static str,
    },
    /// A part that no proof leaves.
    #[error("a part has an order, a side or a bound that none can have: prove it again")]
    Damaged,
    /// Bounds that cannot both be: one of the parts was edited.
    #[error(
        "the parts say that the eigenvalue is at least {lo:e} and at most {hi:e}, which cannot be: one was edited; prove them again"
    )]
    Contradiction {
        /// At least this.
        lo: f64,
        /// At most this.
        hi: f64,
    },
    /// Rows that no part proves.
    #[error("no part proves tile row {row} (from 0; there are {rows}): prove the missing part")]
    Missing {
        /// The first such row of tiles.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A row that two parts prove.
    #[error("tile row {row} (from 0) is in two parts: give each part once")]
    Twice {
        /// The row of tiles.
        row: usize,
    },
    /// A row of a part without all of its tiles.
    #[error("tile row {row} (from 0) is not whole in its part: prove the part again")]
    Partial {
        /// The row of tiles.
        row: usize,
    },
    /// No points, or a coordinate that is no number.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The matrix given is empty, not square, not finite or not symmetric.
    #[error(transparent)]
    Matrix(#[from] SpectrumError),
    /// The proof was stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
