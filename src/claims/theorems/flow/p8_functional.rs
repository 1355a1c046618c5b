//! P8.functional: functional gradient descent converges linearly.

use crate::claims::{
    FunctionalInstance, broken, convergence, data, draws, hostile, kernel, pl, sharp,
};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "convergence",
    statement: "P8 for functional gradient descent on kernel expansions, with the constants of the exact kernel",
    source: "Paper A (convergence of gradient descent), non-parametric residuals",
    hypotheses: &[
        kernel::STRONGLY_ADMISSIBLE,
        convergence::STEP,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    tolerance: "that of P8, with the rounding of the pass through kernel expansions",
    page: "p8-functional.md",
    headline: Some(convergence::RATE),
    slack: Some(1e-4),
    looser: &[
        (convergence::PATH, 5e-2),
        (convergence::PROMISED_PATH, 5e-2),
    ],
    ..About::new("P8.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        convergence::gradient_descent_converges,
        sharp::functional_stiff,
        draws::FUNCTIONAL_NEAR_MINIMUM,
    )
    .factors_seen_by(&["P8.convergence"])
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
    .control(Control::spec(
        "step beyond 2/β",
        Inapplicable(convergence::STEP),
        broken::long_step,
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
