//! The theorems of the two papers: what each claims, and how it is checked.
//!
//! Every claim of the [`registry`] is a [`Theorem`](crate::theorem::Theorem) about one of four objects: points and a
//! kernel ([`PointsInstance`]), Paper A's network with random features ([`ResidualInstance`]), the same with residuals in the
//! RKHS of the exact kernel ([`FunctionalInstance`]), and Paper B's network ([`MeanFieldInstance`]). Its check turns an object into a
//! [`Finding`]; the claim also names the *sharp instances* on which its bounds are (nearly) attained, and how nearly.

mod broken;
mod certificate;
mod convergence;
mod data;
mod depth;
mod descent;
pub mod draws;
mod envelope;
mod exact;
mod functional;
mod gradient;
mod gradient_flow;
mod hostile;
mod instance;
mod integrated;
mod kernel;
mod known;
mod lazy;
mod lift;
mod mean_field;
mod pl;
mod random_features;
mod recipe;
mod scale;
mod separation;
mod sharp;
mod sharp_functional;
mod smoothness;
mod states;
mod theorems;
mod transport;
mod vectors;
mod width;

pub use instance::{
    FunctionalInstance, HiddenInstance, InstanceError, MeanFieldInstance, PointsInstance,
    ResidualInstance,
};
pub use recipe::TrainingSizes;
pub use theorems::{find, registry, select};

use crate::evidence::Finding;

/// Turns what a computation could not do into an undecided finding.
fn undecided(error: impl std::fmt::Display) -> Finding {
    Finding::Undecided(error.to_string())
}
