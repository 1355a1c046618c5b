//! Mean-field networks and their flow: C3, C5–C11.

use super::of_mean_field;
use crate::claims::convergence::STEP;
use crate::claims::{draws, mean_field};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

/// How the tolerance of a claim about exact iterates comes about.
const ENCLOSED: &str = "ball arithmetic through every pass and every step of gradient descent";

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_mean_field(Theorem::new(
            About {
                id: "C3.measure",
                family: "cot",
                statement: "permuting the particles of a layer, or putting c copies in place of each, changes neither output, loss nor gradient, nor how they move in training",
                source: "Paper B (the network as a measure)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: ENCLOSED,
                page: "c3-measure.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            mean_field::measure_only,
            mean_field::generic,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C5.gradient",
                family: "cot",
                statement: "G is DM times the gradient of the finite network, and dL/dt = −‖∇L‖² along the flow",
                source: "Paper B (gradient of the risk for conditional optimal transport)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: "balls and dual numbers over balls; the third derivative on the segment encloses the remainder of the difference",
                page: "c5-gradient.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            mean_field::gradient,
            mean_field::generic,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C6.dissipation",
                family: "cot",
                statement: "d(μⁿ,μⁿ')² ≤ η/(1−βη/2)|n−n'||L_n−L_n'|, the energy identity within βη/2, and second moments that do not blow up",
                source: "Paper B (existence of the flow)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: ENCLOSED,
                page: "c6-dissipation.md",
                headline: None,
                slack: Some(1e-4),
                looser: &[(mean_field::ENERGY, 1e-3)],
            },
            mean_field::dissipation,
            mean_field::linear_descent,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C7.stability",
                family: "cot",
                statement: "one step multiplies the distance of two networks by at most max(1+η√(2L̄)c2, η(c1²+√(2L̄)c2)−1)",
                source: "Paper B (well-posedness of the flow)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: ENCLOSED,
                page: "c7-stability.md",
                headline: None,
                slack: Some(1e-3),
                looser: &[],
            },
            mean_field::stability,
            mean_field::saddle,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C8.pl",
                family: "cot",
                statement: "‖∇L‖² ≥ (2α²/N)·P₋²·D⁻¹Σ_kλ_min(K_k)·L, and with the product over later layers alone",
                source: "Paper B (local PL inequality)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: "ball arithmetic through both passes; enclosed eigenvalues of enclosed Gram matrices",
                page: "c8-pl.md",
                headline: None,
                slack: Some(1e-9),
                looser: &[],
            },
            mean_field::pl,
            mean_field::single_sample,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C9.gram",
                family: "cot",
                statement: "D⁻¹Σλ_min(K_k(t)) ≥ ((D⁻¹Σλ_min(K_k(0)))^½ − (D⁻¹Σe_k²)^½)₊², e_k = M^{−½}‖Φ_k(t)−Φ_k(0)‖_F",
                source: "Paper B (stability of the Gram matrices)",
                hypotheses: &[mean_field::BOUNDED],
                kind: Kind::Rounded,
                tolerance: "ball arithmetic through every step; enclosed eigenvalues of enclosed Gram matrices",
                page: "c9-gram.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            mean_field::gram_stability,
            mean_field::shrinking_features,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C10.convergence",
                family: "cot",
                statement: "from u = 0, if L(μ⁰) ≤ m(R)R²(1−βη/2)²/4, then L(μⁿ) ≤ (1−ηm(1−βη/2))ⁿL(μ⁰) and d(μⁿ,μ⁰) ≤ R",
                source: "Paper B (convergence to a global minimiser)",
                hypotheses: &[
                    mean_field::BOUNDED,
                    STEP,
                    mean_field::REST,
                    mean_field::EXPRESSIVE,
                    mean_field::SMALL_RISK,
                ],
                kind: Kind::Rounded,
                tolerance: ENCLOSED,
                page: "c10-convergence.md",
                headline: Some(mean_field::RATE),
                slack: Some(1e-4),
                looser: &[
                    (mean_field::PATH, 5e-2),
                    (mean_field::PROMISED_PATH, 5e-2),
                    (mean_field::SPEED, 5e-2),
                ],
            },
            mean_field::converges,
            mean_field::stiff,
            draws::ZERO_RESIDUAL,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C11.lift",
                family: "cot",
                statement: "on lifted data C10's condition holds from some output scale α* on, if the Gram matrices are regular",
                source: "Paper B (finitely many features, small initial risk)",
                hypotheses: &[mean_field::BOUNDED, STEP, mean_field::EXPRESSIVE],
                kind: Kind::Rounded,
                tolerance: ENCLOSED,
                page: "c11-lift.md",
                headline: Some(mean_field::RATE),
                slack: Some(1e-2),
                looser: &[
                    (mean_field::PATH, 5e-2),
                    (mean_field::PROMISED_PATH, 5e-2),
                    (mean_field::SPEED, 5e-2),
                ],
            },
            mean_field::attainable,
            mean_field::unlabelled,
            draws::MEAN_FIELD,
        )),
    ]
}
