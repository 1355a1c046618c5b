//! C6.dissipation: energy and distance.

use crate::claims::convergence::STEP;
use crate::claims::hostile::all_measures_but;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{HugeWeights, Relu};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "d(μⁿ,μⁿ')² ≤ η/(1−βη/2)|n−n'||L_n−L_n'|, the energy identity within βη/2, and second moments that do not blow up",
    source: "Paper B (existence of the flow)",
    hypotheses: &[mean_field::BOUNDED, STEP],
    tolerance: "ball arithmetic through every pass and every step of gradient descent",
    page: "c6-dissipation.md",
    slack: Some(1e-4),
    looser: &[(mean_field::ENERGY, 1e-3)],
    ..About::new("C6.dissipation", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::dissipation,
        mean_field::linear_descent,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c6_dissipation())
    .data(data::trained_particles)
    .hostile(&[
        (
            &all_measures_but(&[HugeWeights, Relu]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
        ),
        (&[HugeWeights], Demand::NoViolation),
        (&[Relu], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
