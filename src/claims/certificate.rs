//! Claims about certified eigenvalues: K2, E1, E3, E4.

use super::scale::{Scale, narrow};
use super::{PointsInstance, undecided};
use crate::arithmetic::Ball;
use crate::evidence::{Comparison, Finding};
use crate::gram::mercer_gram;
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{
    Budget, Certificate, CertificateError, CertificateOptions, Direction, Endpoint,
    certify_largest, certify_largest_of_matrix, certify_smallest, certify_smallest_of_matrix,
    equal_points, reference_extremes,
};
use nalgebra::DMatrix;

/// A hypothesis of K2 and E3.
pub(super) const DISTINCT: &str = "the lifted inputs are distinct";

/// The other hypothesis of K2.
pub(super) const STRICT: &str = "the kernel is strictly positive definite";

/// `lo ≤ λ` and `λ ≤ hi` for a number known to lie between two others.
fn encloses(
    [below, above]: [&'static str; 2],
    certificate: &Certificate,
    (lo, hi): (Endpoint, Endpoint),
) -> [Comparison; 2] {
    let scale = Scale::of(hi);
    let known = scale.ball(lo, hi);
    let least = Ball::from(scale.point(certificate.lo, Direction::Down));
    let largest = Ball::from(scale.point(certificate.hi, Direction::Up));
    [
        Comparison::at_least(below, known, least),
        Comparison::at_most(above, known, largest),
    ]
}

fn not_distinct((i, j): (usize, usize)) -> Finding {
    Finding::Inapplicable(vec![format!("{DISTINCT}: {i} and {j} are equal")])
}

/// K2: a certificate decides that `λ_min` is positive.
pub(super) fn strictly_positive(instance: &PointsInstance) -> Finding {
    strictly_positive_at(&instance.kernel.into(), &instance.points)
}

/// K2 for any kernel.
pub(super) fn strictly_positive_at(kernel: &MercerKernel, points: &DMatrix<f64>) -> Finding {
    if !kernel.is_strictly_positive_definite_in(points.nrows()) {
        return Finding::Inapplicable(vec![format!("{STRICT}: {kernel} is not")]);
    }
    if let Some(pair) = equal_points(points) {
        return not_distinct(pair);
    }
    let options = CertificateOptions::default();
    match certify_smallest(kernel, points, &options) {
        Ok(certificate) if certificate.reached => {
            let scale = Scale::of(certificate.hi);
            let least = Ball::from(scale.point(certificate.lo, Direction::Down));
            let largest = Ball::from(scale.point(certificate.hi, Direction::Up));
            let bound = largest * Ball::from(1.0 - options.relative_width);
            Finding::Compared(vec![Comparison::at_least("lo ≥ (1 − w)hi", least, bound)])
        }
        Ok(certificate) => undecided(format!("{certificate} is all that the budget allows")),
        Err(error) => undecided(error),
    }
}

/// E1: certificates of the width that a user asks for beside much narrower ones: of the Gram
/// matrix by any arithmetic, of its largest eigenvalue by f64 alone, and of a matrix given.
pub(super) fn enclosure(instance: &PointsInstance) -> Finding {
    match enclosures(&instance.kernel.into(), &instance.points) {
        Ok(comparisons) => Finding::Compared(comparisons),
        Err(error) => undecided(error),
    }
}

fn enclosures(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
) -> Result<Vec<Comparison>, CertificateError> {
    let (narrow, wide) = (narrow(), CertificateOptions::default());
    let double = CertificateOptions {
        budget: Budget {
            max_bits: 0,
            ..wide.budget
        },
        ..wide
    };
    let mut given = mercer_gram(kernel, points)?;
    given += DMatrix::identity(given.nrows(), given.nrows());
    let cases = [
        (
            ["lo ≤ λ_min(K)", "λ_min(K) ≤ hi"],
            certify_smallest(kernel, points, &wide)?,
            certify_smallest(kernel, points, &narrow)?,
        ),
        (
            ["lo ≤ λ_max(K), in f64", "λ_max(K) ≤ hi, in f64"],
            certify_largest(kernel, points, &double)?,
            certify_largest(kernel, points, &narrow)?,
        ),
        (
            ["lo ≤ λ_min(A), in f64", "λ_min(A) ≤ hi, in f64"],
            certify_smallest_of_matrix(&given, &double)?,
            certify_smallest_of_matrix(&given, &narrow)?,
        ),
        (
            ["lo ≤ λ_max(A), in f64", "λ_max(A) ≤ hi, in f64"],
            certify_largest_of_matrix(&given, &double)?,
            certify_largest_of_matrix(&given, &narrow)?,
        ),
    ];
    let compared = cases.map(|(statements, wide, narrow)| {
        encloses(statements, &wide, (narrow.lo, narrow.hi)).to_vec()
    });
    Ok(compared.concat())
}

/// E3: narrow certificates contain the reference.
pub(super) fn reference(instance: &PointsInstance) -> Finding {
    let points = &instance.points;
    if let Some(pair) = equal_points(points) {
        return not_distinct(pair);
    }
    let Some((smallest, largest)) = reference_extremes(&instance.kernel, points) else {
        return undecided("the reference is for 64 points and a matrix that is not singular");
    };
    let options = narrow();
    let low = certify_smallest(&instance.kernel.into(), points, &options);
    let high = certify_largest(&instance.kernel.into(), points, &options);
    match (low, high) {
        (Ok(low), Ok(high)) => {
            let below = ["lo ≤ λ_min(K)", "λ_min(K) ≤ hi"];
            let above = ["lo ≤ λ_max(K)", "λ_max(K) ≤ hi"];
            let below = encloses(below, &low, (smallest.lo, smallest.hi));
            let above = encloses(above, &high, (largest.lo, largest.hi));
            Finding::Compared([below, above].concat())
        }
        (Err(error), _) | (_, Err(error)) => undecided(error),
    }
}

/// E4: certificates of points moved in ways that leave every distance as it is, or five
/// times as large with a kernel five times as wide.
pub(super) fn invariance(instance: &PointsInstance) -> Finding {
    let points = short(&instance.points);
    // Twelve bits less, so that a multiple by five is exact.
    let bandwidth = f64::from_bits(instance.kernel.bandwidth().to_bits() & !0xFFF);
    let kernels = (
        instance.kernel.with_bandwidth(bandwidth),
        instance.kernel.with_bandwidth(5.0 * bandwidth),
    );
    let (Ok(kernel), Ok(wider)) = kernels else {
        return undecided("the bandwidth is at the end of the range of f64");
    };
    let options = narrow();
    let moves = [
        ("permutation", kernel, permuted(&points)),
        ("translation", kernel, translated(&points)),
        ("rotation", wider, rotated(&points)),
    ];
    let original = match certify_smallest(&kernel.into(), &points, &options) {
        Ok(certificate) => certificate,
        Err(error) => return undecided(error),
    };
    let scale = Scale::of(original.hi);
    let expected = scale.ball(original.lo, original.hi);
    let mut comparisons = Vec::new();
    for (statement, kernel, points) in moves {
        match certify_smallest(&kernel.into(), &points, &options) {
            Ok(moved) => comparisons.push(Comparison::equal(
                statement,
                scale.ball(moved.lo, moved.hi),
                expected,
                expected.mid(),
            )),
            Err(error) => return undecided(error),
        }
    }
    Finding::Compared(comparisons)
}

/// A power of two that no coordinate exceeds by more than a factor two.
fn magnitude(points: &DMatrix<f64>) -> f64 {
    let exponent = Endpoint::from(points.amax()).exponent();
    // Coordinates that a network takes are far from the ends of the range.
    2.0_f64.powi(exponent.clamp(-900, 900) as i32)
}

/// The points with 40 binary places below the largest coordinate.
fn short(points: &DMatrix<f64>) -> DMatrix<f64> {
    let last = magnitude(points) * 2.0_f64.powi(-40);
    points.map(|x| (x / last).round() * last)
}

fn permuted(points: &DMatrix<f64>) -> DMatrix<f64> {
    let (dimension, samples) = points.shape();
    DMatrix::from_fn(dimension, samples, |i, j| points[(i, samples - 1 - j)])
}

/// Exact: sums of numbers of 42 binary places.
fn translated(points: &DMatrix<f64>) -> DMatrix<f64> {
    points.add_scalar(-4.0 * magnitude(points))
}

/// Five times a rotation by the angle of `(3, 4)` of the first two coordinates, and five times
/// a reflection of the others; exact for the same reason.
fn rotated(points: &DMatrix<f64>) -> DMatrix<f64> {
    let (dimension, samples) = points.shape();
    DMatrix::from_fn(dimension, samples, |i, j| {
        let x = |i| points[(i, j)];
        match i {
            0 if dimension > 1 => 3.0 * x(0) - 4.0 * x(1),
            1 => 4.0 * x(0) + 3.0 * x(1),
            _ => -5.0 * x(i),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn an_interval_is_compared_by_both_ends() {
        let certificate = Certificate {
            lo: 2.0.into(),
            hi: 3.0.into(),
            ..certify_smallest(
                &"gaussian:1".parse().unwrap(),
                &dmatrix![0.0],
                &CertificateOptions::default(),
            )
            .unwrap()
        };
        let [below, above] = encloses(["a", "b"], &certificate, (2.5.into(), 2.5.into()));
        assert_eq!((below.statement(), above.statement()), ("a", "b"));
        assert_eq!((below.quantity().mid(), below.bound().mid()), (2.5, 2.0));
        assert_eq!((above.quantity().mid(), above.bound().mid()), (2.5, 3.0));
        assert_eq!(below.strengthened(0.25).margin(), 0.0);
    }

    #[test]
    fn equal_points_are_found() {
        assert_eq!(equal_points(&dmatrix![0.0, 1.0, -0.0]), Some((0, 2)));
        assert_eq!(equal_points(&dmatrix![0.0, 1.0, 2.0; 1.0, 1.0, 0.0]), None);
    }

    #[test]
    fn moved_points_have_the_same_distances() {
        let points = short(&dmatrix![0.1, -0.7, 1.9; 2.3, 0.4, -0.6; 1.1, 0.2, 0.3]);
        assert_eq!(magnitude(&points), 2.0);
        // Multiples of 2^−39, exactly.
        assert!(points.iter().all(|x| (x * 2.0_f64.powi(39)).fract() == 0.0));
        assert!((points[(0, 0)] - 0.1).abs() <= 2.0_f64.powi(-40));
        let exact = |points: &DMatrix<f64>, i: usize, j: usize| -> i128 {
            let units = |x: f64| (x * 2.0_f64.powi(39)) as i128;
            let differences = (0..3).map(|a| units(points[(a, i)]) - units(points[(a, j)]));
            differences.map(|d| d * d).sum()
        };
        let moved = [permuted(&points), translated(&points), rotated(&points)];
        assert_eq!(moved[0].column(0), points.column(2));
        assert_eq!(moved[1][(0, 1)], points[(0, 1)] - 8.0);
        for i in 0..3 {
            for j in 0..i {
                let square = exact(&points, i, j);
                assert_eq!(exact(&moved[0], 2 - i, 2 - j), square);
                assert_eq!(exact(&moved[1], i, j), square);
                assert_eq!(exact(&moved[2], i, j), 25 * square);
            }
        }
        // On the line there is nothing but a reflection.
        assert_eq!(rotated(&dmatrix![1.0, 2.0]), dmatrix![-5.0, -10.0]);
    }
}
