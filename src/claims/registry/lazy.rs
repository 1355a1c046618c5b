//! The lazy regime: P8b.

use super::{Claim, Subject};
use crate::claims::{Regime, convergence, envelope, pl, sharp};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "P8b.spectral",
    family: "lazy",
    statement: "under P8 the errors follow the linearised network: ‖e_n‖ ≤ ‖(I−ηT₀/N)ⁿe₀‖ + (ητ/N)Σϱ^{j/2}‖e₀‖; and step by step, ‖e_n‖ ≤ E_n, ‖vⁿ−v⁰‖ ≤ p_n, without a PL constant",
    source: "Paper A (lazy regime)",
    hypotheses: &[
        convergence::STEP,
        pl::DEEP_ENOUGH,
        convergence::EXPRESSIVE,
        convergence::SMALL_LOSS,
    ],
    kind: Kind::Rounded,
    tolerance: "rounding of every step carried through both recursions; of the tangent kernel, a product a step",
    page: "p8b-spectral.md",
    regime: Regime::NearMinimum,
    subject: Subject::Residual {
        check: envelope::spectral_envelope,
        sharp: sharp::stiff,
    },
    headline: Some(envelope::STEPWISE),
    slack: Some(1e-3),
    looser: &[],
}];
