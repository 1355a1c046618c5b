//! Bounds of the Hessian of the loss (P7).

use super::Neighbourhood;
use crate::arithmetic::{Ball, gamma};

/// θ for stationary kernels and paired random features, `2/π`, where
/// `‖v(z)‖² + ‖Dv(z)h‖²/κ1² ≤ ‖v‖²`: a residual cannot be large and steep at
/// the same point. In general θ = 1.
pub const STATIONARY_COUPLING: f64 = std::f64::consts::FRAC_2_PI;

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
            Self::Global => around.kappa0.square(),
            Self::Largest(eigenvalues) => {
                let greatest = eigenvalues.iter().copied().fold(Ball::from(0.0), Ball::max);
                ((greatest / count).sqrt() + around.feature_drift(around.depth)).square()
            }
            Self::Layers(eigenvalues) => {
                let terms = eigenvalues.iter().enumerate().map(|(k, eigenvalue)| {
                    (eigenvalue.sqrt() + count.sqrt() * around.feature_drift(k)).square()
                });
                terms.sum::<Ball>() / Ball::from(eigenvalues.len() as f64) / count
            }
        };
        norm_squared * around.expansion().square() * features
    }
}

/// Returns
/// `β = G + ‖B‖√(2ℓ)·e^{κ1R}( κ2Rκ0²e^{κ1R} + θκ1κ0 )`,
/// a bound of the Hessian wherever `L ≤ ℓ` in the neighbourhood.
///
/// # Arguments
/// * `gauss_newton`: `G`; `norm_squared`: `‖B‖²`; `loss`: `ℓ`.
/// * `coupling`: θ, 1 in general or [`STATIONARY_COUPLING`].
pub fn smoothness(
    gauss_newton: Ball,
    norm_squared: Ball,
    loss: Ball,
    coupling: f64,
    around: &Neighbourhood,
) -> Ball {
    let stretch = around.expansion();
    let errors = (Ball::from(2.0) * loss * norm_squared).sqrt();
    let curvature = around.kappa2 * around.outer_norm() * around.kappa0.square() * stretch;
    let coupling = Ball::new(coupling, gamma(1) * coupling);
    let cross = coupling * around.kappa1 * around.kappa0;
    gauss_newton + errors * stretch * (curvature + cross)
}
