//! Wendland's `φ_{3,1}`, of compact support.

use nalgebra::DMatrix;
use polyak::arithmetic::Ball;
use polyak::kernel::{Admissibility, Dimensions, Enclosed, Facts, RadialProfile};

/// `ψ(ρ) = (1−ρ)₊⁴(4ρ+1)`, positive definite in dimensions up to three.
///
/// # Source
/// Wendland, Adv. Comput. Math. 4, 1995.
#[derive(Debug)]
pub struct Wendland;

impl RadialProfile for Wendland {
    fn label(&self) -> String {
        "wendland31".into()
    }

    fn facts(&self) -> Facts {
        Facts {
            positive_definite: Dimensions::UpTo(3),
            strictly: true,
            // 20ρ(1−ρ)³ is largest at 1/4.
            steepness: Some(2.11),
            // 10ρ²(1−ρ)³ is largest at 2/5.
            logarithmic_slope: Some(0.346),
            // The root moves ψ by 0.7u; 1 − ρ, twice squared, has seven roundings, the other factor one,
            // and the product one.
            profile_roundings: Some(12.0),
            // The root's rounding is everything of 1 − ρ, where that is small.
            slope_roundings: None,
            decreasing: true,
            log_concave: true,
            log_convex_density: false,
        }
    }

    fn profile(&self, squared: f64) -> f64 {
        let rho = squared.sqrt();
        let square = (1.0 - rho).max(0.0).powi(2);
        // Before an infinite distance makes 0·∞.
        if square == 0.0 {
            0.0
        } else {
            square * square * (4.0 * rho + 1.0)
        }
    }

    fn slope(&self, squared: f64) -> f64 {
        20.0 * (1.0 - squared.sqrt()).max(0.0).powi(3)
    }

    /// `ψ = 1 − 10ρ² + 20ρ³ − …`: no fourth derivative.
    fn admissibility(&self) -> Admissibility {
        Admissibility {
            kappa0: 1.0,
            kappa1: 20.0_f64.sqrt(),
            kappa2: f64::INFINITY,
        }
    }

    fn enclose(&self, squared: &Enclosed) -> Option<Enclosed> {
        let rho = squared.sqrt();
        Some((1.0 - &rho).positive_part().powi(4) * (4.0 * rho + 1.0))
    }

    fn log_derivatives(&self, _: Ball) -> Option<[Ball; 2]> {
        None
    }

    fn log_density(&self, _: usize, _: Ball) -> Option<[Ball; 2]> {
        None
    }

    fn sample_frequencies(&self, _: usize, _: usize, _: u64) -> Option<DMatrix<f64>> {
        None
    }
}
