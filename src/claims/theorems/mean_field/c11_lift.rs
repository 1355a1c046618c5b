//! C11.lift: the condition of C10 is attainable.

use crate::claims::convergence::STEP;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{
    Coincident, Collinear, DuplicatedInputs, HugeWeights, OneParticle, Relu,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "on lifted data C10's condition holds from some output scale α* on, if the Gram matrices are regular",
    source: "Paper B (finitely many features, small initial risk)",
    hypotheses: &[mean_field::BOUNDED, STEP, mean_field::EXPRESSIVE],
    tolerance: "ball arithmetic through every pass and every step of gradient descent",
    page: "c11-lift.md",
    headline: Some(mean_field::RATE),
    slack: Some(1e-2),
    looser: &[
        (mean_field::PATH, 5e-2),
        (mean_field::PROMISED_PATH, 5e-2),
        (mean_field::SPEED, 5e-2),
    ],
    ..About::new("C11.lift", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::attainable,
        mean_field::unlabelled,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c11_lift())
    .data(data::particles_to_lift)
    .hostile(&[
        (
            &[Coincident, OneParticle],
            Demand::Mostly(
                Verdict::Inapplicable,
                &[Verdict::Holds, Verdict::Vacuous, Verdict::Undecided],
            ),
        ),
        (&[Collinear, HugeWeights], Demand::NoViolation),
        (
            &[DuplicatedInputs, Relu],
            Demand::Mostly(Verdict::Inapplicable, &[]),
        ),
    ])
}
