//! R8.covariance: the Lipschitz constant of drawn Gaussian features.

use crate::claims::hostile::all_but;
use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{HugeWeights, OneLayer, ZeroLoss};
use crate::evidence::Kind;
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "P(κ̂1 > σ⁻¹(1 + √(q/m) + t)) ≤ exp(−mt²/2) for Gaussian frequencies",
    source: "Paper A (admissibility of random features); Davidson, Szarek 2001, Theorem II.13",
    hypotheses: &[random_features::GAUSSIAN],
    tolerance: "exact binomial test at 1e-15; only constants beyond rounding count",
    page: "r8-covariance.md",
    ..About::new("R8.covariance", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::covariance,
        random_features::pairs,
        draws::GAUSSIAN_POINTS,
    )
    .controls(random_features::controls::r8_covariance())
    .data(data::points(5))
    .hostile(&[(
        &all_but(&[HugeWeights, OneLayer, ZeroLoss]),
        Demand::NoViolation,
    )])
}
