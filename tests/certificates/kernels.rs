//! Certificates of kernels that are not radial.

use nalgebra::{DMatrix, dmatrix};
use polyak::gram::mercer_gram;
use polyak::kernel::MercerKernel;
use polyak::spectrum::certificate::{
    Certificate, CertificateError, CertificateOptions, Endpoint, certify_largest,
    certify_largest_of_matrix, certify_smallest, certify_smallest_of_matrix,
};
use polyak::spectrum::eigenvalues;

fn both(name: &str, points: &DMatrix<f64>, options: &CertificateOptions) -> [Certificate; 2] {
    let kernel: MercerKernel = name.parse().unwrap();
    [
        certify_smallest(&kernel, points, options).unwrap(),
        certify_largest(&kernel, points, options).unwrap(),
    ]
}

/// Small integers, so that polynomials of them are exact in f64.
fn integers(dimension: usize, samples: usize) -> DMatrix<f64> {
    DMatrix::from_fn(dimension, samples, |i, j| {
        ((i * i + 3) * (j + 1) * (j + 2 + i) % 11) as f64 - 5.0
    })
}

#[test]
fn polynomials_of_integers_are_matrices_of_integers() {
    for (name, dimension, samples) in [
        ("linear", 6, 5),
        ("polynomial(2):1", 3, 8),
        ("polynomial(3):2", 2, 7),
        ("polynomial(5):0.5", 1, 5),
    ] {
        let points = integers(dimension, samples);
        let kernel: MercerKernel = name.parse().unwrap();
        let gram = mercer_gram(&kernel, &points).unwrap();
        for width in [1e-6, 1e-13] {
            let options = CertificateOptions::default().with_relative_width(width);
            let [low, high] = both(name, &points, &options);
            let of_matrix = certify_smallest_of_matrix(&gram, &options).unwrap();
            assert!(low.overlaps(&of_matrix), "{name}: {low} {of_matrix}");
            assert!(low.reached && low.is_positive(), "{name}: {low}");
            let of_matrix = certify_largest_of_matrix(&gram, &options).unwrap();
            assert!(
                high.overlaps(&of_matrix) && high.reached,
                "{name}: {high} {of_matrix}"
            );
        }
        let largest = eigenvalues(&gram).unwrap()[samples - 1];
        let [_, high] = both(name, &points, &CertificateOptions::default());
        assert!((high.hi.log10() - largest.log10()).abs() < 1e-5);
    }
}

#[test]
fn a_rank_deficient_kernel_has_the_eigenvalue_zero() {
    let options = CertificateOptions::default();
    for name in ["linear", "polynomial(2):0", "polynomial(2):1"] {
        // One point more than monomials: 3, 6 and 10 of them.
        let kernel: MercerKernel = name.parse().unwrap();
        let rank = match name {
            "linear" => 3,
            "polynomial(2):0" => 6,
            _ => 10,
        };
        let points = DMatrix::from_fn(3, rank + 1, |i, j| ((3 * i + 7 * j) as f64).sin());
        let zero = certify_smallest(&kernel, &points, &options).unwrap();
        assert_eq!(
            (zero.lo, zero.hi),
            (Endpoint::ZERO, Endpoint::ZERO),
            "{name}"
        );
        let fewer = points.columns(0, rank).into_owned();
        let positive = certify_smallest(&kernel, &fewer, &options).unwrap();
        assert!(
            positive.is_positive() && positive.reached,
            "{name}: {positive}"
        );
    }
    // Two points on a ray: singular, and only an elimination says so.
    let [low, _] = both("polynomial(3):0", &dmatrix![1.0, 2.0; 1.0, 2.0], &options);
    assert_eq!(
        (low.lo, low.hi),
        (Endpoint::ZERO, Endpoint::ZERO),
        "{low:?}"
    );
}

#[test]
fn numbers_beyond_f64_are_no_obstacle() {
    let options = CertificateOptions::default();
    // diag(1e480, 1e-480) up to rounding, and products of both points that vanish.
    let [low, high] = both(
        "polynomial(3):0",
        &dmatrix![1e80, 0.0; 0.0, 1e-80],
        &options,
    );
    assert!(
        (low.lo.log10() + 480.0).abs() < 1e-5 && low.reached,
        "{low}"
    );
    assert!(
        (high.lo.log10() - 480.0).abs() < 1e-5 && high.reached,
        "{high}"
    );
}

#[test]
fn bandwidths_of_powers_of_two_scale_the_points() {
    let points = DMatrix::from_fn(3, 9, |i, j| ((5 * i + 2 * j) as f64).sin());
    let scaled = DMatrix::from_fn(3, 9, |i, j| points[(i, j)] * [2.0, 0.25, 1.0][i]);
    for family in ["gaussian", "matern32", "matern72"] {
        for width in [1e-6, 1e-13] {
            let options = CertificateOptions::default().with_relative_width(width);
            let many = both(&format!("{family}:0.5,4,1"), &points, &options);
            let one = both(&format!("{family}:1"), &scaled, &options);
            for (many, one) in many.iter().zip(&one) {
                assert!(many.overlaps(one), "{family}: {many} {one}");
                assert!(many.reached && many.is_positive());
            }
            // The order of the coordinates matters.
            let swapped = both(&format!("{family}:4,0.5,1"), &points, &options);
            assert!(!swapped[0].overlaps(&one[0]), "{family}");
        }
    }
}

#[test]
fn equal_bandwidths_are_one_bandwidth() {
    let points = DMatrix::from_fn(2, 12, |i, j| ((5 * i + 2 * j) as f64).sin());
    let options = CertificateOptions::default().with_relative_width(1e-13);
    let [many, _] = both("matern52:0.3,0.3", &points, &options);
    let [one, _] = both("matern52:0.3", &points, &options);
    assert!(many.overlaps(&one) && many.reached, "{many} {one}");
}

#[test]
fn two_points_under_uneven_bandwidths() {
    // r² = (0.1/0.3)² + (0.4/0.7)², and λ_min = 1 − ψ.
    let options = CertificateOptions::default().with_relative_width(1e-12);
    let [low, high] = both("gaussian:0.3,0.7", &dmatrix![0.0, 0.1; 0.4, 0.0], &options);
    let psi = (-0.5 * ((0.1_f64 / 0.3).powi(2) + (0.4_f64 / 0.7).powi(2))).exp();
    // A dozen roundings of numbers below one.
    let slack = 12.0 * f64::EPSILON;
    assert!(low.lo <= (1.0 - psi + slack).into() && low.hi >= (1.0 - psi - slack).into());
    assert!(high.lo <= (1.0 + psi + slack).into() && high.hi >= (1.0 + psi - slack).into());
    assert!(low.reached && high.reached);
}

#[test]
fn a_power_that_is_no_ratio_is_refused() {
    let options = CertificateOptions::default();
    for name in ["imq(0.3):1", "imq(0.3):1,2"] {
        let kernel: MercerKernel = name.parse().unwrap();
        let error = certify_smallest(&kernel, &dmatrix![0.0, 1.0; 1.0, 0.0], &options);
        let error = error.unwrap_err();
        assert!(
            matches!(error, CertificateError::NotCertifiable { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("imq(3/10):1"), "{error}");
    }
}

#[test]
fn bandwidths_that_do_not_fit_are_refused() {
    let kernel: MercerKernel = "gaussian:1,2".parse().unwrap();
    let points = DMatrix::zeros(3, 2);
    for certify in [certify_smallest, certify_largest] {
        let error = certify(&kernel, &points, &CertificateOptions::default()).unwrap_err();
        assert!(matches!(error, CertificateError::Kernel(_)), "{error}");
        assert!(
            error
                .to_string()
                .contains("2 bandwidths for points of dimension 3")
        );
    }
}
