//! P9.flow: the gradient flow converges exponentially.

use crate::claims::hostile::all_but;
use crate::claims::{
    ResidualInstance, broken, convergence, data, draws, gradient_flow, hostile, pl, sharp,
};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Iterates, Theorem};

const ABOUT: About = About {
    family: "convergence",
    statement: "if L(v⁰) ≤ mR²/4, the gradient flow has L(t) ≤ e^{−mt}L0, a path no longer than 2√(L0/m), and L(0)−L(t) = ∫‖∇L‖²",
    source: "Paper A (convergence of the gradient flow)",
    hypotheses: &[
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    tolerance: "residual θ ≤ 4e-3 of a polygon through the integrator's points, bounded by P7 and rounding: it costs a share θ of the rate; ∫‖∇L‖² up to what P7 lets the gradient bend",
    page: "p9-flow.md",
    headline: Some(gradient_flow::FLOW_RATE),
    slack: Some(5e-3),
    looser: &[(convergence::PATH, 4e-2), (gradient_flow::FLOW_PATH, 4e-2)],
    courses: &[Iterates {
        measured: "path length",
        statements: &[convergence::PATH, gradient_flow::FLOW_PATH],
    }],
    ..About::new("P9.flow", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        gradient_flow::flow_converges,
        sharp::flowing,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(convergence::EXPRESSIVE),
        broken::duplicated,
    ))
    .control(Control::spec(
        "a line reversed",
        Inapplicable(convergence::SMALL_LOSS),
        broken::reversed_line,
    ))
    .data(data::lifted(data::FLOW, 20))
    .hostile_as(
        &[
            (
                &[NearDuplicates],
                Demand::Mostly(Verdict::Inapplicable, &[]),
            ),
            (
                &all_but(&[NearDuplicates, ZeroLoss]),
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
            (
                &[ZeroLoss],
                Demand::Mostly(Verdict::Undecided, &[Verdict::Inapplicable]),
            ),
        ],
        hostile::below_the_threshold,
    )
}
