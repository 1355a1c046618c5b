//! E1.certificate: an interval that contains an extreme eigenvalue of the exact Gram matrix.

use crate::claims::certificate::encloses;
use crate::claims::known::refused;
use crate::claims::scale::narrow;
use crate::claims::{PointsInstance, data, draws, sharp};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::gram::mercer_gram;
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{
    Budget, CertificateError, CertificateOptions, certify_largest, certify_largest_of_matrix,
    certify_smallest, certify_smallest_of_matrix,
};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "spectrum",
    statement: "lo ≤ λ ≤ hi for the extreme eigenvalues of the exact Gram matrix, and of a symmetric matrix given",
    source: "Paper A (the expressivity condition, decided); Rump, BIT 46 (2006); Demmel, LAPACK Working Note 14",
    tolerance: "the width of a certificate a million times narrower",
    page: "e1-certificate.md",
    slack: Some(1e-6),
    ..About::new("E1.certificate", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(ABOUT, enclosure, sharp::ill_conditioned, draws::POINT_SETS)
        .data(data::lifted_points)
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}

/// E1: certificates of the width that a user asks for beside much narrower ones: of the Gram
/// matrix by any arithmetic, of its largest eigenvalue by f64 alone, and of a matrix given.
fn enclosure(instance: &PointsInstance) -> Finding {
    match enclosures(&instance.kernel.into(), &instance.points) {
        Ok(comparisons) => Finding::Compared(comparisons),
        Err(error) => refused(error),
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
