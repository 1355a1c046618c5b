//! P3.separation: the PL inequality from the separation of the inputs.

use crate::claims::{
    FunctionalInstance, broken, data, draws, kernel, pl, separation, sharp_functional,
};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "for fields in the RKHS of the exact kernel: ‖∇L‖² ≥ (2σ_B²/N)e^{−2s}λ(e^{−s}δ_A)·L, s = κ1R + κ1²R²/D",
    source: "Paper A (local PL inequality), version 2 of P3",
    hypotheses: &[kernel::ADMISSIBLE, separation::SEPARATED, pl::DEEP_ENOUGH],
    tolerance: "rounding analysis of the pass through kernel expansions; λ of K7 rounded down; ball arithmetic of the bound",
    page: "p3-separation.md",
    slack: Some(1e-6),
    ..About::new("P3.separation", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        pl::separation,
        sharp_functional::separated,
        draws::FUNCTIONAL,
    )
    .control(Control::spec(
        "duplicated inputs",
        Inapplicable(separation::SEPARATED),
        broken::duplicated,
    ))
    .control(Control::spec(
        "too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::shallow,
    ))
    .control(Control::spec(
        "barely too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::barely_shallow,
    ))
    .control(Control::spec(
        "kernel that is not admissible",
        Inapplicable(kernel::ADMISSIBLE),
        broken::laplace,
    ))
    .data(data::expansions_narrowed)
    .hostile(&[
        (
            &[NearDuplicates, ZeroLoss],
            Demand::Mostly(
                Verdict::Vacuous,
                &[Verdict::Undecided, Verdict::Inapplicable],
            ),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Inapplicable, &[])),
        (
            &[OneSample, OneLayer],
            Demand::Mostly(
                Verdict::Holds,
                &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
            ),
        ),
        (&[OneDimension, FarFromOrigin], Demand::NoViolation),
    ])
}
