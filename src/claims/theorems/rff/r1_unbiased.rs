//! R1.unbiased: the mean and the variance of a random feature kernel.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "E k̂ = k and Var k̂ = (1 + ψ(2Δ) − 2ψ(Δ)²)/2m",
    source: "Paper A (random Fourier features); Rahimi, Recht, NIPS 2007; Sutherland, Schneider, UAI 2015",
    tolerance: "Bernstein's inequality with the exact variance of the null law, at 1e-15 a comparison",
    page: "r1-unbiased.md",
    ..About::new("R1.unbiased", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::unbiased,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r1_unbiased())
    .data(data::points(5))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Vacuous, &[])),
    ])
}
