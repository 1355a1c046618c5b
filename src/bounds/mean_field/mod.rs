//! Constants of the mean-field network (C6–C10).
//!
//! All of them are for the risk `L = (2N)⁻¹Σ‖αPx_D − y‖²` and the inner product `(DM)⁻¹ΣΣω·ω'` of labelled particles.

mod pl;
mod region;
mod stability;
mod zero_residual;

pub use pl::{gram_floor, layer_gains, pl_constant, uniform_pl_constant};
pub use region::Region;
pub use stability::{Curvature, dissipation_distance, gauss_newton, root_risk_between};
pub use zero_residual::ZeroResidual;
