//! How far the Jacobian of the predictions is from its value at a reference (P8b.jacobian).

use super::curvature::{jacobian_lipschitz, other_layers};
use super::{Neighbourhood, flow_curvature, layer_means, layered_coupling};
use crate::arithmetic::Ball;
use crate::factor::named;

/// Cells of the quadrature. Trapezoids are above a convex function: more cells make the bound sharper, none
/// makes it false.
const CELLS: u32 = 8;

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
/// Here `θ_D` is [`layered_coupling`], and `s_1`, `s_2`, `s_3` are [`layer_means`].
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
    samples: usize,
    /// `‖B‖²`.
    norm_squared: Ball,
    /// `√Λ`.
    root_largest: Ball,
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
        Self {
            around,
            samples,
            norm_squared,
            root_largest: largest.sqrt(),
        }
    }

    /// The neighbourhood up to a distance.
    fn up_to(&self, distance: Ball) -> Neighbourhood {
        Neighbourhood {
            radius: distance,
            ..self.around
        }
    }

    /// `Q(r)`: sample by sample.
    #[must_use]
    pub fn by_samples(&self, distance: Ball) -> Ball {
        let coupling = layered_coupling(self.around.depth);
        let around = self.up_to(distance);
        jacobian_lipschitz(self.samples, self.norm_squared, &around, coupling)
    }

    /// `Q'(r)`: by the spectrum of the Gram matrices, all samples at once.
    #[must_use]
    pub fn by_spectrum(&self, distance: Ball) -> Ball {
        let around = self.up_to(distance);
        let depth = around.depth;
        let [rising, curved, drifting] = layer_means(depth);
        let drift = named(
            "change of J by the spectrum: drift",
            around.gram_drift(self.samples, depth),
        );
        let values = curved * self.root_largest + drifting * drift;
        let slopes = other_layers(depth) * self.root_largest
            + named("change of J by the spectrum: 2s₁", Ball::from(2.0)) * rising * drift;
        let bent = around.kappa0 * flow_curvature(&around) * values;
        let turned = named("change of J by the spectrum: κ1", around.kappa1) * slopes;
        self.norm_squared.sqrt() * (bent + around.expansion() * turned)
    }

    /// Returns `ω(p)` from above, by trapezoids over the smaller of the two on every cell; increasing in `p`.
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
    use crate::bounds::agreement::{around, assert_agrees, norm_of_earlier, numbers, rng};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
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
            let coupling = norm_of_earlier(depth) / d;
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
