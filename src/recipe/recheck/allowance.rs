//! What must be left between a constant stated and its enclosure, so that the second proof is certain to succeed.

use super::positive::reach;
use super::spectra;
use crate::arithmetic::{Ball, ball_rounding};
use nalgebra::DMatrix;

/// Operations of a closed formula: those of R8 and R8b, of a radius, and of the constants of P8 have fewer.
const OF_A_FORMULA: usize = 32;

/// What the errors and the place of the last iterate are stated on the safe side by, relatively. An eighth of it is more
/// than what either evaluation leaves open, or nothing is stated.
pub(in crate::recipe) const OF_ENVELOPE: f64 = 1.0 / 1_048_576.0;

/// The relative rounding of this many operations on balls of one sign, twice: of either evaluation.
pub(in crate::recipe) fn rounding(operations: usize) -> f64 {
    ball_rounding(2 * operations)
}

/// The relative rounding of a closed formula of a few numbers, in either evaluation.
pub(in crate::recipe) fn of_formula() -> f64 {
    rounding(OF_A_FORMULA)
}

/// The relative rounding of `m` and `β`, in either evaluation.
///
/// Each is a closed formula times a sum over layers, of squares of at most a dozen operations: of numbers of one
/// sign (`β`), or of `√λ − drift`, whose rounding is at most that of `√λ`. The sum of those is `2D` of one term at
/// most, and the term of layer 0 is all of `λ`. The exponents are at most `2(κ1R + κ1²R²/D) ≤ √D + ½ ≤ D + ½` and
/// round by as many units.
pub(in crate::recipe) fn of_sum(depth: usize) -> f64 {
    rounding(OF_A_FORMULA * (depth + 1) * 2)
}

/// The same of the sum of squares of all entries: `mean‖y‖²/2`.
pub(in crate::recipe) fn of_loss(targets: &DMatrix<f64>) -> f64 {
    rounding(targets.len() + OF_A_FORMULA)
}

/// What an entry of the Gram matrix of the frequencies drawn is off by in the second proof.
pub(in crate::recipe) fn of_drawn_entry(inputs: &DMatrix<f64>, frequencies: &DMatrix<f64>) -> f64 {
    spectra::drawn_error(inputs, frequencies)
}

/// What `λ_min` or `λ_max` of the Gram matrix of the frequencies drawn is stated on the safe side by.
///
/// # Arguments
/// * `bound`: about as large as the eigenvalue; at least 1 will do for the smallest.
pub(in crate::recipe) fn of_drawn_gram(
    inputs: &DMatrix<f64>,
    frequencies: &DMatrix<f64>,
    bound: f64,
) -> f64 {
    let error = spectra::drawn_error(inputs, frequencies);
    reach(inputs.ncols(), bound.max(1.0 + error), error)
}

/// The same of the Gaussian kernel.
pub(in crate::recipe) fn of_gaussian_gram(inputs: &DMatrix<f64>, bound: f64) -> f64 {
    // te^{−t} ≤ 1/e: the entry is off by no more than the exponent, relatively to it, and an exponential.
    let error = rounding(3 * inputs.nrows() + OF_A_FORMULA);
    reach(inputs.ncols(), bound.max(1.0 + error), error)
}

/// `κ̂1` as stated: the root of `λ_max(m⁻¹Σωωᵀ)` enlarged.
pub(in crate::recipe) fn stated_kappa1(frequencies: &DMatrix<f64>, kappa1: Ball) -> f64 {
    let square = kappa1.square().upper();
    let (dimension, count) = frequencies.shape();
    let left = reach(dimension, square, rounding(count + OF_A_FORMULA) * square);
    (square + left).sqrt() * (1.0 + of_formula())
}

/// `κ̂2` as stated: by either of the two bounds of which `kappa2` is the smaller.
pub(in crate::recipe) fn stated_kappa2(frequencies: &DMatrix<f64>, kappa2: Ball) -> f64 {
    let (dimension, count) = frequencies.shape();
    let square = kappa2.square().upper();
    let operations = dimension + count + OF_A_FORMULA;
    let crude = square + reach(dimension, square, rounding(operations) * square);
    let squares = frequencies.column_iter().map(|omega| omega.norm_squared());
    let (quartic, longest) = squares.fold((0.0, 0.0_f64), |(sum, longest), s| {
        (sum + s * s / count as f64, longest.max(s))
    });
    // Of one frequency in ‖ω‖⁴/m, twice: the product and what is taken off it.
    let entry = longest * longest / count as f64;
    let error = 2.0 * rounding(dimension + OF_A_FORMULA) * entry;
    let share = 1.0 - 1.0 / dimension as f64;
    let rest = (kappa2.upper() - quartic.sqrt() / dimension as f64).max(0.0);
    let size = entry.max(if share > 0.0 {
        rest * rest / share
    } else {
        0.0
    });
    let split = quartic.sqrt() / dimension as f64
        + (rest * rest + share * reach(count, size, error)).sqrt();
    crude.sqrt().max(split) * (1.0 + rounding(operations))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;
    use crate::features::FourierFeatures;
    use crate::kernel::Gaussian;

    /// Sizes around those of recipes: what is stated is proved, and is within a billionth.
    #[test]
    fn what_is_left_is_enough_and_little() {
        for (q, m, seed) in [(1, 7, 0), (2, 9, 1), (4, 60, 2), (5, 12, 3), (12, 90, 4)] {
            let omega = Gaussian::try_new(0.7)
                .unwrap()
                .sample_frequencies(q, m, seed);
            let features = FourierFeatures::try_new(omega.clone()).unwrap();
            let (first, second) = (features.kappa1_ball(), features.kappa2_ball());
            let kappa1 = stated_kappa1(&omega, first);
            let square = Ball::from(kappa1).square().lower();
            assert!(spectra::moment(&omega, false).at_most(square), "{q} {m}");
            assert!(kappa1 > first.upper() && kappa1 < first.upper() * (1.0 + 1e-9));
            let kappa2 = stated_kappa2(&omega, second);
            assert!(spectra::curvature_at_most(&omega, kappa2), "{q} {m}");
            assert!(kappa2 > second.upper() && kappa2 < second.upper() * (1.0 + 1e-9));
            let inputs = DMatrix::from_fn(q, 6, |i, j| ((3 * i + 5 * j * j + 1) as f64).sin());
            let gaussian = spectra::gaussian_gram(&inputs, 0.7);
            let drawn = spectra::drawn_gram(&inputs, &omega);
            let left = [
                of_gaussian_gram(&inputs, 1.0),
                of_drawn_gram(&inputs, &omega, 1.0),
            ];
            for (gram, left) in [gaussian, drawn].iter().zip(left) {
                assert!(left < 1e-10);
                // An eigenvalue of the matrix as computed, itself known to a few units.
                let values = gram.matrix.clone().symmetric_eigenvalues();
                assert!(gram.at_least(values.min() - left) && !gram.at_least(values.min() + left));
            }
            let largest = spectra::drawn_gram(&inputs, &omega);
            let value = largest.matrix.clone().symmetric_eigenvalues().max();
            assert!(largest.at_most(value + of_drawn_gram(&inputs, &omega, value)));
        }
    }

    #[test]
    fn errors_of_entries_are_bounded_before_they_are_computed() {
        for (d, sigma) in [(1, 0.3), (8, 1.0), (40, 2.5)] {
            let inputs = DMatrix::from_fn(d, 7, |i, j| ((3 * i + 5 * j * j + 1) as f64).sin());
            let error = spectra::gaussian_gram(&inputs, sigma).error;
            assert!(error <= rounding(3 * d + OF_A_FORMULA), "{d}: {error}");
        }
    }

    #[test]
    fn roundings_count_both_evaluations() {
        assert_eq!(rounding(3), gamma(48));
        assert_eq!(of_formula(), gamma(16 * 32));
        assert_eq!(of_sum(4), gamma(16 * 32 * 10));
        assert_eq!(of_loss(&DMatrix::zeros(2, 5)), gamma(16 * 42));
    }
}
