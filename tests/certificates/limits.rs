//! What a certificate refuses, and what it says when its budget ends.

use nalgebra::{DMatrix, dmatrix};
use polyak::kernel::MercerKernel;
use polyak::spectrum::SpectrumError;
use polyak::spectrum::certificate::{
    Certificate, CertificateError, CertificateOptions, Endpoint, Precision, certify_largest,
    certify_largest_of_matrix, certify_smallest, certify_smallest_of_matrix,
};
use std::time::Duration;

fn gaussian() -> MercerKernel {
    "gaussian:1".parse().unwrap()
}

fn line() -> DMatrix<f64> {
    DMatrix::from_fn(1, 16, |_, j| j as f64 / 8.0)
}

#[test]
fn f64_alone_is_undecided_where_it_cannot_know() {
    let mut options = CertificateOptions::default();
    options.budget.max_bits = 127;
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    assert_eq!(certificate.precision, Precision::Double);
    assert!(!certificate.reached && !certificate.is_positive());
    assert_eq!(certificate.lo, Endpoint::ZERO);
    let full = certify_smallest(&gaussian(), &line(), &CertificateOptions::default()).unwrap();
    assert!(certificate.overlaps(&full) && certificate.hi.log10() < -11.0);
    // One rung suffices.
    options.budget.max_bits = 128;
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    assert_eq!(certificate.precision, Precision::Multi { bits: 128 });
    assert!(certificate.reached);
}

#[test]
fn time_that_is_up_leaves_a_valid_interval() {
    let mut options = CertificateOptions::default();
    options.budget.max_time = Some(Duration::ZERO);
    let full = certify_smallest(&gaussian(), &line(), &CertificateOptions::default()).unwrap();
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    assert!(!certificate.reached && certificate.overlaps(&full));
    assert!(certificate.lo <= full.lo && full.hi <= certificate.hi);
    options.budget.max_time = Some(Duration::MAX);
    assert!(
        certify_smallest(&gaussian(), &line(), &options)
            .unwrap()
            .reached
    );
}

#[test]
fn memory_is_counted_before_it_is_used() {
    let mut options = CertificateOptions::default();
    options.budget.max_bytes = 16 * 16 * 16 - 1;
    let error = certify_smallest(&gaussian(), &line(), &options).unwrap_err();
    let expected = CertificateError::TooLarge {
        order: 16,
        bytes: 4096,
        limit: 4095,
    };
    assert_eq!(error, expected);
    let large = CertificateError::TooLarge {
        order: 9000,
        bytes: 1_296_000_000,
        limit: 107_374_182,
    };
    let message = large.to_string();
    let parts = ["needs 1.21 GiB", "allows 102.40 MiB", "--max-gib 1.21"];
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    // Enough for f64, not for more.
    options.budget.max_bytes += 1;
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    assert_eq!(certificate.precision, Precision::Double);
    options.budget.max_bytes = 1 << 14;
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    assert_eq!(certificate.precision, Precision::Multi { bits: 128 });
}

#[test]
fn refusals_say_what_and_where() {
    let options = CertificateOptions::default();
    type Certify = fn(&DMatrix<f64>, &CertificateOptions) -> Result<Certificate, CertificateError>;
    let both: [Certify; 2] = [
        |points, options| certify_smallest(&gaussian(), points, options),
        |points, options| certify_largest(&gaussian(), points, options),
    ];
    for certify in both {
        let empty = certify(&DMatrix::zeros(2, 0), &options);
        assert_eq!(empty, Err(CertificateError::Empty));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut points = DMatrix::zeros(3, 4);
            points[(2, 1)] = bad;
            let error = certify(&points, &options).unwrap_err();
            assert!(matches!(
                error,
                CertificateError::NonFinitePoint { row: 2, column: 1, value } if value.to_bits() == bad.to_bits()
            ));
            assert!(error.to_string().contains("coordinate 3 of point 2"));
        }
        for width in [0.0, -1.0, 1.0, 1e-15, 1e-20, f64::NAN, f64::INFINITY] {
            let options = CertificateOptions::default().with_relative_width(width);
            let error = certify(&line(), &options).unwrap_err();
            assert!(matches!(error, CertificateError::Width { .. }), "{width}");
        }
    }
    for certify in [certify_smallest_of_matrix, certify_largest_of_matrix] {
        let error = certify(&dmatrix![1.0, 2.0; 3.0, 1.0], &options).unwrap_err();
        assert!(matches!(
            error,
            CertificateError::Matrix(SpectrumError::NotSymmetric {
                row: 0,
                column: 1,
                ..
            })
        ));
        let error = certify(&DMatrix::zeros(0, 0), &options).unwrap_err();
        assert_eq!(error, CertificateError::Matrix(SpectrumError::Empty));
        let options = CertificateOptions::default().with_relative_width(2.0);
        let error = certify(&dmatrix![1.0], &options).unwrap_err();
        assert_eq!(
            error,
            CertificateError::Width {
                relative_width: 2.0
            }
        );
    }
}

#[test]
fn matrices_at_the_ends_of_f64() {
    let options = CertificateOptions::default();
    for scale in [
        // 2⁻¹⁰⁶⁰: as a power it is the reciprocal of infinity where nothing is folded.
        f64::from_bits(1 << 14),
        2.0_f64.powi(-500),
        1.0,
        2.0_f64.powi(1020),
    ] {
        let a = dmatrix![2.0, -1.0; -1.0, 2.0] * scale;
        let low = certify_smallest_of_matrix(&a, &options).unwrap();
        let high = certify_largest_of_matrix(&a, &options).unwrap();
        assert!(low.contains(scale.into()) && low.reached, "{low}");
        let three = Endpoint::new(3.0, Endpoint::from(scale).exponent());
        assert!(high.contains(three), "{high}");
        assert!(high.reached);
    }
    let zero = certify_smallest_of_matrix(&DMatrix::zeros(3, 3), &options).unwrap();
    assert_eq!(
        (zero.lo, zero.hi, zero.reached),
        (Endpoint::ZERO, Endpoint::ZERO, true)
    );
}

#[test]
fn indefinite_matrices_have_negative_ends() {
    let options = CertificateOptions::default();
    let a = dmatrix![0.0, 3.0; 3.0, 0.0];
    let low = certify_smallest_of_matrix(&a, &options).unwrap();
    assert!(low.contains((-3.0).into()) && low.reached && !low.is_positive());
    let high = certify_largest_of_matrix(&a, &options).unwrap();
    assert!(high.contains(3.0.into()) && high.reached && high.is_positive());
    // Found by different ways, and about the same number but for the sign.
    assert!(-low.hi <= high.hi && high.lo <= -low.lo);
}

#[test]
fn certificates_are_printed_outwards() {
    let options = CertificateOptions::default();
    let certificate = certify_smallest(&gaussian(), &line(), &options).unwrap();
    let text = certificate.to_string();
    let ends: Vec<f64> = text
        .trim_matches(['[', ']'])
        .split(", ")
        .map(|end| end.parse().unwrap())
        .collect();
    assert!(Endpoint::from(ends[0]) <= certificate.lo && certificate.hi <= Endpoint::from(ends[1]));
    assert!((ends[1] - ends[0]) / ends[1] < 3e-6, "{text}");
}
