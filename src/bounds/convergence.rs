//! Linear convergence of gradient descent (P8).

use crate::arithmetic::Ball;

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
    /// Returns `c = 1 − βη/2`; the theorem needs it positive.
    pub fn step_margin(&self) -> Ball {
        Ball::from(1.0) - self.smoothness * Ball::from(0.5 * self.step)
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
    pub fn factor(&self) -> Ball {
        Ball::from(1.0) - Ball::from(self.step) * self.pl_constant * self.step_margin()
    }

    /// Returns the largest initial loss that the theorem allows, `mR²c²/4`.
    pub fn loss_threshold(&self) -> Ball {
        let radius = Ball::from(self.radius);
        let margin = self.step_margin().positive_part();
        self.pl_constant * (radius * margin).square() / Ball::from(4.0)
    }

    /// Returns the bound `2√L0/(√m·c)` of the length of the path; everything
    /// unless `m` and `c` are certainly positive.
    pub fn path_length(&self, initial_loss: Ball) -> Ball {
        let margin = self.step_margin().positive_part();
        Ball::from(2.0) * initial_loss.sqrt() / (self.pl_constant.sqrt() * margin)
    }
}

/// Returns the smallest radius of a grid at which `threshold(R)` is certainly at
/// least `loss`, refined to one part in 10⁴; `None` if no radius of the grid will do.
///
/// The grid has 200 radii, evenly spaced in the logarithm from `1e-6·largest` to
/// `largest`; the threshold need not be monotone. Any admissible radius makes the
/// theorem true: a search that misses a smaller one costs tightness, not truth.
///
/// # Arguments
/// * `threshold`: the largest initial loss allowed at a radius; `None` where the bound does not apply.
pub fn smallest_admissible_radius(
    largest: f64,
    loss: Ball,
    threshold: impl Fn(f64) -> Option<Ball>,
) -> Option<f64> {
    const STEPS: u32 = 200;
    // A cell of the grid is 7.2 % of its lower end: 2^{-10} of that is 7e-5.
    const HALVINGS: u32 = 10;
    let ratio = 1e-6_f64.powf(1.0 / f64::from(STEPS - 1));
    let admissible =
        |radius: f64| threshold(radius).is_some_and(|limit| limit.lower() >= loss.upper());
    let radii = (0..STEPS).rev().map(|i| largest * ratio.powi(i as i32));
    let found = radii.into_iter().find(|&radius| admissible(radius))?;
    let (mut below, mut above) = (found * ratio, found);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (below + above);
        if admissible(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    Some(above)
}
