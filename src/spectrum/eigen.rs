//! Dense symmetric eigenvalues and eigenvectors, as estimates.

use super::SpectrumError;
use crate::arithmetic::{Ball, gamma};
use crate::linalg::{gemm, view};
use faer::Accum;
use faer::Side;
use nalgebra::{DMatrix, DVector};

/// Eigenvalues in ascending order with orthonormal eigenvectors: an estimate,
/// accurate to a modest multiple of `u‖A‖`, without proof.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricEigen {
    /// `n` eigenvalues, ascending.
    pub values: DVector<f64>,
    /// `n × n`: column `j` belongs to `values[j]`.
    pub vectors: DMatrix<f64>,
}

impl SymmetricEigen {
    /// Bounds the error of *every* value, in ascending order, as an eigenvalue of `a`.
    ///
    /// # Guarantee
    /// Certified. With `X = QS` the polar decomposition of the vectors, `Λ` the
    /// values and `R = AX − XΛ`: `QᵀAQ − Λ = QᵀR + QᵀAQ(I−S) − (I−S)Λ`, hence by Weyl
    /// `|λ_i − Λ_i| ≤ ‖R‖ + (‖A‖ + ‖Λ‖)·‖I − XᵀX‖`, here in Frobenius norms with
    /// the rounding of `R` and `XᵀX` added.
    ///
    /// # Panics
    /// If `a` is not of the order of the vectors.
    ///
    /// # Cost
    /// Two products of order `n`.
    pub fn error_bound(&self, a: &DMatrix<f64>) -> f64 {
        let n = a.nrows();
        let scaled = DMatrix::from_fn(n, n, |i, j| self.vectors[(i, j)] * self.values[j]);
        let mut residual = scaled.clone();
        gemm(
            &mut residual,
            Accum::Add,
            -1.0,
            a,
            false,
            &self.vectors,
            false,
        );
        let mut defect = DMatrix::identity(n, n);
        gemm(
            &mut defect,
            Accum::Add,
            -1.0,
            &self.vectors,
            true,
            &self.vectors,
            false,
        );
        let size = |x: &[f64]| Ball::norm_of(x).upper();
        let (norm, vectors) = (size(a.as_slice()), size(self.vectors.as_slice()));
        let largest = self.values.amax();
        let rounding = gamma(n + 4);
        let residual =
            size(residual.as_slice()) + rounding * (norm * vectors + size(scaled.as_slice()));
        let defect = size(defect.as_slice()) + rounding * (vectors * vectors + n as f64);
        (residual + (norm + largest) * defect) * (1.0 + gamma(16))
    }
}

/// Refuses what is not a finite, exactly symmetric, non-empty matrix.
pub(super) fn require_symmetric(a: &DMatrix<f64>) -> Result<(), SpectrumError> {
    let (rows, columns) = a.shape();
    if rows != columns {
        return Err(SpectrumError::NotSquare { rows, columns });
    }
    if rows == 0 {
        return Err(SpectrumError::Empty);
    }
    for column in 0..columns {
        for row in 0..=column {
            let (upper, lower) = (a[(row, column)], a[(column, row)]);
            for (row, column, value) in [(row, column, upper), (column, row, lower)] {
                if !value.is_finite() {
                    return Err(SpectrumError::NonFinite { row, column, value });
                }
            }
            if upper != lower {
                return Err(SpectrumError::NotSymmetric {
                    row,
                    column,
                    upper,
                    lower,
                });
            }
        }
    }
    Ok(())
}

/// Returns the eigenvalues of an exactly symmetric matrix, ascending.
///
/// # Guarantee
/// An estimate. For a proved interval see [`smallest_eigenvalue`](super::smallest_eigenvalue).
///
/// # Errors
/// A matrix that is empty, not square, not finite or not exactly symmetric.
///
/// # Cost
/// `O(n³)`, about 0.12 s at n = 1000.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// let values = polyak::spectrum::eigenvalues(&dmatrix![2.0, 1.0; 1.0, 2.0])?;
/// assert!((values[0] - 1.0).abs() < 1e-14 && (values[1] - 3.0).abs() < 1e-14);
/// # Ok::<(), polyak::spectrum::SpectrumError>(())
/// ```
pub fn eigenvalues(a: &DMatrix<f64>) -> Result<DVector<f64>, SpectrumError> {
    require_symmetric(a)?;
    let values = view(a, false)
        .self_adjoint_eigenvalues(Side::Lower)
        .map_err(|_| SpectrumError::NoConvergence { size: a.nrows() })?;
    Ok(DVector::from_vec(values))
}

/// Returns eigenvalues and eigenvectors of an exactly symmetric matrix.
///
/// # Errors
/// As [`eigenvalues`].
///
/// # Cost
/// `O(n³)`, a few times that of the values alone.
pub fn symmetric_eigen(a: &DMatrix<f64>) -> Result<SymmetricEigen, SpectrumError> {
    require_symmetric(a)?;
    let n = a.nrows();
    let eigen = view(a, false)
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| SpectrumError::NoConvergence { size: n })?;
    Ok(SymmetricEigen {
        values: DVector::from_fn(n, |j, _| eigen.S()[j]),
        vectors: DMatrix::from_fn(n, n, |i, j| eigen.U()[(i, j)]),
    })
}
