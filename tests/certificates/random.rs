//! Certificates of random point sets against the reference.

use crate::contains;
use nalgebra::DMatrix;
use polyak::kernel::{Family, KernelSpec};
use polyak::spectrum::certificate::{
    CertificateOptions, Precision, certify_largest, certify_smallest, certify_smallest_of_matrix,
    reference_extremes,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::cell::RefCell;

/// Every kind of kernel that is certified.
fn families() -> Vec<Family> {
    let mut all = Family::samples();
    all.retain(|family| family.with_bandwidth(1.0).unwrap().is_certifiable());
    all
}

fn variable<T: std::str::FromStr>(name: &str, default: T) -> T {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases: variable("PROPTEST_CASES", cases),
        rng_seed: RngSeed::Fixed(variable("PROPTEST_RNG_SEED", 20_220_412)),
        failure_persistence: None,
        ..Config::default()
    })
}

/// A kernel whose bandwidth lies within six decades of the points', either way, and
/// points in a cube, distinct.
fn instances() -> impl Strategy<Value = (KernelSpec, DMatrix<f64>)> {
    let shape = (1usize..=20, 1..=variable("CERTIFICATE_POINTS", 9usize));
    let sets = shape.prop_flat_map(|(q, n)| {
        proptest::collection::vec(-1.0..1.0f64, q * n)
            .prop_map(move |values| DMatrix::from_vec(q, n, values))
    });
    let families = families();
    (0usize..families.len(), -6.0..6.0f64, sets)
        .prop_map(move |(family, decade, points)| {
            (
                families[family]
                    .with_bandwidth(10.0_f64.powf(decade))
                    .unwrap(),
                points,
            )
        })
        .prop_filter("distinct points", |(_, points)| {
            let equal = |i: usize, j: usize| points.column(i) == points.column(j);
            (0..points.ncols()).all(|i| (0..i).all(|j| !equal(i, j)))
        })
}

#[test]
fn certificates_contain_the_reference() {
    let counts = RefCell::new([0usize; 3]);
    let mut runner = runner(200);
    runner
        .run(&instances(), |(kernel, points)| {
            let options = CertificateOptions::default();
            let (smallest, largest) = reference_extremes(&kernel, &points).unwrap();
            let low = certify_smallest(&kernel.into(), &points, &options).unwrap();
            let high = certify_largest(&kernel.into(), &points, &options).unwrap();
            prop_assert!(
                contains(&low, &smallest),
                "{kernel}: {low:.20} and {smallest:?}"
            );
            prop_assert!(
                contains(&high, &largest),
                "{kernel}: {high:.20} and {largest:?}"
            );
            prop_assert!(low.reached && high.reached && low.is_positive());
            let kind = match low.precision {
                Precision::Exact => 0,
                Precision::Double => 1,
                Precision::Multi { .. } => 2,
            };
            counts.borrow_mut()[kind] += 1;
            Ok(())
        })
        .unwrap();
    let [exact, double, multi] = *counts.borrow();
    // Both stages are at work, and one point alone is rare.
    let cases = exact + double + multi;
    assert!(
        double >= cases / 8 && multi >= cases / 8,
        "{double} {multi} of {cases}"
    );
}

#[test]
fn narrower_certificates_lie_within_wider_ones() {
    runner(24)
        .run(&instances(), |(kernel, points)| {
            let certify = |width| {
                let options = CertificateOptions::default().with_relative_width(width);
                certify_smallest(&kernel.into(), &points, &options).unwrap()
            };
            let (wide, narrow) = (certify(1e-2), certify(1e-12));
            prop_assert!(wide.overlaps(&narrow), "{kernel}: {wide:.20} {narrow:.20}");
            prop_assert!(wide.reached && narrow.reached);
            Ok(())
        })
        .unwrap();
}

#[test]
fn exact_transformations_of_the_points_do_not_matter() {
    // Coordinates k/1024: differences survive an integer translation.
    let sets = (1usize..=4, 2usize..=9).prop_flat_map(|(q, n)| {
        proptest::collection::vec(-1000i32..1000, q * n).prop_map(move |v| {
            DMatrix::from_iterator(q, n, v.into_iter().map(|k| f64::from(k) / 1024.0))
        })
    });
    let families = families();
    runner(24)
        .run(
            &(0usize..families.len(), -2.0..2.0f64, sets),
            |(family, decade, points)| {
                let kernel = families[family]
                    .with_bandwidth(10.0_f64.powf(decade))
                    .unwrap();
                let certify = |points: &DMatrix<f64>| {
                    certify_smallest(&kernel.into(), points, &CertificateOptions::default())
                        .unwrap()
                };
                let (q, n) = points.shape();
                let original = certify(&points);
                let moved = [
                    DMatrix::from_fn(q, n, |i, j| points[(i, n - 1 - j)]),
                    DMatrix::from_fn(q, n, |i, j| points[(q - 1 - i, j)]),
                    -&points,
                    points.map(|x| x + 4096.0),
                ];
                for other in moved {
                    let certificate = certify(&other);
                    prop_assert!(original.overlaps(&certificate), "{original} {certificate}");
                }
                Ok(())
            },
        )
        .unwrap();
}

/// Matrices `Σ x xᵀ` of small integers: exact, and singular when there are few vectors.
#[test]
fn integer_matrices_of_low_rank_are_never_called_positive() {
    let vectors = (2usize..=7).prop_flat_map(|n| {
        (1..=n).prop_flat_map(move |rank| {
            proptest::collection::vec(-9i32..=9, n * rank)
                .prop_map(move |v| DMatrix::from_iterator(n, rank, v.into_iter().map(f64::from)))
        })
    });
    runner(64)
        .run(&vectors, |x| {
            let a = &x * x.transpose();
            let mut options = CertificateOptions::default();
            options.budget.max_bits = 256;
            let certificate = certify_smallest_of_matrix(&a, &options).unwrap();
            if x.ncols() < x.nrows() {
                let zero = (0.0.into(), 0.0.into());
                prop_assert_eq!((certificate.lo, certificate.hi), zero);
            } else {
                // An integer determinant: zero, or at least 1, and λ_min ≥ det/trace^{n−1}.
                let far = -3.0 * (x.nrows() as f64 - 1.0) - 4.0;
                let positive = certificate.is_positive() && certificate.lo.log10() > far;
                let zero = certificate.lo == 0.0.into() && certificate.hi == 0.0.into();
                prop_assert!(positive || zero, "{certificate}");
            }
            Ok(())
        })
        .unwrap();
}
