//! Convergence of the gradient flow and of kernel expansions: P8, P9, P12.

use super::{of_functional, of_residual};
use crate::claims::{convergence, draws, equivalence, gradient_flow, kernel, pl, sharp};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_functional(Theorem::new(
            About {
                id: "P8.functional",
                family: "convergence",
                statement: "P8 for functional gradient descent on kernel expansions, with the constants of the exact kernel",
                source: "Paper A (convergence of gradient descent), non-parametric residuals",
                hypotheses: &[
                    kernel::STRONGLY_ADMISSIBLE,
                    convergence::STEP,
                    pl::DEEP_ENOUGH,
                    convergence::EXPRESSIVE,
                    convergence::SMALL_LOSS,
                ],
                kind: Kind::Rounded,
                tolerance: "that of P8, with the rounding of the pass through kernel expansions",
                page: "p8-functional.md",
                headline: Some(convergence::RATE),
                slack: Some(1e-4),
                looser: &[
                    (convergence::PATH, 5e-2),
                    (convergence::PROMISED_PATH, 5e-2),
                ],
            },
            convergence::gradient_descent_converges,
            sharp::functional_stiff,
            draws::FUNCTIONAL_NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
                id: "P9.flow",
                family: "convergence",
                statement: "if L(v⁰) ≤ mR²/4, the gradient flow has L(t) ≤ e^{−mt}L0, a path no longer than 2√(L0/m), and L(0)−L(t) = ∫‖∇L‖²",
                source: "Paper A (convergence of the gradient flow)",
                hypotheses: &[
                    pl::DEEP_ENOUGH,
                    convergence::EXPRESSIVE,
                    convergence::SMALL_LOSS,
                ],
                kind: Kind::Rounded,
                tolerance: "residual θ ≤ 4e-3 of a polygon through the integrator's points, bounded by P7 and rounding: it costs a share θ of the rate; ∫‖∇L‖² up to what P7 lets the gradient bend",
                page: "p9-flow.md",
                headline: Some(gradient_flow::FLOW_RATE),
                slack: Some(5e-3),
                looser: &[(convergence::PATH, 4e-2), (gradient_flow::FLOW_PATH, 4e-2)],
            },
            gradient_flow::flow_converges,
            sharp::flowing,
            draws::NEAR_MINIMUM,
        )),
        of_functional(Theorem::new(
            About {
                id: "P9.functional",
                family: "convergence",
                statement: "P9 for the gradient flow in the RKHS of the exact kernel",
                source: "Paper A (convergence of the gradient flow), non-parametric residuals",
                hypotheses: &[
                    kernel::STRONGLY_ADMISSIBLE,
                    pl::DEEP_ENOUGH,
                    convergence::EXPRESSIVE,
                    convergence::SMALL_LOSS,
                ],
                kind: Kind::Rounded,
                tolerance: "that of P9, with the rounding of the pass through kernel expansions, for a time of at most 6/β and 12/(Nβ)",
                page: "p9-functional.md",
                headline: Some(gradient_flow::FLOW_RATE),
                slack: Some(5e-3),
                looser: &[(convergence::PATH, 4e-2), (gradient_flow::FLOW_PATH, 4e-2)],
            },
            gradient_flow::functional_flow_converges,
            sharp::functional_flowing,
            draws::FUNCTIONAL_NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
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
            },
            equivalence::trajectories_agree,
            sharp::stiff,
            draws::NEAR_MINIMUM,
        )),
    ]
}
