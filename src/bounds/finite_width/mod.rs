//! What a finite width does to a trained network, beyond the leading term (W1–W4).
//!
//! A network is a functional of the empirical measures of what was drawn. [`Majorant`]s bound its derivatives with
//! respect to those measures, [`MajorantTraining`] carries them through gradient descent, and [`Fluctuation`] and [`Drift`]
//! turn them into the relative correction of a variance, of a mean square and of a mean, [`Onset`] into that of a
//! variance after a short time, at any depth: `proofs/finite-width.md`.

mod correction;
mod majorant;
mod onset;
mod training;

pub use correction::{Drift, Fluctuation};
pub use majorant::Majorant;
pub use onset::Onset;
pub use training::{MajorantTraining, Majorants, Particle, Perturbed};
