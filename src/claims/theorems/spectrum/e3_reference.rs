//! E3.reference: certificates contain the value of a 60-digit reference.

use crate::claims::{PointsInstance, broken, certificate, data, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
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
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        certificate::reference,
        sharp::ill_conditioned,
        draws::POINT_SETS,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(certificate::DISTINCT),
        broken::duplicated_points,
    ))
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
