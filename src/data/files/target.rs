//! The target: which column it is, and how it is encoded.

use std::convert::Infallible;
use std::str::FromStr;

use super::slip::Slip;
use super::{Cell, DataError, Table};
use crate::text::excerpt;
use std::fmt;

/// The most distinct values of an integer target that is read as a label.
pub const MAX_INTEGER_LABELS: usize = 20;

/// The most distinct labels that are encoded.
pub const MAX_LABELS: usize = 1000;

/// Which column is the target.
///
/// Parsed from a word: `LAST` in any case is the last column, anything else a name. A name that no
/// column has, and that is a whole number, is a 1-based index when it is used.
///
/// ```
/// use polyak::data::TargetColumn;
///
/// assert_eq!("last".parse(), Ok(TargetColumn::Last));
/// assert_eq!("price".parse(), Ok(TargetColumn::Named("price".into())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TargetColumn {
    /// The last column.
    #[default]
    Last,
    /// The column of this name, case and all; failing that, of this 1-based index if it is a number.
    Named(String),
    /// The column of this 1-based index.
    Index(usize),
}

impl fmt::Display for TargetColumn {
    /// As it is read: `last`, a name, or an index.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last => f.pad("last"),
            Self::Named(name) => f.pad(name),
            Self::Index(index) => f.pad(&index.to_string()),
        }
    }
}

impl FromStr for TargetColumn {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        let word = word.trim();
        Ok(if word.eq_ignore_ascii_case("last") {
            Self::Last
        } else {
            Self::Named(word.to_owned())
        })
    }
}

impl TargetColumn {
    /// The column it means in a table, counted from 0.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`], with the names there are; [`DataError::ColumnOutOfRange`].
    pub fn resolve(&self, table: &Table) -> Result<usize, DataError> {
        let columns = table.columns();
        let index = match self {
            Self::Last => columns,
            Self::Index(index) => *index,
            Self::Named(name) => {
                let position = table
                    .names()
                    .and_then(|names| names.iter().position(|other| other == name));
                match (position, name.parse()) {
                    (Some(position), _) => position + 1,
                    (None, Ok(index)) => index,
                    (None, Err(_)) => {
                        return Err(DataError::UnknownColumn {
                            file: table.source().to_owned(),
                            name: name.clone(),
                            available: match table.names() {
                                Some(names) => names.to_vec(),
                                None => (1..=columns).map(|index| index.to_string()).collect(),
                            },
                        });
                    }
                }
            }
        };
        if !(1..=columns).contains(&index) {
            return Err(DataError::ColumnOutOfRange {
                file: table.source().to_owned(),
                index,
                columns,
            });
        }
        Ok(index - 1)
    }
}

/// A target column, encoded.
pub(super) enum Target {
    /// For each row the position of its label among the labels, which are sorted.
    Labels {
        labels: Vec<Cell>,
        classes: Vec<usize>,
    },
    /// A real number for each row; not constant.
    Real(Vec<f64>),
}

/// Encodes a column, counted from 0: a label if it has a word (its numbers must then be integers), or if
/// all its cells are integers with at most [`MAX_INTEGER_LABELS`] distinct values, fewer than half the
/// rows; else a real number.
pub(super) fn encode(table: &Table, column: usize) -> Result<Target, DataError> {
    let file = || table.source().to_owned();
    let cells: Vec<&Cell> = table.rows().iter().map(|row| &row[column]).collect();
    let mut labels: Vec<Cell> = cells.iter().map(|cell| (*cell).clone()).collect();
    labels.sort();
    labels.dedup();
    if labels.len() == 1 {
        return Err(DataError::ConstantTarget {
            file: file(),
            column: table.column_name(column),
            value: excerpt(&labels[0].to_string()),
        });
    }
    let numbers: Option<Vec<f64>> = cells.iter().map(|cell| cell.number()).collect();
    if let Some(numbers) = numbers {
        let integers = numbers.iter().all(|value| value.fract() == 0.0);
        if !(integers && labels.len() <= MAX_INTEGER_LABELS && 2 * labels.len() < cells.len()) {
            return Ok(Target::Real(numbers));
        }
    }
    let fraction = labels
        .iter()
        .filter_map(Cell::number)
        .find(|value| value.fract() != 0.0);
    let word = cells.iter().position(|cell| cell.number().is_none());
    // Of `1, 2, 3o` the last is a slip, not a label.
    let slip = cells
        .iter()
        .position(|cell| matches!(cell, Cell::Word(word) if Slip::of(word).is_some()));
    let (number, word) = match (fraction, slip) {
        (None, Some(_)) => (labels.iter().find_map(Cell::number), slip),
        _ => (fraction, word),
    };
    if let (Some(number), Some(row)) = (number, word) {
        return Err(DataError::MixedTarget {
            file: file(),
            line: table.lines()[row],
            column: table.column_name(column),
            value: excerpt(&cells[row].to_string()),
            number,
        });
    }
    if labels.len() > MAX_LABELS {
        return Err(DataError::TooManyLabels {
            file: file(),
            column: table.column_name(column),
            labels: labels.len(),
            limit: MAX_LABELS,
        });
    }
    let class = |cell: &&Cell| labels.partition_point(|label| label < *cell);
    let classes = cells.iter().map(class).collect();
    Ok(Target::Labels { labels, classes })
}

#[cfg(test)]
mod tests {
    use super::super::csv_from_reader;
    use super::*;

    fn named() -> Table {
        csv_from_reader("t", "x,y,z\n1,2,3\n4,5,6\n".as_bytes()).unwrap()
    }

    fn unnamed() -> Table {
        csv_from_reader("t", "1,2,3\n4,5,6\n".as_bytes()).unwrap()
    }

    fn parsed(word: &str) -> TargetColumn {
        word.parse().unwrap()
    }

    #[test]
    fn words_resolve_to_columns() {
        for (word, column) in [
            ("LAST", 2),
            ("last", 2),
            (" Last ", 2),
            ("x", 0),
            ("y", 1),
            ("1", 0),
            ("3", 2),
        ] {
            assert_eq!(parsed(word).resolve(&named()).unwrap(), column, "{word}");
        }
        assert_eq!(parsed("2").resolve(&unnamed()).unwrap(), 1);
        assert_eq!(TargetColumn::Index(1).resolve(&unnamed()).unwrap(), 0);
        assert_eq!(TargetColumn::default().resolve(&unnamed()).unwrap(), 2);
    }

    #[test]
    fn a_numeric_name_comes_before_an_index() {
        let mut table = named();
        table.names = Some(vec!["3".into(), "2020".into(), "last".into()]);
        assert_eq!(parsed("3").resolve(&table).unwrap(), 0);
        assert_eq!(parsed("2020").resolve(&table).unwrap(), 1);
        assert_eq!(parsed("2").resolve(&table).unwrap(), 1);
        assert_eq!(TargetColumn::Index(3).resolve(&table).unwrap(), 2);
    }

    #[test]
    fn absent_names_list_the_available_ones() {
        for word in ["X", "", "-1", "1.0", "99999999999999999999999"] {
            let error = parsed(word).resolve(&named()).unwrap_err();
            assert!(
                matches!(error, DataError::UnknownColumn { name, available, .. }
                if name == word && available == ["x", "y", "z"])
            );
        }
        let error = parsed("y").resolve(&unnamed()).unwrap_err();
        assert!(
            matches!(error, DataError::UnknownColumn { available, .. } if available == ["1", "2", "3"])
        );
    }

    #[test]
    fn indices_out_of_range_are_refused() {
        for target in [
            TargetColumn::Index(0),
            TargetColumn::Index(4),
            parsed("0"),
            parsed("4"),
        ] {
            let error = target.resolve(&named()).unwrap_err();
            assert!(matches!(
                error,
                DataError::ColumnOutOfRange {
                    index: 0 | 4,
                    columns: 3,
                    ..
                }
            ));
        }
    }

    fn encoded(values: impl IntoIterator<Item = impl ToString>) -> Result<Target, DataError> {
        let lines: Vec<String> = values
            .into_iter()
            .map(|value| format!("9,{}", value.to_string()))
            .collect();
        encode(
            &csv_from_reader("t", lines.join("\n").as_bytes()).unwrap(),
            1,
        )
    }

    fn is_label(values: impl IntoIterator<Item = impl ToString>) -> bool {
        matches!(encoded(values).unwrap(), Target::Labels { .. })
    }

    #[test]
    fn few_integers_are_labels() {
        assert!(is_label([0, 1, 0, 1, 0]));
        assert!(!is_label([0, 1, 0, 1])); // 2 distinct is half of 4
        assert!(!is_label([0, 1, 2, 0, 1, 2]));
        assert!(!is_label(["0", "1", "0", "1", "0.5", "0", "0"]));
        assert!(is_label((0..41).map(|i| i % 20)));
        assert!(!is_label((0..43).map(|i| i % 21)));
        assert!(is_label(["a", "b"]));
    }

    #[test]
    fn labels_are_sorted_numbers_by_value() {
        let Target::Labels { labels, classes } = encoded([10, 9, -1, 9, 10, 9, 9]).unwrap() else {
            panic!("integers are labels")
        };
        assert_eq!(labels, [-1.0, 9.0, 10.0].map(Cell::Number));
        assert_eq!(classes, [2, 1, 0, 1, 2, 1, 1]);
        let Target::Labels { labels, classes } = encoded(["b", "a", "c", "a", "7"]).unwrap() else {
            panic!("words are labels")
        };
        assert_eq!(
            labels.iter().map(Cell::to_string).collect::<Vec<_>>(),
            ["7", "a", "b", "c"]
        );
        assert_eq!(classes, [2, 1, 3, 1, 0]);
    }

    #[test]
    fn real_targets_keep_their_values() {
        let Target::Real(values) = encoded([1.5, -2.0, 0.25]).unwrap() else {
            panic!("numbers are real")
        };
        assert_eq!(values, [1.5, -2.0, 0.25]);
    }

    #[test]
    fn constant_targets_are_refused() {
        for values in [["2", "2", "2.0"], ["a", "a", "a"], ["0", "-0", "0"]] {
            let error = encoded(values).err().unwrap();
            assert!(
                matches!(error, DataError::ConstantTarget { column, .. } if column == "column 2")
            );
        }
    }

    #[test]
    fn words_among_fractions_are_refused() {
        let error = encoded(["1", "1.5", "x", "y", "2.5"]).err().unwrap();
        assert!(
            matches!(error, DataError::MixedTarget { line: 3, column, value, number: 1.5, .. }
            if column == "column 2" && value == "x")
        );
        assert!(is_label(["1", "x", "2"]));
        let error = encoded(["1", "2", "3o", "4"]).err().unwrap();
        assert!(
            matches!(error, DataError::MixedTarget { line: 3, value, number: 1.0, .. } if value == "3o")
        );
        assert!(is_label(["1st", "2nd", "1st"]));
    }

    #[test]
    fn too_many_labels_are_refused() {
        assert!(is_label((0..1000).map(|i| format!("w{i}"))));
        let error = encoded((0..1001).map(|i| format!("w{i}"))).err().unwrap();
        assert!(matches!(
            error,
            DataError::TooManyLabels {
                labels: 1001,
                limit: 1000,
                ..
            }
        ));
    }
}
