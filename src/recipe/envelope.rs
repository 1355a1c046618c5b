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
    /// The rounding so far is no longer small against the loss that is left: nothing is promised of
    /// computed iterates from here on.
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

/// The promise, carried along computed iterates: "inexact steps" of `proofs/p8-convergence.md`.
///
/// The computed path is one of exact steps, each followed by a small perturbation of known size; what it
/// does to the loss is carried along, `E_{n+1} = ϱE_n + ε_{n+1}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub(super) convergence: Convergence,
    pub(super) norm_squared: Ball,
    pub(super) kappa1: Ball,
    pub(super) state: EnvelopeState,
}

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EnvelopeState {
    /// `n`.
    pub iteration: u64,
    /// `L(vⁿ)`.
    pub loss: Ball,
    /// `ϱⁿL(v⁰)`.
    pub promised: Ball,
    /// `E_n`.
    pub excess: Ball,
    /// Sum of the perturbations.
    pub perturbations: f64,
}

impl Envelope {
    /// Starts at a loss, which P8's condition allows.
    ///
    /// # Arguments
    /// * `norm_squared`: `‖B‖²`; `kappa1`: `κ̂1`.
    pub fn new(convergence: Convergence, norm_squared: Ball, kappa1: Ball, loss: Ball) -> Self {
        Self {
            convergence,
            norm_squared,
            kappa1,
            state: EnvelopeState {
                iteration: 0,
                loss,
                promised: loss,
                excess: Ball::from(0.0),
                perturbations: 0.0,
            },
        }
    }

    /// Returns `ϱⁿL(v⁰)` and what rounding may add: the loss is at most this.
    pub fn bound(&self) -> f64 {
        (self.state.promised + self.state.excess).upper()
    }

    /// Takes the next iterate and says whether the promise is kept.
    ///
    /// # Arguments
    /// * `loss`: `L(vⁿ⁺¹)`; `norm`: `‖vⁿ⁺¹‖`; `path`: the length of the computed path up to it.
    /// * `step_rounding`: a bound of its distance from the exact step.
    pub fn next(&mut self, loss: Ball, norm: Ball, path: Ball, step_rounding: f64) -> Standing {
        let factor = self.convergence.factor();
        let before = self.state;
        let perturbations = before.perturbations + step_rounding;
        let radius = Ball::from(self.convergence.radius);
        let slope = root_slope(self.norm_squared, self.kappa1, radius);
        let margin = self.convergence.step_margin();
        let sensitivity = slope + margin * self.convergence.pl_constant.sqrt();
        let room = (Ball::from(1.0) - factor.sqrt()) * before.loss.sqrt();
        let small = (sensitivity * Ball::from(perturbations)).upper() <= room.lower();

        let near = norm + Ball::from(step_rounding);
        let slope = root_slope(self.norm_squared, self.kappa1, near);
        let carried = carried_error(slope, loss, step_rounding);
        self.state = EnvelopeState {
            iteration: before.iteration + 1,
            loss,
            promised: factor * before.promised,
            excess: factor * before.excess + Ball::from(carried),
            perturbations,
        };
        if !small {
            return Standing::Unknown;
        }
        let one_step = (factor * before.loss).widened(carried);
        let whole = self.state.promised.widened(self.state.excess.upper());
        let radius = radius.widened(perturbations);
        for (what, found, allowed) in [
            ("L(vⁿ⁺¹) ≤ ϱL(vⁿ)", loss, one_step),
            ("L(vⁿ) ≤ ϱⁿL(v⁰)", loss, whole),
            ("path ≤ R", path, radius),
        ] {
            // Written so that a NaN breaks the promise.
            if !((found - allowed).lower() <= 0.0) {
                return Standing::Broken {
                    what,
                    found: found.lower(),
                    allowed: allowed.upper(),
                };
            }
        }
        Standing::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ϱ = 1 − ¼·1·½ = 7/8, ‖B‖² = 4, κ1 = 0: √M̄ = √8.
    fn envelope() -> Envelope {
        let convergence = Convergence {
            pl_constant: Ball::from(1.0),
            smoothness: Ball::from(4.0),
            step: 0.25,
            radius: 3.0,
        };
        Envelope::new(
            convergence,
            Ball::from(4.0),
            Ball::from(0.0),
            Ball::from(0.5),
        )
    }

    fn zero() -> Ball {
        Ball::from(0.0)
    }

    #[test]
    fn losses_below_the_envelope_are_held() {
        let mut envelope = envelope();
        let mut loss = 0.5;
        for n in 1..=20 {
            loss *= 0.87;
            let standing = envelope.next(Ball::from(loss), zero(), Ball::from(2.9), 0.0);
            assert_eq!(standing, Standing::Held, "{n}");
            assert_eq!(envelope.state.iteration, n);
            let expected = 0.5 * 0.875_f64.powi(n as i32);
            assert!((envelope.bound() / expected - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn each_conclusion_can_be_broken() {
        let broken = |standing: Standing, wanted: &str| {
            assert!(
                matches!(standing, Standing::Broken { what, .. } if what == wanted),
                "{standing:?}"
            );
        };
        let one = "L(vⁿ⁺¹) ≤ ϱL(vⁿ)";
        broken(
            envelope().next(Ball::from(0.4376), zero(), zero(), 0.0),
            one,
        );
        assert_eq!(
            envelope().next(Ball::from(0.4374), zero(), zero(), 0.0),
            Standing::Held
        );
        // Each ball may hold the truth on its other side.
        assert_eq!(
            envelope().next(Ball::new(0.4376, 2e-4), zero(), zero(), 0.0),
            Standing::Held
        );
        broken(
            envelope().next(Ball::from(0.1), zero(), Ball::from(3.001), 0.0),
            "path ≤ R",
        );
        broken(
            envelope().next(
                Ball::from(0.1),
                zero(),
                Ball::from(-4.0) * Ball::from(-1.0),
                0.0,
            ),
            "path ≤ R",
        );
        // A loss that rises within a step is caught even far below the envelope.
        let mut later = envelope();
        later.next(Ball::from(0.01), zero(), zero(), 0.0);
        broken(later.next(Ball::from(0.0089), zero(), zero(), 0.0), one);
        // And one that creeps above it in steps known too badly to tell: the first statement is blind here.
        let mut blind = envelope();
        blind.state.loss = Ball::new(0.5, 0.4);
        broken(
            blind.next(Ball::from(0.45), zero(), zero(), 0.0),
            "L(vⁿ) ≤ ϱⁿL(v⁰)",
        );
    }

    #[test]
    fn perturbations_widen_and_end_the_promise() {
        // √M̄δ√L + M̄δ²/4 at δ = 1e-3, L = 0.438: 8^½·1e-3·0.6618 + 2e-6 = 1.874e-3.
        let expected = 8.0_f64.sqrt() * 1e-3 * 0.438_f64.sqrt() + 8.0 * 1e-6 / 4.0;
        let mut shaken = envelope();
        assert_eq!(
            shaken.next(Ball::from(0.438), zero(), zero(), 1e-3),
            Standing::Held
        );
        assert!((shaken.state.excess.mid() / expected - 1.0).abs() < 1e-9);
        assert_eq!(shaken.state.perturbations, 1e-3);
        assert!((shaken.bound() - 0.4375 - expected).abs() < 1e-12);
        // (√8 + ½·1)Δ ≤ (1 − √⅞)√½ = 0.04567 ends at Δ = 0.01372.
        let end = (1.0 - 0.875_f64.sqrt()) * 0.5_f64.sqrt() / (8.0_f64.sqrt() + 0.5);
        let at = |delta: f64| envelope().next(Ball::from(0.4), zero(), zero(), delta);
        assert_eq!(at(end * 0.999), Standing::Held);
        assert_eq!(at(end * 1.001), Standing::Unknown);
        // They add up.
        let mut twice = envelope();
        twice.next(Ball::from(0.4375), zero(), zero(), end * 0.6);
        assert_eq!(
            twice.next(Ball::from(0.38), zero(), zero(), end * 0.6),
            Standing::Unknown
        );
        // A path may be longer by them.
        let mut path = envelope();
        assert_eq!(
            path.next(Ball::from(0.4), zero(), Ball::from(3.009), 0.01),
            Standing::Held
        );
    }

    #[test]
    fn what_is_not_a_number_is_unknown() {
        let nan = Ball::from(f64::NAN);
        let mut lost = envelope();
        lost.next(nan, zero(), zero(), 0.0);
        assert_eq!(lost.next(nan, zero(), zero(), 0.0), Standing::Unknown);
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
