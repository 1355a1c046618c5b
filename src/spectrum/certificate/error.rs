//! Why there is no certificate.

use super::endpoint::Endpoint;
use super::options::NARROWEST;
use crate::kernel::KernelError;
use crate::memory::{Shortage, gibibytes, size};
use crate::spectrum::SpectrumError;

/// A request that cannot be certified at all.
///
/// A budget that ends is not an error: the certificate then says `reached = false`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// No points.
    #[error(
        "there are no points: their Gram matrix is empty and has no eigenvalue; give at least one"
    )]
    Empty,
    /// A coordinate is NaN or infinite.
    #[error("coordinate {} of point {} is {value}: every coordinate must be finite", .row + 1, .column + 1)]
    NonFinitePoint {
        /// Row of the matrix of points: the coordinate, from 0.
        row: usize,
        /// Column: the point, from 0.
        column: usize,
        /// The coordinate.
        value: f64,
    },
    /// `!(NARROWEST <= relative_width < 1)`, [`NARROWEST`](super::NARROWEST) being what end points of 53 bits allow.
    #[error(
        "a relative width of {relative_width:e} cannot be asked for: it must be at least {NARROWEST:e}, because end \
         points have 53 bits, and below 1"
    )]
    Width {
        /// The width asked for.
        relative_width: f64,
    },
    /// More memory than a limit of the process leaves.
    #[error("a certificate of order {order}: {shortage}: raise the limit, or take fewer points")]
    Memory {
        /// Order of the matrix.
        order: usize,
        /// The limit that is met.
        shortage: Shortage,
    },
    /// More memory than the budget allows.
    #[error(
        "a certificate of order {order} needs {}, the budget allows {}: raise the limit of memory (--max-gib {} is \
         enough to begin), or take fewer points",
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
    /// Two proofs contradict each other: one of them is wrong, and nothing is certified.
    #[error(
        "two bounds of one eigenvalue contradict each other: it would be at least {lo} and at most {hi}; this is a \
         mistake in this crate, or arithmetic that is not IEEE 754"
    )]
    Contradiction {
        /// What was taken for a lower bound.
        lo: Endpoint,
        /// What was taken for an upper bound, which is smaller.
        hi: Endpoint,
    },
    /// The profile has no evaluation with a proved error bound.
    #[error(
        "kernel `{kernel}` has no evaluation with a proved error: write the power of an inverse \
         multiquadric as a ratio of whole numbers up to 16, as in imq(3/10):1"
    )]
    NotCertifiable {
        /// Name of the kernel.
        kernel: String,
    },
    /// The entries in f64 have no proved error: of this kernel, or of points that lie so far apart.
    #[error(
        "the entries of the Gram matrix of kernel `{kernel}` have no proved rounding in f64 at these points: no \
         factorisation of it is promised; take another kernel, or scale points and bandwidth by one factor"
    )]
    NoRounding {
        /// Name of the kernel.
        kernel: String,
    },
    /// An entry from which a factorisation may overflow.
    #[error(
        "an entry has the size {size:e}, above {largest:e}: no factorisation is promised; scale the matrix"
    )]
    LargeEntry {
        /// The largest absolute value.
        size: f64,
        /// What is promised of no larger one.
        largest: f64,
    },
    /// The kernel does not fit the points.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The matrix given is empty, not square, not finite or not symmetric.
    #[error(transparent)]
    Matrix(#[from] SpectrumError),
}
