//! What P8 promises of every computed iterate.

use crate::arithmetic::Ball;
use crate::bounds::{Convergence, upper_pl_cap};

/// Where a training stands with its promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Every conclusion of P8 holds at this iterate.
    Held,
    /// One does not, by more than its tolerance.
    Broken {
        /// Which.
        what: &'static str,
        /// The number found.
        found: f64,
        /// The largest number allowed.
        allowed: f64,
    },
    /// An iterate is not certainly in the ball where the bounds hold, or its loss is not known: nothing is
    /// promised from here on.
    Unknown,
}

/// `√M̄`, twice the Lipschitz constant of `√L` where `‖v‖ ≤ R` (P4).
pub(crate) fn root_slope(norm_squared: Ball, kappa1: Ball, radius: Ball) -> Ball {
    upper_pl_cap(norm_squared, kappa1, radius).sqrt()
}

/// The error of a loss as that of a point at a distance: `√(M̄L)·δ + M̄δ²/4`, `slope = √M̄`.
pub(crate) fn carried_error(slope: Ball, loss: Ball, distance: f64) -> f64 {
    let distance = Ball::from(distance);
    (slope * loss.sqrt() * distance + (slope * distance).square() / Ball::from(4.0)).upper()
}

/// The promise, carried along computed iterates: "held to the promise" of `proofs/p10-recipe.md`.
///
/// A computed step is an exact one and a perturbation of known size. If start and end of the exact step lie in
/// the ball, and the loss at its start is at most `ℓ`, the loss falls by `ϱ`; what the perturbation does to it
/// is carried along, `E_{n+1} = ϱE_n + ε_{n+1}`. That the iterates lie in the ball is seen, not inferred.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub(super) convergence: Convergence,
    pub(super) norm_squared: Ball,
    pub(super) kappa1: Ball,
    pub(super) level: f64,
    pub(super) state: EnvelopeState,
}

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EnvelopeState {
    /// `n`.
    pub iteration: u64,
    /// `L(vⁿ)`.
    pub loss: Ball,
    /// `‖vⁿ‖`.
    pub norm: Ball,
    /// Length of the path.
    pub path: Ball,
    /// `ϱⁿL(v⁰)`.
    pub promised: Ball,
    /// `E_n`.
    pub excess: Ball,
    /// Sum of the perturbations.
    pub perturbations: f64,
}

/// A computed step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// `L(vⁿ⁺¹)`.
    pub loss: Ball,
    /// `‖vⁿ⁺¹‖`.
    pub norm: Ball,
    /// `‖vⁿ⁺¹ − vⁿ‖`.
    pub length: Ball,
    /// A bound of the distance between `vⁿ⁺¹` and the exact step from `vⁿ`.
    pub rounding: f64,
}

impl Envelope {
    /// Starts at zero weights, at a loss that P8's condition allows.
    ///
    /// # Arguments
    /// * `norm_squared`: `‖B‖²`; `kappa1`: `κ̂1`.
    /// * `level`: the `ℓ` of `β`, at least the initial loss.
    pub fn new(
        convergence: Convergence,
        [norm_squared, kappa1]: [Ball; 2],
        loss: Ball,
        level: f64,
    ) -> Self {
        let zero = Ball::from(0.0);
        Self {
            convergence,
            norm_squared,
            kappa1,
            level,
            state: EnvelopeState {
                iteration: 0,
                loss,
                norm: zero,
                path: zero,
                promised: loss,
                excess: zero,
                perturbations: 0.0,
            },
        }
    }

    /// Returns `ϱⁿL(v⁰)` and what rounding may add: the loss is at most this.
    pub fn bound(&self) -> f64 {
        (self.state.promised + self.state.excess).upper()
    }

    /// Takes the next iterate and says whether the promise is kept.
    pub fn next(&mut self, step: Step) -> Standing {
        let factor = self.convergence.factor();
        let before = self.state;
        let rounding = Ball::from(step.rounding);
        let slope = root_slope(self.norm_squared, self.kappa1, step.norm + rounding);
        let carried = carried_error(slope, step.loss, step.rounding);
        self.state = EnvelopeState {
            iteration: before.iteration + 1,
            loss: step.loss,
            norm: step.norm,
            path: before.path + step.length,
            promised: factor * before.promised,
            excess: factor * before.excess + Ball::from(carried),
            perturbations: before.perturbations + step.rounding,
        };
        // The exact step ends no farther from vⁿ than the computed one, and what was rounded.
        let farthest = before.norm + step.length + rounding;
        let radius = Ball::from(self.convergence.radius);
        let inside = farthest.upper() <= radius.mid() && step.norm.upper() <= radius.mid();
        let low = before.loss.upper() <= self.level;
        let one_step = (factor * before.loss).widened(carried);
        let whole = self.state.promised.widened(self.state.excess.upper());
        let slope = root_slope(self.norm_squared, self.kappa1, radius);
        // ½w√M̄ + 1, w = 2/(c√m).
        let margin = self.convergence.step_margin();
        let lengthened = slope / (margin * self.convergence.pl_constant.sqrt()) + Ball::from(1.0);
        let longest = radius + lengthened * Ball::from(self.state.perturbations);
        for (what, found, allowed) in [
            ("L(vⁿ⁺¹) ≤ ϱL(vⁿ)", step.loss, one_step),
            ("L(vⁿ) ≤ ϱⁿL(v⁰)", step.loss, whole),
            ("path ≤ R", self.state.path, longest),
        ] {
            if (found - allowed).lower() > 0.0 {
                return Standing::Broken {
                    what,
                    found: found.lower(),
                    allowed: allowed.upper(),
                };
            }
        }
        // A loss that is not known at all breaks nothing, and proves nothing.
        if inside && low && step.loss.is_bounded() {
            Standing::Held
        } else {
            Standing::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ϱ = 1 − ¼·1·½ = 7/8, R = 3, ‖B‖² = 4, κ1 = 0: √M̄ = √8.
    fn envelope() -> Envelope {
        let convergence = Convergence {
            pl_constant: Ball::from(1.0),
            smoothness: Ball::from(4.0),
            step: 0.25,
            radius: 3.0,
        };
        Envelope::new(
            convergence,
            [4.0, 0.0].map(Ball::from),
            Ball::from(0.5),
            0.5,
        )
    }

    fn step(loss: f64, length: f64, rounding: f64) -> Step {
        Step {
            loss: Ball::from(loss),
            norm: Ball::from(length),
            length: Ball::from(length),
            rounding,
        }
    }

    fn broken(standing: Standing, wanted: &str) {
        let found = matches!(standing, Standing::Broken { what, .. } if what == wanted);
        assert!(found, "{standing:?}");
    }

    #[test]
    fn losses_below_the_envelope_are_held() {
        let mut envelope = envelope();
        let mut loss = 0.5;
        for n in 1..=20 {
            loss *= 0.87;
            assert_eq!(envelope.next(step(loss, 0.1, 0.0)), Standing::Held, "{n}");
            assert_eq!(envelope.state.iteration, n);
            let expected = 0.5 * 0.875_f64.powi(n as i32);
            assert!((envelope.bound() / expected - 1.0).abs() < 1e-12);
            assert!((envelope.state.path.mid() - 0.1 * n as f64).abs() < 1e-14);
        }
    }

    #[test]
    fn each_conclusion_can_be_broken() {
        let one = "L(vⁿ⁺¹) ≤ ϱL(vⁿ)";
        broken(envelope().next(step(0.4376, 0.0, 0.0)), one);
        assert_eq!(envelope().next(step(0.4374, 0.0, 0.0)), Standing::Held);
        // The ball may hold the truth on its other side.
        let vague = Step {
            loss: Ball::new(0.4376, 2e-4),
            ..step(0.0, 0.0, 0.0)
        };
        assert_eq!(envelope().next(vague), Standing::Held);
        // A loss that rises within a step is caught even far below the envelope.
        let mut later = envelope();
        later.next(step(0.01, 0.0, 0.0));
        broken(later.next(step(0.0089, 0.0, 0.0)), one);
        // And one that creeps above it in steps known too badly to tell.
        let mut blind = envelope();
        blind.state.loss = Ball::new(0.5, 0.4);
        broken(blind.next(step(0.45, 0.0, 0.0)), "L(vⁿ) ≤ ϱⁿL(v⁰)");
        // A path of many steps may be too long inside the ball.
        let mut long = envelope();
        for n in 1..=4 {
            let standing = long.next(step(0.4 * 0.8_f64.powi(n), 0.9, 0.0));
            if n < 4 {
                assert_eq!(standing, Standing::Held);
            } else {
                broken(standing, "path ≤ R");
            }
        }
    }

    #[test]
    fn nothing_is_known_outside_the_ball_or_above_the_level() {
        let far = |norm: f64, length: f64| {
            let mut envelope = envelope();
            envelope.state.norm = Ball::from(norm);
            envelope.next(Step {
                norm: Ball::from(2.0),
                ..step(0.1, length, 0.0)
            })
        };
        assert_eq!(far(1.9, 1.0), Standing::Held);
        assert_eq!(far(2.1, 1.0), Standing::Unknown);
        let outside = Step {
            norm: Ball::from(3.1),
            ..step(0.1, 0.1, 0.0)
        };
        assert_eq!(envelope().next(outside), Standing::Unknown);
        assert_eq!(
            envelope().next(Step {
                norm: Ball::from(2.9),
                ..outside
            }),
            Standing::Held
        );
        // The exact step may end outside although the computed one does not.
        let shaken = Step {
            norm: Ball::from(2.0),
            ..step(0.1, 2.95, 0.1)
        };
        assert_eq!(envelope().next(shaken), Standing::Unknown);
        assert_eq!(
            envelope().next(Step {
                rounding: 0.01,
                ..shaken
            }),
            Standing::Held
        );
        let mut high = envelope();
        high.state.loss = Ball::from(0.6);
        assert_eq!(high.next(step(0.1, 0.1, 0.0)), Standing::Unknown);
        for lost in [f64::NAN, f64::INFINITY] {
            assert_eq!(envelope().next(step(lost, 0.1, 0.0)), Standing::Unknown);
        }
    }

    #[test]
    fn perturbations_are_carried() {
        // √M̄δ√L + M̄δ²/4 at δ = 1e-3, L = 0.438.
        let carried = 8.0_f64.sqrt() * 1e-3 * 0.438_f64.sqrt() + 8.0 * 1e-6 / 4.0;
        let mut shaken = envelope();
        assert_eq!(shaken.next(step(0.438, 0.1, 1e-3)), Standing::Held);
        assert!((shaken.state.excess.mid() / carried - 1.0).abs() < 1e-9);
        assert!((shaken.bound() - 0.4375 - carried).abs() < 1e-12);
        let mut twice = shaken.clone();
        twice.next(step(0.3, 0.1, 1e-3));
        let more = 8.0_f64.sqrt() * 1e-3 * 0.3_f64.sqrt() + 8.0 * 1e-6 / 4.0;
        assert!((twice.state.excess.mid() / (0.875 * carried + more) - 1.0).abs() < 1e-9);
        assert_eq!(twice.state.perturbations, 2e-3);
        broken(
            envelope().next(step(0.4375 + 1.01 * carried, 0.1, 1e-3)),
            "L(vⁿ⁺¹) ≤ ϱL(vⁿ)",
        );
        // The path may be longer by (√8/(½·1) + 1)Δ = 6.657Δ.
        let longest = 3.0 + (8.0_f64.sqrt() / 0.5 + 1.0) * 1e-3;
        let path = |length: f64| {
            let mut envelope = envelope();
            envelope.state.path = Ball::from(length - 0.1);
            envelope.next(step(0.1, 0.1, 1e-3))
        };
        assert_eq!(path(longest - 1e-9), Standing::Held);
        broken(path(longest + 1e-9), "path ≤ R");
    }

    #[test]
    fn slopes_and_carried_errors_are_their_formulas() {
        let [norm, kappa1, radius] = [9.0, 0.5, 1.4].map(Ball::from);
        let slope = root_slope(norm, kappa1, radius);
        let expected = (2.0 * 9.0 * (2.0 * 0.5 * 1.4_f64).exp()).sqrt();
        assert!((slope.mid() / expected - 1.0).abs() < 1e-14);
        let carried = carried_error(Ball::from(3.0), Ball::from(4.0), 0.1);
        assert!((carried - (3.0 * 2.0 * 0.1 + 0.09 / 4.0)).abs() < 1e-14);
    }
}
