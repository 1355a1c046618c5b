//! P9.functional: the gradient flow in an RKHS converges exponentially.

use crate::claims::{
    FunctionalInstance, broken, convergence, data, draws, gradient_flow, hostile, kernel, pl, sharp,
};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "convergence",
    statement: "P9 for the gradient flow in the RKHS of the exact kernel",
    source: "Paper A (convergence of the gradient flow), non-parametric residuals",
    hypotheses: &[
        kernel::STRONGLY_ADMISSIBLE,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    tolerance: "that of P9, with the rounding of the pass through kernel expansions, for a time of at most 6/β and 12/(Nβ)",
    page: "p9-functional.md",
    headline: Some(gradient_flow::FLOW_RATE),
    slack: Some(5e-3),
    looser: &[(convergence::PATH, 4e-2), (gradient_flow::FLOW_PATH, 4e-2)],
    ..About::new("P9.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        gradient_flow::functional_flow_converges,
        sharp::functional_flowing,
        draws::FUNCTIONAL_NEAR_MINIMUM,
    )
    .factors_seen_by(&["P9.flow"])
    .control(Control::spec(
        "a line reversed",
        Inapplicable(convergence::SMALL_LOSS),
        broken::reversed_line,
    ))
    .control(Control::spec(
        "kernel that is not admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::laplace,
    ))
    .control(Control::spec(
        "kernel that is not strongly admissible",
        Inapplicable(kernel::STRONGLY_ADMISSIBLE),
        broken::rough,
    ))
    .data(data::expansions)
    .hostile_as(
        &[
            (
                &[NearDuplicates],
                Demand::Mostly(Verdict::Inapplicable, &[]),
            ),
            (
                &[HugeWeights, OneSample, OneLayer],
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
            (&[OneDimension, FarFromOrigin], Demand::NoViolation),
            (
                &[ZeroLoss],
                Demand::Mostly(Verdict::Undecided, &[Verdict::Inapplicable]),
            ),
        ],
        hostile::below_the_threshold,
    )
}
