//! C8.pl: the mean-field PL inequality.

use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{
    Coincident, Collinear, DuplicatedInputs, HugeWeights, OneParticle, Relu,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    id: "C8.pl",
    family: "cot",
    statement: "‖∇L‖² ≥ (2α²/N)·P₋²·D⁻¹Σ_kλ_min(K_k)·L, and with the product over later layers alone",
    source: "Paper B (local PL inequality)",
    hypotheses: &[mean_field::BOUNDED],
    kind: Kind::Rounded,
    tolerance: "ball arithmetic through both passes; enclosed eigenvalues of enclosed Gram matrices",
    page: "c8-pl.md",
    headline: None,
    slack: Some(1e-9),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::pl,
        mean_field::single_sample,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c8_pl())
    .data(data::trained_particles)
    .hostile(&[
        (
            &[Coincident, OneParticle],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Holds, Verdict::Undecided]),
        ),
        (&[Collinear, HugeWeights], Demand::NoViolation),
        (
            &[DuplicatedInputs],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
        ),
        (&[Relu], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
