//! The page of `--report`: the answer first, then the figure, the numbers, and how they were found.

use crate::pages::document;
use crate::report::Outcome;
use crate::report::advice::Advice;
use crate::report::html::figure::Figure;
use crate::report::html::footer::footer;
use crate::report::html::front::front;
use crate::report::html::tables::table;
use maud::{Markup, html};

/// What a page has beside its first screen.
pub struct Sheet {
    /// What answered.
    pub subcommand: &'static str,
    /// Whether the answer is good, bad or neither.
    pub outcome: Outcome,
    pub figures: Vec<Figure>,
    /// Titles with what stands below.
    pub sections: Vec<(&'static str, Markup)>,
    /// What was asked for.
    pub asked: Vec<(&'static str, String)>,
    /// What was done to the data.
    pub notes: Vec<String>,
}

impl Sheet {
    /// The page as one file.
    pub fn html(&self, advice: &Advice) -> String {
        let (version, set) = (
            env!("CARGO_PKG_VERSION"),
            crate::arithmetic::instruction_set(),
        );
        let kicker = format!("polyak {version} · {}", self.subcommand);
        document(
            &format!("polyak {}: {}", self.subcommand, advice.title),
            &html! {
                header { (front(&kicker, self.outcome, advice, &[])) }
                main {
                    @for figure in &self.figures { (figure.markup(true)) }
                    @for (title, inside) in &self.sections { section { h2 { (title) } (inside) } }
                }
                footer { (footer(version, set, &self.asked, &self.notes)) }
            },
        )
    }
}

/// A value of no more characters is not broken.
const SHORT: usize = 32;

/// A line of words with a name: what it is, its value, what it means.
pub type Row = [String; 3];

/// A row.
pub fn row(name: &str, value: impl Into<String>, meaning: impl Into<String>) -> Row {
    [name.to_owned(), value.into(), meaning.into()]
}

/// Rows as words, in columns of these widths.
pub fn lines(rows: &[Row], [first, second]: [usize; 2]) -> String {
    let line = |[name, value, meaning]: &Row| {
        let line = format!("{name:<first$} {value:<second$} {meaning}");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// Rows as a table.
pub fn rows(caption: &str, head: [&str; 3], rows: &[Row]) -> Markup {
    let head = [(head[0], false), (head[1], false), (head[2], false)];
    table(
        caption,
        &head,
        html! { @for [name, value, meaning] in rows {
            tr { th scope="row" { (name) } td .value[value.chars().count() <= SHORT] { (value) } td { (meaning) } }
        } },
    )
}

/// A table of numbers, the first column its names.
pub fn numbers(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    let head: Vec<(&str, bool)> = head
        .iter()
        .enumerate()
        .map(|(k, title)| (*title, k > 0))
        .collect();
    table(
        caption,
        &head,
        html! { @for row in rows {
            tr { @for (k, cell) in row.iter().enumerate() {
                @if k == 0 { th scope="row" { (cell) } } @else { td .number { (cell) } }
            } }
        } },
    )
}

/// A number of seven digits, without an exponent where it needs none.
pub fn plain(value: f64) -> String {
    let exponent = value.abs().log10().floor();
    match (-4.0..=6.0).contains(&exponent) {
        true => format!("{value:.*}", (6.0 - exponent) as usize),
        false if value == 0.0 => "0".to_owned(),
        false => format!("{value:.6e}"),
    }
}

/// Whether an answer is all that was asked for.
pub fn outcome(complete: bool) -> Outcome {
    match complete {
        true => Outcome::Holds,
        false => Outcome::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_an_exponent_where_it_needs_one() {
        for (value, words) in [
            (1.646_004_026, "1.646004"),
            (-0.001_25, "-0.001250000"),
            (1_234_567.8, "1234568"),
            (0.0, "0"),
            (6.042e-114, "6.042000e-114"),
            (12_345_678.0, "1.234568e7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(plain(value), words);
        }
    }
}
