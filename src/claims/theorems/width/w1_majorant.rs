//! W1.majorant: the majorants of a finite width are derivatives of a network of exponentials.

use crate::claims::width::{
    Sizes, draws_of_trainings, pinned_trainings, trained_majorants, training_controls,
};
use crate::evidence::Kind;
use crate::theorem::{About, Theorem};

const ABOUT: About = About {
    family: "width",
    statement: "the majorants of W1 to W4 are the mixed derivatives of a network of exponentials that is trained, and their corrections are those counted particle by particle",
    source: "Paper B (finite width); Efron–Stein; McDiarmid",
    tolerance: "rounding of balls; differences at three distances, whose errors are positive power series",
    page: "w1-majorant.md",
    slack: Some(1e-3),
    ..About::new("W1.majorant", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<Sizes> {
    Theorem::new(
        ABOUT,
        trained_majorants,
        pinned_trainings,
        draws_of_trainings(),
    )
    .controls(training_controls())
}
