//! What the proofs use of a radial kernel.

use super::{DifferentiableKernel, Enclosed, Kernel, KernelError, KernelSpec, Smoothness};
use crate::arithmetic::Ball;
use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use std::fmt;

/// The dimensions in which a kernel is known to be positive semi-definite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimensions {
    /// All of them: the profile is completely monotone in the squared distance (Schoenberg).
    Every,
    /// Those from 1 to this one; 0 says that nothing is proved.
    UpTo(usize),
}

impl Dimensions {
    /// Tells whether a dimension is one of them.
    ///
    /// # Example
    /// ```
    /// use polyak::kernel::Dimensions;
    /// assert!(Dimensions::UpTo(3).contain(3) && !Dimensions::UpTo(3).contain(4));
    /// ```
    #[must_use]
    pub fn contain(self, dimension: usize) -> bool {
        match self {
            Self::Every => true,
            Self::UpTo(largest) => dimension <= largest,
        }
    }
}

/// What is proved of the profile `ψ` of a radial kernel, as a function of the distance `ρ` in
/// bandwidths. `None` and `false` say that nothing is proved.
///
/// There is no default: whoever writes a kernel says each of these, or says that it is not proved.
/// What uses a fact that is missing refuses ([`KernelError::NotProved`]) or says that it knows nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Where every Gram matrix is positive semi-definite.
    pub positive_definite: Dimensions,
    /// Whether, in those dimensions, the Gram matrix of distinct points is positive definite.
    pub strictly: bool,
    /// Bounds `|dψ/dρ|`.
    pub steepness: Option<f64>,
    /// Bounds `|x dψ/dx|`, `x = ρ²`: a relative error `η` of a squared distance moves `ψ` by at most
    /// this times `η/(1−η)`.
    pub logarithmic_slope: Option<f64>,
    /// The error of the profile in `f64` at an argument that is exact, in units of `u = 2⁻⁵³`; at an
    /// infinite argument it stands for every number beyond the largest `f64`.
    pub profile_roundings: Option<f64>,
    /// The relative error of the slope `−2ψ'` in `f64` at an argument that is exact, in units of `u`; or,
    /// where that is more, an absolute error of `2⁻¹⁰²²`.
    pub slope_roundings: Option<f64>,
    /// Whether `ψ` never increases.
    pub decreasing: bool,
    /// Whether `ln ψ` is concave in `ρ`.
    pub log_concave: bool,
    /// Whether the spectral density `ψ̂` decreases and `ln ψ̂` is convex in `‖ω‖²`, in every dimension in
    /// which a density is given.
    pub log_convex_density: bool,
}

impl Facts {
    /// Without bounds that are negative or not finite.
    pub(crate) fn proved(self) -> Self {
        let bound = |x: Option<f64>| x.filter(|x| *x >= 0.0 && x.is_finite());
        Self {
            steepness: bound(self.steepness),
            logarithmic_slope: bound(self.logarithmic_slope),
            profile_roundings: bound(self.profile_roundings),
            slope_roundings: bound(self.slope_roundings),
            ..self
        }
    }
}

/// A fact of a kernel that a routine needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// [`Facts::positive_definite`], in this dimension.
    PositiveDefinite {
        /// Dimension of the points.
        dimension: usize,
    },
    /// [`Facts::steepness`].
    Steepness,
    /// [`Facts::logarithmic_slope`].
    LogarithmicSlope,
    /// [`Facts::profile_roundings`].
    ProfileRoundings,
    /// [`Facts::slope_roundings`].
    SlopeRoundings,
    /// [`Facts::decreasing`].
    Decreasing,
    /// [`Facts::log_concave`].
    LogConcavity,
    /// [`Facts::log_convex_density`].
    LogConvexDensity,
    /// The profile in logarithms.
    LogProfile,
    /// The derivatives of the profile in logarithms.
    LogDerivatives,
    /// The spectral density in this dimension.
    Density {
        /// Dimension of the points.
        dimension: usize,
    },
    /// Independent frequencies in this dimension.
    Sampler {
        /// Dimension of the points.
        dimension: usize,
    },
    /// The profile in arithmetic of any precision.
    Enclosure,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PositiveDefinite { dimension } => {
                write!(
                    f,
                    "a proof that it is positive definite in dimension {dimension}"
                )
            }
            Self::Steepness => f.write_str("a bound of the slope of its profile"),
            Self::LogarithmicSlope => f.write_str("a bound of its slope in the logarithm of r²"),
            Self::ProfileRoundings => f.write_str("the rounding of its profile in f64"),
            Self::SlopeRoundings => f.write_str("the rounding of its slope in f64"),
            Self::Decreasing => f.write_str("a proof that its profile decreases"),
            Self::LogConcavity => f.write_str("a proof that its profile is log-concave"),
            Self::LogConvexDensity => {
                f.write_str("a proof that its spectral density is log-convex in ‖ω‖²")
            }
            Self::LogProfile => f.write_str("its profile in logarithms"),
            Self::LogDerivatives => f.write_str("the derivatives of its profile in logarithms"),
            Self::Density { dimension } => {
                write!(f, "its spectral density in dimension {dimension}")
            }
            Self::Sampler { dimension } => {
                write!(f, "a sampler of its frequencies in dimension {dimension}")
            }
            Self::Enclosure => f.write_str("its profile in arithmetic of any precision"),
        }
    }
}

/// A profile that certificates evaluate in integers, with errors proved where they do: faster than an enclosure.
#[derive(Debug, Clone, Copy)]
pub(crate) enum InIntegers {
    Gaussian,
    Matern(Smoothness),
    /// Of power `numerator/denominator`.
    InverseMultiquadric(usize, usize),
}

/// A binary number of as many bits as it was made with.
pub(crate) type Real = FBig<HalfEven, 2>;

/// A number with so many bits.
pub(crate) fn real(x: f64, precision: usize) -> Real {
    Real::try_from(x).unwrap().with_precision(precision).value()
}

/// A radial kernel with all that is known of it: what [`KernelSpec`] asks of each of its kernels. No
/// method has a default, and there is one file a kernel.
pub(crate) trait Radial: DifferentiableKernel {
    /// The length that scales distances.
    fn bandwidth(&self) -> f64;

    /// The kernel of the same family with another bandwidth.
    fn with_bandwidth(&self, bandwidth: f64) -> Result<KernelSpec, KernelError>;

    fn facts(&self) -> Facts;

    /// Encloses `ψ` at a squared distance in bandwidths, see [`RadialProfile::enclose`](super::RadialProfile::enclose).
    fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed>;

    /// How the profile is evaluated in integers; without, certificates take [`enclose`](Self::enclose).
    fn in_integers(&self) -> Option<InIntegers>;

    /// `ψ` at a squared distance in bandwidths by another library, nothing enclosed: the oracle of certificates.
    fn reference(&self, squared_ratio: Real) -> Option<Real>;

    /// Encloses `ln ψ(r)`.
    fn log_profile(&self, distance: Ball) -> Option<Ball>;

    /// Encloses `ψ(r)`.
    fn profile_ball(&self, distance: Ball) -> Option<Ball>;

    /// Encloses `d ln ψ/dr`.
    fn log_profile_slope(&self, distance: Ball) -> Option<Ball>;

    /// Encloses `d² ln ψ/dr²`.
    fn log_profile_curvature(&self, distance: Ball) -> Option<Ball>;

    /// Encloses `ln ψ̂(ω)`, see [`KernelSpec::log_spectral_density`].
    fn log_spectral_density(&self, dimension: usize, frequency: Ball) -> Option<Ball>;

    /// Encloses `d ln ψ̂/d(ω²)`.
    fn log_spectral_slope(&self, dimension: usize, frequency: Ball) -> Option<Ball>;
}

/// Places of a first evaluation: twice a `Ball`'s and more.
pub(super) const LEAST_PLACES: usize = 192;

impl KernelSpec {
    /// What is proved of the kernel.
    ///
    /// # Example
    /// ```
    /// use polyak::kernel::KernelSpec;
    /// let kernel: KernelSpec = "imq(1/3):1".parse()?;
    /// assert!(kernel.facts().decreasing && !kernel.facts().log_concave);
    /// assert_eq!(kernel.facts().profile_roundings, None); // `powf` is not proved.
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.as_radial().facts()
    }

    /// Accepts points of a dimension in which the kernel is positive semi-definite.
    ///
    /// # Errors
    /// [`KernelError::NotProved`], with [`Fact::PositiveDefinite`].
    pub fn require_dimension(&self, dimension: usize) -> Result<(), KernelError> {
        self.require(Fact::PositiveDefinite { dimension })
    }

    /// Accepts a kernel that gives a fact.
    ///
    /// # Errors
    /// [`KernelError::NotProved`], which names both.
    ///
    /// # Example
    /// ```
    /// use polyak::kernel::{Fact, KernelSpec};
    /// let kernel: KernelSpec = "imq:1".parse()?;
    /// assert!(kernel.require(Fact::Sampler { dimension: 2 }).is_ok());
    /// assert_eq!(
    ///     kernel.require(Fact::LogConcavity).unwrap_err().to_string(),
    ///     "kernel `imq(1/2):1.0` does not give a proof that its profile is log-concave"
    /// );
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    pub fn require(&self, fact: Fact) -> Result<(), KernelError> {
        if self.gives(fact) {
            Ok(())
        } else {
            Err(self.lacks(fact))
        }
    }

    /// The first of these facts that is not given.
    pub(crate) fn missing(&self, facts: &[Fact]) -> Option<Fact> {
        facts.iter().copied().find(|fact| !self.gives(*fact))
    }

    fn gives(&self, fact: Fact) -> bool {
        let (facts, one) = (self.facts(), Ball::from(1.0));
        let radial = self.as_radial();
        match fact {
            Fact::PositiveDefinite { dimension } => facts.positive_definite.contain(dimension),
            Fact::Steepness => facts.steepness.is_some(),
            Fact::LogarithmicSlope => facts.logarithmic_slope.is_some(),
            Fact::ProfileRoundings => facts.profile_roundings.is_some(),
            Fact::SlopeRoundings => facts.slope_roundings.is_some(),
            Fact::Decreasing => facts.decreasing,
            Fact::LogConcavity => facts.log_concave,
            Fact::LogConvexDensity => facts.log_convex_density,
            Fact::LogProfile => radial.log_profile(one).is_some(),
            Fact::Density { dimension } => radial.log_spectral_density(dimension, one).is_some(),
            Fact::LogDerivatives => radial.log_profile_slope(one).is_some(),
            Fact::Sampler { dimension } => self.try_sample_frequencies(dimension, 1, 0).is_ok(),
            Fact::Enclosure => self.is_certifiable(),
        }
    }

    /// The refusal of a routine that needs a fact that is not proved.
    pub(crate) fn lacks(&self, fact: Fact) -> KernelError {
        KernelError::NotProved {
            kernel: self.to_string(),
            fact,
        }
    }

    /// As [`Radial::enclose`].
    pub(crate) fn enclose(&self, squared_ratio: &Enclosed) -> Option<Enclosed> {
        self.as_radial().enclose(squared_ratio)
    }

    /// As [`Radial::in_integers`].
    pub(crate) fn in_integers(&self) -> Option<InIntegers> {
        self.as_radial().in_integers()
    }

    /// As [`Radial::reference`].
    pub(crate) fn reference(&self, squared_ratio: Real) -> Option<Real> {
        self.as_radial().reference(squared_ratio)
    }

    /// Tells whether the values can be enclosed to any precision.
    #[must_use]
    pub fn is_certifiable(&self) -> bool {
        self.enclose(&Enclosed::number(1.0, LEAST_PLACES)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::spec::kernels;

    #[test]
    fn a_fact_that_is_missing_is_named() {
        let kernel: KernelSpec = "imq(1/3):0.5".parse().unwrap();
        assert_eq!(
            kernel.lacks(Fact::Density { dimension: 2 }).to_string(),
            "kernel `imq(1/3):0.5` does not give its spectral density in dimension 2"
        );
    }

    #[test]
    fn facts_are_those_of_the_unit_kernel() {
        for (kernel, other) in kernels(0.3).into_iter().zip(kernels(7.0)) {
            assert_eq!(kernel.facts(), other.facts());
            assert_eq!(kernel.facts().positive_definite, Dimensions::Every);
            let facts = kernel.facts();
            assert_eq!(
                facts.slope_roundings,
                facts.profile_roundings.map(|roundings| roundings + 12.0)
            );
        }
    }

    #[test]
    fn the_known_is_known_of_few() {
        let of = |name: &str| {
            let kernel: KernelSpec = name.parse().unwrap();
            let facts = kernel.facts();
            (facts.steepness, facts.profile_roundings)
        };
        for name in ["gaussian:2", "matern12:2", "matern72:2"] {
            assert_eq!(of(name), (Some(1.0), Some(12.0)));
        }
        assert_eq!(of("imq(8):2"), (Some(4.0_f64.next_up()), Some(18.0)));
        assert_eq!(of("imq(1/3):2"), (Some(1.0), None));
        assert_eq!(of("imq(3/2):2").1, Some(12.0));
        let certifiable = |name: &str| name.parse::<KernelSpec>().unwrap().is_certifiable();
        assert!(certifiable("imq(1/3):2") && !certifiable("imq(0.3):2"));
    }
}
