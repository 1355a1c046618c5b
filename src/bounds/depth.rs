//! How far a network of finite depth is from deeper ones (D1, D2, D3).

use super::{expansion_cap, stationary_coupling};
use crate::arithmetic::{Ball, Real, UNIT_ROUNDOFF, count};
use crate::factor::named;

/// θ of D1 for stationary kernels and paired random features, where `‖v(z)‖‖Dv(z)‖ ≤ κ1‖v‖²/2`:
/// `‖v(z)‖² + ‖Dv(z)h‖²/κ1² ≤ ‖v‖²`, and a product is at most half the sum of the squares. In
/// general θ = 1.
pub const STATIONARY_TRANSPORT: f64 = 0.5;

/// A path of norm `R` run at depth `D`, and the constants of the space of its fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathBounds {
    /// `κ0`.
    pub kappa0: Ball,
    /// `κ1`.
    pub kappa1: Ball,
    /// `κ2`.
    pub kappa2: Ball,
    /// `R`, or a bound of it.
    pub norm: Ball,
    /// `D`.
    pub depth: usize,
}

impl PathBounds {
    /// Returns `e^{κ1R}`.
    fn expansion(&self) -> Ball {
        expansion_cap(self.kappa1, self.norm)
    }

    /// `e^{κ1R}κ0κ1R²/2`.
    fn transport(&self) -> Ball {
        let two = Ball::from(2.0);
        named(
            "transport: κ0κ1‖v‖²/2",
            self.expansion() * self.kappa0 * self.kappa1 * self.norm.square() / two,
        )
    }

    /// Returns `θe^{κ1R}κ0κ1R²/(2D) ≥ ‖z_D − z(1)‖` (D1).
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::{PathBounds, STATIONARY_TRANSPORT}};
    /// let one = Ball::from(1.0);
    /// let path = PathBounds { kappa0: one, kappa1: one, kappa2: one, norm: one, depth: 2 };
    /// assert!(path.euler_error(STATIONARY_TRANSPORT).contains(1f64.exp() / 8.0));
    /// ```
    #[must_use]
    pub fn euler_error(&self, transport: f64) -> Ball {
        named("Euler error: transport", Ball::from(transport)) * self.transport()
            / count(self.depth)
    }

    /// Returns `1 − 1/n`.
    fn inside(times: usize) -> Ball {
        Ball::from(1.0) - Ball::from(1.0) / count(times)
    }

    /// Returns the smaller of `1 − 1/n` and, through the limit, `½(1 + 1/n)`.
    fn apart(times: usize) -> Ball {
        let share = Ball::from(1.0) / count(times);
        let direct = named("state gap: 1 − 1/n", Self::inside(times));
        let through = named(
            "state gap: ½(1 + 1/n)",
            Ball::from(STATIONARY_TRANSPORT) * (Ball::from(1.0) + share),
        );
        direct.min(through)
    }

    /// Returns a bound of `‖z_k^D − z_{kn}^{nD}‖`, the smaller of
    /// `e^{κ1R}κ0κ1R²(1/D − 1/nD)/2` and, through the limit, `e^{κ1R}κ0κ1R²(1/D + 1/nD)/4`
    /// (the second for stationary kernels and paired features).
    #[must_use]
    pub fn state_gap(&self, times: usize) -> Ball {
        self.transport() * Self::apart(times) / count(self.depth)
    }

    /// Returns `‖Dz_D‖ ≤ e^{κ1R}κ0`, the derivative with respect to the path.
    fn sensitivity(&self) -> Ball {
        self.expansion() * self.kappa0
    }

    /// Returns a bound of `‖Dz_D(v) − Dz_(nD)(v)‖` as maps of paths of `nD` layers:
    ///
    /// ```text
    /// e^(κ1R)·κ0/D·( (1 − 1/n)(κ1R + κ1²R²/2 + κ0κ2R²/2) + σ/(√3π)·κ0κ1κ2R³e^(κ1R) ),   σ = min(1 − 1/n, (1 + 1/n)/2).
    /// ```
    #[must_use]
    pub fn sensitivity_gap(&self, times: usize) -> Ball {
        let parts = self.sensitivity_gap_parts(times);
        parts.into_iter().sum()
    }

    /// Its parts: values and slopes of the direction; slopes twice; `κ2` and the steps inside of a layer; `κ2` and the states,
    /// which are apart before.
    pub(crate) fn sensitivity_gap_parts(&self, times: usize) -> [Ball; 4] {
        let two = Ball::from(2.0);
        let (stretch, bend) = (
            self.kappa1 * self.norm,
            self.kappa0 * self.kappa2 * self.norm.square(),
        );
        let late = named("sensitivity gap: κ1‖v‖", stretch);
        let fed = named("sensitivity gap: κ1²‖v‖²/2", stretch.square() / two);
        let bent = named("sensitivity gap: κ0κ2‖v‖²/2", bend / two);
        // ∫‖v‖QH ≤ 2R³/(√3π) for Q = ∫‖v‖² and H = ∫‖h‖, ‖h‖ = 1: the norm of a Volterra operator, at the root of Q³/3.
        let volterra = stationary_coupling() * Ball::reciprocal_root(3.0) / two;
        let apart = named("sensitivity gap: κ0κ1κ2‖v‖³/√3π", volterra * bend * stretch)
            * Self::apart(times)
            * self.expansion();
        let inside = named("sensitivity gap: 1 − 1/n", Self::inside(times));
        let scale = named("sensitivity gap: κ0e^(κ1‖v‖)", self.sensitivity()) / count(self.depth);
        [inside * late, inside * fed, inside * bent, apart].map(|part| scale * part)
    }

    /// Returns `√(2ℓ)‖B‖ε + ‖B‖²ε²/2 ≥ |L_D − L_{nD}|`, ℓ the loss at depth `D`.
    #[must_use]
    pub fn loss_gap(&self, times: usize, norm_squared: Ball, loss: Ball) -> Ball {
        let moved = norm_squared.sqrt() * self.state_gap(times);
        named("loss gap: √(2L)", (Ball::from(2.0) * loss).sqrt()) * moved
            + named("loss gap: moved²/2", moved.square() / Ball::from(2.0))
    }

    /// Returns `‖B‖√(2ℓ)Γ + ‖B‖²εZ ≥ ‖∇L_D − ∇L_{nD}‖`, Γ the
    /// [`sensitivity_gap`](Self::sensitivity_gap).
    #[must_use]
    pub fn gradient_gap(&self, times: usize, norm_squared: Ball, loss: Ball) -> Ball {
        let errors = (Ball::from(2.0) * loss * norm_squared).sqrt();
        named("gradient gap: errors", errors) * self.sensitivity_gap(times)
            + named(
                "gradient gap: ‖B‖²·gap",
                norm_squared * self.state_gap(times),
            ) * self.sensitivity()
    }

    /// Bounds the second derivative of the end by its two parts, `e^(2κ1R)κ0²κ2R·√3/(2K²)` and `e^(κ1R)κ0κ1·2/π`:
    /// along `h` of norm one, `∫‖v‖H² ≤ R‖H²‖` and `2∫‖h‖ sin·H ≤ 2/π`, `H = ∫‖h‖` and `∫‖h‖ cos`.
    pub(crate) fn second_derivative(&self) -> [Ball; 2] {
        let curved = named(
            "training gap: κ2",
            quartic() * self.kappa2 * self.norm * self.sensitivity().square(),
        );
        let cross = named(
            "training gap: θκ1κ0",
            stationary_coupling() * self.kappa1 * self.sensitivity(),
        );
        [curved, cross]
    }

    /// Returns `‖F(v) − F(w)‖ ≤ ‖B‖e^{κ1R}κ0‖v − w‖` a unit of distance, both of norm `R` at most.
    #[must_use]
    pub fn prediction_slope(&self, norm_squared: Ball) -> Ball {
        norm_squared.sqrt() * named("prediction slope: κ0e^(κ1‖v‖)", self.sensitivity())
    }
}

/// The largest `(∫H⁴)^½` of functions that begin at zero, `∫H'² = 1` on the unit interval: `√3/(2K²)`, where
/// `K = ∫_0^1 du/√(1 − u⁴) = 1.3110287771460599…`.
fn quartic() -> Ball {
    // The nearest f64 is off by less than `1.2e-16`, which is below `2u`.
    let quarter = Ball::new(1.311_028_777_146_059_9, 2.0 * UNIT_ROUNDOFF);
    Ball::from(3.0).sqrt() / (Ball::from(2.0) * quarter.square())
}

/// Returns the bound of D1 before its layers are put together,
/// `Σ_k θκ0κ1‖v_k‖²h²/2·Π_{l>k}(1 + hκ1‖v_l‖)`, `h = 1/(nD0)`, every layer taken `n` times.
///
/// # Arguments
/// * `layer_norms`: `‖v_k‖` of the `D0` pieces; `steps`: `n`; `transport`: θ.
#[must_use]
pub fn euler_error_by_layers(
    kappa0: Ball,
    kappa1: Ball,
    layer_norms: &[Ball],
    steps: usize,
    transport: f64,
) -> Ball {
    let step = Ball::from(1.0) / count(layer_norms.len() * steps);
    let mut error = Ball::from(0.0);
    for &norm in layer_norms {
        let gain = Ball::from(1.0) + named("Euler error by layers: κ1‖v‖h", step * kappa1 * norm);
        let half = Ball::from(0.5 * transport);
        let added = named(
            "Euler error by layers: κ0κ1(‖v‖h)²/2",
            half * kappa0 * kappa1 * (step * norm).square(),
        );
        for _ in 0..steps {
            error = gain * error + added;
        }
    }
    error
}

/// One iterate of two networks that are trained from one path, at the depths `D` and `nD`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainedPair {
    /// The larger of the two norms, at the depth `D`.
    pub path: PathBounds,
    /// `L_D` of the one.
    pub coarse_loss: Ball,
    /// `L_{nD}` of the other.
    pub fine_loss: Ball,
    /// What the last step of both lost to rounding.
    pub rounding: f64,
}

/// Returns a bound of the distance of the last iterates of two networks that are trained from one
/// path by steps of size `step`, at the depths `D` and `nD`: `u_0 = 0`,
///
/// ```text
/// u_(j+1) = (max(1, ηG − 1) + η·II_j)·u_j + η‖∇L_D − ∇L_(nD)‖,
/// ```
///
/// where `G = ‖B‖²Z²`, `II_j` bounds the mean of the rest of the Hessian (P7) over the segment between the two, along
/// which the root of twice the loss is at most `√(2L_(nD))` and a growing share of `‖B‖Zu_j`, and the gap of the gradients
/// is that of [`PathBounds::gradient_gap`].
///
/// # Source
/// `proofs/d3-training.md`.
#[must_use]
pub fn training_gap(pairs: &[TrainedPair], step: f64, norm_squared: Ball, times: usize) -> Ball {
    let (step, one) = (Ball::from(step), Ball::from(1.0));
    let mut apart = Ball::from(0.0);
    for (pair, next) in pairs.iter().zip(pairs.iter().skip(1)) {
        let path = &pair.path;
        let slope = path.prediction_slope(norm_squared);
        // The mean of √(2L) over the segment.
        let errors = named(
            "training gap: √(2L)",
            (Ball::from(2.0) * pair.fine_loss).sqrt(),
        ) + named(
            "training gap: slope·apart/2",
            slope * apart / Ball::from(2.0),
        );
        let [curved, cross] = path.second_derivative();
        let rest = norm_squared.sqrt() * errors * (curved + cross);
        let positive = named("training gap: ηG − 1", step * slope.square() - one);
        let growth = one.max(positive) + named("training gap: curvature", step * rest);
        let gap = path.gradient_gap(times, norm_squared, pair.coarse_loss);
        apart =
            growth * apart + named("training gap: ηgap", step * gap) + Ball::from(next.rounding);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::STATIONARY_COUPLING;
    use crate::bounds::agreement::{assert_agrees, balls, numbers, rng};
    use rand::RngExt;

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    fn path([kappa0, kappa1, kappa2, norm]: [f64; 4], depth: usize) -> PathBounds {
        PathBounds {
            kappa0: ball(kappa0),
            kappa1: ball(kappa1),
            kappa2: ball(kappa2),
            norm: ball(norm),
            depth,
        }
    }

    #[test]
    fn bounds_are_their_formulas() {
        let mut rng = rng();
        for _ in 0..100 {
            let constants: [f64; 4] = std::array::from_fn(|_| rng.random_range(0.1..1.4));
            let [k0, k1, k2, r] = constants;
            let (depth, times) = (rng.random_range(1..9usize), rng.random_range(1..9usize));
            let path = path(constants, depth);
            let (d, fine) = (depth as f64, (depth * times) as f64);
            let e = (k1 * r).exp();
            for theta in [1.0, STATIONARY_TRANSPORT] {
                let plain = theta * e * k0 * k1 * r * r / 2.0 / d;
                assert_agrees(path.euler_error(theta), plain, 24);
            }
            let direct = (1.0 / d - 1.0 / fine) / 2.0;
            let through = (1.0 / d + 1.0 / fine) / 4.0;
            let gap = e * k0 * k1 * r * r * direct.min(through);
            let found = path.state_gap(times);
            let scale = e * k0 * k1 * r * r / d;
            assert!((found.mid() - gap).abs() <= 1e-13 * scale && found.rad() <= 1e-13 * scale);
            let z = e * k0;
            let inside = 1.0 - 1.0 / times as f64;
            let apart = inside.min(0.5 * (1.0 + 1.0 / times as f64));
            let cubic = apart / (3f64.sqrt() * std::f64::consts::PI);
            let inner = inside * (k1 * r + k1 * k1 * r * r / 2.0 + k0 * k2 * r * r / 2.0)
                + cubic * k0 * k1 * k2 * r.powi(3) * e;
            let plain_gamma = z * inner / d;
            let gamma = path.sensitivity_gap(times);
            assert!((gamma.mid() - plain_gamma).abs() <= 1e-12 * z / d);
            let (b2, loss): (f64, f64) = (rng.random_range(0.1..4.0), rng.random_range(0.0..3.0));
            let b = b2.sqrt();
            let plain = (2.0 * loss).sqrt() * b * gap + b2 * gap * gap / 2.0;
            let found = path.loss_gap(times, ball(b2), ball(loss));
            assert!((found.mid() - plain).abs() <= 1e-12 * (plain + scale));
            let plain = b * (2.0 * loss).sqrt() * plain_gamma + b2 * gap * z;
            let found = path.gradient_gap(times, ball(b2), ball(loss));
            assert!((found.mid() - plain).abs() <= 1e-12 * (plain + scale));
            assert_agrees(path.prediction_slope(ball(b2)), b * z, 24);
        }
    }

    // All gaps but the first are the limits of n → ∞: twice the error of Euler's scheme.
    #[test]
    fn gaps_grow_towards_the_limit() {
        let path = path([1.0, 0.7, 0.4, 1.2], 3);
        assert!(path.state_gap(1).contains(0.0));
        let gaps: Vec<f64> = (1..6).map(|n| path.state_gap(n).mid()).collect();
        assert!(gaps[0] < gaps[1] && gaps[1] < gaps[2]);
        // Beyond three the way through the limit is shorter.
        let limit = path.euler_error(STATIONARY_TRANSPORT).mid();
        assert!((path.state_gap(3).mid() / limit - 4.0 / 3.0).abs() < 1e-12);
        assert!((path.state_gap(1 << 20).mid() / limit - 1.0).abs() < 1e-5);
    }

    #[test]
    fn layers_add_up_to_less_than_the_closed_form() {
        let mut rng = rng();
        for depth in 1..8 {
            let norms = numbers(&mut rng, depth, 1.5);
            for steps in [1, 2, 5] {
                let (k0, k1) = (1.0, rng.random_range(0.1..1.5));
                let layers = euler_error_by_layers(ball(k0), ball(k1), &balls(&norms), steps, 0.5);
                // By the sum itself.
                let h = 1.0 / (depth * steps) as f64;
                let all: Vec<f64> = norms.iter().flat_map(|&c| vec![c; steps]).collect();
                let sum: f64 = (0..all.len())
                    .map(|k| {
                        let after: f64 = all[k + 1..].iter().map(|c| 1.0 + h * k1 * c).product();
                        0.25 * k0 * k1 * (all[k] * h).powi(2) * after
                    })
                    .sum();
                assert!((layers.mid() - sum).abs() <= 1e-12 * sum);
                let norm = (norms.iter().map(|c| c * c).sum::<f64>() / depth as f64).sqrt();
                let closed = path([k0, k1, 1.0, norm], depth * steps).euler_error(0.5);
                assert!(layers.upper() <= closed.lower());
            }
        }
    }

    // Two steps of constants that are easy: κ2 = 0, κ1 = 0 leaves no gap; then by the recursion itself.
    #[test]
    fn training_gap_is_its_recursion() {
        let pair = |norm: f64, coarse: f64, fine: f64, rounding: f64| TrainedPair {
            path: path([1.3, 0.6, 0.3, norm], 4),
            coarse_loss: ball(coarse),
            fine_loss: ball(fine),
            rounding,
        };
        let pairs = [
            pair(0.5, 1.0, 0.9, 0.0),
            pair(0.7, 0.8, 0.7, 1e-3),
            pair(0.8, 0.5, 0.4, 2e-3),
        ];
        for (step, b2) in [(0.3, 1.5), (3.0, 1.5)] {
            let mut apart = 0.0;
            for j in 0..2 {
                let (p, r): (&TrainedPair, f64) = (&pairs[j], [0.5, 0.7][j]);
                let e = (0.6f64 * r).exp();
                let b = f64::sqrt(b2);
                let errors = f64::sqrt(2.0 * [0.9, 0.7][j]) + 0.5 * b * 1.3 * e * apart;
                let curved = 0.503_85 * 0.3 * r * 1.69 * e;
                let rest = b * errors * e * (curved + 0.6 * 1.3 * STATIONARY_COUPLING);
                let gap = p.path.gradient_gap(8, ball(b2), p.coarse_loss).mid();
                let factor = f64::max(1.0, step * b2 * 1.69 * e * e - 1.0) + step * rest;
                apart = factor * apart + step * gap + [1e-3, 2e-3][j];
            }
            let found = training_gap(&pairs, step, ball(b2), 8);
            // The constant of the term with κ2 is cut off after five digits.
            assert!(
                (found.mid() / apart - 1.0).abs() < 1e-5,
                "{found:?} {apart}"
            );
        }
        assert_eq!(training_gap(&pairs[..1], 0.3, ball(1.5), 8).mid(), 0.0);
        assert_eq!(training_gap(&[], 0.3, ball(1.5), 8).mid(), 0.0);
    }
}
