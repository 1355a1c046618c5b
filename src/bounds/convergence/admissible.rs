//! The smallest ball on which the condition of P8 holds.

use super::Convergence;
use crate::arithmetic::Ball;

/// Why P8 promises nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoConvergence {
    /// There are too few layers for a PL constant on any ball.
    TooShallow,
    /// The PL constant is not certainly positive at the reference itself.
    NotExpressive,
    /// The initial loss exceeds the threshold `mR²c²/4` at every radius.
    LossTooLarge,
}

/// Returns the constants at the smallest admissible radius.
///
/// # Arguments
/// * `largest`: no radius is larger; `loss`: of which `loss ≤ mR²c²/4` is asked.
/// * `start`: the constants at the reference itself; `at`: those at a radius. `None` where there is no PL constant.
///
/// # Errors
/// The first hypothesis that fails.
pub fn admissible(
    largest: f64,
    loss: Ball,
    start: Option<Convergence>,
    at: impl Fn(f64) -> Option<Convergence>,
) -> Result<Convergence, NoConvergence> {
    let start = start.ok_or(NoConvergence::TooShallow)?;
    if !(start.pl_constant.lower() > 0.0) {
        return Err(NoConvergence::NotExpressive);
    }
    if !(largest > 0.0) {
        return Err(NoConvergence::LossTooLarge);
    }
    let threshold = |radius: f64| at(radius).map(|constants| constants.loss_threshold());
    let radius = smallest_admissible_radius(largest, loss, threshold);
    radius.and_then(at).ok_or(NoConvergence::LossTooLarge)
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
    use std::cell::RefCell;

    /// `m = 1 − R` and `β = 4` with the step `¼`: `c = ½`, and the threshold is `(1 − R)R²/16`.
    fn thinning(radius: f64) -> Option<Convergence> {
        let m = Ball::from(1.0 - radius);
        Some(Convergence::with_margin(0.5, m, Ball::from(4.0), radius))
    }

    #[test]
    fn constants_are_those_of_the_smallest_admissible_radius() {
        let at = |loss: f64| admissible(1.0, Ball::from(loss), thinning(0.0), thinning);
        let found = at(0.5 * 0.25 / 16.0).unwrap();
        assert!((0.5..=0.5 * (1.0 + 1e-4)).contains(&found.radius));
        assert_eq!(Some(found), thinning(found.radius));
        // Largest at R = 2/3: 4/27/16.
        assert!(at(0.148 / 16.0).is_ok());
        assert_eq!(at(0.149 / 16.0), Err(NoConvergence::LossTooLarge));
    }

    #[test]
    fn hypotheses_that_fail_are_told_apart() {
        let small = Ball::from(1e-9);
        let found = admissible(1.0, small, None, thinning);
        assert_eq!(found, Err(NoConvergence::TooShallow));
        let found = admissible(1.0, small, thinning(1.0), thinning);
        assert_eq!(found, Err(NoConvergence::NotExpressive));
        for nothing in [0.0, -1.0, f64::NAN] {
            let found = admissible(nothing, small, thinning(0.0), thinning);
            assert_eq!(found, Err(NoConvergence::LossTooLarge));
        }
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
