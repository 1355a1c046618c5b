//! P7.curvature: what the network's own curvature adds to the Hessian.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp, smoothness};
use crate::data::Hostile::{HugeWeights, OneLayer, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "the Hessian less its Gauss–Newton part is at most β − G = ‖B‖√(2ℓ)e^{κ1R}(s₂κ2Rκ0²e^{κ1R} + θ_Dκ1κ0)",
    source: "Paper A (smoothness); constants of this project",
    tolerance: "second and first derivatives by dual numbers over balls; ball arithmetic of β − G",
    page: "p7-curvature.md",
    slack: Some(1e-2),
    ..About::new("P7.curvature", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        smoothness::curvature,
        sharp::deep_line,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            &all_but(&[HugeWeights, OneLayer, ZeroLoss]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        (&[OneLayer], Demand::Mostly(Verdict::Vacuous, &[])),
        (
            &[ZeroLoss],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
        ),
    ])
}
