//! P2.functional: states and adjoint states of fields in the RKHS.

use crate::claims::hostile::all_but;
use crate::claims::{FunctionalInstance, broken, data, draws, kernel, sharp_functional, states};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "P2 for fields in the RKHS of the exact kernel, with its κ1",
    source: "Paper A (regularity of the flow), non-parametric residuals",
    hypotheses: &[kernel::ADMISSIBLE],
    tolerance: "rounding analysis of states and adjoint states through kernel expansions, layer by layer",
    page: "p2-functional.md",
    slack: Some(1e-3),
    ..About::new("P2.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        states::flow_bounds,
        sharp_functional::stretching,
        draws::FUNCTIONAL,
    )
    .control(Control::spec(
        "kernel that is not admissible",
        Inapplicable(kernel::ADMISSIBLE),
        broken::laplace,
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
