//! P12.equivalence: weights and kernel expansions are trained alike.

use crate::claims::{ResidualInstance, data, draws, equivalence, hostile, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    id: "P12.equivalence",
    family: "convergence",
    statement: "gradient descent on weights and functional gradient descent on expansions of k̂ are the same trajectory, for 50 steps",
    source: "Paper A (parametric and non-parametric residuals)",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "rounding of every step of both, carried by a Lipschitz constant of the step",
    page: "p12-equivalence.md",
    headline: None,
    slack: Some(1e-6),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        equivalence::trajectories_agree,
        sharp::stiff,
        draws::NEAR_MINIMUM,
    )
    .data(data::lifted(data::FLOW, 5))
    .hostile_as(
        &[(
            &[
                NearDuplicates,
                HugeWeights,
                OneSample,
                OneLayer,
                OneDimension,
                ZeroLoss,
                FarFromOrigin,
            ],
            Demand::Mostly(
                Verdict::Holds,
                &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
            ),
        )],
        hostile::below_the_threshold,
    )
}
