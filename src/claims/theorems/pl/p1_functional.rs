//! P1.functional: the gradient in the RKHS.

use crate::claims::{
    FunctionalInstance, broken, data, draws, functional_gradient, kernel, sharp_functional,
};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    id: "P1.functional",
    family: "pl",
    statement: "∇L(v)_k = Σ_i k(·,z_k^i)p_{k+1}^i in the RKHS: ‖∇L‖² is its kernel form, <∇L,h> a difference of losses",
    source: "Paper A (gradient by the adjoint state), non-parametric residuals",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    kind: Kind::Rounded,
    tolerance: "rounding analysis of the pass through kernel expansions; the difference is off by βt‖h‖²/2 (P7)",
    page: "p1-functional.md",
    headline: None,
    slack: Some(1e-4),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        functional_gradient::identity,
        sharp_functional::generic,
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
            &[
                NearDuplicates,
                OneSample,
                OneLayer,
                OneDimension,
                FarFromOrigin,
            ],
            Demand::Mostly(Verdict::Holds, &[Verdict::Undecided, Verdict::Inapplicable]),
        ),
        (
            &[HugeWeights, ZeroLoss],
            Demand::Mostly(Verdict::Undecided, &[Verdict::Inapplicable]),
        ),
    ])
}
