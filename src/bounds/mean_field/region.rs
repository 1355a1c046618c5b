//! Suprema over a set of networks, and the derivatives of the output that they bound (C7).

use crate::arithmetic::Ball;
use crate::bounds::expansion;
use crate::factor::named;
use crate::meanfield::{ActivationBounds, Moments};

/// What is at least the corresponding number of every network of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// `P₊ = Π(1 + D⁻¹S1·M⁻¹Σ‖u‖‖w‖)`.
    pub expansion: Ball,
    /// `U`.
    pub u: Ball,
    /// `W`.
    pub w: Ball,
    /// `U_∞`.
    pub largest_u: Ball,
    /// `X̃ = (1 + max‖x_k‖²)^{1/2}`.
    pub point: Ball,
}

impl Region {
    /// The region of the networks whose moments are at most these.
    ///
    /// # Arguments
    /// * `input`: `(1 + max‖x_0‖²)^{1/2}`.
    #[must_use]
    pub fn of(bounds: &ActivationBounds, moments: &Moments, input: Ball) -> Self {
        let u = moments.u();
        Self {
            expansion: expansion(&super::layer_gains(bounds, moments)),
            u,
            w: moments.w(),
            largest_u: moments.largest_u(),
            // ‖x_k − x_0‖ ≤ (DM)⁻¹ΣΣ‖u‖S0 ≤ S0U.
            point: input + named("region: S0U", bounds.value * u),
        }
    }

    /// Returns `c1 = P₊(S0² + S1²X̃²U²)^{1/2}`: `‖Dx_D[h]‖ ≤ c1‖h‖`.
    #[must_use]
    pub fn first(&self, bounds: &ActivationBounds) -> Ball {
        let inner = named("first derivative: S1XU", bounds.slope * self.point * self.u);
        let value = named("first derivative: S0", bounds.value);
        named("first derivative: P₊", self.expansion) * (value.square() + inner.square()).sqrt()
    }

    /// Returns `c2 = P₊[S1X̃ + 2S1Wc1 + 2S2U_∞(X̃² + W²c1²) + 2S1Uc1]`: `‖D²x_D[h,h]‖ ≤ c2‖h‖²`.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::mean_field::Region, meanfield::Activation};
    /// let one = Ball::from(1.0);
    /// let zero = Ball::from(0.0);
    /// // u = w = 0: only the product of h^u and h^b is left.
    /// let rest = Region { expansion: one, u: zero, w: zero, largest_u: zero, point: one };
    /// let bounds = Activation::Tanh.bounds().unwrap();
    /// assert!(rest.first(&bounds).contains(1.0) && rest.second(&bounds).contains(1.0));
    /// ```
    #[must_use]
    pub fn second(&self, bounds: &ActivationBounds) -> Ball {
        named("second derivative: P₊", self.expansion) * self.bend(bounds, self.first(bounds))
    }

    /// Returns `S1X̃ + 2S1Wc + 2S2U_∞(X̃² + W²c²) + 2S1Uc`: what one layer adds to the second derivative of a state along
    /// `h`, `‖h‖ = 1`, if the first is at most `c`.
    ///
    /// # Arguments
    /// * `tangent`: `c`.
    ///
    /// # Source
    /// `proofs/c7-layer.md`.
    #[must_use]
    pub fn bend(&self, bounds: &ActivationBounds, tangent: Ball) -> Ball {
        let two = Ball::from(2.0);
        let moved = named("second derivative: W·first", self.w * tangent);
        let slope = bounds.slope
            * (named("second derivative: S1X", self.point)
                + named("second derivative: 2 of 2W·first", two) * moved
                + named("second derivative: 2U·first", two * self.u * tangent));
        let curvature = named("second derivative: 2S2", two * bounds.curvature);
        slope + curvature * self.largest_u * (self.point.square() + moved.square())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use crate::meanfield::{Activation, LayerMoments};

    fn region() -> Region {
        let [expansion, u, w, largest_u, point] = [1.5, 0.5, 2.0, 3.0, 1.25].map(Ball::from);
        Region {
            expansion,
            u,
            w,
            largest_u,
            point,
        }
    }

    fn bounds(value: f64, slope: f64, curvature: f64) -> ActivationBounds {
        ActivationBounds {
            value: Ball::from(value),
            slope: Ball::from(slope),
            curvature: Ball::from(curvature),
        }
    }

    #[test]
    fn constants_are_their_formulas() {
        let bounds = bounds(0.7, 0.3, 0.9);
        let c1 = 1.5 * (0.49 + (0.3f64 * 1.25 * 0.5).powi(2)).sqrt();
        assert_agrees(region().first(&bounds), c1, 12);
        let c2 = 1.5
            * (0.3 * 1.25
                + 2.0 * 0.3 * 2.0 * c1
                + 2.0 * 0.9 * 3.0 * (1.25f64.powi(2) + 4.0 * c1 * c1)
                + 2.0 * 0.3 * 0.5 * c1);
        assert_agrees(region().second(&bounds), c2, 30);
    }

    #[test]
    fn regions_hold_their_moments() {
        let layer = |u: f64, w: f64, product: f64, largest: f64| LayerMoments {
            u: Ball::from(u),
            w: Ball::from(w),
            product: Ball::from(product),
            largest_u: Ball::from(largest),
            second: Ball::from(9.0),
        };
        let moments = Moments {
            layers: vec![layer(1.0, 2.0, 1.5, 4.0), layer(7.0, 0.0, 0.0, 8.0)],
        };
        let region = Region::of(&bounds(0.5, 0.25, 1.0), &moments, Ball::from(3.0));
        assert_agrees(region.expansion, 1.0 + 0.5 * 0.25 * 1.5, 8);
        assert_agrees(region.u, 5.0, 8);
        assert_agrees(region.w, 2f64.sqrt(), 8);
        assert_agrees(region.largest_u, 8.0, 1);
        assert_agrees(region.point, 3.0 + 0.5 * 5.0, 10);
        assert!(Activation::Erf.bounds().is_some());
    }
}
