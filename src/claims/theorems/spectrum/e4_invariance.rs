//! E4.invariance: what does not change the smallest eigenvalue.

use crate::claims::known::refused;
use crate::claims::scale::{Scale, narrow};
use crate::claims::{PointsInstance, data, draws, sharp, undecided};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::spectrum::certificate::{Endpoint, certify_smallest};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "spectrum",
    statement: "λ_min does not change when the points are permuted, translated or rotated, nor when points and bandwidth are scaled alike",
    source: "Paper A (translation-invariant, radial kernels)",
    tolerance: "the widths of both certificates",
    page: "e4-invariance.md",
    slack: Some(1e-11),
    ..About::new("E4.invariance", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(ABOUT, invariance, sharp::ill_conditioned, draws::POINT_SETS)
        .data(data::lifted_points)
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}

/// E4: certificates of points moved in ways that leave every distance as it is, or five
/// times as large with a kernel five times as wide.
fn invariance(instance: &PointsInstance) -> Finding {
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
        Err(error) => return refused(error),
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
            Err(error) => return refused(error),
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
