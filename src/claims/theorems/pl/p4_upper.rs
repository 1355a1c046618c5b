//! P4.upper: the gradient is dominated by the loss.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, pl, sharp};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "‖∇L‖² ≤ (2‖B‖²/N)P₊² max_k λ_max(𝕂_k)·L ≤ 2‖B‖²e^{2κ1R}·L",
    source: "Paper A (upper bound of the gradient)",
    tolerance: "forward error analysis; enclosed λ_max(𝕂_k) and ‖B‖²",
    page: "p4-upper.md",
    slack: Some(1e-4),
    ..About::new("P4.upper", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, pl::upper, sharp::highest_error, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights, ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
            (
                &[ZeroLoss],
                Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
            ),
        ])
}
