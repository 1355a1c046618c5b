//! Paper A's residual network, made finite by random features.
//!
//! `z_0 = Ax`, `z_{k+1} = z_k + W_kφ(z_k)/D`, `F(v, x) = Bz_D`, with the
//! parameters `v = (W_0, …, W_{D−1})` in the norm `‖v‖² = D⁻¹Σ‖W_k‖_F²` and the
//! loss `L(v) = (2N)⁻¹Σ‖F(v, x^i) − y^i‖²`.
//!
//! * [`ResNet`] is the architecture, [`Weights`] its parameters.
//! * [`Tape`] carries one batched forward and backward pass.
//! * [`mod@reference`] is the same network in scalar loops over any number type:
//!   slow, obvious, and the oracle of the fast one.
//! * [`Rounding`] bounds what the batched pass lost to rounding.
//! * [`depth`] is the limit of infinitely many layers, and other schemes than Euler's.
//! * [`HiddenNetwork`] trains its hidden layers too; no theorem covers it.
//! * [`tangent_kernel`] is the kernel of the linearised network.

mod architecture;
pub mod depth;
mod error;
mod expansion;
mod frame;
mod hidden;
mod model;
#[cfg(test)]
pub(crate) mod oracle;
mod panels;
mod parametric;
pub mod reference;
mod rounding;
mod tangent;
mod tape;
mod weights;

pub use architecture::ResNet;
pub use error::NetworkError;
pub use expansion::{Expansion, ExpansionNetwork, ExpansionTape, Field, FieldKernel};
pub use frame::Frame;
pub use hidden::{HiddenNetwork, HiddenPass, HiddenWeights};
pub use model::{Pass, ResidualNetwork};
pub use rounding::Rounding;
pub use tangent::{TangentKernel, tangent_kernel};
pub use tape::Tape;
pub use weights::Weights;
