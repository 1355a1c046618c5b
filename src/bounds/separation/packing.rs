//! Version 1: balls packed into shells.

use super::{LogBound, SHELLS, where_proved};
use crate::arithmetic::Ball;
use crate::kernel::KernelSpec;

/// Returns `1 − Σ_{n≥1} [(2n+3)^q − (2n−1)^q] ψ(nδ)`, whatever the number of points.
///
/// The balls of radius `δ/2` about the points at distances in `[nδ, (n+1)δ)` are disjoint and
/// lie in a shell of `(2n+3)^q − (2n−1)^q` times their volume.
///
/// # Guarantee
/// Certified, see [`LogBound`]. The series is cut once its tail is below `2⁻⁵⁵`: `ln ψ` is concave, so
/// the ratio of consecutive terms is at most
/// `((2n+1)/(2n−1))^{q−1}ψ((n+1)δ)/ψ(nδ)`, which decreases.
///
/// # Example
/// ```
/// use polyak::bounds::separation::packing;
/// let kernel = "gaussian:1".parse()?;
/// // In one dimension every factor is 4.
/// let series: f64 = (1..9).map(|n| 4.0 * (-4.5 * (n * n) as f64).exp()).sum();
/// assert!((packing(&kernel, 1, 3.0).value() - (1.0 - series)).abs() < 1e-13);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn packing(kernel: &KernelSpec, dimension: usize, delta: f64) -> LogBound {
    let Some((unit, ratio)) = where_proved(&SHELLS, kernel, delta) else {
        return LogBound::NOTHING;
    };
    let one = Ball::from(1.0);
    let q = Ball::from(dimension as f64);
    let log_profile = |n: f64| unit.log_profile(Ball::from(n) * ratio);
    let mut sum = Ball::from(0.0);
    let mut n = 1.0;
    // A sum that reaches 1, or is not known at all, proves nothing.
    while sum.upper() < 1.0 {
        let outer = Ball::from(2.0 * n + 3.0);
        let share = (q * (Ball::from(2.0 * n - 1.0) / outer).ln()).exp();
        let profile = log_profile(n);
        let term = (q * outer.ln() + profile).exp() * (one - share);
        sum = sum + term;
        let shrink = ratio_of_terms(dimension, n, log_profile(n + 1.0) - profile);
        if shrink.upper() < 1.0 {
            let tail = (term * shrink / (one - shrink)).upper();
            if tail <= f64::EPSILON / 8.0 {
                return LogBound::one_minus(sum + Ball::from(tail));
            }
        }
        n += 1.0;
    }
    LogBound::NOTHING
}

/// Bounds the ratio of the term after `n` to that of `n`, given the logarithm of the ratio of their profiles.
fn ratio_of_terms(dimension: usize, n: f64, log_profiles: Ball) -> Ball {
    let growth = Ball::from(2.0 * n + 1.0) / Ball::from(2.0 * n - 1.0);
    let power = Ball::from(dimension as f64) - Ball::from(1.0);
    (power * growth.ln() + log_profiles).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kernel, KernelSpec};

    #[test]
    fn a_slow_sum_of_many_shells_agrees() {
        for (name, delta) in [
            ("gaussian:1", 3.5),
            ("matern12:0.1", 0.8),
            ("matern32:0.2", 1.9),
            ("matern72:0.5", 4.0),
        ] {
            let kernel: KernelSpec = name.parse().unwrap();
            for q in [1usize, 2, 3, 5] {
                let shells = (1..2000).map(|n| {
                    let n = f64::from(n);
                    let count = (2.0 * n + 3.0).powi(q as i32) - (2.0 * n - 1.0).powi(q as i32);
                    count * kernel.profile((n * delta).powi(2))
                });
                let exact = 1.0 - shells.sum::<f64>();
                let bound = packing(&kernel, q, delta).value();
                if exact > 0.0 {
                    // Terms below 1, relative errors below 100u a term, a few terms that count.
                    assert!(
                        bound <= exact + 1e-13 && bound >= exact - 1e-13,
                        "{name} {q}"
                    );
                } else {
                    assert_eq!(bound, 0.0, "{name} {q}");
                }
            }
            // The case q = 1 is one of those that say something.
            assert!(packing(&kernel, 1, delta) > LogBound::NOTHING, "{name}");
        }
    }

    #[test]
    fn terms_shrink_by_the_growth_of_shells_and_the_decay_of_profiles() {
        let ratio = |q, n| ratio_of_terms(q, n, Ball::from(0.25).ln());
        // (3/1)², (7/5)⁴, and one in one dimension, each over four.
        for (q, n, expected) in [
            (3, 1.0, 2.25),
            (5, 3.0, 0.25 * 1.4_f64.powi(4)),
            (1, 2.0, 0.25),
        ] {
            assert!((ratio(q, n).mid() - expected).abs() < 1e-14, "{q} {n}");
        }
        // Counts of consecutive shells never grow faster.
        for q in 1..7_i32 {
            let count = |n: f64| (2.0 * n + 3.0).powi(q) - (2.0 * n - 1.0).powi(q);
            for n in (1..60).map(f64::from) {
                let exact = 0.25 * count(n + 1.0) / count(n);
                let bound = ratio(q as usize, n);
                assert!(bound.upper() >= exact * (1.0 - 1e-12), "{q} {n}");
            }
        }
    }

    #[test]
    fn dimensions_whose_counts_overflow() {
        let kernel = "gaussian:1".parse().unwrap();
        // 5^{1000} = e^{1609}: the first shell is worth e^{1609 − δ²/2}.
        assert!(packing(&kernel, 1000, 58.0).ln() > -1e-12);
        assert_eq!(packing(&kernel, 1000, 56.0), LogBound::NOTHING);
    }

    #[test]
    fn no_distance_no_bound() {
        let kernel = "gaussian:1".parse().unwrap();
        for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(packing(&kernel, 1, delta), LogBound::NOTHING);
        }
    }
}
