//! The constants of drawn Gaussian frequencies, before the draw: R8, R8b.

use super::ExponentialTail;
use crate::arithmetic::Ball;

fn root(x: f64) -> Ball {
    Ball::from(x).sqrt()
}

/// `√(2 ln(count/τ))`.
fn deviation(count: f64, failure: f64) -> Ball {
    (Ball::from(2.0) * (Ball::from(count) / Ball::from(failure)).ln()).sqrt()
}

/// R8: `P(κ̂1 > σ⁻¹(1 + √(q/m) + t)) ≤ e^{−mt²/2}` for Gaussian frequencies.
///
/// # Source
/// Davidson, Szarek 2001, Theorem II.13; `proofs/r8-covariance.md`.
pub fn covariance(deviation: f64) -> ExponentialTail {
    ExponentialTail {
        ln_constant: Ball::from(0.0),
        rate: Ball::from(deviation).square() / Ball::from(2.0),
    }
}

/// The constant of R8 that holds with probability `1 − τ`: `σκ̂1 ≤ 1 + √(q/m) + √(2ln(1/τ)/m)`.
///
/// # Arguments
/// * `dimension`, `frequencies`: `q`, `m`; `failure`: `τ` in (0, 1).
///
/// # Example
/// ```
/// use polyak::bounds::random_features::lipschitz_constant;
/// let bound = lipschitz_constant(4, 400, 1e-3);
/// assert!((bound.mid() - (1.0 + 0.1 + 0.185_846_1)).abs() < 1e-7);
/// ```
pub fn lipschitz_constant(dimension: usize, frequencies: usize, failure: f64) -> Ball {
    let m = root(frequencies as f64);
    Ball::from(1.0) + (root(dimension as f64) + deviation(1.0, failure)) / m
}

/// R8b: `σ·max_j‖ω_j‖ ≤ √q + √(2ln(m/τ))` with probability `1 − τ`.
///
/// # Arguments
/// As [`lipschitz_constant`].
pub fn longest_frequency(dimension: usize, frequencies: usize, failure: f64) -> Ball {
    root(dimension as f64) + deviation(frequencies as f64, failure)
}

/// R8b: `σ²κ̂2 ≤ m^{−1/2}((3m)^{1/4} + √q + √(2ln(1/τ)))²` with probability `1 − τ`, which tends to `√3`.
///
/// # Arguments
/// As [`lipschitz_constant`].
///
/// # Source
/// Chevet–Gordon; `proofs/r8b-curvature.md`.
pub fn curvature_constant(dimension: usize, frequencies: usize, failure: f64) -> Ball {
    let m = frequencies as f64;
    let length = root(3.0 * m).sqrt() + root(dimension as f64) + deviation(1.0, failure);
    length.square() / root(m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    #[test]
    fn constants_and_probabilities_agree() {
        for (q, m, tau) in [(1, 7, 0.9), (5, 100, 1e-3), (64, 4096, 1e-12)] {
            let (qf, mf) = (q as f64, m as f64);
            let bound = lipschitz_constant(q, m, tau);
            let t = bound.mid() - 1.0 - (qf / mf).sqrt();
            let failure = covariance(t).failure(m as u64);
            // t keeps 12 digits, and its square is multiplied by at most 2ln(1/τ)/t² ≤ 56.
            assert!((failure.mid() / tau - 1.0).abs() < 1e-9, "{failure:?}");
            let longest = qf.sqrt() + (2.0 * (mf / tau).ln()).sqrt();
            assert_agrees(longest_frequency(q, m, tau), longest, 30);
            let length = (3.0 * mf).powf(0.25) + qf.sqrt() + (-2.0 * tau.ln()).sqrt();
            assert_agrees(
                curvature_constant(q, m, tau),
                length * length / mf.sqrt(),
                60,
            );
        }
    }

    #[test]
    fn the_curvature_constant_tends_to_root_three() {
        let far = curvature_constant(3, 1 << 50, 1e-3);
        assert!((far.mid() - 3.0_f64.sqrt()).abs() < 5e-3);
    }
}
