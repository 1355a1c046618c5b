//! R6.width: the widths that the bounds promise suffice.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "at the width of every bound P(λ_min(K̂) < (1−ε)λ_min(K)) ≤ τ",
    source: "Paper A (how many random features suffice)",
    hypotheses: &[random_features::POSITIVE],
    tolerance: "exact binomial test at 1e-15",
    page: "r6-width.md",
    ..About::new("R6.width", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::width,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r6_width())
    .data(data::points(5))
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Inapplicable, &[Verdict::Undecided]),
        ),
        (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
        (&[OneDimension, FarFromOrigin], Demand::NoViolation),
    ])
}
