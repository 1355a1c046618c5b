//! R4b.variance: the smallest eigenvalue by the second moment of a summand.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(λ_min(K̂) ≤ (1−ε)λ) ≤ N exp(m(h(1−ε)λ + ln(1 + λ_max(−pK + rV)))), V = ½(NK + Q), for every parabola 1 − px + rx² above e^{−hx}",
    source: "Paper A (expressivity of random features); Tropp's master bound; constants of this project",
    hypotheses: &[random_features::POSITIVE],
    tolerance: "exact binomial test at 1e-15; only eigenvalues below the threshold by more than rounding count",
    page: "r4b-variance.md",
    ..About::new("R4b.variance", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::second_moment,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r4b_variance())
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
