//! Kernels on states, evaluated in blocks.

use crate::arithmetic::{Ball, LIBM_ULPS, UNIT_ROUNDOFF, enlarged, gamma};
use crate::features::FourierFeatures;
use crate::gram::{kernel_block, weighted_gradients};
use crate::kernel::{Kernel, KernelError, KernelSpec};
use crate::linalg::gemm;
use faer::Accum;
use nalgebra::DMatrix;
use std::fmt::Debug;

/// A kernel `k` with `k(z, z) = 1` whose sections make up vector fields `Σ_j k(·, c_j)a_j`.
///
/// Implemented by [`KernelSpec`], the exact kernel, and by [`FourierFeatures`], whose kernel
/// `k̂(z, z') = m⁻¹Σ cos ω·(z−z')` is evaluated here from differences of phases, never from
/// features: it shares nothing with the parametric network but the frequencies.
pub trait FieldKernel: Clone + Debug + Send + Sync {
    /// The dimension of the states, if it is fixed.
    fn dimension(&self) -> Option<usize>;

    /// Accepts states of a dimension in which the kernel is positive semi-definite.
    ///
    /// # Errors
    /// [`KernelError::NotProved`].
    fn require_dimension(&self, dimension: usize) -> Result<(), KernelError>;

    /// Returns `κ1`: `‖∇_z k(z, c)‖ ≤ κ1`.
    fn kappa1(&self) -> Ball;

    /// Returns an upper bound of `κ2`, that of second derivatives; infinite if there is none.
    fn kappa2(&self) -> Ball;

    /// Writes `k(x_i, x_j)` for all columns `x_i` of `points` (q × P) and the last ones `x_j`,
    /// as many as `out` (P × N) has columns.
    fn values(&self, points: &DMatrix<f64>, out: &mut DMatrix<f64>);

    /// Returns `Σ_j w_ji ∇_z k(z_i, c_j)` (q × N) for `points` = centres, then `z_i`, and
    /// weights M × N.
    fn gradients(&self, points: &DMatrix<f64>, weights: &DMatrix<f64>) -> DMatrix<f64>;

    /// Bounds the error of an entry of [`values`](Self::values) at points of at most this norm.
    fn value_error(&self, dimension: usize, size: f64) -> f64;

    /// Bounds the error of [`gradients`](Self::gradients) per unit of `Σ_j|w_ji|`.
    fn gradient_error(&self, dimension: usize, centres: usize, size: f64) -> f64;
}

/// Error of a computed distance of points of at most this norm: centring moves both by
/// `2u·size`, the squared distance is off by `256γ_{q+4}` relatively, the argument of the profile
/// by a few `u` more.
fn distance_error(dimension: usize, size: f64) -> f64 {
    let relative = 129.0 * gamma(dimension + 4) + 8.0 * UNIT_ROUNDOFF;
    4.0 * UNIT_ROUNDOFF * size + 2.0 * size * relative
}

/// A constant of the kernel: a root, two products and two quotients.
fn constant(value: f64) -> Ball {
    if value.is_finite() {
        Ball::new(value, gamma(8) * value)
    } else {
        Ball::EVERYTHING
    }
}

impl FieldKernel for KernelSpec {
    fn dimension(&self) -> Option<usize> {
        None
    }

    fn require_dimension(&self, dimension: usize) -> Result<(), KernelError> {
        KernelSpec::require_dimension(self, dimension)
    }

    fn kappa1(&self) -> Ball {
        constant(self.admissibility().kappa1)
    }

    fn kappa2(&self) -> Ball {
        constant(self.admissibility().kappa2)
    }

    fn values(&self, points: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        kernel_block(self, points, out);
    }

    fn gradients(&self, points: &DMatrix<f64>, weights: &DMatrix<f64>) -> DMatrix<f64> {
        weighted_gradients(self, points, weights)
    }

    /// `|dψ/dr|` times the error of the distance, and the roundings of the profile; nothing is
    /// known where the profile is not proved.
    fn value_error(&self, dimension: usize, size: f64) -> f64 {
        let facts = self.facts();
        let (Some(roundings), Some(steepness)) = (facts.profile_roundings, facts.steepness) else {
            return f64::INFINITY;
        };
        let steepness = steepness / self.bandwidth();
        let error = steepness * distance_error(dimension, size) + roundings * UNIT_ROUNDOFF;
        enlarged(error, 16)
    }

    /// `r ↦ s(r²)r` has the slope `κ2` at most, and `s ≤ κ1² ≤ κ2`.
    fn gradient_error(&self, dimension: usize, centres: usize, size: f64) -> f64 {
        let Some(roundings) = self.facts().slope_roundings else {
            return f64::INFINITY;
        };
        let (kappa1, kappa2) = (self.kappa1().upper(), self.kappa2().upper());
        let distances = 2.0 * kappa2 * distance_error(dimension, size);
        let slopes = roundings * UNIT_ROUNDOFF * kappa1;
        let products = gamma(centres + 8) * 4.0 * kappa1 * kappa1 * 2.0 * size;
        enlarged(distances + slopes + products, 16)
    }
}

/// Phases `ω_l·x_j`, m × P.
fn phases(features: &FourierFeatures, points: &DMatrix<f64>) -> DMatrix<f64> {
    let mut phases = DMatrix::zeros(features.count(), points.ncols());
    gemm(
        &mut phases,
        Accum::Replace,
        1.0,
        features.frequencies(),
        true,
        points,
        false,
    );
    phases
}

/// Root mean square of the frequencies times the error of a phase difference per unit length of
/// a frequency: `γ_q` of two phases and a rounding of their difference.
fn phase_error(features: &FourierFeatures, size: f64) -> f64 {
    gamma(features.dimension() + 2) * 2.0 * size
}

impl FieldKernel for FourierFeatures {
    fn dimension(&self) -> Option<usize> {
        Some(FourierFeatures::dimension(self))
    }

    /// Any: the sum of squares of features.
    fn require_dimension(&self, _: usize) -> Result<(), KernelError> {
        Ok(())
    }

    fn kappa1(&self) -> Ball {
        self.kappa1_ball()
    }

    fn kappa2(&self) -> Ball {
        self.kappa2_ball()
    }

    fn values(&self, points: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        let phases = phases(self, points);
        let (rows, columns) = out.shape();
        for j in 0..columns {
            let here = phases.column(rows - columns + j);
            for i in 0..rows {
                let there = phases.column(i);
                let terms = here.iter().zip(there.iter()).map(|(a, b)| (a - b).cos());
                out[(i, j)] = terms.sum::<f64>() / self.count() as f64;
            }
        }
    }

    fn gradients(&self, points: &DMatrix<f64>, weights: &DMatrix<f64>) -> DMatrix<f64> {
        let phases = phases(self, points);
        let (centres, columns) = weights.shape();
        let mut slopes = DMatrix::zeros(self.count(), columns);
        for i in 0..columns {
            let here = phases.column(centres + i);
            for j in 0..centres {
                let (weight, there) = (weights[(j, i)], phases.column(j));
                for l in 0..self.count() {
                    slopes[(l, i)] -= weight * (here[l] - there[l]).sin();
                }
            }
        }
        let mut gradients = DMatrix::zeros(points.nrows(), columns);
        gemm(
            &mut gradients,
            Accum::Replace,
            1.0 / self.count() as f64,
            self.frequencies(),
            false,
            &slopes,
            false,
        );
        gradients
    }

    /// A mean of cosines: phases, library, sum.
    fn value_error(&self, _: usize, size: f64) -> f64 {
        let phases = phase_error(self, size) * self.frequency_rms();
        let library = LIBM_ULPS * f64::EPSILON;
        enlarged(phases + library + gamma(self.count() + 2), 16)
    }

    /// A mean of sines times frequencies, `m⁻¹Σ‖ω‖ ≤` their root mean square: phases weigh by
    /// `m⁻¹Σ‖ω‖²`, the library and the sums over centres and frequencies by `m⁻¹Σ‖ω‖`.
    fn gradient_error(&self, _: usize, centres: usize, size: f64) -> f64 {
        let rms = self.frequency_rms();
        let sums = gamma(centres + self.count() + 4);
        let library = LIBM_ULPS * f64::EPSILON;
        let error = rms * rms * phase_error(self, size) + rms * (library + sums);
        enlarged(error, 16)
    }
}
