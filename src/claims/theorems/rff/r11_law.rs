//! R11.law: drawn frequencies have the kernel for characteristic function, in every direction.

use crate::claims::random_features::{Law, draws_of_laws, law, law_controls, pinned_laws};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    id: "R11.law",
    family: "rff",
    statement: "frequencies drawn one after the other are independent and have the kernel for joint characteristic function, bandwidths that differ included; of two points λ_min(K̂) = 1 − |k̂|",
    source: "Paper A (random Fourier features); Bochner; Rahimi, Recht, NIPS 2007",
    hypotheses: &[],
    kind: Kind::Statistical,
    tolerance: "Bernstein's inequality with the exact variance, at 1e-15 a comparison; rounding of phases in the mean",
    page: "r11-law.md",
    headline: None,
    slack: None,
    looser: &[],
    courses: &[],
};

pub(super) fn theorem() -> Theorem<Law> {
    Theorem::new(ABOUT, law, pinned_laws, draws_of_laws()).controls(law_controls())
}
