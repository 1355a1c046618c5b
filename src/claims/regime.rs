//! Which random instances a claim is checked on.

#[cfg(feature = "strategies")]
use crate::data::{InstanceSpec, strategies};
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
}

impl Regime {
    /// The strategy that draws them.
    #[cfg(feature = "strategies")]
    pub fn strategy(self) -> BoxedStrategy<InstanceSpec> {
        match self {
            Self::General => strategies::general().boxed(),
            Self::NearMinimum => strategies::near_minimum().boxed(),
            Self::PointSet => strategies::point_sets().boxed(),
        }
    }
}
