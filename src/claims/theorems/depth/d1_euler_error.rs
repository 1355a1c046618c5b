//! D1.euler-error: a deep network is near its flow.

use crate::claims::{ResidualInstance, data, depth, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    id: "D1.euler-error",
    family: "depth",
    statement: "a path run at depth D ends within e^{κ1R}κ0κ1R²/(4D) of its flow",
    source: "Paper A (infinite depth); Euler's method",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "rounding of the pass; Taylor polynomials in balls with Lagrange's remainder, carried by e^{κ1∫‖v‖}",
    page: "d1-euler-error.md",
    headline: Some(depth::EULER),
    slack: Some(1e-3),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        depth::euler_error,
        sharp::rising_line,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[
        (
            &[
                NearDuplicates,
                OneSample,
                OneLayer,
                OneDimension,
                ZeroLoss,
                FarFromOrigin,
            ],
            Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
    ])
}
