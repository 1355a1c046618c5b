//! P5.along-descent: P3 and P4 at every iterate of gradient descent.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, descent, draws, pl, sharp};
use crate::data::Hostile::{HugeWeights, NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Iterates, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "P3 (versions 0, 1, 3) and P4 hold at every iterate of gradient descent, with that iterate's constants",
    source: "Paper A (PL along the trajectory)",
    tolerance: "that of P3 and P4 at each iterate: the statement is pointwise",
    page: "p5-along-descent.md",
    slack: Some(1e-4),
    courses: &[Iterates {
        measured: "‖∇L‖²",
        statements: &[pl::TRAJECTORY, pl::UPPER],
    }],
    ..About::new("P5.along-descent", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        descent::pl_along_descent,
        sharp::both_errors,
        draws::GENERAL,
    )
    .data(data::followed)
    .hostile(&[
        (&[NearDuplicates], Demand::Mostly(Verdict::Vacuous, &[])),
        (
            &[HugeWeights],
            Demand::Mostly(Verdict::Holds, &[Verdict::Undecided, Verdict::Vacuous]),
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
