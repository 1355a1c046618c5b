//! Bounds of the Hessian of the loss (P7).

use super::curvature::second_derivative;
use super::{Coupling, Neighbourhood};
use crate::arithmetic::Ball;
use crate::factor::named;

/// The three bounds of the Gauss–Newton part of the Hessian, `N⁻¹Σ‖DF(v, x^i)‖²`.
#[derive(Clone, Debug, PartialEq)]
pub enum GaussNewton<'a> {
    /// `G = ‖B‖²e^{2κ1R}κ0²`: knows nothing of the data.
    Global,
    /// `G = ‖B‖²e^{2κ1R}( √(λ_max(K⁰)/N) + κ1κ0e^{κ1‖v⁰‖}ρ )²`, the largest eigenvalue over layers.
    Largest(&'a [Ball]),
    /// `G = ‖B‖²e^{2κ1R}·D⁻¹Σ_k( √λ_max(K_k⁰) + √N κ1κ0e^{κ1‖v⁰‖}√(k/D)ρ )²/N`.
    Layers(&'a [Ball]),
}

impl GaussNewton<'_> {
    /// Returns `G`, valid on the whole neighbourhood.
    ///
    /// # Arguments
    /// * `samples`: `N`; `norm_squared`: `‖B‖²`. The eigenvalues of the variant are `λ_max` at the reference, one a layer.
    ///
    /// # Panics
    /// If the variant does not have one eigenvalue a layer.
    pub fn bound(&self, samples: usize, norm_squared: Ball, around: &Neighbourhood) -> Ball {
        let count = Ball::from(samples as f64);
        if let Self::Largest(eigenvalues) | Self::Layers(eigenvalues) = self {
            assert_eq!(eigenvalues.len(), around.depth, "one eigenvalue a layer");
        }
        let features = match self {
            Self::Global => named("Gauss–Newton: κ0²", around.kappa0.square()),
            Self::Largest(eigenvalues) => {
                let greatest = eigenvalues.iter().copied().fold(Ball::from(0.0), Ball::max);
                let drift = named(
                    "Gauss–Newton by the largest: drift",
                    around.feature_drift(around.depth),
                );
                (named(
                    "Gauss–Newton by the largest: √(λ_max/N)",
                    (greatest / count).sqrt(),
                ) + drift)
                    .square()
            }
            Self::Layers(eigenvalues) => {
                let terms = eigenvalues.iter().enumerate().map(|(k, eigenvalue)| {
                    let drift = around.gram_drift(samples, k);
                    let drift = named("Gauss–Newton by layers: drift", drift);
                    (named("Gauss–Newton by layers: √λ_max", eigenvalue.sqrt()) + drift).square()
                });
                terms.sum::<Ball>() / Ball::from(eigenvalues.len() as f64) / count
            }
        };
        norm_squared * named("Gauss–Newton: e^(2κ1R)", around.expansion().square()) * features
    }
}

/// Returns `β = G + √(2ℓ)‖B‖e^{κ1R}(s_2κ2Rκ0²e^{κ1R} + θκ1κ0)`, a bound of the Hessian wherever `L ≤ ℓ` in the
/// neighbourhood.
///
/// # Arguments
/// * `gauss_newton`: `G`; `norm_squared`: `‖B‖²`; `loss`: `ℓ`; `coupling`: of which kernels θ is.
#[must_use]
pub fn smoothness(
    gauss_newton: Ball,
    norm_squared: Ball,
    loss: Ball,
    coupling: Coupling,
    around: &Neighbourhood,
) -> Ball {
    let errors = named("smoothness: √(2L)", (Ball::from(2.0) * loss).sqrt());
    let coupling = coupling.over(around.depth);
    gauss_newton + errors * second_derivative(norm_squared, coupling, around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::{around, assert_agrees, balls, numbers, rng};
    use rand::RngExt;

    fn ball(x: f64) -> Ball {
        Ball::from(x)
    }

    #[test]
    fn versions_are_their_formulas() {
        let mut rng = rng();
        for _ in 0..100 {
            let depth = rng.random_range(1..12usize);
            let eigenvalues = numbers(&mut rng, depth, 6.0);
            let constants: [f64; 5] = std::array::from_fn(|_| rng.random_range(0.1..1.4));
            let [kappa0, kappa1, _, norm, radius] = constants;
            let (samples, norm_squared) = (7, rng.random_range(0.5..3.0));
            let around = around(constants, depth);
            // (‖B‖e^{κ1R})², and κ1κ0e^{κ1‖v⁰‖}ρ.
            let stretch =
                (2.0 * kappa1 * norm + 2.0 * kappa1 * radius + f64::ln(norm_squared)).exp();
            let drift = (kappa1 * norm).exp() * kappa0 * kappa1 * radius;
            // Squares expanded: λ/N + 2√(λ/N)x + x².
            let largest = eigenvalues.iter().copied().fold(0.0, f64::max) / 7.0;
            let largest = largest + 2.0 * largest.sqrt() * drift + drift * drift;
            let layers: f64 = eigenvalues
                .iter()
                .enumerate()
                .map(|(k, lambda)| {
                    let share = k as f64 / depth as f64;
                    let moved = share * drift * drift;
                    lambda / 7.0 + 2.0 * (lambda / 7.0 * moved).sqrt() + moved
                })
                .sum();
            let eigenvalues = balls(&eigenvalues);
            for (version, plain) in [
                (GaussNewton::Global, kappa0 * kappa0),
                (GaussNewton::Largest(&eigenvalues), largest),
                (GaussNewton::Layers(&eigenvalues), layers / depth as f64),
            ] {
                let bound = version.bound(samples, ball(norm_squared), &around);
                assert_agrees(bound, stretch * plain, 40 + 20 * depth);
            }
        }
    }

    // λ_max is the same at every layer: the drift of a mean layer is below the last's.
    #[test]
    fn layers_are_below_the_largest_and_equal_at_the_reference() {
        let eigenvalues = balls(&[2.0; 5]);
        let bound = |version: GaussNewton, radius: f64| {
            let around = around([1.0, 0.7, 1.0, 0.3, radius], 5);
            version.bound(4, ball(3.0), &around).mid()
        };
        for radius in [0.1, 1.0, 2.0] {
            let layers = bound(GaussNewton::Layers(&eigenvalues), radius);
            assert!(layers < bound(GaussNewton::Largest(&eigenvalues), radius));
        }
        let at_reference = around([1.0, 0.7, 1.0, 0.0, 0.0], 5);
        for version in [
            GaussNewton::Largest(&eigenvalues),
            GaussNewton::Layers(&eigenvalues),
        ] {
            assert_agrees(
                version.bound(4, ball(3.0), &at_reference),
                3.0 * 2.0 / 4.0,
                40,
            );
        }
        // λ_max = N: the data's version is the global one.
        let full = balls(&[4.0; 5]);
        assert_agrees(
            GaussNewton::Largest(&full).bound(4, ball(3.0), &at_reference),
            3.0,
            40,
        );
        assert_agrees(
            GaussNewton::Global.bound(4, ball(3.0), &at_reference),
            3.0,
            40,
        );
    }

    #[test]
    #[should_panic(expected = "one eigenvalue a layer")]
    fn largest_needs_an_eigenvalue_a_layer() {
        let around = around([1.0; 5], 2);
        GaussNewton::Largest(&[]).bound(4, ball(3.0), &around);
    }

    #[test]
    #[should_panic(expected = "one eigenvalue a layer")]
    fn layers_need_an_eigenvalue_a_layer() {
        let around = around([1.0; 5], 2);
        GaussNewton::Layers(&balls(&[1.0; 3])).bound(4, ball(3.0), &around);
    }

    // (β − G)² = 2ℓ‖B‖²e^{2s}(s_2κ2Rκ0²e^s + θκ1κ0)², s = κ1R, of six layers: s_2² = 55/216, θ = 5/6 or 1/(12 sin(π/22)).
    #[test]
    fn hessian_bound_is_its_formula() {
        let mut rng = rng();
        for _ in 0..100 {
            let constants: [f64; 5] = std::array::from_fn(|_| rng.random_range(0.1..1.4));
            let [kappa0, kappa1, kappa2, norm, radius] = constants;
            let [part, norm_squared, loss]: [f64; 3] =
                std::array::from_fn(|_| rng.random_range(0.2..3.0));
            let around = around(constants, 6);
            let outer = norm + radius;
            let stretch = (kappa1 * outer).exp();
            let stationary = 1.0 / (12.0 * (std::f64::consts::PI / 22.0).sin());
            for (coupling, theta) in [
                (Coupling::General, 5.0 / 6.0),
                (Coupling::Stationary, stationary),
            ] {
                let way = (55.0_f64 / 216.0).sqrt();
                let slope = kappa0 * (theta * kappa1 + way * kappa0 * kappa2 * outer * stretch);
                let cross = (2.0 * loss * norm_squared).sqrt() * stretch * slope;
                let [part, norm_squared, loss] = [part, norm_squared, loss].map(ball);
                let bound = smoothness(part, norm_squared, loss, coupling, &around);
                assert_agrees(bound, part.mid() + cross, 100);
            }
        }
    }

    // R = 0: β = G + ‖B‖√(2ℓ)·θκ1κ0 = 1 + 3·2·θ·½·¼; one layer has none of it.
    #[test]
    fn hessian_bound_at_zero() {
        let bound = |loss: f64, coupling, depth| {
            let around = around([0.25, 0.5, 9.0, 0.0, 0.0], depth);
            smoothness(ball(1.0), ball(9.0), ball(loss), coupling, &around)
        };
        assert_agrees(bound(2.0, Coupling::General, 4), 1.5625, 40);
        assert_agrees(bound(2.0, Coupling::Stationary, 2), 1.375, 40);
        assert_agrees(bound(0.0, Coupling::General, 6), 1.0, 40);
        for coupling in [Coupling::General, Coupling::Stationary] {
            assert_agrees(bound(2.0, coupling, 1), 1.0, 40);
        }
    }
}
