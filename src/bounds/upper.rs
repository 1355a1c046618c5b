//! Upper bounds of the gradient by the loss: `‖∇L‖² ≤ M·L` (P4).

use super::{expansion, expansion_cap};
use crate::arithmetic::Ball;
use crate::factor::named;

/// Returns `M = (2‖B‖²/N)·P₊²·max_k λ_max(𝕂_k)`.
///
/// # Arguments
/// * `norm_squared`: `‖B‖²`; `largest`: `λ_max(𝕂_k)` and `gains`: `a_k`, one a layer.
pub fn upper_pl(samples: usize, norm_squared: Ball, largest: &[Ball], gains: &[Ball]) -> Ball {
    let greatest = largest.iter().copied().fold(Ball::from(0.0), Ball::max);
    let stretch = named("upper PL: P₊²", expansion(gains).square());
    let greatest = named("upper PL: λ_max(𝕂_k)", greatest);
    named("upper PL: 2‖B‖²/N", Ball::from(2.0)) * norm_squared * stretch * greatest
        / Ball::from(samples as f64)
}

/// Returns `2‖B‖²e^{2κ1R} ≥ M` (kernels with a unit diagonal: `λ_max ≤ N`).
#[must_use]
pub fn upper_pl_cap(norm_squared: Ball, kappa1: Ball, radius: Ball) -> Ball {
    let stretch = named(
        "upper PL cap: e^(2κ1R)",
        expansion_cap(kappa1, radius).square(),
    );
    named("upper PL cap: 2‖B‖²", Ball::from(2.0)) * norm_squared * stretch
}

/// What `√L` is Lipschitz by: `|√L(v) − √L(v')| ≤ ½√M̄‖v − v'‖` where both norms are at most `R`, with
/// `M̄ = 2‖B‖²e^{2κ1R}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossSlope {
    /// `‖B‖²`.
    pub norm_squared: Ball,
    /// `κ1`.
    pub kappa1: Ball,
}

impl LossSlope {
    /// Returns `√M̄` where `‖v‖ ≤ R`.
    #[must_use]
    pub fn root(&self, radius: Ball) -> Ball {
        upper_pl_cap(self.norm_squared, self.kappa1, radius).sqrt()
    }

    /// Returns a bound of the error of a loss, at a point of this norm, as the loss of a point at a distance `δ`:
    /// `√(M̄L)·δ + M̄δ²/4`, with `M̄` at `R = ‖v‖ + δ`.
    #[must_use]
    pub fn carried(&self, norm: Ball, loss: Ball, distance: f64) -> f64 {
        let distance = Ball::from(distance);
        carried(self.root(norm + distance) * distance, loss).upper()
    }
}

/// Returns what a move by `δ` does to a loss, at most: `x√L + x²/4`, `x = √M̄δ`.
#[must_use]
pub fn carried(change: Ball, loss: Ball) -> Ball {
    named("carried loss: √(ML)δ", change) * loss.sqrt()
        + change.square() * named("carried loss: Mδ²/4", Ball::from(0.25))
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

    #[test]
    fn slopes_and_carried_errors_are_their_formulas() {
        let slope = LossSlope {
            norm_squared: Ball::from(9.0),
            kappa1: Ball::from(0.5),
        };
        let plain = |radius: f64| 18f64.sqrt() * (0.5 * radius).exp();
        assert_agrees(slope.root(Ball::from(1.4)), plain(1.4), 12);
        assert_agrees(carried(Ball::from(0.5), Ball::from(4.0)), 1.0625, 8);
        // The slope is that of the larger ball: 1.4 = 1.25 + 0.15.
        let found = slope.carried(Ball::from(1.25), Ball::from(4.0), 0.15);
        let step = plain(1.4) * 0.15;
        assert!((found / (2.0 * step + step * step / 4.0) - 1.0).abs() < 1e-14);
    }
}
