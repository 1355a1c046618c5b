//! D2.comparison: what a depth is off by, in the systems that lose nothing.

use crate::claims::depth::{
    Profile, compared, comparison_controls, draws_of_profiles, pinned_profiles,
};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "depth",
    statement: "the bounds of D1, D2's gaps and D3 hold of the scalar systems in which every step is as large as it may be, and each of their parts is attained by one of them",
    source: "Paper A (infinite depth); Euler's method; Volterra's operator; Levin, Schmidt (∫H⁴)",
    tolerance: "rounding of balls",
    page: "d2-comparison.md",
    slack: Some(1e-2),
    ..About::new("D2.comparison", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<Profile> {
    Theorem::new(ABOUT, compared, pinned_profiles, draws_of_profiles())
        .controls(comparison_controls())
}
