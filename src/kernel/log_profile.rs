//! The profile of a kernel, in logarithms and in balls.

use super::{InverseMultiquadric, KernelSpec, Power, Smoothness};
use crate::arithmetic::Ball;

impl KernelSpec {
    /// Returns `ln ψ(r)`: decreasing and, for all but inverse multiquadrics, concave in `r`.
    ///
    /// # Guarantee
    /// Certified: the ball contains the exact value at every member of `distance`, which
    /// must not be negative.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, kernel::KernelSpec};
    /// let kernel: KernelSpec = "gaussian:0.5".parse()?;
    /// assert!(kernel.log_profile(Ball::from(30.0)).contains(-1800.0));
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    pub fn log_profile(&self, distance: Ball) -> Ball {
        let t = distance / Ball::from(self.bandwidth());
        match self {
            Self::Gaussian(_) => -Ball::from(0.5) * t.square(),
            Self::InverseMultiquadric(kernel) => {
                -power(kernel) * (Ball::from(1.0) + t.square()).ln()
            }
            Self::Matern(kernel) => {
                let smoothness = kernel.smoothness();
                let t = root(smoothness) * t;
                let (value, divisor) = polynomial(smoothness, t);
                (value / Ball::from(divisor)).ln() - t
            }
        }
    }

    /// Returns `d ln ψ/dr`: not positive and, for all but inverse multiquadrics, decreasing in `r`.
    ///
    /// # Guarantee
    /// As [`log_profile`](Self::log_profile).
    pub fn log_profile_slope(&self, distance: Ball) -> Ball {
        let length = Ball::from(self.bandwidth());
        let t = distance / length;
        match self {
            Self::Gaussian(_) => -t / length,
            Self::InverseMultiquadric(kernel) => {
                let base = Ball::from(1.0) + t.square();
                -Ball::from(2.0) * power(kernel) * t / base / length
            }
            Self::Matern(kernel) => {
                let smoothness = kernel.smoothness();
                let t = root(smoothness) * t;
                // P − P', over P: ψ = Pe^{−t}.
                let [one, three] = [1.0, 3.0].map(Ball::from);
                let rest = match smoothness {
                    Smoothness::Half => one,
                    Smoothness::ThreeHalves => t,
                    Smoothness::FiveHalves => t * (one + t),
                    Smoothness::SevenHalves => t * (three + t * (three + t)),
                };
                -(root(smoothness) / length) * rest / polynomial(smoothness, t).0
            }
        }
    }

    /// Returns `d² ln ψ/dr²`; `ψ''(0) = −κ1²` at zero, of an admissible kernel.
    ///
    /// # Guarantee
    /// As [`log_profile`](Self::log_profile).
    pub fn log_profile_curvature(&self, distance: Ball) -> Ball {
        let length = Ball::from(self.bandwidth());
        let t = distance / length;
        let [zero, one, two] = [0.0, 1.0, 2.0].map(Ball::from);
        let of_unit = match self {
            Self::Gaussian(_) => -one,
            Self::InverseMultiquadric(kernel) => {
                let square = t.square();
                -two * power(kernel) * (one - square) / (one + square).square()
            }
            Self::Matern(kernel) => {
                let smoothness = kernel.smoothness();
                let t = root(smoothness) * t;
                let [three, six, twelve, fifteen] = [3.0, 6.0, 12.0, 15.0].map(Ball::from);
                // P' and P'', over P.
                let (first, second) = match smoothness {
                    Smoothness::Half => (zero, zero),
                    Smoothness::ThreeHalves => (one, zero),
                    Smoothness::FiveHalves => (three + two * t, two),
                    Smoothness::SevenHalves => {
                        (fifteen + t * (twelve + three * t), twelve + six * t)
                    }
                };
                let value = polynomial(smoothness, t).0;
                let frequency = Ball::from(2.0 * smoothness.nu());
                frequency * (second / value - (first / value).square())
            }
        };
        of_unit / length.square()
    }
}

/// `β`.
fn power(kernel: &InverseMultiquadric) -> Ball {
    match kernel.power() {
        Power::Ratio {
            numerator,
            denominator,
        } => Ball::from(f64::from(numerator)) / Ball::from(f64::from(denominator)),
        Power::Real(power) => Ball::from(power),
    }
}

/// `√(2ν)`.
fn root(smoothness: Smoothness) -> Ball {
    Ball::from(2.0 * smoothness.nu()).sqrt()
}

/// The polynomial `P` of `ψ = Pe^{−t}` times an integer, and that integer.
fn polynomial(smoothness: Smoothness, t: Ball) -> (Ball, f64) {
    let [one, three, six, fifteen] = [1.0, 3.0, 6.0, 15.0].map(Ball::from);
    match smoothness {
        Smoothness::Half => (one, 1.0),
        Smoothness::ThreeHalves => (one + t, 1.0),
        Smoothness::FiveHalves => (three + t * (three + t), 3.0),
        Smoothness::SevenHalves => (fifteen + t * (fifteen + t * (six + t)), 15.0),
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
                let concave = !matches!(kernel, KernelSpec::InverseMultiquadric(_));
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
