//! Smallest eigenvalues, estimated and certified: E1–E4.

use super::of_residual;
use crate::claims::{certificate, draws, estimate, sharp};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_residual(Theorem::new(
            About {
                id: "E1.certificate",
                family: "spectrum",
                statement: "lo ≤ λ ≤ hi for the extreme eigenvalues of the exact Gram matrix, and of a symmetric matrix given",
                source: "Paper A (the expressivity condition, decided); Rump, BIT 46 (2006); Demmel, LAPACK Working Note 14",
                hypotheses: &[],
                kind: Kind::Certified,
                tolerance: "the width of a certificate a million times narrower",
                page: "e1-certificate.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            certificate::enclosure,
            sharp::ill_conditioned,
            draws::POINT_SETS,
        )),
        of_residual(Theorem::new(
            About {
                id: "E2.agreement",
                family: "spectrum",
                statement: "every estimate lies within its own error bound of the certificate; Ritz values lie above λ_min and do not increase",
                source: "Paper A (the expressivity condition, estimated); Cauchy; Parlett, The Symmetric Eigenvalue Problem",
                hypotheses: &[],
                kind: Kind::Rounded,
                tolerance: "the estimators' own error bounds: residual, entries, products, loss of orthogonality",
                page: "e2-agreement.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            estimate::agreement,
            sharp::ill_conditioned,
            draws::POINT_SETS,
        )),
        of_residual(Theorem::new(
            About {
                id: "E3.reference",
                family: "spectrum",
                statement: "certificates contain the eigenvalues that another algorithm, another library and 60 digits give",
                source: "Paper A (the expressivity condition, decided); Jacobi",
                hypotheses: &[certificate::DISTINCT],
                kind: Kind::Rounded,
                tolerance: "two neighbouring numbers of 53 bits around the reference",
                page: "e3-reference.md",
                headline: None,
                slack: Some(1e-11),
                looser: &[],
            },
            certificate::reference,
            sharp::ill_conditioned,
            draws::POINT_SETS,
        )),
        of_residual(Theorem::new(
            About {
                id: "E4.invariance",
                family: "spectrum",
                statement: "λ_min does not change when the points are permuted, translated or rotated, nor when points and bandwidth are scaled alike",
                source: "Paper A (translation-invariant, radial kernels)",
                hypotheses: &[],
                kind: Kind::Certified,
                tolerance: "the widths of both certificates",
                page: "e4-invariance.md",
                headline: None,
                slack: Some(1e-11),
                looser: &[],
            },
            certificate::invariance,
            sharp::ill_conditioned,
            draws::POINT_SETS,
        )),
    ]
}
