//! Upper bounds of the integral of a log-concave function.

use crate::arithmetic::Ball;

/// Bounds the integral of `g` from `a` to `b` from above, for `g = e^L` with `L` concave.
///
/// ```text
/// L(t) ≤ L(c) + L'(c)(t−c),   so   ∫g from c−w to c+w ≤ 2w·g(c)·sinh(κw)/(κw) ≤ 2w·g(c)·e^((κw)²/6)
/// ```
/// with `κ = L'(c)`, on cells whose width `step` chooses; the integral beyond `a`, once `L'(a) < 0`, is
/// at most `g(a)/|L'(a)|`, and ends the sum when it is below `2⁻⁵⁵`. The rule exceeds the integral by a
/// share of about `|L''|w²/6`.
///
/// # Returns
/// The upper bound; infinity as soon as `limit` is reached.
pub fn integral_of_log_concave(
    (from, to): (f64, f64),
    log: impl Fn(f64) -> Ball,
    slope: impl Fn(f64) -> Ball,
    step: impl Fn(f64) -> f64,
    limit: f64,
) -> f64 {
    let (mut sum, mut a) = (Ball::from(0.0), from);
    while a < to && sum.upper() < limit {
        let decay = -slope(a);
        if decay.lower() > 0.0 {
            let tail = (log(a).exp() / decay).upper();
            if tail <= f64::EPSILON / 8.0 {
                return (sum + Ball::from(tail)).upper();
            }
        }
        let b = (a + step(a)).min(to);
        let centre = a + 0.5 * (b - a);
        let half = (b - centre).max(centre - a).next_up();
        let width = Ball::from(half);
        let bulge = (slope(centre) * width).square() / Ball::from(6.0);
        sum = sum + Ball::from(2.0) * width * (log(centre) + bulge).exp();
        a = b;
    }
    // Written so that a NaN is not a bound.
    if sum.upper() < limit {
        sum.upper()
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `∫_a^b e^{−t²/2}` by the tangent rule.
    fn gaussian(a: f64, b: f64, step: f64) -> f64 {
        let log = |t: f64| -Ball::from(t).square() / Ball::from(2.0);
        integral_of_log_concave((a, b), log, |t| -Ball::from(t), |_| step, 10.0)
    }

    #[test]
    fn bounds_a_gaussian_integral_from_above() {
        let exact = |a: f64, b: f64| {
            let phi = |x: f64| statrs::function::erf::erf(x / 2.0_f64.sqrt());
            (std::f64::consts::PI / 2.0).sqrt() * (phi(b) - phi(a))
        };
        for (a, b) in [(0.0, 1.0), (-2.0, 2.0), (1.0, 40.0), (0.3, 0.31)] {
            for step in [0.1, 0.01] {
                let (bound, exact) = (gaussian(a, b, step), exact(a, b));
                // erf of the library: 1e-15 or so; the rule: |L''|w²/6 = step²/24.
                assert!(bound >= exact - 1e-14, "{a} {b} {step}");
                let share = step * step / 24.0 * 1.1;
                assert!(bound <= exact * (1.0 + share) + 1e-14, "{a} {b} {step}");
            }
        }
    }

    #[test]
    fn an_exponential_is_its_own_tangent() {
        let line = |t: f64| Ball::from(-3.0 * t);
        let integral = |to: f64, step: f64| {
            integral_of_log_concave((1.0, to), line, |_| Ball::from(-3.0), |_| step, 1.0)
        };
        let exact = |to: f64| ((-3.0_f64).exp() - (-3.0 * to).exp()) / 3.0;
        // sinh z ≤ z e^{z²/6} loses z⁴/180.
        let loss = 0.15_f64.powi(4) / 180.0;
        assert!((integral(1.7, 0.1) / exact(1.7) - 1.0).abs() <= 1.1 * loss);
        // An endless range ends with the tail.
        assert!((integral(1e300, 0.1) / exact(1e300) - 1.0).abs() <= 1.1 * loss);
        // A tail that is below the threshold at once is returned at once.
        let quick = integral_of_log_concave(
            (20.0, 1e300),
            line,
            |_| Ball::from(-3.0),
            |_| unreachable!("no cell is needed"),
            1.0,
        );
        assert!((quick / exact(1e300) / (-57.0_f64).exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn limits_and_empty_ranges() {
        assert_eq!(gaussian(1.0, 1.0, 0.1), 0.0);
        assert_eq!(gaussian(2.0, 1.0, 0.1), 0.0);
        let one = |_: f64| Ball::from(0.0);
        let steady = |to: f64| integral_of_log_concave((0.0, to), one, one, |_| 0.25, 10.0);
        assert!((steady(9.0) - 9.0).abs() < 1e-12);
        assert_eq!(steady(11.0), f64::INFINITY);
        // The limit itself is reached: at the end of the range, and within it, where no cell follows.
        let cells = std::cell::Cell::new(0);
        let counted = |to: f64, limit: f64| {
            let step = |_: f64| {
                cells.set(cells.get() + 1);
                0.25
            };
            integral_of_log_concave((0.0, to), one, one, step, limit)
        };
        let quarter = counted(0.25, f64::INFINITY);
        assert!(quarter >= 0.25 && cells.replace(0) == 1);
        assert_eq!(counted(0.25, quarter.next_up()), quarter);
        assert_eq!(counted(0.25, quarter), f64::INFINITY);
        cells.set(0);
        assert_eq!(counted(1.0, quarter), f64::INFINITY);
        assert_eq!(cells.get(), 1);
        let unknown = |_: f64| Ball::EVERYTHING;
        let bound = integral_of_log_concave((0.0, 1.0), unknown, one, |_| 0.25, 10.0);
        assert_eq!(bound, f64::INFINITY);
    }
}
