//! P1.gradient: the gradient by adjoint states.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, gradient, sharp};
use crate::data::Hostile::{HugeWeights, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "∇L(v)_k = Σ_i K(·,z_k^i)p_{k+1}^i, and ‖∇L‖² = D⁻¹Σ_kΣ_ij k(z_k^i,z_k^j) p_{k+1}^i·p_{k+1}^j",
    source: "Paper A (gradient by the adjoint state)",
    tolerance: "forward error analysis of the pass; dual numbers over balls; third-derivative remainder of the difference",
    page: "p1-gradient.md",
    slack: Some(1e-6),
    ..About::new("P1.gradient", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, gradient::identity, sharp::generic, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights, ZeroLoss]),
                Demand::Mostly(Verdict::Holds, &[]),
            ),
            (
                &[HugeWeights, ZeroLoss],
                Demand::Mostly(Verdict::Undecided, &[]),
            ),
        ])
}
