//! P8.convergence: gradient descent converges linearly.

use crate::bounds::LossEnvelope;
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, convergence, data, draws, hostile, pl, sharp};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Iterates, Theorem};

const ABOUT: About = About {
    family: "convergence",
    statement: "if L(v⁰) ≤ mR²(1−βη/2)²/4, then L(vⁿ) ≤ (1−ηm(1−βη/2))ⁿL(v⁰) and the path is no longer than R",
    source: "Paper A (convergence of gradient descent)",
    hypotheses: &[
        convergence::STEP,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    tolerance: "rounding of every step times a Lipschitz bound of L, carried through the recursion",
    page: "p8-convergence.md",
    headline: Some(convergence::RATE),
    slack: Some(1e-4),
    // The run ends at a thousandth of the loss: 1 − √0.001 of the way to the minimiser.
    looser: &[
        (convergence::PATH, 5e-2),
        (convergence::PROMISED_PATH, 5e-2),
    ],
    courses: &[
        Iterates {
            measured: "loss",
            statements: &[LossEnvelope::ONE_STEP],
        },
        Iterates {
            measured: "path length",
            statements: &[convergence::PATH, convergence::PROMISED_PATH],
        },
    ],
    ..About::new("P8.convergence", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        convergence::gradient_descent_converges,
        sharp::stiff,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(convergence::EXPRESSIVE),
        broken::duplicated,
    ))
    .control(Control::spec(
        "more samples than features",
        Inapplicable(convergence::EXPRESSIVE),
        broken::too_few_features,
    ))
    .control(Control::spec(
        "readout of deficient rank",
        Inapplicable(convergence::EXPRESSIVE),
        broken::deficient_readout,
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
        "too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::shallow,
    ))
    .data(data::whole)
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
                    &[Verdict::Undecided, Verdict::Inapplicable, Verdict::Vacuous],
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
