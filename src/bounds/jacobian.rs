//! How far the Jacobian of the predictions is from its value at a reference (P8b.jacobian).

use super::Neighbourhood;
use crate::arithmetic::{Ball, LIBM_ULPS, count, gamma};
use crate::factor::named;
use std::f64::consts::PI;

/// Cells of the quadrature. Trapezoids are above a convex function: more cells make the bound sharper, none
/// makes it false.
const CELLS: u32 = 8;

/// Returns `θ_D = 1/(2D sin(π/(4D−2)))`, and 0 for one layer: the coupling of stationary kernels over `D` layers,
/// which grows to [`STATIONARY_COUPLING`](super::STATIONARY_COUPLING).
///
/// # Source
/// `proofs/p7-hessian.md`, the lemma.
///
/// # Example
/// ```
/// let two = polyak::bounds::layered_coupling(2);
/// assert!(two.contains(0.5));
/// ```
#[must_use]
pub fn layered_coupling(depth: usize) -> Ball {
    if depth <= 1 {
        return Ball::from(0.0);
    }
    // A quotient of two roundings, a sine that keeps relative errors below a right angle, and adds its own.
    let sine = named("θ_D: π/(4D − 2)", PI / (4.0 * depth as f64 - 2.0)).sin();
    let sine = Ball::new(sine, gamma(3) * sine + LIBM_ULPS * f64::EPSILON * sine);
    Ball::from(1.0) / (Ball::from(2.0) * count(depth) * sine)
}

/// Bounds `ω(p)` of `‖J(v) − J(v⁰)‖` for `‖v − v⁰‖ ≤ p`, `J` the derivative of the stacked predictions.
///
/// `ω(p)` is the integral of `min(Q, Q')dr` from 0 to `p`, where with `R = ‖v⁰‖ + r`, `a = √N·κ1κ0·e^(κ1‖v⁰‖)` and
/// `Λ` the largest `λ_max(𝕂_k⁰)`
///
/// ```text
/// Q(r)  = √N·‖B‖·e^(κ1R)·(s_2·κ2Rκ0²·e^(κ1R) + θ_D·κ1κ0),
/// Q'(r) = ‖B‖·e^(κ1R)·(κ2Rκ0·e^(κ1R)·(s_2·√Λ + s_3·ar) + κ1·((1 − 1/D)·√Λ + 2s_1·ar)).
/// ```
///
/// Here `θ_D` is [`layered_coupling`], and the sums over layers are `s_1² = D⁻¹Σk(k−1)/2D²`, `s_2² = D⁻¹Σ(k/D)²`, `s_3² = D⁻¹Σk²(k−1)/2D³`.
///
/// # Source
/// `proofs/p8b-jacobian.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::{JacobianChange, Neighbourhood}};
/// let ball = Ball::from;
/// let around = Neighbourhood {
///     kappa0: ball(1.0), kappa1: ball(0.5), kappa2: ball(0.4), depth: 1,
///     centre_norm: ball(0.0), radius: ball(0.0),
/// };
/// // One layer is linear in its parameters.
/// assert!(JacobianChange::new(9, ball(4.0), ball(3.0), around).at(ball(0.3)).contains(0.0));
/// let deep = JacobianChange::new(9, ball(4.0), ball(3.0), Neighbourhood { depth: 20, ..around });
/// assert!(deep.at(ball(0.3)).lower() > 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JacobianChange {
    around: Neighbourhood,
    /// `√N`, `‖B‖` and `√Λ`.
    root_samples: Ball,
    readout: Ball,
    root_largest: Ball,
    /// `s_1`, `s_2`, `s_3`.
    sums: [Ball; 3],
}

impl JacobianChange {
    /// Around a reference.
    ///
    /// # Arguments
    /// * `samples`: `N`; `norm_squared`: `‖B‖²`.
    /// * `largest`: the largest `λ_max(𝕂_k⁰)` of any layer at the reference, or a bound of it.
    /// * `around`: the reference and the constants; its radius is not used.
    #[must_use]
    pub fn new(samples: usize, norm_squared: Ball, largest: Ball, around: Neighbourhood) -> Self {
        let depth = count(around.depth);
        let mean_root = |term: &dyn Fn(Ball) -> Ball| {
            let layers = (0..around.depth).map(|k| term(count(k)));
            (layers.sum::<Ball>() / depth).positive_part().sqrt()
        };
        let (one, two) = (Ball::from(1.0), Ball::from(2.0));
        Self {
            around,
            root_samples: count(samples).sqrt(),
            readout: norm_squared.sqrt(),
            root_largest: largest.sqrt(),
            sums: [
                named(
                    "change of J: s₁",
                    mean_root(&|k| k * (k - one) / (two * depth.square())),
                ),
                named("change of J: s₂", mean_root(&|k| (k / depth).square())),
                named(
                    "change of J: s₃",
                    mean_root(&|k| k.square() * (k - one) / (two * depth.square() * depth)),
                ),
            ],
        }
    }

    /// `e^{κ1R}` and `κ2Rκ0e^{κ1R}` at a distance.
    fn stretch_and_bend(&self, distance: Ball) -> (Ball, Ball) {
        let around = Neighbourhood {
            radius: distance,
            ..self.around
        };
        let stretch = named("change of J: e^(κ1R)", around.expansion());
        let bend = named(
            "change of J: κ2Rκ0e^(κ1R)",
            around.kappa2 * around.outer_norm() * around.kappa0 * stretch,
        );
        (stretch, bend)
    }

    /// `1 − 1/D`.
    fn pairs(&self) -> Ball {
        let depth = count(self.around.depth);
        named("change of J: 1 − 1/D", (depth - Ball::from(1.0)) / depth)
    }

    /// `Q(r)`: sample by sample.
    #[must_use]
    pub fn by_samples(&self, distance: Ball) -> Ball {
        let (stretch, bend) = self.stretch_and_bend(distance);
        let cross = named(
            "change of J: θ_Dκ1",
            layered_coupling(self.around.depth) * self.around.kappa1,
        );
        let one_sample = stretch * self.around.kappa0 * (self.sums[1] * bend + cross);
        named(
            "change of J by samples: √N‖B‖",
            self.root_samples * self.readout,
        ) * one_sample
    }

    /// `Q'(r)`: by the spectrum of the Gram matrices, all samples at once.
    #[must_use]
    pub fn by_spectrum(&self, distance: Ball) -> Ball {
        let (stretch, bend) = self.stretch_and_bend(distance);
        let [rising, curved, drifting] = self.sums;
        let around = Neighbourhood {
            radius: distance,
            ..self.around
        };
        let drift = named(
            "change of J by the spectrum: drift",
            self.root_samples * around.feature_drift(around.depth),
        );
        let values = curved * self.root_largest + drifting * drift;
        let slopes = self.pairs() * self.root_largest
            + named("change of J by the spectrum: 2s₁", Ball::from(2.0)) * rising * drift;
        self.readout
            * stretch
            * (bend * values
                + named("change of J by the spectrum: κ1", self.around.kappa1) * slopes)
    }

    /// Returns `ω(p)`, by trapezoids over the smaller of the two on every cell; convex and increasing in `p`.
    #[must_use]
    pub fn at(&self, distance: Ball) -> Ball {
        let width = distance / Ball::from(f64::from(CELLS));
        let edge = |i: u32| width * Ball::from(f64::from(i));
        let both = |r: Ball| [self.by_samples(r), self.by_spectrum(r)];
        let mut left = both(edge(0));
        let mut total = Ball::from(0.0);
        for i in 1..=CELLS {
            let right = both(edge(i));
            total = total + (left[0] + right[0]).min(left[1] + right[1]);
            left = right;
        }
        total * width / named("change of J: trapezia", Ball::from(2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::STATIONARY_COUPLING;
    use crate::bounds::agreement::{around, assert_agrees, numbers, rng};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    /// Of the strictly lower triangular matrix of ones, by another library.
    fn singular_value(depth: usize) -> f64 {
        let ones = nalgebra::DMatrix::from_fn(depth, depth, |i, j| f64::from(u8::from(j < i)));
        ones.singular_values()[0]
    }

    #[test]
    fn coupling_is_the_norm_of_the_sum_over_earlier_layers() {
        assert_eq!(layered_coupling(1), ball(0.0));
        for depth in 2..30 {
            let found = layered_coupling(depth);
            // An SVD of order 30.
            assert!((found.mid() - singular_value(depth) / depth as f64).abs() < 1e-14);
            assert!(found.upper() < STATIONARY_COUPLING && found.rad() < 1e-14);
            assert!(found.lower() > layered_coupling(depth - 1).upper());
        }
        // sin 18° = (√5 − 1)/4.
        let exact = 4.0 / (6.0 * (5f64.sqrt() - 1.0));
        assert_agrees(layered_coupling(3), exact, 6);
        // Three roundings in the angle and those of the sine, all at their worst.
        let known = layered_coupling(3);
        assert!(known.rad() >= (gamma(3) + LIBM_ULPS * f64::EPSILON) * exact);
    }

    /// Both versions with their sums over layers and pairs of layers written out.
    #[test]
    fn versions_are_their_formulas() {
        let mut rng = rng();
        for depth in 2..9usize {
            let [kappa0, kappa1, kappa2, norm, r] = numbers(&mut rng, 5, 1.3)[..] else {
                unreachable!("five numbers");
            };
            let change = JacobianChange::new(
                7,
                ball(2.5),
                ball(3.0),
                around([kappa0, kappa1, kappa2, norm, 99.0], depth),
            );
            let d = depth as f64;
            // D⁻¹Σ_{l<k} l/D, summed and not in closed form.
            let below = |k: usize| (0..k).map(|l| l as f64 / d / d).sum::<f64>();
            let mean = |f: &dyn Fn(usize) -> f64| (0..depth).map(f).sum::<f64>() / d;
            let s1 = mean(&below).sqrt();
            let s2 = mean(&|k| (k as f64 / d).powi(2)).sqrt();
            let s3 = mean(&|k| k as f64 / d * below(k)).sqrt();
            let (outer, a) = (
                norm + r,
                7f64.sqrt() * kappa1 * kappa0 * (kappa1 * norm).exp(),
            );
            let e = (kappa1 * outer).exp();
            let pairs = 1.0 - 1.0 / d;
            let coupling = singular_value(depth) / d;
            let inner = s2 * kappa2 * outer * kappa0 * kappa0 * e + coupling * kappa1 * kappa0;
            let operations = 60 + 20 * depth;
            assert_agrees(
                change.by_samples(ball(r)),
                17.5f64.sqrt() * e * inner,
                operations + 100,
            );
            let bent = kappa2 * outer * kappa0 * e * (s2 * 3f64.sqrt() + s3 * a * r);
            let crossed = kappa1 * (pairs * 3f64.sqrt() + 2.0 * s1 * a * r);
            assert_agrees(
                change.by_spectrum(ball(r)),
                2.5f64.sqrt() * e * (bent + crossed),
                operations,
            );
        }
    }

    /// `κ2 = 0`, `v⁰ = 0`: `√N‖B‖θ(e^{κ1p} − 1)` where that is the smaller.
    #[test]
    fn integral_is_above_the_closed_form_and_close() {
        let at = |largest: f64, p: f64| {
            let around = around([1.0, 0.8, 0.0, 0.0, 0.0], 50);
            JacobianChange::new(4, ball(9.0), ball(largest), around).at(ball(p))
        };
        for p in [0.01, 0.3, 1.0] {
            let exact = 6.0 * layered_coupling(50).mid() * f64::exp_m1(0.8 * p);
            let found = at(4.0, p);
            assert!(found.upper() >= exact && found.upper() <= exact * (1.0 + 1e-3));
        }
        // With κ2 alone ∫ r e^{2κ1r} is half of what its last value would give.
        let around = around([1.0, 1e-6, 3.0, 0.0, 0.0], 50);
        let change = JacobianChange::new(1, ball(1.0), ball(1.0), around);
        let ratio = change.at(ball(0.5)).mid() / (0.5 * change.by_samples(ball(0.5)).mid());
        assert!((ratio - 0.5).abs() < 1e-5, "{ratio}");
    }

    #[test]
    fn the_smaller_version_counts() {
        let around = around([1.0, 0.8, 0.4, 0.1, 0.0], 50);
        for (largest, spectral) in [(1.0, true), (16.0, false)] {
            let change = JacobianChange::new(16, ball(1.0), ball(largest), around);
            let (near, whole) = (ball(1e-3), change.at(ball(1e-3)).upper());
            let least = change
                .by_samples(near)
                .min(change.by_spectrum(near))
                .upper();
            assert!(whole <= 1e-3 * least && whole >= 0.99e-3 * least);
            let smaller = change.by_spectrum(near).upper() < change.by_samples(near).lower();
            assert_eq!(smaller, spectral);
        }
    }

    #[test]
    fn one_layer_is_linear_and_two_are_not() {
        let at = |depth: usize| {
            let around = around([1.0, 0.8, 0.4, 0.1, 0.0], depth);
            JacobianChange::new(16, ball(1.0), ball(4.0), around).at(ball(0.2))
        };
        // Nothing but what multiplications may underflow by.
        assert!(at(1).upper() <= 1e3 * f64::MIN_POSITIVE);
        assert!(at(2).lower() > 0.0);
    }

    /// Increasing and convex, as the proof of the envelope uses.
    #[test]
    fn change_is_convex() {
        let around = around([1.0, 0.8, 0.4, 0.1, 0.0], 12);
        let change = JacobianChange::new(16, ball(1.0), ball(9.0), around);
        let values: Vec<f64> = (0..40)
            .map(|i| change.at(ball(f64::from(i) * 0.05)).mid())
            .collect();
        assert_eq!(values[0], 0.0);
        for w in values.windows(3) {
            assert!(w[2] > w[1] && w[0] + w[2] > 2.0 * w[1]);
        }
    }
}
