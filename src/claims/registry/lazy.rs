//! The lazy regime: P8b, P11.

use super::{Claim, Subject};
use crate::claims::{Regime, convergence, envelope, lazy, pl, sharp};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
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
    },
    Claim {
        id: "P11.lazy",
        family: "lazy",
        statement: "as the readout's scale α doubles, ‖v^∞−v⁰‖ has slope −1; ‖T−T₀‖/‖T₀‖ and max‖e_n−ê_n‖ have slope −2 for a Gaussian kernel and −1 for random features, with closed-form coefficients, up to a derived remainder",
        source: "Paper A (lazy regime); the two slopes and their coefficients are of this project",
        hypotheses: &[
            lazy::ANALYTIC,
            lazy::EXPRESSIVE,
            lazy::CURVED,
            lazy::FIRST_ORDER,
            lazy::TRAINED,
        ],
        kind: Kind::Rounded,
        tolerance: "rounding of every step carried by a Lipschitz constant of gradient descent; the path that is left; remainders by Cauchy's estimates on a disc of complex scales",
        page: "p11-lazy.md",
        regime: Regime::Lazy,
        subject: Subject::Residual {
            check: lazy::slopes,
            sharp: sharp::three_points,
        },
        headline: Some(lazy::TANGENT),
        slack: Some(5e-2),
        looser: &[],
    },
];
