//! What a distance of clouds means, and its page: the clouds.

use super::{Answer, EXACT};
use crate::command::sheet::{Sheet, outcome, plain, row, rows};
use crate::report::advice::{Advice, Step};
use crate::report::html::chart::{Chart, Colour, Mark, Scale, Series};
use crate::report::html::figure::Figure;
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;
use crate::transport::Atoms;

/// What was found, in words.
pub(super) fn advice(answer: &Answer, narrow: bool) -> Advice {
    let [lo, hi] = answer.distance;
    let cloud = |cloud: &super::Cloud| format!("{} of {}", count(cloud.atoms, "point"), cloud.file);
    let asked = match answer.order {
        1 => "the least mean distance over which",
        _ => "the least root mean square distance over which",
    };
    let given = answer.proved_by != "solver";
    let next = match (narrow, given) {
        (false, true) => Step::new(
            "Give both --plan and --potentials, of a solver that has converged.",
            [],
        ),
        (false, false) => Step::new(
            "Scale the points: their distances are too small or too large for f64.",
            [],
        ),
        (true, true) => Step::new(
            "Leave --plan and --potentials out to compare with the optimum that is found here.",
            [],
        ),
        (true, false) => Step::new(
            "Prove with --plan and --potentials how near to optimal another solver is.",
            [],
        ),
    };
    Advice {
        title: format!("The clouds are {} apart", plain(lo + (hi - lo) / 2.0)),
        checked: format!(
            "Asked was the Wasserstein distance W_{} of {} and {}: {asked} the mass of one is moved onto the other.",
            answer.order,
            cloud(&answer.first),
            cloud(&answer.second)
        ),
        meaning: match narrow {
            true => "Both ends of the enclosure are proved: a plan shows that it can be done so cheaply, and potentials show that it cannot be done \
                     more cheaply."
                .to_owned(),
            false => "Both ends of the enclosure are proved, but they are further apart than was asked for: what was given is not optimal, or one of \
                      plan and potentials is missing."
                .to_owned(),
        },
        next: vec![next],
    }
}

/// The page.
pub(super) fn sheet(answer: &Answer, clouds: &[Atoms; 2], narrow: bool) -> Sheet {
    let [lo, hi] = answer.distance;
    let [least, most] = answer.cost;
    let enclosed = |lo, hi| {
        format!(
            "[{}, {}]",
            decimal_below(lo, EXACT),
            decimal_above(hi, EXACT)
        )
    };
    let found = [
        row("distance", enclosed(lo, hi), format!("W_{}", answer.order)),
        row(
            "cost",
            enclosed(least, most),
            format!("the distance to the power {}", answer.order),
        ),
        row(
            "gap",
            decimal_above(answer.relative_gap, 2),
            "of the cost, relative",
        ),
    ];
    let by = match answer.proved_by {
        "solver" => "found here".to_owned(),
        other => format!("by the {other} given"),
    };
    let notes = [&answer.first, &answer.second]
        .into_iter()
        .flat_map(|cloud| {
            let notes = cloud.data_notes.iter();
            notes.map(|note| format!("{}: {note}", cloud.file))
        });
    Sheet {
        subcommand: "transport",
        outcome: outcome(narrow),
        figures: figure(answer, clouds).into_iter().collect(),
        sections: vec![(
            "The numbers",
            rows("What is proved", ["what", "enclosure", "of what"], &found),
        )],
        asked: vec![
            (
                "Clouds",
                format!("{} and {}", answer.first.file, answer.second.file),
            ),
            ("Proved", by),
            ("Time", format!("{:.3} s", answer.seconds)),
        ],
        notes: notes.collect(),
    }
}

/// The points in the plane of their first two coordinates; on a line, how they are distributed.
fn figure(answer: &Answer, clouds: &[Atoms; 2]) -> Option<Figure> {
    let line = answer.first.dimension == 1;
    let (mark, axes, told) = match line {
        true => (
            [Mark::Line, Mark::Dashes],
            ["share of the mass below", "coordinate"],
            "Both clouds by the share of their mass that lies below a coordinate. On a line the cheapest plan keeps the order, and the area between \
             the two curves is the distance W_1.",
        ),
        false => (
            [Mark::Discs, Mark::Triangles],
            ["first coordinate", "second coordinate"],
            "The points of both clouds in the plane of their first two coordinates, some of them where there are many. The distance is that in all \
             coordinates.",
        ),
    };
    let files = [&answer.first.file, &answer.second.file];
    let series =
        (clouds.iter().zip(files)).zip(mark.into_iter().zip([Colour::First, Colour::Second]));
    let chart = Chart {
        id: "clouds",
        name: "The points of both clouds".to_owned(),
        axes,
        scales: [Scale::Linear; 2],
        series: series
            .map(|((cloud, file), (mark, colour))| {
                let points = if line { quantiles(cloud) } else { plane(cloud) };
                Series::new(file, mark, colour, points)
            })
            .collect(),
    };
    chart.figure("The clouds", told.to_owned())
}

fn plane(cloud: &Atoms) -> Vec<(f64, f64)> {
    cloud
        .points()
        .column_iter()
        .map(|point| (point[0], point[1]))
        .collect()
}

/// Both ends of every step of the quantile function.
fn quantiles(cloud: &Atoms) -> Vec<(f64, f64)> {
    let total = cloud.total() as f64;
    let places = cloud.points().iter().copied();
    let mut atoms: Vec<(f64, u64)> = places.zip(cloud.masses().iter().copied()).collect();
    atoms.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0;
    let steps = atoms.into_iter().flat_map(|(place, mass)| {
        let first = below as f64 / total;
        below += mass;
        [(first, place), (below as f64 / total, place)]
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn quantiles_are_steps_in_order() {
        let cloud = Atoms::new(dmatrix![2.0, -1.0], vec![1, 3]).unwrap();
        assert_eq!(
            quantiles(&cloud),
            [(0.0, -1.0), (0.75, -1.0), (0.75, 2.0), (1.0, 2.0)]
        );
    }
}
