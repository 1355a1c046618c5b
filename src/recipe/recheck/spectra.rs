//! The matrices behind the constants, entry by entry from their definitions.

use super::positive::{at_least, at_most};
use crate::arithmetic::{Ball, LIBM_ULPS, UNIT_ROUNDOFF, gamma};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// A matrix, and a bound of the error of its entries.
pub(super) struct Computed {
    pub matrix: DMatrix<f64>,
    pub error: f64,
}

impl Computed {
    fn from_balls(order: usize, entry: impl Fn(usize, usize) -> Ball + Sync) -> Self {
        let balls: Vec<Ball> = (0..order * order)
            .into_par_iter()
            .map(|at| entry(at % order, at / order))
            .collect();
        let error = balls.iter().map(|ball| ball.rad()).fold(0.0, f64::max);
        let mids = balls.iter().map(|ball| ball.mid());
        Self {
            matrix: DMatrix::from_iterator(order, order, mids),
            error,
        }
    }

    pub fn at_least(&self, lower: f64) -> bool {
        at_least(&self.matrix, self.error, lower)
    }

    pub fn at_most(&self, upper: f64) -> bool {
        at_most(&self.matrix, self.error, upper)
    }
}

/// `K̂_ij = m⁻¹Σ_l cos(ω_l·(x_i − x_j))` of lifted inputs `(x, 0)`.
///
/// A phase is off by `γ_d‖ω‖‖x‖`, a difference by two of those and `u` of itself, a cosine by two units in
/// the last place of a number at most one, the mean by `γ_{m+1}`.
pub(super) fn drawn_gram(inputs: &DMatrix<f64>, frequencies: &DMatrix<f64>) -> Computed {
    let (dimension, samples) = inputs.shape();
    let count = frequencies.ncols();
    let phase = |l: usize, i: usize| -> f64 {
        let products = (0..dimension).map(|k| frequencies[(k, l)] * inputs[(k, i)]);
        products.sum()
    };
    let phases = DMatrix::from_fn(count, samples, phase);
    let mut matrix = DMatrix::identity(samples, samples);
    matrix
        .as_mut_slice()
        .par_chunks_mut(samples)
        .enumerate()
        .for_each(|(j, column)| {
            for i in 0..samples {
                if i == j {
                    continue;
                }
                // The same order of the two for either triangle: exactly symmetric.
                let (a, b) = (i.min(j), i.max(j));
                let of = |i: usize| &phases.as_slice()[count * i..count * (i + 1)];
                let pairs = of(a).iter().zip(of(b));
                let sum: f64 = pairs.map(|(x, y)| (x - y).cos()).sum();
                column[i] = sum / count as f64;
            }
        });
    Computed {
        matrix,
        error: drawn_error(inputs, frequencies),
    }
}

/// The error of an entry of [`drawn_gram`].
pub(super) fn drawn_error(inputs: &DMatrix<f64>, frequencies: &DMatrix<f64>) -> f64 {
    let (dimension, count) = (inputs.nrows(), frequencies.ncols());
    let longest = |a: &DMatrix<f64>| a.column_iter().map(|x| x.norm()).fold(0.0, f64::max);
    let size = longest(frequencies) * longest(inputs);
    let roundings = 2.0 * gamma(dimension) * size + 4.0 * UNIT_ROUNDOFF * size;
    let error = roundings + LIBM_ULPS * f64::EPSILON + gamma(count + 1);
    error * (1.0 + gamma(2 * dimension + 16))
}

/// `m⁻¹Σ_l w_l ω_lω_l^T`, weights one or `‖ω_l‖²`.
pub(super) fn moment(frequencies: &DMatrix<f64>, weighted: bool) -> Computed {
    let (dimension, count) = frequencies.shape();
    let ball = |k: usize, l: usize| Ball::from(frequencies[(k, l)]);
    let square = |l: usize| -> Ball { (0..dimension).map(|k| ball(k, l).square()).sum() };
    let weights: Vec<Ball> = (0..count)
        .map(|l| if weighted { square(l) } else { Ball::from(1.0) })
        .collect();
    Computed::from_balls(dimension, |i, j| {
        let terms = (0..count).map(|l| weights[l] * (ball(i, l) * ball(j, l)));
        terms.sum::<Ball>() / Ball::from(count as f64)
    })
}

/// `m⁻¹Σ‖ω‖⁴`, and `H/m`, `H_ij = (ω_i·ω_j)² − ‖ω_i‖²‖ω_j‖²/q`.
pub(super) fn traceless(frequencies: &DMatrix<f64>) -> (Ball, Computed) {
    let (dimension, count) = frequencies.shape();
    let (q, m) = (Ball::from(dimension as f64), Ball::from(count as f64));
    // A dot product within γ_q‖ω_i‖‖ω_j‖.
    let dot = |i: usize, j: usize| -> Ball {
        let (a, b) = (frequencies.column(i), frequencies.column(j));
        let pairs = a.iter().zip(b.iter());
        let (sum, size) = pairs.fold((0.0, 0.0), |(sum, size), (x, y)| {
            (sum + x * y, size + (x * y).abs())
        });
        Ball::new(sum, gamma(2 * dimension + 2) * size + f64::MIN_POSITIVE)
    };
    let squares: Vec<Ball> = (0..count).map(|l| dot(l, l)).collect();
    let quartic = squares.iter().map(|s| s.square()).sum::<Ball>() / m;
    let matrix = Computed::from_balls(count, |i, j| {
        (dot(i.min(j), i.max(j)).square() - squares[i.min(j)] * squares[i.max(j)] / q) / m
    });
    (quartic, matrix)
}

/// Tells whether `κ̂2 ≤ kappa2` is certain by either of two bounds of `sup m⁻¹Σ(ω·h)⁴`.
pub(super) fn curvature_at_most(frequencies: &DMatrix<f64>, kappa2: f64) -> bool {
    let square = Ball::from(kappa2).square();
    if moment(frequencies, true).at_most(square.lower()) {
        return true;
    }
    let dimension = Ball::from(frequencies.nrows() as f64);
    let (quartic, matrix) = traceless(frequencies);
    let rest = Ball::from(kappa2) - quartic.sqrt() / dimension;
    if frequencies.nrows() == 1 {
        return rest.lower() >= 0.0;
    }
    let share = Ball::from(1.0) - Ball::from(1.0) / dimension;
    rest.lower() > 0.0 && matrix.at_most((rest.square() / share).lower())
}

/// `K_ij = e^{−‖x_i − x_j‖²/2σ²}`.
pub(super) fn gaussian_gram(inputs: &DMatrix<f64>, sigma: f64) -> Computed {
    let twice = Ball::from(2.0) * Ball::from(sigma).square();
    Computed::from_balls(inputs.ncols(), |i, j| {
        let (a, b) = (i.min(j), i.max(j));
        let difference = |k: usize| Ball::from(inputs[(k, a)]) - Ball::from(inputs[(k, b)]);
        let square: Ball = (0..inputs.nrows()).map(|k| difference(k).square()).sum();
        if a == b {
            Ball::from(1.0)
        } else {
            (-(square / twice)).exp()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FourierFeatures;
    use crate::kernel::Gaussian;

    fn frequencies(q: usize, m: usize) -> DMatrix<f64> {
        Gaussian::try_new(0.7).unwrap().sample_frequencies(q, m, 5)
    }

    fn inputs() -> DMatrix<f64> {
        DMatrix::from_fn(2, 6, |i, j| ((3 * i + 5 * j * j + 1) as f64).sin())
    }

    #[test]
    fn the_gram_matrix_is_that_of_the_features() {
        let omega = frequencies(3, 40);
        let features = FourierFeatures::try_new(omega.clone()).unwrap();
        let phi = features.evaluate(&(DMatrix::<f64>::identity(3, 2) * inputs()));
        let found = drawn_gram(&inputs(), &omega);
        assert!((&found.matrix - phi.tr_mul(&phi)).amax() < 1e-14);
        assert!(found.error > 1e-15 && found.error < 1e-13);
        assert_eq!(found.matrix, found.matrix.transpose());
        let values = found.matrix.clone().symmetric_eigenvalues();
        assert!(found.at_least(values.min() - 1e-11) && !found.at_least(values.min() + 1e-11));
        assert!(found.at_most(values.max() + 1e-11) && !found.at_most(values.max() - 1e-11));
    }

    /// Whichever of the two bounds is smaller is proved, and nothing below it.
    #[test]
    fn curvature_is_proved_where_it_is_computed() {
        for (q, m) in [(1, 7), (2, 9), (4, 60), (5, 12)] {
            let omega = frequencies(q, m);
            let features = FourierFeatures::try_new(omega.clone()).unwrap();
            let bound = features.kappa2_ball();
            assert!(
                curvature_at_most(&omega, bound.upper() * (1.0 + 1e-9)),
                "{q} {m}"
            );
            assert!(!curvature_at_most(&omega, bound.lower() * (1.0 - 1e-9)));
            let first = features.kappa1_ball().square();
            let found = moment(&omega, false);
            assert!(found.at_most(first.upper() * (1.0 + 1e-9)));
            assert!(!found.at_most(first.lower() * (1.0 - 1e-9)));
        }
    }

    #[test]
    fn the_exact_kernel_is_the_gaussian() {
        let kernel = Gaussian::try_new(0.7).unwrap();
        let found = gaussian_gram(&inputs(), 0.7);
        let expected = crate::gram::kernel_gram(&kernel, &inputs());
        assert!((found.matrix - expected).amax() < 1e-14 && found.error < 1e-14);
    }
}
