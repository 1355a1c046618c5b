//! K6.perturbation: how far a smallest eigenvalue can move.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp, undecided};
use crate::data::Hostile::{NearDuplicates, OneSample};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::features::FourierFeatures;
use crate::gram::kernel_gram;
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{CertificateError, CertificateOptions, certify_smallest};
use crate::spectrum::{
    SpectrumError, extreme_eigenvalues, smallest_eigenvalue, smallest_singular_value,
};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "kernel",
    statement: "|λ_min(K) − λ_min(K')| ≤ ‖K − K'‖ ≤ (N−1)max|K_ij − K'_ij|, λ_min(K) ≤ λ_min(K without a point), |σ_min(Φ) − σ_min(Φ')| ≤ ‖Φ − Φ'‖_F",
    source: "Paper A (stability of the Gram matrix); Weyl; Cauchy",
    tolerance: "enclosed eigenvalues of the matrices as computed; certificates for the interlacing",
    page: "k6-perturbation.md",
    slack: Some(1e-4),
    ..About::new("K6.perturbation", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, perturbation, sharp::merging, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &[NearDuplicates],
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (
                &all_but(&[NearDuplicates, OneSample]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous]),
            ),
            (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
        ])
}

/// K6: the closest two of the lifted inputs are merged into their midpoint, which perturbs the
/// Gram matrix and the features; and every point is removed in turn.
fn perturbation(instance: &ResidualInstance) -> Finding {
    let points = instance.lifted_inputs();
    let merged = closest_merged(&points);
    let matrices = (
        kernel_gram(&instance.kernel, &points),
        kernel_gram(&instance.kernel, &merged),
    );
    let features = instance.network.features();
    let mut comparisons = match weyl(&matrices.0, &matrices.1) {
        Ok(comparisons) => comparisons,
        Err(error) => return undecided(error),
    };
    match feature_form(features, &points, &merged) {
        Ok(comparison) => comparisons.push(comparison),
        Err(error) => return undecided(error),
    }
    match interlacing(&instance.kernel.into(), &points) {
        Ok(interlaced) => comparisons.extend(interlaced),
        Err(error) => return undecided(error),
    }
    Finding::Compared(comparisons)
}

/// Both Gram matrices are taken exactly as they are: two symmetric matrices with one diagonal.
fn weyl(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Result<Vec<Comparison>, SpectrumError> {
    let order = a.nrows() as f64;
    let moved = smallest_eigenvalue(a)?.ball() - smallest_eigenvalue(b)?.ball();
    let difference = a - b;
    let largest = difference.amax();
    let extremes = extreme_eigenvalues(&difference)?;
    // The differences are rounded once each.
    let norm = extremes
        .smallest
        .ball()
        .abs()
        .max(extremes.largest.ball().abs());
    let norm = norm.widened(order * UNIT_ROUNDOFF * largest);
    let entries = Ball::new(largest, UNIT_ROUNDOFF * largest) * Ball::from(order - 1.0);
    Ok(vec![
        Comparison::at_most("|λ_min(K) − λ_min(K')| ≤ ‖K − K'‖", moved.abs(), norm),
        Comparison::at_most("‖K − K'‖ ≤ (N−1)·max|K_ij − K'_ij|", norm, entries),
    ])
}

/// The features are taken exactly as computed: two matrices.
fn feature_form(
    features: &FourierFeatures,
    points: &DMatrix<f64>,
    merged: &DMatrix<f64>,
) -> Result<Comparison, SpectrumError> {
    let (a, b) = (features.evaluate(points), features.evaluate(merged));
    let moved = (smallest_singular(&a)? - smallest_singular(&b)?).abs();
    let distance = Ball::norm_of((&a - &b).as_slice());
    // Differences of numbers below one, rounded once each.
    let rounding = UNIT_ROUNDOFF * distance.upper();
    Ok(Comparison::at_most(
        "|σ_min(Φ) − σ_min(Φ')| ≤ ‖Φ − Φ'‖_F",
        moved,
        distance.widened(rounding),
    ))
}

fn smallest_singular(features: &DMatrix<f64>) -> Result<Ball, SpectrumError> {
    let found = smallest_singular_value(features)?;
    Ok(Ball::new(found.value, found.error_bound))
}

/// Without one of the points, for all of them, by certificates.
fn interlacing(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
) -> Result<Vec<Comparison>, CertificateError> {
    let options = CertificateOptions::default();
    let smallest = |points: &DMatrix<f64>| -> Result<Ball, CertificateError> {
        Ok(certify_smallest(kernel, points, &options)?.ball())
    };
    if points.ncols() < 2 {
        return Ok(Vec::new());
    }
    let all = smallest(points)?;
    let without = (0..points.ncols()).map(|j| {
        let fewer = smallest(&points.clone().remove_column(j))?;
        Ok(Comparison::at_most(
            "λ_min(K) ≤ λ_min(K without i)",
            all,
            fewer,
        ))
    });
    without.collect()
}

/// The points with the closest two of them replaced by their midpoint.
fn closest_merged(points: &DMatrix<f64>) -> DMatrix<f64> {
    let pairs = (0..points.ncols()).flat_map(|j| (0..j).map(move |i| (i, j)));
    let distance = |&(i, j): &(usize, usize)| (points.column(i) - points.column(j)).norm();
    let mut merged = points.clone();
    if let Some((i, j)) = pairs.min_by(|a, b| distance(a).total_cmp(&distance(b))) {
        let middle = 0.5 * (points.column(i) + points.column(j));
        merged.set_column(i, &middle);
        merged.set_column(j, &middle);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_closest_two_are_merged() {
        let points = dmatrix![0.0, 5.0, 6.0; 0.0, 1.0, 1.0];
        assert_eq!(
            closest_merged(&points),
            dmatrix![0.0, 5.5, 5.5; 0.0, 1.0, 1.0]
        );
        assert_eq!(closest_merged(&dmatrix![2.0]), dmatrix![2.0]);
    }

    #[test]
    fn weyl_on_diagonal_matrices() {
        let diagonal = |x: [f64; 3]| DMatrix::from_diagonal(&nalgebra::dvector![x[0], x[1], x[2]]);
        let [first, second] = weyl(&diagonal([1.0, 5.0, 6.0]), &diagonal([3.0, 2.0, 6.5]))
            .unwrap()
            .try_into()
            .unwrap();
        // 2 − 1; 5 − 2; twice 3.
        assert!(first.quantity().contains(1.0) && first.bound().contains(3.0));
        assert!(second.quantity().contains(3.0) && second.bound().contains(6.0));
        for ball in [first.bound(), second.bound()] {
            // Three numbers of 3, one rounding each at least.
            assert!(ball.rad() >= 6.0 * UNIT_ROUNDOFF && ball.rad() < 1e-13);
        }
    }

    #[test]
    fn every_point_is_removed() {
        let kernel: MercerKernel = "laplace:1".parse().unwrap();
        let points = dmatrix![0.0, 1.0, 30.0];
        let compared = interlacing(&kernel, &points).unwrap();
        let pair = 1.0 - (-1.0_f64).exp();
        for (comparison, expected) in compared.iter().zip([1.0, 1.0, pair]) {
            // The width of a certificate; the third point is e^{−29} away from nothing.
            assert!((comparison.bound().mid() - expected).abs() < 1e-6);
            assert!((comparison.quantity().mid() - pair).abs() < 1e-6);
        }
        assert_eq!(compared.len(), 3);
        assert_eq!(interlacing(&kernel, &dmatrix![0.0]).unwrap(), []);
    }
}
