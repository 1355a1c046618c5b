//! Gram matrix of feature vectors.

use super::mirror::mirror_lower;
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;

/// Returns `ΦᵀΦ` (N × N) for features `Φ` (w × N, a column a sample).
///
/// # Guarantee
/// Exactly symmetric; entry `(i, j)` within `γ_w |φ_i|·|φ_j|` of exact.
///
/// # Cost
/// One matrix product, on all cores when large.
///
/// # Example
/// ```
/// let gram = polyak::gram::feature_gram(&nalgebra::dmatrix![1.0, 0.0; 1.0, 2.0]);
/// assert_eq!(gram, nalgebra::dmatrix![2.0, 2.0; 2.0, 4.0]);
/// ```
#[must_use]
pub fn feature_gram(features: &DMatrix<f64>) -> DMatrix<f64> {
    let samples = features.ncols();
    let mut gram = DMatrix::zeros(samples, samples);
    gemm(
        &mut gram,
        Accum::Replace,
        1.0,
        features,
        true,
        features,
        false,
    );
    mirror_lower(gram.as_mut_slice(), samples);
    gram
}

/// Returns the smaller of `ΦᵀΦ` (N × N) and `ΦΦᵀ` (w × w), whose eigenvalues are the same but for zeros,
/// and whether it is the first.
///
/// # Guarantee
/// As [`feature_gram`].
///
/// # Example
/// ```
/// use polyak::gram::smaller_feature_gram;
/// let (gram, of_samples) = smaller_feature_gram(&nalgebra::dmatrix![1.0, 2.0, 2.0]);
/// assert_eq!((gram, of_samples), (nalgebra::dmatrix![9.0], false));
/// ```
#[must_use]
pub fn smaller_feature_gram(features: &DMatrix<f64>) -> (DMatrix<f64>, bool) {
    if features.ncols() <= features.nrows() {
        (feature_gram(features), true)
    } else {
        (feature_gram(&features.transpose()), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_smaller_matrix_has_the_same_eigenvalues() {
        let features = DMatrix::from_fn(3, 7, |i, j| ((i * 7 + j * j * 3) as f64).sin());
        let (small, of_samples) = smaller_feature_gram(&features);
        assert!(small.shape() == (3, 3) && !of_samples);
        let mut large = feature_gram(&features).symmetric_eigenvalues();
        large.as_mut_slice().sort_by(f64::total_cmp);
        let mut values = small.symmetric_eigenvalues();
        values.as_mut_slice().sort_by(f64::total_cmp);
        // Both off by a few dozen roundings of a norm below 21.
        assert!((large.rows(4, 3) - values).amax() < 1e-13);
        let square = features.columns(0, 3).into_owned();
        let (gram, of_samples) = smaller_feature_gram(&square);
        assert!(of_samples && gram == feature_gram(&square));
    }

    #[test]
    fn entries_are_inner_products() {
        let features = DMatrix::from_fn(37, 11, |i, j| ((i * 7 + j * j * 3) as f64).sin());
        let gram = feature_gram(&features);
        assert_eq!(gram, gram.transpose());
        for i in 0..11 {
            for j in 0..11 {
                let dot: f64 = (0..37).map(|l| features[(l, i)] * features[(l, j)]).sum();
                assert_abs_diff_eq!(gram[(i, j)], dot, epsilon = 2.0 * gamma(37) * 37.0);
            }
        }
    }
}
