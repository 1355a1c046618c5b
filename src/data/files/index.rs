//! The index column of a data frame: a first column without a name.

use std::collections::HashSet;

use super::cell::{Reading, classify};
use super::records::Records;
use super::slip::Slip;
use super::{Cell, DataError, Table};
use crate::text::printable;

/// What a first column without a name is, below the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// It counts the rows: 0, 1, ….
    FromZero,
    /// It counts the rows: 1, 2, ….
    FromOne,
    /// It names the rows, each otherwise, in words.
    Words,
    /// It names the rows, each otherwise, in quotes.
    Quoted,
}

impl Index {
    /// Looks at the first column below the first record.
    pub(super) fn of(records: Records) -> Result<Option<Index>, DataError> {
        let (mut zero, mut one, mut words, mut quoted) = (true, true, true, true);
        let mut seen = HashSet::new();
        for (at, record) in records.iter().skip(1).enumerate() {
            let mut record = record?;
            let cell = record.cells.swap_remove(0);
            zero &= cell.text == at.to_string();
            one &= cell.text == (at + 1).to_string();
            words &= matches!(
                classify(&cell.text),
                Reading::Word | Reading::Slip(Slip::Other)
            );
            quoted &= cell.quoted && !cell.is_blank();
            if words || quoted {
                let new = seen.insert(cell.text);
                (words, quoted) = (words && new, quoted && new);
            }
            if !(zero || one || words || quoted) {
                return Ok(None);
            }
        }
        let found = [
            (zero, Index::FromZero),
            (one, Index::FromOne),
            (words, Index::Words),
            (quoted, Index::Quoted),
        ];
        Ok(found
            .into_iter()
            .find_map(|(is, index)| is.then_some(index)))
    }

    /// What is said of it.
    pub(super) fn note(self) -> String {
        match self {
            Index::FromZero | Index::FromOne => {
                "the first column has no name and counts the rows: it is left out".into()
            }
            Index::Words | Index::Quoted => {
                "the first column has no name and names the rows: it is left out".into()
            }
        }
    }
}

/// Whether a name in a header is none; `Unnamed: 0` is what pandas makes of none.
pub(super) fn is_unnamed(name: &str) -> bool {
    name.is_empty() || name.starts_with("Unnamed: 0")
}

/// What is said of a table whose first column may be an index, or whose first row a header, all the same.
pub(super) fn hint(table: &Table) -> Option<String> {
    let rows = table.rows();
    let counts = |from: usize| {
        let mut counted = rows.iter().zip(from..);
        rows.len() > 2 && counted.all(|(row, at)| row[0] == Cell::Number(at as f64))
    };
    if table.columns() > 1 && (counts(0) || counts(1)) {
        let name = match table.names() {
            Some(_) => format!("`{}`", printable(&table.column_name(0))),
            None => table.column_name(0),
        };
        return Some(format!(
            "{name} counts the rows and is taken for data: remove it if it is an index"
        ));
    }
    let (first, rest) = rows.split_first()?;
    let numbers = first
        .iter()
        .zip(1..)
        .all(|(cell, at)| *cell == Cell::Number(f64::from(at)));
    let whole = |cell: &Cell| {
        let number = cell.number();
        number.is_some_and(|value| value.fract() == 0.0)
    };
    let differ = !rest.is_empty() && !rest.iter().flatten().any(whole);
    (table.names().is_none() && table.columns() > 1 && numbers && differ).then(|| {
        "the first row counts the columns and is taken for data: remove it if it is a header".into()
    })
}

#[cfg(test)]
mod tests {
    use super::super::csv_from_reader;
    use super::*;

    fn read(text: &str) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_bytes())
    }

    #[test]
    fn an_index_is_left_out_and_noted() {
        for (text, note) in [
            (",x,y\n0,.1,.2\n1,.3,.5\n2,.7,.1\n", "counts the rows"),
            (
                "Unnamed: 0,x,y\n0,.1,.2\n1,.3,.5\n2,.7,.1\n",
                "counts the rows",
            ),
            (
                "\"\",\"x\",\"y\"\n\"1\",.1,.2\n\"2\",.3,.5\n\"3\",.7,.1\n",
                "counts the rows",
            ),
            (
                "\"x\" \"y\"\n\"1\" .1 .2\n\"2\" .3 .5\n\"3\" .7 .1\n",
                "counts the rows",
            ),
            ("x y\n1 .1 .2\n2 .3 .5\n3 .7 .1\n", "counts the rows"),
            (
                "\tx\ty\n0\t.1\t.2\n1\t.3\t.5\n2\t.7\t.1\n",
                "counts the rows",
            ),
            (
                "\"x\" \"y\"\n\"7\" .1 .2\n\"3\" .3 .5\n\"9\" .7 .1\n",
                "names the rows",
            ),
            (
                "\"\",\"x\",\"y\"\n\"Mazda\",.1,.2\n\"Fiat\",.3,.5\n\"Volvo\",.7,.1\n",
                "names the rows",
            ),
            (
                ",x,y\n2020-01-01,.1,.2\n2020-01-02,.3,.5\n2020-01-03,.7,.1\n",
                "names the rows",
            ),
        ] {
            let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(table.names().unwrap(), ["x", "y"], "{text:?}");
            let expected = nalgebra::DMatrix::from_row_slice(3, 2, &[0.1, 0.2, 0.3, 0.5, 0.7, 0.1]);
            assert_eq!(table.to_matrix().unwrap(), expected, "{text:?}");
            let noted = |found: &String| found.contains(note) && found.ends_with("it is left out");
            assert!(table.notes().iter().any(noted), "{:?}", table.notes());
        }
    }

    #[test]
    fn what_may_be_an_input_is_refused() {
        for text in [
            ",x,y\n17,.1,.2\n3,.3,.5\n",
            ",x,y\n0,.1,.2\n2,.3,.5\n",
            ",x,y\n0.5,.1,.2\n0.7,.3,.5\n",
            ",x,y\na,.1,.2\na,.3,.5\n",
            ",,y\n0,.1,.2\n1,.3,.5\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::UnnamedColumn { line: 1, .. }),
                "{text:?}: {error}"
            );
            // Both remedies serve.
            assert!(read(&format!("i{text}")).is_ok());
        }
        // A cell more than the header has is an index only if it looks like one.
        let error = read("x,y\n1,2,3\n4,5,6\n").unwrap_err();
        assert!(
            matches!(
                error,
                DataError::RaggedRow {
                    line: 2,
                    cells: 3,
                    expected: 2,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_named_first_column_is_data() {
        for text in ["i,x\n0,.1\n1,.3\n", "x,\n0,.1\n1,.3\n"] {
            assert_eq!(read(text).unwrap().columns(), 2);
        }
    }

    #[test]
    fn a_first_column_that_counts_is_pointed_at() {
        let hint = |text: &str| {
            let table = read(text).unwrap();
            assert_eq!(table.columns(), 2);
            table
                .notes()
                .iter()
                .any(|note| note.contains(" counts the rows and is taken for data"))
        };
        assert!(hint("0,.1\n1,.3\n2,.2\n"));
        assert!(hint("1,.1\n2,.3\n3,.2\n"));
        assert!(!hint("0,.1\n1,.3\n"));
        assert!(!hint("0,.1\n1,.3\n3,.2\n"));
        assert!(hint("i,x\n0,.1\n1,.3\n2,.2\n"));
        let header = |text: &str| {
            read(text)
                .unwrap()
                .notes()
                .iter()
                .any(|note| note.starts_with("the first row counts"))
        };
        assert!(header("1,2\n.1,.3\n.2,.2\n"));
        assert!(!header("1,2\n.1,.3\n2,.2\n"));
        assert!(!header("1,2\n"));
    }
}
