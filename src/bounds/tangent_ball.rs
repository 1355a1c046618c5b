//! P8 on a ball by the tangent kernel at its centre: no depth is asked for, and no `σ_B`.

use super::{Convergence, JacobianChange, LocalConstants, NoConvergence, admissible, tangent_pl};
use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// Radii of a grid on which the largest loss allowed is looked for.
const RADII: u32 = 200;

/// The smallest radius of that grid, as a share of the largest.
const SMALLEST_SHARE: f64 = 1e-6;

/// A radius is looked for up to so many times the length of the path that the constants at the centre promise.
const FARTHEST: f64 = 1e3;

/// Returns `(2/N)(√λ_min(T_0) − ω)₊²`, a PL constant wherever the Jacobian of the predictions is within `ω` of that at
/// the reference.
///
/// `‖∇L(v)‖ = N⁻¹‖J(v)*e‖ ≥ N⁻¹(σ_min(J_0*) − ω)₊‖e‖` (K6 of singular values), and `‖e‖² = 2NL`.
///
/// # Arguments
/// * `samples`: `N`; `smallest`: `λ_min(T_0)` at the reference; `change`: `ω`.
///
/// # Source
/// `proofs/p8b-jacobian.md` bounds `ω`; version 0 of P3 (`proofs/p3-tangent.md`) is `ω = 0`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::shifted_tangent_pl};
/// let ball = Ball::from;
/// assert!(shifted_tangent_pl(8, ball(4.0), ball(0.5)).contains(0.5625));
/// assert!(shifted_tangent_pl(8, ball(4.0), ball(2.5)).contains(0.0));
/// ```
#[must_use]
pub fn shifted_tangent_pl(samples: usize, smallest: Ball, change: Ball) -> Ball {
    let root = smallest.positive_part().sqrt();
    let left = root - named("tangent ball: change of J", change);
    tangent_pl(samples, left.positive_part().square())
}

/// What P8 needs to know of a network around a reference, with the tangent kernel there.
#[derive(Clone, Debug, PartialEq)]
pub struct TangentBall {
    /// The constants of P7 around the reference.
    pub local: LocalConstants,
    /// `λ_min(T_0)`.
    pub smallest: Ball,
    /// `λ_max(T_0)`.
    pub largest: Ball,
    /// `ω`: `‖J(v) − J(v⁰)‖ ≤ ω(‖v − v⁰‖)`.
    pub change: JacobianChange,
}

impl TangentBall {
    /// Returns the PL constant up to a distance from the reference.
    #[must_use]
    pub fn pl_constant(&self, distance: Ball) -> Ball {
        let change = self.change.at(distance);
        shifted_tangent_pl(self.local.samples, self.smallest, change)
    }

    /// Returns `β` up to a distance where `L ≤ loss`: that of P7, with `(√λ_max(T_0) + ω)²/N` for its Gauss–Newton part
    /// where that is smaller.
    #[must_use]
    pub fn smoothness(&self, distance: Ball, loss: Ball) -> Ball {
        let around = self.local.around(distance);
        let slope = self.largest.sqrt() + self.change.at(distance);
        let part = named(
            "tangent ball: ‖J‖²/N",
            slope.square() / count(self.local.samples),
        );
        let curved = self.local.smoothness_with(part, &around, loss);
        curved.min(self.local.smoothness(&around, loss))
    }

    /// Returns the constants on the ball of a radius around a point that is this far from the reference.
    ///
    /// # Arguments
    /// * `away`: the distance; `loss`: at the point, or a bound of it; `margin`: `c`, 1 for the flow.
    #[must_use]
    pub fn convergence(&self, away: Ball, radius: f64, loss: Ball, margin: f64) -> Convergence {
        let distance = away + Ball::from(radius);
        let (m, beta) = (self.pl_constant(distance), self.smoothness(distance, loss));
        Convergence::with_margin(margin, m, beta, radius)
    }

    /// Returns a radius up to which the PL constant is certainly positive, close to the largest; 0 if there is none.
    #[must_use]
    pub fn largest_radius(&self) -> f64 {
        const DOUBLINGS: i32 = 64;
        const HALVINGS: u32 = 40;
        let positive = |radius: f64| self.pl_constant(Ball::from(radius)).lower() > 0.0;
        let powers = (-DOUBLINGS..=DOUBLINGS).rev().map(|k| 2f64.powi(k));
        let Some(mut below) = powers.into_iter().find(|&radius| positive(radius)) else {
            return 0.0;
        };
        let mut above = 2.0 * below;
        for _ in 0..HALVINGS {
            let middle = 0.5 * (below + above);
            if positive(middle) {
                below = middle;
            } else {
                above = middle;
            }
        }
        below
    }

    /// Returns the largest radius around a point that is worth a look: beyond it the ball only costs.
    ///
    /// # Arguments
    /// * `largest`: [`largest_radius`](Self::largest_radius); `away`, `loss`: as for [`convergence`](Self::convergence).
    #[must_use]
    pub fn search_radius(&self, largest: f64, away: Ball, loss: Ball) -> f64 {
        let shortest = self.convergence(away, 0.0, loss, 1.0).path_length(loss);
        (largest - away.upper()).min(FARTHEST * shortest.upper())
    }

    /// Returns the constants at the smallest radius at which the condition holds.
    ///
    /// # Arguments
    /// As [`convergence`](Self::convergence).
    ///
    /// # Errors
    /// The first hypothesis that fails.
    pub fn admissible(
        &self,
        away: Ball,
        loss: Ball,
        margin: f64,
    ) -> Result<Convergence, NoConvergence> {
        let at = |radius: f64| Some(self.convergence(away, radius, loss, margin));
        let largest = self.search_radius(self.largest_radius(), away, loss);
        admissible(largest, loss, at(0.0), at)
    }
}

/// Returns the largest loss that the condition of P8 allows at a radius of a grid, and that radius; none where no radius
/// allows any.
///
/// # Arguments
/// * `largest`: the largest radius of the grid; `at`: the constants at a radius.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::{Convergence, largest_allowed_loss}};
/// // m = 1 − R, c = 1: (1 − R)R²/4 is largest at 2/3.
/// let at = |radius: f64| {
///     let m = Ball::from(1.0 - radius);
///     Some(Convergence::with_margin(1.0, m, Ball::from(4.0), radius))
/// };
/// let (loss, radius) = largest_allowed_loss(1.0, at).unwrap();
/// assert!((loss * 27.0 - 1.0).abs() < 1e-3 && (radius - 2.0 / 3.0).abs() < 0.03);
/// ```
pub fn largest_allowed_loss(
    largest: f64,
    at: impl Fn(f64) -> Option<Convergence>,
) -> Option<(f64, f64)> {
    let ratio = SMALLEST_SHARE.powf(1.0 / f64::from(RADII - 1));
    let radii = (0..RADII).map(|i| largest * ratio.powi(i as i32));
    let allowed = radii.filter_map(|radius| {
        let loss = at(radius)?.loss_threshold().lower();
        (loss > 0.0).then_some((loss, radius))
    });
    allowed.max_by(|a, b| a.0.total_cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees, balls};
    use crate::bounds::{CurvatureBounds, layered_coupling};

    /// Two samples, nine layers, `κ1 = ½`, `κ2 = ¼`, `‖v⁰‖ = 1/8`, `λ(T_0)` from 1 to 4.
    fn tangent(depth: usize) -> TangentBall {
        let reference = around([1.0, 0.5, 0.25, 0.125, 0.0], depth);
        let local = LocalConstants {
            samples: 2,
            sigma_squared: Ball::from(8.0),
            norm_squared: Ball::from(9.0),
            reference,
            smallest: balls(&vec![0.1; depth]),
            largest: balls(&vec![1.9; depth]),
            curvature: CurvatureBounds::default(),
            rounding: 1e-15,
        };
        TangentBall {
            local,
            smallest: Ball::from(1.0),
            largest: Ball::from(4.0),
            change: JacobianChange::new(2, Ball::from(9.0), Ball::from(1.9), reference),
        }
    }

    #[test]
    fn constants_are_their_formulas() {
        let (tangent, radius) = (tangent(9), 0.01);
        let omega = tangent.change.at(Ball::from(radius)).mid();
        assert!(omega > 0.001 && omega < 0.9, "{omega}");
        let m = tangent.pl_constant(Ball::from(radius));
        assert_agrees(m, (1.0 - omega).powi(2), 1000);
        // G = (2 + ω)²/2, and √(2ℓ) of the second derivative.
        let (loss, outer) = (0.02f64, 0.135f64);
        let s2 = ((0..9).map(|k| (k as f64 / 9.0).powi(2)).sum::<f64>() / 9.0).sqrt();
        let e = (0.5 * outer).exp();
        let bent = s2 * 0.25 * outer * e * e + layered_coupling(9).mid() * 0.5 * e;
        let beta = (2.0 + omega).powi(2) / 2.0 + (2.0 * loss).sqrt() * 3.0 * bent;
        let found = tangent.smoothness(Ball::from(radius), Ball::from(loss));
        assert!((found.mid() / beta - 1.0).abs() < 1e-11, "{found:?} {beta}");
    }

    #[test]
    fn the_largest_radius_is_where_the_change_is_the_root() {
        let tangent = tangent(9);
        let largest = tangent.largest_radius();
        let at = |radius: f64| tangent.change.at(Ball::from(radius)).mid();
        assert!((at(largest) - 1.0).abs() < 1e-9);
        assert!(tangent.pl_constant(Ball::from(largest)).lower() > 0.0);
        let singular = TangentBall {
            smallest: Ball::new(0.0, 1e-12),
            ..tangent
        };
        assert_eq!(singular.largest_radius(), 0.0);
    }

    /// One layer is linear in its parameters: any loss is small enough, on a ball as large as the path.
    #[test]
    fn one_layer_converges_from_everywhere() {
        let tangent = tangent(1);
        for loss in [1e-6, 1e-3, 1.0] {
            let loss = Ball::from(loss);
            let found = tangent.admissible(Ball::from(0.0), loss, 1.0).unwrap();
            let path = found.path_length(loss).upper();
            assert!(path <= found.radius && found.radius <= 1.1 * path);
        }
    }

    #[test]
    fn what_is_allowed_is_admissible_and_no_more() {
        let tangent = tangent(9);
        let zero = Ball::from(0.0);
        let small = Ball::from(1e-4);
        let largest = tangent.search_radius(tangent.largest_radius(), zero, small);
        let at = |radius: f64| Some(tangent.convergence(zero, radius, small, 1.0));
        let (allowed, _) = largest_allowed_loss(largest, at).unwrap();
        let at = |share: f64| tangent.admissible(zero, Ball::from(share * allowed), 1.0);
        assert!(at(0.999).is_ok());
        assert_eq!(at(1.05), Err(NoConvergence::LossTooLarge));
        let singular = TangentBall {
            smallest: zero,
            ..tangent
        };
        let refused = singular.admissible(zero, small, 1.0);
        assert_eq!(refused, Err(NoConvergence::NotExpressive));
    }

    /// A start that is known up to a distance has the ball that is left.
    #[test]
    fn distances_from_the_reference_are_counted() {
        let tangent = tangent(9);
        let loss = Ball::from(1e-4);
        let here = tangent.convergence(Ball::from(0.0), 0.03, loss, 0.5);
        let away = tangent.convergence(Ball::from(0.01), 0.02, loss, 0.5);
        assert_eq!(away.radius, 0.02);
        assert!((away.pl_constant.mid() / here.pl_constant.mid() - 1.0).abs() < 1e-13);
    }
}
