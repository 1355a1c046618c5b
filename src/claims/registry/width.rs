//! Width: W1–W4.

use super::{of_mean_field, of_residual};
use crate::claims::{draws, mean_field, random_features, width};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_mean_field(Theorem::new(
            About {
                id: "W1.fluctuation",
                family: "width",
                statement: "the variance of the output over initialisations falls as 1/(DM) at the start and after a short time, and as 1/M at a fixed training time",
                source: "Paper B (finite width)",
                hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
                kind: Kind::Rate,
                tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
                page: "w1-fluctuation.md",
                headline: None,
                slack: None,
                looser: &[],
            },
            width::fluctuation,
            width::instances,
            draws::WIDTHS,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "W2.coupling",
                family: "width",
                statement: "a network and the wide one whose first particles it started from have outputs and particles M^−½ apart after a fixed time",
                source: "Paper B (consistency of finite width)",
                hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
                kind: Kind::Rate,
                tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width; rounding of distances",
                page: "w2-coupling.md",
                headline: None,
                slack: None,
                looser: &[],
            },
            width::coupling,
            width::instances,
            draws::WIDTHS,
        )),
        of_residual(Theorem::new(
            About {
                id: "W3.rff-to-rkhs",
                family: "width",
                statement: "after a fixed time of gradient descent from zero the predictions with m random frequencies are m^−½ from those of the exact kernel",
                source: "Paper A (from finite to infinite width)",
                hypotheses: &[random_features::GAUSSIAN, width::SHORT],
                kind: Kind::Rate,
                tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
                page: "w3-rff-to-rkhs.md",
                headline: None,
                slack: None,
                looser: &[],
            },
            width::approximation,
            width::spectral_instances,
            draws::SPECTRAL_WIDTHS,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "W4.scaling",
                family: "width",
                statement: "with 1/M the particles' displacement does not depend on M, with 1/√M it falls as M^−½, at equal speed of the tangent kernel",
                source: "Paper B (mean-field against lazy training)",
                hypotheses: &[mean_field::BOUNDED, width::COSINE, width::SHORT],
                kind: Kind::Rate,
                tolerance: "Student's interval of a least-squares slope at 1e-15, and the derived correction of a finite width",
                page: "w4-scaling.md",
                headline: None,
                slack: None,
                looser: &[],
            },
            width::scaling,
            width::instances,
            draws::WIDTHS,
        )),
    ]
}
