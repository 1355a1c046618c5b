//! The header of delimited text: whether there is one, and the names in it.

use std::collections::HashMap;

use super::DataError;
use super::cell::{Reading, classify};
use super::index::{Index, is_unnamed};
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

/// Whether the first record is `0, 1, …, d − 1` and numbers the columns, as data frames without names do.
///
/// Behind a first cell without a name, or with a cell fewer than the second record, it does if the first column is an
/// [`Index`]. Else, with `d > 1`, it does
///
/// * if a column has a word below and none of it is a number;
/// * or if the rest is a symmetric matrix, of order 3 or more;
/// * or if all numbers below have a point or an exponent (this record has none), and the first column does not go on
///   from 0 in equal steps, as that of a function table `(x, f(x))` would.
///
/// The whole is data if a comment names the columns, if it is a symmetric matrix, and if `d = 1` and it holds other whole numbers or begins in equal
/// steps. Everything else is refused: it may be either.
fn is_numbered(records: Records, first: &Record) -> Result<bool, DataError> {
    let mut cells = &first.cells[..first.cells.len() - first.trailing()];
    let corner = cells.first().is_some_and(|cell| is_unnamed(&cell.text));
    if corner {
        cells = &cells[1..];
    }
    let counts = |(at, cell): (usize, &Field)| !cell.quoted && cell.text == at.to_string();
    if cells.is_empty() || !cells.iter().enumerate().all(counts) {
        return Ok(false);
    }
    let file = || records.name.to_owned();
    let Some(second) = records.iter().nth(1).transpose()? else {
        return Ok(false);
    };
    if commented_names(records, first.line, cells.len()).is_some() {
        return Ok(false);
    }
    let headless = !corner && second.cells.len() - second.trailing() == cells.len() + 1;
    if corner || headless {
        return match Index::of(records)? {
            // 1, 2 under a lost first cell may be a lost 0 too.
            Some(Index::FromOne) if cells.len() == 1 => Err(DataError::UnnamedColumn {
                file: file(),
                line: first.line,
            }),
            Some(_) => Ok(true),
            None if headless => Ok(false),
            None => Err(DataError::UnnamedColumn {
                file: file(),
                line: first.line,
            }),
        };
    }
    let below = Below::read(records, cells.len())?;
    if below.is_symmetric_with_first() {
        return Ok(false);
    }
    if cells.len() == 1 && (below.has_bare || below.goes_on_in_steps()) {
        return Ok(false);
    }
    let matrix = cells.len() > 2 && below.is_symmetric();
    let named = below.has_words || matrix || !(below.has_bare || below.goes_on_in_steps());
    if cells.len() > 1 && named {
        return Ok(true);
    }
    Err(DataError::NumberedColumns {
        file: file(),
        line: first.line,
        columns: cells.len(),
    })
}

/// What stands below a first record `0, 1, …, d − 1`.
struct Below {
    columns: usize,
    /// Numbers, or NaN for what is none.
    rows: Vec<Vec<f64>>,
    /// A whole number without a point.
    has_bare: bool,
    /// A column without a number, and with a word.
    has_words: bool,
}

impl Below {
    fn read(records: Records, columns: usize) -> Result<Self, DataError> {
        let (mut rows, mut has_bare) = (vec![], false);
        let mut words = vec![true; columns];
        for record in records.iter().skip(1) {
            let record = record?;
            let mut row = Vec::with_capacity(columns);
            for (column, cell) in record.cells.iter().take(columns).enumerate() {
                let value = number(&cell.text);
                has_bare |= value.is_some()
                    && !cell
                        .text
                        .contains(|c: char| c == '.' || c.is_ascii_alphabetic());
                words[column] &= matches!(classify(&cell.text), Reading::Word);
                row.push(value.unwrap_or(f64::NAN));
            }
            rows.push(row);
        }
        Ok(Self {
            columns,
            rows,
            has_bare,
            has_words: words.contains(&true),
        })
    }

    fn is_symmetric(&self) -> bool {
        is_symmetric(
            self.columns,
            &self.rows.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        )
    }

    fn is_symmetric_with_first(&self) -> bool {
        let first: Vec<f64> = (0..self.columns).map(|column| column as f64).collect();
        let rows = std::iter::once(&first).chain(&self.rows);
        is_symmetric(self.columns, &rows.map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// Whether the first column is 0, s, 2s: to the rounding of the two numbers that are read.
    fn goes_on_in_steps(&self) -> bool {
        let at = |row: usize| self.rows.get(row).and_then(|row| row.first()).copied();
        match (at(0), at(1)) {
            (Some(one), Some(two)) => {
                // Each number is read with a relative error of at most half an epsilon.
                let rounding = f64::EPSILON / 2.0 * (2.0 * one.abs() + two.abs());
                one != 0.0 && (two - 2.0 * one).abs() <= rounding
            }
            (Some(_), None) => true,
            _ => false,
        }
    }
}

fn is_symmetric(order: usize, rows: &[&[f64]]) -> bool {
    rows.len() == order
        && rows.iter().all(|row| row.len() == order)
        && (0..order).all(|i| (0..=i).all(|j| rows[i][j] == rows[j][i]))
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
        assert_eq!(table.notes(), ["line 3 is a header: it names the columns"]);
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
    fn numbered_columns_are_found() {
        for (text, rows) in [
            ("0,1\n.1,.2\n.3,.5\n.7,.1\n", 3),
            (",0,1\n0,.1,.2\n1,.3,.5\n", 2),
            (",0,1\n1,.1,.2\n2,.3,.5\n", 2),
            (",0\n0,.1\n1,.3\n", 2),
            ("Unnamed: 0,0,1\n0,.1,.2\n1,.3,.5\n", 2),
            (",0,1\na,.1,.2\nb,.3,.5\n", 2),
            ("0,1\n0,.1,.2\n1,.3,.5\n", 2),
            ("0,1,2\n.1,.2,cat\n.3,.5,dog\n", 2),
            ("0,1,2\n1,.5,.2\n.5,1,.1\n.2,.1,1\n", 3),
            ("0 1\n1.5e0 2.0\n-1.0 7.25\n", 2),
        ] {
            let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(table.rows().len(), rows, "{text:?}");
            assert_eq!(table.names().unwrap()[0], "0", "{text:?}");
            let note = "line 1 is a header: it numbers the columns from 0";
            assert!(
                table.notes().iter().any(|found| found == note),
                "{:?}",
                table.notes()
            );
        }
    }

    #[test]
    fn data_that_begin_like_numbered_columns_are_data() {
        for text in [
            "0,1\n1,0\n",
            "0,1,2\n1,0,1\n2,1,0\n",
            "0\n1\n2\n",
            "0\n0.1\n0.2\n0.3\n",
            "0\n3\n1.5\n",
            "0\n",
            "0,1\n",
            "0.0,1.0\n.1,.2\n.3,.5\n",
            "1,2\n.1,.2\n.3,.5\n",
        ] {
            let table = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(
                (table.names(), table.rows().len()),
                (None, text.lines().count()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_may_be_either_is_refused_with_a_remedy_for_both() {
        for text in [
            "0,1\n.1,.995\n.2,.980\n.3,.955\n",
            "0,1\n1,2\n2,5\n",
            "0,1\n.1,1\n.3,0\n.7,1\n",
            "0\n.37\n.11\n",
            "0,1,2,3\n4,5,6,7\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::NumberedColumns { line: 1, .. }),
                "{error}"
            );
            let data = text.replacen('0', "0.0", 1);
            assert_eq!(read(&data).unwrap().rows().len(), text.lines().count());
            let rest = text.split_once('\n').unwrap().1;
            assert_eq!(read(rest).unwrap().rows().len(), text.lines().count() - 1);
        }
        for text in [",0,1\n17,.1,.2\n3,.3,.5\n", ",0\n1,.1\n2,.3\n"] {
            assert!(
                matches!(read(text), Err(DataError::UnnamedColumn { line: 1, .. })),
                "{text:?}"
            );
        }
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
