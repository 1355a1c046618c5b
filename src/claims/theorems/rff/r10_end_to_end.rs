//! R10.end-to-end: a recipe computed before the draw.

use crate::claims::{ResidualInstance, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "a recipe computed before the draw: P8's hypotheses hold with probability 1−τ, and where they do, so does its conclusion",
    source: "Paper A (convergence of finite-width networks)",
    hypotheses: &[random_features::GAUSSIAN, random_features::POSITIVE],
    tolerance: "exact binomial test at 1e-15; P8's tolerance for every drawn network",
    page: "r10-end-to-end.md",
    ..About::new("R10.end-to-end", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        random_features::end_to_end,
        random_features::tasks,
        draws::GAUSSIAN_FEATURES,
    )
    .controls(random_features::controls::r10_end_to_end())
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Inapplicable, &[Verdict::Undecided]),
        ),
        (
            &[OneSample, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
    ])
}
