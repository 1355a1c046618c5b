//! D2.order: orders one, two, four; loss and gradient at rate 1/D.

use crate::claims::{ResidualInstance, broken, depth, draws, sharp};
use crate::data::Hostile::{
    FarFromOrigin, HugeWeights, NearDuplicates, OneDimension, OneLayer, OneSample, ZeroLoss,
};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    id: "D2.order",
    family: "depth",
    statement: "Euler, midpoint and Runge–Kutta layers have local slopes 1, 2, 4 as D doubles, up to a remainder; loss and gradient at depth D are O(1/D) from those at depth nD",
    source: "Paper A (infinite depth); Hairer–Nørsett–Wanner, Solving ODEs I",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "31 digits with an operation count for the slopes, a derived bound of their remainder; rounding of two passes for the gaps",
    page: "d2-order.md",
    headline: None,
    slack: Some(5e-2),
    looser: &[],
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, depth::orders, sharp::rising_lines, draws::GENERAL)
        .control(Control::check(
            "steps that straddle the pieces",
            Violated,
            broken::three_pieces,
            depth::misaligned,
        ))
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
