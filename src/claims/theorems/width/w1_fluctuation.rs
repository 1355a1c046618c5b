//! W1.fluctuation: the output fluctuates as 1/√(DM).

use crate::claims::{MeanFieldInstance, draws, mean_field, width};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "width",
    statement: "the variance of the output over initialisations falls as 1/(DM) at the start and after a short time, and as 1/M at a fixed training time",
    source: "Paper B (finite width)",
    hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
    tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
    page: "w1-fluctuation.md",
    ..About::new("W1.fluctuation", Kind::Rate)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(ABOUT, width::fluctuation, width::instances, draws::WIDTHS)
        .controls(width::controls::w1_fluctuation())
}
