//! Moments of one random feature: R1, R7.

use crate::arithmetic::Ball;
use crate::factor::named;
use crate::kernel::KernelSpec;
use nalgebra::DMatrix;

/// The moments of `cos(ω·Δ)` for a random frequency `ω`: values of the kernel at multiples of `Δ`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineMoments {
    /// `ψ(Δ), ψ(2Δ), ψ(3Δ), ψ(4Δ)`.
    pub values: [Ball; 4],
}

impl CosineMoments {
    /// The moments at a distance `‖Δ‖`.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::random_features::CosineMoments};
    /// let moments = CosineMoments::at(&"gaussian:1".parse()?, Ball::from(1.0));
    /// let (psi, twice) = ((-0.5_f64).exp(), (-2.0_f64).exp());
    /// let expected = (1.0 + twice - 2.0 * psi * psi) / 2.0;
    /// assert!((moments.variance().mid() - expected).abs() < 1e-15);
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn at(kernel: &KernelSpec, distance: Ball) -> Self {
        let value = |multiple: f64| kernel.profile_ball(Ball::from(multiple) * distance);
        Self {
            values: [1.0, 2.0, 3.0, 4.0].map(value),
        }
    }

    /// Returns the mean, `k`.
    #[must_use]
    pub fn mean(&self) -> Ball {
        self.values[0]
    }

    /// Returns the variance `(1 + ψ(2Δ) − 2ψ(Δ)²)/2`, not below zero: `m` times that of `k̂` (R1).
    #[must_use]
    pub fn variance(&self) -> Ball {
        let [one, two, ..] = self.values;
        let variance = named(
            "cosine moments: (1 + k(2r))/2",
            (Ball::from(1.0) + two) / Ball::from(2.0),
        ) - one.square();
        variance.positive_part()
    }

    /// Returns the fourth central moment: with `C = cos(ω·Δ)`, `EC² = (1+ψ_2)/2`,
    /// `EC³ = (3ψ_1+ψ_3)/4`, `EC⁴ = (3+4ψ_2+ψ_4)/8`.
    #[must_use]
    pub fn fourth_central_moment(&self) -> Ball {
        let [one, two, three, four] = self.values;
        let number = Ball::from;
        let square = (number(1.0) + two) / number(2.0);
        let cube = (number(3.0) * one + three) / number(4.0);
        let fourth = (number(3.0) + number(4.0) * two + four) / number(8.0);
        let moment = fourth - number(4.0) * one * cube + number(6.0) * one.square() * square
            - number(3.0) * one.square().square();
        moment.positive_part()
    }

    /// Returns the variance of `(k̂ − k)²` for `m` independent frequencies:
    /// `(μ4 + 3(m−1)σ⁴)/m³ − σ⁴/m²`.
    #[must_use]
    pub fn squared_error_variance(&self, frequencies: usize) -> Ball {
        let m = Ball::from(frequencies as f64);
        let squared = self.variance().square();
        let others = named(
            "cosine moments: 3(m − 1)",
            Ball::from(3.0 * (frequencies as f64 - 1.0)),
        );
        let fourth = (self.fourth_central_moment() + others * squared) / (m * m.square());
        (fourth - squared / m.square()).positive_part()
    }
}

/// R7: `E‖K̂ − K‖_F² = (1/2m)Σ_{i≠j}(1 + ψ(2Δ_ij) − 2ψ(Δ_ij)²)` of `m = 1` frequency: divide by `m`.
///
/// # Arguments
/// * `points`: q × N.
#[must_use]
pub fn gram_error(kernel: &KernelSpec, points: &DMatrix<f64>) -> Ball {
    let mut sum = Ball::from(0.0);
    for j in 1..points.ncols() {
        for i in 0..j {
            sum = sum + CosineMoments::at(kernel, distance(points, i, j)).variance();
        }
    }
    Ball::from(2.0) * sum
}

/// The distance of two columns.
pub(crate) fn distance(points: &DMatrix<f64>, i: usize, j: usize) -> Ball {
    let square = |k: usize| (Ball::from(points[(k, i)]) - Ball::from(points[(k, j)])).square();
    (0..points.nrows()).map(square).sum::<Ball>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Gaussian, Kernel};

    fn moments(distance: f64) -> CosineMoments {
        CosineMoments::at(&"gaussian:1".parse().unwrap(), Ball::from(distance))
    }

    /// `E f(cos(ωr))`, `ω` normal, by the trapezoidal rule: exact to 1e-13 for such `f` and `r`.
    fn expectation(r: f64, f: impl Fn(f64) -> f64) -> f64 {
        let h = 0.01;
        let term = |i: i32| {
            let omega = f64::from(i) * h;
            f((omega * r).cos()) * (-0.5 * omega * omega).exp()
        };
        (-900..=900).map(term).sum::<f64>() * h / std::f64::consts::TAU.sqrt()
    }

    #[test]
    fn moments_are_integrals() {
        for r in [0.0, 0.3, 1.0, 2.5] {
            let moments = moments(r);
            let mean = expectation(r, |c| c);
            for (found, power) in [
                (moments.variance(), 2),
                (moments.fourth_central_moment(), 4),
            ] {
                let expected = expectation(r, |c| (c - mean).powi(power));
                assert!(
                    (found.mid() - expected).abs() < 1e-12,
                    "{r} {power}: {found:?}"
                );
            }
            assert!((moments.mean().mid() - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn the_square_of_an_estimate_has_its_variance() {
        // Two frequencies: a double integral.
        let r = 1.3;
        let (moments, h) = (moments(r), 0.05);
        let mean = moments.mean().mid();
        let at = |i: i32| f64::from(i) * h;
        let weight = |i: i32| h * (-0.5 * at(i) * at(i)).exp() / std::f64::consts::TAU.sqrt();
        let (mut first, mut second) = (0.0, 0.0);
        for i in -180..=180 {
            for j in -180..=180 {
                let estimate = ((at(i) * r).cos() + (at(j) * r).cos()) / 2.0;
                let squared = (estimate - mean).powi(2);
                first += weight(i) * weight(j) * squared;
                second += weight(i) * weight(j) * squared * squared;
            }
        }
        assert!((first - moments.variance().mid() / 2.0).abs() < 1e-10);
        let variance = moments.squared_error_variance(2).mid();
        assert!(
            (second - first * first - variance).abs() < 1e-10,
            "{variance}"
        );
        // One frequency alone: the formula's other end.
        let alone = moments.fourth_central_moment().mid() - moments.variance().mid().powi(2);
        assert!((moments.squared_error_variance(1).mid() - alone).abs() < 1e-15);
    }

    #[test]
    fn the_error_of_a_matrix_is_that_of_its_pairs() {
        let kernel = KernelSpec::from(Gaussian::try_new(0.7).unwrap());
        let points = nalgebra::dmatrix![0.0, 1.0, 0.5; 0.0, 0.0, 2.0];
        let expected: f64 = [(0, 1), (0, 2), (1, 2)]
            .into_iter()
            .map(|(i, j)| {
                let square = (points.column(i) - points.column(j)).norm_squared();
                let (one, two) = (kernel.profile(square), kernel.profile(4.0 * square));
                1.0 + two - 2.0 * one * one
            })
            .sum();
        let found = gram_error(&kernel, &points);
        assert!((found.mid() - expected).abs() < 1e-14 && found.rad() < 1e-13);
        assert!(gram_error(&kernel, &points.columns(0, 1).into_owned()).upper() < 1e-300);
    }
}
