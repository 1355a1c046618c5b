//! What can be wrong with a network.

/// Why a network cannot be built or run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// `depth == 0`
    #[error("a residual network needs at least one layer")]
    NoLayers,
    /// A matrix has the wrong shape.
    #[error(
        "the shape of {what} is {rows} × {columns}, and {expected_rows} × {expected_columns} is expected"
    )]
    Shape {
        /// Which matrix.
        what: &'static str,
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
        /// Rows that the network needs.
        expected_rows: usize,
        /// Columns that the network needs.
        expected_columns: usize,
    },
    /// A number is NaN or infinite.
    #[error("{what} contains {value}: every entry must be finite")]
    NonFinite {
        /// Which matrix.
        what: &'static str,
        /// The entry.
        value: f64,
    },
    /// The readout is empty or the data have no sample.
    #[error("there is nothing in {what}: give at least one entry")]
    Empty {
        /// Which matrix.
        what: &'static str,
    },
    /// The kernel is not known to be positive definite in the dimension of the states.
    #[error(transparent)]
    Kernel(#[from] crate::kernel::KernelError),
    /// An eigenvalue of `BBᵀ` could not be enclosed.
    #[error(transparent)]
    Spectrum(#[from] crate::spectrum::SpectrumError),
}
