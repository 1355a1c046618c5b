//! Kernels of other crates.

use super::facts::{InIntegers, LEAST_PLACES, Radial, Real};
use super::{
    Admissibility, DifferentiableKernel, Dimensions, Enclosed, Fact, Facts, Kernel, KernelError,
    KernelSpec, positive,
};
use crate::arithmetic::Ball;
use nalgebra::DMatrix;
use std::fmt::Debug;

/// A radial kernel of your own, at bandwidth one: what you write so that [`KernelSpec::Foreign`] can be
/// assembled, estimated, certified and, if it has a sampler, held against the claims about random
/// features.
///
/// Lengths are in bandwidths, `ρ = r/h`; the crate scales. No method has a default. Each returns `None`,
/// or a `None` or `false` in [`Facts`], for what you cannot prove, and whatever needs that then refuses,
/// naming the kernel and the fact: a certificate needs [`enclose`](Self::enclose), random features
/// [`sample_frequencies`](Self::sample_frequencies). [`check_facts`](super::check_facts) holds what is
/// stated against what is computed.
///
/// # Guarantee
/// What you state is believed: certificates and claims are as good as it. `0 ≤ ψ ≤ 1` and `ψ(0) = 1`.
///
/// # Example
/// ```
/// use nalgebra::DMatrix;
/// use polyak::arithmetic::Ball;
/// use polyak::kernel::{Admissibility, Dimensions, Enclosed, Facts, ForeignKernel, KernelSpec, RadialProfile};
/// use polyak::spectrum::certificate::{CertificateOptions, certify_smallest};
///
/// /// `(1−ρ)₊²`, of Askey: positive definite up to dimension 3.
/// #[derive(Debug)]
/// struct Askey;
///
/// impl RadialProfile for Askey {
///     fn label(&self) -> String {
///         "askey".into()
///     }
///     fn facts(&self) -> Facts {
///         Facts {
///             positive_definite: Dimensions::UpTo(3),
///             strictly: true,
///             steepness: Some(2.0),
///             logarithmic_slope: Some(0.25), // ρ(1−ρ)
///             profile_roundings: Some(4.0),
///             slope_roundings: None,
///             decreasing: true,
///             log_concave: true,
///             log_convex_density: false,
///         }
///     }
///     fn profile(&self, squared: f64) -> f64 {
///         (1.0 - squared.sqrt()).max(0.0).powi(2)
///     }
///     fn slope(&self, squared: f64) -> f64 {
///         2.0 * (1.0 / squared.sqrt() - 1.0).max(0.0)
///     }
///     fn admissibility(&self) -> Admissibility {
///         Admissibility { kappa0: 1.0, kappa1: f64::INFINITY, kappa2: f64::INFINITY } // A cusp.
///     }
///     fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
///         Some((1.0 - squared.sqrt()).positive_part().square())
///     }
///     fn log_derivatives(&self, _: Ball) -> Option<[Ball; 2]> {
///         None
///     }
///     fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
///         None
///     }
///     fn sample_frequencies(&self, _: usize, _: usize, _: u64) -> Option<DMatrix<f64>> {
///         None
///     }
/// }
///
/// static ASKEY: Askey = Askey;
/// let kernel = KernelSpec::from(ForeignKernel::try_new(&ASKEY, 2.0)?);
/// assert_eq!(kernel.to_string(), "foreign(askey):2.0");
/// // Two points at ψ = 1/4.
/// let points = nalgebra::dmatrix![0.0, 1.0];
/// let certificate = certify_smallest(&kernel.into(), &points, &CertificateOptions::default())?;
/// assert!(certificate.lo <= 0.75.into() && certificate.hi >= 0.75.into() && certificate.reached);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait RadialProfile: Debug + Send + Sync {
    /// A name that tells it from every other: two kernels are equal when their names and bandwidths are.
    fn label(&self) -> String;

    /// What is proved of the profile. A bound that is negative or not finite counts as not proved.
    fn facts(&self) -> Facts;

    /// The profile `ψ` at `ρ²` in `[0, ∞]`: in `[0, 1]`, one at zero, never NaN.
    fn profile(&self, squared: f64) -> f64;

    /// `−2 dψ/d(ρ²)` at `ρ²` in `[0, ∞]`; infinite at zero where there is a cusp.
    fn slope(&self, squared: f64) -> f64;

    /// The constants `κ0 = 1`, `κ1² = −ψ''(0)` and `κ2² = ψ''''(0)` (in `ρ`), each with a relative error of
    /// at most four roundings; infinite where there is none or none is proved.
    fn admissibility(&self) -> Admissibility;

    /// Encloses `ψ` for every member of `squared`, `ρ² ≥ 0`, at its precision or any other.
    fn enclose(&self, squared: &Enclosed) -> Option<Enclosed>;

    /// Encloses the first and the second derivative of `ln ψ` by `ρ`.
    fn log_derivatives(&self, distance: Ball) -> Option<[Ball; 2]>;

    /// Encloses `ln ψ̂`, `ψ̂` the unitary Fourier transform in this dimension, and its derivative by
    /// `‖ω‖²`, at `‖ω‖ = frequency`; see [`KernelSpec::log_spectral_density`].
    fn log_density(&self, dimension: usize, frequency: Ball) -> Option<[Ball; 2]>;

    /// Draws `count` independent frequencies of the spectral measure, `dimension × count`: a function of the
    /// arguments alone. See [`Kernel::try_sample_frequencies`].
    fn sample_frequencies(&self, dimension: usize, count: usize, seed: u64)
    -> Option<DMatrix<f64>>;
}

/// A [`RadialProfile`] with a bandwidth.
#[derive(Debug, Clone, Copy)]
pub struct ForeignKernel {
    profile: &'static dyn RadialProfile,
    bandwidth: f64,
}

impl PartialEq for ForeignKernel {
    /// Two foreign kernels are equal when their names and bandwidths are.
    fn eq(&self, other: &Self) -> bool {
        self.bandwidth == other.bandwidth && self.profile.label() == other.profile.label()
    }
}

impl ForeignKernel {
    /// The kernel `ψ(r/h)` of bandwidth `h`.
    ///
    /// # Errors
    /// [`KernelError::Bandwidth`] unless it is finite and positive.
    pub fn try_new(
        profile: &'static dyn RadialProfile,
        bandwidth: f64,
    ) -> Result<Self, KernelError> {
        Ok(Self {
            profile,
            bandwidth: positive(bandwidth)?,
        })
    }

    /// The kernel of a profile that has parameters, which is kept until the program ends: make it once.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new).
    pub fn kept(
        profile: impl RadialProfile + 'static,
        bandwidth: f64,
    ) -> Result<Self, KernelError> {
        positive(bandwidth)?;
        Self::try_new(Box::leak(Box::new(profile)), bandwidth)
    }

    /// The kernel at bandwidth one.
    #[must_use]
    pub fn profile(&self) -> &'static dyn RadialProfile {
        self.profile
    }

    fn scaled(&self, squared_distance: f64) -> f64 {
        // Divided twice: h² may underflow, and 0/0 is not a number.
        squared_distance / self.bandwidth / self.bandwidth
    }
}

impl Kernel for ForeignKernel {
    fn profile(&self, squared_distance: f64) -> f64 {
        self.profile.profile(self.scaled(squared_distance))
    }

    fn admissibility(&self) -> Admissibility {
        let unit = self.profile.admissibility();
        // NaN is no constant either.
        let known = |kappa: f64| if kappa >= 0.0 { kappa } else { f64::INFINITY };
        Admissibility {
            kappa0: 1.0,
            kappa1: known(unit.kappa1) / self.bandwidth,
            kappa2: known(unit.kappa2) / self.bandwidth / self.bandwidth,
        }
    }

    fn is_strictly_positive_definite(&self) -> bool {
        let facts = self.profile.facts();
        facts.strictly && facts.positive_definite == Dimensions::Every
    }

    fn try_sample_frequencies(
        &self,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError> {
        let drawn = self.profile.sample_frequencies(dimension, count, seed);
        // Of another shape they are no sample.
        let fits = drawn.filter(|drawn| drawn.shape() == (dimension, count));
        let drawn = fits.ok_or_else(|| KernelError::NotProved {
            kernel: self.name(),
            fact: Fact::Sampler { dimension },
        })?;
        Ok(drawn / self.bandwidth)
    }

    /// `foreign(askey):2.0`.
    fn name(&self) -> String {
        format!("foreign({}):{:?}", self.profile.label(), self.bandwidth)
    }
}

impl DifferentiableKernel for ForeignKernel {
    fn slope(&self, squared_distance: f64) -> f64 {
        let slope = self.profile.slope(self.scaled(squared_distance));
        slope / self.bandwidth / self.bandwidth
    }
}

impl Radial for ForeignKernel {
    fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    fn with_bandwidth(&self, bandwidth: f64) -> Result<KernelSpec, KernelError> {
        Ok(Self::try_new(self.profile, bandwidth)?.into())
    }

    fn facts(&self) -> Facts {
        let stated = self.profile.facts().proved();
        // Two quotients by the bandwidth.
        let slope_roundings = stated.slope_roundings.map(|roundings| roundings + 2.0);
        Facts {
            slope_roundings,
            ..stated
        }
    }

    fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed> {
        self.profile.enclose(squared_ratio)
    }

    fn in_integers(&self) -> Option<InIntegers> {
        None
    }

    /// A foreign kernel has no evaluation but its own.
    fn reference(&self, _: Real) -> Option<Real> {
        None
    }

    /// The logarithm of what [`enclose`](RadialProfile::enclose) gives, with more and more places.
    fn log_profile(&self, distance: Ball) -> Option<Ball> {
        let ratio = distance / Ball::from(self.bandwidth);
        let mut found = None;
        for places in [LEAST_PLACES, 4 * LEAST_PLACES, 16 * LEAST_PLACES] {
            let squared = Enclosed::ball(ratio, places).positive_part().square();
            let value = self.profile.enclose(&squared)?;
            let log = value.ln();
            found = Some(log);
            // A wide argument stays one; so does a zero.
            let narrow = value.width() <= value.upper() * f64::EPSILON / 16.0;
            if narrow || ratio.rad() > 0.0 && log.is_bounded() || value.upper() == 0.0 {
                break;
            }
        }
        found
    }

    fn profile_ball(&self, distance: Ball) -> Option<Ball> {
        let ratio = distance / Ball::from(self.bandwidth);
        let squared = Enclosed::ball(ratio, 2 * LEAST_PLACES)
            .positive_part()
            .square();
        let value = self.profile.enclose(&squared)?;
        // What is not bounded is between zero and one all the same.
        let (lower, upper) = (value.lower().max(0.0), value.upper().min(1.0));
        Some(Ball::from_bounds(lower.min(upper), upper))
    }

    fn log_profile_slope(&self, distance: Ball) -> Option<Ball> {
        let length = Ball::from(self.bandwidth);
        let [slope, _] = self.profile.log_derivatives(distance / length)?;
        Some(slope / length)
    }

    fn log_profile_curvature(&self, distance: Ball) -> Option<Ball> {
        let length = Ball::from(self.bandwidth);
        let [_, curvature] = self.profile.log_derivatives(distance / length)?;
        Some(curvature / length.square())
    }

    /// `h^q ψ̂(hω)`.
    fn log_spectral_density(&self, dimension: usize, frequency: Ball) -> Option<Ball> {
        let length = Ball::from(self.bandwidth);
        let [density, _] = self.profile.log_density(dimension, length * frequency)?;
        Some(Ball::from(dimension as f64) * length.ln() + density)
    }

    fn log_spectral_slope(&self, dimension: usize, frequency: Ball) -> Option<Ball> {
        let length = Ball::from(self.bandwidth);
        let [_, slope] = self.profile.log_density(dimension, length * frequency)?;
        Some(length.square() * slope)
    }
}

/// Kernels of this room as a stranger would write them, and one that gives nothing.
#[cfg(test)]
pub(crate) mod examples {
    use super::*;

    /// A kernel of this room, everything delegated.
    #[derive(Debug)]
    pub(crate) struct Rewritten(pub KernelSpec);

    impl RadialProfile for Rewritten {
        fn label(&self) -> String {
            self.0.to_string()
        }

        fn facts(&self) -> Facts {
            self.0.facts()
        }

        fn profile(&self, squared: f64) -> f64 {
            self.0.profile(squared)
        }

        fn slope(&self, squared: f64) -> f64 {
            self.0.slope(squared)
        }

        fn admissibility(&self) -> Admissibility {
            self.0.admissibility()
        }

        fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
            self.0.as_radial().enclose(squared)
        }

        fn log_derivatives(&self, distance: Ball) -> Option<[Ball; 2]> {
            let radial = self.0.as_radial();
            let slope = radial.log_profile_slope(distance)?;
            Some([slope, radial.log_profile_curvature(distance)?])
        }

        fn log_density(&self, dimension: usize, frequency: Ball) -> Option<[Ball; 2]> {
            let radial = self.0.as_radial();
            let density = radial.log_spectral_density(dimension, frequency)?;
            Some([density, radial.log_spectral_slope(dimension, frequency)?])
        }

        fn sample_frequencies(&self, q: usize, count: usize, seed: u64) -> Option<DMatrix<f64>> {
            self.0.try_sample_frequencies(q, count, seed).ok()
        }
    }

    /// The same kernel, of another crate.
    pub(crate) fn rewritten(name: &str) -> KernelSpec {
        let kernel: KernelSpec = name.parse().unwrap();
        let unit = kernel.with_bandwidth(1.0).unwrap();
        let foreign = ForeignKernel::kept(Rewritten(unit), kernel.bandwidth());
        foreign.unwrap().into()
    }

    /// What [`vague`] knows of a Gaussian.
    #[derive(Debug, Clone, Copy, PartialEq)]
    pub(crate) enum Vague {
        /// Its value within `2^{−this}`.
        Within(i32),
        /// Nothing, though it answers.
        Nowhere,
        /// That it is one more than it is.
        Contradictory,
        /// Its values up to `ρ² = 1`, where it is asked first.
        Silent,
    }

    #[derive(Debug)]
    struct VagueGaussian {
        sound: Rewritten,
        vague: Vague,
    }

    impl RadialProfile for VagueGaussian {
        fn label(&self) -> String {
            format!("{:?}", self.vague)
        }

        /// Not in f64.
        fn facts(&self) -> Facts {
            Facts {
                profile_roundings: None,
                ..self.sound.facts()
            }
        }

        fn profile(&self, squared: f64) -> f64 {
            self.sound.profile(squared)
        }

        fn slope(&self, squared: f64) -> f64 {
            self.sound.slope(squared)
        }

        fn admissibility(&self) -> Admissibility {
            self.sound.admissibility()
        }

        fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
            let value = self.sound.enclose(squared)?;
            match self.vague {
                Vague::Within(places) => {
                    let off = 2.0_f64.powi(-places);
                    let wide = Enclosed::ball(Ball::from_bounds(-off, off), 400);
                    Some(value + wide)
                }
                Vague::Nowhere => Some(value / 0.0),
                Vague::Contradictory => Some(value + 1.0),
                Vague::Silent => (squared.upper() <= 1.0).then_some(value),
            }
        }

        fn log_derivatives(&self, _: Ball) -> Option<[Ball; 2]> {
            None
        }

        fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
            None
        }

        fn sample_frequencies(&self, _: usize, _: usize, _: u64) -> Option<DMatrix<f64>> {
            None
        }
    }

    /// A Gaussian of bandwidth one that knows its values badly.
    pub(crate) fn vague(vague: Vague) -> KernelSpec {
        let sound = Rewritten("gaussian:1".parse().unwrap());
        let foreign = ForeignKernel::kept(VagueGaussian { sound, vague }, 1.0);
        foreign.unwrap().into()
    }

    /// `(1−ρ)₊`, of which nothing is said.
    #[derive(Debug)]
    pub(crate) struct Mute;

    impl RadialProfile for Mute {
        fn label(&self) -> String {
            "mute".into()
        }

        fn facts(&self) -> Facts {
            Facts {
                positive_definite: Dimensions::UpTo(0),
                strictly: false,
                steepness: Some(f64::NAN),
                logarithmic_slope: None,
                profile_roundings: Some(-1.0),
                slope_roundings: Some(f64::INFINITY),
                decreasing: false,
                log_concave: false,
                log_convex_density: false,
            }
        }

        fn profile(&self, squared: f64) -> f64 {
            (1.0 - squared.sqrt()).max(0.0)
        }

        fn slope(&self, squared: f64) -> f64 {
            if squared < 1.0 {
                1.0 / squared.sqrt()
            } else {
                0.0
            }
        }

        fn admissibility(&self) -> Admissibility {
            Admissibility {
                kappa0: 1.0,
                kappa1: f64::NAN,
                kappa2: f64::INFINITY,
            }
        }

        fn enclose(&self, _: &Enclosed) -> Option<Enclosed> {
            None
        }

        fn log_derivatives(&self, _: Ball) -> Option<[Ball; 2]> {
            None
        }

        fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
            None
        }

        fn sample_frequencies(&self, q: usize, count: usize, _: u64) -> Option<DMatrix<f64>> {
            // Of the wrong shape.
            Some(DMatrix::zeros(q + 1, count))
        }
    }

    pub(crate) static MUTE: Mute = Mute;
}

#[cfg(test)]
mod tests {
    use super::examples::{MUTE, rewritten};
    use super::*;
    use crate::kernel::MercerKernel;
    use crate::kernel::spec::kernels;

    fn mute() -> KernelSpec {
        ForeignKernel::try_new(&MUTE, 2.0).unwrap().into()
    }

    #[test]
    fn a_kernel_of_another_crate_is_that_of_this_one() {
        let close = |a: Ball, b: Ball| {
            let (rad, size) = (a.rad() + b.rad(), a.mid().abs().max(1.0));
            (a.mid() - b.mid()).abs() <= rad && rad <= 1e-12 * size
        };
        for own in kernels(0.6) {
            if !own.is_certifiable() {
                continue;
            }
            let foreign = rewritten(&own.to_string());
            assert_eq!(foreign.bandwidth(), 0.6);
            assert_eq!(foreign.admissibility().kappa0, 1.0);
            for r in [0.0, 0.01, 0.7, 3.0, 25.0] {
                let relative = 64.0 * f64::EPSILON * (1.0 + r);
                let (a, b) = (own.profile(r * r), foreign.profile(r * r));
                assert!((a - b).abs() <= relative * a, "{own} {r}");
                let (a, b) = (own.slope(r * r), foreign.slope(r * r));
                assert!(a == b || (a - b).abs() <= relative * a, "{own} {r}");
                let r = Ball::from(r);
                assert!(close(own.log_profile(r), foreign.log_profile(r)), "{own}");
                assert!(close(
                    own.log_profile_slope(r),
                    foreign.log_profile_slope(r)
                ));
                let values = (own.profile_ball(r), foreign.profile_ball(r));
                assert!(close(values.0, values.1), "{own}");
                let curvature = foreign.log_profile_curvature(r);
                assert!(close(own.log_profile_curvature(r), curvature));
                if own.facts().log_convex_density {
                    let density = foreign.log_spectral_density(3, r);
                    assert!(close(own.log_spectral_density(3, r), density), "{own}");
                    let slope = foreign.log_spectral_slope(3, r);
                    assert!(close(own.log_spectral_slope(3, r), slope), "{own}");
                }
            }
            let (a, b) = (own.admissibility(), foreign.admissibility());
            let off = |a: f64, b: f64| a != b && (a / b - 1.0).abs() > 1e-15;
            assert!(!off(a.kappa1, b.kappa1) && !off(a.kappa2, b.kappa2));
            let drawn = foreign.try_sample_frequencies(2, 5, 3).unwrap();
            let expected = own.try_sample_frequencies(2, 5, 3).unwrap();
            assert!((drawn - &expected).amax() <= 1e-15 * expected.amax());
        }
    }

    #[test]
    fn foreign_kernels_are_known_by_name() {
        let kernel = mute();
        assert_eq!(kernel.to_string(), "foreign(mute):2.0");
        assert_eq!(kernel, mute());
        assert_ne!(kernel, kernel.with_bandwidth(1.0).unwrap());
        assert_ne!(kernel.with_bandwidth(1.0), Ok(rewritten("gaussian:1")));
        for refused in [
            "foreign(mute):2.0".parse::<KernelSpec>().unwrap_err(),
            "foreign(mute):2.0".parse::<MercerKernel>().unwrap_err(),
            "Foreign(mute)".parse::<KernelSpec>().unwrap_err(),
        ] {
            assert!(matches!(refused, KernelError::Foreign { .. }), "{refused}");
        }
        for bandwidth in [0.0, f64::NAN] {
            assert!(ForeignKernel::try_new(&MUTE, bandwidth).is_err());
            assert!(kernel.with_bandwidth(bandwidth).is_err());
        }
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        let kernel = mute();
        let facts = kernel.facts();
        assert_eq!((facts.steepness, facts.profile_roundings), (None, None));
        assert_eq!(facts.slope_roundings, None);
        assert!(!kernel.is_certifiable() && !kernel.is_strictly_positive_definite());
        assert!(!kernel.admissibility().is_admissible());
        let one = Ball::from(1.0);
        assert_eq!(kernel.log_profile(one), Ball::EVERYTHING);
        assert_eq!(kernel.profile_ball(one), Ball::EVERYTHING);
        assert_eq!(kernel.log_profile_slope(one), Ball::EVERYTHING);
        assert_eq!(kernel.log_profile_curvature(one), Ball::EVERYTHING);
        assert_eq!(kernel.log_spectral_density(1, one), Ball::EVERYTHING);
        assert_eq!(kernel.log_spectral_slope(1, one), Ball::EVERYTHING);
        let refused = kernel.try_sample_frequencies(2, 3, 0).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "kernel `foreign(mute):2.0` does not give a sampler of its frequencies in dimension 2"
        );
        let refused = kernel.require_dimension(1).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "kernel `foreign(mute):2.0` does not give a proof that it is positive definite in dimension 1"
        );
    }

    #[test]
    fn tiny_values_have_logarithms() {
        // e^{−5000}: 7,214 binary places.
        let kernel = rewritten("gaussian:1");
        let log = kernel.log_profile(Ball::from(100.0));
        assert_eq!(log, Ball::EVERYTHING);
        let value = kernel.profile_ball(Ball::from(100.0));
        assert!(value.lower() >= -1e-100 && value.upper() < 1e-100);
        let log = kernel.log_profile(Ball::from(50.0));
        assert!(log.contains(-1250.0) && log.rad() < 1e-10);
    }
}
