//! C1.metric: the conditional distance is a metric.

use crate::claims::{MeanFieldInstance, data, draws, transport};
use crate::data::HostileMeasure;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "d is symmetric, obeys the triangle inequality, and is zero only between networks whose layers are permuted or copied",
    source: "Paper B (the conditional optimal transport distance)",
    tolerance: "every distance is enclosed by a plan and by potentials; the networks are exact",
    page: "c1-metric.md",
    slack: Some(1e-6),
    ..About::new("C1.metric", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        transport::metric,
        transport::one_particle,
        draws::MEAN_FIELD,
    )
    .controls(transport::controls::c1_metric())
    .data(data::trained_particles)
    .hostile(&[(&HostileMeasure::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
