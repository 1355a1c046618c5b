//! W3.rff-to-rkhs: random features are 1/√m from their kernel, after training too.

use crate::claims::{ResidualInstance, data, draws, random_features, width};
use crate::data::Hostile;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "width",
    statement: "after a fixed time of gradient descent from zero the predictions with m random frequencies are m^−½ from those of the exact kernel",
    source: "Paper A (from finite to infinite width)",
    hypotheses: &[random_features::GAUSSIAN, width::SHORT],
    tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
    page: "w3-rff-to-rkhs.md",
    ..About::new("W3.rff-to-rkhs", Kind::Rate)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        width::approximation,
        width::spectral_instances,
        draws::SPECTRAL_WIDTHS,
    )
    .controls(width::controls::w3_rff_to_rkhs())
    .data(data::lifted(data::BEGINNING, 5))
    .hostile(&[(
        &Hostile::ALL,
        Demand::Mostly(Verdict::Inapplicable, &[Verdict::Holds, Verdict::Undecided]),
    )])
}
