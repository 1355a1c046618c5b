//! Dense symmetric eigenvalues and eigenvectors, as estimates.

use super::SpectrumError;
use crate::arithmetic::{Ball, enlarged, gamma};
use crate::linalg::{decompositions, gemm, view};
use faer::Accum;
use nalgebra::{DMatrix, DMatrixView, DVector};
use rayon::prelude::*;
use std::ops::Range;

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
    #[must_use]
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
        enlarged(residual + (norm + largest) * defect, 16)
    }
}

/// Place and value of the first entry that is not finite, by columns.
pub(super) fn first_non_finite<'a>(
    a: impl Into<DMatrixView<'a, f64>>,
) -> Option<(usize, usize, f64)> {
    let a = a.into();
    a.column_iter().enumerate().find_map(|(j, column)| {
        let mut entries = column.as_slice().iter().enumerate();
        let (i, &value) = entries.find(|(_, x)| !x.is_finite())?;
        Some((i, j, value))
    })
}

/// Refuses a matrix without columns, and entries that are not finite.
pub(super) fn require_points(points: DMatrixView<'_, f64>) -> Result<(), SpectrumError> {
    if points.ncols() == 0 {
        return Err(SpectrumError::Empty);
    }
    match first_non_finite(points) {
        Some((row, column, value)) => Err(SpectrumError::NonFinite { row, column, value }),
        None => Ok(()),
    }
}

/// Side of a tile that is compared with its mirror image within the cache.
const TILE: usize = 32;

/// Tells whether a square matrix is finite and exactly symmetric, on all cores.
fn is_symmetric(a: &DMatrix<f64>) -> bool {
    let n = a.nrows();
    let tiles = (0..n.div_ceil(TILE)).into_par_iter();
    tiles.map(|tile| tile * TILE).all(|first| {
        let columns = first..(first + TILE).min(n);
        (0..columns.end).step_by(TILE).all(|row| {
            let rows = row..(row + TILE).min(columns.end);
            agrees(a.as_slice(), n, rows, columns.clone())
        })
    })
}

/// Tells whether a tile is finite and the mirror image of its mirror image, without a branch.
fn agrees(entries: &[f64], n: usize, rows: Range<usize>, columns: Range<usize>) -> bool {
    let mut differences = 0;
    for j in columns {
        let column = &entries[j * n..][rows.clone()];
        let row = entries[rows.start * n + j..].iter().step_by(n);
        for (upper, lower) in column.iter().zip(row) {
            // Infinities differ from themselves by NaN.
            differences += u32::from(!(upper - lower == 0.0));
        }
    }
    differences == 0
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
    if is_symmetric(a) {
        return Ok(());
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
                if let Some(upper) = only_triangle(a) {
                    return Err(SpectrumError::Triangular { upper });
                }
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

/// Tells which triangle of a square matrix that is not symmetric holds all that is not on the diagonal: the upper
/// one, `Some(true)`, the lower one, or neither.
pub(super) fn only_triangle(a: &DMatrix<f64>) -> Option<bool> {
    let n = a.nrows();
    let zero = |above: bool| {
        let mut pairs = (0..n).flat_map(|j| (0..j).map(move |i| (i, j)));
        pairs.all(|(i, j)| a[if above { (i, j) } else { (j, i) }] == 0.0)
    };
    match (zero(true), zero(false)) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        _ => None,
    }
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
    let refusal = SpectrumError::NoConvergence { size: a.nrows() };
    decompositions::eigenvalues(view(a, false)).ok_or(refusal)
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
    let refusal = SpectrumError::NoConvergence { size: a.nrows() };
    let (values, vectors) = decompositions::eigen(view(a, false)).ok_or(refusal)?;
    Ok(SymmetricEigen { values, vectors })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use nalgebra::{dmatrix, dvector};

    const U: f64 = UNIT_ROUNDOFF;

    #[test]
    fn every_entry_is_compared_with_its_mirror_image() {
        for n in [1usize, 31, 32, 33, 70] {
            let a = DMatrix::from_fn(n, n, |i, j| (i * j + i + j) as f64);
            assert!(is_symmetric(&a) && require_symmetric(&a).is_ok());
            for (i, j) in [(0, n - 1), (n / 2, n - 1), (n - 1, n - 1), (n - 1, n / 3)] {
                let mut other = a.clone();
                other[(i, j)] = f64::NAN;
                assert!(!is_symmetric(&other), "{n} {i} {j}");
                other[(i, j)] = f64::INFINITY;
                other[(j, i)] = f64::INFINITY;
                assert!(!is_symmetric(&other), "{n} {i} {j}");
                other = a.clone();
                other[(i, j)] += 1.0;
                assert_eq!(is_symmetric(&other), i == j, "{n} {i} {j}");
            }
        }
    }

    fn claim(values: DVector<f64>, vectors: DMatrix<f64>) -> SymmetricEigen {
        SymmetricEigen { values, vectors }
    }

    /// `A = diag(3, 4)` with its exact eigenvectors: what is left is `γ_6` of
    /// `‖A‖√2 + ‖Λ‖` for the residual, and of `‖X‖² + n = 4` times `‖A‖ + 4` for the defect.
    #[test]
    fn exact_pairs_leave_the_rounding_of_the_check() {
        let a = dmatrix![3.0, 0.0; 0.0, 4.0];
        let exact = claim(dvector![3.0, 4.0], DMatrix::identity(2, 2));
        let expected = 6.0 * U * (5.0 * 2.0_f64.sqrt() + 5.0 + 9.0 * 4.0);
        let ratio = exact.error_bound(&a) / expected;
        assert!((ratio - 1.0).abs() <= 1e-12, "{ratio}");
    }

    #[test]
    fn residual_and_defect_add_up() {
        let a = dmatrix![3.0, 0.0; 0.0, 4.0];
        let check = |values, vectors, expected: f64| {
            let bound = claim(values, vectors).error_bound(&a);
            assert!(
                (bound / expected - 1.0).abs() <= 1e-12,
                "{bound} {expected}"
            );
        };
        // A value off by 2: the residual alone.
        check(dvector![3.0, 6.0], DMatrix::identity(2, 2), 2.0);
        // Vectors twice as long: ‖I − 4I‖ = 3√2, times ‖A‖ + ‖Λ‖.
        let twice = DMatrix::identity(2, 2) * 2.0;
        check(dvector![3.0, 4.0], twice, 9.0 * 3.0 * 2.0_f64.sqrt());
        // Vectors that are not orthogonal: R = (0, −1; 0, 0), I − XᵀX = −(0, 1; 1, 1).
        let skew = dmatrix![1.0, 1.0; 0.0, 1.0];
        check(dvector![3.0, 4.0], skew, 1.0 + 9.0 * 3.0_f64.sqrt());
    }

    /// One number, off by 3: `γ_5(4 + 1)` for the residual, `5γ_5(1 + 1)` for the defect,
    /// and `γ_16` of the 3 for the rounding of the bound; norms are rounded up by a dozen u.
    #[test]
    fn bound_covers_its_own_rounding() {
        let wrong = claim(dvector![1.0], dmatrix![1.0]);
        let excess = (wrong.error_bound(&dmatrix![4.0]) - 3.0) / U;
        assert!((25.0 + 50.0 + 48.0..=25.0 + 50.0 + 48.0 + 30.0).contains(&excess));
    }

    /// Tridiagonal `(−1, 2, −1)`: `2 − 2cos(jπ/(n+1))`.
    #[test]
    fn bound_holds_of_a_known_spectrum() {
        for n in [1usize, 2, 9, 33] {
            let a = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            });
            let eigen = symmetric_eigen(&a).unwrap();
            let angle = |j: usize| (j + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            let check = |eigen: &SymmetricEigen| {
                let bound = eigen.error_bound(&a);
                for (j, value) in eigen.values.iter().enumerate() {
                    // The closed form takes four roundings of numbers below 4.
                    let exact = 2.0 - 2.0 * angle(j).cos();
                    assert!((value - exact).abs() <= bound + 32.0 * U);
                }
                bound
            };
            let small = check(&eigen);
            // Products of order n of a matrix of norm 4, as far as Frobenius norms see.
            assert!(small <= 64.0 * (n * n + 4) as f64 * (n + 8) as f64 * U);
            let moved = |size: f64| {
                let mut moved = eigen.clone();
                moved.values.iter_mut().enumerate().for_each(|(i, x)| {
                    *x += size * (i as f64).cos();
                });
                let noise = |i: usize, j: usize| ((3 * i + 5 * j) as f64).sin() * size;
                moved.vectors += DMatrix::from_fn(n, n, noise);
                moved
            };
            for size in [1e-9, 1e-3] {
                let bound = check(&moved(size));
                assert!(bound > size && bound > small);
            }
            assert_eq!(eigenvalues(&a).unwrap().len(), n);
        }
    }
}
