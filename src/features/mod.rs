//! Random Fourier features: draw, independent or orthogonal, evaluate, differentiate,
//! and the constants of the drawn model.

mod admissibility;
mod constants;
mod error;
mod fourier;
mod orthogonal;
mod trig;

pub use error::FeaturesError;
pub use fourier::{FourierFeatures, MAX_FREQUENCY};
pub(crate) use trig::cos_sin_in_place;
