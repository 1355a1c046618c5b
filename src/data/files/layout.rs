//! The layout of delimited text: which cells of a row are read, and what the columns are called.

use super::DataError;
use super::half::is_triangle;
use super::header::{commented_names, header_names};
use super::index::{Index, is_unnamed};
use super::records::{Field, Record, Records};
use super::table::default_name;
use crate::text::count;

/// Which cells of a row are read, and what they are called.
pub(super) struct Layout {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) names: Option<Vec<String>>,
}

impl Layout {
    pub(super) fn find(
        records: Records,
        first: &Record,
        second: Option<&Record>,
        header: bool,
        notes: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        let rows = records.iter().skip(usize::from(header));
        let body = if header { second } else { Some(first) };
        let Some(body) = body else {
            return Err(DataError::HeaderOnly {
                file: records.name.to_owned(),
                line: first.line,
                names: header_names(records.name, &first.cells)?,
            });
        };
        let width = body.cells.len();
        let mut empty = width;
        for row in rows {
            let row = row?;
            if row.cells.len() != width {
                let rows = records.iter().skip(usize::from(header));
                let lengths = rows.map(|row| Ok(row?.cells.len()));
                return Err(
                    match is_triangle(&lengths.collect::<Result<Vec<_>, DataError>>()?) {
                        true => DataError::HalfMatrix {
                            file: records.name.to_owned(),
                            line: row.line,
                        },
                        false => ragged(records, &row, body),
                    },
                );
            }
            empty = empty.min(row.trailing());
        }
        if header {
            let named = first.cells.len() - first.trailing();
            empty = empty.min(width.saturating_sub(named));
        }
        let end = width - empty;
        match empty {
            0 => {}
            1 => notes.push(
                "every row ends in a separator: the empty column behind it is left out".into(),
            ),
            _ => notes.push(format!("{empty} empty columns at the end are left out")),
        }
        let mut layout = Self {
            begin: 0,
            end,
            names: None,
        };
        if header {
            layout.name(records, first, body, notes)?;
        } else if let Some((line, names)) = commented_names(records, first.line, end) {
            notes.push(format!("the comment in line {line} names the columns"));
            layout.names = Some(names);
        } else {
            notes.push("there is no header: the first row is data".into());
        }
        Ok(layout)
    }

    /// Names the columns by the header, and leaves out an index.
    fn name(
        &mut self,
        records: Records,
        first: &Record,
        body: &Record,
        notes: &mut Vec<String>,
    ) -> Result<(), DataError> {
        let named = first.cells.len() - first.trailing();
        let length = first.cells.len().min(self.end.max(named));
        let mut cells = &first.cells[..length];
        let headless = length + 1 == self.end;
        if length != self.end && !headless {
            return Err(ragged(records, body, first));
        }
        if headless || (length > 1 && is_unnamed(&cells[0].text)) {
            let several = !headless && is_unnamed(&cells[1].text);
            let alone = headless && records.iter().nth(2).is_none();
            let index = match Index::of(records)? {
                Some(Index::FromZero | Index::FromOne) if alone => None,
                found => found.filter(|_| !several),
            };
            let Some(index) = index else {
                return Err(match headless {
                    true => ragged(records, body, first),
                    false => DataError::UnnamedColumn {
                        file: records.name.to_owned(),
                        line: first.line,
                    },
                });
            };
            self.begin = 1;
            if !headless {
                cells = &cells[1..];
            }
            notes.push(index.note());
        }
        let numbered = cells
            .iter()
            .enumerate()
            .all(|(at, cell)| cell.text == at.to_string());
        notes.push(format!(
            "line {} is a header: it {}",
            first.line,
            if numbered {
                "numbers the columns from 0"
            } else {
                "names the columns"
            }
        ));
        notes.extend(unnamed(cells));
        self.names = Some(header_names(records.name, cells)?);
        Ok(())
    }
}

/// What is said of columns without a name that are taken for data; pandas writes `Unnamed: 2` for none.
fn unnamed(cells: &[Field]) -> Option<String> {
    let is_nameless = |cell: &Field| cell.is_blank() || cell.text.starts_with("Unnamed: ");
    let nameless = cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| is_nameless(cell));
    let places: Vec<usize> = nameless.map(|(at, _)| at).collect();
    let first = default_name(*places.first()?);
    Some(match places.len() {
        1 => format!("{first} has no name and is taken for data: remove it if it is none"),
        many => format!(
            "{}, the first of them {first}, have no name and are taken for data: remove what is none",
            count(many, "column")
        ),
    })
}

fn ragged(records: Records, row: &Record, other: &Record) -> DataError {
    let (cells, expected) = (row.cells.len(), other.cells.len());
    let (longer, shorter) = if cells > expected {
        (row, expected)
    } else {
        (other, cells)
    };
    DataError::RaggedRow {
        file: records.name.to_owned(),
        line: row.line,
        cells,
        expected,
        separator: records.separator,
        trailing: longer.cells.len() - longer.trailing() <= shorter,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Separator, Table, csv_from_reader};
    use super::*;

    fn read(text: &str) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_bytes())
    }

    #[test]
    fn empty_columns_at_the_end_are_left_out_and_noted() {
        for (text, columns, note) in [
            ("1,2,\n3,4,\n", 2, "every row ends in a separator"),
            ("x,y,\n1,2,\n3,4,\n", 2, "every row ends in a separator"),
            ("x,y\n1,2,\n3,4,\n", 2, "every row ends in a separator"),
            ("1;2;;;\n3;4;;;\n;;;;\n", 2, "3 empty columns at the end"),
            ("1\t2\t\n3\t4\t\n", 2, "every row ends in a separator"),
            (
                ",x,y,\n0,1,2,\n1,3,4,\n",
                2,
                "every row ends in a separator",
            ),
        ] {
            let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            let expected = [[1.0, 2.0], [3.0, 4.0]].map(|row| row.map(Cell::Number));
            assert_eq!(table.rows(), expected, "{text:?}");
            assert_eq!(table.columns(), columns);
            assert!(
                table.notes().iter().any(|found| found.starts_with(note)),
                "{:?}",
                table.notes()
            );
        }
        // A header of its own makes the column one of missing values.
        assert!(matches!(
            read("x,y,z\n1,2,\n3,4,\n"),
            Err(DataError::MissingValue { line: 2, column, .. }) if column == "z"
        ));
        assert_eq!(read("x,y,\n1,2\n3,4\n").unwrap().columns(), 2);
    }

    #[test]
    fn columns_without_a_name_are_noted() {
        for (text, note) in [
            ("x,y,\n.1,.2,0\n.3,.4,1\n", Some("column 3 has no name")),
            ("x,,y\n.1,0,.2\n.3,1,.4\n", Some("column 2 has no name")),
            ("x,y,Unnamed: 2\n.1,.2,0\n", Some("column 3 has no name")),
            (
                "x,,y,\n1,2,3,4\n5,6,7,8\n",
                Some("2 columns, the first of them column 2, have no name"),
            ),
            (
                ",x,,y\n0,.1,7,.2\n1,.3,8,.4\n",
                Some("column 2 has no name"),
            ),
            ("x,y,\n1,2,\n3,4,\n", None),
            ("x,y,\n1,2\n3,4\n", None),
            ("x,y\n1,2\n", None),
        ] {
            let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            let is_said = |note: &&String| note.contains("no name and");
            let mut notes = table.notes().iter().filter(is_said);
            let said = notes.find(|note| note.contains("taken for data"));
            match (said, note) {
                (Some(said), Some(note)) => assert!(said.starts_with(note), "{said}"),
                (said, note) => assert_eq!(said.is_some(), note.is_some(), "{text:?}"),
            }
        }
    }

    #[test]
    fn ragged_rows_are_refused_with_their_line() {
        for (text, at, found, rows, trailing) in [
            ("1,2\n\n3\n", 3, 1, 2, false),
            ("x,y\n1,2\n3,4,5\n", 3, 3, 2, false),
            ("1,2\n3,4,\n", 2, 3, 2, true),
            ("1,2,\n3,4\n", 2, 2, 3, true),
            ("x,y,z\n1,2\n3,4\n", 2, 2, 3, false),
            ("x,y\n1,2,3\n", 2, 3, 2, false),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::RaggedRow { line, cells, expected, trailing: empty, separator: Separator::Comma, .. }
                if line == at && cells == found && expected == rows && empty == trailing),
                "{text:?}: {error}"
            );
            assert_eq!(error.to_string().contains("at the end of a line"), trailing);
        }
        let error = read("1 2\n3\n").unwrap_err().to_string();
        assert!(error.contains("1 cell separated by blanks"), "{error}");
    }
}
