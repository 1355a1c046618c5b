//! E4.invariance: what does not change the smallest eigenvalue.

use crate::claims::{PointsInstance, certificate, data, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
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
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        certificate::invariance,
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
