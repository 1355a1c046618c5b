//! The non-parametric network: residuals that are kernel expansions.
//!
//! `v_k = Σ_j k(·, c_j)a_j` in the RKHS of an exact kernel (or of the kernel `k̂` of random
//! features, P12). A step of gradient descent appends the `N` sections `k(·, z_k^i)` with
//! coefficients `−η p_{k+1}^i`; norms come from the reproducing property.
//!
//! * [`FieldKernel`] evaluates a kernel and its gradients in blocks.
//! * [`Field`] is one layer, [`Expansion`] a parameter.
//! * [`ExpansionNetwork`] is the architecture, [`ExpansionTape`] a pass through it.

mod field;
mod kernel;
mod network;
mod rounding;
mod tape;
#[cfg(test)]
mod tests;

pub use field::{Expansion, Field};
pub use kernel::FieldKernel;
pub use network::ExpansionNetwork;
pub use tape::ExpansionTape;
