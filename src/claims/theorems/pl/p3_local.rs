//! P3.local: one PL constant for a ball around a reference.

use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, broken, data, draws, pl, sharp};
use crate::data::Hostile::{HugeWeights, NearDuplicates, ZeroLoss};
use crate::evidence::{Kind, Verdict};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "for ‖v−v⁰‖ ≤ ρ: ‖∇L‖² ≥ (2σ_B²/N)e^{−2s}·D⁻¹Σ_k(√λ_min(𝕂_k⁰) − √N κ1κ0e^{κ1‖v⁰‖}√(k/D)ρ)₊²·L",
    source: "Paper A (local PL inequality), version 3 of P3",
    hypotheses: &[pl::DEEP_ENOUGH],
    tolerance: "forward error analysis; enclosed λ_min(𝕂_k⁰) at the reference; ball arithmetic of the bound",
    page: "p3-local.md",
    headline: Some(pl::LOCAL),
    slack: Some(1e-6),
    ..About::new("P3.local", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(
        ABOUT,
        pl::local,
        || {
            let mut sharp = sharp::lowest_error_at_rest();
            sharp.extend(sharp::approaching_pair());
            sharp
        },
        draws::GENERAL,
    )
    .control(Control::spec(
        "too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::shallow,
    ))
    .control(Control::spec(
        "barely too few layers",
        Inapplicable(pl::DEEP_ENOUGH),
        broken::barely_shallow,
    ))
    .data(data::begun)
    .hostile(&[
        (
            &[NearDuplicates],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Inapplicable]),
        ),
        (&[HugeWeights], Demand::Mostly(Verdict::Inapplicable, &[])),
        (
            &all_but(&[NearDuplicates, HugeWeights, ZeroLoss]),
            Demand::Mostly(
                Verdict::Holds,
                &[Verdict::Vacuous, Verdict::Undecided, Verdict::Inapplicable],
            ),
        ),
        (
            &[ZeroLoss],
            Demand::Mostly(Verdict::Vacuous, &[Verdict::Undecided]),
        ),
    ])
}
