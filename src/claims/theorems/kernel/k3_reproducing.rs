//! K3.reproducing: the reproducing property and the admissibility bounds.

use crate::claims::{ResidualInstance, data, draws, kernel, sharp};
use crate::data::Hostile;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "kernel",
    statement: "‖Σk̂(·,c_j)a_j‖² = Σ a_i·a_j k̂(c_i,c_j), <v,k̂(·,z)a> = v(z)·a, and ‖v(z)‖ ≤ κ0‖v‖, ‖Dv(z)‖ ≤ κ̂1‖v‖, ‖D²v(z)‖ ≤ κ̂2‖v‖",
    source: "Paper A (admissible RKHS); for the realised random features",
    tolerance: "ball arithmetic through every sum, sine and cosine; κ̂1, κ̂2 from enclosed eigenvalues",
    page: "k3-reproducing.md",
    slack: Some(1e-9),
    ..About::new("K3.reproducing", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        kernel::reproducing,
        sharp::one_frequency,
        draws::GENERAL,
    )
    .data(data::begun)
    .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}
