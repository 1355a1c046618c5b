//! How far a Gram matrix assembled in f64 can be from the exact one.

use crate::arithmetic::{UNIT_ROUNDOFF, enlarged, gamma};
use crate::gram::CANCELLATION;
use crate::kernel::{KernelSpec, Polynomial};
use nalgebra::DMatrixView;

/// Numbers between the reciprocal of this and this: squares, quotients by a squared
/// bandwidth and `2^{-1074}` over it are all harmless.
pub(super) const RANGE: f64 = f64::from_bits((1023 + 400) << 52); // 2^400

/// Profiles that are steeper, per bandwidth, are not evaluated in f64.
const STEEPEST: f64 = (1u32 << 30) as f64;

/// Bounds `|fl(K_ij) − K_ij|` for [`kernel_gram`](crate::gram::kernel_gram), every pair
/// alike; nothing, out of the range where underflow and overflow are harmless, and for a kernel of
/// which a fact is not proved, as an inverse multiquadric that takes more than a root.
///
/// # Guarantee
/// With `c` the centre, `R = max‖z_i − c‖`, `u` the unit roundoff, `h` the bandwidth:
/// * Centring moves every difference `z_i − z_j` by at most `2uR`, and `|dψ/dr| ≤ s/h`,
///   `s` the [`Facts::steepness`].
/// * A squared distance of the centred points, by a product of order `q` and the two
///   squared norms, is off by `2γ_{q+4}(‖x‖² + ‖y‖²)`, and is only kept when that is
///   below `2·64·γ_{q+4}` of it; by a difference it has the relative error `γ_{q+2}`.
///   The profile adds ten roundings of its argument (relative, of `r²`). A relative
///   error `η` of `r²` moves `ψ` by at most `0.37 η/(1−η)`.
/// * The profile itself adds [`Facts::profile_roundings`].
/// * Underflow: a subnormal product of coordinates is off by `2^{−1074}`; divided by
///   `h² ≥ 2^{−800}`, under a root and `q` times, still below `q·2^{−100}`.
///
/// [`Facts::steepness`]: crate::kernel::Facts::steepness
/// [`Facts::logarithmic_slope`]: crate::kernel::Facts::logarithmic_slope
/// [`Facts::profile_roundings`]: crate::kernel::Facts::profile_roundings
pub(crate) fn gram_error<'a>(
    kernel: &KernelSpec,
    points: impl Into<DMatrixView<'a, f64>>,
) -> Option<f64> {
    let points = points.into();
    let bandwidth = kernel.bandwidth();
    let facts = kernel.facts();
    let (slope, roundings) = (facts.steepness?, facts.profile_roundings?);
    let logarithmic_slope = facts.logarithmic_slope?;
    let (dimension, samples) = points.shape();
    let largest = points.amax();
    // A distance that underflows is off by 2^{−137}√q at most.
    if slope > STEEPEST || largest > RANGE || !(1.0 / RANGE..=RANGE).contains(&bandwidth) {
        return None;
    }
    let centre = points.column(samples / 2);
    let norms = points.column_iter().map(|z| (z - centre).norm());
    // Norms with the relative error γ_{q+3}.
    let radius = enlarged(norms.fold(0.0, f64::max), dimension + 4);
    let centring = slope * 2.0 * UNIT_ROUNDOFF * radius / bandwidth;
    let relative = 2.0 * CANCELLATION * gamma(dimension + 4) * 2.0 + 10.0 * UNIT_ROUNDOFF;
    // One quarter: η/(1−η) and the sum of the parts stay far from overflow.
    if !(relative < 0.25) {
        return None;
    }
    let distance = logarithmic_slope * relative / (1.0 - relative);
    let underflow = dimension as f64 * 2.0_f64.powi(-100);
    let bound = centring + distance + roundings * UNIT_ROUNDOFF + underflow;
    Some(enlarged(bound, 16).min(1.0))
}

/// Bounds `‖fl(K) − K‖` of [`mercer_gram`](crate::gram::mercer_gram) for a polynomial kernel;
/// nothing, out of the range where underflow and overflow are harmless.
///
/// # Guarantee
/// With `M = max‖z‖² + c`, no base `x·y + c` exceeds `M` in absolute value, as computed it is off by
/// `γ_{q+2}M`, and its `p`-th power by `((1 + γ_{q+2})^p(1 + γ_p) − 1)M^p ≤ γ_{p(q+4)}M^p`. `M ≥
/// 2^{−400}`: what underflows, at most `pq·2^{−1074}M^{p−1}`, is far below as much again.
pub(super) fn polynomial_error(kernel: &Polynomial, points: DMatrixView<'_, f64>) -> Option<f64> {
    let (dimension, samples) = points.shape();
    let squares = points.column_iter().map(|z| z.norm_squared());
    let base = enlarged(squares.fold(0.0, f64::max) + kernel.offset(), dimension + 4);
    let degree = kernel.degree() as usize;
    let largest = (1..degree).fold(base, |power, _| power * base);
    let relative = gamma(degree * (dimension + 4));
    let range = 1.0 / RANGE..=RANGE;
    if !(range.contains(&base) && range.contains(&largest) && relative < 0.25) {
        return None;
    }
    Some(enlarged(
        samples as f64 * 2.0 * relative * largest,
        degree + 16,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::entries::{Gram, Source};
    use super::*;
    use crate::gram::kernel_gram;
    use crate::kernel::Gaussian;
    use dashu_int::IBig;
    use nalgebra::DMatrix;

    #[test]
    fn assembled_entries_are_within_the_bound_of_the_exact_ones() {
        let mut worst: f64 = 0.0;
        for (offset, dimension) in [(0.0, 1), (0.0, 7), (1e6, 2), (-3e9, 3)] {
            for name in [
                "gaussian", "matern12", "matern32", "matern52", "matern72", "imq", "imq(16)",
            ] {
                for bandwidth in [1e-3, 0.5, 300.0] {
                    let kernel: KernelSpec = format!("{name}:{bandwidth}").parse().unwrap();
                    let points = DMatrix::from_fn(dimension, 30, |i, j| {
                        offset + ((i * 57 + j * 23) as f64).sin() * 2.0 / (1.0 + j as f64)
                    });
                    let error = gram_error(&kernel, &points).unwrap();
                    let rounded = kernel_gram(&kernel, &points);
                    let source = Source::Gram(Box::new(Gram::of(&kernel, &points)));
                    let exact = source.in_full::<2>(false);
                    for i in 0..30 {
                        for j in 0..i {
                            // Stored halved, in units of 2^−128.
                            let stored = exact.entry(i, j).integer();
                            let scaled = IBig::from((rounded[(i, j)] * 2.0_f64.powi(62)) as i64);
                            let difference = (stored >> 65usize) - scaled;
                            let difference = i64::try_from(difference).unwrap().unsigned_abs();
                            // Two truncations to 2^−62.
                            let distance = (difference as f64 - 2.0).max(0.0) / 2.0_f64.powi(62);
                            assert!(
                                distance <= error,
                                "{kernel} {offset} {distance:e} {error:e}"
                            );
                            worst = worst.max(distance / error);
                        }
                    }
                }
            }
        }
        assert!(worst > 0.01, "a bound a hundred times too large: {worst}");
    }

    #[test]
    fn the_slope_is_bounded_on_a_fine_grid() {
        use crate::kernel::Kernel;
        for name in [
            "gaussian:1",
            "matern12:1",
            "matern32:1",
            "matern52:1",
            "matern72:1",
            "imq:1",
            "imq(16):1",
        ] {
            let kernel: KernelSpec = name.parse().unwrap();
            let (mut logarithmic, mut plain): (f64, f64) = (0.0, 0.0);
            for i in 0..20_000 {
                let r2 = (f64::from(i) * 0.001 - 10.0).exp();
                let step = 1e-4;
                let change = kernel.profile(r2) - kernel.profile(r2 * (1.0 + step));
                logarithmic = logarithmic.max(change / step);
                plain = plain.max(change / (r2.sqrt() * ((1.0 + step).sqrt() - 1.0)));
            }
            let facts = kernel.facts();
            let stated = facts.logarithmic_slope.unwrap();
            assert!(logarithmic <= stated && logarithmic > 0.17, "{name}");
            let slope = facts.steepness.unwrap();
            assert!(plain <= slope && plain > 0.35 * slope, "{name} {plain}");
        }
    }

    #[test]
    fn out_of_range_nothing_is_known() {
        let points = nalgebra::dmatrix![1.0, 2.0];
        let gaussian = |bandwidth: f64| Gaussian::try_new(bandwidth).unwrap().into();
        let error = |points: &DMatrix<f64>, bandwidth| gram_error(&gaussian(bandwidth), points);
        assert!(error(&points, 1.0).is_some());
        assert!(error(&points, RANGE).is_some() && error(&points, 1.0 / RANGE).is_some());
        for bandwidth in [1e-121, 1e121] {
            assert_eq!(error(&points, bandwidth), None);
        }
        assert_eq!(error(&(&points * 1e121), 1.0), None);
        assert_eq!(error(&(&points * 1e60), 1.0 / RANGE), Some(1.0));
        // A third root is not proved.
        assert!(gram_error(&"imq(3/2):1".parse().unwrap(), &points).is_some());
        assert_eq!(gram_error(&"imq(1/3):1".parse().unwrap(), &points), None);
    }

    #[test]
    fn powers_of_products_have_the_bound_of_their_base() {
        let error = |degree: u32, offset: f64, points: &DMatrix<f64>| {
            polynomial_error(
                &Polynomial::try_new(degree, offset).unwrap(),
                points.as_view(),
            )
        };
        // M = 25 + 2, three points of two coordinates: 3·2·γ_{6p}·27^p.
        let points = nalgebra::dmatrix![1.0, 3.0, 0.0; 0.0, 4.0, 0.0];
        for degree in [1, 2, 5] {
            let exact = 6.0 * gamma(6 * degree) * 27.0_f64.powi(degree as i32);
            let found = error(degree as u32, 2.0, &points).unwrap();
            assert!(found >= exact && found <= exact * (1.0 + 1e-13), "{degree}");
        }
        // Numbers below one are as good as others; out of range are bases and powers.
        let small = nalgebra::dmatrix![1e-3, 2e-3];
        assert!(error(3, 0.0, &small).is_some());
        let tiny = nalgebra::dmatrix![1e-62, 2e-62];
        assert_eq!(error(1, 0.0, &tiny), None);
        let huge = nalgebra::dmatrix![1e59, 2e59];
        assert!(error(1, 0.0, &huge).is_some());
        assert_eq!(error(2, 0.0, &huge), None);
    }

    #[test]
    fn every_part_of_the_bound_counts() {
        let error = |name: &str, points: &DMatrix<f64>| {
            gram_error(&name.parse().unwrap(), points).unwrap() / UNIT_ROUNDOFF
        };
        let near = nalgebra::dmatrix![1.0, 1.0 + 1e-9];
        // 0.37(256·5 + 10) and 12, without centring.
        let parts = 0.37 * 1290.0 + 12.0;
        assert!((error("gaussian:1", &near) - parts).abs() < 1e-3);
        // 2β = 32: 32 + 2 in place of 12.
        assert!((error("imq(16):1", &near) - parts - 22.0).abs() < 1e-3);
        assert!((error("imq:1", &near) - parts).abs() < 1e-3);
        // The radius is 4096 bandwidths: 2R, and √(2β) of it.
        let far = nalgebra::dmatrix![0.0, 4096.0];
        assert!((error("gaussian:1", &far) - parts - 8192.0).abs() < 1e-2);
        assert!((error("imq(2):1", &far) - parts - 16384.0).abs() < 1e-2);
    }
}
