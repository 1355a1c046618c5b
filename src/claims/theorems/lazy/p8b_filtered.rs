//! P8b.filtered: the envelope without a ball, every push of the curvature filtered by the steps after it.

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
    statement: "‖e_n‖ ≤ E_n, ‖vⁿ−v⁰‖ ≤ p_n and N‖∇L(vⁿ)‖ ≤ P_n, where what the change ω of the Jacobian adds at one step is multiplied by the norms of (I−ηT₀/N)^iJ₀ at the later ones, for ηλ_max(T₀) ≤ 2N and no other hypothesis",
    source: "Paper A (lazy regime); constants of this project",
    hypotheses: &[convergence::STEP],
    tolerance: "rounding of every step carried through the sums; of the tangent kernel, a product a step",
    page: "p8b-filtered.md",
    headline: Some(envelope::STEPWISE),
    slack: Some(1e-3),
    ..About::new("P8b.filtered", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        integrated::filtered,
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
