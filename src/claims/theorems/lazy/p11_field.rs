//! P11.field: the constants of complex states are attained.

use crate::claims::lazy::{self, ComplexStates};
use crate::evidence::Kind;
use crate::theorem::Expectation::{Inapplicable, Violated};
use crate::theorem::{About, Control, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "at ‖Im z‖ ≤ r the constants of a Gaussian kernel are e^t(1, √(1+4t)/σ, √(3+24t+16t²)/σ²), t = (r/σ)², those of features κ̂√cosh 2Ωr; and ‖J(v)−J(0)‖ ≤ Q‖v‖ for complex v",
    source: "Paper A (lazy regime); constants of this project",
    hypotheses: &[lazy::NEAR],
    tolerance: "rounding of balls, and what follows the last term of a power series",
    page: "p11-field.md",
    slack: Some(1e-2),
    ..About::new("P11.field", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ComplexStates> {
    Theorem::new(
        ABOUT,
        lazy::complex_states,
        lazy::pinned_states,
        lazy::draws_of_states(),
    )
    .control(Control::check(
        "the constants of real states",
        Violated,
        || lazy::pinned_states().remove(0),
        lazy::real_states,
    ))
    .control(Control::spec(
        "parameters so large that states get too far",
        Inapplicable(lazy::NEAR),
        lazy::far_states,
    ))
}
