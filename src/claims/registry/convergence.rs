//! Convergence: P8.

use super::{Claim, Subject};
use crate::claims::{Regime, convergence, pl, sharp};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[Claim {
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
    regime: Regime::NearMinimum,
    subject: Subject::Residual {
        check: convergence::gradient_descent_converges,
        sharp: sharp::stiff,
    },
    headline: Some(convergence::RATE),
    slack: Some(1e-4),
    // The run ends at a thousandth of the loss: 1 − √0.001 of the way to the minimiser.
    looser: &[
        (convergence::PATH, 5e-2),
        (convergence::PROMISED_PATH, 5e-2),
    ],
}];
