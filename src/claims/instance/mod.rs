//! The object of a check.

mod residual;

pub use residual::{InstanceError, ResidualInstance};

use crate::data::InstanceSpec;

/// What a claim is checked on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Instance {
    /// Paper A's network.
    Residual(ResidualInstance),
}

impl Instance {
    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows or layers that do not fit; numbers that a network refuses.
    pub fn from_spec(spec: &InstanceSpec) -> Result<Self, InstanceError> {
        match spec {
            InstanceSpec::Residual(spec) => ResidualInstance::from_spec(spec).map(Self::from),
        }
    }

    /// Returns the instance of Paper A's network, if it is one.
    pub fn as_residual(&self) -> Option<&ResidualInstance> {
        match self {
            Self::Residual(instance) => Some(instance),
        }
    }

    /// Replaces the seed of what statistical claims draw.
    pub fn with_seed(mut self, seed: u64) -> Self {
        match &mut self {
            Self::Residual(instance) => instance.seed = seed,
        }
        self
    }
}

impl From<ResidualInstance> for Instance {
    fn from(instance: ResidualInstance) -> Self {
        Self::Residual(instance)
    }
}
