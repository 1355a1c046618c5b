//! Derivatives of radial kernels.

use super::{Kernel, KernelSpec};

/// A radial kernel with its gradient, `∇_x k(x, y) = −s(‖x−y‖²)(x−y)`, `s = −2ψ'`.
///
/// For an admissible kernel `s(0) = κ1²`, `0 ≤ s ≤ κ1²` and `s(r²)r ≤ κ1`: `s` is `2` times the derivative of a completely monotone profile.
///
/// # Example
/// ```
/// use polyak::kernel::{DifferentiableKernel, Gaussian, Kernel};
/// let kernel = Gaussian::try_new(2.0)?;
/// assert_eq!(kernel.slope(0.0), 0.25);
/// assert_eq!(kernel.slope(4.0), kernel.profile(4.0) / 4.0);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
pub trait DifferentiableKernel: Kernel {
    /// `s = −2ψ'` at a squared distance in `[0, ∞]`; infinite at zero where the kernel has a cusp.
    ///
    /// # Guarantee
    /// Its relative error beyond that of the argument is at most
    /// [`Facts::slope_roundings`](super::Facts::slope_roundings) times `u`, where that is proved.
    fn slope(&self, squared_distance: f64) -> f64;

    /// Replaces squared distances by slopes, bit for bit those of [`slope`](Self::slope).
    fn slopes_in_place(&self, squared_distances: &mut [f64]) {
        for value in squared_distances {
            *value = self.slope(*value);
        }
    }
}

impl DifferentiableKernel for KernelSpec {
    fn slope(&self, squared_distance: f64) -> f64 {
        self.as_radial().slope(squared_distance)
    }

    fn slopes_in_place(&self, squared_distances: &mut [f64]) {
        self.as_radial().slopes_in_place(squared_distances);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;

    fn kernels() -> Vec<KernelSpec> {
        let names = [
            "gaussian:0.8",
            "matern32:1.3",
            "matern52:0.6",
            "matern72:1.7",
            "imq(1/2):0.9",
            "imq(3/1):1.4",
        ];
        names.map(|name| name.parse().unwrap()).to_vec()
    }

    /// A central difference in `r²`: truncation `h²ψ'''/6`, rounding `16u/h`.
    #[test]
    fn slope_is_minus_twice_the_derivative_of_the_profile() {
        for kernel in kernels() {
            for r2 in [0.05, 0.3, 1.0, 2.5, 9.0] {
                let h = 1e-4 * r2;
                let difference = (kernel.profile(r2 - h) - kernel.profile(r2 + h)) / h;
                let third = |x: f64| {
                    let step = 0.05 * r2;
                    (kernel.slope(x + step) - 2.0 * kernel.slope(x) + kernel.slope(x - step)).abs()
                        / (step * step)
                };
                // Slopes are completely monotone: their curvature is largest on the left.
                let truncation = h * h * third(0.9 * r2) / 3.0;
                let error = (kernel.slope(r2) - difference).abs();
                let allowed = truncation + 64.0 * UNIT_ROUNDOFF / h;
                assert!(error <= allowed, "{kernel} {r2} {error:e} {allowed:e}");
            }
        }
    }

    #[test]
    fn slope_at_zero_is_the_square_of_the_first_constant() {
        for kernel in kernels() {
            let kappa1 = kernel.admissibility().kappa1;
            let error = (kernel.slope(0.0) / (kappa1 * kappa1) - 1.0).abs();
            assert!(error <= 32.0 * UNIT_ROUNDOFF, "{kernel}");
            let mut last = f64::INFINITY;
            for i in 0..400 {
                let r = 0.02 * f64::from(i);
                let slope = kernel.slope(r * r);
                assert!(slope <= last * (1.0 + 32.0 * UNIT_ROUNDOFF) && slope >= 0.0);
                assert!(slope * r <= kappa1, "{kernel} {r}");
                last = slope;
            }
            assert_eq!(kernel.slope(f64::INFINITY), 0.0);
        }
        let cusp: KernelSpec = "matern12:1".parse().unwrap();
        assert_eq!(cusp.slope(0.0), f64::INFINITY);
        assert!((cusp.slope(4.0) - (-2.0_f64).exp() / 2.0).abs() <= 8.0 * UNIT_ROUNDOFF);
    }

    #[test]
    fn slopes_in_place_are_the_slopes() {
        let distances: Vec<f64> = (0..37).map(|i| 0.11 * f64::from(i)).collect();
        for kernel in kernels() {
            let mut slopes = distances.clone();
            kernel.slopes_in_place(&mut slopes);
            for (slope, &r2) in slopes.iter().zip(&distances) {
                assert_eq!(*slope, kernel.slope(r2), "{kernel}");
            }
        }
    }
}
