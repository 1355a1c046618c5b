//! Smallest eigenvalues, estimated and certified: E1–E4.

use super::{Claim, Subject};
use crate::claims::{Regime, certificate, estimate, sharp};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "E1.certificate",
        family: "spectrum",
        statement: "lo ≤ λ ≤ hi for the extreme eigenvalues of the exact Gram matrix, and of a symmetric matrix given",
        source: "Paper A (the expressivity condition, decided); Rump, BIT 46 (2006); Demmel, LAPACK Working Note 14",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "the width of a certificate a million times narrower",
        page: "e1-certificate.md",
        regime: Regime::PointSet,
        subject: Subject::Residual {
            check: certificate::enclosure,
            sharp: sharp::ill_conditioned,
        },
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "E2.agreement",
        family: "spectrum",
        statement: "every estimate lies within its own error bound of the certificate; Ritz values lie above λ_min and do not increase",
        source: "Paper A (the expressivity condition, estimated); Cauchy; Parlett, The Symmetric Eigenvalue Problem",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "the estimators' own error bounds: residual, entries, products, loss of orthogonality",
        page: "e2-agreement.md",
        regime: Regime::PointSet,
        subject: Subject::Residual {
            check: estimate::agreement,
            sharp: sharp::ill_conditioned,
        },
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "E3.reference",
        family: "spectrum",
        statement: "certificates contain the eigenvalues that another algorithm, another library and 60 digits give",
        source: "Paper A (the expressivity condition, decided); Jacobi",
        hypotheses: &[certificate::DISTINCT],
        kind: Kind::Rounded,
        tolerance: "two neighbouring numbers of 53 bits around the reference",
        page: "e3-reference.md",
        regime: Regime::PointSet,
        subject: Subject::Residual {
            check: certificate::reference,
            sharp: sharp::ill_conditioned,
        },
        headline: None,
        slack: Some(1e-11),
        looser: &[],
    },
    Claim {
        id: "E4.invariance",
        family: "spectrum",
        statement: "λ_min does not change when the points are permuted, translated or rotated, nor when points and bandwidth are scaled alike",
        source: "Paper A (translation-invariant, radial kernels)",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "the widths of both certificates",
        page: "e4-invariance.md",
        regime: Regime::PointSet,
        subject: Subject::Residual {
            check: certificate::invariance,
            sharp: sharp::ill_conditioned,
        },
        headline: None,
        slack: Some(1e-11),
        looser: &[],
    },
];
