//! The constants of drawn Gaussian frequencies, before the draw: R8, R8b.

use super::ExponentialTail;
use super::tail::narrowest;
use crate::arithmetic::Ball;
use crate::factor::named;

fn root(x: f64) -> Ball {
    Ball::from(x).sqrt()
}

/// `√(2 ln(count/τ))`.
fn deviation(count: f64, failure: f64) -> Ball {
    (named("longest frequency: 2 ln", Ball::from(2.0))
        * (Ball::from(count) / Ball::from(failure)).ln())
    .sqrt()
}

/// R8: `P(κ̂1 > σ⁻¹(1 + √(q/m) + t)) ≤ e^{−mt²/2}` for Gaussian frequencies.
///
/// # Source
/// Davidson, Szarek 2001, Theorem II.13; `proofs/r8-covariance.md`.
#[must_use]
pub fn covariance(deviation: f64) -> ExponentialTail {
    ExponentialTail {
        ln_constant: Ball::from(0.0),
        rate: named(
            "covariance: t²/2",
            Ball::from(deviation).square() / Ball::from(2.0),
        ),
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
#[must_use]
pub fn lipschitz_constant(dimension: usize, frequencies: usize, failure: f64) -> Ball {
    let m = root(frequencies as f64);
    Ball::from(1.0) + (named("κ̂1: √q", root(dimension as f64)) + deviation(1.0, failure)) / m
}

/// R8b: `σ·max_j‖ω_j‖ ≤ √q + √(2ln(m/τ))` with probability `1 − τ`.
///
/// # Arguments
/// As [`lipschitz_constant`].
#[must_use]
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
#[must_use]
pub fn curvature_constant(dimension: usize, frequencies: usize, failure: f64) -> Ball {
    let m = frequencies as f64;
    let fourth = named("κ̂2: (3m)^¼", root(3.0 * m).sqrt());
    let length = fourth + named("κ̂2: √q", root(dimension as f64)) + deviation(1.0, failure);
    length.square() / root(m)
}

/// The smallest number of frequencies at which [`lipschitz_constant`] is at most `bound`:
/// `m ≥ ((√q + √(2ln(1/τ)))/(bound − 1))²`. `None` unless `bound > 1`, or beyond `2^53`.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::{lipschitz_constant, lipschitz_width};
/// let width = lipschitz_width(4, 1.5, 1e-3).unwrap();
/// assert!(lipschitz_constant(4, width, 1e-3).upper() <= 1.5);
/// assert!(lipschitz_constant(4, width - 1, 1e-3).upper() > 1.5);
/// assert_eq!(lipschitz_width(4, 1.0, 1e-3), None);
/// ```
#[must_use]
pub fn lipschitz_width(dimension: usize, bound: f64, failure: f64) -> Option<usize> {
    let excess = Ball::from(bound) - Ball::from(1.0);
    if !(excess.lower() > 0.0) {
        return None;
    }
    let length = root(dimension as f64) + deviation(1.0, failure);
    let width = narrowest((length / excess).square().upper(), |m| {
        lipschitz_constant(dimension, m as usize, failure).upper() <= bound
    });
    width.map(|width| width as usize)
}

/// The smallest number of frequencies at which [`curvature_constant`] is at most `bound`:
/// `m ≥ ((√q + √(2ln(1/τ)))/(√bound − 3^{1/4}))⁴`. `None` unless `bound > √3`, or beyond `2^53`.
#[must_use]
pub fn curvature_width(dimension: usize, bound: f64, failure: f64) -> Option<usize> {
    let excess = root(bound.max(0.0)) - root(3.0).sqrt();
    if !(excess.lower() > 0.0) {
        return None;
    }
    let length = root(dimension as f64) + deviation(1.0, failure);
    let width = narrowest((length / excess).square().square().upper(), |m| {
        curvature_constant(dimension, m as usize, failure).upper() <= bound
    });
    width.map(|width| width as usize)
}

/// R8b, read the other way: `ln P(σ·max‖ω_j‖ > length) ≤ ln m − (length − √q)²/2`, zero (nothing is known)
/// for lengths of at most `√q`.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::{ln_longer, longest_frequency};
/// let length = longest_frequency(4, 1000, 1e-3).mid();
/// assert!((ln_longer(4, 1000, length).mid() - 1e-3_f64.ln()).abs() < 1e-12);
/// ```
#[must_use]
pub fn ln_longer(dimension: usize, frequencies: usize, length: f64) -> Ball {
    let beyond = (Ball::from(length) - named("longer frequency: √q", root(dimension as f64)))
        .positive_part();
    let ln_count = named("longer frequency: m", Ball::from(frequencies as f64)).ln();
    (ln_count - beyond.square() / Ball::from(2.0)).min(Ball::from(0.0))
}

/// R8b, read the other way: `ln P(σ²κ̂2 > bound) ≤ −s²/2`, `s = (√m·bound)^{1/2} − (3m)^{1/4} − √q`, zero where
/// `s ≤ 0`.
///
/// # Example
/// ```
/// use polyak::bounds::random_features::{curvature_constant, ln_more_curved};
/// let bound = curvature_constant(4, 1000, 1e-3).mid();
/// assert!((ln_more_curved(4, 1000, bound).mid() - 1e-3_f64.ln()).abs() < 1e-10);
/// ```
#[must_use]
pub fn ln_more_curved(dimension: usize, frequencies: usize, bound: f64) -> Ball {
    let m = frequencies as f64;
    let reach = (root(m) * Ball::from(bound.max(0.0))).sqrt();
    let beyond = reach
        - named("more curved: (3m)^¼", root(3.0 * m).sqrt())
        - named("more curved: √q", root(dimension as f64));
    -(beyond.positive_part().square() / Ball::from(2.0))
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
    fn widths_are_the_smallest_that_do() {
        for (q, tau) in [(1, 0.9), (5, 1e-3), (64, 1e-12)] {
            for bound in [1.01, 1.5, 4.0, 40.0] {
                let width = lipschitz_width(q, bound, tau).unwrap();
                let constant = |m| lipschitz_constant(q, m, tau).upper();
                assert!(constant(width) <= bound, "{q} {tau} {bound}");
                assert!(
                    width == 1 || constant(width - 1) > bound,
                    "{q} {tau} {bound}"
                );
            }
            for bound in [1.8, 2.5, 9.0, 900.0] {
                let width = curvature_width(q, bound, tau).unwrap();
                let constant = |m| curvature_constant(q, m, tau).upper();
                assert!(constant(width) <= bound, "{q} {tau} {bound}");
                assert!(
                    width == 1 || constant(width - 1) > bound,
                    "{q} {tau} {bound}"
                );
            }
        }
        for bound in [1.0, 0.5, -1.0, f64::NAN, 1.0 + 1e-12] {
            assert_eq!(lipschitz_width(3, bound, 0.1), None, "{bound}");
        }
        for bound in [3.0_f64.sqrt(), 1.0, -1.0, f64::NAN, 1.74] {
            let width = curvature_width(3, bound, 0.1);
            assert_eq!(width.is_some(), bound > 1.735, "{bound}");
        }
        assert_eq!(curvature_width(64, 1.732_051, 1e-12), None);
    }

    #[test]
    fn probabilities_are_those_of_the_constants() {
        for (q, m, tau) in [(1, 7, 0.9), (5, 100, 1e-3), (64, 4096, 1e-12)] {
            let length = longest_frequency(q, m, tau).mid();
            let (found, expected) = (ln_longer(q, m, length), f64::ln(tau));
            assert!((found.mid() - expected).abs() < 1e-11, "{found:?}");
            let bound = curvature_constant(q, m, tau).mid();
            let found = ln_more_curved(q, m, bound);
            assert!((found.mid() - expected).abs() < 1e-10, "{found:?}");
        }
        // Nothing is known of what is no deviation.
        assert_eq!(ln_longer(4, 10, 2.0).mid(), 0.0);
        assert_eq!(ln_longer(4, 10, 1.0).mid(), 0.0);
        assert_eq!(ln_more_curved(4, 10, 1.0).mid(), 0.0);
        assert_eq!(ln_more_curved(4, 10, -1.0).mid(), 0.0);
        assert!(ln_longer(4, 10, 100.0).upper() < -4000.0);
    }

    #[test]
    fn the_curvature_constant_tends_to_root_three() {
        let far = curvature_constant(3, 1 << 50, 1e-3);
        assert!((far.mid() - 3.0_f64.sqrt()).abs() < 5e-3);
    }
}
