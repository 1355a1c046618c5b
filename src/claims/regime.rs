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
    /// Points and a kernel, in any dimension and at any scale; the network does nothing.
    PointSet,
    /// A few points and a kernel no wider than their separation, for Monte Carlo.
    RandomFeatures,
    /// The same, of a Gaussian kernel.
    GaussianFeatures,
}

impl Regime {
    /// How many of the cases of a campaign it takes: an eighth where every case draws thousands of times.
    pub fn cases(self, cases: u32) -> u32 {
        match self {
            Self::RandomFeatures | Self::GaussianFeatures => cases.div_ceil(8),
            _ => cases,
        }
    }

    /// The strategy that draws them.
    #[cfg(feature = "strategies")]
    pub fn strategy(self) -> BoxedStrategy<InstanceSpec> {
        let residual =
            |strategy: BoxedStrategy<ResidualSpec>| strategy.prop_map(InstanceSpec::from);
        residual(match self {
            Self::General => strategies::general().boxed(),
            Self::NearMinimum => strategies::near_minimum().boxed(),
            Self::PointSet => strategies::point_sets().boxed(),
            Self::RandomFeatures => strategies::random_features().boxed(),
            Self::GaussianFeatures => strategies::gaussian_features().boxed(),
        })
        .boxed()
    }
}
