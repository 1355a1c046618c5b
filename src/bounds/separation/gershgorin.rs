//! Version 1: the rows of the matrix.

use super::{LogBound, ROWS, where_proved};
use crate::arithmetic::{Ball, count};
use crate::kernel::KernelSpec;

/// Returns `1 − (N−1)ψ(δ)`: every row has a unit diagonal and `N − 1` entries of at most
/// `ψ(δ)`. An equality for `N = 2`, and for a regular simplex.
///
/// # Guarantee
/// Certified, see [`LogBound`].
///
/// # Example
/// ```
/// use polyak::bounds::separation::gershgorin;
/// let kernel = "gaussian:1".parse()?;
/// let exact = 1.0 - (-2.0_f64).exp();
/// assert!((gershgorin(&kernel, 2, 2.0).value() - exact).abs() < 1e-14);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn gershgorin(kernel: &KernelSpec, samples: usize, delta: f64) -> LogBound {
    if samples <= 1 {
        return LogBound::of_log(Ball::from(0.0));
    }
    let Some((unit, ratio)) = where_proved(&ROWS, kernel, delta) else {
        return LogBound::NOTHING;
    };
    let others = count(samples - 1);
    LogBound::one_minus(others * unit.profile_ball(ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_all_that_bounds_an_inverse_multiquadric() {
        use crate::bounds::separation::{Version, separation};
        // ψ(√3) = 1/2 at β = 1/2.
        let kernel = "imq:1".parse().unwrap();
        let bound = separation(&kernel, 2, 2, 3.0_f64.sqrt());
        assert_eq!(bound.version, Version::Gershgorin);
        assert!((bound.log_bound.value() - 0.5).abs() < 1e-14);
        // Five points: nothing is left.
        let bound = separation(&kernel, 2, 5, 3.0_f64.sqrt());
        assert_eq!(bound.log_bound, LogBound::NOTHING);
    }

    #[test]
    fn one_point_needs_no_distance() {
        let kernel = "gaussian:1".parse().unwrap();
        for samples in [0, 1] {
            for delta in [f64::INFINITY, f64::NAN, 0.0, 1.0] {
                assert_eq!(gershgorin(&kernel, samples, delta).ln(), 0.0);
            }
        }
        assert_eq!(gershgorin(&kernel, 2, 0.0), LogBound::NOTHING);
    }

    #[test]
    fn closed_form() {
        let laplace = "matern12:2".parse().unwrap();
        for (samples, delta) in [(2usize, 0.1_f64), (5, 4.0), (9, 10.0)] {
            let exact = 1.0 - (samples - 1) as f64 * (-delta / 2.0).exp();
            let bound = gershgorin(&laplace, samples, delta).value();
            // A dozen ball operations on numbers at most 1.
            assert!(
                bound <= exact && bound >= exact - 1e-14,
                "{samples} {delta}"
            );
        }
        // 4e^{−1.386} > 1.
        assert_eq!(gershgorin(&laplace, 5, 2.77), LogBound::NOTHING);
        assert!(gershgorin(&laplace, 5, 2.78) > LogBound::NOTHING);
    }
}
