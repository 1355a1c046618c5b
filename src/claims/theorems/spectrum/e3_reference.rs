//! E3.reference: certificates contain the value of a 60-digit reference.

use crate::claims::certificate::{encloses, not_distinct};
use crate::claims::known::refused;
use crate::claims::scale::narrow;
use crate::claims::{PointsInstance, broken, certificate, data, draws, sharp, undecided};
use crate::data::Hostile;
use crate::evidence::{Finding, Kind, Verdict};
use crate::spectrum::certificate::{
    certify_largest, certify_smallest, equal_points, reference_extremes,
};
use crate::theorem::Expectation::Inapplicable;
use crate::theorem::{About, Control, Demand, Theorem};

const ABOUT: About = About {
    family: "spectrum",
    statement: "certificates contain the eigenvalues that another algorithm, another library and 60 digits give",
    source: "Paper A (the expressivity condition, decided); Jacobi",
    hypotheses: &[certificate::DISTINCT],
    tolerance: "two neighbouring numbers of 53 bits around the reference",
    page: "e3-reference.md",
    slack: Some(1e-11),
    ..About::new("E3.reference", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(ABOUT, reference, sharp::ill_conditioned, draws::POINT_SETS)
        .control(Control::spec(
            "duplicated inputs",
            Inapplicable(certificate::DISTINCT),
            broken::duplicated_points,
        ))
        .data(data::lifted_points)
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}

/// E3: narrow certificates contain the reference.
fn reference(instance: &PointsInstance) -> Finding {
    let points = &instance.points;
    if let Some(pair) = equal_points(points) {
        return not_distinct(pair);
    }
    let Some((smallest, largest)) = reference_extremes(&instance.kernel, points) else {
        return undecided("the reference is for 64 points and a matrix that is not singular");
    };
    let options = narrow();
    let low = certify_smallest(&instance.kernel.into(), points, &options);
    let high = certify_largest(&instance.kernel.into(), points, &options);
    match (low, high) {
        (Ok(low), Ok(high)) => {
            let below = ["lo ≤ λ_min(K)", "λ_min(K) ≤ hi"];
            let above = ["lo ≤ λ_max(K)", "λ_max(K) ≤ hi"];
            let below = encloses(below, &low, (smallest.lo, smallest.hi));
            let above = encloses(above, &high, (largest.lo, largest.hi));
            Finding::Compared([below, above].concat())
        }
        (Err(error), _) | (_, Err(error)) => refused(error),
    }
}
