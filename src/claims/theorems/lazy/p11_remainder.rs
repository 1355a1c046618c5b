//! P11.remainder: what is left of an analytic function that is bounded on a disc.

use crate::claims::lazy::{self, DiscFunction};
use crate::evidence::Kind;
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, Control, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "of f = ε^p h(ε^p), ‖h‖ ≤ c on the disc: ‖f‖ ≤ cx^p, what follows the first power is at most 2cx²/(1+√(1−x²)), and |‖f(ε)‖/2^p‖f(ε/2)‖ − 1| ≤ r by the lemma of Schwarz and Pick or by the next difference",
    source: "Paper A (lazy regime); Schwarz; Pick; the remainders are of this project",
    hypotheses: &[],
    tolerance: "rounding of balls",
    page: "p11-remainder.md",
    slack: Some(1e-2),
    ..About::new("P11.remainder", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<DiscFunction> {
    Theorem::new(
        ABOUT,
        lazy::remainders,
        lazy::pinned_functions,
        lazy::draws_of_functions(),
    )
    .control(Control::check(
        "a bound a tenth below that of the function",
        Violated,
        || lazy::pinned_functions().remove(0),
        lazy::smaller_bound,
    ))
}
