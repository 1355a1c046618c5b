//! Which random instances a claim is checked on.

#[cfg(feature = "strategies")]
use crate::data::{InstanceSpec, ResidualSpec, strategies};
#[cfg(feature = "strategies")]
use proptest::strategy::{BoxedStrategy, Strategy};

/// Which random instances a claim is checked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Any network, data and weights.
    General,
    /// Data near the predictions of the reference, so that P8's condition can hold.
    NearMinimum,
    /// Any network of kernel expansions.
    Functional,
    /// The same, near a minimum.
    FunctionalNearMinimum,
    /// Points and a kernel, in any dimension and at any scale; the network does nothing.
    PointSet,
    /// A few points and a kernel no wider than their separation, for Monte Carlo.
    RandomFeatures,
    /// The same, of a Gaussian kernel.
    GaussianFeatures,
    /// The same, with the sizes of a network to lift.
    Lazy,
    /// Any two mean-field networks of one depth.
    MeanField,
    /// A mean-field network that does nothing, and data near its outputs, so that C10's condition can hold.
    ZeroResidual,
    /// One-dimensional data, for Monte Carlo over initialisations of mean-field networks.
    Width,
    /// A few lifted points, a Gaussian kernel and small errors, for Monte Carlo over trained networks of random
    /// features.
    SpectralWidth,
}

impl Regime {
    /// How many of the cases of a campaign it takes: an eighth where every case draws thousands of times.
    pub fn cases(self, cases: u32) -> u32 {
        match self {
            Self::RandomFeatures | Self::GaussianFeatures => cases.div_ceil(8),
            Self::Width | Self::SpectralWidth => cases.div_ceil(32),
            _ => cases,
        }
    }

    /// The strategy that draws them.
    #[cfg(feature = "strategies")]
    pub fn strategy(self) -> BoxedStrategy<InstanceSpec> {
        fn boxed<T>(strategy: impl Strategy<Value = T> + 'static) -> BoxedStrategy<InstanceSpec>
        where
            T: Into<InstanceSpec> + std::fmt::Debug + 'static,
        {
            strategy.prop_map(Into::into).boxed()
        }
        fn functional(
            strategy: impl Strategy<Value = ResidualSpec> + 'static,
        ) -> BoxedStrategy<InstanceSpec> {
            strategy.prop_map(InstanceSpec::Functional).boxed()
        }
        match self {
            Self::General => boxed(strategies::general()),
            Self::NearMinimum => boxed(strategies::near_minimum()),
            Self::Functional => functional(strategies::functional()),
            Self::FunctionalNearMinimum => functional(strategies::functional_near_minimum()),
            Self::PointSet => boxed(strategies::point_sets()),
            Self::RandomFeatures => boxed(strategies::random_features()),
            Self::GaussianFeatures => boxed(strategies::gaussian_features()),
            Self::Lazy => boxed(strategies::lazy()),
            Self::MeanField => boxed(strategies::mean_field()),
            Self::ZeroResidual => boxed(strategies::zero_residual()),
            Self::Width => boxed(strategies::widths()),
            Self::SpectralWidth => boxed(strategies::spectral_widths()),
        }
    }
}
