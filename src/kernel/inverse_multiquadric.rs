//! The inverse multiquadric kernel.

use super::facts::{InIntegers, Radial, Real, real};
use super::{
    Admissibility, DifferentiableKernel, Dimensions, Enclosed, Facts, Kernel, KernelError,
    KernelSpec, Named, known, positive,
};
use crate::arithmetic::Ball;
use crate::factor::named;
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Gamma, StandardNormal};
use std::fmt;
use std::str::FromStr;

/// Largest numerator and denominator of a [`Power::Ratio`].
pub const LARGEST_RATIO: u8 = 16;

/// The power `β > 0` of an [`InverseMultiquadric`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Power {
    /// `numerator/denominator` in lowest terms, both at most [`LARGEST_RATIO`]: certificates exist.
    Ratio {
        /// `p` of `p/q`.
        numerator: u8,
        /// `q` of `p/q`.
        denominator: u8,
    },
    /// Any other number.
    Real(f64),
}

impl Power {
    /// One half: `1/√(1 + r²/ℓ²)`.
    pub const HALF: Self = Self::Ratio {
        numerator: 1,
        denominator: 2,
    };

    /// The ratio `numerator/denominator`, reduced.
    ///
    /// # Errors
    /// [`KernelError::Power`] unless both are between 1 and 16 once reduced.
    pub fn ratio(numerator: u32, denominator: u32) -> Result<Self, KernelError> {
        let common = gcd(numerator, denominator).max(1);
        let part = |x: u32| {
            let reduced = u8::try_from(x / common).ok();
            reduced.filter(|x| (1..=LARGEST_RATIO).contains(x))
        };
        match (part(numerator), part(denominator)) {
            (Some(numerator), Some(denominator)) => Ok(Self::Ratio {
                numerator,
                denominator,
            }),
            _ => Err(KernelError::Power {
                power: format!("{numerator}/{denominator}"),
            }),
        }
    }

    /// A number, as a ratio where it is exactly one in sixteenths: 0.25 is 1/4, but 0.3, which no f64
    /// is exactly, stays a number.
    ///
    /// # Errors
    /// [`KernelError::Power`] unless it is finite and positive.
    pub fn real(power: f64) -> Result<Self, KernelError> {
        let parts = 16.0 * power;
        let whole = parts.fract() == 0.0 && parts <= 16.0 * f64::from(LARGEST_RATIO);
        if let (true, Ok(ratio)) = (whole, Self::ratio(parts as u32, 16)) {
            return Ok(ratio);
        }
        match positive(power) {
            Ok(power) => Ok(Self::Real(power)),
            Err(_) => Err(KernelError::Power {
                power: power.to_string(),
            }),
        }
    }

    /// `β`, rounded.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Ratio {
                numerator,
                denominator,
            } => f64::from(numerator) / f64::from(denominator),
            Self::Real(power) => power,
        }
    }

    /// `p` and `q` of `p/q`.
    fn as_ratio(self) -> Option<(u32, u32)> {
        match self {
            Self::Ratio {
                numerator,
                denominator,
            } => Some((numerator.into(), denominator.into())),
            Self::Real(_) => None,
        }
    }

    /// `2β`, if that is a whole number of at most 32.
    pub(crate) fn halves(self) -> Option<u8> {
        match self {
            Self::Ratio {
                numerator,
                denominator: 1,
            } => Some(2 * numerator),
            Self::Ratio {
                numerator,
                denominator: 2,
            } => Some(numerator),
            Self::Ratio { .. } | Self::Real(_) => None,
        }
    }
}

impl FromStr for Power {
    type Err = KernelError;

    /// Reads `3/2` or `0.3`.
    fn from_str(written: &str) -> Result<Self, KernelError> {
        let unreadable = || KernelError::Power {
            power: written.into(),
        };
        match written.split_once('/') {
            Some((numerator, denominator)) => {
                let whole = |text: &str| text.trim().parse().map_err(|_| unreadable());
                Self::ratio(whole(numerator)?, whole(denominator)?)
            }
            None => Self::real(written.trim().parse().map_err(|_| unreadable())?),
        }
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio {
                numerator,
                denominator,
            } => write!(f, "{numerator}/{denominator}"),
            Self::Real(power) => write!(f, "{power:?}"),
        }
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The inverse multiquadric `ψ(r) = (1 + r²/ℓ²)^{−β}`; its spectral measure is that of
/// `√(2s)·g/ℓ`, `s ∼ Γ(β, 1)`, `g ∼ N(0, I)`.
///
/// Its constants are `κ1² = 2β/ℓ²`, `κ2² = 12β(β+1)/ℓ⁴`.
///
/// # Example
/// ```
/// use polyak::kernel::{InverseMultiquadric, Kernel, Power};
/// let kernel = InverseMultiquadric::try_new(Power::ratio(3, 2)?, 2.0)?;
/// assert_eq!(kernel.value(&[0.0; 3], &[2.0; 3]), 0.125);
/// assert_eq!(kernel.name(), "imq(3/2):2.0");
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverseMultiquadric {
    power: Power,
    length: f64,
}

impl fmt::Display for InverseMultiquadric {
    /// The name, as it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl InverseMultiquadric {
    /// The kernel of power `β` and length `ℓ`.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless `length` is finite and positive; [`KernelError::Power`]
    /// for a power that is not.
    pub fn try_new(power: Power, length: f64) -> Result<Self, KernelError> {
        // Powers are built by hand as well.
        let power = match power {
            Power::Ratio {
                numerator,
                denominator,
            } => Power::ratio(numerator.into(), denominator.into())?,
            Power::Real(power) => Power::real(power)?,
        };
        Ok(Self {
            power,
            length: positive(length)?,
        })
    }

    /// The power `β`.
    #[must_use]
    pub fn power(&self) -> Power {
        self.power
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
        let law = Gamma::new(self.power.value(), 1.0).expect("a positive shape");
        let mut frequencies = DMatrix::zeros(dimension, count);
        for mut column in frequencies.column_iter_mut() {
            let scale = (2.0 * rng.sample::<f64, _>(law)).sqrt();
            for entry in column.iter_mut() {
                *entry = scale * rng.sample::<f64, _>(StandardNormal) / self.length;
            }
        }
        frequencies
    }
}

impl Kernel for InverseMultiquadric {
    /// Where `2β = n` is whole: `1 + t` with three roundings of its argument `t`, `n/2` products, a
    /// root and a reciprocal, a relative error of at most `(2n + 3)u`. Otherwise through `powf`.
    fn profile(&self, squared_distance: f64) -> f64 {
        // Divided twice: ℓ² may underflow, and 0/0 is not a number.
        let base = 1.0 + squared_distance / self.length / self.length;
        match self.power.halves() {
            Some(halves) => {
                let root = if halves % 2 == 1 { base.sqrt() } else { 1.0 };
                1.0 / (0..halves / 2).fold(root, |power, _| power * base)
            }
            None => base.powf(-self.power.value()),
        }
    }

    fn admissibility(&self) -> Admissibility {
        let beta = self.power.value();
        Admissibility {
            kappa0: 1.0,
            kappa1: named(
                "inverse multiquadric: κ1",
                (2.0 * beta).sqrt() / self.length,
            ),
            kappa2: named(
                "inverse multiquadric: κ2",
                (12.0 * beta * (beta + 1.0)).sqrt() / self.length / self.length,
            ),
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
        format!("imq({}):{:?}", self.power, self.length)
    }
}

impl DifferentiableKernel for InverseMultiquadric {
    /// `2β(1 + r²/ℓ²)^{−β−1}/ℓ²`.
    fn slope(&self, squared_distance: f64) -> f64 {
        let base = 1.0 + squared_distance / self.length() / self.length();
        let profile = self.profile(squared_distance);
        if profile == 0.0 {
            return 0.0;
        }
        2.0 * self.power().value() * (profile / base) / self.length() / self.length()
    }
}

impl Radial for InverseMultiquadric {
    fn bandwidth(&self) -> f64 {
        self.length
    }

    fn with_bandwidth(&self, bandwidth: f64) -> Result<KernelSpec, KernelError> {
        Ok(Self::try_new(self.power, bandwidth)?.into())
    }

    fn facts(&self) -> Facts {
        // With 2β = n whole: a sum, at most n/2 products, a root and a reciprocal; nothing is proved
        // of other powers.
        let halves = self.power.halves().map(f64::from);
        let roundings = halves.map(|halves| (halves + 2.0).max(12.0));
        Facts {
            positive_definite: Dimensions::Every,
            strictly: true,
            // 2βρ(1+ρ²)^{−β−1} is largest at ρ² = 1/(2β+1).
            steepness: Some((2.0 * self.power.value()).sqrt().next_up().max(1.0)),
            // (β/(β+1))^{β+1}, which grows to 1/e.
            logarithmic_slope: Some(0.37),
            profile_roundings: roundings,
            slope_roundings: roundings.map(|roundings| roundings + 12.0),
            decreasing: true,
            log_concave: false,
            // A Bessel function.
            log_convex_density: false,
        }
    }

    fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed> {
        let (numerator, denominator) = self.power.as_ratio()?;
        let power = (1.0 + squared_ratio).powi(numerator);
        Some((1.0 / power).root(denominator))
    }

    fn in_integers(&self) -> Option<InIntegers> {
        let (numerator, denominator) = self.power.as_ratio()?;
        Some(InIntegers::InverseMultiquadric(
            numerator as usize,
            denominator as usize,
        ))
    }

    fn reference(&self, squared_ratio: Real) -> Option<Real> {
        let number = |x: f64| real(x, squared_ratio.precision());
        let beta = match self.power.as_ratio() {
            Some((numerator, denominator)) => number(numerator.into()) / number(denominator.into()),
            None => number(self.power.value()),
        };
        Some((-beta * (number(1.0) + &squared_ratio).ln()).exp())
    }

    fn log_profile(&self, distance: Ball) -> Option<Ball> {
        let t = distance / Ball::from(self.length);
        Some(-power(self.power) * (Ball::from(1.0) + t.square()).ln())
    }

    fn profile_ball(&self, distance: Ball) -> Option<Ball> {
        self.log_profile(distance).map(Ball::exp)
    }

    fn log_profile_slope(&self, distance: Ball) -> Option<Ball> {
        let length = Ball::from(self.length);
        let t = distance / length;
        let base = Ball::from(1.0) + t.square();
        Some(-Ball::from(2.0) * power(self.power) * t / base / length)
    }

    fn log_profile_curvature(&self, distance: Ball) -> Option<Ball> {
        let length = Ball::from(self.length);
        let [one, two] = [1.0, 2.0].map(Ball::from);
        let square = (distance / length).square();
        let of_unit = -two * power(self.power) * (one - square) / (one + square).square();
        Some(of_unit / length.square())
    }

    /// A Bessel function, which is not evaluated.
    fn log_spectral_density(&self, _: usize, _: Ball) -> Option<Ball> {
        None
    }

    fn log_spectral_slope(&self, _: usize, _: Ball) -> Option<Ball> {
        None
    }
}

impl Named for InverseMultiquadric {
    const NAMES: &'static [&'static str] = &["imq", "imq(p/q)"];

    fn read(label: &str) -> Option<Result<Self, KernelError>> {
        let power = match label.strip_prefix("imq")? {
            "" => Ok(Power::HALF),
            written => written.strip_prefix('(')?.strip_suffix(')')?.parse(),
        };
        Some(power.and_then(|power| Self::try_new(power, 1.0)))
    }

    fn samples() -> Vec<Self> {
        ["imq", "imq(5/2)", "imq(2/3)", "imq(0.3)"]
            .map(known)
            .into()
    }
}

/// `β`.
fn power(power: Power) -> Ball {
    match power {
        Power::Ratio {
            numerator,
            denominator,
        } => Ball::from(f64::from(numerator)) / Ball::from(f64::from(denominator)),
        Power::Real(power) => Ball::from(power),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imq(numerator: u32, denominator: u32) -> InverseMultiquadric {
        InverseMultiquadric::try_new(Power::ratio(numerator, denominator).unwrap(), 0.5).unwrap()
    }

    #[test]
    fn powers_are_reduced_and_bounded() {
        let pair = |power: Power| match power {
            Power::Ratio {
                numerator,
                denominator,
            } => (numerator, denominator),
            Power::Real(_) => panic!("{power}"),
        };
        assert_eq!(pair(Power::ratio(6, 4).unwrap()), (3, 2));
        assert_eq!(pair(Power::ratio(16, 15).unwrap()), (16, 15));
        assert_eq!(pair(Power::real(2.5).unwrap()), (5, 2));
        assert_eq!(pair(Power::real(16.0).unwrap()), (16, 1));
        assert_eq!(Power::real(0.5), Ok(Power::HALF));
        assert_eq!(pair(Power::real(0.25).unwrap()), (1, 4));
        assert_eq!(pair(Power::real(0.9375).unwrap()), (15, 16));
        for other in [0.3, 1.0625, 0.03125, 8.5, 16.5, 17.0, 1e300] {
            assert_eq!(Power::real(other), Ok(Power::Real(other)));
        }
        for (numerator, denominator) in [(0, 1), (1, 0), (0, 0), (17, 1), (1, 17), (600, 601)] {
            let refused = Power::ratio(numerator, denominator).unwrap_err();
            let power = format!("{numerator}/{denominator}");
            assert_eq!(refused, KernelError::Power { power });
        }
        for power in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            assert!(matches!(Power::real(power), Err(KernelError::Power { .. })));
        }
        let by_hand = Power::Ratio {
            numerator: 2,
            denominator: 4,
        };
        let kernel = InverseMultiquadric::try_new(by_hand, 1.0).unwrap();
        assert_eq!((kernel.power(), kernel.length()), (Power::HALF, 1.0));
        assert!(InverseMultiquadric::try_new(Power::HALF, -1.0).is_err());
        assert!(InverseMultiquadric::try_new(Power::Real(-1.0), 1.0).is_err());
    }

    #[test]
    fn halves_are_counted() {
        let halves = |p, q| Power::ratio(p, q).unwrap().halves();
        assert_eq!(
            (halves(3, 2), halves(3, 1), halves(1, 3)),
            (Some(3), Some(6), None)
        );
        assert_eq!(Power::Real(0.3).halves(), None);
        assert_eq!((Power::HALF.value(), Power::Real(0.3).value()), (0.5, 0.3));
    }

    #[test]
    fn values_at_integers() {
        // r² = 3/4 at ℓ = 1/2: the base is 4.
        for (p, q, expected) in [(1, 2, 0.5), (1, 1, 0.25), (3, 2, 0.125), (5, 2, 1.0 / 32.0)] {
            assert_eq!(imq(p, q).profile(0.75), expected);
        }
        // Eight to the minus one third.
        assert!((imq(1, 3).profile(1.75) - 0.5).abs() <= f64::EPSILON);
        for (p, q) in [(1, 2), (1, 3), (16, 1)] {
            assert_eq!(
                (imq(p, q).profile(0.0), imq(p, q).profile(f64::INFINITY)),
                (1.0, 0.0)
            );
        }
    }

    #[test]
    fn roundings_are_as_many_as_stated() {
        for (p, q) in [(1u32, 2u32), (7, 2), (15, 2), (16, 1)] {
            let kernel = imq(p, q);
            let beta = f64::from(p) / f64::from(q);
            for i in 1..400 {
                let r2 = f64::from(i) * 0.0137;
                // ln(1+t) to a few roundings of its own, times β.
                let reference = -beta * (4.0 * r2).ln_1p();
                let error = (kernel.profile(r2).ln() - reference).abs();
                let own = 4.0 * reference.abs().max(1.0);
                let stated = 4.0 * beta + 3.0 + own;
                assert!(error <= stated * f64::EPSILON / 2.0, "{p}/{q} {r2}");
            }
        }
    }

    #[test]
    fn constants_are_moments_of_the_law() {
        let kernel = imq(3, 2);
        let constants = kernel.admissibility();
        // κ1² = 3/ℓ², κ2² = 45/ℓ⁴ at ℓ = 1/2.
        assert_eq!(constants.kappa0, 1.0);
        assert!((constants.kappa1 - 12.0_f64.sqrt()).abs() < 1e-14);
        assert!((constants.kappa2 - 720.0_f64.sqrt()).abs() < 1e-13);
        // −ψ''(0) = κ1², ψ''''(0) = κ2², by the series 1 − βt + β(β+1)t²/2, t = r²/ℓ².
        let t = 1e-3;
        let series = 1.0 - 1.5 * t + 1.875 * t * t;
        // The next term is β(β+1)(β+2)t³/6 = 2.2t³.
        assert!((kernel.profile(t / 4.0) - series).abs() < 2.3 * t * t * t);
    }
}
