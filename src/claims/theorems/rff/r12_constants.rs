//! R12.constants: the constants of the bounds for random features, derived a second time.

use crate::claims::random_features::{Sizes, constants_again, draws_of_sizes, pinned_sizes};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    id: "R12.constants",
    family: "rff",
    statement: "the constants and rates of R2 to R5, R8 and R8b are exponential moments at their best parameter, of exact moments where those are known",
    source: "Paper A (random Fourier features); Hoeffding 1963; Tropp 2012; Sutherland, Schneider, UAI 2015",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "rounding of a search whose value is stationary, of a quadrature, and of balls",
    page: "r12-constants.md",
    headline: None,
    slack: Some(1e-2),
    looser: &[],
    courses: &[],
};

pub(super) fn theorem() -> Theorem<Sizes> {
    Theorem::new(ABOUT, constants_again, pinned_sizes, draws_of_sizes())
}
