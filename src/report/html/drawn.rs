//! What is drawn of a claim: its slopes, and its numbers from iterate to iterate.

use super::chart::{Chart, Colour, Mark, Scale, Series};
use super::figure::Figure;
use super::tables::table;
use super::words::short;
use crate::evidence::statistics::FALSE_ALARM;
use crate::pages::typeset;
use crate::report::{ClaimEntry, CourseEntry, SlopeEntry};
use maud::{Markup, html};

/// Every slope with its interval, as numbers and drawn.
pub(super) fn slopes(claim: &ClaimEntry) -> Markup {
    if claim.slopes.is_empty() {
        return html! {};
    }
    let head = [
        ("statement", false),
        ("claimed", true),
        ("fitted", true),
        ("at least", true),
        ("at most", true),
    ];
    let figures = claim.slopes.iter().enumerate();
    let figures = figures.filter_map(|(k, slope)| line(&format!("{}-slope-{k}", claim.id), slope));
    html! {
        (table(
            &format!("Slopes; the true one is between the ends, but with probability {FALSE_ALARM:e}"),
            &head,
            html! { @for slope in &claim.slopes {
                tr {
                    th scope="row" { (typeset(&slope.statement)) }
                    td .number { (short(Some(slope.claimed))) }
                    td .number { (short(Some(slope.slope))) }
                    td .number { (short(Some(slope.slope - slope.half_width))) }
                    td .number { (short(Some(slope.slope + slope.half_width))) }
                }
            } },
        ))
        @for figure in figures { (figure.markup(true)) }
    }
}

/// The points of a slope over the logarithm of the size, and lines through their middle.
fn line(id: &str, slope: &SlopeEntry) -> Option<Figure> {
    let count = slope.points.len() as f64;
    let middle = |of: fn(&(f64, f64)) -> f64| {
        let sum: f64 = slope.points.iter().map(|point| of(point).ln()).sum();
        sum / count
    };
    let (x, y) = (middle(|point| point.0), middle(|point| point.1));
    let sizes = || slope.points.iter().map(|point| point.0);
    let ends = [sizes().reduce(f64::min)?, sizes().reduce(f64::max)?];
    let through = |slope: f64| ends.map(|size| (size, (y + slope * (size.ln() - x)).exp()));
    let [steep, shallow] = [slope.half_width, -slope.half_width].map(|w| through(slope.slope + w));
    let wedge = vec![steep[0], steep[1], shallow[1], shallow[0], steep[0]];
    let claimed = through(slope.claimed).to_vec();
    let fitted = through(slope.slope).to_vec();
    let chart = Chart {
        id,
        name: format!(
            "Measured by size, with lines of the fitted and the claimed slope: {}",
            slope.statement
        ),
        axes: ["size", "measured"],
        scales: [Scale::Logarithmic; 2],
        series: vec![
            Series::new("ends of the interval", Mark::Line, Colour::Third, wedge),
            Series::new("fitted", Mark::Line, Colour::First, fitted),
            Series::new("claimed", Mark::Dashes, Colour::Ink, claimed),
            Series::new(
                "measured",
                Mark::Discs,
                Colour::Second,
                slope.points.clone(),
            ),
        ],
    };
    chart.figure(
        typeset(&slope.statement),
        format!(
            "Every disc is the geometric mean of what was measured at one size, without the correction that is derived for it. The line \
             through them has the slope {}, the broken line the slope {} that is claimed. The true slope is between {} and {}, but with \
             probability {FALSE_ALARM:e}: lines of these slopes are the ends of the interval.",
            short(Some(slope.slope)),
            short(Some(slope.claimed)),
            short(Some(slope.slope - slope.half_width)),
            short(Some(slope.slope + slope.half_width)),
        ),
    )
}

/// Every course.
pub(super) fn courses(claim: &ClaimEntry) -> Markup {
    let figures = claim.courses.iter().enumerate();
    let figures =
        figures.filter_map(|(k, course)| run(&format!("{}-course-{k}", claim.id), course));
    html! { @for figure in figures { (figure.markup(true)) } }
}

/// What was measured from iterate to iterate, and what bounds it.
fn run(id: &str, course: &CourseEntry) -> Option<Figure> {
    let colours = [Colour::Second, Colour::Third, Colour::Ink];
    let mut series: Vec<Series> = (course.bounds.iter().zip(colours))
        .map(|(bound, colour)| {
            let points = bound.points.iter();
            let points = points.map(|(n, _, bound)| (*n as f64, *bound)).collect();
            let name = html! { "bound of " (typeset(&bound.statement)) };
            Series::new(name, Mark::Line, colour, points)
        })
        .collect();
    let first = course.bounds.first()?;
    let measured = first.points.iter();
    let measured = measured.map(|(n, measured, _)| (*n as f64, *measured));
    let name = course.measured.clone();
    series.push(Series::new(
        name,
        Mark::Discs,
        Colour::First,
        measured.collect(),
    ));
    let chart = Chart {
        id,
        name: format!(
            "{} at every iterate, beside what bounds it",
            course.measured
        ),
        axes: ["iterate", &course.measured],
        scales: [Scale::Linear, Scale::Free],
        series,
    };
    chart.figure(
        format!("{} at every iterate", course.measured),
        format!(
            "The discs are what was measured on one instance of the {} stage: {}. The lines are what it is held to.",
            course.stage, course.instance
        ),
    )
}
