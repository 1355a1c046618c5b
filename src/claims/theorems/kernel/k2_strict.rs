//! K2.strict: distinct points have a Gram matrix whose positivity can be decided.

use crate::claims::{PointsInstance, broken, certificate, data, draws, sharp};
use crate::data::Hostile;
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "the Gram matrix of distinct points and a strictly positive definite kernel has λ_min > 0: a certificate decides it",
    source: "Paper A (universal kernels); Wendland, Scattered Data Approximation, chapter 6",
    hypotheses: &[certificate::STRICT, certificate::DISTINCT],
    tolerance: "none: both ends are exact numbers",
    page: "k2-strict.md",
    slack: Some(1e-6),
    ..About::new("K2.strict", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(
        ABOUT,
        certificate::strictly_positive,
        sharp::ill_conditioned,
        draws::POINT_SETS,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(certificate::DISTINCT),
        broken::duplicated_points,
    ))
    .control(Control::found(
        "linear kernel",
        Inapplicable(certificate::STRICT),
        broken::linear,
    ))
    .data(data::lifted_points)
    .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
