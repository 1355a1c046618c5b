//! Random Fourier features: how far `K̂` strays from `K`, and how likely.
//!
//! Every bound of a probability in this room has one form, `P ≤ C·e^{−m·rate}` in the number `m`
//! of frequencies: an [`ExponentialTail`], which is read both ways, probability from width and
//! width from probability, in logarithms, so that `1e-400` is not zero.
//!
//! | claim | functions |
//! |---|---|
//! | R1, R7 | [`CosineMoments`], [`gram_error`] |
//! | R2, R3, R5 | [`hoeffding`], [`gram_union`], [`uniform`] |
//! | R4, R4b | [`Expressivity`], [`WidthBound`], [`largest_chernoff`] |
//! | R8, R8b | [`covariance`], [`lipschitz_constant`], [`longest_frequency`], [`curvature_constant`] |
//! | R9 | [`orthogonal_covariance`], [`orthogonal_variance`] |

mod deviation;
mod expressivity;
mod frequencies;
mod moments;
mod orthogonal;
mod tail;

pub use deviation::{gram_union, hoeffding, uniform};
pub use expressivity::{Expressivity, WidthBound, largest_chernoff};
pub use frequencies::{covariance, curvature_constant, lipschitz_constant, longest_frequency};
pub(crate) use moments::distance;
pub use moments::{CosineMoments, gram_error};
pub use orthogonal::{orthogonal_covariance, orthogonal_variance};
pub use tail::ExponentialTail;
