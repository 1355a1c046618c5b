//! Version 3: Narcowich and Ward, Schaback.

use super::{LogBound, minorant, where_proved};
use crate::arithmetic::{Ball, ln_half_gamma, pi};
use crate::kernel::KernelSpec;

/// Returns the largest over `M ≥ M_0` of
///
/// ```text
/// ψ̂(2M)/(2Γ(q/2+1)) · (M/2^(3/2))^q,   M_0 = (24/δ)·(πΓ(q/2+1)²/9)^(1/(q+1))
/// ```
/// and the `M` that attains it; the bound holds whatever the number of points.
///
/// The logarithm is unimodal in `M` with its top at `√q/(2σ)`, for the Gaussian and for every Matérn
/// kernel of length `ℓ = σ`: the best `M` is the larger of that and `M_0`.
///
/// # Guarantee
/// Certified, see [`LogBound`]; `M` is the one evaluated, to rounding.
///
/// # Source
/// Wendland, *Scattered Data Approximation*, Theorem 12.3, with separation distance `δ/2`.
///
/// # Example
/// ```
/// use polyak::bounds::separation::narcowich_ward;
/// let kernel = "gaussian:1".parse()?;
/// let (bound, _) = narcowich_ward(&kernel, 2, 1.0);
/// assert!((bound.log10() + 247.0).abs() < 0.5);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn narcowich_ward(kernel: &KernelSpec, dimension: usize, delta: f64) -> (LogBound, f64) {
    let Some((unit, ratio)) = where_proved(&minorant(dimension), kernel, delta) else {
        return (LogBound::NOTHING, f64::INFINITY);
    };
    let q = Ball::from(dimension as f64);
    let two = Ball::from(2.0);
    let gamma = ln_half_gamma(dimension + 2);
    let root = (pi().ln() + two * gamma - Ball::from(9.0).ln()) / (q + Ball::from(1.0));
    let least = Ball::from(24.0) / ratio * root.exp();
    let cutoff = (0.5 * q.mid().sqrt()).max(least.upper());
    let half_power = (Ball::from(8.0).ln()) / two;
    let log = unit.log_spectral_density(dimension, Ball::from(2.0 * cutoff)) - two.ln() - gamma
        + q * (Ball::from(cutoff).ln() - half_power);
    (LogBound::of_log(log), cutoff / kernel.bandwidth())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound at a given `M`, by plain arithmetic in dimension 2 (`Γ(2) = 1`).
    fn at(log_density: impl Fn(f64) -> f64, m: f64) -> f64 {
        log_density(2.0 * m) - 2.0_f64.ln() + 2.0 * (m / 8.0_f64.sqrt()).ln()
    }

    fn smallest_cutoff(delta: f64) -> f64 {
        12.0 / (delta / 2.0) * (std::f64::consts::PI / 9.0).cbrt()
    }

    #[test]
    fn gaussian_in_the_plane() {
        let sigma: f64 = 0.5;
        let kernel = "gaussian:0.5".parse().unwrap();
        let log_density = |w: f64| 2.0 * sigma.ln() - 0.5 * (sigma * w).powi(2);
        for delta in [0.1, 0.5, 1.0, 3.0, 40.0] {
            let (bound, cutoff) = narcowich_ward(&kernel, 2, delta);
            let least = smallest_cutoff(delta);
            // No M of a fine grid does better, and the M returned is admissible.
            let best = (0..4000)
                .map(|i| at(log_density, least * 1.003_f64.powi(i)))
                .fold(f64::NEG_INFINITY, f64::max);
            assert!(cutoff >= least * (1.0 - 1e-14), "{delta}");
            let slack = 1e-13 * bound.ln().abs() + 1e-13;
            assert!(
                (bound.ln() - at(log_density, cutoff)).abs() <= slack,
                "{delta}"
            );
            assert!(bound.ln() >= best - slack, "{delta}");
        }
        // Beyond δ = 24·0.704·2σ/√2 the interior optimum is admissible.
        let (_, cutoff) = narcowich_ward(&kernel, 2, 40.0);
        assert!((cutoff - 2.0_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn matern_in_the_plane() {
        let length: f64 = 2.0;
        let kernel = "matern32:2".parse().unwrap();
        // Γ(5/2)/Γ(3/2) = 3/2, (ℓ²/ν) = 4/1.5: a product of 4.
        let log_density = |w: f64| 4.0_f64.ln() - 2.5 * (1.0 + (length * w).powi(2) / 3.0).ln();
        for delta in [1e-6, 0.5, 7.0, 300.0] {
            let (bound, cutoff) = narcowich_ward(&kernel, 2, delta);
            let least = smallest_cutoff(delta);
            let best = (0..4000)
                .map(|i| at(log_density, least * 1.003_f64.powi(i)))
                .fold(f64::NEG_INFINITY, f64::max);
            assert!(cutoff >= least * (1.0 - 1e-14));
            assert!((bound.ln() - at(log_density, cutoff)).abs() <= 1e-12);
            assert!(bound.ln() >= best - 1e-12);
        }
    }

    #[test]
    fn smallest_cutoff_in_other_dimensions() {
        // q = 1: Γ(3/2)² = π/4; q = 4: Γ(3) = 2. Small δ, where M_0 is the best M.
        let kernel = "gaussian:1".parse().unwrap();
        let pi = std::f64::consts::PI;
        for (q, inside, power) in [(1, pi * pi / 36.0, 0.5), (4, 4.0 * pi / 9.0, 0.2)] {
            let (_, cutoff) = narcowich_ward(&kernel, q, 0.25);
            let expected = 96.0 * f64::powf(inside, power);
            assert!((cutoff / expected - 1.0).abs() < 1e-13, "{q}");
        }
    }

    #[test]
    fn no_distance_no_bound() {
        let kernel = "gaussian:1".parse().unwrap();
        assert_eq!(narcowich_ward(&kernel, 2, 0.0).0, LogBound::NOTHING);
    }
}
