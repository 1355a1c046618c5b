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
//! | P2 | [`layer_gains`], [`expansion`], [`contraction`], [`expansion_cap`], [`contraction_floor`], [`parameter_sensitivity`], [`flow_curvature`] |
//! | P3 | [`tangent_pl`], [`trajectory_pl`], [`uniform_trajectory_pl`], [`separation_pl`], [`local_pl`], [`root_eigenvalue_floor`] |
//! | P4 | [`upper_pl`], [`upper_pl_cap`], [`LossSlope`], [`carried`] |
//! | P7 | [`GaussNewton`], [`smoothness`], [`Coupling`], [`layered_coupling`], [`layer_means`], [`bend_of_values`] |
//! | P8 | [`LocalConstants`], [`Convergence`], [`admissible`], [`LossEnvelope`], [`TangentBall`] |
//! | P8b | [`Envelope`], [`uniform_envelope`], [`JacobianChange`], [`IntegratedEnvelope`], [`SpectralFilter`], [`filtered_envelope`] |
//! | P11 | [`ComplexField`], [`LazyDisc`], [`Leading`], [`disc_spread`] |
//! | D1, D3 | [`PathBounds`], [`euler_error_by_layers`], [`training_gap`] |
//! | D2 | [`order_remainder`] |
//! | R1–R9 | those of [`random_features`] |
//! | C6–C11 | those of [`mean_field`] |
//! | W1–W4 | those of [`finite_width`] |
//! | P1 | [`third_derivative`] (remainder of the central difference) |

mod convergence;
mod curvature;
mod depth;
mod envelope;
mod filter;
mod filtered;
pub mod finite_width;
mod jacobian;
mod lazy;
pub mod mean_field;
mod neighbourhood;
mod order;
mod pl;
pub mod random_features;
mod remainder;
pub mod separation;
mod smoothness;
mod states;
mod tangent_ball;
mod upper;

pub use convergence::{
    ComputedStep, Conclusion, Conclusions, Convergence, CurvatureBounds, CurvatureVersion,
    EnvelopeState, LocalConstants, LossEnvelope, NoConvergence, Standing, admissible,
    smallest_admissible_radius, step_with_margin,
};
pub(crate) use curvature::stationary_coupling;
pub use curvature::{
    Coupling, STATIONARY_COUPLING, bend_of_values, flow_curvature, layer_means, layered_coupling,
};
pub use depth::{
    PathBounds, STATIONARY_TRANSPORT, TrainedPair, euler_error_by_layers, training_gap,
};
pub use envelope::{Envelope, EnvelopePoint, IntegratedEnvelope, LinearPoint, uniform_envelope};
pub use filter::SpectralFilter;
pub use filtered::filtered_envelope;
pub use jacobian::JacobianChange;
pub use lazy::{ComplexField, LazyDisc, LazyStart, LazyTask, Leading, disc_spread};
pub use neighbourhood::Neighbourhood;
#[cfg(feature = "claims")]
pub(crate) use order::Majorant;
pub use order::{SteppedPath, order_remainder};
pub use pl::{
    SeparatedInputs, local_pl, root_eigenvalue_floor, separation_pl, tangent_pl, trajectory_pl,
    uniform_trajectory_pl,
};
pub use remainder::{LineSegment, third_derivative};
pub use smoothness::{GaussNewton, smoothness};
pub use states::{
    contraction, contraction_floor, expansion, expansion_cap, layer_gains, parameter_sensitivity,
};
pub use tangent_ball::{TangentBall, largest_allowed_loss, shifted_tangent_pl};
pub use upper::{LossSlope, carried, upper_pl, upper_pl_cap};

#[cfg(test)]
pub(crate) mod agreement {
    use super::Neighbourhood;
    use crate::arithmetic::{Ball, gamma};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Asserts that a ball agrees with a plain f64 evaluation of `operations`
    /// operations on positive numbers, and is as narrow: each operation of a ball
    /// adds at most 8u (an exponential, whose argument is below 4).
    pub fn assert_agrees(ball: Ball, plain: f64, operations: usize) {
        let rounding = gamma(8 * operations) * plain.abs();
        let tiny = f64::MIN_POSITIVE * operations as f64;
        let difference = (ball.mid() - plain).abs();
        assert!(difference <= rounding + tiny, "{ball:?} against {plain:e}");
        assert!(ball.rad() <= 2.0 * rounding + tiny, "{ball:?} is wide");
    }

    pub fn balls(numbers: &[f64]) -> Vec<Ball> {
        numbers.iter().copied().map(Ball::from).collect()
    }

    pub fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(0)
    }

    pub fn numbers(rng: &mut ChaCha8Rng, count: usize, largest: f64) -> Vec<f64> {
        (0..count).map(|_| rng.random_range(0.0..largest)).collect()
    }

    /// The norm of the strictly lower triangular matrix of ones, by another library.
    pub fn norm_of_earlier(depth: usize) -> f64 {
        let ones = nalgebra::DMatrix::from_fn(depth, depth, |i, j| f64::from(u8::from(j < i)));
        ones.singular_values()[0]
    }

    /// A neighbourhood of exactly known constants `[κ0, κ1, κ2, ‖v⁰‖, ρ]`.
    pub fn around(constants: [f64; 5], depth: usize) -> Neighbourhood {
        let [kappa0, kappa1, kappa2, centre_norm, radius] = constants.map(Ball::from);
        Neighbourhood {
            kappa0,
            kappa1,
            kappa2,
            depth,
            centre_norm,
            radius,
        }
    }
}
