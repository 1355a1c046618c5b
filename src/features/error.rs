//! What can be wrong with a set of frequencies.

use thiserror::Error;

use super::MAX_FREQUENCY;

/// Frequencies that make no feature map.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FeaturesError {
    /// `q = 0` or `m = 0`.
    #[error(
        "frequencies of shape {dimension} × {count}: give at least one frequency of at least one coordinate"
    )]
    Empty {
        /// Rows: the dimension `q`.
        dimension: usize,
        /// Columns: the number `m` of frequencies.
        count: usize,
    },
    /// A NaN or infinite coordinate.
    #[error("coordinate {row} of frequency {column} is {value}: frequencies must be finite")]
    NonFinite {
        /// Row: the coordinate.
        row: usize,
        /// Column: the frequency.
        column: usize,
        /// The coordinate.
        value: f64,
    },
    /// Orthogonal frequencies come in blocks of as many as there are dimensions.
    #[error(
        "{count} orthogonal frequencies in dimension {dimension}: ask for a multiple of {dimension}"
    )]
    Blocks {
        /// The dimension `q`.
        dimension: usize,
        /// The number `m` of frequencies.
        count: usize,
    },
    /// `‖ω‖ > 2^120`.
    #[error(
        "frequency {column} has norm {norm}, above {MAX_FREQUENCY}: rescale the points, or take a longer bandwidth"
    )]
    TooLarge {
        /// Column: the frequency.
        column: usize,
        /// Its norm.
        norm: f64,
    },
}
