//! The realised constants as balls: what the bounds of the theory are built from.

use super::FourierFeatures;
use crate::arithmetic::{Ball, gamma};
use crate::spectrum::largest_eigenvalue;
use nalgebra::DMatrix;

impl FourierFeatures {
    /// Returns `κ̂1 = λ_max(m⁻¹Σωωᵀ)^{1/2}` with its error bound.
    ///
    /// # Guarantee
    /// An enclosure of the largest eigenvalue of the computed moment matrix, widened by
    /// the rounding of that matrix (`γ_{m+3}` of its trace). Computed once a feature map.
    pub fn kappa1_ball(&self) -> Ball {
        *self.kappa1_cache.get_or_init(|| {
            let count = self.count();
            let moment = symmetric(self.second_moment(|_| 1.0));
            let trace = Ball::norm_of(self.frequencies().as_slice())
                .square()
                .upper()
                / count as f64;
            largest_eigenvalue(&moment).map_or(Ball::EVERYTHING, |enclosure| {
                let rounding = gamma(count + 8) * trace;
                enclosure.non_negative().ball().widened(rounding).sqrt()
            })
        })
    }

    /// Returns an upper bound of `κ̂2`, rounded up: the ball of the smaller of
    /// [`kappa2_crude`](Self::kappa2_crude) and [`kappa2_traceless`](Self::kappa2_traceless).
    ///
    /// # Guarantee
    /// The eigenvalues behind it are good to a modest multiple of `(q + m)u`
    /// relatively to the trace of their matrices; the radius counts `γ` of
    /// `64(q² + m)` of that trace. Computed once a feature map.
    pub fn kappa2_ball(&self) -> Ball {
        *self.kappa2_cache.get_or_init(|| {
            let upper = self.kappa2_upper();
            let roundings = 64 * (self.dimension() * self.dimension() + self.count());
            Ball::new(upper, gamma(roundings) * (upper + self.frequency_quartic()))
        })
    }
}

fn symmetric(mut a: DMatrix<f64>) -> DMatrix<f64> {
    a.fill_upper_triangle_with_lower_triangle();
    a
}
