//! K4.lipschitz: feature maps are Lipschitz.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, kernel, sharp};
use crate::data::Hostile::{NearDuplicates, OneSample};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "2 − 2ψ(z−z') ≤ κ1²‖z−z'‖², and ‖φ(z) − φ(z')‖² ≤ κ̂1²‖z−z'‖²",
    source: "Paper A (Lipschitz feature map)",
    hypotheses: &[kernel::ADMISSIBLE],
    tolerance: "rounding of ψ, of the phases and of sine and cosine; κ̂1 from an enclosed eigenvalue",
    page: "k4-lipschitz.md",
    slack: Some(1e-4),
    ..About::new("K4.lipschitz", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, kernel::lipschitz, sharp::near_pair, draws::GENERAL)
        .control(Control::spec(
            "kernel that is not admissible",
            Inapplicable(kernel::ADMISSIBLE),
            broken::laplace,
        ))
        .data(data::begun)
        .hostile(&[
            (
                &[NearDuplicates],
                Demand::Mostly(
                    Verdict::Undecided,
                    &[Verdict::Holds, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            ),
            (
                &all_but(&[NearDuplicates, OneSample]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Inapplicable]),
            ),
            (
                &[OneSample],
                Demand::Mostly(Verdict::Vacuous, &[Verdict::Inapplicable]),
            ),
        ])
}
