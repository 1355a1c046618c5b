//! W4.scaling: 1/M and 1/√M.

use crate::claims::{MeanFieldInstance, draws, mean_field, width};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "width",
    statement: "with 1/M the particles' displacement does not depend on M, with 1/√M it falls as M^−½, at equal speed of the tangent kernel",
    source: "Paper B (mean-field against lazy training)",
    hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
    tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
    page: "w4-scaling.md",
    ..About::new("W4.scaling", Kind::Rate)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(ABOUT, width::scaling, width::instances, draws::WIDTHS)
        .controls(width::controls::w4_scaling())
}
