//! C3.measure: everything depends on the measure alone.

use crate::claims::hostile::all_measures_but;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{HugeWeights, Relu};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "permuting the particles of a layer, or putting c copies in place of each, changes neither output, loss nor gradient, nor how they move in training",
    source: "Paper B (the network as a measure)",
    hypotheses: &[mean_field::BOUNDED],
    tolerance: "ball arithmetic through every pass and every step of gradient descent",
    page: "c3-measure.md",
    slack: Some(1e-6),
    ..About::new("C3.measure", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::measure_only,
        mean_field::generic,
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c3_measure())
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
