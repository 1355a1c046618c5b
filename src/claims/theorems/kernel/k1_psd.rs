//! K1.psd: Gram matrices are positive semi-definite.

use crate::claims::{ResidualInstance, data, draws, semidefinite, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    id: "K1.psd",
    family: "kernel",
    statement: "Gram matrices are positive semi-definite, equal points or not: λ_min(K) ≥ 0 and λ_min(K̂) ≥ 0",
    source: "Paper A (kernels); Aronszajn, Theory of reproducing kernels",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "enclosed λ_min(Id + K) widened by N−1 times the proved error of an entry; γ_w for the product of features",
    page: "k1-psd.md",
    headline: None,
    slack: Some(1e-9),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        semidefinite::semidefinite,
        sharp::generic,
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
