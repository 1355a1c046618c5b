//! R8b.curvature: the curvature constant of drawn Gaussian features.

use crate::claims::hostile::all_but;
use crate::claims::{PointsInstance, data, draws, random_features};
use crate::data::Hostile::{HugeWeights, OneLayer, ZeroLoss};
use crate::evidence::Kind;
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "rff",
    statement: "κ̂2 ≤ κ̂1 max‖ω‖, max‖ω‖ ≤ σ⁻¹(√q + √(2ln(m/τ))) and κ̂2 ≤ σ⁻²m^{−1/2}((3m)^{1/4} + √q + √(2ln(1/τ)))² with probability 1−τ",
    source: "Paper A (admissibility of random features); Chevet, Gordon",
    hypotheses: &[random_features::GAUSSIAN],
    tolerance: "exact binomial test at 1e-15, of lower bounds of κ̂2; ball arithmetic of κ̂1 max‖ω‖",
    page: "r8b-curvature.md",
    ..About::new("R8b.curvature", Kind::Statistical)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        random_features::curvature,
        random_features::pairs,
        draws::GAUSSIAN_POINTS,
    )
    .controls(random_features::controls::r8b_curvature())
    .data(data::points(5))
    .hostile(&[(
        &all_but(&[HugeWeights, OneLayer, ZeroLoss]),
        Demand::NoViolation,
    )])
}
