//! K7.separation: separated points have a Gram matrix bounded below.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, separation, sharp};
use crate::data::Hostile::{NearDuplicates, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "λ_min(K) ≥ λ(δ) for points at least δ apart, λ(δ) the largest of four versions",
    source: "Paper A (the separation function of the kernel); Wendland, Scattered Data Approximation, chapter 12; version 4 of this project",
    hypotheses: &[separation::SEPARATED],
    tolerance: "the width of the certificate of λ_min(K); λ(δ) rounded down",
    page: "k7-separation.md",
    slack: Some(1e-9),
    ..About::new("K7.separation", Kind::Certified)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        separation::lower_bound,
        sharp::separated,
        draws::GENERAL,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(separation::SEPARATED),
        broken::duplicated,
    ))
    .data(data::narrowed)
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Holds]),
        ),
        (
            &all_but(&[NearDuplicates, OneSample]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous]),
        ),
        (&[OneSample], Demand::Mostly(Verdict::Holds, &[])),
    ])
}
