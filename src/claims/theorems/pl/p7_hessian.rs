//! P7.hessian: the Hessian of the loss is bounded.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp, smoothness};
use crate::data::Hostile::HugeWeights;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "‖∇²L‖ ≤ β = G + ‖B‖√(2ℓ)e^{κ1R}(s₂κ2Rκ0²e^{κ1R} + θ_Dκ1κ0), for three versions of G",
    source: "Paper A (smoothness); constants of this project",
    tolerance: "Rayleigh quotients of the Hessian by dual numbers over balls; ball arithmetic of β",
    page: "p7-hessian.md",
    slack: Some(1e-6),
    ..About::new("P7.hessian", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        smoothness::hessian,
        sharp::least_squares,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            &all_but(&[HugeWeights]),
            Demand::Mostly(Verdict::Holds, &[]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
    ])
}
