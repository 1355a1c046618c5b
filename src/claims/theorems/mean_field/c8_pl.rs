//! C8.pl: the mean-field PL inequality.

use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{
    Coincident, Collinear, DuplicatedInputs, HugeWeights, OneParticle, Relu,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "‖∇L‖² ≥ (2α²/N)·P₋²·D⁻¹Σ_kλ_min(K_k)·L, and with the product over later layers alone",
    source: "Paper B (local PL inequality)",
    hypotheses: &[mean_field::BOUNDED],
    tolerance: "ball arithmetic through both passes; enclosed eigenvalues of enclosed Gram matrices",
    page: "c8-pl.md",
    slack: Some(1e-9),
    ..About::new("C8.pl", Kind::Rounded)
};

/// Two layers, of which the second squeezes what the first passes on (found by `polyak attack C8.pl`).
const MOVING_LAYER: &str = r#"{"activation":"scaled-cosine","scale":0.3,"inputs":[[0.2]],"targets":[[0.0]],
    "network":[[[0.0,0.0,0.0]],[[0.0,0.0,0.0]]],
    "other":[[[0.1,0.0,0.0],[0.11,0.0,0.0],[-0.3,0.0,0.0],[-0.3,0.0,0.0]],
    [[0.0,0.0,0.0],[0.0,0.0,0.0],[0.0,0.0,0.0],[0.2,-11.0,0.0]]],
    "step_margin":0.5,"steps":6,"loss_share":null,"seed":0,"draws":1024}"#;

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::pl,
        mean_field::single_sample,
        draws::MEAN_FIELD,
    )
    .pinned(&[MOVING_LAYER])
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
