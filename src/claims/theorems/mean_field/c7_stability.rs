//! C7.stability: two flows stay together.

use crate::claims::convergence::STEP;
use crate::claims::hostile::all_measures_but;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure::{HugeWeights, Relu};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "one step multiplies the distance of two networks by at most max(1+η√(2L̄)c2, η(c1²+√(2L̄)c2)−1), and ‖∇L‖² ≤ 2c1²L",
    source: "Paper B (well-posedness of the flow)",
    hypotheses: &[mean_field::BOUNDED, STEP],
    tolerance: "ball arithmetic through every pass and every step of gradient descent",
    page: "c7-stability.md",
    slack: Some(1e-3),
    ..About::new("C7.stability", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::stability,
        || [mean_field::saddle(), mean_field::steep()].concat(),
        draws::MEAN_FIELD,
    )
    .controls(mean_field::controls::c7_stability())
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
