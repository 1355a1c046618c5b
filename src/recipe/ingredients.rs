//! What the recipe knows of data and frequencies, and the bounds on a ball that follow.

use super::recheck::allowance::of_formula;
use crate::arithmetic::Ball;
use crate::bounds::{CurvatureBounds, CurvatureVersion, LocalConstants, Neighbourhood};

/// The lifted network of P10 at zero weights, in the numbers that P8 needs of it.
///
/// At zero weights the states do not move, so that all layers share one Gram matrix, and `σ_B = ‖B‖ = α`,
/// the readout's scale, is free: `m` is `α²` times a function of the radius alone.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::CurvatureBounds, recipe::Ingredients};
/// let ball = Ball::from;
/// let ingredients = Ingredients {
///     samples: 3, depth: 8, smallest: ball(0.5), largest: ball(2.0), kappa1: ball(1.0), kappa2: ball(1.0),
///     initial_loss: ball(1.0), curvature: CurvatureBounds::default(),
/// };
/// let smallest = ingredients.smallest_scale(0.5)?;
/// let best = ingredients.best(8.0 * smallest.scale)?;
/// assert!(best.convergence.loss_threshold().lower() >= 1.0);
/// # Ok::<(), polyak::recipe::RecipeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ingredients {
    /// `N`.
    pub samples: usize,
    /// `D`.
    pub depth: usize,
    /// `λ_min(K̂)`, or a lower bound of it.
    pub smallest: Ball,
    /// `λ_max(K̂)`, or an upper bound of it.
    pub largest: Ball,
    /// `κ̂1`, or an upper bound of it.
    pub kappa1: Ball,
    /// `κ̂2`, or an upper bound of it.
    pub kappa2: Ball,
    /// `L(0) = mean‖y‖²/2`.
    pub initial_loss: Ball,
    /// How the curvature is bounded.
    pub curvature: CurvatureBounds,
}

impl Ingredients {
    /// Returns the constants around zero weights, with a readout of `σ_B² = ‖B‖² = α²`.
    #[must_use]
    pub fn local(&self, norm_squared: Ball) -> LocalConstants {
        LocalConstants {
            samples: self.samples,
            sigma_squared: norm_squared,
            norm_squared,
            reference: Neighbourhood {
                kappa0: Ball::from(1.0),
                kappa1: self.kappa1,
                kappa2: self.kappa2,
                depth: self.depth,
                centre_norm: Ball::from(0.0),
                radius: Ball::from(0.0),
            },
            smallest: vec![self.smallest; self.depth],
            largest: vec![self.largest; self.depth],
            curvature: self.curvature,
            rounding: of_formula(),
        }
    }

    /// The largest radius of P3.local, `√D/(2κ̂1)` less the rounding of its condition; not finite if `κ̂1` may be 0.
    #[must_use]
    pub fn largest_radius(&self) -> f64 {
        self.local(Ball::from(1.0)).largest_radius()
    }

    /// `m/α²` on the ball of a radius (P3.local); zero where that does not apply.
    #[must_use]
    pub fn unit_pl_constant(&self, radius: f64) -> Ball {
        let local = self.local(Ball::from(1.0));
        let around = local.around(Ball::from(radius));
        local.pl_constant(&around).unwrap_or(Ball::from(0.0))
    }

    /// `β` on the ball of a radius below the initial loss, by the least of the versions, and that version.
    ///
    /// # Panics
    /// If no version is allowed.
    #[must_use]
    pub fn smoothness(&self, scale: f64, radius: f64) -> (Ball, CurvatureVersion) {
        self.smoothness_below(scale, radius, self.initial_loss)
    }

    /// The same below any loss.
    ///
    /// # Panics
    /// If no version is allowed.
    #[must_use]
    pub fn smoothness_below(
        &self,
        scale: f64,
        radius: f64,
        loss: Ball,
    ) -> (Ball, CurvatureVersion) {
        let local = self.local(Ball::from(scale).square());
        let around = local.around(Ball::from(radius));
        let (version, bound) = local
            .versions(&around, loss)
            .min_by(|a, b| a.1.upper().total_cmp(&b.1.upper()))
            .expect("a version of the bound");
        (bound, version)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bounds::Coupling;

    /// Ten samples, `λ` from 0.3 to 4, `κ̂1 = 0.8`, `κ̂2 = 1.1`, a loss of 0.45, 12 layers.
    pub fn plain() -> Ingredients {
        Ingredients {
            samples: 10,
            depth: 12,
            smallest: Ball::from(0.3),
            largest: Ball::from(4.0),
            kappa1: Ball::from(0.8),
            kappa2: Ball::from(1.1),
            initial_loss: Ball::from(0.45),
            curvature: CurvatureBounds::default(),
        }
    }

    /// m/α² = (2/N)e^{−2s}·mean(√λ − √N κ1 √(k/D) R)₊², written out.
    pub fn plain_unit(i: &Ingredients, radius: f64) -> f64 {
        let (n, d) = (i.samples as f64, i.depth as f64);
        let stretch = i.kappa1.mid() * radius;
        let s = stretch + stretch * stretch / d;
        let term = |k: usize| {
            let drift = n.sqrt() * stretch * (k as f64 / d).sqrt();
            (i.smallest.mid().sqrt() - drift).max(0.0).powi(2)
        };
        2.0 / n * f64::exp(-2.0 * s) * (0..i.depth).map(term).sum::<f64>() / d
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} {b}");
    }

    #[test]
    fn the_pl_constant_is_its_formula() {
        let i = plain();
        for radius in [0.0, 0.01, 0.1, 0.7, 2.0] {
            close(i.unit_pl_constant(radius).mid(), plain_unit(&i, radius));
        }
        // D ≥ 4κ1²R² ends at √12/1.6.
        let largest = 12.0_f64.sqrt() / 1.6;
        close(i.largest_radius(), largest);
        assert!(i.largest_radius() < largest);
        assert!(i.unit_pl_constant(i.largest_radius()).lower() > 0.0);
        assert_eq!(i.unit_pl_constant(largest * 1.001), Ball::from(0.0));
    }

    #[test]
    fn the_smoothness_is_the_least_of_the_versions_allowed() {
        let mut i = plain();
        let (scale, radius) = (3.0_f64, 0.2_f64);
        let growth = (2.0 * 0.8 * radius).exp();
        // Twelve layers: s_2² = 11·23/(6·144), θ = 1/(24 sin(π/46)).
        let way = (253.0_f64 / 864.0).sqrt();
        let theta = 1.0 / (24.0 * (std::f64::consts::PI / 46.0).sin());
        let cross = scale
            * (2.0 * 0.45_f64).sqrt()
            * growth.sqrt()
            * (way * 1.1 * radius * growth.sqrt() + theta * 0.8);
        let drift = |k: f64| 10.0_f64.sqrt() * 0.8 * radius * (k / 12.0).sqrt();
        let layers = (0..12)
            .map(|k| (2.0 + drift(f64::from(k))).powi(2))
            .sum::<f64>()
            / 120.0;
        let largest = (0.4_f64.sqrt() + 0.8 * radius).powi(2);
        for (version, part) in [
            (CurvatureVersion::Global, 1.0),
            (CurvatureVersion::Largest, largest),
            (CurvatureVersion::Layers, layers),
        ] {
            i.curvature.versions = match version {
                CurvatureVersion::Global => &[CurvatureVersion::Global],
                CurvatureVersion::Largest => &[CurvatureVersion::Largest],
                CurvatureVersion::Layers => &[CurvatureVersion::Layers],
            };
            let (bound, used) = i.smoothness(scale, radius);
            close(bound.mid(), scale * scale * growth * part + cross);
            assert_eq!(used, version);
        }
        i.curvature.versions = CurvatureVersion::ALL;
        assert_eq!(i.smoothness(scale, radius).1, CurvatureVersion::Layers);
        assert_eq!(i.smoothness(scale, 2.0).1, CurvatureVersion::Global);
        i.curvature.coupling = Coupling::General;
        let more = scale * 0.9_f64.sqrt() * growth.sqrt() * 0.8 * (11.0 / 12.0 - theta);
        close(
            i.smoothness(scale, radius).0.mid(),
            scale * scale * growth * layers + cross + more,
        );
    }
}
