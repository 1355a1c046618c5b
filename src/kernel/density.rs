//! The spectral density of a kernel, in logarithms.

use super::KernelSpec;
use crate::arithmetic::Ball;

impl KernelSpec {
    /// Returns `ln ψ̂(ω)`, `ψ̂` the unitary Fourier transform `(2π)^{−q/2}∫ψ(x)e^{−iω·x}dx`
    /// on `R^q`, at `‖ω‖ = frequency`.
    ///
    /// * Gaussian: `ψ̂ = σ^q e^{−σ²ω²/2}`;
    /// * Matérn: `ψ̂ = Γ(ν+q/2)/Γ(ν) · (ℓ²/ν)^{q/2} (1 + ℓ²ω²/2ν)^{−ν−q/2}`.
    ///
    /// Decreasing in `‖ω‖`, and its logarithm is convex in `‖ω‖²`. Where a kernel gives no density, as
    /// an inverse multiquadric, whose is a Bessel function, nothing is said: the ball is everything.
    ///
    /// # Guarantee
    /// Certified: the ball contains the exact value at every member of `frequency`.
    ///
    /// # Panics
    /// If `dimension` is zero.
    ///
    /// # Source
    /// Wendland, *Scattered Data Approximation*, theorems 5.18 and 6.13; Rasmussen,
    /// Williams, *Gaussian Processes for Machine Learning*, eq. 4.15 (non-unitary).
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, kernel::KernelSpec};
    /// let kernel: KernelSpec = "gaussian:2".parse()?;
    /// let log = kernel.log_spectral_density(3, Ball::from(100.0));
    /// assert!(log.contains(3.0 * 2.0_f64.ln() - 20_000.0)); // e^{−20000} is not zero here.
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn log_spectral_density(&self, dimension: usize, frequency: Ball) -> Ball {
        assert!(dimension > 0, "a density needs a dimension");
        let density = self.as_radial().log_spectral_density(dimension, frequency);
        density.unwrap_or(Ball::EVERYTHING)
    }

    /// Returns `d ln ψ̂/d(ω²)` at `‖ω‖ = frequency`: a negative number, increasing to 0.
    ///
    /// # Guarantee
    /// As [`log_spectral_density`](Self::log_spectral_density).
    #[must_use]
    pub fn log_spectral_slope(&self, dimension: usize, frequency: Ball) -> Ball {
        let slope = self.as_radial().log_spectral_slope(dimension, frequency);
        slope.unwrap_or(Ball::EVERYTHING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::ln_half_gamma;
    use crate::kernel::{Fact, Kernel};
    use std::f64::consts::PI;

    /// Those whose density is known.
    fn kernels(bandwidth: f64) -> Vec<KernelSpec> {
        let mut all = crate::kernel::spec::kernels(bandwidth);
        all.retain(|kernel| kernel.require(Fact::Density { dimension: 1 }).is_ok());
        all
    }

    #[test]
    fn nothing_is_said_of_inverse_multiquadrics() {
        let kernel: KernelSpec = "imq:1".parse().unwrap();
        let one = Ball::from(1.0);
        assert_eq!(kernel.log_spectral_density(2, one), Ball::EVERYTHING);
        assert_eq!(kernel.log_spectral_slope(2, one), Ball::EVERYTHING);
    }

    /// `√(2/π)∫_0^∞ ψ(r) cos(ωr) dr` and `√(2/π)∫_0^∞ ψ(r) r sin(ωr)/ω dr`: the transform
    /// in dimensions 1 and 3, by Simpson's rule.
    fn transform(kernel: &KernelSpec, dimension: usize, omega: f64) -> f64 {
        let (cells, end) = (200_000, 50.0 * kernel.bandwidth());
        let h = end / f64::from(cells);
        let integrand = |r: f64| {
            let wave = match dimension {
                1 => (omega * r).cos(),
                _ => r * (omega * r).sin() / omega,
            };
            kernel.profile(r * r) * wave
        };
        let weight = |i: i32| match i {
            i if i == 0 || i == cells => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let sum: f64 = (0..=cells)
            .map(|i| weight(i) * integrand(f64::from(i) * h))
            .sum();
        (2.0 / PI).sqrt() * sum * h / 3.0
    }

    #[test]
    fn density_is_the_fourier_transform_of_the_profile() {
        for kernel in kernels(0.6) {
            for dimension in [1usize, 3] {
                for omega in [0.3, 1.0, 4.0] {
                    let density = kernel
                        .log_spectral_density(dimension, Ball::from(omega))
                        .exp()
                        .mid();
                    let integral = transform(&kernel, dimension, omega);
                    // Simpson's error h⁴/180·∫|f''''|: (1.5e-4)⁴ times derivatives below 1e5 a unit
                    // length; the tail beyond 50 lengths is e^{−50}; 2e5 roundings at random.
                    assert!(
                        (density - integral).abs() <= 1e-11,
                        "{kernel} {dimension} {omega}: {density} {integral}"
                    );
                }
            }
        }
    }

    /// `(2π)^{−q/2}|S^{q−1}|∫ψ̂(ω)ω^{q−1}dω = ψ(0) = 1`, which ties the dimensions together.
    #[test]
    fn density_integrates_to_the_value_at_zero() {
        for kernel in kernels(0.6) {
            for dimension in 1..=6usize {
                let q = dimension as f64;
                // ω = e^s: the trapezoidal rule on the whole line converges geometrically.
                let h = 0.01;
                let sum: f64 = (-6000..6000)
                    .map(|i| {
                        let s = h * f64::from(i);
                        let log = kernel.log_spectral_density(dimension, Ball::from(s.exp()));
                        (log.mid() + q * s).exp()
                    })
                    .sum();
                let sphere =
                    std::f64::consts::LN_2 + 0.5 * q * PI.ln() - ln_half_gamma(dimension).mid();
                let mass = (sphere - 0.5 * q * (2.0 * PI).ln()).exp() * sum * h;
                // The neglected tail of the heaviest law is e^{−60}, the rounding of the
                // logarithms (below 200) 1e-13.
                assert!((mass - 1.0).abs() < 1e-11, "{kernel} {dimension}: {mass}");
            }
        }
    }

    #[test]
    fn slope_is_the_derivative() {
        for kernel in kernels(0.6) {
            for omega in [0.1, 1.0, 7.0_f64] {
                let log = |squared: f64| {
                    kernel
                        .log_spectral_density(4, Ball::from(squared.sqrt()))
                        .mid()
                };
                let h = 1e-5;
                let difference = (log(omega * omega + h) - log(omega * omega - h)) / (2.0 * h);
                let slope = kernel.log_spectral_slope(4, Ball::from(omega)).mid();
                assert!(slope < 0.0);
                // Third derivative below 1: h²/6; rounding 1e-15·20/h.
                assert!((difference - slope).abs() < 1e-8, "{kernel} {omega}");
            }
        }
    }
}
