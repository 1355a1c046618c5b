//! Orthogonal random features: R9.

use super::CosineMoments;
use crate::arithmetic::Ball;
use crate::kernel::{Gaussian, KernelSpec};

/// Beyond this `r²/2` the series is not summed.
const LONGEST: f64 = 300.0;

/// `C_q(r) = ₁F₁(q; q/2; −r²/2) − e^{−r²}`: the covariance of `cos(ω_i·Δ)` and `cos(ω_j·Δ)` for two
/// orthogonal frequencies of independent lengths `χ_q/σ`, at `r = ‖Δ‖/σ`. In `[−1, 1]`, and nothing
/// more is said beyond `r² = 600`.
///
/// # Source
/// Theorem R9, `proofs/r9-orthogonal.md`. By Kummer `₁F₁(q; q/2; −x) = e^{−x} ₁F₁(−q/2; q/2; x)`, whose
/// terms are at most those of `e^x`: the sum loses no more than it is wide.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::random_features::orthogonal_covariance};
/// // In the plane: e^{−x}(1 − x) − e^{−2x} with x = r²/2, never positive.
/// let found = orthogonal_covariance(2, Ball::from(2.0));
/// let expected = -(-2.0_f64).exp() - (-4.0_f64).exp();
/// assert!((found.mid() - expected).abs() < 1e-14);
/// ```
#[must_use]
pub fn orthogonal_covariance(dimension: usize, distance: Ball) -> Ball {
    let x = distance.square() / Ball::from(2.0);
    let unknown = Ball::from_bounds(-1.0, 1.0);
    if !(x.upper() <= LONGEST) {
        return unknown;
    }
    let half = 0.5 * dimension as f64;
    let (mut term, mut sum) = (Ball::from(1.0), Ball::from(1.0));
    let mut k = 0.0;
    loop {
        let ratio = Ball::from(k - half) / Ball::from((k + half) * (k + 1.0));
        term = term * ratio * x;
        k += 1.0;
        // From here on terms fall by half at least: those left out add up to less than the last.
        if k >= 2.0 * x.upper() && term.abs().upper() <= f64::EPSILON * 1e-3 {
            break;
        }
        sum = sum + term;
    }
    let sum = sum.widened(2.0 * term.abs().upper());
    let covariance = (-x).exp() * sum - (-(x + x)).exp();
    covariance.max(Ball::from(-1.0)).min(Ball::from(1.0))
}

/// R9: the variance `m⁻¹[(1 + ψ(2Δ) − 2ψ(Δ)²)/2 + (q−1)C_q(r)]` of `k̂` for `m` orthogonal frequencies of a
/// Gaussian kernel, in blocks of `q`.
#[must_use]
pub fn orthogonal_variance(
    kernel: Gaussian,
    dimension: usize,
    frequencies: usize,
    distance: Ball,
) -> Ball {
    let independent = CosineMoments::at(&KernelSpec::from(kernel), distance).variance();
    let shared = orthogonal_covariance(dimension, distance / Ball::from(kernel.sigma()));
    let others = Ball::from(dimension as f64 - 1.0);
    (independent + others * shared) / Ball::from(frequencies as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `₁F₁(q; q/2; −r²/2)` as the mean of `cos` over the length `s ~ χ_{2q}` and the direction: for
    /// `q = 3`, where the direction's mean is `sin(sr)/(sr)`, by the trapezoidal rule.
    fn in_space(r: f64) -> f64 {
        let h = 0.005;
        // χ_6 has the density s⁵e^{−s²/2}/8.
        let term = |i: i32| {
            let s = f64::from(i) * h;
            s.powi(5) * (-0.5 * s * s).exp() / 8.0 * (s * r).sin() / (s * r)
        };
        (1..4000).map(term).sum::<f64>() * h
    }

    #[test]
    fn in_space_it_is_an_integral() {
        for r in [0.1, 0.7, 1.5, 3.0, 3.311, 5.0] {
            let expected = in_space(r) - (-r * r).exp();
            let found = orthogonal_covariance(3, Ball::from(r));
            assert!(
                (found.mid() - expected).abs() < 1e-9,
                "{r}: {found:?} {expected}"
            );
            assert!(found.rad() < 1e-12, "{r}: {found:?}");
        }
    }

    #[test]
    fn in_even_dimensions_it_is_a_polynomial() {
        for r in [0.2, 1.0, 2.0, 4.0, 9.0] {
            let x: f64 = r * r / 2.0;
            // Σ_k (−n)_k/(n)_k x^k/k! with n = q/2.
            let four = 1.0 - x + x * x / 6.0;
            let six = 1.0 - x + x * x / 4.0 - x * x * x / 60.0;
            for (q, polynomial) in [(2, 1.0 - x), (4, four), (6, six)] {
                let expected = (-x).exp() * polynomial - (-2.0 * x).exp();
                let found = orthogonal_covariance(q, Ball::from(r));
                assert!((found.mid() - expected).abs() < 1e-13, "{q} {r}");
            }
        }
    }

    #[test]
    fn signs_change_where_they_should() {
        let sign = |q, r: f64| {
            let found = orthogonal_covariance(q, Ball::from(r));
            assert!(found.abs().lower() > 0.0, "{q} {r}: {found:?}");
            found.mid() > 0.0
        };
        assert!((1..40).all(|i| !sign(2, f64::from(i) * 0.2)));
        for (q, r) in [(3, 3.311), (4, 3.081), (5, 2.990)] {
            assert!(!sign(q, r - 2e-3) && sign(q, r + 2e-3), "{q}");
        }
        assert!(sign(5, 4.5955) && !sign(5, 4.5985));
    }

    #[test]
    fn equal_points_and_far_ones() {
        assert!(orthogonal_covariance(5, Ball::from(0.0)).contains(0.0));
        let far = orthogonal_covariance(3, Ball::from(1e6));
        assert!((far.lower() + 1.0).abs() < 1e-14 && (far.upper() - 1.0).abs() < 1e-14);
        let unknown = orthogonal_covariance(3, Ball::EVERYTHING);
        assert!(unknown.lower() <= -1.0 && unknown.upper() >= 1.0);
    }

    #[test]
    fn on_the_line_nothing_is_orthogonal() {
        let kernel = Gaussian::try_new(0.5).unwrap();
        let distance = Ball::from(0.8);
        let found = orthogonal_variance(kernel, 1, 10, distance);
        let independent = CosineMoments::at(&kernel.into(), distance).variance();
        assert!((found.mid() - independent.mid() / 10.0).abs() < 1e-15);
        let plane = orthogonal_variance(kernel, 2, 10, distance);
        let shared = orthogonal_covariance(2, Ball::from(1.6));
        let expected = (independent.mid() + shared.mid()) / 10.0;
        assert!((plane.mid() - expected).abs() < 1e-15);
    }
}
