//! Training of mean-field networks: the flow for conditional optimal transport and its time steps.
//!
//! For an empirical measure the flow is `ω̇ = −G`, gradient descent on the finite network with the learning rate
//! scaled by `DM`, in the space `L²(μ)` of labelled particles.
//!
//! * [`Iterate`]: one network, observed in balls. Its [`step`](Iterate::step) is the *exact* step of gradient
//!   descent, enclosed: what holds of every member of the balls holds of the exact iterates, and a run ends where
//!   the balls have grown too wide ([`descend`]);
//! * [`Descent`]: the same in f64 on the batched pass, for widths and times that balls do not reach.

mod batched;
mod iterate;

pub use batched::Descent;
pub use iterate::{Iterate, descend, labelled_distance};
