//! Certificates of matrices whose eigenvalues are known, and controls.

use crate::contains;
use nalgebra::{DMatrix, dmatrix};
use polyak::gram::kernel_gram;
use polyak::kernel::KernelSpec;
use polyak::spectrum::certificate::{
    Certificate, CertificateOptions, Direction, Endpoint, Precision, certify_largest,
    certify_smallest, certify_smallest_of_matrix, reference_extremes,
};
use polyak::spectrum::eigenvalues;
use rand::{RngExt, SeedableRng};

fn kernel(name: &str) -> KernelSpec {
    name.parse().unwrap()
}

fn certify(name: &str, points: &DMatrix<f64>) -> Certificate {
    certify_smallest(&kernel(name).into(), points, &CertificateOptions::default()).unwrap()
}

/// Sixteen points on `[−1, 1]`: `λ_min ≈ 5e-23` at `σ = 1`.
fn equispaced() -> DMatrix<f64> {
    DMatrix::from_fn(1, 16, |_, j| -1.0 + 2.0 * j as f64 / 15.0)
}

#[test]
fn sixteen_points_on_a_line_where_f64_returns_noise() {
    let points = equispaced();
    let certificate = certify("gaussian:1", &points);
    let (smallest, _) = reference_extremes(&kernel("gaussian:1"), &points).unwrap();
    assert!(contains(&certificate, &smallest));
    assert!(certificate.reached && certificate.is_positive());
    assert!(matches!(certificate.precision, Precision::Multi { bits } if bits <= 192));
    let gram = kernel_gram(&kernel("gaussian:1"), &points);
    let noise = eigenvalues(&gram).unwrap()[0];
    assert!(
        !certificate.contains(noise.into()),
        "{noise:e} {certificate}"
    );
    assert!(noise.abs() > 1e3 * certificate.hi.to_f64(Direction::Up));
}

#[test]
fn controls_miss_the_eigenvalue() {
    let points = equispaced();
    let certificate = certify("gaussian:1", &points);
    let (smallest, _) = reference_extremes(&kernel("gaussian:1"), &points).unwrap();
    // An error bound of zero: the rounded matrix has another smallest eigenvalue.
    let gram = kernel_gram(&kernel("gaussian:1"), &points);
    let rounded = certify_smallest_of_matrix(&gram, &CertificateOptions::default()).unwrap();
    assert!(
        rounded.reached && !contains(&rounded, &smallest),
        "{rounded}"
    );
    // The interval moved by its own width, either way.
    let (lo, hi) = (
        certificate.lo.to_f64(Direction::Down),
        certificate.hi.to_f64(Direction::Up),
    );
    for shift in [lo - hi, hi - lo] {
        let moved = Certificate {
            lo: (lo + shift).into(),
            hi: (hi + shift).into(),
            ..certificate
        };
        assert!(!contains(&moved, &smallest));
    }
}

#[test]
fn two_points_have_the_eigenvalues_one_plus_and_minus_psi() {
    for name in ["gaussian", "matern12", "matern32", "matern52", "matern72"] {
        for distance in [1e-9, 1e-3, 0.7, 12.0, 1e-30, 1e-150] {
            let name = format!("{name}:1.25");
            let points = dmatrix![0.0, distance; 0.0, 0.0];
            let (smallest, largest) = reference_extremes(&kernel(&name), &points).unwrap();
            let low = certify(&name, &points);
            assert!(contains(&low, &smallest), "{name} {distance:e}: {low}");
            assert!(low.reached);
            let options = CertificateOptions::default().with_relative_width(1e-13);
            let high = certify_largest(&kernel(&name).into(), &points, &options).unwrap();
            assert!(contains(&high, &largest) && high.reached, "{name}: {high}");
        }
    }
    // 1 − exp(−d²/2) ≈ d²/2.
    let low = certify("gaussian:1", &dmatrix![0.0, 1e-9]);
    assert_eq!(format!("{:.3}", low.lo), "5.000e-19");
    let far = certify("gaussian:1", &dmatrix![0.0, 1e-150]);
    assert_eq!(format!("{:.3}", far.hi), "5.000e-301");
}

#[test]
fn the_laplace_kernel_on_a_grid_tends_to_its_symbol_from_above() {
    for step in [0.03, 0.5, 2.0] {
        let limit = f64::tanh(step / 2.0);
        let r = f64::exp(-step);
        let mut last = f64::INFINITY;
        for n in [2usize, 5, 20, 60] {
            let points = DMatrix::from_fn(1, n, |_, j| j as f64 * step);
            let certificate = certify("laplace:1", &points);
            let (lo, hi) = (
                certificate.lo.to_f64(Direction::Down),
                certificate.hi.to_f64(Direction::Up),
            );
            // The quotient of K⁻¹ (tridiagonal) at (−1)^i; all rounded a few times.
            let quotient = (1.0 + r) / (1.0 - r) - 2.0 * r / (n as f64 * (1.0 - r));
            let rounding = 1.0 + 1e-13;
            assert!(
                lo <= rounding / quotient && hi * rounding >= limit,
                "{step} {n}"
            );
            assert!(lo > limit && hi < last, "{step} {n}: {certificate}");
            last = lo;
            assert!(certificate.reached);
        }
    }
}

#[test]
fn two_hundred_points_in_a_square() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let points = DMatrix::from_fn(2, 200, |_, _| rng.random::<f64>());
    let certificate = certify("gaussian:1", &points);
    assert!(certificate.reached && certificate.is_positive());
    assert!(certificate.hi.log10() < -30.0, "{certificate}");
    assert!(matches!(certificate.precision, Precision::Multi { bits } if bits <= 384));
    // Interlacing: removing points cannot decrease the smallest eigenvalue.
    let fewer = certify("gaussian:1", &points.columns(0, 150).into_owned());
    assert!(fewer.hi >= certificate.lo && fewer.lo > certificate.hi);
}

#[test]
fn equal_points_have_the_eigenvalue_zero() {
    let points = dmatrix![0.5, 1.0, 0.5; 0.0, 2.0, -0.0];
    let certificate = certify("matern52:1", &points);
    assert!(certificate.contains(Endpoint::ZERO) && !certificate.is_positive());
    assert_eq!(
        (certificate.lo, certificate.hi),
        (Endpoint::ZERO, Endpoint::ZERO)
    );
    let one = certify("gaussian:1", &dmatrix![3.0]);
    assert_eq!((one.lo, one.hi), (1.0.into(), 1.0.into()));
    let options = CertificateOptions::default();
    let largest =
        certify_largest(&kernel("gaussian:1").into(), &dmatrix![3.0, 3.0], &options).unwrap();
    assert!(largest.contains(2.0.into()) && largest.reached);
}

#[test]
fn bandwidths_and_points_at_the_ends_of_f64() {
    let options = CertificateOptions::default();
    for (bandwidth, distance) in [
        (1e-300, 1e-300),
        (f64::from_bits(1), f64::from_bits(3)),
        (1e300, 1e300),
        (1e-160, 3e-160),
        (1e200, 1e140),
    ] {
        for family in ["gaussian", "matern32"] {
            let name = format!("{family}:{bandwidth:e}");
            let points = dmatrix![distance, -distance, 0.0];
            let (smallest, largest) = reference_extremes(&kernel(&name), &points).unwrap();
            let low = certify(&name, &points);
            assert!(contains(&low, &smallest) && low.reached, "{name} {low}");
            let high = certify_largest(&kernel(&name).into(), &points, &options).unwrap();
            assert!(contains(&high, &largest) && high.reached, "{name} {high}");
        }
    }
}
