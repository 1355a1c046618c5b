//! Curves and dots over two axes as SVG: an axis is logarithmic where its numbers span decades.

#![cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        reason = "the pages of subcommands draw more than those of reports"
    )
)]

use super::figure::Figure;
use super::picture::{WIDTH, named, theme};
use kuva::plot::line::LinePlot;
use kuva::plot::scatter::{MarkerShape, ScatterPlot};
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use maud::{Markup, Render};
use std::sync::Arc;

/// The height of a chart.
const HEIGHT: f64 = 280.0;

/// An axis whose numbers differ by more is logarithmic.
const SPAN: f64 = 30.0;

/// As many ticks there are at most on a logarithmic axis.
const TICKS: f64 = 6.0;

/// Of more points some are left out.
const MOST: usize = 600;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A line.
    Line,
    /// A broken line.
    Dashes,
    /// Discs.
    Discs,
    /// Squares.
    Squares,
    /// Triangles.
    Triangles,
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Of what is measured.
    First,
    /// Of what bounds it.
    Second,
    /// Of what is bounded beside.
    Third,
    /// Of what is known beforehand.
    Ink,
}

impl Mark {
    /// What stands for it in a legend.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Line => "──",
            Self::Dashes => "- -",
            Self::Discs => "●",
            Self::Squares => "■",
            Self::Triangles => "▲",
        }
    }
}

impl Colour {
    /// The class of what has this colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Ink => "ink",
        }
    }

    fn css(self) -> &'static str {
        match self {
            Self::First => "var(--first)",
            Self::Second => "var(--second)",
            Self::Third => "var(--third)",
            Self::Ink => "currentColor",
        }
    }
}

/// How numbers are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly, from zero on.
    FromZero,
    /// By their logarithms, where they span decades.
    Free,
    /// By their logarithms: powers are straight lines.
    Logarithmic,
}

/// Points that belong together.
pub struct Series {
    name: Markup,
    mark: Mark,
    colour: Colour,
    points: Vec<(f64, f64)>,
}

impl Series {
    /// Points with the name that the legend gives them.
    pub fn new(name: impl Render, mark: Mark, colour: Colour, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.render(),
            mark,
            colour,
            points,
        }
    }
}

/// A chart: a name for those who do not see it, the names of its axes, and what is drawn.
pub struct Chart<'a> {
    /// One a page.
    pub id: &'a str,
    pub name: String,
    pub axes: [&'a str; 2],
    pub scales: [Scale; 2],
    pub series: Vec<Series>,
}

impl Chart<'_> {
    /// The figure with its words; nothing, where there is no point to draw.
    pub fn figure(&self, title: impl Render, told: String) -> Option<Figure> {
        Some(Figure {
            title: title.render(),
            told,
            svg: self.svg()?,
            legend: self.legend(),
        })
    }

    /// Class, sign and name of every series.
    fn legend(&self) -> Vec<(&'static str, &'static str, Markup)> {
        let drawn = self
            .series
            .iter()
            .filter(|series| !series.points.is_empty());
        let entry = |series: &Series| {
            (
                series.colour.class(),
                series.mark.sign(),
                series.name.clone(),
            )
        };
        drawn.map(entry).collect()
    }

    /// The picture; nothing, where there is no point to draw.
    fn svg(&self) -> Option<String> {
        let of = |axis: fn(&(f64, f64)) -> f64, scale| {
            let points = self.series.iter().flat_map(|series| &series.points);
            Axis::over(points.map(axis).filter(|x| x.is_finite()), scale)
        };
        let across = of(|point| point.0, self.scales[0])?;
        let up = of(|point| point.1, self.scales[1])?;
        let plots: Vec<Plot> = self
            .series
            .iter()
            .map(|series| {
                let placed = series
                    .points
                    .iter()
                    .filter_map(|&(x, y)| Some((across.place(x)?, up.place(y)?)));
                plot(series, &thinned(placed.collect()))
            })
            .collect();
        let layout = Layout::auto_from_plots(&plots)
            .with_width(WIDTH)
            .with_height(HEIGHT)
            .with_theme(theme())
            .with_tick_size(11)
            .with_body_size(11)
            .with_label_size(12)
            .with_x_label(self.axes[0])
            .with_y_label(self.axes[1])
            .with_force_margins(62.0, 14.0);
        let layout = across.across(up.up(layout));
        Some(named(
            &kuva::render_to_svg(plots, layout),
            self.id,
            &self.name,
        ))
    }
}

/// Where the numbers of one direction are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    logarithmic: bool,
    /// Of what is drawn: of logarithms, where it is logarithmic.
    ends: [f64; 2],
}

impl Axis {
    /// The axis over these numbers, if there are any; of numbers below zero it is not logarithmic.
    fn over(numbers: impl Iterator<Item = f64> + Clone, scale: Scale) -> Option<Self> {
        let least = numbers.clone().reduce(f64::min)?;
        let most = numbers.clone().reduce(f64::max)?;
        let positive = numbers.filter(|x| *x > 0.0).reduce(f64::min);
        let spans = |smallest: &f64| match scale {
            Scale::Free => least >= 0.0 && most / smallest > SPAN,
            Scale::Logarithmic => true,
            Scale::Linear | Scale::FromZero => false,
        };
        if let Some(smallest) = positive.filter(spans) {
            return Some(Self {
                logarithmic: true,
                ends: [smallest.log10().floor(), most.log10().ceil()],
            });
        }
        let least = match scale {
            Scale::FromZero => least.min(0.0),
            _ => least,
        };
        let room = match most - least {
            0.0 => 0.5 * most.abs().max(f64::MIN_POSITIVE),
            width => 0.05 * width,
        };
        let below = if scale == Scale::FromZero { 0.0 } else { room };
        Some(Self {
            logarithmic: false,
            ends: [least - below, most + room],
        })
    }

    /// Where a number is drawn; nowhere, if it has no logarithm that is asked for.
    fn place(self, x: f64) -> Option<f64> {
        let x = if self.logarithmic { x.log10() } else { x };
        x.is_finite().then_some(x)
    }

    /// Powers of ten, no more than there is room for.
    fn step(self) -> f64 {
        ((self.ends[1] - self.ends[0]) / TICKS).ceil().max(1.0)
    }

    fn format(self) -> TickFormat {
        match self.logarithmic {
            true => TickFormat::Custom(Arc::new(|x: f64| format!("1e{x:.0}"))),
            false => TickFormat::Auto,
        }
    }

    fn across(self, layout: Layout) -> Layout {
        let layout = layout
            .with_x_axis_min(self.ends[0])
            .with_x_axis_max(self.ends[1])
            .with_x_tick_format(self.format());
        match self.logarithmic {
            true => layout.with_x_tick_step(self.step()),
            false => layout,
        }
    }

    fn up(self, layout: Layout) -> Layout {
        let layout = layout
            .with_y_axis_min(self.ends[0])
            .with_y_axis_max(self.ends[1])
            .with_y_tick_format(self.format());
        match self.logarithmic {
            true => layout.with_y_tick_step(self.step()),
            false => layout,
        }
    }
}

/// Some of many points, the first and the last among them.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= MOST {
        return points;
    }
    let last = points.len() - 1;
    (0..MOST).map(|k| points[k * last / (MOST - 1)]).collect()
}

fn plot(series: &Series, points: &[(f64, f64)]) -> Plot {
    let dots = |shape, size| {
        let plot = ScatterPlot::new().with_data(points.iter().copied());
        Plot::from(
            plot.with_color(series.colour.css())
                .with_marker(shape)
                .with_size(size),
        )
    };
    let line = || {
        let plot = LinePlot::new().with_data(points.iter().copied());
        plot.with_color(series.colour.css()).with_stroke_width(1.6)
    };
    match series.mark {
        Mark::Line => line().into(),
        Mark::Dashes => line().with_dashed().into(),
        Mark::Discs => dots(MarkerShape::Circle, 3.0),
        Mark::Squares => dots(MarkerShape::Square, 3.0),
        Mark::Triangles => dots(MarkerShape::Triangle, 3.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: &[(f64, f64)]) -> Chart<'static> {
        Chart {
            id: "test",
            name: "a \"name\" & more".to_owned(),
            axes: ["step", "loss"],
            scales: [Scale::Linear, Scale::Free],
            series: vec![Series::new(
                "loss",
                Mark::Line,
                Colour::First,
                points.to_vec(),
            )],
        }
    }

    #[test]
    fn an_axis_is_logarithmic_where_numbers_span_decades() {
        let over = |numbers: &[f64], scale| Axis::over(numbers.iter().copied(), scale);
        assert_eq!(over(&[], Scale::Free), None);
        let wide = over(&[0.0, 2e-3, 5.0], Scale::Free).unwrap();
        assert_eq!((wide.logarithmic, wide.ends), (true, [-3.0, 1.0]));
        assert_eq!(wide.place(0.0), None);
        assert_eq!(wide.place(100.0), Some(2.0));
        for narrow in [&[1.0, 2.0][..], &[-1.0, 1e9], &[3.0], &[0.0]] {
            let axis = over(narrow, Scale::Free).unwrap();
            assert!(!axis.logarithmic && axis.ends[0] < axis.ends[1], "{axis:?}");
        }
        let steps = over(&[0.0, 1.0, 100.0], Scale::Linear).unwrap();
        assert_eq!((steps.logarithmic, steps.ends), (false, [-5.0, 105.0]));
        let zero = over(&[2e-3, 4.0], Scale::FromZero).unwrap();
        assert_eq!((zero.logarithmic, zero.ends), (false, [0.0, 4.2]));
        assert_eq!(zero.place(0.0), Some(0.0));
        let powers = over(&[2.0, 3.0], Scale::Logarithmic).unwrap();
        assert_eq!((powers.logarithmic, powers.ends), (true, [0.0, 1.0]));
        let long = over(&[1e-300, 1.0], Scale::Free).unwrap();
        assert_eq!(long.step(), 50.0);
    }

    #[test]
    fn a_chart_has_a_name_and_no_point_that_is_no_number() {
        assert_eq!(chart(&[]).svg(), None);
        let points = [
            (0.0, 1.0),
            (1.0, f64::INFINITY),
            (2.0, f64::NAN),
            (3.0, 0.0),
            (4.0, 1e-9),
        ];
        let svg = chart(&points).svg().unwrap();
        assert!(
            svg.starts_with("<svg role=\"img\" aria-label=\"a &quot;name&quot; &amp; more\""),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(
            svg.contains(">1e-8<") && svg.contains("var(--first)"),
            "{svg}"
        );
    }

    #[test]
    fn the_ends_of_a_long_series_are_kept() {
        let many: Vec<(f64, f64)> = (0..10_000).map(|k| (f64::from(k), 1.0)).collect();
        let few = thinned(many.clone());
        assert_eq!(
            (few.len(), few[0], few[MOST - 1]),
            (MOST, many[0], many[9999])
        );
    }
}
