//! Instances in plain numbers: what a strategy draws, shrinks, and prints.

mod mean_field;
mod points;
mod residual;

pub use mean_field::MeanFieldSpec;
pub use points::PointsSpec;
pub use residual::{DEFAULT_DRAWS, ResidualSpec};
