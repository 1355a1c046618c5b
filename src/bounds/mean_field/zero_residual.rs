//! Convergence from a zero residual (C10).

use super::{Curvature, Region, pl};
use crate::arithmetic::{Ball, ball_rounding};
use crate::bounds::{Convergence, smallest_admissible_radius};
use crate::factor::named;
use crate::meanfield::{ActivationBounds, Moments, Regression};

/// What C10 needs to know of an initialisation with `u = 0`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::mean_field::ZeroResidual, meanfield::Activation};
/// let start = ZeroResidual {
///     samples: 2,
///     particles: 40,
///     scale: Ball::from(1.0),
///     bounds: Activation::Cosine.bounds().unwrap(),
///     gram: Ball::from(0.25),
///     w: Ball::from(1.0),
///     point: Ball::from(1.5),
/// };
/// assert!(start.pl_constant(Ball::from(0.0)).unwrap().contains(0.25));
/// assert!(start.pl_constant(Ball::from(0.1)).unwrap().upper() < 0.25);
/// // s = R(1 + R/2) exceeds one.
/// assert!(start.pl_constant(Ball::from(0.75)).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZeroResidual {
    /// `N`.
    pub samples: usize,
    /// `DM`.
    pub particles: usize,
    /// `|α|`.
    pub scale: Ball,
    /// `S0`, `S1`, `S2`.
    pub bounds: ActivationBounds,
    /// `λ̄0`, the mean over layers of `λ_min(K_k(0))`.
    pub gram: Ball,
    /// `W`, the root mean square of `‖w‖`.
    pub w: Ball,
    /// `X̃ = (1 + max‖x_0‖²)^{1/2}`.
    pub point: Ball,
}

impl ZeroResidual {
    /// Gathers what C10 needs to know of a network; it says something of one with `u = 0` only.
    ///
    /// # Arguments
    /// * `gram`: `λ_min(K_k)`, one a layer; `moments`: of the network; `particles`: `DM`.
    #[must_use]
    pub fn of(
        task: &Regression,
        bounds: ActivationBounds,
        gram: &[Ball],
        moments: &Moments,
        particles: usize,
    ) -> Self {
        let squares = task.inputs().column_iter();
        let squares = squares.map(|x| Ball::norm_of(x.as_slice()).square());
        let largest = squares.fold(Ball::from(0.0), Ball::max);
        Self {
            samples: task.samples(),
            particles,
            scale: Ball::from(task.scale().abs()),
            bounds,
            gram: gram.iter().copied().sum::<Ball>() / Ball::from(gram.len() as f64),
            w: moments.w(),
            point: (Ball::from(1.0) + largest).sqrt(),
        }
    }

    /// Returns `s = S1R(W + R/2)`, at least the sum of the slopes of all layers within `R`.
    ///
    /// # Source
    /// `proofs/c10-convergence.md`, as of the other bounds.
    #[must_use]
    pub fn slopes(&self, radius: Ball) -> Ball {
        let half = named("zero residual: R/2 of s", radius / Ball::from(2.0));
        let slope = named("zero residual: S1R", self.bounds.slope * radius);
        slope * (named("zero residual: W of s", self.w) + half)
    }

    /// Returns `e = S1√N·R·(√(X̃² + W²S0²) + S0R/2)`, at least what the features move by, in the root mean square of the
    /// layers.
    #[must_use]
    pub fn features_moved(&self, radius: Ball) -> Ball {
        let value = self.bounds.value;
        let fixed = named("zero residual: X", self.point).square()
            + named("zero residual: WS0", self.w * value).square();
        let both = named("zero residual: S0R/2", value * radius / Ball::from(2.0));
        let root = named("zero residual: √N", Ball::from(self.samples as f64).sqrt());
        self.bounds.slope * root * radius * (fixed.sqrt() + both)
    }

    /// Returns `m(R) = (2α²/N)(1 − s)²(√λ̄0 − e)₊²`, the PL constant on the ball of radius `R`; `None` unless
    /// `s ≤ 1` is certain.
    #[must_use]
    pub fn pl_constant(&self, radius: Ball) -> Option<Ball> {
        let s = self.slopes(radius);
        if !(s.upper() <= 1.0) {
            return None;
        }
        let rest = (self.gram.sqrt() - self.features_moved(radius)).positive_part();
        let kept = named("zero residual: 1 − s", Ball::from(1.0) - s);
        Some(pl::factor(self.samples, self.scale) * (kept * rest).square())
    }

    /// `P₊ ≤ e^s`.
    fn expansion(&self, radius: Ball) -> Ball {
        self.slopes(radius).exp()
    }

    /// Returns `S0P₊α√2·R/√m`: gradient descent of path length `R` moves no particle's `u` further.
    #[must_use]
    pub fn driven_u(&self, radius: Ball, pl_constant: Ball) -> Ball {
        let speed = self.bounds.value * self.expansion(radius) * self.scale;
        speed * named("driven u: √2", Ball::from(2.0).sqrt()) * radius / pl_constant.sqrt()
    }

    /// Returns the suprema over the networks within `R` whose particles' `u` have moved no further than gradient
    /// descent moves them, `min(√(DM)·R, S0P₊α√2·R/√m)`.
    fn region(&self, radius: Ball, pl_constant: Ball) -> Region {
        let w = self.w + radius;
        let anywhere = Ball::from(self.particles as f64).sqrt() * radius;
        let driven = self.driven_u(radius, pl_constant);
        Region {
            expansion: self.expansion(radius),
            u: radius,
            w,
            largest_u: if driven.upper() < anywhere.upper() {
                driven
            } else {
                anywhere
            },
            point: self.point + self.bounds.value * radius,
        }
    }

    /// Returns `β` on that set where `L ≤ loss`; `None` where there is no PL constant.
    #[must_use]
    pub fn smoothness(&self, radius: Ball, loss: Ball) -> Option<Ball> {
        let constant = self.pl_constant(radius)?;
        let region = self.region(radius, constant);
        let root_risk = (Ball::from(2.0) * loss).sqrt();
        Some(Curvature::on(&region, &self.bounds, self.scale, root_risk).positive)
    }

    /// Returns the constants at a radius, with the step for which `1 − βη/2 = c`.
    #[must_use]
    pub fn convergence(&self, radius: f64, loss: Ball, margin: f64) -> Option<Convergence> {
        let ball = Ball::from(radius);
        let (m, beta) = (self.pl_constant(ball)?, self.smoothness(ball, loss)?);
        Some(Convergence::with_margin(margin, m, beta, radius))
    }

    /// Returns the largest radius at which `s ≤ 1`: `√(W² + 2/S1) − W`, less what evaluating `s` rounds.
    #[must_use]
    pub fn largest_radius(&self) -> f64 {
        let w = self.w.upper();
        let root = (w * w + 2.0 / self.bounds.slope.upper()).sqrt();
        // √(w² + t) − w = t/(√(w² + t) + w), without cancellation.
        // Six operations here, and two sums and two products of s.
        2.0 / self.bounds.slope.upper() / (root + w) * (1.0 - ball_rounding(12))
    }

    /// Returns the constants at the smallest radius for which `L(μ_0) ≤ mR²c²/4`, if there is one.
    #[must_use]
    pub fn admissible(&self, loss: Ball, margin: f64) -> Option<Convergence> {
        let at = |radius: f64| self.convergence(radius, loss, margin);
        let threshold = |radius: f64| at(radius).map(|constants| constants.loss_threshold());
        smallest_admissible_radius(self.largest_radius(), loss, threshold).and_then(at)
    }

    /// Returns the largest initial risk that a grid of radii allows, at step margin `c`; zero if none.
    pub fn allowed_risk(&self, margin: f64) -> f64 {
        let largest = self.largest_radius();
        let radii = (0..400).map(|i| largest * 1e-6_f64.powf(f64::from(i) / 400.0));
        radii
            .filter_map(|radius| {
                let constant = self.pl_constant(Ball::from(radius))?;
                let product = constant * Ball::from(radius * margin).square() / Ball::from(4.0);
                // The margin that is reached, 1 − βη/2 with η = 2(1 − c)/β, is off by a share of itself and one of 1 − c.
                Some(product.lower() * (1.0 - ball_rounding(8) / margin))
            })
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    fn start() -> ZeroResidual {
        let [scale, value, slope, curvature, gram, w, point] =
            [3.0, 0.8, 0.5, 0.7, 0.36, 1.2, 1.5].map(Ball::from);
        ZeroResidual {
            samples: 4,
            particles: 50,
            scale,
            bounds: ActivationBounds {
                value,
                slope,
                curvature,
            },
            gram,
            w,
            point,
        }
    }

    #[test]
    fn constants_are_their_formulas() {
        let r = 0.125;
        let s = 0.5 * r * (1.2 + 0.5 * r);
        let e = 0.5 * 2.0 * r * ((1.5f64.powi(2) + (1.2f64 * 0.8).powi(2)).sqrt() + 0.4 * r);
        let m = 4.5 * ((1.0 - s) * (0.6 - e)).powi(2);
        let found = start().pl_constant(Ball::from(r)).unwrap();
        assert_agrees(found, m, 60);
        let expansion = s.exp();
        let driven = 0.8 * expansion * 3.0 * 2f64.sqrt() * r / m.sqrt();
        assert!(driven < 50f64.sqrt() * r);
        let region = Region {
            expansion: Ball::from(expansion),
            u: Ball::from(r),
            w: Ball::from(1.2 + r),
            largest_u: Ball::from(driven),
            point: Ball::from(1.5 + 0.8 * r),
        };
        let (c1, c2) = (
            region.first(&start().bounds).mid(),
            region.second(&start().bounds).mid(),
        );
        let beta = 9.0 * c1 * c1 + 3.0 * 0.2 * c2;
        let found = start().smoothness(Ball::from(r), Ball::from(0.02)).unwrap();
        assert!((found.mid() / beta - 1.0).abs() < 1e-12);
        let constants = start().convergence(r, Ball::from(0.02), 0.75).unwrap();
        assert!((constants.step - 0.5 / beta).abs() < 1e-12 && constants.radius == r);
        assert!(constants.step_margin().lower() >= 0.75 - 1e-14);
    }

    /// With few particles none of them can hold all of the displacement that it might be driven to.
    #[test]
    fn few_particles_cannot_go_far() {
        let few = ZeroResidual {
            particles: 1,
            ..start()
        };
        let at = |start: ZeroResidual| {
            start
                .smoothness(Ball::from(0.125), Ball::from(0.02))
                .unwrap()
        };
        assert!(at(few).upper() < at(start()).lower());
    }

    #[test]
    fn the_largest_radius_is_where_nothing_is_kept() {
        let largest = start().largest_radius();
        let s = 0.5 * largest * (1.2 + 0.5 * largest);
        assert!((1.0 - 3e-9..1.0).contains(&s), "{s}");
        assert!(start().pl_constant(Ball::from(largest)).is_some());
        assert!(start().pl_constant(Ball::from(largest * 1.001)).is_none());
    }

    #[test]
    fn admissible_radii_meet_the_condition_and_the_allowed_risk_is_one() {
        let allowed = start().allowed_risk(0.9);
        let loss = Ball::from(0.999 * allowed);
        let constants = start().admissible(loss, 0.9).unwrap();
        assert!(constants.loss_threshold().lower() >= loss.upper());
        assert!(
            start()
                .admissible(Ball::from(1.01 * allowed), 0.9)
                .is_none()
        );
        let none = ZeroResidual {
            gram: Ball::from(0.0),
            ..start()
        };
        assert_eq!(none.allowed_risk(0.9), 0.0);
    }
}
