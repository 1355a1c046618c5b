//! C5.gradient: the mean-field gradient.

use crate::claims::hostile::all_measures_but;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{HugeWeights, Relu};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "G is DM times the gradient of the finite network, and dL/dt = −‖∇L‖² along the flow",
    source: "Paper B (gradient of the risk for conditional optimal transport)",
    hypotheses: &[mean_field::BOUNDED],
    tolerance: "balls and dual numbers over balls; the third derivative on the segment encloses the remainder of the difference",
    page: "c5-gradient.md",
    slack: Some(1e-6),
    ..About::new("C5.gradient", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::gradient,
        mean_field::generic,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c5_gradient())
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
