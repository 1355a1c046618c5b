//! Instances in plain numbers: what a strategy draws, shrinks, and prints.

mod residual;

pub use residual::{DEFAULT_DRAWS, ResidualSpec};

/// What a claim is checked on, in plain numbers; as JSON (feature `serde`) it is the specification alone.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
#[non_exhaustive]
pub enum InstanceSpec {
    /// Of Paper A's network.
    Residual(ResidualSpec),
}

impl InstanceSpec {
    /// Returns the specification of an instance of Paper A's network, if it is one.
    pub fn as_residual(&self) -> Option<&ResidualSpec> {
        match self {
            Self::Residual(spec) => Some(spec),
        }
    }
}

impl From<ResidualSpec> for InstanceSpec {
    fn from(spec: ResidualSpec) -> Self {
        Self::Residual(spec)
    }
}
