//! Residual networks of infinite depth, and their discretisations.
//!
//! A path `v` that is constant on `D0` pieces of `[0, 1]` drives the flow `z' = v_t(z)`, `z(0) = Ax`.
//! Run at depth `D = nD0` by Euler's scheme it is a residual network; midpoint and the classical
//! Runge–Kutta scheme approach the same limit faster.
//!
//! * [`Scheme`]: the three schemes.
//! * [`SteppedTape`]: a batched pass and the exact adjoint of the discrete network.
//! * [`stepped_states`]: the same in scalar loops over any number type.
//! * [`exact_flow`]: the limit, with a proved bound of its error; [`DoubledFlow`] in 31 digits.

mod doubled;
mod exact;
mod scalar;
mod scheme;
mod stepped;

pub use doubled::{DoubledEnd, DoubledFlow};
#[cfg(feature = "claims")]
pub(crate) use exact::longest_frequency;
pub use exact::{FlowEnd, exact_flow};
pub use scalar::stepped_states;
pub use scheme::Scheme;
pub use stepped::SteppedTape;
