//! Infinite depth: D1, D2, D3.

use super::{Claim, Subject};
use crate::claims::{Regime, depth, sharp};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "D1.euler-error",
        family: "depth",
        statement: "a path run at depth D ends within e^{κ1R}κ0κ1R²/(4D) of its flow",
        source: "Paper A (infinite depth); Euler's method",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "rounding of the pass; Taylor polynomials in balls with Lagrange's remainder, carried by e^{κ1∫‖v‖}",
        page: "d1-euler-error.md",
        regime: Regime::General,
        subject: Subject::Residual {
            check: depth::euler_error,
            sharp: sharp::rising_line,
        },
        headline: Some(depth::EULER),
        slack: Some(1e-3),
        looser: &[],
    },
    Claim {
        id: "D2.order",
        family: "depth",
        statement: "Euler, midpoint and Runge–Kutta layers have local slopes 1, 2, 4 as D doubles, up to a remainder; loss and gradient at depth D are O(1/D) from those at depth nD",
        source: "Paper A (infinite depth); Hairer–Nørsett–Wanner, Solving ODEs I",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "31 digits with an operation count for the slopes, a derived bound of their remainder; rounding of two passes for the gaps",
        page: "d2-order.md",
        regime: Regime::General,
        subject: Subject::Residual {
            check: depth::orders,
            sharp: sharp::rising_lines,
        },
        headline: None,
        slack: Some(5e-2),
        looser: &[],
    },
    Claim {
        id: "D3.training",
        family: "depth",
        statement: "gradient descent from one path at the depths D and nD: ‖vⁿ_D − vⁿ_nD‖ ≤ U_n = O(1/D)",
        source: "Paper A (infinite depth)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "rounding of every step of both runs, carried through the recursion of U",
        page: "d3-training.md",
        regime: Regime::General,
        subject: Subject::Residual {
            check: depth::training,
            sharp: sharp::nearly_fitted_line,
        },
        headline: None,
        slack: Some(5e-2),
        looser: &[],
    },
];
