//! What was measured from iterate to iterate, beside what bounds it.

use super::Stage;
use crate::evidence::{Comparison, Finding};
use crate::theorem::Iterates;

/// Of more iterates some are left out.
const MOST: usize = 100;

/// A run with fewer iterates has no course.
const FEWEST: usize = 3;

/// What was measured along one instance, beside what bounds it.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseReport {
    /// What is measured.
    pub measured: &'static str,
    /// Where: the instance of the data stage that was closest to a violation, or else the pinned one.
    pub stage: Stage,
    /// Which instance, in words.
    pub instance: String,
    /// The statements that bound it.
    pub bounds: Vec<BoundReport>,
}

/// One statement from iterate to iterate.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundReport {
    /// The statement, as its comparisons name it.
    pub statement: &'static str,
    /// The number of the comparison, from 1, the quantity, and the bound; of more than a hundred some, the first and the last
    /// among them.
    pub points: Vec<(usize, f64, f64)>,
}

/// Returns the courses of a claim on one stage; of a course that no instance has, none.
pub(super) fn courses<'a>(
    courses: &[Iterates],
    stage: Stage,
    findings: impl Iterator<Item = (String, &'a Finding)> + Clone,
) -> Vec<CourseReport> {
    let of = |course: &Iterates| {
        let runs = findings.clone().filter_map(|(instance, finding)| {
            let Finding::Compared(all) = finding else {
                return None;
            };
            let own = |statement| all.iter().filter(move |one| one.statement() == statement);
            let least = course
                .statements
                .iter()
                .flat_map(|statement| own(*statement))
                .map(Comparison::margin)
                .reduce(f64::min)?;
            let bounds = course.statements.iter().map(|&statement| BoundReport {
                statement,
                points: thinned(own(statement)),
            });
            let bounds: Vec<BoundReport> = bounds
                .filter(|bound| bound.points.len() >= FEWEST)
                .collect();
            let found = CourseReport {
                measured: course.measured,
                stage,
                instance,
                bounds,
            };
            (!found.bounds.is_empty()).then_some((least, found))
        });
        let closest = runs.min_by(|a, b| a.0.total_cmp(&b.0));
        closest.map(|(_, found)| found)
    };
    courses.iter().filter_map(of).collect()
}

/// Courses on data, and those of pinned instances that there are none of on data.
pub(super) fn preferred(
    on_data: Vec<CourseReport>,
    pinned: Vec<CourseReport>,
) -> Vec<CourseReport> {
    let known: Vec<&str> = on_data.iter().map(|course| course.measured).collect();
    let others = pinned
        .into_iter()
        .filter(|course| !known.contains(&course.measured));
    let others: Vec<CourseReport> = others.collect();
    on_data.into_iter().chain(others).collect()
}

fn thinned<'a>(comparisons: impl Iterator<Item = &'a Comparison>) -> Vec<(usize, f64, f64)> {
    let all: Vec<(usize, f64, f64)> = comparisons
        .enumerate()
        .map(|(n, one)| (n + 1, one.quantity().mid(), one.bound().mid()))
        .collect();
    if all.len() <= MOST {
        return all;
    }
    let last = all.len() - 1;
    (0..MOST).map(|k| all[k * last / (MOST - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Ball;
    use crate::campaign::Campaign;
    use crate::claims::find;

    const DRAWN: [Iterates; 1] = [Iterates {
        measured: "path",
        statements: &["path ≤ R", "path ≤ ℓ"],
    }];

    fn run(bound: f64, count: usize) -> Finding {
        let one = |n: usize| {
            let (path, bound) = (Ball::from(n as f64), Ball::from(bound));
            Comparison::at_most("path ≤ R", path, bound)
        };
        Finding::Compared((1..=count).map(one).collect())
    }

    #[test]
    fn the_run_that_is_closest_to_a_violation_is_kept() {
        let findings = [run(50.0, 10), run(20.0, 10), Finding::Compared(Vec::new())];
        let named = findings
            .iter()
            .enumerate()
            .map(|(k, found)| (k.to_string(), found));
        let kept = courses(&DRAWN, Stage::Data, named);
        assert_eq!(kept.len(), 1);
        assert_eq!((&*kept[0].instance, kept[0].stage), ("1", Stage::Data));
        // Of the other statement there is no comparison.
        assert_eq!(kept[0].bounds.len(), 1);
        assert_eq!(kept[0].bounds[0].points[9], (10, 10.0, 20.0));
    }

    #[test]
    fn short_runs_have_no_course_and_long_ones_keep_their_ends() {
        let of = |finding: &Finding| {
            let named = std::iter::once((String::new(), finding));
            courses(&DRAWN, Stage::Pinned, named)
        };
        assert_eq!(of(&run(9.0, 2)), []);
        assert_eq!(of(&Finding::Inapplicable(Vec::new())), []);
        let long = of(&run(2000.0, 1234)).remove(0).bounds.remove(0).points;
        assert_eq!((long.len(), long[0].0, long[MOST - 1].0), (MOST, 1, 1234));
        assert!(long.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    /// Every course names statements that its check compares.
    #[test]
    fn courses_are_those_of_statements_that_are_compared() {
        for id in [
            "P8.convergence",
            "P9.flow",
            "C10.convergence",
            "P5.along-descent",
        ] {
            let claim = find(id).unwrap();
            let drawn = claim.about().courses;
            let report = Campaign { seed: 0, cases: 0 }.run(claim, &[], &|| ());
            assert_eq!(report.courses.len(), drawn.len(), "{id}");
            for (found, course) in report.courses.iter().zip(drawn) {
                assert_eq!(found.stage, Stage::Pinned);
                let names: Vec<&str> = found.bounds.iter().map(|bound| bound.statement).collect();
                assert_eq!(names, course.statements, "{id}");
                for (_, measured, bound) in found.bounds.iter().flat_map(|bound| &bound.points) {
                    assert!(measured.is_finite() && bound.is_finite(), "{id}");
                }
            }
        }
    }
}
