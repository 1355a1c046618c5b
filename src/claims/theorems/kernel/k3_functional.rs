//! K3.functional: the admissibility bounds of the exact kernel.

use crate::claims::{FunctionalInstance, broken, data, draws, kernel, sections, sharp_functional};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    id: "K3.functional",
    family: "kernel",
    statement: "for v = Σk(·,c_j)a_j in the RKHS of the exact kernel: ‖v(z)‖ ≤ κ0‖v‖, ‖Dv(z)h‖ ≤ κ1‖v‖‖h‖, ‖D²v(z)[h,h]‖ ≤ κ2‖v‖‖h‖²",
    source: "Paper A (admissible RKHS)",
    hypotheses: &[kernel::STRONGLY_ADMISSIBLE],
    kind: Kind::Rounded,
    tolerance: "ball arithmetic through the profile, its logarithmic derivatives and every sum; κ1, κ2 rounded five times",
    page: "k3-functional.md",
    headline: None,
    slack: Some(1e-2),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<FunctionalInstance> {
    Theorem::new(
        ABOUT,
        sections::bounds,
        sharp_functional::differences,
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
    .hostile(&[(
        &[
            NearDuplicates,
            HugeWeights,
            OneSample,
            OneLayer,
            OneDimension,
            ZeroLoss,
            FarFromOrigin,
        ],
        Demand::Mostly(
            Verdict::Holds,
            &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
        ),
    )])
}
