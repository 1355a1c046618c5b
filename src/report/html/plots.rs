//! Dots in a row a claim, one a stage, as SVG: colours are those of the page, so that they follow light and dark.

use super::picture::{WIDTH, named, theme};
use crate::campaign::Stage;
use crate::report::{Number, Report, SlopeEntry, StageEntry};
use kuva::plot::scatter::{MarkerShape, ScatterPlot};
use kuva::render::annotations::ReferenceLine;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;

/// The height of a row.
const ROW: f64 = 14.0;

/// The width of the names of claims.
const NAMES: f64 = 125.0;

/// The signs of the stages: class, sign and words.
pub(super) const LEGEND: [(&str, &str, &str); 3] = [
    ("pinned", "●", "sharp"),
    ("random", "■", "random"),
    ("data", "▲", "data"),
];

/// How far the worst comparison of each stage is from a violation.
pub(super) fn margins(report: &Report, of: impl Fn(&StageEntry) -> Number) -> Option<String> {
    let log = |counts: &StageEntry| of(counts).map(f64::log10);
    let power = TickFormat::Custom(std::sync::Arc::new(|x: f64| format!("1e{x:.0}")));
    let svg = dots(report, log, |layout, (least, most)| {
        let attained = ReferenceLine::vertical(0.0).with_color("currentColor");
        let layout = layout
            .with_x_axis_min((least - 0.1).min(-1.0))
            .with_x_axis_max((most + 0.5).max(1.0));
        layout
            .with_x_tick_format(power)
            .with_reference_line(attained)
    })?;
    Some(named(
        &svg,
        "margins",
        "Tolerances between the worst comparisons of every claim and a violation",
    ))
}

/// The largest tightness of each stage.
pub(super) fn tightness(report: &Report, of: impl Fn(&StageEntry) -> Number) -> Option<String> {
    let svg = dots(report, of, |layout, _| {
        layout.with_x_axis_min(-0.02).with_x_axis_max(1.02)
    })?;
    Some(named(
        &svg,
        "tightness",
        "The largest tightness of every claim, by stage",
    ))
}

/// A row a slope: how far it is from the one that is claimed, with its interval; nothing, if there is no slope.
pub(super) fn slopes(report: &Report) -> Option<String> {
    let all: Vec<(&str, &SlopeEntry)> = (report.claims.iter())
        .flat_map(|claim| claim.slopes.iter().map(|slope| (&*claim.id, slope)))
        .collect();
    let rows = all.len();
    let away = |slope: &SlopeEntry| slope.slope - slope.claimed;
    let ends = all
        .iter()
        .map(|(_, slope)| away(slope).abs() + slope.half_width);
    let end = ends.filter(|end| end.is_finite()).reduce(f64::max)?;
    let points = all.iter().enumerate();
    let points = points.map(|(row, (_, slope))| (away(slope), (rows - row) as f64));
    let plot = ScatterPlot::new()
        .with_data(points)
        .with_x_err(all.iter().map(|(_, slope)| slope.half_width))
        .with_color("var(--first)")
        .with_size(3.5);
    let names = all.iter().rev().map(|(id, _)| (*id).to_owned()).collect();
    let claimed = ReferenceLine::vertical(0.0).with_color("currentColor");
    let end = 1.05 * end.max(f64::MIN_POSITIVE);
    let plots: Vec<Plot> = vec![plot.into()];
    let layout = rowed(&plots, names)
        .with_x_axis_min(-end)
        .with_x_axis_max(end)
        .with_reference_line(claimed);
    Some(named(
        &kuva::render_to_svg(plots, layout),
        "slopes",
        "How far every slope is from the one that is claimed, with its interval",
    ))
}

/// A row a name, from below.
fn rowed(plots: &[Plot], names: Vec<String>) -> Layout {
    let height = ROW * names.len() as f64 + 90.0;
    Layout::auto_from_plots(plots)
        .with_y_axis_min(0.5)
        .with_y_axis_max(names.len() as f64 + 0.5)
        .with_y_categories(names)
        .with_width(WIDTH)
        .with_height(height)
        .with_theme(theme())
        .with_tick_size(11)
        .with_body_size(11)
        .with_force_margins(NAMES, 12.0)
}

/// A row a claim, a dot a stage that has a number; nothing, if no stage has one.
fn dots(
    report: &Report,
    of: impl Fn(&StageEntry) -> Number,
    more: impl FnOnce(Layout, (f64, f64)) -> Layout,
) -> Option<String> {
    let rows = report.claims.len();
    let series = [
        // Where they meet, the later ones leave the earlier ones to be seen.
        (Stage::Pinned, MarkerShape::Circle, 5.0, "var(--first)"),
        (Stage::Random, MarkerShape::Square, 3.5, "var(--second)"),
        (Stage::Data, MarkerShape::Triangle, 3.0, "var(--third)"),
    ];
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut plots: Vec<Plot> = Vec::new();
    for (stage, marker, size, colour) in series {
        // The first claim on top.
        let points: Vec<(f64, f64)> = (report.claims.iter().enumerate())
            .filter_map(|(row, claim)| Some((of(claim.stages.get(stage))?, (rows - row) as f64)))
            .collect();
        for (x, _) in &points {
            (least, most) = (least.min(*x), most.max(*x));
        }
        if !points.is_empty() {
            let plot = ScatterPlot::new().with_data(points).with_color(colour);
            let plot = plot.with_marker(marker).with_size(size);
            plots.push(plot.into());
        }
    }
    if plots.is_empty() {
        return None;
    }
    let names: Vec<String> = report
        .claims
        .iter()
        .rev()
        .map(|claim| claim.id.clone())
        .collect();
    let layout = rowed(&plots, names);
    Some(kuva::render_to_svg(plots, more(layout, (least, most))))
}
