//! The profile of a kernel, in logarithms and in balls.

use super::KernelSpec;
use crate::arithmetic::Ball;

impl KernelSpec {
    /// Returns `ln ψ(r)`: decreasing and, for all but inverse multiquadrics, concave in `r`.
    ///
    /// # Guarantee
    /// Certified: the ball contains the exact value at every member of `distance`, which
    /// must not be negative. It is everything, where a kernel does not give it ([`Fact::LogProfile`]).
    ///
    /// [`Fact::LogProfile`]: super::Fact::LogProfile
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, kernel::KernelSpec};
    /// let kernel: KernelSpec = "gaussian:0.5".parse()?;
    /// assert!(kernel.log_profile(Ball::from(30.0)).contains(-1800.0));
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn log_profile(&self, distance: Ball) -> Ball {
        let known = self.as_radial().log_profile(distance);
        known.unwrap_or(Ball::EVERYTHING)
    }

    /// Returns `ψ(r)`.
    ///
    /// # Guarantee
    /// Certified, as [`log_profile`](Self::log_profile), and known where the profile vanishes, too.
    #[must_use]
    pub fn profile_ball(&self, distance: Ball) -> Ball {
        let known = self.as_radial().profile_ball(distance);
        known.unwrap_or(Ball::EVERYTHING)
    }

    /// Returns `d ln ψ/dr`: not positive and, for all but inverse multiquadrics, decreasing in `r`.
    ///
    /// # Guarantee
    /// As [`log_profile`](Self::log_profile).
    #[must_use]
    pub fn log_profile_slope(&self, distance: Ball) -> Ball {
        let known = self.as_radial().log_profile_slope(distance);
        known.unwrap_or(Ball::EVERYTHING)
    }

    /// Returns `d² ln ψ/dr²`; `ψ''(0) = −κ1²` at zero, of an admissible kernel.
    ///
    /// # Guarantee
    /// As [`log_profile`](Self::log_profile).
    #[must_use]
    pub fn log_profile_curvature(&self, distance: Ball) -> Ball {
        let known = self.as_radial().log_profile_curvature(distance);
        known.unwrap_or(Ball::EVERYTHING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;
    use crate::kernel::spec::kernels;

    #[test]
    fn logarithm_of_the_profile() {
        for kernel in kernels(0.6) {
            for i in 0..100 {
                let r = 0.05 * f64::from(i);
                let ball = kernel.log_profile(Ball::from(r));
                let profile = kernel.profile(r * r).ln();
                // The profile's own error, (1 + t)·10u with t below 40.
                let slack = 410.0 * f64::EPSILON / 2.0;
                assert!(
                    (ball.mid() - profile).abs() <= ball.rad() + slack,
                    "{kernel} {r}"
                );
                assert!(ball.rad() < 1e-13);
            }
        }
    }

    #[test]
    fn slope_is_the_derivative_and_decreases() {
        for kernel in kernels(0.6) {
            let mut last = 0.0;
            for i in 1..60 {
                let r = 0.1 * f64::from(i);
                let h = 1e-4;
                let log = |r: f64| kernel.log_profile(Ball::from(r)).mid();
                let difference = (log(r + h) - log(r - h)) / (2.0 * h);
                let slope = kernel.log_profile_slope(Ball::from(r));
                // Third derivative below 30 for these lengths: 5h²; rounding 1e-14/h.
                assert!((slope.mid() - difference).abs() < 1e-6, "{kernel} {r}");
                let concave = kernel.facts().log_concave;
                assert!(
                    !concave || slope.lower() <= last,
                    "{kernel} {r}: not concave"
                );
                last = slope.upper();
            }
        }
    }

    #[test]
    fn curvature_is_the_derivative_of_the_slope() {
        for kernel in kernels(0.6) {
            for i in 1..60 {
                let (r, h) = (0.1 * f64::from(i), 1e-4);
                let slope = |r: f64| kernel.log_profile_slope(Ball::from(r)).mid();
                let difference = (slope(r + h) - slope(r - h)) / (2.0 * h);
                let curvature = kernel.log_profile_curvature(Ball::from(r));
                assert!((curvature.mid() - difference).abs() < 1e-5, "{kernel} {r}");
                assert!(curvature.rad() < 1e-12 * (1.0 + curvature.mid().abs()));
            }
            let at_zero = kernel.log_profile_curvature(Ball::from(0.0)).mid();
            let kappa1 = kernel.admissibility().kappa1;
            if kappa1.is_finite() {
                assert!((at_zero + kappa1 * kappa1).abs() < 1e-13 * kappa1 * kappa1);
            }
        }
    }
}
