//! A first row that numbers the columns, as data frames without names are written.

use super::DataError;
use super::cell::{Reading, classify};
use super::header::commented_names;
use super::index::{Index, is_unnamed};
use super::records::{Field, Record, Records};
use super::slip::number;

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
pub(super) fn is_numbered(records: Records, first: &Record) -> Result<bool, DataError> {
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

#[cfg(test)]
mod tests {
    use super::super::{Table, csv_from_reader};
    use super::*;

    fn read(text: &str) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_bytes())
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
}
