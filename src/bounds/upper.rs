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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, balls, numbers, rng};
    use crate::bounds::layer_gains;

    // M: 2·3·(3/2·5/4)²·7/4 for N = 4, in exact quarters.
    #[test]
    fn small_case_by_hand() {
        let largest = balls(&[1.0, 7.0]);
        let bound = upper_pl(4, Ball::from(3.0), &largest, &balls(&[0.5, 0.25]));
        assert_agrees(bound, 2.0 * 3.0 * 1.875 * 1.875 * 7.0 / 4.0, 12);
        assert_agrees(
            upper_pl_cap(Ball::from(3.0), Ball::from(2.0), Ball::from(0.5)),
            6.0 * 2f64.exp(),
            12,
        );
        assert_agrees(
            upper_pl_cap(Ball::from(3.0), Ball::from(0.0), Ball::from(0.5)),
            6.0,
            12,
        );
    }

    // With λ_max ≤ N and P₊ ≤ e^{κ1R}.
    #[test]
    fn cap_is_above_the_bound() {
        let mut rng = rng();
        for depth in 1..20 {
            let norms = numbers(&mut rng, depth, 2.0);
            let radius = (norms.iter().map(|x| x * x).sum::<f64>() / depth as f64).sqrt();
            let gains = layer_gains(Ball::from(0.8), &balls(&norms));
            let largest = balls(&numbers(&mut rng, depth, 5.0));
            let bound = upper_pl(5, Ball::from(2.0), &largest, &gains);
            let cap = upper_pl_cap(Ball::from(2.0), Ball::from(0.8), Ball::from(radius));
            assert!(bound.mid() <= cap.mid());
        }
    }
}
