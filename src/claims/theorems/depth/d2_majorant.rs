//! D2.majorant: the majorants of the errors of steps are attained.

use crate::claims::depth::{Steps, draws_of_steps, majorant_controls, majorants, pinned_steps};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "depth",
    statement: "the bounds of D2's remainder K are attained: by e^y, by errors of steps that are affine in the start, by networks that run apart, and by y' = κ1y + κ2y²/2",
    source: "Paper A (infinite depth); Hairer–Nørsett–Wanner, Solving ODEs I",
    tolerance: "rounding of balls",
    page: "d2-majorant.md",
    slack: Some(1e-3),
    ..About::new("D2.majorant", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<Steps> {
    Theorem::new(ABOUT, majorants, pinned_steps, draws_of_steps()).controls(majorant_controls())
}
