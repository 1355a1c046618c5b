//! Every explicit constant of the theory as a small pure function.
//!
//! Arguments and results are [`Ball`](crate::arithmetic::Ball)s: a constant
//! carries the uncertainty of what it was computed from (an eigenvalue's
//! enclosure, a rounded norm) and of its own evaluation. A function whose
//! statement has a hypothesis on its arguments returns `None` when that
//! hypothesis is not certain.
//!
//! | claim | functions |
//! |---|---|
//! | K7 | [`separation`](separation::separation) and its four versions |
//! | P2 | [`layer_gains`], [`expansion`], [`contraction`], [`expansion_cap`], [`contraction_floor`], [`parameter_sensitivity`] |
//! | P3 | [`tangent_pl`], [`trajectory_pl`], [`uniform_trajectory_pl`], [`local_pl`] |
//! | P4 | [`upper_pl`], [`upper_pl_cap`] |
//! | P7 | [`GaussNewton`], [`smoothness`], [`STATIONARY_COUPLING`] |
//! | P8 | [`Convergence`], [`smallest_admissible_radius`] |
//! | P1 | [`third_derivative`] (remainder of the central difference) |

mod convergence;
mod neighbourhood;
mod pl;
mod remainder;
pub mod separation;
mod smoothness;
mod states;
mod upper;

pub use convergence::{Convergence, smallest_admissible_radius};
pub use neighbourhood::Neighbourhood;
pub use pl::{local_pl, tangent_pl, trajectory_pl, uniform_trajectory_pl};
pub use remainder::{LineSegment, third_derivative};
pub use smoothness::{GaussNewton, STATIONARY_COUPLING, smoothness};
pub use states::{
    contraction, contraction_floor, expansion, expansion_cap, layer_gains, parameter_sensitivity,
};
pub use upper::{upper_pl, upper_pl_cap};
