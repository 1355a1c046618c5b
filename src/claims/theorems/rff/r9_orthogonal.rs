//! R9.orthogonal: the variance of orthogonal random features.

use crate::claims::{PointsInstance, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "orthogonal frequencies: E k̂ = k, Var k̂ = m⁻¹[(1 + ψ(2Δ) − 2ψ²)/2 + (q−1)C_q(r)]",
    source: "Paper A (random features; variance reduction); Yu et al., NIPS 2016; formula of this project",
    hypotheses: &[random_features::GAUSSIAN, random_features::SEVERAL],
    tolerance: "Maurer–Pontil's inequality with the empirical variance, at 1e-15 a comparison",
    page: "r9-orthogonal.md",
    ..About::new("R9.orthogonal", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::orthogonal,
        random_features::pairs,
        draws::GAUSSIAN_POINTS,
    )
    .controls(random_features::controls::r9_orthogonal())
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
