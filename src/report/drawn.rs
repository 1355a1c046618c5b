//! What a page draws of a claim: slopes with the points that they were fitted to, and numbers from iterate to iterate.

use crate::campaign::{ClaimReport, CourseReport, Stage};
use crate::evidence::Comparison;
use serde::{Deserialize, Serialize};

/// A slope in the logarithm of a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlopeEntry {
    /// The statement that it decides.
    pub statement: String,
    /// The slope that was fitted.
    pub slope: f64,
    /// The true slope is at most this far from it, but with probability 1e-15.
    pub half_width: f64,
    /// The slope that is claimed.
    pub claimed: f64,
    /// Sizes with what was measured there: the geometric mean of all repetitions.
    pub points: Vec<(f64, f64)>,
}

/// A number from iterate to iterate, beside what bounds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CourseEntry {
    /// What is measured.
    pub measured: String,
    /// On which stage.
    pub stage: Stage,
    /// On which of its instances, in words.
    pub instance: String,
    /// The statements that bound it.
    pub bounds: Vec<BoundEntry>,
}

/// A statement from iterate to iterate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundEntry {
    /// The statement.
    pub statement: String,
    /// The number of the iterate, from 1, what was measured there, and its bound.
    pub points: Vec<(usize, f64, f64)>,
}

impl SlopeEntry {
    /// The slope of a comparison that knows its points; numbers that are not finite are no slope.
    fn of(comparison: &Comparison) -> Option<Self> {
        let (quantity, claimed) = (comparison.quantity(), comparison.bound().mid());
        let trend = comparison.trend()?;
        let points = trend.points().iter().map(|(size, y)| (*size, y.exp()));
        let points: Vec<(f64, f64)> = points.collect();
        let finite = [quantity.mid(), quantity.rad(), claimed];
        let drawn = points.iter().all(|(_, y)| y.is_finite());
        (drawn && finite.into_iter().all(f64::is_finite)).then(|| Self {
            statement: comparison.statement().to_owned(),
            slope: quantity.mid(),
            half_width: quantity.rad(),
            claimed,
            points,
        })
    }

    /// Tells whether the claimed slope is within the interval.
    #[must_use]
    pub fn agrees(&self) -> bool {
        (self.slope - self.claimed).abs() <= self.half_width
    }
}

impl CourseEntry {
    fn of(course: &CourseReport) -> Self {
        let bounds = course.bounds.iter().map(|bound| {
            let finite = bound.points.iter().copied();
            let finite =
                finite.filter(|(_, measured, bound)| measured.is_finite() && bound.is_finite());
            BoundEntry {
                statement: bound.statement.to_owned(),
                points: finite.collect(),
            }
        });
        Self {
            measured: course.measured.to_owned(),
            stage: course.stage,
            instance: course.instance.clone(),
            bounds: bounds.collect(),
        }
    }
}

/// The slopes of a claim: of every statement that of the sharp instance which is closest to a violation, and first that of the
/// counterexample.
pub(super) fn slopes(report: &ClaimReport) -> Vec<SlopeEntry> {
    let found = report.counterexample.as_ref();
    let violating = found.and_then(|found| SlopeEntry::of(&found.comparison));
    let known = report.statements.iter();
    let known = known.filter_map(|statement| SlopeEntry::of(&statement.closest));
    let mut all: Vec<SlopeEntry> = violating.into_iter().collect();
    for slope in known {
        if all.iter().all(|other| other.statement != slope.statement) {
            all.push(slope);
        }
    }
    all
}

pub(super) fn courses(report: &ClaimReport) -> Vec<CourseEntry> {
    report.courses.iter().map(CourseEntry::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::campaign::{Campaign, Counterexample};
    use crate::claims::find;
    use crate::evidence::statistics::Trend;

    fn of(id: &str) -> ClaimReport {
        Campaign { seed: 0, cases: 0 }.run(find(id).unwrap(), &[], &|| ())
    }

    fn slope(quantity: Ball) -> Comparison {
        let claimed = Ball::from(-0.5);
        let trend = Trend::try_new([(1.0, 0.0), (4.0, -2.0)]);
        Comparison::expectation("slope", (quantity, 0.1), claimed, 0.5).with_trend(trend)
    }

    #[test]
    fn a_slope_has_the_numbers_of_its_comparison() {
        let report = of("R7.rate");
        let found = slopes(&report);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].claimed, found[0].points.len()), (-0.5, 3));
        assert!(found[0].agrees());
        // Through the ends of points that are evenly spaced goes their line.
        let [(first, above), .., (last, below)] = found[0].points[..] else {
            panic!("three points");
        };
        let ends = (below / above).ln() / (last / first).ln();
        assert!((ends - found[0].slope).abs() < 1e-12, "{ends}");
        assert!(slopes(&of("K4.lipschitz")).is_empty());
    }

    #[test]
    fn the_slope_of_a_counterexample_comes_first() {
        let mut report = of("R7.rate");
        report.counterexample = Some(Counterexample {
            stage: Stage::Data,
            label: "digits".into(),
            case: None,
            comparison: slope(Ball::new(-1.0, 0.25)),
            spec: None,
        });
        let found = slopes(&report);
        assert_eq!((found.len(), &*found[0].statement), (2, "slope"));
        assert!(!found[0].agrees() && found[1].agrees());
        assert_eq!(found[0].points[1], (4.0, (-2.0_f64).exp()));
    }

    #[test]
    fn what_is_not_finite_is_not_drawn() {
        assert!(SlopeEntry::of(&slope(Ball::EVERYTHING)).is_none());
        let mut report = of("C10.convergence");
        report.courses[0].bounds[0].points[1].2 = f64::INFINITY;
        let found = courses(&report);
        let [before, after] = [
            report.courses[0].bounds[0].points.len(),
            found[0].bounds[0].points.len(),
        ];
        assert_eq!(after + 1, before);
    }
}
