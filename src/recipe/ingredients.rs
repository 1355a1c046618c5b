//! What the recipe knows of data and frequencies, and the bounds on a ball that follow.

use super::recheck::allowance::of_formula;
use crate::arithmetic::Ball;
use crate::bounds::{GaussNewton, Neighbourhood, STATIONARY_COUPLING, local_pl, smoothness};

/// Which bound of the Gauss–Newton part of the Hessian (P7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum CurvatureVersion {
    /// Knows nothing of the data.
    Global,
    /// By the largest `λ_max(𝕂_k)`.
    Largest,
    /// By every `λ_max(𝕂_k)`, each with the drift of its own layer.
    Layers,
}

impl CurvatureVersion {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Global, Self::Largest, Self::Layers];
}

/// The lifted network of P10 at zero weights, in the numbers that P8 needs of it.
///
/// At zero weights the states do not move, so that all layers share one Gram matrix, and `σ_B = ‖B‖ = α`,
/// the readout's scale, is free: `m` is `α²` times a function of the radius alone.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, recipe::Ingredients};
/// let one = Ball::from(1.0);
/// let ingredients = Ingredients::new(3, 8, [Ball::from(0.5), Ball::from(2.0)], [one, one], one);
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
    /// θ of the coupling, [`STATIONARY_COUPLING`] or 1.
    pub coupling: f64,
    /// The bounds of the Gauss–Newton part that may be used: the least is.
    pub versions: &'static [CurvatureVersion],
}

impl Ingredients {
    /// With every version of the bounds.
    ///
    /// # Arguments
    /// * `spectrum`: `λ_min` and `λ_max`; `kappas`: `κ̂1` and `κ̂2`.
    pub fn new(
        samples: usize,
        depth: usize,
        [smallest, largest]: [Ball; 2],
        [kappa1, kappa2]: [Ball; 2],
        initial_loss: Ball,
    ) -> Self {
        Self {
            samples,
            depth,
            smallest,
            largest,
            kappa1,
            kappa2,
            initial_loss,
            coupling: STATIONARY_COUPLING,
            versions: CurvatureVersion::ALL,
        }
    }

    /// The ball of a radius around zero.
    pub(super) fn around(&self, radius: f64) -> Neighbourhood {
        Neighbourhood {
            kappa0: Ball::from(1.0),
            kappa1: self.kappa1,
            kappa2: self.kappa2,
            depth: self.depth,
            centre_norm: Ball::from(0.0),
            radius: Ball::from(radius),
        }
    }

    /// The largest radius of P3.local, `√D/(2κ̂1)` less the rounding of its condition; not finite if `κ̂1` may be 0.
    pub fn largest_radius(&self) -> f64 {
        (self.depth as f64).sqrt() / (2.0 * self.kappa1.upper()) * (1.0 - of_formula())
    }

    /// `m/α²` on the ball of a radius (P3.local); zero where that does not apply.
    pub fn unit_pl_constant(&self, radius: f64) -> Ball {
        let smallest = vec![self.smallest; self.depth];
        let around = self.around(radius);
        local_pl(self.samples, Ball::from(1.0), &smallest, &around).unwrap_or(Ball::from(0.0))
    }

    /// `β` on the ball of a radius below the initial loss, by the least of the versions, and that version.
    ///
    /// # Panics
    /// If no version is allowed.
    pub fn smoothness(&self, scale: f64, radius: f64) -> (Ball, CurvatureVersion) {
        let largest = vec![self.largest; self.depth];
        let around = self.around(radius);
        let norm_squared = Ball::from(scale).square();
        let of = |&version: &CurvatureVersion| {
            let part = match version {
                CurvatureVersion::Global => GaussNewton::Global,
                CurvatureVersion::Largest => GaussNewton::Largest(&largest),
                CurvatureVersion::Layers => GaussNewton::Layers(&largest),
            };
            let part = part.bound(self.samples, norm_squared, &around);
            let loss = self.initial_loss;
            let bound = smoothness(part, norm_squared, loss, self.coupling, &around);
            (bound, version)
        };
        let bounds = self.versions.iter().map(of);
        bounds
            .min_by(|a, b| a.0.upper().total_cmp(&b.0.upper()))
            .expect("a version of the bound")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Ten samples, `λ` from 0.3 to 4, `κ̂1 = 0.8`, `κ̂2 = 1.1`, a loss of 0.45, 12 layers.
    pub fn plain() -> Ingredients {
        let [a, b, c, d, e] = [0.3, 4.0, 0.8, 1.1, 0.45].map(Ball::from);
        Ingredients::new(10, 12, [a, b], [c, d], e)
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
        let cross = scale
            * (2.0 * 0.45_f64).sqrt()
            * growth.sqrt()
            * (1.1 * radius * growth.sqrt() + std::f64::consts::FRAC_2_PI * 0.8);
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
            i.versions = match version {
                CurvatureVersion::Global => &[CurvatureVersion::Global],
                CurvatureVersion::Largest => &[CurvatureVersion::Largest],
                CurvatureVersion::Layers => &[CurvatureVersion::Layers],
            };
            let (bound, used) = i.smoothness(scale, radius);
            close(bound.mid(), scale * scale * growth * part + cross);
            assert_eq!(used, version);
        }
        i.versions = CurvatureVersion::ALL;
        assert_eq!(i.smoothness(scale, radius).1, CurvatureVersion::Layers);
        assert_eq!(i.smoothness(scale, 2.0).1, CurvatureVersion::Global);
        i.coupling = 1.0;
        let more =
            scale * 0.9_f64.sqrt() * growth.sqrt() * 0.8 * (1.0 - std::f64::consts::FRAC_2_PI);
        close(
            i.smoothness(scale, radius).0.mid(),
            scale * scale * growth * layers + cross + more,
        );
    }
}
