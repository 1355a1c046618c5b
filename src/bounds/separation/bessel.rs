//! Bessel functions of the first kind, divided by their leading power.
//!
//! `Λ_ν(x) = Γ(ν+1)(2/x)^ν J_ν(x) = Σ_k (−x²/4)^k/(k!(ν+1)_k)` is entire, even, 1 at
//! 0, and has the zeros of `J_ν`. For `ν = q/2 − 1` it is the Fourier transform of the
//! uniform law on the unit sphere of `R^q`.
//!
//! The series cancels for large `ν`; so it is summed only at an order `κ` with
//! `x² ≤ 4(κ+1)`, where its terms decrease, and carried down by
//! `Λ_{κ−1} = Λ_κ − x²Λ_{κ+1}/(4κ(κ+1))`. Above the turning point, `κ > x`, where all values
//! are positive, the *ratio* `ϱ_κ = Λ_{κ+1}/Λ_κ = 1/(1 − c ϱ_{κ+1})` is carried:
//! it forgets its errors, which the three terms would multiply.

use crate::arithmetic::Ball;

/// `Λ_ν` and its neighbour at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bessel {
    /// `Λ_ν(x)`.
    pub value: Ball,
    /// `Λ_{ν+1}(x) = −(2(ν+1)/x)·Λ_ν'(x)`.
    pub next: Ball,
    /// Number of zeros of `Λ_ν` in `(0, x)`; `None`, if a sign is not certain.
    pub zeros_below: Option<usize>,
}

/// Evaluates `Λ_ν` at an exactly given `x ≥ 0`.
///
/// # Arguments
/// * `order`: `ν ≥ −1/2`, a multiple of one half.
///
/// # Guarantee
/// Certified. The number of zeros is that of the sign changes in
/// `Λ_ν(x), Λ_{ν+1}(x), …`: zeros of consecutive orders interlace, so that at most one
/// zero is lost from an order to the next, and the sign is that of `(−1)^{zeros below x}`.
///
/// # Source
/// Watson, *A Treatise on the Theory of Bessel Functions*, 15.22 (interlacing) and
/// 15.3 (`j_{κ,1} > κ`); `j_{κ,1}² > 4(κ+1)` is Rayleigh's `Σ j_{κ,n}^{−2} = 1/(4(κ+1))`.
///
/// # Panics
/// If `x` is negative or not finite.
///
/// # Cost
/// About `x²/4 + 20` steps.
///
/// # Example
/// ```
/// use polyak::bounds::separation::bessel;
/// let cosine = bessel(-0.5, 2.0);
/// assert!(cosine.value.contains(2.0_f64.cos()));
/// assert_eq!(cosine.zeros_below, Some(1));
/// ```
#[must_use]
pub fn bessel(order: f64, x: f64) -> Bessel {
    assert!(x >= 0.0 && x.is_finite(), "{x} is not a radius");
    let quarter = Ball::from(x).square() / Ball::from(4.0);
    let steps = (0.25 * x * x - order).max(0.0).ceil();
    let mut kappa = order + steps;
    let mut value = series(kappa, quarter);
    let mut ratio = series(kappa + 1.0, quarter) / value;
    let one = Ball::from(1.0);
    while kappa > order && kappa - 1.0 > x {
        let factor = one - step(quarter, kappa) * ratio;
        value = value * factor;
        ratio = one / factor;
        kappa -= 1.0;
    }
    let mut next = ratio * value;
    let mut zeros_below = Some(0);
    while kappa > order {
        let below = value - step(quarter, kappa) * next;
        (next, value) = (value, below);
        zeros_below = match (zeros_below, sign(next), sign(value)) {
            (Some(zeros), Some(a), Some(b)) => Some(zeros + usize::from(a != b)),
            _ => None,
        };
        kappa -= 1.0;
    }
    Bessel {
        value,
        next,
        zeros_below,
    }
}

/// `x²/(4κ(κ+1))`.
fn step(quarter: Ball, kappa: f64) -> Ball {
    quarter / (Ball::from(kappa) * Ball::from(kappa + 1.0))
}

/// Whether a number is positive, if that is certain.
fn sign(x: Ball) -> Option<bool> {
    match (x.lower() > 0.0, x.upper() < 0.0) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The power series, for `x²/4 ≤ κ + 1` (up to one per cent): its terms alternate and decrease.
fn series(kappa: f64, quarter: Ball) -> Ball {
    let (mut sum, mut term) = (Ball::from(1.0), Ball::from(1.0));
    let mut k = 1.0;
    while term.upper().abs().max(term.lower().abs()) > f64::EPSILON / 16.0 {
        term = -(term * quarter / (Ball::from(k) * Ball::from(kappa + k)));
        sum = sum + term;
        k += 1.0;
    }
    // What is left out is smaller than the last term.
    sum.widened(term.upper().abs().max(term.lower().abs()))
}

/// Encloses `j_{ν,n}`, the `n`-th positive zero of `J_ν`, between two f64 at which the number
/// of zeros below is certain; everything, if there are none: where `J_ν` oscillates, signs are certain for
/// about thirty orders from the turning point `x = ν`, enough for the second zero up to `ν` in the hundreds.
///
/// # Arguments
/// * `order`: `ν ≥ −1/2`, a multiple of one half; `n ≥ 1`.
///
/// # Cost
/// About 130 evaluations.
///
/// # Example
/// ```
/// use polyak::bounds::separation::bessel_zero;
/// let first = bessel_zero(-0.5, 1);
/// assert!(first.contains(std::f64::consts::FRAC_PI_2) && first.rad() < 1e-14);
/// ```
#[must_use]
pub fn bessel_zero(order: f64, n: usize) -> Ball {
    let at_least = |x: f64| bessel(order, x).zeros_below.map(|zeros| zeros >= n);
    let (mut below, mut above) = (0.0, order + 2.0);
    while at_least(above) != Some(true) {
        // j_{ν,n} is below this for n ≤ 2, and in the limit of large n.
        if above > 2.0 * order + 4.0 * n as f64 + 4.0 {
            return Ball::EVERYTHING;
        }
        if at_least(above) == Some(false) {
            below = above;
        }
        above += 2.0;
    }
    let above = last_where(above, below, |x| at_least(x) == Some(true));
    let below = last_where(below, above, |x| at_least(x) == Some(false));
    Ball::from_bounds(below, above)
}

/// Bisects towards `to`, keeping the best point seen where the condition holds, as it
/// does at `from`.
fn last_where(mut from: f64, mut to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..64 {
        let middle = 0.5 * (from + to);
        if holds(middle) {
            from = middle;
        } else {
            to = middle;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn signs_are_certain_or_none() {
        assert_eq!(sign(Ball::from(1e-300)), Some(true));
        assert_eq!(sign(Ball::from(-1e-300)), Some(false));
        for unknown in [Ball::from(0.0), Ball::new(1.0, 1.0), Ball::EVERYTHING] {
            assert_eq!(sign(unknown), None, "{unknown:?}");
        }
    }

    /// Poisson's integral: `Λ_ν` is the mean of `cos(x cos θ)` with weight `sin^{2ν} θ`,
    /// for integer `ν` a periodic analytic integrand, on which equally spaced points
    /// are exact to rounding.
    fn poisson(order: i32, x: f64) -> f64 {
        let points = 400;
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in 0..points {
            let theta = PI * (f64::from(i) + 0.5) / f64::from(points);
            let weight = theta.sin().powi(2 * order);
            sum += weight * (x * theta.cos()).cos();
            weights += weight;
        }
        sum / weights
    }

    #[test]
    fn integer_orders_agree_with_poissons_integral() {
        for order in [0, 1, 2, 7, 31] {
            for i in 0..60 {
                let x = f64::from(i) * 0.75;
                let ball = bessel(f64::from(order), x);
                // 800 positive weights, arguments below 45: 1000u and 45·4u at most.
                let slack = 2000.0 * f64::EPSILON / 2.0;
                let error = (ball.value.mid() - poisson(order, x)).abs();
                assert!(error <= ball.value.rad() + slack, "{order} {x}");
                let error = (ball.next.mid() - poisson(order + 1, x)).abs();
                assert!(error <= ball.next.rad() + slack, "{order} {x}");
            }
        }
    }

    #[test]
    fn half_integer_orders_are_elementary() {
        for i in 1..60 {
            let x = f64::from(i) * 0.2;
            let (s, c) = x.sin_cos();
            let slack = 20.0 * f64::EPSILON;
            let cosine = bessel(-0.5, x);
            assert!((cosine.value.mid() - c).abs() <= cosine.value.rad() + slack);
            assert!((cosine.next.mid() - s / x).abs() <= cosine.next.rad() + slack);
            assert_eq!(cosine.zeros_below, Some((x / PI + 0.5) as usize));
            let third = bessel(1.5, x).value;
            let exact = 3.0 * (s - x * c) / x.powi(3);
            // The closed form cancels: rounding of its terms over x³.
            let slack = slack * 3.0 * (1.0 + x) / x.powi(3);
            assert!((third.mid() - exact).abs() <= third.rad() + slack, "{x}");
        }
    }

    #[test]
    fn balls_stay_small_where_the_series_would_cancel() {
        for q in [2usize, 3, 10, 64, 74, 128, 300] {
            let order = 0.5 * q as f64 - 1.0;
            let first = bessel_zero(order, 1).mid();
            let at = bessel(order, 0.95 * first).value;
            assert!(at.rad() <= 1e-7 * at.mid(), "{q}: {at:?}");
            let next = bessel(order, first).next;
            assert!(next.rad() <= 1e-7 * next.mid(), "{q}: {next:?}");
        }
    }

    #[test]
    fn zeros_of_cosine_and_sine() {
        for n in 1..6usize {
            for (order, zero) in [(-0.5, (n as f64 - 0.5) * PI), (0.5, n as f64 * PI)] {
                let ball = bessel_zero(order, n);
                // fl(nπ) is off by one unit; the enclosure by a few.
                assert!((ball.mid() - zero).abs() <= ball.rad() + 2.0 * f64::EPSILON * zero);
                // Each unit of x beyond the turning point costs a factor of about 2.
                assert!(ball.rad() <= 1e-14 * 10.0_f64.powi(n as i32), "{ball:?}");
            }
        }
    }

    /// Rayleigh: `Σ_n j_n^{−2} = 1/(4(ν+1))`, `Σ_n j_n^{−4} = 1/(16(ν+1)²(ν+2))`. Zeros
    /// beyond the sixth are between 3.1 and 3.3 apart for these orders (`π` in the limit), which bounds what
    /// is left out: a zero missed or counted twice is seen.
    #[test]
    fn zeros_have_rayleighs_sums() {
        for order in [0.0, 1.0, 1.5, 4.0] {
            let zeros: Vec<f64> = (1..=6).map(|n| bessel_zero(order, n).mid()).collect();
            let sum = |power: i32| zeros.iter().map(|j| j.powi(-power)).sum::<f64>();
            let last = zeros[5];
            let second = 1.0 / (4.0 * (order + 1.0)) - sum(2);
            let fourth = 1.0 / (16.0 * (order + 1.0_f64).powi(2) * (order + 2.0)) - sum(4);
            assert!(second > 1.0 / (3.3 * (last + 3.3)) && second < 1.0 / (3.1 * last));
            assert!(fourth > 1.0 / (9.9 * (last + 3.3).powi(3)));
            assert!(fourth < 1.0 / (9.3 * last.powi(3)));
        }
    }

    #[test]
    fn what_cannot_be_enclosed_is_not_known() {
        assert_eq!(bessel_zero(0.0, 60), Ball::EVERYTHING);
    }

    #[test]
    #[should_panic(expected = "not a radius")]
    fn infinite_arguments_panic() {
        let _ = bessel(0.0, f64::INFINITY);
    }

    #[test]
    fn zeros_in_high_dimension() {
        // ν + 1.8557571 ν^{1/3} + 1.033150 ν^{−1/3} − 0.00397/ν − … (DLMF 10.21.40),
        // the next term −0.0908 ν^{−5/3}.
        for order in [31.0_f64, 36.0, 149.5] {
            let root = order.cbrt();
            let expected = order + 1.855_757_1 * root + 1.033_150 / root - 0.003_97 / order;
            let ball = bessel_zero(order, 1);
            assert!(
                (ball.mid() - expected).abs() <= 0.2 * order.powf(-5.0 / 3.0) + 1e-5,
                "{order}: {ball:?} {expected}"
            );
            assert!(ball.rad() < 1e-7);
            let second = bessel_zero(order, 2);
            assert!(second.lower() > ball.upper() + root);
        }
    }

    #[test]
    fn value_at_zero_is_one() {
        let at = bessel(3.0, 0.0);
        assert!(at.value.contains(1.0) && at.value.rad() < 1e-15);
        assert!(at.next.contains(1.0));
        assert_eq!(at.zeros_below, Some(0));
    }
}
