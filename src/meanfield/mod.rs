//! The mean-field network of Paper B: a measure on layers × parameters.
//!
//! * [`Activation`]: `σ` with the bounds of `|σ|`, `|σ'|`, `|σ''|`;
//! * [`Particles`]: the network, layers of particles `(u, w, b)`, `x_{k+1} = x_k + (DM)⁻¹Σ_j u_jσ(w_j·x_k + b_j)`;
//! * [`Regression`]: data, and how the output is read off the state;
//! * [`ParticleTape`]: risk and mean-field gradient, batched on all cores;
//! * [`twin`]: the same in scalar loops over any number: balls, dual numbers;
//! * [`Moments`], [`smallest_eigenvalues`], [`feature_distances`]: what the bounds need to know of a network.

mod activation;
mod error;
mod gram;
mod moments;
#[cfg(test)]
pub(crate) mod oracle;
mod particles;
mod regression;
mod tape;
pub mod twin;

pub use activation::{Activation, ActivationBounds};
pub use error::MeanFieldError;
pub use gram::{feature_distances, smallest_eigenvalues};
pub use moments::{LayerMoments, Moments};
pub use particles::{Cloud, Particles};
pub use regression::Regression;
pub use tape::ParticleTape;
