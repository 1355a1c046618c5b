//! P8b.jacobian: how much the Jacobian changes.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, integrated, sharp};
use crate::data::Hostile::{HugeWeights, OneLayer, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "‖J(v) − J(v⁰)‖ ≤ ω(‖v−v⁰‖), ω the integral of the smaller of two bounds of the second derivative, sample by sample and by λ_max(𝕂_k⁰)",
    source: "Paper A (lazy regime); constants of this project",
    tolerance: "dual numbers over balls at both ends; ball arithmetic of ω",
    page: "p8b-jacobian.md",
    slack: Some(1e-3),
    ..About::new("P8b.jacobian", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        integrated::jacobian_changes,
        sharp::turning_line,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            &all_but(&[HugeWeights, OneLayer, ZeroLoss]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        (&[OneLayer, ZeroLoss], Demand::Mostly(Verdict::Vacuous, &[])),
    ])
}
