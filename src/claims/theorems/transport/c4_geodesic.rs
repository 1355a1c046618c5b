//! C4.geodesic: displacement interpolation travels at constant speed.

use crate::claims::{MeanFieldInstance, data, draws, transport};
use crate::data::HostileMeasure;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "d(μ_s,μ_t) = |s−t|d(μ_0,μ_1) along the displacement interpolation",
    source: "Paper B (geodesics); McCann, Adv. Math. 128 (1997)",
    tolerance: "3u of the particles for the rounding of interpolated ones, at both ends; enclosed distances",
    page: "c4-geodesic.md",
    slack: Some(1e-6),
    ..About::new("C4.geodesic", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        transport::geodesic,
        transport::crossing,
        draws::MEAN_FIELD,
    )
    .controls(transport::controls::c4_geodesic())
    .data(data::trained_particles)
    .hostile(&[(&HostileMeasure::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
