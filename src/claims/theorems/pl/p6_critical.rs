//! P6.critical: no critical point but the minimisers.

use crate::claims::{ResidualInstance, broken, critical, data, draws, hostile, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Vacuous;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    id: "P6.critical",
    family: "pl",
    statement: "L ≤ ‖∇L‖²/m along any optimiser; two equal inputs with different labels leave ‖y¹−y²‖²/4N",
    source: "Paper A (no bad critical points)",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "that of P3 at each iterate; the rounding of the loss and of a difference of labels",
    page: "p6-critical.md",
    headline: None,
    slack: Some(1e-4),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        critical::no_bad_critical_points,
        sharp::critical,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "duplicated inputs",
        Vacuous,
        broken::duplicated,
    ))
    .data(data::lifted(data::FLOW, 20))
    .hostile_as(
        &[
            (
                &[NearDuplicates, ZeroLoss],
                Demand::Mostly(
                    Verdict::Vacuous,
                    &[Verdict::Undecided, Verdict::Inapplicable],
                ),
            ),
            (
                &[
                    HugeWeights,
                    OneSample,
                    OneLayer,
                    OneDimension,
                    FarFromOrigin,
                ],
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
        ],
        hostile::below_the_threshold,
    )
}
