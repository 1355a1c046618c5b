//! How nearly the error of a scheme is proportional to a power of the step (D2).

use crate::arithmetic::{Ball, count};
use crate::factor::named;
use crate::resnet::depth::Scheme;

/// Coefficients of the majorants that are computed; what is beyond is summed by a geometric series.
const TERMS: usize = 16;

/// `μ_n = 1/n + β_n`: the `n`-th coefficient in `s = hΩ‖v‖` of the error of one step is at most
/// `μ_nsⁿ/Ω`, for `n > p`.
///
/// `1/n` is the coefficient of the exact flow of the majorant field `e^y`, `β_n` that of the scheme
/// applied to it: series with non-negative coefficients. What is left of `Σβ_n`, the scheme with the step 1, is the sum
/// of those beyond.
pub(crate) struct Majorant {
    order: usize,
    /// `β_n`.
    scheme: Vec<Ball>,
    /// `Σ_{n>T}β_n`.
    rest: Ball,
}

/// `e^f` of a power series without constant term.
fn exponential(series: &[Ball]) -> Vec<Ball> {
    let mut result = vec![Ball::from(1.0)];
    for n in 1..series.len() {
        let sum: Ball = (1..=n).map(|i| count(i) * series[i] * result[n - i]).sum();
        result.push(sum / count(n));
    }
    result
}

impl Majorant {
    pub(crate) fn of(scheme: Scheme) -> Self {
        let zero = Ball::from(0.0);
        let mut step = vec![zero; TERMS + 1];
        let mut whole = zero;
        // U_i = c_is·e^{U_{i−1}}, as a series and at s = 1.
        let mut slope: Vec<Ball> = vec![zero; TERMS + 1];
        let mut slope_at_one = zero;
        for (&node, &weight) in scheme.nodes().iter().zip(scheme.sixths()) {
            let weight = Ball::from(weight) / Ball::from(6.0);
            let stage: Vec<Ball> = slope.iter().map(|&k| Ball::from(node) * k).collect();
            let waves = exponential(&stage);
            slope_at_one = (Ball::from(node) * slope_at_one).exp();
            slope = std::iter::once(zero).chain(waves).take(TERMS + 1).collect();
            for (sum, &k) in step.iter_mut().zip(&slope) {
                *sum = *sum + weight * k;
            }
            whole = whole + weight * slope_at_one;
        }
        let known: Ball = step.iter().copied().sum();
        Self {
            order: scheme.order(),
            scheme: step,
            rest: (whole - known).positive_part(),
        }
    }

    /// `1/n`.
    fn flow(n: usize) -> Ball {
        named("order majorant: 1/n", Ball::from(1.0) / count(n))
    }

    /// `μ_n`, for `n ≤ T`.
    fn coefficient(&self, n: usize) -> Ball {
        Self::flow(n) + named("order majorant: scheme", self.scheme[n])
    }

    /// Bounds `Σ_{n>T} sⁿ/n`, for `s < 1`, where the flow has a majorant.
    pub(crate) fn rest_of_flow(s: Ball) -> Ball {
        let first = named(
            "order majorant: rest of the flow",
            s.powi(TERMS + 1) / count(TERMS + 1),
        );
        first / (Ball::from(1.0) - s)
    }

    /// Bounds `Σ_{n>T} β_nsⁿ`, for `s ≤ 1`.
    pub(crate) fn rest_of_scheme(&self, s: Ball) -> Ball {
        named(
            "order majorant: rest of the scheme",
            self.rest * s.powi(TERMS + 1),
        )
    }

    /// `Σ_{n>p} β_nsⁿ`, for `s ≤ 1`.
    pub(crate) fn tail_of_scheme(&self, s: Ball) -> Ball {
        let terms = self.order + 1..=TERMS;
        let known: Ball = terms
            .map(|n| named("order majorant: scheme", self.scheme[n]) * s.powi(n))
            .sum();
        known + self.rest_of_scheme(s)
    }

    /// `Σ_{n>p} sⁿ/n`, for `s < 1`.
    fn tail_of_flow(&self, s: Ball) -> Ball {
        let terms = self.order + 1..=TERMS;
        let known: Ball = terms.map(|n| Self::flow(n) * s.powi(n)).sum();
        known + Self::rest_of_flow(s)
    }

    /// `Σ_{n>p} μ_nsⁿ`, for `s < 1`.
    pub(crate) fn tail(&self, s: Ball) -> Ball {
        self.tail_of_flow(s) + self.tail_of_scheme(s)
    }

    /// `Σ_{n>p} nμ_nsⁿ`, the Lipschitz constant of the error of a step, for `s ≤ 1/2`.
    pub(crate) fn slope(&self, s: Ball) -> Ball {
        let terms = self.order + 1..=TERMS;
        let known: Ball = terms
            .map(|n| count(n) * self.coefficient(n) * s.powi(n))
            .sum();
        // Σ_{n>T} sⁿ, and nsⁿ ≤ (T + 1)s^{T+1} where s ≤ T/(T + 1).
        let of_flow = count(TERMS + 1) * Self::rest_of_flow(s);
        known + of_flow + count(TERMS + 1) * self.rest_of_scheme(s)
    }

    /// Bounds `2^pδ'(z) − δ(z)` times Ω, δ the error of a step of length `h`, δ' of two of `h/2`:
    /// `Σ_{n>p}(1 − 2^{p+1−n})μ_nsⁿ`, whose first term is zero, and `2^p` times what the first half moves the error of the
    /// second, and what the flow makes of its own.
    pub(crate) fn doubled(&self, s: Ball, growth: Ball) -> Ball {
        let (p, one) = (self.order, Ball::from(1.0));
        let half = s / Ball::from(2.0);
        let share = |n: usize| one - Ball::from(0.5).powi(n - p - 1);
        let known: Ball = (p + 2..=TERMS)
            .map(|n| {
                named("order majorant: 1 − 2^(p+1−n)", share(n)) * self.coefficient(n) * s.powi(n)
            })
            .sum();
        let moved = named("order majorant: moved", half * self.slope(half));
        let stretched = named("order majorant: growth − 1", growth - one) * self.tail(half);
        let rest = Self::rest_of_flow(s) + self.rest_of_scheme(s);
        known + rest + Ball::from(2.0).powi(p) * (moved + stretched)
    }
}

/// What [`order_remainder`] knows of a path.
#[derive(Clone, Debug)]
pub struct SteppedPath<'a> {
    /// `Ω = max‖ω_j‖`, or any number with `‖Dⁿv‖ ≤ Ωⁿ‖v‖` for all n.
    pub omega: Ball,
    /// `κ1`.
    pub kappa1: Ball,
    /// `κ2`.
    pub kappa2: Ball,
    /// `‖v_k‖` of every piece.
    pub layer_norms: &'a [Ball],
    /// Steps a piece.
    pub steps: usize,
}

/// Returns `K ≥ ‖2^p(z_{2D} − z(1)) − (z_D − z(1))‖`, `K = O(D^{−p−1})`: what is left of the error of
/// a scheme of order `p` once its leading term is taken away. `None` unless every step is shorter than
/// `Ω‖v‖h = 1/2`.
///
/// With `E_D = ‖z_D − z(1)‖` the local slope `log2(E_D/E_{2D})` is within
/// `log2(1 ± K/(2^pE_{2D}))` of `p`.
///
/// # Cost
/// A few powers a step.
///
/// # Source
/// `proofs/d2-order.md`.
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// use polyak::bounds::{SteppedPath, order_remainder};
/// use polyak::resnet::depth::Scheme;
/// let norms = [Ball::from(0.1)];
/// let one = Ball::from(1.0);
/// let at = |steps: usize| {
///     let path = SteppedPath { omega: one, kappa1: one, kappa2: one, layer_norms: &norms, steps };
///     order_remainder(&path, Scheme::Euler).map(Ball::mid)
/// };
/// let ratio = at(32).unwrap() / at(64).unwrap();
/// assert!((ratio - 4.0).abs() < 0.1);
/// ```
#[must_use]
pub fn order_remainder(path: &SteppedPath, scheme: Scheme) -> Option<Ball> {
    let majorant = Majorant::of(scheme);
    let zero = Ball::from(0.0);
    let two = Ball::from(2.0);
    let step = Ball::from(1.0) / count(path.layer_norms.len() * path.steps);
    // ‖v‖h, layer by layer.
    let moves: Vec<Ball> = path.layer_norms.iter().map(|&norm| norm * step).collect();
    let half = |x: Ball| x / two;
    if !moves.iter().all(|&m| (path.omega * m).upper() <= 0.5) {
        return None;
    }
    let total: Ball = moves.iter().map(|&m| m * count(path.steps)).sum();
    let mut travelled = zero;
    // ‖z_k − z(t_k)‖ for the depths D and 2D.
    let (mut coarse, mut fine) = (zero, zero);
    let mut remainder = zero;
    for &length in &moves {
        let s = path.omega * length;
        // x/Ω as x/s·‖v‖h: without frequencies there is no error, and nothing to divide.
        let over_omega = |x: Ball| {
            if s.mid() > 0.0 { x / path.omega } else { zero }
        };
        let growth = (path.kappa1 * length).exp();
        let half_growth = (path.kappa1 * half(length)).exp();
        let of_step = over_omega(majorant.tail(s));
        let of_halves = over_omega(majorant.tail(half(s)));
        let of_two = of_halves * (Ball::from(1.0) + half_growth);
        let doubled = over_omega(majorant.doubled(s, half_growth));
        let slope = majorant.slope(s);
        for _ in 0..path.steps {
            let apart = coarse + fine;
            let after = travelled + length;
            let left = (total - after).positive_part();
            let ahead = (path.kappa1 * left).exp();
            // Lipschitz constant of the derivative of the flow from here: the mean of e^{x} is below that of its ends.
            let turned = ahead * half(Ball::from(1.0) + ahead);
            let bent = named("order remainder: κ2", turned * path.kappa2 * left);
            let between = growth * apart + half(of_step + of_two);
            let own = named("order remainder: ahead", ahead)
                * (doubled + named("order remainder: slope·apart", slope * apart))
                + bent * between * of_step;
            remainder = remainder + own;
            coarse = growth * coarse + named("order remainder: one step", of_step);
            fine = growth * fine + named("order remainder: two steps", of_two);
            travelled = after;
        }
    }
    Some(remainder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{assert_agrees, balls};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    fn remainder(constants: [f64; 3], norms: &[f64], steps: usize, scheme: Scheme) -> f64 {
        let [omega, kappa1, kappa2] = constants.map(Ball::from);
        let layer_norms = &balls(norms);
        let path = SteppedPath {
            omega,
            kappa1,
            kappa2,
            layer_norms,
            steps,
        };
        order_remainder(&path, scheme).unwrap().mid()
    }

    /// `s + s²/2·…`: the scheme applied to `y' = e^y`, by hand.
    #[test]
    fn majorants_are_the_schemes_applied_to_an_exponential() {
        let s = 0.3_f64;
        let second = |y: f64| 0.5 * s * y.exp();
        for scheme in Scheme::ALL {
            let step = match scheme {
                Scheme::Euler => s,
                Scheme::Midpoint => s * second(0.0).exp(),
                Scheme::RungeKutta4 => {
                    let (k1, k2) = (1.0, second(0.0).exp());
                    let k3 = (0.5 * s * k2).exp();
                    let k4 = (s * k3).exp();
                    s * (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0
                }
            };
            let majorant = Majorant::of(scheme);
            let order = scheme.order();
            // The scheme agrees with the flow, whose coefficient is 1/n, up to its order.
            let common: f64 = (1..=order).map(|n| 2.0 * s.powi(n as i32) / n as f64).sum();
            let exact = step - (1.0 - s).ln() - common;
            let tail = majorant.tail(ball(s));
            assert!((tail.mid() / exact - 1.0).abs() < 1e-6, "{tail:?} {exact}");
            for n in 1..=order {
                assert_agrees(majorant.coefficient(n), 2.0 / n as f64, 200);
            }
            let next = order + 1;
            let gap = majorant.coefficient(next).mid() - 2.0 / next as f64;
            assert!(gap.abs() > 1e-3, "{scheme:?}");
            // To the last term that is kept, of every scheme but the first, which has one.
            assert_eq!(majorant.scheme.len(), TERMS + 1);
            let last = majorant.scheme[TERMS];
            assert_eq!(last.lower() > 1e-30, scheme != Scheme::Euler, "{last:?}");
            // d/ds of the tail, times s.
            let d = 1e-6;
            let tail = |s: f64| majorant.tail(ball(s)).mid();
            let slope = s * (tail(s + d) - tail(s - d)) / (2.0 * d);
            assert!((majorant.slope(ball(s)).mid() / slope - 1.0).abs() < 1e-4);
        }
    }

    /// Of Euler's scheme, `μ_1 = 2`, `μ_n = 1/n`: the series to sixteen terms, then a geometric one.
    #[test]
    fn what_is_beyond_the_known_terms_is_a_geometric_series() {
        let majorant = Majorant::of(Scheme::Euler);
        for s in [0.5_f64, 0.9] {
            let known = |weight: fn(f64) -> f64| -> f64 {
                let term = |n: i32| weight(f64::from(n)) * s.powi(n) / f64::from(n);
                (2..=16).map(term).sum()
            };
            let rest = s.powi(17) / (1.0 - s);
            assert_agrees(majorant.tail(ball(s)), known(|_| 1.0) + rest / 17.0, 200);
            assert_agrees(majorant.slope(ball(s)), known(|n| n) + rest, 200);
        }
    }

    /// Euler's scheme has one coefficient, and of the others the sum of the kept ones is the scheme with the step 1.
    #[test]
    fn what_is_left_of_a_scheme_is_small() {
        for scheme in Scheme::ALL {
            let majorant = Majorant::of(scheme);
            assert!(majorant.rest.lower() >= -1e-14 && majorant.rest.upper() < 0.04);
            let last = majorant.scheme[TERMS].mid();
            assert!(
                majorant.rest.upper() + 1e-18 >= last / TERMS as f64,
                "{scheme:?}"
            );
        }
    }

    /// For Euler, to leading order in a short path of one piece: with `x = Ωτ`, D steps,
    /// `s³(½·⅓ + ¼ + κ1/8Ω)D/Ω` of the steps themselves.
    #[test]
    fn euler_of_a_short_path_by_hand() {
        let (x, steps) = (1e-4_f64, 64);
        for omega in [1.0, 2.0] {
            for kappa1 in [1.0, 0.25] {
                let found = remainder([omega, kappa1, 1.0], &[x / omega], steps, Scheme::Euler);
                let s = x / steps as f64;
                let own = 1.0 / 6.0 + 0.25 + kappa1 / omega / 8.0;
                let expected = s.powi(3) * own * steps as f64 / omega;
                assert!((found / expected - 1.0).abs() < 0.02, "{found} {expected}");
            }
        }
    }

    /// The second step starts from what the first was off by, and the flow bends what it carries there.
    #[test]
    fn two_steps_by_hand() {
        let (omega, kappa1, kappa2, norm) = (0.5, 2.0, 300.0, 1.2);
        for scheme in Scheme::ALL {
            let majorant = Majorant::of(scheme);
            let length = 0.5 * norm;
            let s = omega * length;
            let tail = |s: f64| majorant.tail(ball(s)).mid() / omega;
            let (growth, half) = ((kappa1 * length).exp(), (0.5 * kappa1 * length).exp());
            let (one, two) = (tail(s), tail(0.5 * s) * (1.0 + half));
            let doubled = majorant.doubled(ball(s), ball(half)).mid() / omega;
            let bend = growth * 0.5 * (1.0 + growth);
            let first = growth * doubled + bend * kappa2 * length * 0.5 * (one + two) * one;
            let second = doubled + majorant.slope(ball(s)).mid() * (one + two);
            let found = remainder([omega, kappa1, kappa2], &[norm], 2, scheme);
            assert!(
                (found / (first + second) - 1.0).abs() < 1e-12,
                "{scheme:?} {found}"
            );
        }
    }

    #[test]
    fn remainder_falls_by_one_order_more_than_the_error() {
        for scheme in Scheme::ALL {
            let at = |steps| remainder([1.5, 1.0, 1.2], &[0.3, 0.6], steps, scheme);
            let ratio = at(128) / at(256);
            let expected = 2f64.powi(scheme.order() as i32 + 1);
            assert!((ratio / expected - 1.0).abs() < 0.03, "{scheme:?} {ratio}");
        }
    }

    /// `z → cz`: lengths by c, frequencies by 1/c.
    #[test]
    fn remainder_is_covariant_under_scaling() {
        let plain = remainder([1.5, 1.0, 1.2], &[0.3, 0.6], 8, Scheme::Midpoint);
        let scaled = remainder([0.75, 0.5, 0.3], &[0.6, 1.2], 8, Scheme::Midpoint);
        assert!((scaled / plain - 2.0).abs() < 1e-12);
    }

    #[test]
    fn remainder_grows_with_every_constant() {
        let norms = [0.4, 0.2];
        let plain = remainder([1.5, 1.0, 1.2], &norms, 8, Scheme::Euler);
        for constants in [[1.6, 1.0, 1.2], [1.5, 1.1, 1.2], [1.5, 1.0, 1.3]] {
            assert!(remainder(constants, &norms, 8, Scheme::Euler) > plain);
        }
        assert!(remainder([1.5, 1.0, 1.2], &[0.4, 0.3], 8, Scheme::Euler) > plain);
    }

    #[test]
    fn long_steps_have_no_remainder_and_still_fields_none() {
        let norms = balls(&[1.999]);
        let path = |omega: f64| SteppedPath {
            omega: ball(omega),
            kappa1: ball(omega),
            kappa2: ball(1.0),
            layer_norms: &norms,
            steps: 4,
        };
        assert!(order_remainder(&path(1.0), Scheme::Euler).is_some());
        assert!(order_remainder(&path(1.002), Scheme::Euler).is_none());
        let still = order_remainder(&path(0.0), Scheme::Midpoint).unwrap();
        assert_eq!(still.mid(), 0.0);
    }
}
