//! P11.features: what random features add to the lazy regime is O(m^-1/2).

use crate::claims::{ResidualInstance, data, draws, random_features};
use crate::data::Hostile::{FarFromOrigin, NearDuplicates, OneDimension, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "given the input frequencies, yᵀT₁y is normal with the variance (h/σm)²Σβ²: what random features add to the lazy regime is O(m^{−1/2})",
    source: "Paper A (lazy regime, random features); formula of this project",
    hypotheses: &[random_features::GAUSSIAN, random_features::SEVERAL],
    tolerance: "the law χ² of standardised draws, at 1e-15 a width; the slope of the balls",
    page: "p11-features.md",
    ..About::new("P11.features", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        random_features::coefficient,
        random_features::tasks,
        draws::GAUSSIAN_FEATURES,
    )
    .controls(random_features::controls::p11_features())
    .data(data::lifted(data::BEGINNING, 5))
    .hostile(&[
        (
            &[NearDuplicates, OneDimension, FarFromOrigin],
            Demand::NoViolation,
        ),
        (&[OneSample], Demand::Mostly(Verdict::Inapplicable, &[])),
    ])
}
