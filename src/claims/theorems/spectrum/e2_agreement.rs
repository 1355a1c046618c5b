//! E2.agreement: estimates lie where the certificate says.

use crate::claims::{ResidualInstance, data, draws, estimate, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
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
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        estimate::agreement,
        sharp::ill_conditioned,
        draws::POINT_SETS,
    )
    .data(data::begun)
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
