//! R4.chernoff: the smallest eigenvalue by the range of a summand.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(λ_min(K̂) ≤ (1−ε)λ_min(K)) ≤ N[e^{−ε}(1−ε)^{−(1−ε)}]^{mλ_min(K)/N}, and P(λ_max(K̂) ≥ (1+ε)λ_max(K)) ≤ N[e^ε(1+ε)^{−(1+ε)}]^{mλ_max(K)/N}",
    source: "Paper A (expressivity of random features); Tropp, Found. Comput. Math. 12 (2012), Theorem 1.1",
    hypotheses: &[random_features::POSITIVE],
    tolerance: "exact binomial test at 1e-15; only eigenvalues below the threshold by more than rounding count",
    page: "r4-chernoff.md",
    ..About::new("R4.chernoff", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::chernoff,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r4_chernoff())
    .data(data::points(5))
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
