//! The cell: what one entry of a table may be.

use std::cmp::Ordering;
use std::fmt;

use super::DataError;
use super::slip::{Slip, number};
use crate::text::excerpt;

/// One cell: a finite number or a word.
///
/// Cells are ordered, numbers before words; `0.0` and `-0.0` are equal.
#[derive(Debug, Clone)]
pub enum Cell {
    /// A finite number.
    Number(f64),
    /// Text that is neither a number nor blank nor a mark of a missing value.
    Word(String),
}

impl Cell {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(value) => Some(*value),
            Cell::Word(_) => None,
        }
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cell::Number(a), Cell::Number(b)) => (a + 0.0).total_cmp(&(b + 0.0)), // −0 + 0 = 0
            (Cell::Word(a), Cell::Word(b)) => a.cmp(b),
            (Cell::Number(_), Cell::Word(_)) => Ordering::Less,
            (Cell::Word(_), Cell::Number(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Number(value) => write!(f, "{value}"),
            Cell::Word(word) => f.write_str(word),
        }
    }
}

/// What the text of a cell, without blanks around it, says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    /// A finite number.
    Number(f64),
    /// Anything that is none of the others.
    Word,
    /// No text.
    Blank,
    /// NaN, or another mark of a missing value.
    Missing,
    /// An infinity, or a number beyond the largest.
    Infinite,
    /// Text that begins like a number and is none.
    Slip(Slip),
}

/// The marks of a missing value: R's, SQL's and UCI's, those of spreadsheets, and those of Microsoft's C library.
const MISSING: [&str; 18] = [
    "na",
    "n/a",
    "null",
    "?",
    "<na>",
    "#na",
    "#n/a",
    "#n/a n/a",
    "#div/0!",
    "#name?",
    "#null!",
    "#num!",
    "#ref!",
    "#value!",
    "1.#ind",
    "1.#qnan",
    "nan(ind)",
    "nan(snan)",
];

/// Whether a text marks a missing value, in any case.
pub(super) fn is_missing(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    MISSING.iter().any(|mark| mark.eq_ignore_ascii_case(text))
}

pub(super) fn classify(text: &str) -> Reading {
    match number(text) {
        Some(value) if value.is_finite() => Reading::Number(value),
        Some(value) if value.is_nan() => Reading::Missing,
        Some(_) => Reading::Infinite,
        None if text.is_empty() => Reading::Blank,
        None if is_missing(text) => Reading::Missing,
        None => Slip::of(text).map_or(Reading::Word, Reading::Slip),
    }
}

impl Cell {
    /// The cell of this text; the place is for the error.
    pub(super) fn read(
        file: &str,
        line: usize,
        column: impl FnOnce() -> String,
        text: &str,
    ) -> Result<Cell, DataError> {
        let file = || file.to_owned();
        let value = excerpt(text);
        match classify(text) {
            Reading::Number(number) => Ok(Cell::Number(number)),
            // Dates and `1st` may be labels.
            Reading::Word | Reading::Slip(Slip::Other) => Ok(Cell::Word(text.to_owned())),
            Reading::Blank | Reading::Missing => Err(DataError::MissingValue {
                file: file(),
                line,
                column: column(),
                value,
            }),
            Reading::Infinite => Err(DataError::NotFinite {
                file: file(),
                line,
                column: column(),
                value,
            }),
            Reading::Slip(slip) => Err(DataError::Malformed {
                file: file(),
                line,
                column: column(),
                value,
                slip: Box::new(slip),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_ordered_numbers_first() {
        let word = |text: &str| Cell::Word(text.into());
        let sorted = [
            Cell::Number(-2.0),
            Cell::Number(0.0),
            Cell::Number(10.0),
            word("10a"),
            word("b"),
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(a.cmp(b), i.cmp(&j));
                assert_eq!(a.partial_cmp(b), Some(i.cmp(&j)));
                assert_eq!(a == b, i == j);
            }
        }
        assert_eq!(Cell::Number(0.0), Cell::Number(-0.0));
        assert_eq!(Cell::Number(-0.0), Cell::Number(0.0));
        assert_eq!(Cell::Number(-1.5).to_string(), "-1.5");
        assert_eq!(word("cat").to_string(), "cat");
        assert_eq!(
            (word("1").number(), Cell::Number(2.0).number()),
            (None, Some(2.0))
        );
    }

    fn read(text: &str) -> Result<Cell, DataError> {
        Cell::read("t.csv", 3, || "y".into(), text)
    }

    #[test]
    fn text_is_a_number_or_a_word() {
        for (text, number) in [
            ("1", 1.0),
            ("+1", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1E3", -1000.0),
            ("1.5D+02", 150.0),
        ] {
            assert_eq!(read(text).unwrap().number(), Some(number));
        }
        for word in [
            "a",
            "1.2x",
            "a,b",
            "1,2,3",
            "1 2",
            "none",
            "-",
            "1st",
            "2020-01-01",
        ] {
            assert_eq!(read(word).unwrap(), Cell::Word(word.into()));
        }
    }

    #[test]
    fn missing_values_are_refused_with_their_place() {
        for text in [
            "",
            "NaN",
            "nan",
            "-nan",
            "NA",
            "n/a",
            "NULL",
            "?",
            "#N/A",
            "#DIV/0!",
            "<NA>",
            "-1.#IND",
            "-nan(ind)",
        ] {
            assert!(
                matches!(read(text), Err(DataError::MissingValue { file, line: 3, column, value })
                if file == "t.csv" && column == "y" && value == text)
            );
        }
        assert_eq!(
            read("").unwrap_err().to_string(),
            "t.csv, line 3, y: missing value ``; fill the cell or remove the row"
        );
    }

    #[test]
    fn infinite_values_are_refused_with_their_place() {
        for text in ["inf", "-Infinity", "1e999"] {
            assert!(
                matches!(read(text), Err(DataError::NotFinite { line: 3, column, value, .. })
                if column == "y" && value == text)
            );
        }
    }

    #[test]
    fn numbers_that_went_wrong_are_refused_with_their_place() {
        for text in [
            "2,5",
            "1,234",
            "-0,1e3",
            "\u{2212}1",
            "1e",
            "0x10",
            "1_000",
            "12%",
        ] {
            assert!(
                matches!(read(text), Err(DataError::Malformed { line: 3, column, value, .. })
                if column == "y" && value == text)
            );
        }
    }
}
