//! P8b.resumed: P8 applied along the way, before training.

use crate::claims::hostile::all_but;
use crate::claims::{
    ResidualInstance, broken, convergence, data, draws, hostile, integrated, pl, sharp,
};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "if E_n²/2N ≤ mr²(1−βη/2)²/4, m and β on the ball of radius p_n + r around v⁰, then L(vⁿ⁺ʲ) ≤ ϱʲE_n²/2N for all j",
    source: "Paper A (convergence of gradient descent), applied along the way",
    hypotheses: &[
        convergence::STEP,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        integrated::SMALL_LATER,
    ],
    tolerance: "that of P8b.filtered; from vⁿ on, rounding of every step times a Lipschitz bound of L",
    page: "p8b-resumed.md",
    headline: Some(integrated::RESUMED),
    slack: Some(1e-3),
    ..About::new("P8b.resumed", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        integrated::resumed_convergence,
        sharp::stiff,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "a step beyond 2/β",
        Inapplicable(convergence::STEP),
        broken::long_step,
    ))
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(convergence::EXPRESSIVE),
        broken::duplicated,
    ))
    .control(Control::spec(
        "a line reversed",
        Inapplicable(integrated::SMALL_LATER),
        broken::reversed_line,
    ))
    .control(Control::spec(
        "too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::shallow,
    ))
    .data(data::lifted(data::LONG, 60))
    .hostile_as(
        &[
            (
                &[NearDuplicates],
                Demand::Mostly(Verdict::Inapplicable, &[Verdict::Undecided]),
            ),
            (
                &all_but(&[NearDuplicates, ZeroLoss]),
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Inapplicable, Verdict::Vacuous],
                ),
            ),
            (&[ZeroLoss], Demand::Mostly(Verdict::Undecided, &[])),
        ],
        hostile::below_the_threshold,
    )
}
