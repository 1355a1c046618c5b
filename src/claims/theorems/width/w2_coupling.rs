//! W2.coupling: a network follows the wide one that it is part of.

use crate::claims::{MeanFieldInstance, draws, mean_field, width};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "width",
    statement: "a network and the wide one whose first particles it started from have outputs and particles M^−½ apart after a fixed time",
    source: "Paper B (consistency of finite width)",
    hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
    tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width; rounding of distances",
    page: "w2-coupling.md",
    ..About::new("W2.coupling", Kind::Rate)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(ABOUT, width::coupling, width::instances, draws::WIDTHS)
        .controls(width::controls::w2_coupling())
}
