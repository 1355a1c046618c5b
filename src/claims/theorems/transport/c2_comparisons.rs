//! C2.comparisons: what the conditional distance lies between.

use crate::claims::{MeanFieldInstance, data, draws, transport};
use crate::data::HostileMeasure;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "W₂ on [0,1]×Ω, D⁻¹ΣW₁ and what means and coordinates are apart are at most d, which is at most the L² distance of any labels; no gap between plan and potentials",
    source: "Paper B (comparison of distances); Villani, Optimal Transport, chapter 6",
    tolerance: "every distance is enclosed by a plan and by potentials; sums in balls",
    page: "c2-comparisons.md",
    slack: Some(1e-6),
    ..About::new("C2.comparisons", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        transport::comparisons,
        transport::translated,
        draws::MEAN_FIELD,
    )
    .controls(transport::controls::c2_comparisons())
    .data(data::trained_particles)
    .hostile(&[(&HostileMeasure::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
