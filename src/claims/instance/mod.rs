//! The object of a check.

mod functional;
mod hidden;
mod mean_field;
mod residual;

pub(in crate::claims) use functional::centres;
pub use hidden::HiddenInstance;
pub use mean_field::MeanFieldInstance;
pub use residual::{InstanceError, ResidualInstance};

use crate::data::InstanceSpec;
use crate::resnet::ExpansionNetwork;

/// What a claim is checked on.
#[derive(Clone, Debug)]
#[non_exhaustive]
// Few are alive at a time, and none is moved in a loop.
#[allow(clippy::large_enum_variant)]
pub enum Instance {
    /// Paper A's network.
    Residual(ResidualInstance),
    /// Paper B's network.
    MeanField(MeanFieldInstance),
    /// The same with residuals in the RKHS of the exact kernel.
    Functional(ResidualInstance<ExpansionNetwork>),
    /// The same with hidden layers that are trained too: outside the theorems.
    Hidden(HiddenInstance),
}

impl Instance {
    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows or layers that do not fit; numbers that a network refuses.
    pub fn from_spec(spec: &InstanceSpec) -> Result<Self, InstanceError> {
        match spec {
            InstanceSpec::Residual(spec) => ResidualInstance::from_spec(spec).map(Self::from),
            InstanceSpec::MeanField(spec) => MeanFieldInstance::from_spec(spec).map(Self::from),
            InstanceSpec::Functional(spec) => {
                ResidualInstance::functional(spec).map(Self::Functional)
            }
        }
    }

    /// Returns the instance of Paper A's network, if it is one.
    pub fn as_residual(&self) -> Option<&ResidualInstance> {
        match self {
            Self::Residual(instance) => Some(instance),
            Self::MeanField(_) | Self::Functional(_) | Self::Hidden(_) => None,
        }
    }

    /// Returns the instance of Paper B's network, if it is one.
    pub fn as_mean_field(&self) -> Option<&MeanFieldInstance> {
        match self {
            Self::MeanField(instance) => Some(instance),
            Self::Residual(_) | Self::Functional(_) | Self::Hidden(_) => None,
        }
    }

    /// Replaces the seed of what statistical claims draw.
    pub fn with_seed(mut self, seed: u64) -> Self {
        match &mut self {
            Self::Residual(instance) => instance.seed = seed,
            Self::MeanField(instance) => instance.seed = seed,
            Self::Functional(instance) => instance.seed = seed,
            // Nothing is drawn for it.
            Self::Hidden(_) => {}
        }
        self
    }
}

impl From<ResidualInstance> for Instance {
    fn from(instance: ResidualInstance) -> Self {
        Self::Residual(instance)
    }
}

impl From<MeanFieldInstance> for Instance {
    fn from(instance: MeanFieldInstance) -> Self {
        Self::MeanField(instance)
    }
}

impl From<HiddenInstance> for Instance {
    fn from(instance: HiddenInstance) -> Self {
        Self::Hidden(instance)
    }
}
