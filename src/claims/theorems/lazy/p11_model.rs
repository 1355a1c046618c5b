//! P11.model: the links of the chain from the curvature of a model to a disc of scales.

use crate::claims::lazy::{self, Model};
use crate::evidence::Kind;
use crate::theorem::Expectation::{Inapplicable, Violated};
use crate::theorem::{About, Control, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "if ‖J−J₀‖ ≤ b and ‖J̄Jᵀ−K‖ ≤ τ = b(2S+b) < λ, then errors shrink by θ = 1−(η/N)(λ−τ), ‖e_n−ê_n‖ ≤ τ‖y‖/λ, ‖u_n−û_n‖ ≤ (τ/√λ+b)‖y‖/(λ−τ) and ‖u_m−u_n‖ ≤ (√λ+b)‖e_n‖/(λ−τ)",
    source: "Paper A (lazy regime); chain of this project",
    hypotheses: &[lazy::STEP, lazy::MARGIN],
    tolerance: "rounding of balls",
    page: "p11-model.md",
    slack: Some(1e-2),
    ..About::new("P11.model", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<Model> {
    Theorem::new(
        ABOUT,
        lazy::links,
        lazy::pinned_models,
        lazy::draws_of_models(),
    )
    .control(Control::spec(
        "a step longer than 2N/(λ_max + λ)",
        Inapplicable(lazy::STEP),
        lazy::long_step,
    ))
    .control(Control::spec(
        "a model too curved for its smallest eigenvalue",
        Inapplicable(lazy::MARGIN),
        lazy::curved_model,
    ))
    .control(Control::check(
        "perturbations a tenth larger than their bounds",
        Violated,
        || lazy::pinned_models().remove(0),
        lazy::larger_perturbations,
    ))
}
