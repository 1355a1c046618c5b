//! The rational quadratic kernel of power 3/2.

use nalgebra::DMatrix;
use polyak::arithmetic::Ball;
use polyak::kernel::{Admissibility, Dimensions, Enclosed, Facts, RadialProfile};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// `ψ(ρ) = (1 + ρ²/3)^{−3/2}`, a mixture of Gaussians: positive definite everywhere.
#[derive(Debug)]
pub struct RationalQuadratic;

impl RadialProfile for RationalQuadratic {
    fn label(&self) -> String {
        "rational-quadratic(3/2)".into()
    }

    fn facts(&self) -> Facts {
        Facts {
            positive_definite: Dimensions::Every,
            strictly: true,
            // ρ(1+ρ²/3)^{−5/2} is largest at ρ² = 3/4.
            steepness: Some(0.5),
            // (ρ²/2)(1+ρ²/3)^{−5/2} is largest at ρ² = 2.
            logarithmic_slope: Some(0.28),
            // The base has two roundings, three in its power; a root, a product, a quotient.
            profile_roundings: Some(8.0),
            slope_roundings: Some(12.0),
            decreasing: true,
            log_concave: false,
            log_convex_density: false,
        }
    }

    fn profile(&self, squared: f64) -> f64 {
        let base = 1.0 + squared / 3.0;
        1.0 / (base * base.sqrt())
    }

    fn slope(&self, squared: f64) -> f64 {
        let base = 1.0 + squared / 3.0;
        1.0 / (base * base.sqrt()) / base
    }

    /// `ψ = 1 − ρ²/2 + 5ρ⁴/24 − …`.
    fn admissibility(&self) -> Admissibility {
        Admissibility {
            kappa0: 1.0,
            kappa1: 1.0,
            kappa2: 5.0_f64.sqrt(),
        }
    }

    fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
        let base = 1.0 + squared / 3.0;
        Some(1.0 / (&base * base.sqrt()))
    }

    fn log_derivatives(&self, distance: Ball) -> Option<[Ball; 2]> {
        let [one, three] = [1.0, 3.0].map(Ball::from);
        let base = one + distance.square() / three;
        let curvature = -(one - distance.square() / three) / base.square();
        Some([-distance / base, curvature])
    }

    fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
        None // A Bessel function.
    }

    /// `√(χ²₃/3)·g`, `g` normal.
    fn sample_frequencies(&self, q: usize, count: usize, seed: u64) -> Option<DMatrix<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = || rng.sample::<f64, _>(StandardNormal);
        let mut drawn = DMatrix::zeros(q, count);
        for mut column in drawn.column_iter_mut() {
            let squares: f64 = (0..3).map(|_| normal().powi(2)).sum();
            column.apply(|w| *w = (squares / 3.0).sqrt() * normal());
        }
        Some(drawn)
    }
}
