//! Version 2: rows and packing at once.

use super::tangent_rule::integral_of_log_concave;
use super::{BOTH, LogBound, where_proved};
use crate::arithmetic::{Ball, count as exact};
use crate::kernel::KernelSpec;

/// Cells a natural length of the integrand: the integral is too large by the share `1/(6·256²)` at most.
const CELLS: f64 = 256.0;

/// Returns
///
/// ```text
/// 1 − (min(3^q, N) − 1)·ψ(δ) − ∫2q(1+2t)^(q−1)·ψ(tδ) dt from 1 to T,   T = max(1, (N^(1/q) − 1)/2)
/// ```
///
/// A closed ball of radius `r` about a point holds at most `min((1+2r/δ)^q, N)` of the points; a summation by parts
/// gives the rest.
///
/// # Guarantee
/// Certified, see [`LogBound`]: the integrand is log-concave, and a tangent rule bounds its integral from
/// above within `2.6·10⁻⁶` of itself, as long as `δ` is at most some tens of bandwidths.
///
/// # Example
/// ```
/// use polyak::bounds::separation::{combined, gershgorin};
/// let kernel = "gaussian:1".parse()?;
/// // Up to 3^q points only the rows count; beyond, the bound stops falling with N.
/// assert_eq!(combined(&kernel, 2, 9, 3.0), gershgorin(&kernel, 9, 3.0));
/// assert!(combined(&kernel, 2, 10_000, 3.0) > gershgorin(&kernel, 40, 3.0));
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub fn combined(kernel: &KernelSpec, dimension: usize, samples: usize, delta: f64) -> LogBound {
    let neighbours = u32::try_from(dimension)
        .ok()
        .and_then(|q| 3usize.checked_pow(q))
        .filter(|&most| most < samples);
    let Some(neighbours) = neighbours else {
        return super::gershgorin(kernel, samples, delta);
    };
    let Some((unit, ratio)) = where_proved(&BOTH, kernel, delta) else {
        return LogBound::NOTHING;
    };
    let near = exact(neighbours - 1) * unit.profile_ball(ratio);
    let [one, two] = [1.0, 2.0].map(Ball::from);
    let q = Ball::from(dimension as f64);
    let end = (((exact(samples).ln() / q).exp() - one) / two).upper();
    let log = |t: f64| {
        let t = Ball::from(t);
        (two * q).ln() + (q - one) * (one + two * t).ln() + unit.log_profile(t * ratio)
    };
    let slope = |t: f64| {
        let t = Ball::from(t);
        two * (q - one) / (one + two * t) + ratio * unit.log_profile_slope(t * ratio)
    };
    // −L'' ≤ 3(δ/σ)² + 4(q−1)/(1+2t)², the factor 3 for Matérn 3/2.
    let step = |t: f64| {
        let curvature = 3.0 * ratio.mid().powi(2) + 4.0 * q.mid() / (1.0 + 2.0 * t).powi(2);
        2.0 / (CELLS * curvature.sqrt())
    };
    let far = integral_of_log_concave((1.0, end), log, slope, step, 1.0);
    LogBound::one_minus(near + Ball::from(far))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;

    /// Simpson's rule for the integral, 20000 cells up to where nothing is left.
    fn slow(kernel: &KernelSpec, q: usize, samples: usize, delta: f64) -> f64 {
        let end = ((samples as f64).powf(1.0 / q as f64) - 1.0) / 2.0;
        let end = end.min(1.0 + 50.0 * kernel.bandwidth() / delta).max(1.0);
        let (cells, h) = (20_000, (end - 1.0) / 20_000.0);
        let integrand = |t: f64| {
            2.0 * q as f64
                * (1.0 + 2.0 * t).powi(q as i32 - 1)
                * kernel.profile((t * delta).powi(2))
        };
        let sum: f64 = (0..=cells)
            .map(|i| {
                let weight = match i {
                    i if i == 0 || i == cells => 1.0,
                    i if i % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                weight * integrand(1.0 + h * f64::from(i))
            })
            .sum();
        let near = 3_f64.powi(q as i32).min(samples as f64) - 1.0;
        1.0 - near * kernel.profile(delta * delta) - sum * h / 3.0
    }

    #[test]
    fn agrees_with_simpsons_rule() {
        let mut informative = 0;
        for name in [
            "gaussian:0.7",
            "matern12:0.7",
            "matern32:0.7",
            "matern52:0.7",
            "matern72:0.7",
        ] {
            let kernel: KernelSpec = name.parse().unwrap();
            for q in [1usize, 2, 3] {
                for samples in [2usize, 9, 10, 28, 500, 1_000_000] {
                    for delta in [1.5, 2.2, 3.5, 9.0] {
                        let exact = slow(&kernel, q, samples, delta);
                        let bound = combined(&kernel, q, samples, delta).value();
                        if exact <= 0.0 {
                            assert_eq!(bound, 0.0, "{name} {q} {samples} {delta}");
                            continue;
                        }
                        informative += 1;
                        // Too large by 2.6e-6 of a sum below 1; Simpson below 1e-9 here.
                        assert!(
                            bound <= exact + 1e-9 && bound >= exact - 3e-6 * (1.0 - exact) - 1e-9,
                            "{name} {q} {samples} {delta}: {bound} {exact}"
                        );
                    }
                }
            }
        }
        assert!(informative > 150, "{informative}");
    }

    #[test]
    fn endless_counts_and_dimensions() {
        let kernel = "gaussian:1".parse().unwrap();
        // 3^64 exceeds every count: the rows alone.
        assert_eq!(
            combined(&kernel, 64, usize::MAX, 10.0),
            super::super::gershgorin(&kernel, usize::MAX, 10.0)
        );
        assert_eq!(
            combined(&kernel, usize::MAX, 50, 4.0),
            super::super::gershgorin(&kernel, 50, 4.0)
        );
        assert!(combined(&kernel, 2, usize::MAX, 4.0).value() > 0.99);
        assert_eq!(combined(&kernel, 2, usize::MAX, 0.0), LogBound::NOTHING);
    }
}
