//! P5.functional: the PL inequality along functional gradient descent.

use crate::claims::hostile::all_but;
use crate::claims::{FunctionalInstance, broken, data, descent, draws, kernel, sharp};
use crate::data::Hostile::{NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "P3 (versions 0, 1, 3) and P4 hold at every iterate of functional gradient descent on kernel expansions",
    source: "Paper A (PL along the trajectory), non-parametric residuals",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    tolerance: "rounding analysis of the pass through kernel expansions; enclosures of eigenvalues; ball arithmetic",
    page: "p5-functional.md",
    slack: Some(1e-4),
    ..About::new("P5.functional", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        descent::pl_along_descent,
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
    .data(data::expansions)
    .hostile(&[
        (
            &[NearDuplicates, ZeroLoss],
            Demand::Mostly(
                Verdict::Vacuous,
                &[Verdict::Undecided, Verdict::Inapplicable],
            ),
        ),
        (
            &all_but(&[NearDuplicates, ZeroLoss]),
            Demand::Mostly(
                Verdict::Holds,
                &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
            ),
        ),
    ])
}
