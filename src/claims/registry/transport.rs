//! The conditional optimal transport distance: C1, C2, C4.

use super::{Claim, Subject};
use crate::claims::{Regime, transport};
use crate::evidence::Kind;

pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "C1.metric",
        family: "cot",
        statement: "d is symmetric, obeys the triangle inequality, and is zero only between networks whose layers are permuted or copied",
        source: "Paper B (the conditional optimal transport distance)",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "every distance is enclosed by a plan and by potentials; the networks are exact",
        page: "c1-metric.md",
        regime: Regime::MeanField,
        subject: Subject::MeanField {
            check: transport::metric,
            sharp: transport::one_particle,
        },
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "C2.comparisons",
        family: "cot",
        statement: "W₂ on [0,1]×Ω, D⁻¹ΣW₁ and what means and coordinates are apart are at most d, which is at most the L² distance of any labels; no gap between plan and potentials",
        source: "Paper B (comparison of distances); Villani, Optimal Transport, chapter 6",
        hypotheses: &[],
        kind: Kind::Certified,
        tolerance: "every distance is enclosed by a plan and by potentials; sums in balls",
        page: "c2-comparisons.md",
        regime: Regime::MeanField,
        subject: Subject::MeanField {
            check: transport::comparisons,
            sharp: transport::translated,
        },
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
    Claim {
        id: "C4.geodesic",
        family: "cot",
        statement: "d(μ_s,μ_t) = |s−t|d(μ_0,μ_1) along the displacement interpolation",
        source: "Paper B (geodesics); McCann, Adv. Math. 128 (1997)",
        hypotheses: &[],
        kind: Kind::Rounded,
        tolerance: "3u of the particles for the rounding of interpolated ones, at both ends; enclosed distances",
        page: "c4-geodesic.md",
        regime: Regime::MeanField,
        subject: Subject::MeanField {
            check: transport::geodesic,
            sharp: transport::crossing,
        },
        headline: None,
        slack: Some(1e-6),
        looser: &[],
    },
];
