//! Gram matrix of any kernel.

use super::memory::require_memory;
use super::{feature_gram, kernel_gram};
use crate::kernel::{KernelError, MercerKernel};
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

/// Returns the Gram matrix `(k(z_i, z_j))` (N × N) of the columns of `points` (q × N).
///
/// # Guarantee
/// Exactly symmetric, the same for any number of threads. Radial kernels: that of [`kernel_gram`].
/// A bandwidth for every coordinate: that of [`kernel_gram`] at the points scaled about one of them.
/// Polynomials: inner products by one matrix product, within `γ_q|x||y|` of exact, and their
/// powers.
///
/// # Errors
/// [`KernelError::Dimension`] when a list of bandwidths does not fit the points,
/// [`KernelError::Overflow`] when a polynomial exceeds the range of f64, [`KernelError::Memory`] when the
/// system does not give the `8N²` bytes.
///
/// # Cost
/// That of [`kernel_gram`].
///
/// # Example
/// ```
/// use polyak::gram::mercer_gram;
/// let points = nalgebra::dmatrix![1.0, 2.0; 0.0, 3.0];
/// let gram = mercer_gram(&"polynomial(2):1".parse()?, &points)?;
/// assert_eq!(gram, nalgebra::dmatrix![4.0, 9.0; 9.0, 196.0]);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub fn mercer_gram<'a>(
    kernel: &MercerKernel,
    points: impl Into<DMatrixView<'a, f64>>,
) -> Result<DMatrix<f64>, KernelError> {
    let points = points.into();
    require_memory(points.ncols())?;
    Ok(match kernel {
        MercerKernel::Radial(kernel) => kernel_gram(kernel, points),
        MercerKernel::Anisotropic(kernel) => kernel_gram(kernel.unit(), &kernel.scale(points)?),
        MercerKernel::Polynomial(kernel) => {
            let mut gram = feature_gram(&points.into_owned());
            let entries = gram.as_mut_slice().par_iter_mut().with_min_len(4096);
            entries.for_each(|entry| *entry = kernel.of_product(*entry));
            if !gram.iter().all(|entry| entry.is_finite()) {
                return Err(KernelError::Overflow {
                    kernel: kernel.name(),
                });
            }
            gram
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;

    #[test]
    fn entries_are_kernel_values() {
        let points = DMatrix::from_fn(2, 70, |i, j| ((5 * i + 3 * j + 1) as f64).sin());
        for name in [
            "matern52:0.7",
            "gaussian:0.5,2",
            "linear",
            "polynomial(3):0.5",
        ] {
            let kernel: MercerKernel = name.parse().unwrap();
            let gram = mercer_gram(&kernel, &points).unwrap();
            assert_eq!(gram, gram.transpose());
            for i in 0..70 {
                for j in 0..70 {
                    let value =
                        kernel.value(points.column(i).as_slice(), points.column(j).as_slice());
                    // As in `kernel_gram`'s own test; cubes of numbers below 2.5.
                    let error = 1000.0 * gamma(8) * value.abs().max(1.0);
                    assert!((gram[(i, j)] - value).abs() <= error, "{name} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn no_points_have_an_empty_matrix_and_no_coordinates_equal_points() {
        for name in ["matern52:0.7", "linear", "polynomial(3):2"] {
            let kernel: MercerKernel = name.parse().unwrap();
            for dimension in [0, 2] {
                let gram = mercer_gram(&kernel, &DMatrix::zeros(dimension, 0)).unwrap();
                assert_eq!(gram.shape(), (0, 0), "{name}");
            }
            let gram = mercer_gram(&kernel, &DMatrix::zeros(0, 3)).unwrap();
            let value = kernel.value(&[], &[]);
            assert_eq!(gram, DMatrix::from_element(3, 3, value), "{name}");
        }
    }

    #[test]
    fn bandwidths_must_fit() {
        let kernel: MercerKernel = "gaussian:1,2".parse().unwrap();
        let refused = mercer_gram(&kernel, &DMatrix::zeros(3, 4));
        assert!(matches!(refused, Err(KernelError::Dimension { .. })));
        let linear: MercerKernel = "linear".parse().unwrap();
        // ∞ − ∞ among the entries.
        let huge = mercer_gram(&linear, &nalgebra::dmatrix![1e200, 1e200; 1e200, -1e200]);
        assert!(matches!(huge, Err(KernelError::Overflow { .. })));
    }
}
