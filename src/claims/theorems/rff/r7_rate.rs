//! R7.rate: the error of the Gram matrix, exactly.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "E‖K̂ − K‖_F² = (1/2m)Σ_{i≠j}(1 + ψ(2Δ_ij) − 2ψ(Δ_ij)²): slope −1/2 in m",
    source: "Paper A (rate of random Fourier features)",
    hypotheses: &[random_features::SEVERAL],
    tolerance: "Bernstein's inequality with the exact fourth moment, at 1e-15 a width; the slope of the balls",
    page: "r7-rate.md",
    ..About::new("R7.rate", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::rate,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r7_rate())
    .data(data::points(5))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
