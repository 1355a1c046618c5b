//! The registry: every theorem is one [`Claim`].
//!
//! A claim's check turns an [`Instance`] into a
//! [`Finding`]; a claim also names the *sharp
//! instances* on which its bounds are (nearly) attained, and how nearly. Its
//! control strengthens the bound by twice the slack that this leaves and must
//! see it rejected ([`Claim::control`]).

mod certificate;
mod convergence;
mod critical;
mod data;
mod depth;
mod descent;
mod envelope;
mod equivalence;
mod estimate;
mod functional;
mod functional_gradient;
mod gradient;
mod gradient_flow;
mod hypotheses;
mod instance;
mod integrated;
mod kernel;
mod lazy;
mod lift;
mod mean_field;
mod perturbation;
mod pl;
mod random_features;
mod recipe;
mod regime;
mod registry;
mod scale;
mod sections;
mod semidefinite;
mod separation;
mod sharp;
mod sharp_functional;
mod smoothness;
mod states;
mod transport;
mod vectors;
mod width;

pub use data::{DataPlan, data_instances, data_plan};
pub use hypotheses::{DroppedHypothesis, Expectation, Seen, dropped_hypotheses};
pub use instance::{HiddenInstance, Instance, InstanceError, MeanFieldInstance, ResidualInstance};
pub use recipe::Training;
pub use regime::Regime;
pub use registry::{Claim, ControlReport, Subject, UnknownClaim, find, registry, select};

use crate::evidence::Finding;

/// Turns what a computation could not do into an undecided finding.
fn undecided(error: impl std::fmt::Display) -> Finding {
    Finding::Undecided(error.to_string())
}
