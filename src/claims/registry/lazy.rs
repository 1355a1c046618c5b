//! The lazy regime: P8b and its improvements.

use super::{Claim, Subject};
use crate::claims::{Regime, convergence, envelope, integrated, pl, sharp};
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
        id: "P8b.jacobian",
        family: "lazy",
        statement: "‖J(v) − J(v⁰)‖ ≤ ω(‖v−v⁰‖), ω the integral of the smaller of two bounds of the second derivative, sample by sample and by λ_max(𝕂_k⁰)",
        source: "Paper A (lazy regime); constants of this project",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "dual numbers over balls at both ends; ball arithmetic of ω",
        page: "p8b-jacobian.md",
        regime: Regime::General,
        subject: Subject::Residual {
            check: integrated::jacobian_changes,
            sharp: sharp::turning_line,
        },
        headline: None,
        slack: Some(1e-3),
        looser: &[],
    },
    Claim {
        id: "P8b.integrated",
        family: "lazy",
        statement: "‖e_n‖ ≤ E_n and ‖vⁿ−v⁰‖ ≤ p_n with the change ω(p_n) of the Jacobian between the start and the iterate, for ηλ_max(T₀) ≤ 2N and no other hypothesis",
        source: "Paper A (lazy regime); constants of this project",
        hypotheses: &[convergence::STEP],
        kind: Kind::Rounded,
        tolerance: "rounding of every step carried through the recursion; of the tangent kernel, a product a step",
        page: "p8b-integrated.md",
        regime: Regime::NearMinimum,
        subject: Subject::Residual {
            check: integrated::integrated_envelope,
            sharp: sharp::stiff,
        },
        headline: Some(envelope::STEPWISE),
        slack: Some(1e-3),
        looser: &[],
    },
    Claim {
        id: "P8b.resumed",
        family: "lazy",
        statement: "if E_n²/2N ≤ mr²(1−βη/2)²/4, m and β on the ball of radius p_n + r around v⁰, then L(vⁿ⁺ʲ) ≤ ϱʲE_n²/2N for all j",
        source: "Paper A (convergence of gradient descent), applied along the way",
        hypotheses: &[
            convergence::STEP,
            pl::DEEP_ENOUGH,
            convergence::EXPRESSIVE,
            integrated::SMALL_LATER,
        ],
        kind: Kind::Rounded,
        tolerance: "that of P8b.integrated; from vⁿ on, rounding of every step times a Lipschitz bound of L",
        page: "p8b-resumed.md",
        regime: Regime::NearMinimum,
        subject: Subject::Residual {
            check: integrated::resumed_convergence,
            sharp: sharp::stiff,
        },
        headline: Some(integrated::RESUMED),
        slack: Some(1e-3),
        looser: &[],
    },
];
