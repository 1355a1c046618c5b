//! Training: gradient descent, the gradient flow, and what they leave behind.
//!
//! An [`Observer`] looks at a network at one set of weights and returns numbers
//! with their rounding bounds; [`gradient_descent`] leaves a [`Trace`] of such
//! observations, [`gradient_flow`] a [`FlowTrace`]. A [`HeldDescent`] is held to a [`Guarantee`] at every iterate:
//! the trainings of the rooms `recipe` and `check` are.

mod descent;
mod first_order;
mod gradient_flow;
mod held;
mod held_descent;
mod linearised;
pub mod mean_field;
mod observer;
mod polygon;
mod surroundings;
#[cfg(feature = "claims")]
pub(crate) mod trial;

pub use descent::{DescentOptions, DescentTermination, Record, Trace, gradient_descent};
pub use first_order::FirstOrder;
#[cfg(feature = "claims")]
pub(crate) use first_order::operator_norm;
pub use gradient_flow::{
    FlowRecord, FlowTermination, FlowTrace, GradientFlow, Stretch, gradient_flow,
};
pub use held::Guarantee;
pub(crate) use held::Held;
pub(crate) use held_descent::HeldTask;
pub use held_descent::{HeldDescent, TrainingEnd, TrainingProgress};
pub use linearised::{LinearError, Linearised};
pub use observer::{GramSpectrum, Observation, Observer};
pub use polygon::LossCurvature;
pub use surroundings::Surroundings;
