//! What can be wrong with a set of frequencies.

use thiserror::Error;

use super::MAX_FREQUENCY;

/// Frequencies that make no feature map.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FeaturesError {
    /// `q = 0` or `m = 0`.
    #[error(
        "the frequencies have the shape {dimension} × {count}: give at least one frequency of at least one coordinate"
    )]
    Empty {
        /// Rows: the dimension `q`.
        dimension: usize,
        /// Columns: the number `m` of frequencies.
        count: usize,
    },
    /// A NaN or infinite coordinate.
    #[error("coordinate {} of frequency {} is {value}: frequencies must be finite", .row + 1, .column + 1)]
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
        "{} in dimension {dimension} make no whole number of orthogonal blocks: ask for a multiple of {dimension}",
        crate::text::count(count, "frequency")
    )]
    Blocks {
        /// The dimension `q`.
        dimension: usize,
        /// The number `m` of frequencies.
        count: usize,
    },
    /// The kernel has no sampler in this dimension.
    #[error(transparent)]
    Kernel(#[from] crate::kernel::KernelError),
    /// `‖ω‖ > 2^120`.
    #[error(
        "frequency {} has norm {norm:e}, above {MAX_FREQUENCY:e}: rescale the points, or take a longer bandwidth",
        .column + 1
    )]
    TooLarge {
        /// Column: the frequency.
        column: usize,
        /// Its norm.
        norm: f64,
    },
}
