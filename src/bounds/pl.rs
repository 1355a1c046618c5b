//! Lower bounds of the PL constant: `‖∇L‖² ≥ m·L` (P3).

use super::{Neighbourhood, contraction, contraction_floor};
use crate::arithmetic::Ball;

fn mean(terms: impl ExactSizeIterator<Item = Ball>) -> Ball {
    let count = Ball::from(terms.len() as f64);
    terms.sum::<Ball>() / count
}

/// `2x/N`.
fn twice_over(samples: usize, x: Ball) -> Ball {
    Ball::from(2.0) * x / Ball::from(samples as f64)
}

/// Returns version 0, `m = (2/N)·λ_min(T)`, from the tangent kernel. Sharp: equality
/// when the error is a lowest eigenvector of `T`.
pub fn tangent_pl(samples: usize, smallest: Ball) -> Ball {
    twice_over(samples, smallest)
}

/// Returns version 1, `m = (2σ_B²/N)·D⁻¹Σ_k λ_min(𝕂_k)·Π_{l>k}(1 − a_l)₊²`.
///
/// # Arguments
/// * `sigma_squared`: `σ_B²`.
/// * `smallest`: `λ_min(𝕂_k)` along the actual trajectory; `gains`: the `a_k`. One a layer.
///
/// # Panics
/// If the two slices differ in length.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::trajectory_pl};
/// // Gains of zero: the mean of the eigenvalues.
/// let zero = [Ball::from(0.0); 2];
/// let m = trajectory_pl(4, Ball::from(1.0), &[Ball::from(0.5), Ball::from(1.5)], &zero);
/// assert!(m.contains(0.5));
/// ```
pub fn trajectory_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    gains: &[Ball],
) -> Ball {
    assert_eq!(
        smallest.len(),
        gains.len(),
        "one eigenvalue and one gain a layer"
    );
    let layers = smallest.iter().enumerate();
    let terms = layers.map(|(k, &lambda)| lambda * contraction(&gains[k + 1..]).square());
    twice_over(samples, sigma_squared * mean(terms))
}

/// Returns the weaker form of version 1, `m = (2σ_B²/N)·P₋²·min_k λ_min(𝕂_k)`.
pub fn uniform_trajectory_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    gains: &[Ball],
) -> Ball {
    let least = smallest.iter().copied().reduce(Ball::min);
    let least = least.unwrap_or(Ball::from(0.0));
    twice_over(samples, sigma_squared * contraction(gains).square() * least)
}

/// Returns version 3, valid on the whole neighbourhood of the reference:
///
/// ```math
/// m = (2σ_B²/N) e^{−2s} · D⁻¹Σ_k ( √λ_min(𝕂_k⁰) − √N κ1κ0 e^{κ1‖v⁰‖} √(k/D) ρ )₊²,
/// s = κ1R + κ1²R²/D, R = ‖v⁰‖ + ρ
/// ```
///
/// or `None` unless `D ≥ 4κ1²R²` is certain.
///
/// # Arguments
/// * `smallest`: `λ_min(𝕂_k⁰)` at the reference, one a layer.
///
/// # Panics
/// If `smallest` does not have one entry a layer.
pub fn local_pl(
    samples: usize,
    sigma_squared: Ball,
    smallest: &[Ball],
    around: &Neighbourhood,
) -> Option<Ball> {
    assert_eq!(smallest.len(), around.depth, "one eigenvalue a layer");
    let floor = contraction_floor(around.kappa1, around.outer_norm(), around.depth)?;
    let root = Ball::from(samples as f64).sqrt();
    let terms = smallest.iter().enumerate().map(|(k, lambda)| {
        (lambda.sqrt() - root * around.feature_drift(k))
            .positive_part()
            .square()
    });
    Some(twice_over(
        samples,
        sigma_squared * floor.square() * mean(terms),
    ))
}
