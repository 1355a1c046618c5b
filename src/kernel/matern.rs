//! The Matérn kernels of half-integer smoothness.

use super::exponential::exp;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{ChiSquared, StandardNormal};

use super::facts::{InIntegers, Radial, Real, real};
use super::{
    Admissibility, DifferentiableKernel, Dimensions, Enclosed, Facts, Kernel, KernelError,
    KernelSpec, Named, known, positive,
};
use crate::arithmetic::{Ball, ln_half_gamma};
use crate::factor::named;
use std::fmt;

/// The smoothness `ν` of a [`Matern`] kernel: the values whose profile is a
/// polynomial times an exponential, no Bessel function needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoothness {
    /// `ν = 1/2`: the Laplace kernel, not admissible.
    Half,
    /// `ν = 3/2`: admissible, not strongly.
    ThreeHalves,
    /// `ν = 5/2`: strongly admissible.
    FiveHalves,
    /// `ν = 7/2`: strongly admissible.
    SevenHalves,
}

impl Smoothness {
    /// Every smoothness, in increasing order.
    pub const ALL: [Self; 4] = [
        Self::Half,
        Self::ThreeHalves,
        Self::FiveHalves,
        Self::SevenHalves,
    ];

    /// The number `ν`.
    #[must_use]
    pub fn nu(self) -> f64 {
        match self {
            Self::Half => 0.5,
            Self::ThreeHalves => 1.5,
            Self::FiveHalves => 2.5,
            Self::SevenHalves => 3.5,
        }
    }
}

impl TryFrom<f64> for Smoothness {
    type Error = KernelError;

    fn try_from(nu: f64) -> Result<Self, KernelError> {
        let mut all = Self::ALL.into_iter();
        all.find(|s| s.nu() == nu)
            .ok_or(KernelError::Smoothness { nu })
    }
}

/// The Matérn kernel of smoothness `ν` and length `ℓ`: with `t = √(2ν) r/ℓ`,
///
/// `e^{−t}`, `(1 + t)e^{−t}`, `(1 + t + t²/3)e^{−t}`, `(1 + t + 2t²/5 + t³/15)e^{−t}`
///
/// for `ν = 1/2, 3/2, 5/2, 7/2`. Its spectral measure is the multivariate
/// Student law of `2ν` degrees of freedom and scale `1/ℓ`; `κ1² = ν/((ν−1)ℓ²)`
/// for `ν > 1` and `κ2² = 3(2ν)²/((2ν−2)(2ν−4)ℓ⁴)` for `ν > 2`, else infinite.
///
/// # Source
/// Rasmussen, Williams, *Gaussian Processes for Machine Learning*, §4.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matern {
    smoothness: Smoothness,
    length: f64,
}

impl fmt::Display for Matern {
    /// The name, as it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Matern {
    /// The kernel of smoothness `nu`, one of 0.5, 1.5, 2.5, 3.5, and length `length`.
    ///
    /// # Errors
    /// [`KernelError::Smoothness`], or [`KernelError::Bandwidth`] unless
    /// `length` is finite and positive.
    pub fn try_new(nu: f64, length: f64) -> Result<Self, KernelError> {
        Self::with_smoothness(nu.try_into()?, length)
    }

    /// The kernel of a given [`Smoothness`].
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless `length` is finite and positive.
    pub fn with_smoothness(smoothness: Smoothness, length: f64) -> Result<Self, KernelError> {
        Ok(Self {
            smoothness,
            length: positive(length)?,
        })
    }

    /// The smoothness `ν`.
    #[must_use]
    pub fn smoothness(&self) -> Smoothness {
        self.smoothness
    }

    /// The length `ℓ`.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.length
    }

    /// Draws `count` independent frequencies, as [`Kernel::try_sample_frequencies`].
    #[must_use]
    pub fn sample_frequencies(&self, dimension: usize, count: usize, seed: u64) -> DMatrix<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = 2.0 * self.smoothness.nu();
        let chi_squared = ChiSquared::new(n).expect("2ν is positive");
        let mut drawn = DMatrix::zeros(dimension, count);
        for mut column in drawn.column_iter_mut() {
            // One χ² for the whole vector: the coordinates are dependent.
            let stretch = (rng.sample(chi_squared) / n).sqrt();
            column.apply(|w| {
                *w = rng.sample::<f64, _>(StandardNormal) / stretch / self.length;
            });
        }
        drawn
    }
}

impl Kernel for Matern {
    fn profile(&self, squared_distance: f64) -> f64 {
        let t = (2.0 * self.smoothness.nu()).sqrt() * (squared_distance.sqrt() / self.length);
        let decay = exp(-t);
        if decay == 0.0 {
            return 0.0; // Before an infinite t makes ∞·0.
        }
        let polynomial = match self.smoothness {
            Smoothness::Half => 1.0,
            Smoothness::ThreeHalves => 1.0 + t,
            Smoothness::FiveHalves => 1.0 + t * (1.0 + t / 3.0),
            Smoothness::SevenHalves => 1.0 + t * (1.0 + t * (0.4 + t / 15.0)),
        };
        (polynomial * decay).min(1.0) // The product can round above 1.
    }

    fn admissibility(&self) -> Admissibility {
        let n = 2.0 * self.smoothness.nu();
        let kappa1 = if n > 2.0 {
            (n / (n - 2.0)).sqrt()
        } else {
            f64::INFINITY
        };
        let kappa2 = if n > 4.0 {
            (3.0 * n * n / ((n - 2.0) * (n - 4.0))).sqrt()
        } else {
            f64::INFINITY
        };
        Admissibility {
            kappa0: 1.0,
            kappa1: named("Matérn kernel: κ1", kappa1 / self.length),
            kappa2: named("Matérn kernel: κ2", kappa2 / self.length / self.length),
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
        format!("matern{}2:{:?}", 2.0 * self.smoothness.nu(), self.length)
    }
}

impl DifferentiableKernel for Matern {
    /// With `t = √(2ν)r/ℓ`: `e^{−t}/t`, `3e^{−t}`, `5(1+t)e^{−t}/3`, `7(3+3t+t²)e^{−t}/15`, over `ℓ²`.
    fn slope(&self, squared_distance: f64) -> f64 {
        let t = (2.0 * self.smoothness().nu()).sqrt() * (squared_distance.sqrt() / self.length());
        let decay = exp(-t);
        if decay == 0.0 {
            return 0.0;
        }
        let polynomial = match self.smoothness() {
            Smoothness::Half => 1.0 / t,
            Smoothness::ThreeHalves => 3.0,
            Smoothness::FiveHalves => 5.0 * (1.0 + t) / 3.0,
            Smoothness::SevenHalves => 7.0 * (3.0 + t * (3.0 + t)) / 15.0,
        };
        polynomial * decay / self.length() / self.length()
    }
}

impl Radial for Matern {
    fn bandwidth(&self) -> f64 {
        self.length
    }

    fn with_bandwidth(&self, bandwidth: f64) -> Result<KernelSpec, KernelError> {
        Ok(Self::with_smoothness(self.smoothness, bandwidth)?.into())
    }

    fn facts(&self) -> Facts {
        // Of all four.
        match self.smoothness {
            Smoothness::Half
            | Smoothness::ThreeHalves
            | Smoothness::FiveHalves
            | Smoothness::SevenHalves => Facts {
                positive_definite: Dimensions::Every,
                strictly: true,
                // One at the cusp, at most 0.64 of the others.
                steepness: Some(1.0),
                // Below 0.345.
                logarithmic_slope: Some(0.37),
                // An exponential, below 2u, and a polynomial of positive terms.
                profile_roundings: Some(12.0),
                slope_roundings: Some(24.0),
                decreasing: true,
                log_concave: true,
                log_convex_density: true,
            },
        }
    }

    fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed> {
        let t = (squared_ratio * (2.0 * self.smoothness.nu())).sqrt();
        let polynomial = match self.smoothness {
            Smoothness::Half => t.with(1.0),
            Smoothness::ThreeHalves => 1.0 + &t,
            Smoothness::FiveHalves => 1.0 + &t + t.square() / 3.0,
            Smoothness::SevenHalves => 1.0 + &t + t.square() * 2.0 / 5.0 + t.powi(3) / 15.0,
        };
        Some(polynomial * (-t).exp())
    }

    fn in_integers(&self) -> Option<InIntegers> {
        Some(InIntegers::Matern(self.smoothness))
    }

    fn reference(&self, squared_ratio: Real) -> Option<Real> {
        let precision = squared_ratio.precision();
        let number = |x: f64| real(x, precision);
        let t = (squared_ratio * number(2.0 * self.smoothness.nu())).sqrt();
        // Beyond, the value is below a last place.
        if t > number(2.0 * precision as f64) {
            return Some(number(0.0));
        }
        let decay = (-t.clone()).exp();
        let square = &t * &t;
        let polynomial = match self.smoothness {
            Smoothness::Half => number(1.0),
            Smoothness::ThreeHalves => number(1.0) + &t,
            Smoothness::FiveHalves => number(1.0) + &t + square / number(3.0),
            Smoothness::SevenHalves => {
                let cube = &square * &t / number(15.0);
                number(1.0) + &t + square * number(2.0) / number(5.0) + cube
            }
        };
        Some(polynomial * decay)
    }

    fn log_profile(&self, distance: Ball) -> Option<Ball> {
        let t = self.argument(distance);
        let (value, divisor) = polynomial(self.smoothness, t);
        Some((value / Ball::from(divisor)).ln() - t)
    }

    fn profile_ball(&self, distance: Ball) -> Option<Ball> {
        self.log_profile(distance).map(Ball::exp)
    }

    fn log_profile_slope(&self, distance: Ball) -> Option<Ball> {
        let (smoothness, length) = (self.smoothness, Ball::from(self.length));
        let t = self.argument(distance);
        // P − P', over P: ψ = Pe^{−t}.
        let [one, three] = [1.0, 3.0].map(Ball::from);
        let rest = match smoothness {
            Smoothness::Half => one,
            Smoothness::ThreeHalves => t,
            Smoothness::FiveHalves => t * (one + t),
            Smoothness::SevenHalves => t * (three + t * (three + t)),
        };
        Some(-(root(smoothness) / length) * rest / polynomial(smoothness, t).0)
    }

    fn log_profile_curvature(&self, distance: Ball) -> Option<Ball> {
        let (smoothness, length) = (self.smoothness, Ball::from(self.length));
        let t = self.argument(distance);
        let [zero, one, two] = [0.0, 1.0, 2.0].map(Ball::from);
        let [three, six, twelve, fifteen] = [3.0, 6.0, 12.0, 15.0].map(Ball::from);
        // P' and P'', over P.
        let (first, second) = match smoothness {
            Smoothness::Half => (zero, zero),
            Smoothness::ThreeHalves => (one, zero),
            Smoothness::FiveHalves => (three + two * t, two),
            Smoothness::SevenHalves => (fifteen + t * (twelve + three * t), twelve + six * t),
        };
        let value = polynomial(smoothness, t).0;
        let frequency = Ball::from(2.0 * smoothness.nu());
        let of_unit = frequency * (second / value - (first / value).square());
        Some(of_unit / length.square())
    }

    /// `ψ̂ = Γ(ν+q/2)/Γ(ν) · (ℓ²/ν)^{q/2} (1 + ℓ²ω²/2ν)^{−ν−q/2}`.
    fn log_spectral_density(&self, dimension: usize, frequency: Ball) -> Option<Ball> {
        let (q, half) = (Ball::from(dimension as f64), Ball::from(0.5));
        let length = Ball::from(self.length);
        let squared = (length * frequency).square();
        let n = self.degrees_of_freedom();
        let (two_nu, nu) = (Ball::from(n as f64), Ball::from(0.5 * n as f64));
        let constant = ln_half_gamma(n + dimension) - ln_half_gamma(n) - half * q * nu.ln();
        let tail = (Ball::from(1.0) + squared / two_nu).ln();
        Some(q * length.ln() + constant - half * (two_nu + q) * tail)
    }

    fn log_spectral_slope(&self, dimension: usize, frequency: Ball) -> Option<Ball> {
        let length = Ball::from(self.length);
        let two_nu = Ball::from(self.degrees_of_freedom() as f64);
        let power = Ball::from(0.5) * (two_nu + Ball::from(dimension as f64));
        Some(-power * length.square() / (two_nu + (length * frequency).square()))
    }
}

impl Named for Matern {
    const NAMES: &'static [&'static str] =
        &["matern12", "laplace", "matern32", "matern52", "matern72"];

    fn read(label: &str) -> Option<Result<Self, KernelError>> {
        let smoothness = match label {
            "matern12" | "laplace" => Smoothness::Half,
            "matern32" => Smoothness::ThreeHalves,
            "matern52" => Smoothness::FiveHalves,
            "matern72" => Smoothness::SevenHalves,
            _ => return None,
        };
        Some(Self::with_smoothness(smoothness, 1.0))
    }

    fn samples() -> Vec<Self> {
        ["matern12", "matern32", "matern52", "matern72"]
            .map(known)
            .into()
    }
}

impl Matern {
    /// `2ν`, an integer.
    fn degrees_of_freedom(&self) -> usize {
        (2.0 * self.smoothness.nu()) as usize
    }

    /// `t = √(2ν)r/ℓ`.
    fn argument(&self, distance: Ball) -> Ball {
        root(self.smoothness) * (distance / Ball::from(self.length))
    }
}

/// `√(2ν)`.
fn root(smoothness: Smoothness) -> Ball {
    Ball::from(2.0 * smoothness.nu()).sqrt()
}

/// The polynomial `P` of `ψ = Pe^{−t}` times an integer, and that integer.
fn polynomial(smoothness: Smoothness, t: Ball) -> (Ball, f64) {
    let [one, three, six, fifteen] = [1.0, 3.0, 6.0, 15.0].map(Ball::from);
    match smoothness {
        Smoothness::Half => (one, 1.0),
        Smoothness::ThreeHalves => (one + t, 1.0),
        Smoothness::FiveHalves => (three + t * (three + t), 3.0),
        Smoothness::SevenHalves => (fifteen + t * (fifteen + t * (six + t)), 15.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// e^{−t} p!/(2p)! Σ_k (p+k)!/(k!(p−k)!) (2t)^{p−k}, ν = p + 1/2 (Rasmussen–Williams 4.16).
    fn bessel_form(p: u32, t: f64) -> f64 {
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        let sum: f64 = (0..=p)
            .map(|k| {
                factorial(p + k) / (factorial(k) * factorial(p - k))
                    * (2.0 * t).powi((p - k) as i32)
            })
            .sum();
        (-t).exp() * factorial(p) / factorial(2 * p) * sum
    }

    #[test]
    fn profile_is_the_bessel_form() {
        let length = 0.6;
        for (p, smoothness) in (0..).zip(Smoothness::ALL) {
            let kernel = Matern::with_smoothness(smoothness, length).unwrap();
            for i in 0..200 {
                let r = f64::from(i) * 0.03;
                let t = (2.0 * f64::from(p) + 1.0).sqrt() * r / length;
                let expected = bessel_form(p, t);
                // 4 roundings of t each side, amplified by at most t + p, and 30 elsewhere.
                let relative = (8.0 * (t + f64::from(p)) + 30.0) * f64::EPSILON / 2.0;
                let error = (kernel.profile(r * r) - expected).abs();
                assert!(error <= relative * expected, "{smoothness:?} {r}: {error}");
            }
        }
    }

    #[test]
    fn profile_stays_in_the_unit_interval() {
        for smoothness in Smoothness::ALL {
            for length in [f64::from_bits(1), 1e-200, 1.0, 1e200, f64::MAX] {
                let kernel = Matern::with_smoothness(smoothness, length).unwrap();
                assert_eq!(kernel.profile(0.0), 1.0);
                assert_eq!(kernel.profile(f64::INFINITY), 0.0);
                for r2 in [f64::from_bits(1), 1e-300, 1.0, 1e5, 1e300, f64::MAX] {
                    assert!((0.0..=1.0).contains(&kernel.profile(r2)), "{kernel:?} {r2}");
                }
            }
            let kernel = Matern::with_smoothness(smoothness, 1.0).unwrap();
            for i in 0..20_000 {
                let psi = kernel.profile((f64::from(i) * 1e-9).powi(2));
                assert!(psi <= 1.0, "{smoothness:?} {i}");
            }
        }
    }

    /// `E ω^k` in one dimension: with ω = √n tan θ/ℓ the Student law of n degrees of
    /// freedom has density ∝ cos^{n−1}θ, and the integrand is a trigonometric
    /// polynomial of degree n − 1 < 32, on which the rule of 32 points is exact.
    fn moment(n: i32, k: i32, length: f64) -> f64 {
        let sum = |k: i32| {
            (0..32)
                .map(|i| std::f64::consts::PI * f64::from(i) / 32.0)
                .map(|theta| theta.sin().powi(k) * theta.cos().powi(n - 1 - k))
                .sum::<f64>()
        };
        f64::from(n).powf(0.5 * f64::from(k)) * sum(k) / sum(0) / length.powi(k)
    }

    #[test]
    fn constants_are_the_moments_of_the_student_law() {
        let length = 0.7;
        // Positive sums of 32 terms: 40 roundings a side, and 20 in the constants.
        let close = |a: f64, b: f64| (a - b).abs() <= 100.0 * f64::EPSILON / 2.0 * b;
        for nu in [1.5, 2.5, 3.5] {
            let kernel = Matern::try_new(nu, length).unwrap();
            let a = kernel.admissibility();
            let n = (2.0 * nu) as i32;
            assert_eq!(a.kappa0, 1.0);
            assert!(close(a.kappa1.powi(2), moment(n, 2, length)), "{nu}");
            if nu > 2.0 {
                assert!(close(a.kappa2.powi(2), moment(n, 4, length)), "{nu}");
            }
            assert!(kernel.is_strictly_positive_definite());
        }
        let constants = |nu| Matern::try_new(nu, length).unwrap().admissibility();
        assert!(!constants(0.5).is_admissible());
        assert!(constants(1.5).is_admissible());
        assert_eq!(constants(1.5).kappa2, f64::INFINITY);
        assert!(constants(2.5).is_strongly_admissible());
    }

    #[test]
    fn rejected_parameters() {
        for nu in [0.0, -0.5, 1.0, 4.5, f64::INFINITY] {
            assert_eq!(
                Matern::try_new(nu, 1.0),
                Err(KernelError::Smoothness { nu })
            );
        }
        assert!(Matern::try_new(f64::NAN, 1.0).is_err());
        for length in [0.0, -2.0, f64::INFINITY] {
            assert_eq!(
                Matern::try_new(2.5, length),
                Err(KernelError::Bandwidth { bandwidth: length })
            );
        }
        let kernel = Matern::try_new(3.5, 0.25).unwrap();
        assert_eq!(
            (kernel.smoothness(), kernel.length()),
            (Smoothness::SevenHalves, 0.25)
        );
    }

    #[test]
    fn rff_stability() {
        let drawn = Matern::try_new(2.5, 2.0)
            .unwrap()
            .sample_frequencies(2, 2, 7);
        assert_eq!(
            drawn.as_slice(),
            &[
                0.638376347501401,
                0.2581444087416288,
                -0.5495736318284281,
                0.5265879036051314
            ]
        );
    }
}
