//! Linear convergence of gradient descent (P8): its constants, and what it promises of computed steps.
//!
//! * [`LocalConstants`]: what is known of a network around a reference, and `m`, `β`, `R`, `η` on a ball of it;
//! * [`Convergence`]: one choice of them, with the factor, the condition and the length of the path that follow;
//! * [`admissible`]: the choice at the smallest radius at which the condition holds;
//! * [`LossEnvelope`]: the conclusions of P8, carried along computed steps.

mod admissible;
mod envelope;
mod local;

pub use admissible::{NoConvergence, admissible, smallest_admissible_radius};
pub use envelope::{ComputedStep, Conclusion, Conclusions, EnvelopeState, LossEnvelope, Standing};
pub use local::{CurvatureBounds, CurvatureVersion, LocalConstants};

use crate::arithmetic::Ball;
use crate::factor::named;

/// The constants of one application of P8.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Convergence {
    /// PL constant `m` on the ball.
    pub pl_constant: Ball,
    /// Smoothness `β` on the ball, below the initial loss.
    pub smoothness: Ball,
    /// Step `η`.
    pub step: f64,
    /// Radius `R` of the ball.
    pub radius: f64,
}

impl Convergence {
    /// Returns the constants with the step for which `1 − βη/2 = c`.
    ///
    /// # Arguments
    /// * `margin`: `c`, in (0, 1).
    #[must_use]
    pub fn with_margin(margin: f64, pl_constant: Ball, smoothness: Ball, radius: f64) -> Self {
        Self {
            pl_constant,
            smoothness,
            step: step_with_margin(margin, smoothness),
            radius,
        }
    }

    /// Returns `c = 1 − βη/2`; the theorem needs it positive.
    #[must_use]
    pub fn step_margin(&self) -> Ball {
        Ball::from(1.0)
            - named(
                "step margin: βη/2",
                self.smoothness * Ball::from(0.5 * self.step),
            )
    }

    /// Returns the factor `ϱ = 1 − ηmc` by which the loss shrinks at every step.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::Convergence};
    /// let (m, beta) = (Ball::from(1.0), Ball::from(4.0));
    /// let run = Convergence { pl_constant: m, smoothness: beta, step: 0.25, radius: 2.0 };
    /// assert!(run.factor().contains(1.0 - 0.25 * 0.5));
    /// // At η = 1/β the condition reads L0 ≤ mR²/16.
    /// assert!(run.loss_threshold().contains(0.25));
    /// ```
    #[must_use]
    pub fn factor(&self) -> Ball {
        Ball::from(1.0) - self.decrease()
    }

    /// Returns `ηmc = 1 − ϱ`, the share of the loss that is lost at every step, with the digits that `1 − ϱ` loses
    /// where it is small.
    #[must_use]
    pub fn decrease(&self) -> Ball {
        named(
            "ϱ: ηmc",
            Ball::from(self.step) * self.pl_constant * self.step_margin(),
        )
    }

    /// Returns the rate at which the loss falls: [`decrease`](Self::decrease) a step, or `m` a unit of time of the gradient
    /// flow, which takes no steps (`η = 0`).
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::Convergence};
    /// let (m, beta) = (Ball::from(1e-20), Ball::from(4.0));
    /// let run = Convergence { pl_constant: m, smoothness: beta, step: 0.25, radius: 2.0 };
    /// assert!(run.rate().contains(0.125e-20) && run.rate().lower() > 0.0);
    /// assert!(Convergence { step: 0.0, ..run }.rate().contains(1e-20));
    /// ```
    #[must_use]
    pub fn rate(&self) -> Ball {
        if self.step > 0.0 {
            self.decrease()
        } else {
            self.pl_constant
        }
    }

    /// Returns the largest initial loss that the theorem allows, `mR²c²/4`.
    #[must_use]
    pub fn loss_threshold(&self) -> Ball {
        let radius = Ball::from(self.radius);
        let margin = self.step_margin().positive_part();
        self.pl_constant * (radius * margin).square() / named("loss threshold: 4", Ball::from(4.0))
    }

    /// Returns the bound `2√L0/(√m·c)` of the length of the path; everything
    /// unless `m` and `c` are certainly positive.
    #[must_use]
    pub fn path_length(&self, initial_loss: Ball) -> Ball {
        let margin = self.step_margin().positive_part();
        named("path length: 2", Ball::from(2.0)) * initial_loss.sqrt()
            / (self.pl_constant.sqrt() * margin)
    }
}

/// Returns the step `η = 2(1 − c)/β`, for which `1 − βη/2 = c`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::step_with_margin};
/// assert_eq!(step_with_margin(0.5, Ball::from(4.0)), 0.25);
/// ```
#[must_use]
pub fn step_with_margin(margin: f64, smoothness: Ball) -> f64 {
    named("step: 2(1 − c)/β", 2.0 * (1.0 - margin)) / smoothness.upper()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;

    fn run(pl_constant: f64, smoothness: f64, step: f64, radius: f64) -> Convergence {
        Convergence {
            pl_constant: Ball::from(pl_constant),
            smoothness: Ball::from(smoothness),
            step,
            radius,
        }
    }

    // c = 1 − 3/8, ϱ = 1 − ¼·½·⅝, threshold ½·16·(25/64)/4, path 2·(3/2)/(√½·⅝).
    #[test]
    fn constants_of_a_small_case() {
        let run = run(0.5, 3.0, 0.25, 4.0);
        assert_agrees(run.step_margin(), 0.625, 8);
        assert_agrees(run.factor(), 1.0 - 0.25 * 0.5 * 0.625, 8);
        assert_agrees(run.loss_threshold(), 0.78125, 12);
        assert_agrees(
            run.path_length(Ball::from(2.25)),
            3.0 / (0.5f64.sqrt() * 0.625),
            12,
        );
    }

    #[test]
    fn steps_leave_their_margin() {
        for (margin, smoothness) in [(0.5, 4.0), (0.25, 3.0), (0.99, 1e6)] {
            let step = step_with_margin(margin, Ball::from(smoothness));
            assert_agrees(run(0.5, smoothness, step, 1.0).step_margin(), margin, 8);
        }
        // Of an interval, the larger end: the step is allowed for both.
        let step = step_with_margin(0.5, Ball::new(3.0, 1.0));
        assert!(step <= 0.25 && step > 0.25 * (1.0 - 1e-15));
    }

    // At the threshold the bound of the path is the radius.
    #[test]
    fn path_from_the_threshold_is_the_radius() {
        for step in [0.01, 0.3, 0.6] {
            let run = run(0.7, 3.0, step, 1.7);
            assert_agrees(run.path_length(run.loss_threshold()), 1.7, 40);
        }
    }

    #[test]
    fn step_beyond_two_over_the_smoothness_allows_nothing() {
        let run = run(0.5, 3.0, 0.75, 4.0);
        assert!(run.step_margin().upper() < 0.0);
        let threshold = run.loss_threshold();
        assert!(threshold.contains(0.0) && threshold.upper() < 1e-28);
        assert!(run.factor().lower() > 1.0);
        assert_eq!(run.path_length(Ball::from(1.0)), Ball::EVERYTHING);
    }

    #[test]
    fn path_without_a_pl_constant_is_unbounded() {
        assert_eq!(
            run(0.0, 3.0, 0.25, 4.0).path_length(Ball::from(1.0)),
            Ball::EVERYTHING
        );
    }
}
