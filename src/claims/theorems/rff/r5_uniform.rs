//! R5.uniform: the deviation of the whole function.

use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(sup|k̂ − k| ≥ ε) ≤ 66(σ_pℓ/ε)²exp(−mε²/4(d+2)) on differences of a set of diameter ℓ (beyond what is drawn: gross errors only; its constants are R12's)",
    source: "Paper A (random Fourier features); Rahimi, Recht, NIPS 2007, Claim 1; Sutherland, Schneider, UAI 2015, Proposition 1",
    hypotheses: &[random_features::FINITE, random_features::SEVERAL],
    tolerance: "exact binomial test at 1e-15; the supremum is at least the largest of finitely many",
    page: "r5-uniform.md",
    ..About::new("R5.uniform", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::uniform,
        random_features::pairs,
        draws::RANDOM_FEATURES,
    )
    .controls(random_features::controls::r5_uniform())
    .data(data::points(3))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
