//! Infinite depth: D1, D2, D3.

use super::of_residual;
use crate::claims::{depth, draws, sharp};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_residual(Theorem::new(
            About {
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
            },
            depth::euler_error,
            sharp::rising_line,
            draws::GENERAL,
        )),
        of_residual(Theorem::new(
            About {
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
            },
            depth::orders,
            sharp::rising_lines,
            draws::GENERAL,
        )),
        of_residual(Theorem::new(
            About {
                id: "D3.training",
                family: "depth",
                statement: "gradient descent from one path at the depths D and nD: ‖vⁿ_D − vⁿ_nD‖ ≤ U_n = O(1/D)",
                source: "Paper A (infinite depth)",
                hypotheses: &[],
                kind: Kind::Rounded,
                tolerance: "rounding of every step of both runs, carried through the recursion of U",
                page: "d3-training.md",
                headline: None,
                slack: Some(5e-2),
                looser: &[],
            },
            depth::training,
            sharp::nearly_fitted_line,
            draws::GENERAL,
        )),
    ]
}
