//! The Gaussian kernel.

use super::exponential::{exp, exp_in_place};
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::facts::{InIntegers, Radial, Real, real};
use super::{
    Admissibility, DifferentiableKernel, Dimensions, Enclosed, Facts, Kernel, KernelError,
    KernelSpec, Named, known, positive,
};
use crate::arithmetic::Ball;
use crate::factor::named;
use std::fmt;

/// The Gaussian kernel `ψ(r) = exp(−r²/2σ²)`, spectral measure `N(0, σ⁻²I)`.
///
/// Its constants are `κ1 = 1/σ`, `κ2 = √3/σ²`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian {
    sigma: f64,
}

impl fmt::Display for Gaussian {
    /// The name, as it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Gaussian {
    /// The Gaussian of standard deviation `sigma`.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless `sigma` is finite and positive.
    pub fn try_new(sigma: f64) -> Result<Self, KernelError> {
        Ok(Self {
            sigma: positive(sigma)?,
        })
    }

    /// The standard deviation `σ`.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// Draws `count` independent frequencies, as [`Kernel::try_sample_frequencies`].
    #[must_use]
    pub fn sample_frequencies(&self, dimension: usize, count: usize, seed: u64) -> DMatrix<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        DMatrix::from_fn(dimension, count, |_, _| {
            rng.sample::<f64, _>(StandardNormal) / self.sigma
        })
    }
}

impl Kernel for Gaussian {
    fn profile(&self, squared_distance: f64) -> f64 {
        // Divided twice: σ² may underflow, and 0/0 is not a number.
        exp(-0.5 * (squared_distance / self.sigma / self.sigma))
    }

    fn profile_in_place(&self, squared_distances: &mut [f64]) {
        for value in squared_distances.iter_mut() {
            *value = -0.5 * (*value / self.sigma / self.sigma);
        }
        exp_in_place(squared_distances);
    }

    fn admissibility(&self) -> Admissibility {
        Admissibility {
            kappa0: 1.0,
            kappa1: named("Gaussian kernel: κ1", 1.0 / self.sigma),
            kappa2: named("Gaussian kernel: κ2", 3f64.sqrt() / self.sigma / self.sigma),
        }
    }

    fn is_strictly_positive_definite(&self) -> bool {
        true
    }

    fn try_sample_frequencies(
        &self,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError> {
        Ok(self.sample_frequencies(dimension, count, seed))
    }

    fn name(&self) -> String {
        format!("gaussian:{:?}", self.sigma)
    }
}

impl DifferentiableKernel for Gaussian {
    fn slope(&self, squared_distance: f64) -> f64 {
        self.profile(squared_distance) / self.sigma() / self.sigma()
    }

    fn slopes_in_place(&self, squared_distances: &mut [f64]) {
        self.profile_in_place(squared_distances);
        for value in squared_distances {
            *value = *value / self.sigma() / self.sigma();
        }
    }
}

impl Radial for Gaussian {
    fn bandwidth(&self) -> f64 {
        self.sigma
    }

    fn with_bandwidth(&self, bandwidth: f64) -> Result<KernelSpec, KernelError> {
        Ok(Self::try_new(bandwidth)?.into())
    }

    fn facts(&self) -> Facts {
        Facts {
            positive_definite: Dimensions::Every,
            strictly: true,
            // ρe^{−ρ²/2} is at most e^{−1/2}.
            steepness: Some(1.0),
            // te^{−t} is at most 1/e.
            logarithmic_slope: Some(0.37),
            // An exponential, below 2u, and a few roundings.
            profile_roundings: Some(12.0),
            slope_roundings: Some(24.0),
            decreasing: true,
            log_concave: true,
            log_convex_density: true,
        }
    }

    fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed> {
        Some((squared_ratio * -0.5).exp())
    }

    fn in_integers(&self) -> Option<InIntegers> {
        Some(InIntegers::Gaussian)
    }

    fn reference(&self, squared_ratio: Real) -> Option<Real> {
        let number = |x: f64| real(x, squared_ratio.precision());
        // Beyond, the value is below a last place.
        let far = number(2.0 * squared_ratio.precision() as f64);
        Some(if squared_ratio > far {
            number(0.0)
        } else {
            (-&squared_ratio / number(2.0)).exp()
        })
    }

    /// `−t²/2`, `t = r/σ`.
    fn log_profile(&self, distance: Ball) -> Option<Ball> {
        let t = distance / Ball::from(self.sigma);
        Some(-Ball::from(0.5) * t.square())
    }

    fn profile_ball(&self, distance: Ball) -> Option<Ball> {
        self.log_profile(distance).map(Ball::exp)
    }

    fn log_profile_slope(&self, distance: Ball) -> Option<Ball> {
        let length = Ball::from(self.sigma);
        Some(-(distance / length) / length)
    }

    fn log_profile_curvature(&self, _: Ball) -> Option<Ball> {
        Some(-Ball::from(1.0) / Ball::from(self.sigma).square())
    }

    /// `ψ̂ = σ^q e^{−σ²ω²/2}`.
    fn log_spectral_density(&self, dimension: usize, frequency: Ball) -> Option<Ball> {
        let (q, length) = (Ball::from(dimension as f64), Ball::from(self.sigma));
        let squared = (length * frequency).square();
        Some(q * length.ln() - Ball::from(0.5) * squared)
    }

    fn log_spectral_slope(&self, _: usize, _: Ball) -> Option<Ball> {
        Some(-Ball::from(0.5) * Ball::from(self.sigma).square())
    }
}

impl Named for Gaussian {
    const NAMES: &'static [&'static str] = &["gaussian"];

    fn read(label: &str) -> Option<Result<Self, KernelError>> {
        (label == "gaussian").then(|| Self::try_new(1.0))
    }

    fn samples() -> Vec<Self> {
        vec![known("gaussian")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidths_that_are_not_positive_numbers_are_errors() {
        for sigma in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(
                Gaussian::try_new(sigma),
                Err(KernelError::Bandwidth { bandwidth: sigma })
            );
        }
        assert!(matches!(
            Gaussian::try_new(f64::NAN),
            Err(KernelError::Bandwidth { bandwidth }) if bandwidth.is_nan()
        ));
    }

    #[test]
    fn constants_are_the_derivatives_of_the_profile_at_zero() {
        // ψ = 1 − κ1²h²/2 + κ2²h⁴/24 − h⁶/(48σ⁶) + …, alternating and decreasing.
        let (sigma, h) = (0.7, 0.01);
        let kernel = Gaussian::try_new(sigma).unwrap();
        let a = kernel.admissibility();
        let h2: f64 = h * h;
        let series = 1.0 - a.kappa1.powi(2) * h2 / 2.0 + a.kappa2.powi(2) * h2 * h2 / 24.0;
        let remainder = (h / sigma).powi(6) / 48.0;
        // 16 roundings of numbers at most 1.
        let rounding = 16.0 * f64::EPSILON / 2.0;
        assert!((kernel.profile(h2) - series).abs() <= remainder + rounding);
        assert_eq!(a.kappa0, 1.0);
        assert!(a.is_strongly_admissible());
        assert!(kernel.is_strictly_positive_definite());
        assert_eq!(kernel.sigma(), sigma);
    }

    #[test]
    fn profile_is_a_number_at_extreme_bandwidths_and_distances() {
        for sigma in [f64::from_bits(1), 1e-200, 1.0, 1e200, f64::MAX] {
            let kernel = Gaussian::try_new(sigma).unwrap();
            assert_eq!(kernel.profile(0.0), 1.0);
            assert_eq!(kernel.profile(f64::INFINITY), 0.0);
            for r2 in [f64::from_bits(1), 1e-300, 1.0, 1e300, f64::MAX] {
                assert!((0.0..=1.0).contains(&kernel.profile(r2)), "{sigma} {r2}");
            }
        }
        // An independent form where nothing overflows: ψ = e^{−2}.
        let tiny = Gaussian::try_new(1e-160).unwrap();
        let psi = tiny.profile(4e-320);
        // 4e-320 is subnormal: a relative spacing of 2^-1074/4e-320 = 1.3e-4.
        assert!((psi / (-2f64).exp() - 1.0).abs() <= 2.0 * 1.3e-4);
    }

    #[test]
    fn rff_stability() {
        let drawn = Gaussian::try_new(2.0).unwrap().sample_frequencies(2, 2, 7);
        assert_eq!(
            drawn.as_slice(),
            &[
                -0.38768596660889854,
                -0.6917108600042046,
                0.4448565093715186,
                0.17988952917201165
            ]
        );
    }
}
