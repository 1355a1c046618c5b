//! P7.functional: the descent lemma in the RKHS.

use crate::claims::hostile::all_but;
use crate::claims::{FunctionalInstance, broken, data, descent, draws, kernel, sharp};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "the descent lemma of P7 for a step in the RKHS of the exact kernel, with its κ1 and κ2",
    source: "Paper A (descent lemma), non-parametric residuals",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    tolerance: "rounding analysis of both losses through kernel expansions; rounding of the step times a Lipschitz bound of L",
    page: "p7-functional.md",
    slack: Some(1e-3),
    ..About::new("P7.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        descent::descent_lemma,
        sharp::functional_quadratic,
        draws::FUNCTIONAL,
    )
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
    .data(data::expansions_begun)
    .hostile(&[
        (
            &all_but(&[HugeWeights, ZeroLoss]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Undecided, Verdict::Inapplicable]),
        ),
        (
            &[HugeWeights],
            Demand::Mostly(Verdict::Undecided, &[Verdict::Inapplicable]),
        ),
        (
            &[ZeroLoss],
            Demand::Mostly(
                Verdict::Vacuous,
                &[Verdict::Undecided, Verdict::Inapplicable],
            ),
        ),
    ])
}
