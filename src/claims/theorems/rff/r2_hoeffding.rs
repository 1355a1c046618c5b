//! R2.hoeffding: the deviation of one entry.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(|k̂ − k| ≥ ε) ≤ 2exp(−mε²/2)",
    source: "Paper A (random Fourier features); Hoeffding 1963",
    tolerance: "exact binomial test at 1e-15; only deviations beyond rounding count",
    page: "r2-hoeffding.md",
    ..About::new("R2.hoeffding", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::hoeffding,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r2_hoeffding())
    .data(data::points(5))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
    ])
}
