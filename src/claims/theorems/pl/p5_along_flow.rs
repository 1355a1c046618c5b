//! P5.along-flow: the PL inequality along the gradient flow.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, gradient_flow, hostile, sharp};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "P3 (versions 1, 3) and P4 hold at every accepted step of a gradient-flow integrator",
    source: "Paper A (PL along the trajectory)",
    tolerance: "that of P3 and P4 at each node: the statement is pointwise, whatever the integrator's error",
    page: "p5-along-flow.md",
    slack: Some(1e-4),
    ..About::new("P5.along-flow", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        gradient_flow::pl_along_flow,
        sharp::both_errors,
        draws::NEAR_MINIMUM,
    )
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
                &all_but(&[NearDuplicates, ZeroLoss]),
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
        ],
        hostile::below_the_threshold,
    )
}
