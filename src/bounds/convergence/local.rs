//! The constants of P8 around a reference.

use super::Convergence;
use crate::arithmetic::Ball;
use crate::bounds::{Coupling, EnvelopePoint, GaussNewton, Neighbourhood, local_pl, smoothness};

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

/// How the curvature is bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvatureBounds {
    /// Of which kernels the coupling is.
    pub coupling: Coupling,
    /// The bounds of the Gauss–Newton part that may be used: the least is.
    pub versions: &'static [CurvatureVersion],
}

impl Default for CurvatureBounds {
    /// Every version, for stationary kernels and paired features.
    fn default() -> Self {
        Self {
            coupling: Coupling::Stationary,
            versions: CurvatureVersion::ALL,
        }
    }
}

/// What P8 needs to know of a network around a reference `v⁰`.
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// use polyak::bounds::{CurvatureBounds, LocalConstants, Neighbourhood};
/// let ball = Ball::from;
/// let local = LocalConstants {
///     samples: 3, sigma_squared: ball(4.0), norm_squared: ball(4.0),
///     reference: Neighbourhood {
///         kappa0: ball(1.0), kappa1: ball(1.0), kappa2: ball(1.0), depth: 8,
///         centre_norm: ball(0.0), radius: ball(0.0),
///     },
///     smallest: vec![ball(0.5); 8], largest: vec![ball(2.0); 8],
///     curvature: CurvatureBounds::default(), rounding: 1e-15,
/// };
/// let constants = local.admissible(ball(1e-4), 0.5)?;
/// assert!(constants.loss_threshold().lower() >= 1e-4);
/// // m = 2σ_B²λ/N at the reference.
/// assert!(local.pl_constant(&local.reference).is_some_and(|m| m.contains(4.0 / 3.0)));
/// # Ok::<(), polyak::bounds::NoConvergence>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LocalConstants {
    /// `N`.
    pub samples: usize,
    /// `σ_B²`.
    pub sigma_squared: Ball,
    /// `‖B‖²`.
    pub norm_squared: Ball,
    /// The constants of the space, the depth, and `‖v⁰‖`; its radius is not used.
    pub reference: Neighbourhood,
    /// `λ_min(𝕂_k)` at the reference, or lower bounds of them, one a layer.
    pub smallest: Vec<Ball>,
    /// `λ_max(𝕂_k)` at the reference, or upper bounds of them, one a layer.
    pub largest: Vec<Ball>,
    /// How the curvature is bounded.
    pub curvature: CurvatureBounds,
    /// By how much the largest radius is shortened, relatively: what evaluating its condition rounds.
    pub rounding: f64,
}

impl LocalConstants {
    /// Returns the ball of a radius around the reference.
    #[must_use]
    pub fn around(&self, radius: Ball) -> Neighbourhood {
        Neighbourhood {
            radius,
            ..self.reference
        }
    }

    /// Returns the largest radius that version 3 of P3 admits, `D ≥ 4κ1²(‖v⁰‖ + R)²`, less what evaluating that
    /// rounds; 0 if there is none, and not finite if `κ1` may be 0.
    #[must_use]
    pub fn largest_radius(&self) -> f64 {
        let Neighbourhood {
            kappa1,
            depth,
            centre_norm,
            ..
        } = self.reference;
        let outer = (depth as f64).sqrt() / (2.0 * kappa1.upper());
        (outer * (1.0 - self.rounding) - centre_norm.upper()).max(0.0)
    }

    /// Returns `4κ1²‖v⁰‖²`: with fewer layers version 3 of P3 says nothing, not even at the reference.
    #[must_use]
    pub fn needed_depth(&self) -> Ball {
        let reference = &self.reference;
        (Ball::from(2.0) * reference.kappa1 * reference.centre_norm).square()
    }

    /// Returns `m` on a ball around the reference, by version 3 of P3; `None` where that does not apply.
    #[must_use]
    pub fn pl_constant(&self, around: &Neighbourhood) -> Option<Ball> {
        local_pl(self.samples, self.sigma_squared, &self.smallest, around)
    }

    /// Returns `β` of P7 on a ball around the reference where `L ≤ loss`, by every version that may be used.
    pub fn versions(
        &self,
        around: &Neighbourhood,
        loss: Ball,
    ) -> impl Iterator<Item = (CurvatureVersion, Ball)> {
        self.curvature.versions.iter().map(move |&version| {
            let gauss_newton = match version {
                CurvatureVersion::Global => GaussNewton::Global,
                CurvatureVersion::Largest => GaussNewton::Largest(&self.largest),
                CurvatureVersion::Layers => GaussNewton::Layers(&self.largest),
            };
            let part = gauss_newton.bound(self.samples, self.norm_squared, around);
            (version, self.smoothness_with(part, around, loss))
        })
    }

    /// Returns `β` of P7 on a ball around the reference where `L ≤ loss`, with this bound of its Gauss–Newton part.
    #[must_use]
    pub fn smoothness_with(&self, gauss_newton: Ball, around: &Neighbourhood, loss: Ball) -> Ball {
        let coupling = self.curvature.coupling;
        smoothness(gauss_newton, self.norm_squared, loss, coupling, around)
    }

    /// Returns the least `β` of all versions that may be used.
    ///
    /// # Panics
    /// If no version is allowed.
    pub fn smoothness(&self, around: &Neighbourhood, loss: Ball) -> Ball {
        let bounds = self.versions(around, loss).map(|(_, bound)| bound);
        bounds.reduce(Ball::min).expect("a version of the bound")
    }

    /// Returns the constants on the ball of a radius, below a loss, with the step for which `1 − βη/2 = c`; `None`
    /// where there is no PL constant.
    #[must_use]
    pub fn convergence(&self, radius: f64, loss: Ball, margin: f64) -> Option<Convergence> {
        let around = self.around(Ball::from(radius));
        let (m, beta) = (self.pl_constant(&around)?, self.smoothness(&around, loss));
        Some(Convergence::with_margin(margin, m, beta, radius))
    }

    /// Returns the constants from an iterate that an envelope knows, `‖v − v⁰‖ ≤ p_n` and `‖e‖ ≤ E_n`, on the ball
    /// of a radius around it: those of the ball of radius `p_n + radius` around the reference, which holds it, below
    /// the loss `E_n²/2N`. `None` where there is no PL constant.
    #[must_use]
    pub fn resumed(&self, from: &EnvelopePoint, radius: f64, step: f64) -> Option<Convergence> {
        let around = self.around(from.displacement + Ball::from(radius));
        Some(Convergence {
            pl_constant: self.pl_constant(&around)?,
            smoothness: self.smoothness(&around, from.loss(self.samples)),
            step,
            radius,
        })
    }

    /// Returns the constants at the smallest radius at which the condition holds, with `1 − βη/2 = c`.
    ///
    /// # Errors
    /// The first hypothesis that fails.
    pub fn admissible(&self, loss: Ball, margin: f64) -> Result<Convergence, super::NoConvergence> {
        self.admissible_with(loss, |radius| self.convergence(radius, loss, margin))
    }

    /// Returns the constants at the smallest radius at which the condition holds for a loss, of those that `at`
    /// gives at a radius.
    ///
    /// # Errors
    /// The first hypothesis that fails.
    pub fn admissible_with(
        &self,
        loss: Ball,
        at: impl Fn(f64) -> Option<Convergence>,
    ) -> Result<Convergence, super::NoConvergence> {
        let largest = self.largest_radius();
        let start = if largest > 0.0 { at(0.0) } else { None };
        super::admissible(largest, loss, start, at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::NoConvergence;
    use super::*;
    use crate::bounds::agreement::{around, balls};

    /// Two samples, nine layers, `κ1 = 4`, `κ2 = 16`, `‖v⁰‖ = 1/8`: `4·4²(1/8 + R)² ≤ 9`.
    fn local() -> LocalConstants {
        LocalConstants {
            samples: 2,
            sigma_squared: Ball::from(8.0),
            norm_squared: Ball::from(9.0),
            reference: around([1.0, 4.0, 16.0, 0.125, 0.0], 9),
            smallest: balls(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1]),
            largest: balls(&[1.9, 1.8, 1.7, 1.6, 1.5, 1.6, 1.7, 1.8, 1.9]),
            curvature: CurvatureBounds::default(),
            rounding: 1e-15,
        }
    }

    #[test]
    fn the_largest_radius_is_just_admissible() {
        let mut local = local();
        let radius = local.largest_radius();
        assert!((0.25 - 1e-14..=0.25).contains(&radius));
        let at = |radius: f64| local.convergence(radius, Ball::from(1.0), 0.5);
        assert!(at(radius).is_some() && at(radius + 2e-14).is_none());
        // A reference that leaves no room: 4·4²/64 layers would do for the first, 4·4²/4 for this one.
        assert!(local.needed_depth().contains(1.0));
        local.reference.centre_norm = Ball::from(0.5);
        assert!(local.needed_depth().contains(16.0));
        assert_eq!(local.largest_radius(), 0.0);
        let refused = local.admissible(Ball::from(0.0), 0.5);
        assert_eq!(refused, Err(NoConvergence::TooShallow));
    }

    /// The least of the versions allowed, whichever it is.
    #[test]
    fn the_smoothness_is_the_least_version() {
        let (mut local, loss) = (local(), Ball::from(0.3));
        for (radius, least) in [
            (0.0, CurvatureVersion::Layers),
            (0.5, CurvatureVersion::Global),
        ] {
            let around = local.around(Ball::from(radius));
            local.curvature.versions = CurvatureVersion::ALL;
            let all = local.smoothness(&around, loss);
            for (version, bound) in local.versions(&around, loss) {
                assert_eq!(bound.mid() == all.mid(), version == least, "{version:?}");
                assert!(bound.mid() >= all.mid());
            }
            local.curvature.versions = &[CurvatureVersion::Largest];
            assert!(local.smoothness(&around, loss).lower() > all.upper());
        }
    }

    #[test]
    fn constants_are_those_of_the_ball() {
        let (local, loss) = (local(), Ball::from(0.3));
        let around = local.around(Ball::from(0.01));
        assert_eq!(around.radius, Ball::from(0.01));
        assert_eq!(around.centre_norm, Ball::from(0.125));
        let found = local.convergence(0.01, loss, 0.6).unwrap();
        assert!((found.step_margin().mid() - 0.6).abs() < 1e-14);
        assert_eq!(found.radius, 0.01);
        assert_eq!(found.smoothness, local.smoothness(&around, loss));
        let m = local_pl(2, Ball::from(8.0), &local.smallest, &around);
        assert_eq!(Some(found.pl_constant), m);
        assert!(found.pl_constant.lower() > 0.0);
    }

    /// From an iterate at 0.004 on, a ball of 0.006 lies in that of 0.01 around the reference: `E²/2N = 0.3`.
    #[test]
    fn constants_from_an_iterate_are_those_of_a_ball_that_holds_its_own() {
        let local = local();
        let from = EnvelopePoint {
            displacement: Ball::from(0.004),
            error: Ball::from(1.2_f64.sqrt()),
            displacement_gap: Ball::from(0.0),
            error_gap: Ball::from(0.0),
            pull: Ball::from(0.0),
        };
        let found = local.resumed(&from, 0.006, 1e-3).unwrap();
        let whole = local.convergence(0.01, Ball::from(0.3), 0.6).unwrap();
        let close = |x: Ball, y: Ball| assert!((x.mid() / y.mid() - 1.0).abs() < 1e-13);
        close(found.pl_constant, whole.pl_constant);
        close(found.smoothness, whole.smoothness);
        assert_eq!((found.step, found.radius), (1e-3, 0.006));
        assert_eq!(local.resumed(&from, 0.25, 1e-3), None);
    }
}
