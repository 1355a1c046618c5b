//! What can be wrong with a matrix.

use crate::kernel::KernelError;
use crate::memory::{Shortage, gibibytes, size};

/// Why a spectrum cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpectrumError {
    /// `rows != columns`
    #[error("the matrix is {rows} × {columns}: eigenvalues need a square one")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// `n == 0`
    #[error("the matrix is empty and has no eigenvalue: give at least one row, or one point")]
    Empty,
    /// An entry is NaN or infinite.
    #[error("entry ({}, {}) is {value}: every entry must be finite", .row + 1, .column + 1)]
    NonFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// All entries above the diagonal are zero, or all below it, and the others are not.
    #[error(
        "all entries {} the diagonal are zero and not all on its other side: if this is one triangle of a \
         symmetric matrix, mirror it, A + Aᵀ − diag(A)",
        if *.upper { "below" } else { "above" }
    )]
    Triangular {
        /// Whether the entries are those of the upper triangle.
        upper: bool,
    },
    /// `a[(row, column)] != a[(column, row)]`
    #[error(
        "entries ({0}, {1}) = {upper:e} and ({1}, {0}) = {lower:e} differ: a symmetric matrix is needed; \
         if only rounding sets them apart take (A + Aᵀ)/2",
        .row + 1, .column + 1
    )]
    NotSymmetric {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// Entry above the diagonal.
        upper: f64,
        /// Entry below the diagonal.
        lower: f64,
    },
    /// A radius below zero.
    #[error("entry ({}, {}) is {value:e}: a radius must not be negative", .row + 1, .column + 1)]
    NegativeRadius {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// The Cholesky factorisation met a pivot that is not positive.
    #[error(
        "the {size} × {size} matrix is not positive definite in f64: its smallest eigenvalue \
         is below the rounding of the factorisation; ask for a certificate"
    )]
    NotPositiveDefinite {
        /// Order of the matrix.
        size: usize,
    },
    /// The Cholesky factorisation in f32 met a pivot that is not positive, or solves nothing.
    #[error(
        "the {size} × {size} matrix has no useful inverse in single precision: its smallest \
         eigenvalue is below the rounding there; use inverse Lanczos iterations in f64"
    )]
    NoSingleInverse {
        /// Order of the matrix.
        size: usize,
    },
    /// More memory than a limit of the process leaves.
    #[error(
        "a matrix of order {order} and its factor: {shortage}: raise the limit, or use the matrix-free method with \
         a radial kernel"
    )]
    Memory {
        /// Order of the matrix.
        order: usize,
        /// The limit that is met.
        shortage: Shortage,
    },
    /// More memory than allowed.
    #[error(
        "a matrix of order {order} and its factor need {}, {} are allowed: raise the limit (--max-gib {} is enough), \
         or use the matrix-free method with a radial kernel",
        size(*.bytes as u64), size(*.limit as u64), gibibytes(*.bytes as u64)
    )]
    TooLarge {
        /// Order of the matrix.
        order: usize,
        /// Bytes needed.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The matrix-free method, with a matrix.
    #[error(
        "the matrix-free method works on points and a kernel, not on a matrix: use another method"
    )]
    NeedsPoints,
    /// The matrix-free method, with a polynomial kernel.
    #[error("the matrix-free method needs a radial kernel, `{kernel}` is none: use another method")]
    NotRadial {
        /// Name of the kernel.
        kernel: String,
    },
    /// Distances that overflow or underflow.
    #[error(
        "the points lie so far apart, or so close, that no rounding of their Gram matrix is proved in f64: \
         scale points and bandwidth by one factor, or ask for a certificate"
    )]
    OutOfRange,
    /// An eigenvalue beyond the largest number.
    #[error("the smallest eigenvalue is beyond the range of f64: scale the matrix")]
    Overflow,
    /// A product with an operator has an entry that is NaN or infinite.
    #[error(
        "a product with the operator is not finite: scale it, or look where it makes such numbers"
    )]
    NotFiniteProduct,
    /// The kernel does not fit the points.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The eigensolver gave up.
    #[error(
        "the dense eigensolver did not converge on a {size} × {size} matrix: use another method, or ask for a \
         certificate"
    )]
    NoConvergence {
        /// Order of the matrix.
        size: usize,
    },
}
