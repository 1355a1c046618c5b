//! D3.training: training converges with depth.

use crate::claims::convergence::STEP;
use crate::claims::{ResidualInstance, broken, data, depth, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    id: "D3.training",
    family: "depth",
    statement: "gradient descent from one path at the depths D and nD: ‖vⁿ_D − vⁿ_nD‖ ≤ U_n = O(1/D)",
    source: "Paper A (infinite depth)",
    hypotheses: &[STEP],
    kind: Kind::Rounded,
    tolerance: "rounding of every step of both runs, carried through the recursion of U",
    page: "d3-training.md",
    headline: None,
    slack: Some(5e-2),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        depth::training,
        sharp::nearly_fitted_line,
        draws::GENERAL,
    )
    .control(Control::spec(
        "step beyond 2/β",
        Inapplicable(STEP),
        broken::long_step,
    ))
    .data(data::begun)
    .hostile(&[
        (
            &[
                NearDuplicates,
                HugeWeights,
                OneSample,
                OneLayer,
                OneDimension,
                FarFromOrigin,
            ],
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
        ),
        (&[ZeroLoss], Demand::Mostly(Verdict::Undecided, &[])),
    ])
}
