//! P8b.integrated: the envelope without a ball.

use crate::claims::hostile::all_but;
use crate::claims::{
    ResidualInstance, broken, convergence, data, draws, envelope, hostile, integrated, sharp,
};
use crate::data::Hostile::ZeroLoss;
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "‖e_n‖ ≤ E_n and ‖vⁿ−v⁰‖ ≤ p_n with the change ω(p_n) of the Jacobian between the start and the iterate, for ηλ_max(T₀) ≤ 2N and no other hypothesis",
    source: "Paper A (lazy regime); constants of this project",
    hypotheses: &[convergence::STEP],
    tolerance: "rounding of every step carried through the recursion; of the tangent kernel, a product a step",
    page: "p8b-integrated.md",
    headline: Some(envelope::STEPWISE),
    slack: Some(1e-3),
    ..About::new("P8b.integrated", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        integrated::integrated_envelope,
        sharp::stiff,
        draws::NEAR_MINIMUM,
    )
    .control(Control::spec(
        "a step beyond 2/β",
        Inapplicable(convergence::STEP),
        broken::long_step,
    ))
    .data(data::lifted(data::LONG, 60))
    .hostile_as(
        &[
            (
                &all_but(&[ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Undecided, Verdict::Vacuous]),
            ),
            (&[ZeroLoss], Demand::Mostly(Verdict::Undecided, &[])),
        ],
        hostile::below_the_threshold,
    )
}
