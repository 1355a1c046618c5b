//! K6.perturbation: how far a smallest eigenvalue can move.

use crate::claims::{ResidualInstance, data, draws, perturbation, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    id: "K6.perturbation",
    family: "kernel",
    statement: "|λ_min(K) − λ_min(K')| ≤ ‖K − K'‖ ≤ (N−1)max|K_ij − K'_ij|, λ_min(K) ≤ λ_min(K without a point), |σ_min(Φ) − σ_min(Φ')| ≤ ‖Φ − Φ'‖_F",
    source: "Paper A (stability of the Gram matrix); Weyl; Cauchy",
    hypotheses: &[],
    kind: Kind::Certified,
    tolerance: "enclosed eigenvalues of the matrices as computed; certificates for the interlacing",
    page: "k6-perturbation.md",
    headline: None,
    slack: Some(1e-4),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        perturbation::perturbation,
        sharp::merging,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
        ),
        (
            &[HugeWeights, OneLayer, OneDimension, ZeroLoss, FarFromOrigin],
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous]),
        ),
        (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
    ])
}
