//! Matrix Market files.
//!
//! Source: R. Boisvert, R. Pozo, K. Remington, *The Matrix Market Exchange Formats: Initial Design*, NISTIR 5935, 1996.

use nalgebra::DMatrix;

use super::dense::Dense;
use super::{DataError, Line, SparseError, at, integer, number, utf8};

/// Reads a matrix in Matrix Market's format from bytes; `name` stands for the file in messages.
///
/// * **Formats**: `coordinate`, zero where nothing is stated, and `array`, column by column.
/// * **Entries**: `real` (or `double`), `integer`, and `pattern`, every entry of which is 1.
/// * **Symmetry**: `general`, and `symmetric`, of which one triangle is stored and mirrored. Of `coordinate` the
///   entries may be on either side of the diagonal, but each once.
///
/// # Returns
/// The dense matrix.
///
/// # Guarantee
/// Each entry is the f64 nearest to what is written; an integer is exact, or refused.
///
/// # Errors
/// [`DataError::Sparse`], with the line, and [`DataError::NotUtf8`]. Complex, hermitian and skew-symmetric matrices
/// are refused, and matrices with more than 1024 entries, zeros included, for a byte of the sizes and the entries that
/// are written.
///
/// # Example
/// ```
/// let text = "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 4\n2 1 0.5\n";
/// let matrix = polyak::data::matrix_market("here", text.as_bytes())?;
/// assert_eq!(matrix.as_slice(), [4.0, 0.5, 0.5, 0.0]);
/// # Ok::<(), polyak::data::DataError>(())
/// ```
pub fn matrix_market(name: &str, bytes: &[u8]) -> Result<DMatrix<f64>, DataError> {
    let text = utf8(name, bytes)?;
    let (first, _) = text.split_once('\n').unwrap_or((text, ""));
    let kind = Kind::try_new(first).map_err(at(name, 1))?;
    let last = text.lines().count().max(1);
    let mut lines = said(text);
    let Some((line, sizes)) = lines.next() else {
        return Err(at(name, last)(kind.no_sizes()));
    };
    let sizes = kind.sizes(sizes).map_err(at(name, line))?;
    let written = said(text).map(|(_, said)| said.len() + 1).sum();
    let dense = Dense::try_new(sizes.rows, sizes.columns, written).map_err(at(name, line))?;
    let filled = match kind.coordinate {
        true => kind.coordinates(&sizes, dense, &mut lines),
        false => kind.columns(&sizes, dense, &mut lines),
    };
    // Entries that are missing are missing at the end.
    filled.map_err(|(line, cause)| at(name, line.unwrap_or(last))(cause))
}

/// The lines after the first that are neither blank nor comments, with their numbers.
fn said(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().skip(1);
    let lines = lines.map(|(k, line)| (k + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('%'))
}

/// What the first line says.
struct Kind {
    coordinate: bool,
    field: Field,
    symmetric: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Real,
    Integer,
    Pattern,
}

struct Sizes {
    rows: usize,
    columns: usize,
    /// Entries that are written.
    entries: usize,
}

/// A fault, and its line, unless it is the end that comes too early.
type Fault = (Option<usize>, SparseError);

impl Kind {
    fn try_new(header: &str) -> Result<Self, SparseError> {
        let header = header.to_lowercase();
        let words: Vec<&str> = header.split_whitespace().collect();
        let ["%%matrixmarket", "matrix", format, field, symmetry] = words[..] else {
            return Err(SparseError::Header);
        };
        let refused = |word: &str, remedy| {
            Err(SparseError::Kind {
                word: word.to_owned(),
                remedy,
            })
        };
        let coordinate = match format {
            "coordinate" => true,
            "array" => false,
            _ => return refused(format, "formats are coordinate and array"),
        };
        let field = match field {
            "real" | "double" => Field::Real,
            "integer" => Field::Integer,
            "pattern" if coordinate => Field::Pattern,
            "complex" => {
                return refused(
                    field,
                    "the matrix must be real; of a Hermitian H = A + iB take [A −B; B A], which has each \
                     eigenvalue twice",
                );
            }
            _ => {
                return refused(
                    field,
                    "fields are real, integer and, of coordinates, pattern",
                );
            }
        };
        let symmetric = match symmetry {
            "general" => false,
            "symmetric" => true,
            "skew-symmetric" => {
                return refused(
                    symmetry,
                    "its eigenvalues are imaginary, ±iω; the ω² are those of AᵀA, which is symmetric",
                );
            }
            "hermitian" => return refused(symmetry, "a real one is called symmetric"),
            _ => return refused(symmetry, "symmetries are general and symmetric"),
        };
        Ok(Self {
            coordinate,
            field,
            symmetric,
        })
    }

    fn no_sizes(&self) -> SparseError {
        SparseError::Sizes {
            expected: match self.coordinate {
                true => "three whole numbers: rows, columns (both above 0) and entries",
                false => "two whole numbers above 0: rows and columns",
            },
        }
    }

    fn sizes(&self, line: &str) -> Result<Sizes, SparseError> {
        let numbers: Result<Vec<usize>, _> = line.split_whitespace().map(str::parse).collect();
        let numbers = numbers.map_err(|_| self.no_sizes())?;
        let (rows, columns, entries) = match (self.coordinate, &numbers[..]) {
            (true, &[rows, columns, entries]) => (rows, columns, entries),
            (false, &[rows, columns]) => (rows, columns, rows.saturating_mul(columns)),
            _ => return Err(self.no_sizes()),
        };
        if rows == 0 || columns == 0 {
            return Err(self.no_sizes());
        }
        if self.symmetric && rows != columns {
            return Err(SparseError::NotSquare { rows, columns });
        }
        Ok(Sizes {
            rows,
            columns,
            entries: match self.coordinate || !self.symmetric {
                true => entries,
                false => entries.div_ceil(2).saturating_add(rows / 2),
            },
        })
    }

    /// Words of an entry: indices, and a value unless it is a pattern.
    fn words(&self) -> usize {
        2 * usize::from(self.coordinate) + usize::from(self.field != Field::Pattern)
    }

    fn split<'a>(&self, line: &'a str) -> Result<Vec<&'a str>, SparseError> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (found, expected) = (words.len(), self.words());
        if found == expected {
            Ok(words)
        } else {
            Err(SparseError::Words { found, expected })
        }
    }

    fn value(&self, word: Option<&&str>) -> Result<f64, SparseError> {
        match (self.field, word) {
            (Field::Integer, Some(word)) => integer(word),
            (Field::Real, Some(word)) => number(word),
            _ => Ok(1.0),
        }
    }

    fn coordinates<'a>(
        &self,
        sizes: &Sizes,
        mut dense: Dense,
        lines: &mut impl Iterator<Item = Line<'a>>,
    ) -> Result<DMatrix<f64>, Fault> {
        let mut found = 0;
        for (line, text) in lines {
            let here = |cause| (Some(line), cause);
            let words = self.split(text).map_err(here)?;
            let row = index(words[0], sizes.rows).map_err(here)?;
            let column = index(words[1], sizes.columns).map_err(here)?;
            let value = self.value(words.get(2)).map_err(here)?;
            found += 1;
            if found > sizes.entries {
                return Err(here(SparseError::Count {
                    found,
                    expected: sizes.entries,
                }));
            }
            dense.fill(row, column, value).map_err(here)?;
            if self.symmetric && row != column {
                dense.fill(column, row, value).map_err(here)?;
            }
        }
        self.whole(found, sizes)?;
        Ok(dense.finished())
    }

    fn columns<'a>(
        &self,
        sizes: &Sizes,
        mut dense: Dense,
        lines: &mut impl Iterator<Item = Line<'a>>,
    ) -> Result<DMatrix<f64>, Fault> {
        let first = |column| if self.symmetric { column } else { 0 };
        let places = (0..sizes.columns)
            .flat_map(|column| (first(column)..sizes.rows).map(move |row| (row, column)));
        let mut found = 0;
        let mut places = places;
        for (line, text) in lines {
            let here = |cause| (Some(line), cause);
            let words = self.split(text).map_err(here)?;
            let value = self.value(words.first()).map_err(here)?;
            found += 1;
            let Some((row, column)) = places.next() else {
                return Err(here(SparseError::Count {
                    found,
                    expected: sizes.entries,
                }));
            };
            dense.fill(row, column, value).map_err(here)?;
            if self.symmetric && row != column {
                dense.fill(column, row, value).map_err(here)?;
            }
        }
        self.whole(found, sizes)?;
        Ok(dense.finished())
    }

    fn whole(&self, found: usize, sizes: &Sizes) -> Result<(), Fault> {
        let expected = sizes.entries;
        if found == expected {
            return Ok(());
        }
        Err((None, SparseError::Count { found, expected }))
    }
}

/// An index from 1 to `most`, as one from 0.
fn index(word: &str, most: usize) -> Result<usize, SparseError> {
    let index = word.parse().ok().filter(|index| (1..=most).contains(index));
    let refused = || SparseError::Index {
        word: word.to_owned(),
        most,
    };
    index.map(|index: usize| index - 1).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DMatrix<f64>, DataError> {
        matrix_market("a.mtx", text.as_bytes())
    }

    /// The line of the fault, and the fault.
    fn fault(text: &str) -> (usize, SparseError) {
        match read(text) {
            Err(DataError::Sparse { line, cause, .. }) => (line, cause),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn coordinates_are_spread() {
        let text = "%%MatrixMarket matrix coordinate real general\n% a comment\n\n2 3 3\n1 1 0.1\n\
                    2 3 -1e-3\n1 2 2.5D+01\n";
        let expected = DMatrix::from_row_slice(2, 3, &[0.1, 25.0, 0.0, 0.0, 0.0, -1e-3]);
        assert_eq!(read(text).unwrap(), expected);
        let text = "%%MatrixMarket matrix coordinate pattern general\n2 2 1\n2 1\n";
        assert_eq!(read(text).unwrap().as_slice(), [0.0, 1.0, 0.0, 0.0]);
        let text = "%%matrixmarket MATRIX Coordinate Integer General\r\n1 1 1\r\n1 1 -7\r\n";
        assert_eq!(read(text).unwrap()[(0, 0)], -7.0);
        let empty = "%%MatrixMarket matrix coordinate real general\n2 2 0\n";
        assert_eq!(read(empty).unwrap(), DMatrix::zeros(2, 2));
    }

    /// Off-diagonal entries are neither halved nor doubled, and the diagonal is there once.
    #[test]
    fn one_triangle_is_mirrored() {
        let expected =
            DMatrix::from_row_slice(3, 3, &[4.0, 1.0, 0.5, 1.0, 5.0, 0.0, 0.5, 0.0, 6.0]);
        for entries in [
            "1 1 4\n2 1 1\n3 1 0.5\n2 2 5\n3 3 6\n",
            "1 1 4\n1 2 1\n1 3 0.5\n2 2 5\n3 3 6\n",
        ] {
            let head = "%%MatrixMarket matrix coordinate real symmetric\n3 3 5\n";
            assert_eq!(read(&format!("{head}{entries}")).unwrap(), expected);
        }
        let array = "%%MatrixMarket matrix array real symmetric\n3 3\n4\n1\n0.5\n5\n0\n6\n";
        assert_eq!(read(array).unwrap(), expected);
        let even = "%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n";
        assert_eq!(read(even).unwrap().as_slice(), [1.0, 2.0, 2.0, 3.0]);
    }

    #[test]
    fn arrays_go_down_the_columns() {
        let text = "%%MatrixMarket matrix array double general\n2 3\n1\n2\n3\n4\n5\n6\n";
        let expected = DMatrix::from_row_slice(2, 3, &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn other_kinds_are_refused_with_a_reason() {
        for (header, part) in [
            ("matrix coordinate complex general", "[A −B; B A]"),
            ("matrix coordinate complex hermitian", "[A −B; B A]"),
            ("matrix coordinate real skew-symmetric", "imaginary"),
            ("matrix coordinate real hermitian", "called symmetric"),
            ("matrix array pattern general", "fields are real"),
            ("matrix sparse real general", "coordinate and array"),
            ("vector coordinate real general", "no header"),
            ("matrix coordinate real", "no header"),
        ] {
            let (line, cause) = fault(&format!("%%MatrixMarket {header}\n1 1 1\n1 1 1\n"));
            assert_eq!(line, 1);
            assert!(cause.to_string().contains(part), "{cause}");
        }
    }

    #[test]
    fn faults_have_their_lines() {
        let general = |rest: &str| {
            fault(&format!(
                "%%MatrixMarket matrix coordinate real general\n{rest}"
            ))
        };
        let count = |found, expected| SparseError::Count { found, expected };
        let index = |word: &str, most| SparseError::Index {
            word: word.into(),
            most,
        };
        let number = |word: &str| SparseError::Number { word: word.into() };
        for (rest, expected) in [
            ("2 2 1\n3 1 1\n", (3, index("3", 2))),
            ("2 2 1\n1 0 1\n", (3, index("0", 2))),
            ("2 2 1\n%\n1 -1 1\n", (4, index("-1", 2))),
            ("2 2 1\n1 1 nan\n", (3, number("nan"))),
            ("2 2 1\n1 1 1e400\n", (3, number("1e400"))),
            ("2 2 1\n1 1 x\n", (3, number("x"))),
            ("2 2 2\n1 1 1\n", (3, count(1, 2))),
            ("2 2 1\n1 1 1\n2 2 1\n", (4, count(2, 1))),
            (
                "2 2 2\n1 1 1\n1 1 2\n",
                (4, SparseError::Twice { row: 1, column: 1 }),
            ),
            (
                "2 2 1\n1 1\n",
                (
                    3,
                    SparseError::Words {
                        found: 2,
                        expected: 3,
                    },
                ),
            ),
        ] {
            assert_eq!(general(rest), expected, "{rest}");
        }
        for sizes in ["", "2 2\n", "0 2 0\n", "2 x 1\n", "2 2 -1\n"] {
            assert!(
                matches!(general(sizes).1, SparseError::Sizes { .. }),
                "{sizes}"
            );
        }
        let symmetric = "%%MatrixMarket matrix coordinate integer symmetric\n";
        assert_eq!(
            fault(&format!("{symmetric}2 3 0\n")),
            (
                2,
                SparseError::NotSquare {
                    rows: 2,
                    columns: 3
                }
            )
        );
        // The mirrored entry is one, too.
        assert_eq!(
            fault(&format!("{symmetric}2 2 2\n1 2 1\n2 1 1\n")),
            (4, SparseError::Twice { row: 2, column: 1 })
        );
        assert_eq!(
            fault(&format!("{symmetric}1 1 1\n1 1 9007199254740993\n")),
            (
                3,
                SparseError::Inexact {
                    word: "9007199254740993".into()
                }
            )
        );
        assert!(matches!(
            matrix_market("a", b"%%MatrixMarket\xFF"),
            Err(DataError::NotUtf8 { line: 1, .. })
        ));
    }

    #[test]
    fn numbers_that_went_wrong_say_how_they_are_written() {
        let said = |field: &str, value: &str| {
            let text = format!("%%MatrixMarket matrix array {field} general\n1 1\n{value}\n");
            fault(&text).1.to_string()
        };
        for (field, value, says) in [
            ("real", "\u{2212}1", "U+2212; write -1"),
            ("real", "1,5", "write 1.5"),
            ("real", "1.0-100", "write 1.0E-100"),
            ("real", "nan", "write one in its place"),
            ("integer", "\u{2212}1", "write -1"),
            (
                "integer",
                "1.5",
                "not a whole number, which the header promises",
            ),
            ("integer", "-", "not a finite number"),
            ("integer", &"9".repeat(50), "beyond 2^53"),
        ] {
            let message = said(field, value);
            assert!(message.contains(says), "{message}");
            assert!(!message.contains("leave"), "{message}");
        }
    }

    /// No memory is taken for sizes that nothing stands behind.
    #[test]
    fn sizes_out_of_proportion_are_refused() {
        for sizes in [
            "1000 1000 1",
            "99999999999 99999999999 1",
            "1 18446744073709551615 1",
        ] {
            let text = format!("%%MatrixMarket matrix coordinate real general\n{sizes}\n1 1 1\n");
            assert!(
                matches!(fault(&text), (2, SparseError::Spread { .. })),
                "{sizes}"
            );
        }
        // Comments allow nothing, however many there are.
        let comments = "% nothing\n".repeat(1000);
        let text = format!(
            "%%MatrixMarket matrix coordinate real symmetric\n{comments}1000 1000 1\n{comments}1 1 1\n"
        );
        assert!(matches!(fault(&text), (1002, SparseError::Spread { .. })));
        let identity: String = (1..=1000).map(|k| format!("{k} {k} 1\n")).collect();
        let text =
            format!("%%MatrixMarket matrix coordinate real symmetric\n1000 1000 1000\n{identity}");
        assert_eq!(read(&text).unwrap(), DMatrix::identity(1000, 1000));
    }
}
