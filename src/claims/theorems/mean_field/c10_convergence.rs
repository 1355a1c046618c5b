//! C10.convergence: convergence from a zero residual.

use crate::claims::convergence::STEP;
use crate::claims::{MeanFieldInstance, data, draws, mean_field};
use crate::data::HostileMeasure;
use crate::evidence::{Kind, Verdict};
use crate::theorem::{About, Demand, Iterates, Theorem};

const ABOUT: About = About {
    family: "cot",
    statement: "from u = 0, if L(μ⁰) ≤ m(R)R²(1−βη/2)²/4, then L(μⁿ) ≤ (1−ηm(1−βη/2))ⁿL(μ⁰) and d(μⁿ,μ⁰) ≤ R",
    source: "Paper B (convergence to a global minimiser)",
    hypotheses: &[
        mean_field::BOUNDED,
        STEP,
        mean_field::REST,
        mean_field::EXPRESSIVE,
        mean_field::SMALL_RISK,
    ],
    tolerance: "ball arithmetic through every pass and every step of gradient descent",
    page: "c10-convergence.md",
    headline: Some(mean_field::RATE),
    slack: Some(1e-4),
    looser: &[
        (mean_field::PATH, 5e-2),
        (mean_field::PROMISED_PATH, 5e-2),
        (mean_field::SPEED, 5e-2),
    ],
    courses: &[
        Iterates {
            measured: "COT path length",
            statements: &[mean_field::PATH, mean_field::PROMISED_PATH],
        },
        Iterates {
            measured: "risk",
            statements: &[mean_field::ONE_STEP],
        },
    ],
    ..About::new("C10.convergence", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<MeanFieldInstance> {
    Theorem::new(
        ABOUT,
        mean_field::converges,
        mean_field::stiff,
        draws::ZERO_RESIDUAL,
    )
    .controls(mean_field::controls::c10_convergence())
    .data(data::scaled_particles)
    .hostile(&[(
        &HostileMeasure::ALL,
        Demand::Mostly(Verdict::Inapplicable, &[]),
    )])
}
