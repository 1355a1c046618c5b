//! The conditional optimal transport distance: C1, C2, C4.

use super::of_mean_field;
use crate::claims::{draws, transport};
use crate::evidence::Kind;
use crate::theorem::{About, Claim, Theorem};
use std::sync::Arc;

pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        of_mean_field(Theorem::new(
            About {
                id: "C1.metric",
                family: "cot",
                statement: "d is symmetric, obeys the triangle inequality, and is zero only between networks whose layers are permuted or copied",
                source: "Paper B (the conditional optimal transport distance)",
                hypotheses: &[],
                kind: Kind::Certified,
                tolerance: "every distance is enclosed by a plan and by potentials; the networks are exact",
                page: "c1-metric.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            transport::metric,
            transport::one_particle,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C2.comparisons",
                family: "cot",
                statement: "W₂ on [0,1]×Ω, D⁻¹ΣW₁ and what means and coordinates are apart are at most d, which is at most the L² distance of any labels; no gap between plan and potentials",
                source: "Paper B (comparison of distances); Villani, Optimal Transport, chapter 6",
                hypotheses: &[],
                kind: Kind::Certified,
                tolerance: "every distance is enclosed by a plan and by potentials; sums in balls",
                page: "c2-comparisons.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            transport::comparisons,
            transport::translated,
            draws::MEAN_FIELD,
        )),
        of_mean_field(Theorem::new(
            About {
                id: "C4.geodesic",
                family: "cot",
                statement: "d(μ_s,μ_t) = |s−t|d(μ_0,μ_1) along the displacement interpolation",
                source: "Paper B (geodesics); McCann, Adv. Math. 128 (1997)",
                hypotheses: &[],
                kind: Kind::Rounded,
                tolerance: "3u of the particles for the rounding of interpolated ones, at both ends; enclosed distances",
                page: "c4-geodesic.md",
                headline: None,
                slack: Some(1e-6),
                looser: &[],
            },
            transport::geodesic,
            transport::crossing,
            draws::MEAN_FIELD,
        )),
    ]
}
