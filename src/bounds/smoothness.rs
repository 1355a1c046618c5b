//! Bounds of the Hessian of the loss (P7).

use super::Neighbourhood;
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, gamma};
use crate::factor::named;

/// θ for stationary kernels and paired random features, `2/π`, where
/// `‖v(z)‖² + ‖Dv(z)h‖²/κ1² ≤ ‖v‖²`: a residual cannot be large and steep at
/// the same point. In general θ = 1.
pub const STATIONARY_COUPLING: f64 = std::f64::consts::FRAC_2_PI;

/// The same as a ball that holds the exact number: a constant below one, rounded once.
pub(crate) fn stationary_coupling() -> Ball {
    Ball::new(STATIONARY_COUPLING, UNIT_ROUNDOFF)
}

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
                    let drift = named("Gauss–Newton by layers: drift", around.feature_drift(k));
                    (named("Gauss–Newton by layers: √λ_max", eigenvalue.sqrt())
                        + count.sqrt() * drift)
                        .square()
                });
                terms.sum::<Ball>() / Ball::from(eigenvalues.len() as f64) / count
            }
        };
        norm_squared * named("Gauss–Newton: e^(2κ1R)", around.expansion().square()) * features
    }
}

/// Returns
/// `β = G + ‖B‖√(2ℓ)·e^{κ1R}( κ2Rκ0²e^{κ1R} + θκ1κ0 )`,
/// a bound of the Hessian wherever `L ≤ ℓ` in the neighbourhood.
///
/// # Arguments
/// * `gauss_newton`: `G`; `norm_squared`: `‖B‖²`; `loss`: `ℓ`.
/// * `coupling`: θ, 1 in general or [`STATIONARY_COUPLING`].
#[must_use]
pub fn smoothness(
    gauss_newton: Ball,
    norm_squared: Ball,
    loss: Ball,
    coupling: f64,
    around: &Neighbourhood,
) -> Ball {
    let stretch = named("smoothness: e^(κ1R)", around.expansion());
    let errors = named(
        "smoothness: √(2L)‖B‖",
        (Ball::from(2.0) * loss * norm_squared).sqrt(),
    );
    let curvature = around.kappa2 * around.outer_norm() * around.kappa0.square() * stretch;
    let curvature = named("smoothness: κ2Rκ0²e^(κ1R)", curvature);
    let coupling = named("smoothness: θ", Ball::new(coupling, gamma(1) * coupling));
    let cross = named("smoothness: κ1κ0", coupling * around.kappa1 * around.kappa0);
    gauss_newton + errors * stretch * (curvature + cross)
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

    // (β − G)² = 2ℓ‖B‖²e^{2s}(κ2Rκ0²e^s + θκ1κ0)², s = κ1R.
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
            for coupling in [1.0, STATIONARY_COUPLING, 1e-3] {
                let slope = kappa0 * (coupling * kappa1 + kappa0 * kappa2 * outer * stretch);
                let cross = (2.0 * loss * norm_squared).sqrt() * stretch * slope;
                let [part, norm_squared, loss] = [part, norm_squared, loss].map(ball);
                let bound = smoothness(part, norm_squared, loss, coupling, &around);
                assert_agrees(bound, part.mid() + cross, 30);
            }
        }
    }

    // R = 0: β = G + ‖B‖√(2ℓ)·θκ1κ0 = 1 + 3·2·θ·½·¼.
    #[test]
    fn hessian_bound_at_zero() {
        let around = around([0.25, 0.5, 9.0, 0.0, 0.0], 6);
        let bound = |loss: f64, coupling: f64| {
            smoothness(ball(1.0), ball(9.0), ball(loss), coupling, &around)
        };
        assert_agrees(bound(2.0, 1.0), 1.75, 30);
        assert_agrees(bound(0.0, 1.0), 1.0, 30);
        assert!(bound(2.0, STATIONARY_COUPLING).upper() < bound(2.0, 1.0).lower());
    }

    // θ itself is rounded, and the ball knows: with nothing else in the bound, its
    // radius is at least the error u/2·θ of a rounded constant.
    #[test]
    fn coupling_is_not_taken_for_exact() {
        let around = around([1.0, 1.0, 0.0, 0.0, 0.0], 1);
        for (coupling, most) in [(1.0, 40.0), (1e-3, 40.0)] {
            let bound = smoothness(ball(0.0), ball(1.0), ball(0.5), coupling, &around);
            assert!(bound.rad() >= crate::arithmetic::UNIT_ROUNDOFF * coupling);
            assert!(bound.rad() <= most * crate::arithmetic::UNIT_ROUNDOFF * coupling);
        }
    }
}
