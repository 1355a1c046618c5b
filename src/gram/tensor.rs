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
#[must_use]
pub fn tensor_gram(gram: &DMatrix<f64>, dimension: usize) -> DMatrix<f64> {
    gram.kronecker(&DMatrix::identity(dimension, dimension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_multiples_of_the_identity() {
        let gram = DMatrix::from_fn(3, 3, |i, j| (1 + i + j + i * j) as f64);
        for q in [1, 2, 4] {
            let tensor = tensor_gram(&gram, q);
            assert_eq!(tensor.shape(), (3 * q, 3 * q));
            for a in 0..3 * q {
                for b in 0..3 * q {
                    let same = a % q == b % q;
                    let expected = if same { gram[(a / q, b / q)] } else { 0.0 };
                    assert_eq!(tensor[(a, b)], expected);
                }
            }
        }
    }
}
