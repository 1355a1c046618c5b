//! P8b.spectral: the errors follow the whole spectrum.

use crate::claims::hostile::all_but;
use crate::claims::{
    ResidualInstance, broken, convergence, data, draws, envelope, hostile, pl, sharp,
};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "under P8 the errors follow the linearised network: ‖e_n‖ ≤ ‖(I−ηT₀/N)ⁿe₀‖ + (ητ/N)Σϱ^{j/2}‖e₀‖; and step by step, ‖e_n‖ ≤ E_n, ‖vⁿ−v⁰‖ ≤ p_n, without a PL constant",
    source: "Paper A (lazy regime)",
    hypotheses: &[
        convergence::STEP,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    tolerance: "rounding of every step carried through both recursions; of the tangent kernel, a product a step",
    page: "p8b-spectral.md",
    headline: Some(envelope::STEPWISE),
    slack: Some(1e-3),
    ..About::new("P8b.spectral", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        envelope::spectral_envelope,
        sharp::stiff,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(convergence::EXPRESSIVE),
        broken::duplicated,
    ))
    .control(Control::spec(
        "a step beyond 2/β",
        Inapplicable(convergence::STEP),
        broken::long_step,
    ))
    .data(data::lifted(data::LONG, 60))
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
