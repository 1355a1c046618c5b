//! P7.descent: the descent lemma.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, descent, draws, sharp};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "L(v) − L(v−η∇L) ≥ η(1−βη/2)‖∇L‖² for 0 < η < 2/β",
    source: "Paper A (descent lemma)",
    tolerance: "forward error analysis of both losses; rounding of the step times a Lipschitz bound of L",
    page: "p7-descent.md",
    slack: Some(1e-3),
    ..About::new("P7.descent", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        descent::descent_lemma,
        sharp::quadratic,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            // One layer has no curvature but that of the loss: its steps may be so long that the Lipschitz constant where
            // they end is not finite.
            &all_but(&[HugeWeights, ZeroLoss]),
            Demand::Mostly(Verdict::Holds, &[Verdict::Undecided]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        (
            &[ZeroLoss],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
        ),
    ])
}
