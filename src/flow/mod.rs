//! Training: gradient descent, and what it leaves behind.
//!
//! An [`Observer`] looks at a network at one set of weights and returns numbers
//! with their rounding bounds; [`gradient_descent`] leaves a [`Trace`] of such
//! observations.

mod descent;
mod linearised;
pub mod mean_field;
mod observer;

pub use descent::{Descent, Record, Termination, Trace, gradient_descent};
pub use linearised::Linearised;
pub use observer::{GramSpectrum, Observation, Observer};
