//! Factor certificates: a bound of the smallest eigenvalue from a factor that anybody computed.
//!
//! For *any* lower triangular `L` and any shift `s`, `K = sI + LLᵀ + R` with `LLᵀ ⪰ 0`, so `λ_min(K) ≥ s − ‖R‖₂`: the
//! factor is a candidate, and only the residual `R` is a fact. It is computed here, tile by tile, from entries of `K` that
//! are made as they are needed; a wrong factor costs the bound, and never the truth. Nothing is assumed of the engine that
//! computed `L`, in whatever precision; of this crate's own products what Higham's inner products assume, in any order.
//!
//! Tile rows are independent: each leaves a few numbers ([`FactorPart`]), which other machines may compute and
//! [`conclude`] adds up. Memory is two tile rows of `L`, the points and a few tiles.
//!
//! Claim E1 (`proofs/e1-certificate.md`, *A factor of another engine*).
//!
//! # Example
//! ```
//! use polyak::spectrum::factor::{LowerFactor, TiledMatrix, prove_smallest};
//! use polyak::watch::Stop;
//!
//! let points = nalgebra::DMatrix::from_fn(2, 60, |i, j| ((j * (i + 2)) as f64).sin() * 3.0);
//! let kernel = "matern12:0.5".parse()?;
//! let gram = polyak::gram::mercer_gram(&kernel, &points)?;
//!
//! // A factor of K − 0.001·I from another library: nobody has to believe it.
//! let shifted = gram - nalgebra::DMatrix::identity(60, 60) * 0.001;
//! let factor = LowerFactor::new(shifted.cholesky().expect("the shift is below λ_min").l(), 16);
//!
//! let matrix = TiledMatrix::of_kernel(&kernel, points.as_view())?;
//! let proved = prove_smallest(&matrix, &factor, 0.001, None, &Stop::default())?;
//! assert!(proved.lo > 0.000_999 && proved.hi <= 1.0 + 1e-9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checksum;
mod conclude;
mod error;
mod inverse;
mod matrix;
mod norm;
mod part;
mod quotient;
#[cfg(test)]
mod tests;
mod tiles;
mod tiling;

pub use conclude::{FactorBound, conclude, join};
pub use error::FactorError;
pub use inverse::nearest_vector;
pub use matrix::TiledMatrix;
pub use part::{FactorPart, RowDigest, TileBounds, prove_rows};
pub use tiles::{FactorTiles, LowerFactor, TileFailure};
pub use tiling::Tiling;

use crate::watch::Watch;

/// Bounds the smallest eigenvalue by all tile rows of a factor of `K − shift·I`.
///
/// # Arguments
/// * `vector`: N numbers whose Rayleigh quotient bounds the eigenvalue from above; without them
///   [`nearest_vector`] finds some.
/// * `watch`: hears of one unit a tile.
///
/// # Errors
/// Those of [`prove_rows`].
///
/// # Cost
/// That of [`prove_rows`] over all rows, `N³/3` multiplications; every step of the inverse iterations `N²`, and it reads the factor
/// twice.
pub fn prove_smallest(
    matrix: &TiledMatrix<'_>,
    factor: &dyn FactorTiles,
    shift: f64,
    vector: Option<&[f64]>,
    watch: &dyn Watch,
) -> Result<FactorBound, FactorError> {
    let rows: Vec<usize> = (0..factor.tiling().rows()).collect();
    let found = match vector {
        Some(_) => None,
        None => Some(nearest_vector(factor, watch)?),
    };
    let vector = vector.or(found.as_deref());
    let part = prove_rows(matrix, factor, shift, &rows, vector, watch)?;
    conclude(&[part])
}
