//! P3.trajectory: the loss is dominated by its gradient through the Gram matrices of the states.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, pl, sharp};
use crate::data::Hostile::{HugeWeights, NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Vacuous;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "‖∇L‖² ≥ (2σ_B²/N)·D⁻¹Σ_k λ_min(𝕂_k)Π_{l>k}(1−a_l)₊²·L ≥ (2σ_B²/N)P₋² min_k λ_min(𝕂_k)·L",
    source: "Paper A (local PL inequality), version 1 of P3",
    tolerance: "forward error analysis; enclosed λ_min(𝕂_k) widened by N times the error of an entry",
    page: "p3-trajectory.md",
    slack: Some(1e-6),
    ..About::new("P3.trajectory", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, pl::trajectory, sharp::lowest_error, draws::GENERAL)
        .control(Control::spec(
            "duplicated inputs",
            Vacuous,
            broken::duplicated,
        ))
        .control(Control::spec(
            "more samples than features",
            Vacuous,
            broken::too_few_features,
        ))
        .control(Control::spec(
            "readout of deficient rank",
            Vacuous,
            broken::deficient_readout,
        ))
        .data(data::begun)
        .hostile(&[
            (&[NearDuplicates], Demand::Mostly(Verdict::Vacuous, &[])),
            (
                &[HugeWeights, ZeroLoss],
                Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
            ),
            (
                &all_but(&[NearDuplicates, HugeWeights, ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
        ])
}
