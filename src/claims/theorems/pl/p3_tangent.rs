//! P3.tangent: the loss is dominated by its gradient through the tangent kernel.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, pl, sharp};
use crate::data::Hostile::{HugeWeights, NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Vacuous;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "‖∇L‖² ≥ (2/N)λ_min(T)·L, T the tangent kernel",
    source: "Paper A (local PL inequality), version 0 of P3",
    tolerance: "forward error analysis; enclosed λ_min(T) widened by Nd' times the error of an entry",
    page: "p3-tangent.md",
    slack: Some(1e-6),
    ..About::new("P3.tangent", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, pl::tangent, sharp::lowest_error, draws::GENERAL)
        .control(Control::spec(
            "duplicated inputs",
            Vacuous,
            broken::duplicated,
        ))
        .data(data::begun)
        .hostile(&[
            (&[NearDuplicates], Demand::Mostly(Verdict::Vacuous, &[])),
            (
                &[HugeWeights],
                Demand::Mostly(Verdict::Vacuous, &[Verdict::Holds, Verdict::Undecided]),
            ),
            (
                &all_but(&[NearDuplicates, HugeWeights, ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (
                &[ZeroLoss],
                Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
            ),
        ])
}
