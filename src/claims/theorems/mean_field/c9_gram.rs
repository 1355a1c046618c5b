//! C9.gram: stability of the Gram matrices.

use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{
    Coincident, Collinear, DuplicatedInputs, HugeWeights, OneParticle, Relu,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "D⁻¹Σλ_min(K_k(t)) ≥ ((D⁻¹Σλ_min(K_k(0)))^½ − (D⁻¹Σe_k²)^½)₊², e_k = M^{−½}‖Φ_k(t)−Φ_k(0)‖_F",
    source: "Paper B (stability of the Gram matrices)",
    hypotheses: &[mean_field::BOUNDED],
    tolerance: "ball arithmetic through every step; enclosed eigenvalues of enclosed Gram matrices",
    page: "c9-gram.md",
    slack: Some(1e-6),
    ..About::new("C9.gram", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::gram_stability,
        mean_field::shrinking_features,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c9_gram())
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
