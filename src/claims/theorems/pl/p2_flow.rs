//! P2.flow: how states and adjoint states are stretched, squeezed and displaced.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp, states};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "P₋‖A(x−x')‖ ≤ ‖z_k−z_k'‖ ≤ P₊‖A(x−x')‖, P₋‖p_D‖ ≤ ‖p_k‖ ≤ P₊‖p_D‖, ‖z_k−Ax‖ ≤ κ0R, and states are Lipschitz in the parameters",
    source: "Paper A (regularity of the flow)",
    tolerance: "forward error analysis of states and adjoint states, layer by layer",
    page: "p2-flow.md",
    slack: Some(1e-3),
    ..About::new("P2.flow", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        states::flow_bounds,
        sharp::stretching,
        draws::GENERAL,
    )
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
