//! Instances in plain numbers: what a strategy draws, shrinks, and prints.

mod mean_field;
mod residual;

pub use mean_field::MeanFieldSpec;
pub use residual::{DEFAULT_DRAWS, ResidualSpec};

/// What a claim is checked on, in plain numbers; as JSON (feature `serde`) it is the specification alone.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
#[non_exhaustive]
pub enum InstanceSpec {
    /// Of Paper A's network.
    Residual(ResidualSpec),
    /// Of Paper B's network.
    MeanField(MeanFieldSpec),
    /// The same numbers for the network whose residuals are expansions of the exact kernel.
    Functional(ResidualSpec),
}

impl InstanceSpec {
    /// Returns the specification of an instance of Paper A's network, if it is one.
    pub fn as_residual(&self) -> Option<&ResidualSpec> {
        match self {
            Self::Residual(spec) => Some(spec),
            Self::MeanField(_) | Self::Functional(_) => None,
        }
    }

    /// Returns the specification of an instance of Paper B's network, if it is one.
    pub fn as_mean_field(&self) -> Option<&MeanFieldSpec> {
        match self {
            Self::MeanField(spec) => Some(spec),
            Self::Residual(_) | Self::Functional(_) => None,
        }
    }
}

impl From<ResidualSpec> for InstanceSpec {
    fn from(spec: ResidualSpec) -> Self {
        Self::Residual(spec)
    }
}

impl From<MeanFieldSpec> for InstanceSpec {
    fn from(spec: MeanFieldSpec) -> Self {
        Self::MeanField(spec)
    }
}
