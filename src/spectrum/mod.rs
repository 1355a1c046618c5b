//! Extreme eigenvalues of symmetric matrices: estimated, and enclosed.
//!
//! An estimate ([`eigenvalues`]) is what a library returns; an [`Enclosure`] is a
//! statement about the real number: `lo ≤ λ ≤ hi` for the matrix whose entries
//! are exactly the given f64 numbers. Every PL constant of this crate is built
//! from enclosures, so that the noise of an eigensolver can never pass for a
//! positive lower bound.

mod block_lanczos;
pub mod certificate;
mod cholesky;
mod davidson;
mod eigen;
mod enclosure;
mod error;
pub mod factor;
mod front;
mod inverse_lanczos;
mod lanczos;
mod matrix_free;
mod operator;
mod single_inverse;
mod singular;
mod symmetrized;

pub use davidson::davidson;
pub use eigen::{SymmetricEigen, eigenvalues, symmetric_eigen};
pub use enclosure::{
    Enclosure, Extremes, extreme_eigenvalues, largest_eigenvalue, smallest_eigenvalue,
};
pub use error::SpectrumError;
pub use front::{
    EstimateOptions, Method, Solution, estimate_smallest, estimate_smallest_of_matrix,
};
pub(crate) use inverse_lanczos::ShiftedInverse;
pub use inverse_lanczos::{Estimate, Termination, inverse_lanczos};
pub use matrix_free::{MatrixFree, MatrixFreeOptions, estimate_smallest_of_operator, matrix_free};
pub use operator::{SymmetricOperator, estimate_largest_of_operator};
pub use singular::{SingularEstimate, SingularRoute, smallest_singular_value};
pub use symmetrized::{Symmetrized, symmetrized};
