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

/// Returns the step `η = 2(1 − c)/β`, for which `1 − βη/2 = c`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::step_with_margin};
/// assert_eq!(step_with_margin(0.5, Ball::from(4.0)), 0.25);
/// ```
pub fn step_with_margin(margin: f64, smoothness: Ball) -> f64 {
    2.0 * (1.0 - margin) / smoothness.upper()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::assert_agrees;
    use std::cell::RefCell;

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

    /// `m R²`-like threshold that reaches `loss` at `root·√loss`.
    fn quadratic(root: f64) -> impl Fn(f64) -> Option<Ball> {
        move |radius: f64| Some(Ball::from((radius / root).powi(2)))
    }

    #[test]
    fn grid_is_even_in_the_logarithm() {
        let asked = RefCell::new(Vec::new());
        let none = smallest_admissible_radius(3.0, Ball::from(1.0), |radius| {
            asked.borrow_mut().push(radius);
            None
        });
        assert_eq!(none, None);
        let asked = asked.into_inner();
        assert_eq!(asked.len(), 200);
        // A power of 1e-6^{1/199} up to the 199th: its roundings add up.
        let close = |x: f64, y: f64| (x / y - 1.0).abs() < crate::arithmetic::gamma(400);
        assert!(close(asked[0], 3e-6) && close(asked[199], 3.0));
        let ratio = 1e6f64.powf(1.0 / 199.0);
        assert!(asked.windows(2).all(|pair| close(pair[1] / pair[0], ratio)));
    }

    #[test]
    fn radius_is_admissible_and_almost_the_smallest() {
        for i in 0..40 {
            let smallest = 2.0 * 10f64.powf(-0.14 * f64::from(i));
            let found =
                smallest_admissible_radius(2.0, Ball::from(1.0), quadratic(smallest * 0.99));
            let found = found.expect("an admissible radius");
            let exact = 0.99 * smallest;
            assert!(
                found >= exact && found <= exact * (1.0 + 1e-4),
                "{exact}: {found}"
            );
        }
    }

    #[test]
    fn everything_admissible_gives_the_lowest_cell() {
        let found = smallest_admissible_radius(2.0, Ball::from(0.0), |_| Some(Ball::from(0.0)));
        let found = found.expect("an admissible radius");
        let cell = 1e6f64.powf(1.0 / 199.0);
        assert!(found <= 2e-6 && found >= 2e-6 / cell);
    }

    // Two windows: the lower one is found although the threshold falls again.
    #[test]
    fn threshold_need_not_be_monotone() {
        let windows = |radius: f64| {
            let inside = (0.1..0.2).contains(&radius) || radius > 0.7;
            inside.then(|| Ball::from(1.0))
        };
        let found = smallest_admissible_radius(1.0, Ball::from(1.0), windows);
        let found = found.expect("an admissible radius");
        assert!((0.1..=0.1 * (1.0 + 1e-4)).contains(&found), "{found}");
    }

    #[test]
    fn threshold_must_be_certain() {
        let at = |rad: f64, loss: Ball| {
            let threshold = move |_| Some(Ball::new(1.0, rad));
            smallest_admissible_radius(1.0, loss, threshold)
        };
        assert!(at(0.0, Ball::from(1.0)).is_some());
        assert_eq!(at(1e-9, Ball::from(1.0)), None);
        assert_eq!(at(0.0, Ball::new(1.0, 1e-9)), None);
        assert!(at(1e-9, Ball::new(0.999, 1e-9)).is_some());
        assert_eq!(at(f64::INFINITY, Ball::from(0.0)), None);
        assert_eq!(at(0.0, Ball::EVERYTHING), None);
    }
}
