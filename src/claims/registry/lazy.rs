//! The lazy regime: P8b and its improvements, P11.

use super::of_residual;
use crate::claims::{convergence, draws, envelope, integrated, lazy, pl, sharp};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_residual(Theorem::new(
            About {
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
                headline: Some(envelope::STEPWISE),
                slack: Some(1e-3),
                looser: &[],
            },
            envelope::spectral_envelope,
            sharp::stiff,
            draws::NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
                id: "P8b.jacobian",
                family: "lazy",
                statement: "‖J(v) − J(v⁰)‖ ≤ ω(‖v−v⁰‖), ω the integral of the smaller of two bounds of the second derivative, sample by sample and by λ_max(𝕂_k⁰)",
                source: "Paper A (lazy regime); constants of this project",
                hypotheses: &[],
                kind: Kind::Rounded,
                tolerance: "dual numbers over balls at both ends; ball arithmetic of ω",
                page: "p8b-jacobian.md",
                headline: None,
                slack: Some(1e-3),
                looser: &[],
            },
            integrated::jacobian_changes,
            sharp::turning_line,
            draws::GENERAL,
        )),
        of_residual(Theorem::new(
            About {
                id: "P8b.integrated",
                family: "lazy",
                statement: "‖e_n‖ ≤ E_n and ‖vⁿ−v⁰‖ ≤ p_n with the change ω(p_n) of the Jacobian between the start and the iterate, for ηλ_max(T₀) ≤ 2N and no other hypothesis",
                source: "Paper A (lazy regime); constants of this project",
                hypotheses: &[convergence::STEP],
                kind: Kind::Rounded,
                tolerance: "rounding of every step carried through the recursion; of the tangent kernel, a product a step",
                page: "p8b-integrated.md",
                headline: Some(envelope::STEPWISE),
                slack: Some(1e-3),
                looser: &[],
            },
            integrated::integrated_envelope,
            sharp::stiff,
            draws::NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
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
                headline: Some(integrated::RESUMED),
                slack: Some(1e-3),
                looser: &[],
            },
            integrated::resumed_convergence,
            sharp::stiff,
            draws::NEAR_MINIMUM,
        )),
        of_residual(Theorem::new(
            About {
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
                headline: Some(lazy::TANGENT),
                slack: Some(5e-2),
                looser: &[],
            },
            lazy::slopes,
            sharp::three_points,
            draws::LAZY,
        )),
    ]
}
