//! Upper bounds of the gradient by the loss: `‖∇L‖² ≤ M·L` (P4).

use super::{expansion, expansion_cap};
use crate::arithmetic::Ball;

/// Returns `M = (2‖B‖²/N)·P₊²·max_k λ_max(𝕂_k)`.
///
/// # Arguments
/// * `norm_squared`: `‖B‖²`; `largest`: `λ_max(𝕂_k)` and `gains`: `a_k`, one a layer.
pub fn upper_pl(samples: usize, norm_squared: Ball, largest: &[Ball], gains: &[Ball]) -> Ball {
    let greatest = largest.iter().copied().fold(Ball::from(0.0), Ball::max);
    let stretch = expansion(gains).square();
    Ball::from(2.0) * norm_squared * stretch * greatest / Ball::from(samples as f64)
}

/// Returns `2‖B‖²e^{2κ1R} ≥ M` (kernels with a unit diagonal: `λ_max ≤ N`).
pub fn upper_pl_cap(norm_squared: Ball, kappa1: Ball, radius: Ball) -> Ball {
    Ball::from(2.0) * norm_squared * expansion_cap(kappa1, radius).square()
}
