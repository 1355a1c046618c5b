//! R3.union: the deviation of all entries, and of the smallest eigenvalue.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(max|K̂ − K| ≥ ε) ≤ N(N−1)exp(−mε²/2), and λ_min(K̂) ≥ λ_min(K) − (N−1)max|K̂ − K|",
    source: "Paper A (expressivity of random features, by entries); Weyl",
    tolerance: "exact binomial test at 1e-15; enclosed eigenvalues",
    page: "r3-union.md",
    ..About::new("R3.union", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::union,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r3_union())
    .data(data::points(5))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
    ])
}
