//! How far states and adjoint states can be stretched or squeezed (P2).

use crate::arithmetic::Ball;

/// Returns `a_k = κ1‖v_k‖/D` for every layer.
///
/// # Arguments
/// * `layer_norms`: `‖v_0‖, …, ‖v_{D−1}‖`.
pub fn layer_gains(kappa1: Ball, layer_norms: &[Ball]) -> Vec<Ball> {
    let depth = Ball::from(layer_norms.len() as f64);
    layer_norms
        .iter()
        .map(|&norm| kappa1 * norm / depth)
        .collect()
}

/// Returns `P₊ = Π(1 + a_k)`: no difference of states and no adjoint state grows by more.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds};
/// let gains = bounds::layer_gains(Ball::from(2.0), &[Ball::from(1.0), Ball::from(0.5)]);
/// assert!(bounds::expansion(&gains).contains(2.0 * 1.5));
/// assert!(bounds::contraction(&gains).contains(0.0));
/// ```
pub fn expansion(gains: &[Ball]) -> Ball {
    let one = Ball::from(1.0);
    gains.iter().fold(one, |product, &a| product * (one + a))
}

/// Returns `P₋ = Π(1 − a_k)₊`: none shrinks by more. Zero as soon as one gain reaches 1.
pub fn contraction(gains: &[Ball]) -> Ball {
    let one = Ball::from(1.0);
    let factors = gains.iter().map(|&a| (one - a).positive_part());
    factors.fold(one, |product, factor| product * factor)
}

/// Returns `e^{κ1R} ≥ P₊`, for `R = ‖v‖`.
pub fn expansion_cap(kappa1: Ball, radius: Ball) -> Ball {
    (kappa1 * radius).exp()
}

/// Returns `exp(−κ1R − κ1²R²/D) ≤ P₋`, or `None` unless `D ≥ 4κ1²R²` is certain.
pub fn contraction_floor(kappa1: Ball, radius: Ball, depth: usize) -> Option<Ball> {
    let stretch = kappa1 * radius;
    let depth = Ball::from(depth as f64);
    let deep_enough = (Ball::from(4.0) * stretch.square()).upper() <= depth.mid();
    deep_enough.then(|| (-(stretch + stretch.square() / depth)).exp())
}

/// Returns the bound `sqrt(k/D)·e^{κ1 min(‖v‖,‖w‖)}·κ0·‖v − w‖` of `‖z_k(v) − z_k(w)‖`.
///
/// # Arguments
/// * `layer`: `k`, from 0 to `depth`.
/// * `smaller_norm`: `min(‖v‖, ‖w‖)`; `distance`: `‖v − w‖`.
pub fn parameter_sensitivity(
    layer: usize,
    depth: usize,
    kappa0: Ball,
    kappa1: Ball,
    smaller_norm: Ball,
    distance: Ball,
) -> Ball {
    let share = (Ball::from(layer as f64) / Ball::from(depth as f64)).sqrt();
    share * expansion_cap(kappa1, smaller_norm) * kappa0 * distance
}
