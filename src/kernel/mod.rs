//! Kernels: values, spectral measures, admissibility.
//!
//! Networks and their theory take radial kernels, a [`KernelSpec`]; Gram matrices and their
//! eigenvalues any [`MercerKernel`], polynomials and lists of bandwidths among them. A kernel of your own is a
//! [`RadialProfile`], as [`KernelSpec::Foreign`]. A radial kernel is radial and normalised, `k(x,y) = ψ(‖x−y‖²)` with
//! `ψ(0) = 1`, and comes with its spectral probability measure `μ`,
//! `k(x,y) = E_{ω∼μ} cos(ω·(x−y))` (Bochner).

mod admissibility;
mod anisotropic;
mod check;
mod density;
mod enclosed;
mod error;
mod exponential;
mod facts;
mod foreign;
mod gaussian;
mod inverse_multiquadric;
#[cfg(test)]
mod law;
mod log_profile;
mod matern;
mod median;
mod mercer;
mod name;
mod polynomial;
mod product;
mod slope;
mod spec;
mod suggestion;

use std::fmt::Debug;

use nalgebra::DMatrix;

pub use admissibility::Admissibility;
pub use anisotropic::Anisotropic;
pub use check::check_facts;
pub use enclosed::{Enclosed, MOST_PLACES};
pub(crate) use enclosed::{decay, dyadic, short_dyadic};
pub use error::{KernelError, OTHER_NAMES, known_names};
pub use facts::{Dimensions, Fact, Facts};
pub(crate) use facts::{InIntegers, Real, real};
#[cfg(test)]
pub(crate) use foreign::examples::{Vague, rewritten, vague};
pub use foreign::{ForeignKernel, RadialProfile};
pub use gaussian::Gaussian;
pub use inverse_multiquadric::{InverseMultiquadric, LARGEST_RATIO, Power};
pub use matern::{Matern, Smoothness};
pub use median::{MEDIAN_POINTS, median_distance, median_in_words};
pub use mercer::MercerKernel;
pub use name::{Bandwidth, Family, KernelName};
pub use polynomial::{LARGEST_DEGREE, Polynomial};
pub use product::Product;
pub use slope::DifferentiableKernel;
pub use spec::KernelSpec;
use spec::{Named, known};

/// A radial, normalised, positive semi-definite kernel.
///
/// # Example
/// ```
/// use polyak::kernel::{Gaussian, Kernel};
///
/// let kernel = Gaussian::try_new(2.0)?;
/// assert_eq!(kernel.value(&[0.0, 3.0], &[0.0, 1.0]), (-0.5f64).exp());
/// assert_eq!(kernel.admissibility().kappa1, 0.5);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub trait Kernel: Debug + Send + Sync {
    /// The profile `ψ` at a squared distance in `[0, ∞]`.
    ///
    /// # Guarantee
    /// `ψ(0) = 1` exactly; the value lies in `[0, 1]` and is never NaN. All
    /// terms are positive, so the relative error of an exponential is that of `exp` at the
    /// rounded argument `t`: a few times `(1 + t)u`.
    fn profile(&self, squared_distance: f64) -> f64;

    /// Replaces squared distances by values of the profile, bit for bit those of
    /// [`profile`](Self::profile), faster where the kernel can be vectorised.
    fn profile_in_place(&self, squared_distances: &mut [f64]) {
        for value in squared_distances {
            *value = self.profile(*value);
        }
    }

    /// The constants `κ0, κ1, κ2`, the same in every dimension; infinite where none is proved.
    fn admissibility(&self) -> Admissibility;

    /// Whether the Gram matrix of any distinct points, of any dimension, is positive definite.
    fn is_strictly_positive_definite(&self) -> bool;

    /// Draws `count` independent frequencies of the spectral measure.
    ///
    /// # Returns
    /// `dimension × count`, column `j` is `ω_j`: a function of the arguments
    /// alone (ChaCha8 seeded by `seed`), and the first columns do not depend on
    /// `count`. Heavy tails may overflow to an infinite entry when the
    /// bandwidth is below about `1e-290`.
    ///
    /// # Errors
    /// [`KernelError::NotProved`], of a [`ForeignKernel`] that has no sampler in this dimension.
    fn try_sample_frequencies(
        &self,
        dimension: usize,
        count: usize,
        seed: u64,
    ) -> Result<DMatrix<f64>, KernelError>;

    /// A name that parses back to the same kernel, to the last bit of its bandwidth.
    fn name(&self) -> String;

    /// The value `k(x, y) = ψ(‖x−y‖²)`, through the difference of the points.
    ///
    /// # Panics
    /// When the points differ in length.
    fn value(&self, x: &[f64], y: &[f64]) -> f64 {
        assert_eq!(
            x.len(),
            y.len(),
            "points of lengths {} and {}",
            x.len(),
            y.len()
        );
        self.profile(x.iter().zip(y).map(|(a, b)| (a - b) * (a - b)).sum())
    }
}

/// Accepts finite positive numbers.
fn positive(bandwidth: f64) -> Result<f64, KernelError> {
    if bandwidth > 0.0 && bandwidth.is_finite() {
        Ok(bandwidth)
    } else {
        Err(KernelError::Bandwidth { bandwidth })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_the_profile_at_the_squared_distance() {
        let kernel = Matern::try_new(1.5, 0.8).unwrap();
        // (3, −4) has squared length 25 exactly.
        assert_eq!(
            kernel.value(&[4.0, -1.0], &[1.0, 3.0]),
            kernel.profile(25.0)
        );
        assert_eq!(kernel.value(&[], &[]), 1.0);
    }

    #[test]
    #[should_panic(expected = "points of lengths 2 and 3")]
    fn value_panics_on_points_of_different_lengths() {
        Gaussian::try_new(1.0).unwrap().value(&[0.0; 2], &[0.0; 3]);
    }
}
