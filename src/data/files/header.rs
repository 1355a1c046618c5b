//! The header of delimited text: whether there is one, and the names in it.

use std::collections::HashMap;

use super::DataError;
use super::cell::{Reading, classify};
use super::numbered::is_numbered;
use super::records::{Field, Record, Records};
use super::slip::{Slip, number};
use super::table::default_name;
use crate::text::excerpt;

/// Whether the first record is a header.
///
/// It is one
///
/// * if all its cells are words, or words and blanks with some word over a number of the second record;
/// * if all its cells are quoted and some below are not;
/// * if it is 0, 1, …, d − 1, by the rules of [`is_numbered`].
///
/// A word over a number in any other first record is an error, and so is a cell that begins like a number where the
/// rest would make a header: a [`Slip`] is no name, unless it is quoted and no number that went wrong.
pub(super) fn is_header(
    records: Records,
    first: &Record,
    second: Option<&Record>,
) -> Result<bool, DataError> {
    if is_quoted(first, second) {
        let slip = first
            .cells
            .iter()
            .position(|cell| malformed(cell).is_some());
        return slip.map_or(Ok(true), |column| Err(misread(records.name, first, column)));
    }
    if is_numbered(records, first)? {
        return Ok(true);
    }
    let shift =
        usize::from(second.is_some_and(|second| second.cells.len() == first.cells.len() + 1));
    let below =
        |column: usize| second.and_then(|second| number(&second.cells.get(column + shift)?.text));
    let (mut words, mut blanks, mut slip, mut over) = (0, 0, None, None);
    for (column, cell) in first.cells.iter().enumerate() {
        match classify(&cell.text) {
            Reading::Blank => blanks += 1,
            Reading::Slip(Slip::Other) if cell.quoted => words += 1,
            Reading::Word => {
                words += 1;
                over = over.or(below(column).map(|number| (column, number)));
            }
            Reading::Slip(_) => slip = slip.or(Some((column, below(column)))),
            Reading::Number(_) | Reading::Missing | Reading::Infinite => {}
        }
    }
    let others = first.cells.len() - words - blanks;
    let numbers = first
        .cells
        .iter()
        .filter(|cell| is_filled_number(cell))
        .count();
    if let Some((column, below)) = slip
        && (numbers == 0 || below.is_some())
    {
        return Err(misread(records.name, first, column));
    }
    match over {
        _ if words == first.cells.len() => Ok(true),
        Some(_) if others == 0 => Ok(true),
        Some((column, number)) => Err(DataError::AmbiguousHeader {
            file: records.name.to_owned(),
            line: first.line,
            column: column + 1,
            word: excerpt(&first.cells[column].text),
            number,
        }),
        None => Ok(false),
    }
}

/// A number, finite or not, or a mark of a missing one.
fn is_filled_number(cell: &Field) -> bool {
    matches!(
        classify(&cell.text),
        Reading::Number(_) | Reading::Missing | Reading::Infinite
    )
}

/// Whether all cells of the first record are quoted, and some cell of the second is not.
fn is_quoted(first: &Record, second: Option<&Record>) -> bool {
    let all = first.cells.iter().all(|cell| cell.quoted);
    all && second.is_some_and(|second| {
        second
            .cells
            .iter()
            .any(|cell| !cell.quoted && !cell.is_blank())
    })
}

/// The slip of a number that went wrong.
fn malformed(cell: &Field) -> Option<Slip> {
    match classify(&cell.text) {
        Reading::Slip(slip) if slip != Slip::Other => Some(slip),
        _ => None,
    }
}

fn misread(file: &str, first: &Record, column: usize) -> DataError {
    let text = &first.cells[column].text;
    DataError::Malformed {
        file: file.to_owned(),
        line: first.line,
        column: default_name(column),
        value: excerpt(text),
        slip: Box::new(Slip::of(text).unwrap_or(Slip::Other)),
    }
}

/// Names of the columns, blanks filled, each once.
pub(super) fn header_names<'a>(
    file: &str,
    cells: impl IntoIterator<Item = &'a Field<'a>>,
) -> Result<Vec<String>, DataError> {
    let name = |(column, cell): (usize, &Field)| {
        if cell.is_blank() {
            default_name(column)
        } else {
            cell.text.clone().into_owned()
        }
    };
    let names: Vec<String> = cells.into_iter().enumerate().map(name).collect();
    match duplicate(&names) {
        None => Ok(names),
        Some((first, second)) => Err(DataError::DuplicateColumn {
            file: file.to_owned(),
            name: excerpt(&names[first]),
            first: first + 1,
            second: second + 1,
        }),
    }
}

fn duplicate(names: &[String]) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    let mut columns = names.iter().enumerate();
    columns.find_map(|(column, name)| seen.insert(name, column).map(|first| (first, column)))
}

/// The names that the last comment before the first record gives to the columns, as NumPy's `savetxt` writes a header:
/// as many different words as there are columns.
pub(super) fn commented_names(
    records: Records,
    first: usize,
    columns: usize,
) -> Option<(usize, Vec<String>)> {
    let (line, comment) = records
        .comments()
        .take_while(|(line, _)| *line < first)
        .last()?;
    for records in [records, records.by_blanks()] {
        let cells = records.cut(line, comment).ok()?.cells;
        let are_words = cells
            .iter()
            .all(|cell| matches!(classify(&cell.text), Reading::Word));
        if cells.len() == columns && are_words {
            let names: Vec<String> = cells
                .into_iter()
                .map(|cell| cell.text.into_owned())
                .collect();
            return duplicate(&names).is_none().then_some((line, names));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Table, csv_from_reader};
    use super::*;

    fn read(text: &str) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_bytes())
    }

    fn names(text: &str) -> Option<Vec<String>> {
        let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        table.names().map(<[_]>::to_vec)
    }

    fn strings(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn headers_are_found() {
        for (text, header) in [
            ("x,y\n1,2\n", true),
            ("x,y\na,b\n", true),
            ("1,2\n3,4\n", false),
            ("1,2\n", false),
            ("1,cat\n2,dog\n", false),
            ("x,\n1,2\n", true),
            ("x y\n1 2\n", true),
        ] {
            let table = read(text).unwrap();
            assert_eq!(table.names().is_some(), header, "{text}");
            assert_eq!(
                table.rows().len(),
                text.lines().count() - usize::from(header),
                "{text}"
            );
            assert_eq!(table.lines()[0], 1 + usize::from(header));
        }
        let table = read("\n\nx,,z\n0,1,2\n").unwrap();
        assert_eq!(table.names().unwrap(), ["x", "column 2", "z"]);
        assert_eq!(
            table.notes(),
            [
                "line 3 is a header: it names the columns",
                "column 2 has no name and is taken for data: remove it if it is none"
            ]
        );
    }

    #[test]
    fn half_headers_are_refused() {
        for (text, column, word) in [
            ("x,2\n1,2\n", 1, "x"),
            ("nan,b\n1,2\n", 2, "b"),
            ("inf,b\n1,2\n", 2, "b"),
            ("NA,b\n1,2\n", 2, "b"),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(&error, DataError::AmbiguousHeader { line: 1, column: at, word: found, .. }
                if *at == column && found == word),
                "{error}"
            );
        }
        // Blanks over numbers are missing values, not a header.
        assert!(matches!(
            read(",cat\n1,dog\n"),
            Err(DataError::MissingValue { line: 1, .. })
        ));
    }

    #[test]
    fn malformed_numbers_are_no_header() {
        for (text, column, says) in [
            (
                "\u{2212}0.5,\u{2212}0.2\n0.3,0.4\n1,2\n",
                "column 1",
                "write -0.5",
            ),
            ("1,\u{2212}0.2\n0.3,0.4\n", "column 2", "write -0.2"),
            ("x,\u{2212}0.2\n0.3,0.4\n", "column 2", "write -0.2"),
            ("1e;2\n3;4\n", "column 1", "no digits"),
            ("0x10,0x20\n1,2\n", "column 1", "base 10"),
            ("1_000,2_000\n1,2\n", "column 1", "write 1000"),
            ("1,5;2,5\n3;4\n", "column 1", "write 1.5"),
            ("1,5 2,5\n3,5 4,5\n", "column 1", "write 1.5"),
            ("12%,13%\n1,2\n", "column 1", "percent"),
            ("\"1,000\",\"2,000\"\n1,2\n", "column 1", "1.000 or 1000"),
            ("\"\u{2212}1\",\"b\"\n1,2\n", "column 1", "write -1"),
            ("1\u{a0}000,2\n3,4\n", "column 1", "write 1000"),
            ("1st,2nd\n1,2\n", "column 1", "quote it if it is a name"),
            ("a,-\n1,2\n", "column 2", "quote it if it is a name"),
            (".id,b\n1,2\n", "column 1", "quote it if it is a name"),
            ("1.2x\n3.4\n", "column 1", "quote it if it is a name"),
            ("(1+2j),(3+4j)\n5,6\n", "column 1", "begins like a number"),
        ] {
            match read(text).unwrap_err() {
                error @ DataError::Malformed { line: 1, .. } => {
                    let message = error.to_string();
                    let begins = format!("t.csv, line 1, {column}: `");
                    assert!(
                        message.starts_with(&begins) && message.contains(says),
                        "{message}"
                    );
                }
                other => panic!("{text:?}: {other}"),
            }
        }
        // Numbers of Fortran are numbers.
        assert_eq!(names("1.0D+00,2.0D+00\n3,4\n5,6\n"), None);
        assert_eq!(read("1.0D+00,2.0D+00\n3,4\n5,6\n").unwrap().rows().len(), 3);
    }

    #[test]
    fn names_may_be_quoted() {
        assert_eq!(names("\"1st\",b\n1,2\n"), strings(&["1st", "b"]));
        assert_eq!(names("\"0\",\"2020\"\n1,2\n"), strings(&["0", "2020"]));
        assert_eq!(names("\"NA\",\"b\"\n1,2\n"), strings(&["NA", "b"]));
        assert_eq!(names("\"1\",\"2\"\n\"3\",\"4\"\n"), None);
    }

    #[test]
    fn names_must_differ() {
        let error = read("x,y,x\n1,2,3\n").unwrap_err();
        assert!(
            matches!(error, DataError::DuplicateColumn { name, first: 1, second: 3, .. } if name == "x")
        );
        assert!(matches!(
            read("column 2,,z\n1,2,3\n"),
            Err(DataError::DuplicateColumn {
                first: 1,
                second: 2,
                ..
            })
        ));
    }

    #[test]
    fn comments_may_name_the_columns() {
        for text in [
            "# x y\n1 2\n3 4\n",
            "# made by hand\n#x,y\n1,2\n",
            "% x y\n1,2\n",
            "#x;y\n\n1;2\n",
        ] {
            let table = read(text).unwrap();
            assert_eq!(table.names().unwrap(), ["x", "y"], "{text:?}");
            assert!(
                table
                    .notes()
                    .iter()
                    .any(|note| note.starts_with("the comment in line"))
            );
        }
        for text in [
            "# x y z\n1 2\n",
            "# 1 2\n1 2\n",
            "# x x\n1 2\n",
            "1 2\n# x y\n3 4\n",
            "#\n1 2\n",
        ] {
            assert_eq!(names(text), None, "{text:?}");
        }
        assert_eq!(read("# x y\n0 1\n.1 .2\n").unwrap().rows().len(), 2);
        // Two comments were a row of one cell.
        assert_eq!(read("# one\n# two\n1,2\n3,4\n").unwrap().rows().len(), 2);
    }
}
