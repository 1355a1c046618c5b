//! The table: what a file says, before it is prepared.

use nalgebra::DMatrix;

use super::{Cell, DataError};
use crate::text::excerpt;

/// A rectangular table of at least one row and one column, a row a sample.
///
/// Made by [`read_csv`](super::read_csv), [`csv_from_reader`](super::csv_from_reader) and
/// [`Table::from_matrix`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(super) source: String,
    pub(super) names: Option<Vec<String>>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) lines: Vec<usize>,
    pub(super) notes: Vec<String>,
    pub(super) label: Option<usize>,
    /// For each column whether all its cells are decimals that f64 keeps; none if they are not from text.
    pub(super) decimal: Option<Vec<bool>>,
}

impl Table {
    /// The table of a matrix, a row a sample, bit for bit; columns have no names.
    ///
    /// # Errors
    /// [`DataError::Empty`] without an entry, [`DataError::NotFiniteEntry`] for a NaN or an infinity.
    ///
    /// # Example
    /// ```
    /// use nalgebra::DMatrix;
    /// use polyak::data::{Preparation, Table, prepare};
    ///
    /// let table = Table::from_matrix("here", &DMatrix::from_row_slice(2, 3, &[0.0, 1.0, 2.5, 1.0, 1.0, 3.5]))?;
    /// let data = prepare(&table, &Preparation::default().with_standardise(false))?;
    /// assert_eq!(data.inputs, DMatrix::from_row_slice(1, 2, &[0.0, 1.0])); // the constant second column is dropped
    /// assert_eq!(data.targets, DMatrix::from_row_slice(1, 2, &[2.5, 3.5]));
    /// # Ok::<(), polyak::data::DataError>(())
    /// ```
    pub fn from_matrix(source: &str, matrix: &DMatrix<f64>) -> Result<Table, DataError> {
        if matrix.is_empty() {
            return Err(DataError::Empty {
                file: source.to_owned(),
            });
        }
        for row in 0..matrix.nrows() {
            let entries = matrix.row(row);
            if let Some(column) = entries.iter().position(|value| !value.is_finite()) {
                return Err(DataError::NotFiniteEntry {
                    file: source.to_owned(),
                    row: row + 1,
                    column: column + 1,
                    value: entries[column],
                });
            }
        }
        // Iterators of known length: nothing is taken beyond what the table holds.
        let cells = |row| {
            matrix
                .row(row)
                .iter()
                .map(|&value| Cell::Number(value))
                .collect()
        };
        let rows = (0..matrix.nrows()).map(cells).collect();
        Ok(Table {
            source: source.to_owned(),
            names: None,
            rows,
            lines: (1..=matrix.nrows()).collect(),
            notes: vec![],
            label: None,
            decimal: None,
        })
    }

    /// The path or the name of the source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the columns, if the source has a header.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The cells, row by row, the header not included.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// For each row, the 1-based line of the file where it begins; of a matrix, the row.
    #[must_use]
    pub fn lines(&self) -> &[usize] {
        &self.lines
    }

    /// The rules by which the source was read, in words.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The column, from 0, that the source itself calls the label, if it does: it is no coordinate.
    #[must_use]
    pub fn label(&self) -> Option<usize> {
        self.label
    }

    /// Tells whether all cells of a column, from 0, are written as decimals of 15 significant digits at most: then what is
    /// written is the shortest decimal that is read as the number. False of arrays, whose numbers are binary.
    #[must_use]
    pub fn is_decimal(&self, column: usize) -> bool {
        let decimal = self.decimal.as_ref();
        decimal.is_some_and(|decimal| decimal.get(column) == Some(&true))
    }

    /// The number of columns, at least 1.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.rows[0].len()
    }

    /// What a column is called in messages: its name, cut short if it is long, or `column 3` (1-based) where it has none.
    ///
    /// # Panics
    /// If `column`, counted from 0, is not below [`columns`](Self::columns) and there is a header.
    #[must_use]
    pub fn column_name(&self, column: usize) -> String {
        match &self.names {
            Some(names) => excerpt(&names[column]),
            None => default_name(column),
        }
    }

    /// The table as a matrix, rows × columns: a row a sample.
    ///
    /// # Errors
    /// [`DataError::NotNumeric`] at the first word.
    ///
    /// # Example
    /// ```
    /// use nalgebra::DMatrix;
    ///
    /// let points = polyak::data::csv_from_reader("points", "x,y\n0,1\n2,3\n".as_bytes())?.to_matrix()?;
    /// assert_eq!(points, DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 2.0, 3.0]));
    /// # Ok::<(), polyak::data::DataError>(())
    /// ```
    pub fn to_matrix(&self) -> Result<DMatrix<f64>, DataError> {
        let mut entries = Vec::with_capacity(self.rows.len() * self.columns());
        for row in 0..self.rows.len() {
            for column in 0..self.columns() {
                entries.push(self.number(row, column, false)?);
            }
        }
        Ok(DMatrix::from_row_slice(
            self.rows.len(),
            self.columns(),
            &entries,
        ))
    }

    /// The number in a cell, both indices from 0, or [`DataError::NotNumeric`]; `target` tells whether the column might
    /// be named as the target instead.
    pub(super) fn number(&self, row: usize, column: usize, target: bool) -> Result<f64, DataError> {
        match &self.rows[row][column] {
            Cell::Number(value) => Ok(*value),
            Cell::Word(word) => Err(DataError::NotNumeric {
                file: self.source.clone(),
                line: self.lines[row],
                column: self.column_name(column),
                value: excerpt(word),
                target,
            }),
        }
    }
}

/// The name of a column, counted from 0, that has none.
pub(super) fn default_name(column: usize) -> String {
    format!("column {}", column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_survive_to_the_bit() {
        let matrix = DMatrix::from_row_slice(
            2,
            3,
            &[0.1 + 0.2, -0.0, f64::MAX, 5e-324, 1.0 + f64::EPSILON, -1e9],
        );
        let table = Table::from_matrix("m", &matrix).unwrap();
        let back = table.to_matrix().unwrap();
        assert_eq!(back.shape(), (2, 3));
        assert!(
            back.iter()
                .zip(matrix.iter())
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
        assert_eq!(
            (table.source(), table.columns(), table.lines()),
            ("m", 3, &[1, 2][..])
        );
        assert_eq!(
            (table.names(), table.notes().len(), table.rows().len()),
            (None, 0, 2)
        );
        assert_eq!(table.column_name(2), "column 3");
    }

    #[test]
    fn matrices_without_entries_or_with_bad_ones_are_refused() {
        for shape in [(0, 0), (0, 2), (2, 0)] {
            let empty = DMatrix::zeros(shape.0, shape.1);
            assert!(
                matches!(Table::from_matrix("m", &empty), Err(DataError::Empty { file }) if file == "m")
            );
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error =
                Table::from_matrix("m", &DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, bad]))
                    .unwrap_err();
            assert!(
                matches!(error, DataError::NotFiniteEntry { row: 2, column: 2, value, .. }
                if value.to_bits() == bad.to_bits())
            );
        }
    }
}
