//! Second derivatives: of the flow in its starting point, of the predictions in the parameters (P2, P7).

use super::Neighbourhood;
use crate::arithmetic::{Ball, LIBM_ULPS, UNIT_ROUNDOFF, count, gamma};
use crate::factor::named;
use std::f64::consts::{FRAC_2_PI, PI};

/// What θ is of very many layers, for stationary kernels and paired random features, `2/π`: the limit of
/// [`layered_coupling`].
pub const STATIONARY_COUPLING: f64 = FRAC_2_PI;

/// The same as a ball that holds the exact number: a constant below one, rounded once.
pub(crate) fn stationary_coupling() -> Ball {
    Ball::new(STATIONARY_COUPLING, UNIT_ROUNDOFF)
}

/// How large and how steep a residual can be at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coupling {
    /// Of stationary kernels and paired random features, where `‖v(z)‖² + ‖Dv(z)h‖²/κ1² ≤ ‖v‖²`: not both at once.
    Stationary,
    /// Of any kernel: as large as `κ0‖v‖` and as steep as `κ1‖v‖` at once.
    General,
}

impl Coupling {
    /// Returns θ over `D` layers: [`layered_coupling`], or `1 − 1/D`.
    ///
    /// # Example
    /// ```
    /// use polyak::bounds::Coupling;
    /// // One layer is linear in its parameters.
    /// assert_eq!(Coupling::General.over(1).mid(), 0.0);
    /// assert!(Coupling::Stationary.over(9).upper() < Coupling::General.over(9).lower());
    /// ```
    #[must_use]
    pub fn over(self, depth: usize) -> Ball {
        match self {
            Self::Stationary => layered_coupling(depth),
            Self::General => other_layers(depth),
        }
    }
}

/// `1 − 1/D`: of `(Σx_k)² − Σx_k²` as a share of `DΣx_k²`.
pub(super) fn other_layers(depth: usize) -> Ball {
    let depth = count(depth);
    named("coupling: 1 − 1/D", (depth - Ball::from(1.0)) / depth)
}

/// Returns `θ_D = 1/(2D sin(π/(4D−2)))`, and 0 for one layer: the coupling of stationary kernels over `D` layers,
/// which grows to [`STATIONARY_COUPLING`].
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

/// Returns `s_1`, `s_2` and `s_3`, roots of the means over layers of `k(k−1)/2D²`, `(k/D)²` and `k²(k−1)/2D³`: how much
/// of the way to layer `k` a movement has had.
///
/// # Source
/// `proofs/p8b-jacobian.md`; the sums in closed form are `proofs/p7-layers.md`.
///
/// # Example
/// ```
/// let [pairs, squares, _] = polyak::bounds::layer_means(2);
/// assert_eq!(pairs.mid(), 0.0);
/// assert!(squares.contains(0.125_f64.sqrt()));
/// ```
#[must_use]
pub fn layer_means(depth: usize) -> [Ball; 3] {
    let d = count(depth);
    let [one, two, six] = [1.0, 2.0, 6.0].map(Ball::from);
    let before = d - one;
    let pairs = before * (d - two).positive_part() / (six * d.square());
    let squares = before * (two * d - one) / (six * d.square());
    // Σk²(k−1) = (Σk)² − Σk².
    let cubes = before * (d - two).positive_part() * (Ball::from(3.0) * d - one);
    let cubes = cubes / (Ball::from(24.0) * d.powi(3));
    [
        named("layers: s₁²", pairs).sqrt(),
        named("layers: s₂²", squares).sqrt(),
        named("layers: s₃²", cubes).sqrt(),
    ]
}

/// Returns `κ2R·e^{2κ1R}`, a bound of the second derivative of `z_0 ↦ z_D`.
///
/// # Source
/// `proofs/p2-curvature.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::{Neighbourhood, flow_curvature}};
/// let ball = Ball::from;
/// let around = Neighbourhood {
///     kappa0: ball(1.0), kappa1: ball(0.0), kappa2: ball(3.0), depth: 4,
///     centre_norm: ball(0.5), radius: ball(0.0),
/// };
/// assert!(flow_curvature(&around).contains(1.5));
/// ```
#[must_use]
pub fn flow_curvature(around: &Neighbourhood) -> Ball {
    let bend = named("flow curvature: κ2R", around.kappa2 * around.outer_norm());
    bend * named("flow curvature: e^(2κ1R)", around.expansion().square())
}

/// Returns `‖B‖·s_2·κ0²·κ2Re^{2κ1R}`, a bound of the part of the second derivative of a prediction in which fields move
/// the states and later ones bend there.
///
/// # Source
/// `proofs/p7-within-layer.md`.
///
/// # Example
/// ```
/// use polyak::{arithmetic::Ball, bounds::{Neighbourhood, bend_of_values}};
/// let ball = Ball::from;
/// let around = Neighbourhood {
///     kappa0: ball(1.0), kappa1: ball(0.0), kappa2: ball(2.0), depth: 2,
///     centre_norm: ball(0.5), radius: ball(0.0),
/// };
/// assert!(bend_of_values(ball(4.0), &around).contains(0.5_f64.sqrt()));
/// ```
#[must_use]
pub fn bend_of_values(norm_squared: Ball, around: &Neighbourhood) -> Ball {
    let [_, way, _] = layer_means(around.depth);
    let scale = norm_squared.sqrt() * way * around.kappa0.square();
    named("bend of values: ‖B‖s₂κ0²", scale) * flow_curvature(around)
}

/// Returns `‖B‖(s_2·κ0²·κ2Re^{2κ1R} + θκ0·κ1e^{κ1R})`, a bound of the second derivative of the prediction of one sample
/// on a neighbourhood.
pub(super) fn second_derivative(
    norm_squared: Ball,
    coupling: Ball,
    around: &Neighbourhood,
) -> Ball {
    let values = named(
        "second derivative of F: values",
        bend_of_values(norm_squared, around),
    );
    let stretch = named("second derivative of F: e^(κ1R)", around.expansion());
    let slopes = named(
        "second derivative of F: θκ1κ0",
        coupling * around.kappa1 * around.kappa0,
    );
    values + named("second derivative of F: ‖B‖", norm_squared.sqrt()) * slopes * stretch
}

/// `√N` times that: a Lipschitz constant of the derivative of the stacked predictions.
pub(super) fn jacobian_lipschitz(
    samples: usize,
    norm_squared: Ball,
    around: &Neighbourhood,
    coupling: Ball,
) -> Ball {
    named("Lipschitz constant of J: √N", count(samples).sqrt())
        * second_derivative(norm_squared, coupling, around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees, norm_of_earlier};

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    #[test]
    fn coupling_is_the_norm_of_the_sum_over_earlier_layers() {
        assert_eq!(layered_coupling(1), ball(0.0));
        for depth in 2..30 {
            let found = layered_coupling(depth);
            // An SVD of order 30.
            assert!((found.mid() - norm_of_earlier(depth) / depth as f64).abs() < 1e-14);
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

    /// Sums written out.
    #[test]
    fn means_are_those_over_layers() {
        for depth in 1..20usize {
            let d = depth as f64;
            let mean = |f: &dyn Fn(f64) -> f64| (0..depth).map(|k| f(k as f64)).sum::<f64>() / d;
            let sums = [
                mean(&|k| k * (k - 1.0) / (2.0 * d * d)),
                mean(&|k| (k / d).powi(2)),
                mean(&|k| k * k * (k - 1.0) / (2.0 * d.powi(3))),
            ];
            for (found, sum) in layer_means(depth).into_iter().zip(sums) {
                assert_agrees(found, sum.sqrt(), 20 + depth);
            }
        }
        assert!(layer_means(1).iter().all(|s| s.mid() == 0.0));
    }

    /// `‖B‖e^s(s_2κ2Rκ0²e^s + θκ1κ0)`, s = κ1R, in the other order.
    #[test]
    fn second_derivative_is_its_formula() {
        let constants = [0.9, 0.5, 0.3, 0.4, 0.6];
        let around = around(constants, 4);
        let stretch = 0.5_f64.exp();
        // s_2² = (1 + 4 + 9)/64.
        let inner = (14.0_f64 / 64.0).sqrt() * 0.3 * 0.81 * stretch;
        for coupling in [Coupling::Stationary, Coupling::General] {
            let theta = coupling.over(4).mid();
            let plain = 3f64.sqrt() * stretch * (inner + theta * 0.5 * 0.9);
            let found = second_derivative(ball(3.0), coupling.over(4), &around);
            assert_agrees(found, plain, 100);
            let all = jacobian_lipschitz(7, ball(3.0), &around, coupling.over(4));
            assert_agrees(all, 7f64.sqrt() * plain, 110);
        }
        assert_agrees(Coupling::General.over(4), 0.75, 2);
    }

    /// A sine of frequency two bends by four; the flow stretches what bends, and what is bent.
    #[test]
    fn flow_curvature_is_its_formula() {
        let around = around([1.0, 2.0, 4.0, 0.1, 0.2], 7);
        assert_agrees(flow_curvature(&around), 4.0 * 0.3 * 1.2_f64.exp(), 20);
    }
}
