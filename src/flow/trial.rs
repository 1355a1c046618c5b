//! What an integrator says of one straight stretch, for claims that hold it against gradients that are known.

use super::polygon::{LossCurvature, Segment};
use crate::arithmetic::Ball;

/// What is certain of a stretch.
pub(crate) struct Said {
    /// `∫‖∇L‖²`.
    pub dissipated: Ball,
    /// The largest `‖v̇ + ∇L‖`.
    pub defect: Ball,
    /// The largest `‖v̇ + ∇L‖/‖∇L‖`.
    pub residual: f64,
}

/// Judges a stretch whose velocity is the negative mean of the gradients at both ends.
///
/// # Arguments
/// * `speed`: `‖v̇‖`; `change`: the distance of the gradients at both ends; `slopes`: their norms.
pub(crate) fn said(
    duration: f64,
    speed: f64,
    change: f64,
    slopes: [f64; 2],
    curvature: LossCurvature,
) -> Said {
    let segment = Segment {
        duration,
        speed: Ball::from(speed),
        drift: Ball::from(0.0),
        change: Ball::from(change),
        slopes: slopes.map(Ball::from),
    };
    Said {
        dissipated: segment.dissipated(curvature),
        defect: segment.defect(curvature),
        residual: segment.residual(curvature),
    }
}
