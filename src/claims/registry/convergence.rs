//! Convergence: P8, P10.

use super::of_residual;
use crate::claims::{convergence, draws, lift, pl, sharp};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_residual(Theorem::new(
            About {
                id: "P8.convergence",
                family: "convergence",
                statement: "if L(v⁰) ≤ mR²(1−βη/2)²/4, then L(vⁿ) ≤ (1−ηm(1−βη/2))ⁿL(v⁰) and the path is no longer than R",
                source: "Paper A (convergence of gradient descent)",
                hypotheses: &[
                    convergence::STEP,
                    pl::DEEP_ENOUGH,
                    convergence::EXPRESSIVE,
                    convergence::SMALL_LOSS,
                ],
                kind: Kind::Rounded,
                tolerance: "rounding of every step times a Lipschitz bound of L, carried through the recursion",
                page: "p8-convergence.md",
                headline: Some(convergence::RATE),
                slack: Some(1e-4),
                // The run ends at a thousandth of the loss: 1 − √0.001 of the way to the minimiser.
                looser: &[
                    (convergence::PATH, 5e-2),
                    (convergence::PROMISED_PATH, 5e-2),
                ],
            },
            convergence::gradient_descent_converges,
            sharp::stiff,
            draws::NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
                id: "P10.recipe",
                family: "convergence",
                statement: "with A = (Id; 0), B = α(0, Id): BA = 0, F(0) = 0 and L(0) = mean‖y‖²/2 whatever α, and P8's condition holds at α*, the smallest scale at which it does",
                source: "Paper A (the recipe)",
                hypotheses: &[convergence::STEP, convergence::EXPRESSIVE],
                kind: Kind::Rounded,
                tolerance: "radii of λ_min(K̂), κ̂1 and the loss; the search is exact to 1e-6 in α*²",
                page: "p10-recipe.md",
                headline: Some(lift::ATTAINED),
                slack: Some(1e-5),
                looser: &[],
            },
            lift::condition_is_attained,
            sharp::generic,
            draws::GENERAL,
        )),
    ]
}
