//! E5.known: certificates of matrices whose eigenvalues are known, at the edges of every arithmetic.

use crate::claims::known::{Known, check, controls, draws, pinned};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    id: "E5.known",
    family: "spectrum",
    statement: "certificates, and each of their steps, enclose the extreme eigenvalues of matrices that are known in closed form, at the edge of every precision and size",
    source: "Paper A (the expressivity condition, decided); Rump, BIT 46 (2006); Cauchy",
    hypotheses: &[],
    kind: Kind::Certified,
    tolerance: "ball arithmetic of the closed forms; the width of a certificate a hundred times narrower",
    page: "e5-known.md",
    headline: None,
    slack: Some(1e-4),
    looser: &[],
    courses: &[],
};

pub(super) fn theorem() -> Theorem<Known> {
    Theorem::new(ABOUT, check, pinned, draws()).controls(controls())
}
