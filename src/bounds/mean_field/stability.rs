//! How two flows stay together, and how far one goes (C6, C7).

use super::Region;
use crate::arithmetic::Ball;
use crate::factor::named;
use crate::meanfield::ActivationBounds;

/// Bounds of the Hessian of the risk: `−negative ≤ ⟨h, ∇²L h⟩/‖h‖² ≤ positive`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curvature {
    /// `α√(2L)c2`: the Gauss–Newton part is positive.
    pub negative: Ball,
    /// `α²c1² + α√(2L)c2`.
    pub positive: Ball,
}

/// Returns `α²c1²`, above the squared norm of the derivative of the output of one sample, and of all samples in their mean:
/// `‖∇L‖² ≤ 2α²c1²·L` (C7).
///
/// # Source
/// `proofs/c7-stability.md`.
#[must_use]
pub fn gauss_newton(region: &Region, bounds: &ActivationBounds, scale: Ball) -> Ball {
    named("curvature: α²c1²", (scale * region.first(bounds)).square())
}

impl Curvature {
    /// The curvature on a region where `√(2L)` is at most `root_risk`.
    #[must_use]
    pub fn on(region: &Region, bounds: &ActivationBounds, scale: Ball, root_risk: Ball) -> Self {
        let negative = named(
            "curvature: α√(2L)c2",
            scale * root_risk * region.second(bounds),
        );
        Self {
            negative,
            positive: gauss_newton(region, bounds, scale) + negative,
        }
    }

    /// Returns the larger of both bounds at every place.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            negative: self.negative.max(other.negative),
            positive: self.positive.max(other.positive),
        }
    }

    /// Returns `max(1 + η·negative, η·positive − 1)`: one step of gradient descent multiplies the distance of two
    /// networks by at most this.
    #[must_use]
    pub fn growth(&self, step: Ball) -> Ball {
        let one = Ball::from(1.0);
        (one + named("growth: η·negative", step * self.negative)).max(step * self.positive - one)
    }
}

/// Returns `½(√(2L_a) + √(2L_b)) + ½αc1d`, which is at least `√(2L)` on the segment between two networks at
/// distance `d`: `√(2L)` has the Lipschitz constant `αc1`.
#[must_use]
pub fn root_risk_between(a: Ball, b: Ball, lipschitz: Ball, distance: Ball) -> Ball {
    let two = Ball::from(2.0);
    ((two * a).sqrt() + (two * b).sqrt() + named("risk between: slope", lipschitz * distance)) / two
}

/// Returns `η/(1 − βη/2)·n·(L − L')`, the square of the distance that `n` steps go at most; `None` unless
/// `βη < 2` is certain.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::mean_field::dissipation_distance};
/// let [step, smoothness, decrease] = [0.5, 2.0, 0.25].map(Ball::from);
/// assert!(dissipation_distance(step, smoothness, 3, decrease).unwrap().contains(0.75));
/// assert!(dissipation_distance(step, Ball::from(4.0), 3, decrease).is_none());
/// ```
#[must_use]
pub fn dissipation_distance(
    step: Ball,
    smoothness: Ball,
    steps: usize,
    decrease: Ball,
) -> Option<Ball> {
    let margin = Ball::from(1.0) - named("dissipation: βη/2", smoothness * step / Ball::from(2.0));
    let allowed = margin.lower() > 0.0;
    allowed.then(|| named("dissipation: nη", step * Ball::from(steps as f64)) * decrease / margin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use crate::meanfield::Activation;

    #[test]
    fn curvature_and_growth_are_their_formulas() {
        let [expansion, u, w, largest_u, point] = [1.5, 0.5, 2.0, 3.0, 1.25].map(Ball::from);
        let region = Region {
            expansion,
            u,
            w,
            largest_u,
            point,
        };
        let bounds = Activation::Tanh.bounds().unwrap();
        let (c1, c2) = (region.first(&bounds).mid(), region.second(&bounds).mid());
        let curvature = Curvature::on(&region, &bounds, Ball::from(2.0), Ball::from(0.3));
        assert_agrees(curvature.negative, 0.6 * c2, 40);
        assert_agrees(curvature.positive, 4.0 * c1 * c1 + 0.6 * c2, 40);
        let of = |negative: f64, positive: f64| Curvature {
            negative: Ball::from(negative),
            positive: Ball::from(positive),
        };
        assert_agrees(of(2.0, 4.0).growth(Ball::from(0.5)), 2.0, 4);
        assert_agrees(of(0.5, 8.0).growth(Ball::from(0.5)), 3.0, 4);
        assert_eq!(of(1.0, 5.0).max(of(2.0, 4.0)), of(2.0, 5.0));
    }

    #[test]
    fn risks_between_are_bounded() {
        let [a, b, lipschitz, distance] = [2.0, 4.5, 0.5, 3.0].map(Ball::from);
        assert_agrees(
            root_risk_between(a, b, lipschitz, distance),
            0.5 * (2.0 + 3.0 + 1.5),
            12,
        );
    }

    #[test]
    fn distances_need_a_short_step() {
        let [step, smoothness, decrease] = [0.25, 2.0, 0.5].map(Ball::from);
        let found = dissipation_distance(step, smoothness, 3, decrease).unwrap();
        assert_agrees(found, 0.25 / 0.75 * 3.0 * 0.5, 12);
        assert!(dissipation_distance(Ball::from(1.0), smoothness, 3, decrease).is_none());
        assert!(dissipation_distance(Ball::EVERYTHING, smoothness, 3, decrease).is_none());
    }
}
