//! Gram matrix of the vector-valued kernel `k·Id`.

use nalgebra::DMatrix;

/// Returns the `Nq × Nq` matrix `K ⊗ Id_q`, blocks `k(z_i, z_j)·Id_q`.
///
/// Its eigenvalues are those of `K`, each `q` times (claim K5): nothing needs
/// this matrix but the check of that claim.
///
/// # Example
/// ```
/// let tensor = polyak::gram::tensor_gram(&nalgebra::dmatrix![1.0, 0.5; 0.5, 1.0], 2);
/// assert_eq!(tensor[(0, 2)], 0.5);
/// assert_eq!(tensor[(0, 3)], 0.0);
/// ```
pub fn tensor_gram(gram: &DMatrix<f64>, dimension: usize) -> DMatrix<f64> {
    gram.kronecker(&DMatrix::identity(dimension, dimension))
}
