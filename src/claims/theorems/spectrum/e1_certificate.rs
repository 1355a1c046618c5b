//! E1.certificate: an interval that contains an extreme eigenvalue of the exact Gram matrix.

use crate::claims::{PointsInstance, certificate, data, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
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
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        certificate::enclosure,
        sharp::ill_conditioned,
        draws::POINT_SETS,
    )
    .data(data::lifted_points)
    .hostile(&[(
        &[
            NearDuplicates,
            HugeWeights,
            OneSample,
            OneLayer,
            OneDimension,
            ZeroLoss,
            FarFromOrigin,
        ],
        Demand::Mostly(Verdict::Holds, &[]),
    )])
}
