//! Reading delimited text: CSV and its kin. The rules are those of [`csv_from_reader`].

use std::io::Read;
use std::path::Path;

use super::cell::{Reading, classify};
use super::half::Half;
use super::header::is_header;
use super::index::hint;
use super::layout::Layout;
use super::records::{Field, Records, Separator};
use super::source::Source;
use super::table::default_name;
use super::{Cell, DataError, Table};
use crate::text::excerpt;

/// Reads a delimited text file, by the rules of [`csv_from_reader`]; `-` is the standard input.
///
/// # Errors
/// [`DataError::Unreadable`], and those of [`csv_from_reader`].
pub fn read_csv(path: &Path) -> Result<Table, DataError> {
    csv_from_source(Source::open(path)?)
}

/// Reads delimited text; what is not text is refused by its beginning, before the rest is read.
pub(super) fn csv_from_source(mut source: Source) -> Result<Table, DataError> {
    match decode(&source.name, &source.head) {
        // A character may go on beyond the head.
        Err(DataError::NotUtf8 { .. }) if is_cut_character(&source.head) => {}
        other => drop(other?),
    }
    let bytes = source.contents()?;
    csv_from_bytes(&source.name, &bytes)
}

/// Reads delimited text from any reader; `name` stands for the file in messages.
///
/// * **Encoding**: UTF-8, compressed by gzip or not; a byte-order mark is dropped. Lines end in LF, CRLF or CR. Blank
///   lines, lines of separators alone, and comments (lines that begin with `#` or `%`) are skipped. Cells may be
///   quoted with `"`, within one line; blanks around a cell are dropped.
/// * **Separator**: the first of tab, semicolon, comma and bar that the first line contains outside quotes, so that
///   `1,5;2,5` is not split at its decimal commas; else that of the second line; else blanks, any number of them. A
///   first line `sep=;` names it. Where every line ends in separators, the empty columns are left out.
/// * **Header**: the first row is a header if all its cells are words, or if they are words and blanks with some word
///   over a number of the second row; if all its cells are quoted and some below are not; or if it numbers the columns
///   from 0 and cannot well be data: no number below is written without a point, and the first column does not go on
///   from 0 in equal steps. What may be either is an error, and so is a word over a number in any other first row. A
///   cell that begins with a digit, a sign or a point is no name unless it is quoted. A blank name is filled:
///   `column 3`. Without a header, the last comment before the first row names the columns if it has as many words.
///   A column without a name that is not an index is data, with a note.
/// * **Index**: a first column without a name (blank, or with a cell fewer in the header than below) is left out if it
///   counts the rows from 0 or 1 or names them; else it is an error.
/// * **Cells**: a number is what Rust reads as an `f64` (decimal point, optional exponent, whose letter may be
///   Fortran's `D`). Blanks, `NaN`, `NA`, `N/A`, `null`, `?` and spreadsheets' `#N/A` and its kin are missing values; these are errors, as are infinities
///   and numbers that went wrong ([`Slip`](super::Slip)). Everything else is a word.
///
/// What was done is in [`Table::notes`].
///
/// # Errors
/// Text that is not UTF-8, has a zero byte, no cell, no row under the header, ragged rows, a quoted
/// line break, an ambiguous header, a name twice, a missing or infinite value, a slip: each is
/// the [`DataError`] of that name, with the line.
///
/// # Cost
/// Linear; the text is held in memory while it is read.
///
/// # Example
/// ```
/// let table = polyak::data::csv_from_reader("here", "x; y\n1.5; a\n2; b\n".as_bytes())?;
/// assert_eq!(table.names().unwrap(), ["x", "y"]);
/// assert_eq!(table.rows()[1][0].number(), Some(2.0));
/// assert_eq!(table.lines(), [2, 3]);
/// # Ok::<(), polyak::data::DataError>(())
/// ```
pub fn csv_from_reader(name: &str, reader: impl Read) -> Result<Table, DataError> {
    csv_from_source(Source::try_new(name, "", reader, None)?)
}

fn csv_from_bytes(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let records = Records::new(name, decode(name, bytes)?);
    let mut start = records.iter();
    let Some(first) = start.next().transpose()? else {
        let file = name.to_owned();
        return Err(match records.comments().next() {
            Some((line, _)) => DataError::OnlyComments { file, line },
            None => DataError::Empty { file },
        });
    };
    let second = start.next().transpose()?;
    let header = is_header(records, &first, second.as_ref())?;
    let mut notes = vec![];
    notes.extend(match records.separator {
        Separator::Comma => None,
        separator => Some(format!("cells are separated by {separator}")),
    });
    let comments = records.comments().count();
    if let Some((line, _)) = records.comments().next() {
        notes.push(match comments {
            1 => format!("line {line} is a comment and is skipped"),
            _ => format!(
                "{comments} lines, the first of them line {line}, are comments and are skipped"
            ),
        });
    }
    let layout = Layout::find(records, &first, second.as_ref(), header, &mut notes)?;
    let (mut rows, mut lines) = (vec![], vec![]);
    let mut decimal = vec![true; layout.end - layout.begin];
    for record in records.iter().skip(usize::from(header)) {
        let record = record?;
        let cells = record
            .cells
            .iter()
            .enumerate()
            .take(layout.end)
            .skip(layout.begin);
        let mut row = Vec::with_capacity(layout.end - layout.begin);
        for (column, cell) in cells {
            let column = column - layout.begin;
            let place = || match &layout.names {
                Some(names) => excerpt(&names[column]),
                None => default_name(column),
            };
            let read = match Cell::read(name, record.line, place, &cell.text) {
                Err(DataError::MissingValue { file, line, .. })
                    if is_half(records, header, &layout)? =>
                {
                    Err(DataError::HalfMatrix { file, line })
                }
                Err(DataError::MissingValue {
                    file,
                    line,
                    column: named,
                    value,
                }) => Err(
                    match across(records, header, &layout, rows.len(), column)? {
                        Some((mirrored_line, mirrored)) => DataError::MissingEntry {
                            file,
                            line,
                            column: named,
                            mirrored_line,
                            mirrored,
                        },
                        None => DataError::MissingValue {
                            file,
                            line,
                            column: named,
                            value,
                        },
                    },
                ),
                read => read,
            };
            let read = read?;
            decimal[column] &= read
                .number()
                .is_some_and(|value| is_decimal(&cell.text, value));
            row.push(read);
        }
        rows.push(row);
        lines.push(record.line);
    }
    let mut table = Table {
        source: name.to_owned(),
        names: layout.names,
        rows,
        lines,
        notes,
        label: None,
        decimal: Some(decimal),
    };
    let hint = hint(&table);
    table.notes.extend(hint);
    Ok(table)
}

/// Whether the cells on one side of the diagonal are missing, and no others.
fn is_half(records: Records, header: bool, layout: &Layout) -> Result<bool, DataError> {
    let mut half = Half::new(layout.end - layout.begin);
    for record in records.iter().skip(usize::from(header)) {
        let record = record?;
        let cells = &record.cells[layout.begin..layout.end];
        let is_missing =
            |cell: &Field| matches!(classify(&cell.text), Reading::Blank | Reading::Missing);
        half.look_at(cells.iter().map(is_missing));
    }
    Ok(half.is_one())
}

/// The line and the text of the entry across the diagonal from a missing one, if the table is a matrix that is symmetric
/// wherever both entries are there.
fn across(
    records: Records,
    header: bool,
    layout: &Layout,
    row: usize,
    column: usize,
) -> Result<Option<(usize, String)>, DataError> {
    let order = layout.end - layout.begin;
    let mut entries: Vec<Option<f64>> = Vec::new();
    let mut found = None;
    for (i, record) in records.iter().skip(usize::from(header)).enumerate() {
        let record = record?;
        let cells = &record.cells[layout.begin..layout.end];
        if i >= order {
            return Ok(None);
        }
        for (j, cell) in cells.iter().enumerate() {
            let number = match classify(&cell.text) {
                Reading::Number(number) => Some(number),
                Reading::Blank | Reading::Missing => None,
                _ => return Ok(None),
            };
            if (i, j) == (column, row) && number.is_some() {
                found = Some((record.line, excerpt(&cell.text)));
            }
            entries.push(number);
        }
    }
    let is_matrix = order > 2 && entries.len() == order * order;
    let agree = |k: usize| {
        let (entry, mirror) = (entries[k], entries[k % order * order + k / order]);
        entry.is_none() || mirror.is_none() || entry == mirror
    };
    Ok(found.filter(|_| is_matrix && (0..entries.len()).all(agree)))
}

/// Digits of a decimal that every f64 in the range of normal numbers keeps: no two such decimals are nearest to one.
const KEPT_DIGITS: usize = f64::DIGITS as usize;

/// Whether the shortest decimal that is read as `value` is the number that is written in `text`.
fn is_decimal(text: &str, value: f64) -> bool {
    let mantissa = text.split(['e', 'E', 'd', 'D']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    match digits.trim_start_matches('0').trim_end_matches('0').len() {
        0 => true,
        digits => digits <= KEPT_DIGITS && value.is_normal(),
    }
}

/// UTF-8 without byte-order mark and zero bytes.
pub(super) fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line = |offset: usize| 1 + line_breaks(&bytes[..offset]);
    let text = std::str::from_utf8(bytes).map_err(|error| DataError::NotUtf8 {
        file: name.to_owned(),
        line: line(error.valid_up_to()),
    })?;
    match text.find('\0') {
        Some(offset) => Err(DataError::ZeroByte {
            file: name.to_owned(),
            line: line(offset),
        }),
        None => Ok(text),
    }
}

/// Whether the bytes end within a character of UTF-8 and are right up to there.
fn is_cut_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// The number of LF, CRLF and lone CR.
fn line_breaks(bytes: &[u8]) -> usize {
    let feeds = bytes.iter().filter(|&&byte| byte == b'\n').count();
    let returns = bytes.iter().filter(|&&byte| byte == b'\r').count();
    feeds + returns - bytes.windows(2).filter(|pair| pair == b"\r\n").count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn read(text: impl AsRef<[u8]>) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_ref())
    }

    fn numbers(text: &str) -> Vec<Vec<f64>> {
        let table = read(text).unwrap();
        table
            .rows()
            .iter()
            .map(|row| row.iter().map(|cell| cell.number().unwrap()).collect())
            .collect()
    }

    #[test]
    fn separators_are_noted() {
        let note = |text: &str| read(text).unwrap().notes()[0].clone();
        assert_eq!(note("1;2\n"), "cells are separated by semicolons");
        assert_eq!(note("1\t2\n"), "cells are separated by tabs");
        assert_eq!(note("1 2\n"), "cells are separated by blanks");
        assert_eq!(note("1|2\n"), "cells are separated by bars");
        assert_eq!(note("1,2\n"), "there is no header: the first row is data");
    }

    #[test]
    fn comments_are_skipped_and_noted() {
        for (text, note) in [
            ("# a\n1,2\n", "line 1 is a comment and is skipped"),
            (
                "1,2\n# a\n%\n3,4\n",
                "2 lines, the first of them line 2, are comments and are skipped",
            ),
        ] {
            assert_eq!(read(text).unwrap().notes()[0], note);
        }
    }

    #[test]
    fn missing_values_of_spreadsheets_are_no_comments() {
        for text in [
            "#N/A,1\n2,3\n",
            "1,2\n#DIV/0!,3\n",
            "x;y\n 1;2\n#VALUE!;3\n",
        ] {
            assert!(
                matches!(read(text), Err(DataError::MissingValue { .. })),
                "{text:?}"
            );
        }
    }

    #[test]
    fn blank_separated_text_is_read() {
        let written_by_savetxt =
            "1.000000000000000000e+00 2.500000000000000000e+00\n-3.0e+00 4.0e+00\n";
        assert_eq!(numbers(written_by_savetxt), [[1.0, 2.5], [-3.0, 4.0]]);
        assert_eq!(numbers("   1   2\n  10\t20\n"), [[1.0, 2.0], [10.0, 20.0]]);
        let cars =
            "18.0   8   307.0\t\"chevrolet chevelle\"\n15.0   8   350.0\t\"buick skylark\"\n";
        let table = read(cars).unwrap();
        assert_eq!(
            (table.columns(), table.rows()[1][3].to_string()),
            (4, "buick skylark".into())
        );
    }

    #[test]
    fn thousands_and_decimal_commas_are_not_guessed() {
        let error = read("1,000;2,000\n3;4\n").unwrap_err().to_string();
        assert!(
            error.contains("write 1.000 or 1000, whichever is meant"),
            "{error}"
        );
        let error = read("x;y\n1;2\n1,5;4\n").unwrap_err().to_string();
        assert!(
            error.starts_with("t.csv, line 3, x: `1,5`") && error.contains("write 1.5"),
            "{error}"
        );
    }

    #[test]
    fn many_names_and_long_cells_are_cut_short_in_messages() {
        let names: Vec<String> = (0..70_000).map(|j| format!("x{j}")).collect();
        let error = read(names.join(",")).unwrap_err().to_string();
        assert!(
            error.len() < 400 && error.contains("70000 in all"),
            "{error}"
        );
        let long = "x".repeat(100_000);
        for text in [
            format!("1,2\n3,{long}\n4,5\n"),
            format!("{long},y\n1,\n"),
            format!("{long}\n?\n"),
        ] {
            let message = match read(&text) {
                Err(error) => error.to_string(),
                Ok(table) => table.to_matrix().unwrap_err().to_string(),
            };
            assert!(message.len() < 300, "{} bytes", message.len());
        }
    }

    #[test]
    fn wide_and_long_tables_are_read() {
        let wide = vec!["0.5"; 1_000_000].join(",");
        assert_eq!(read(&wide).unwrap().columns(), 1_000_000);
        let tall = "0.5\n".repeat(1_000_000);
        assert_eq!(read(&tall).unwrap().rows().len(), 1_000_000);
    }

    #[test]
    fn what_commands_a_terminal_does_not_reach_it() {
        let error = read("x\u{1b}[31m,y\n1,2\n?,3\n").unwrap_err().to_string();
        assert_eq!(
            error,
            r"t.csv, line 3, x\u{1b}[31m: missing value `?`; fill the cell or remove the row"
        );
        let table = read("x,y\n1,2\n\u{1b}]0;t\u{7},3\n").unwrap();
        let error = table.to_matrix().unwrap_err().to_string();
        assert!(error.contains(r"`\u{1b}]0;t\u{7}`"), "{error}");
    }

    #[test]
    fn numbers_are_read_to_the_last_bit() {
        let values = [0.1 + 0.2, f64::MAX, 5e-324, -1.0 - f64::EPSILON];
        let text = values.map(|value| format!("{value:e}")).join(",");
        assert_eq!(numbers(&text), [values]);
        assert_eq!(numbers("+1,.5,5.,1E3"), [[1.0, 0.5, 5.0, 1000.0]]);
    }

    #[test]
    fn empty_files_are_refused() {
        for text in ["", "\n", " \r\n\t\n", "\u{feff}"] {
            assert!(
                matches!(read(text), Err(DataError::Empty { file }) if file == "t.csv"),
                "{text:?}"
            );
        }
        let error = read("\nx,y\n\n").unwrap_err();
        assert!(
            matches!(error, DataError::HeaderOnly { line: 2, names, .. } if names == ["x", "y"])
        );
    }

    #[test]
    fn comments_alone_are_said_to_be_that() {
        let error = read("\n# x,y\n% 1,2\n").unwrap_err();
        assert!(matches!(error, DataError::OnlyComments { line: 2, .. }));
        let message = error.to_string();
        assert!(message.contains("comments only") && !message.contains("empty"));
    }

    #[test]
    fn a_triangle_of_a_matrix_is_to_be_mirrored() {
        for (text, at) in [
            ("1,.5,.2\n,1,.1\n,,1\n", 2),
            ("a,b,c\n1,.5,.2\n,1,.1\n,,1\n", 3),
            ("1,nan,NaN\n.5,1,nan\n.2,.1,1\n", 1),
            ("1,,\n.5,1,\n.2,.1,1\n", 1),
            ("1\n.5,1\n.2,.1,1\n", 2),
            ("1\n.5 1\n.2 .1 1\n", 2),
            ("a,b,c\n1\n.5,1\n.2,.1,1\n", 3),
            ("1;.5;.2\n1;.1\n1\n", 2),
        ] {
            match read(text).unwrap_err() {
                error @ DataError::HalfMatrix { .. } => {
                    let message = error.to_string();
                    let place = format!("t.csv, line {at}: ");
                    assert!(message.starts_with(&place), "{text:?}: {message}");
                    assert!(message.contains("mirrored") && !message.contains("remove"));
                }
                other => panic!("{text:?}: {other}"),
            }
        }
        for text in [
            "1,.5,.2\n,1,.1\n,2,1\n",
            "1,2\n,3\n",
            "1,,\n2,3,\n4,5,6\n7,8,9\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::MissingValue { .. }),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn an_entry_missing_from_a_symmetric_matrix_is_read_across_the_diagonal() {
        for (text, at, across) in [
            (
                "2,1,.5\n,3,.25\n.5,.25,4\n",
                "line 2, column 1",
                "`1`, in line 1",
            ),
            (
                "a,b,c\n2,NA,.5\n1e0,3,.25\n.5,.25,4\n",
                "line 2, b",
                "`1e0`, in line 3",
            ),
        ] {
            let error = read(text).unwrap_err();
            let message = error.to_string();
            assert!(
                matches!(error, DataError::MissingEntry { .. }),
                "{text:?}: {message}"
            );
            let right = message.contains(at) && message.contains(across);
            assert!(right && !message.contains("remove"), "{message}");
        }
        // No mirrored entry, the diagonal, not symmetric, not square, and words.
        for text in [
            "2,,.5\n,3,.25\n.5,.25,4\n",
            "2,1,.5\n1,,.25\n.5,.25,4\n",
            "2,1,.5\n,3,.25\n.75,.25,4\n",
            "2,1,.5\n,3,.25\n.5,.25,4\n1,2,3\n",
            "2,1,.5\n,3,.25\n.5,.25,a\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::MissingValue { .. }),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn decimals_are_told_from_numbers_that_are_rounded() {
        let text = "a,b,c,d,e,f,g\n0.1,0.1,1e-310,1,1,0.1,0\n\
                    3,0.12345678901234567,2,word,123456789012345000,0.30000000000000000000,1e-400\n";
        let table = read(text).unwrap();
        let found: Vec<bool> = (0..7).map(|column| table.is_decimal(column)).collect();
        assert_eq!(found, [true, false, false, false, true, true, false]);
        let matrix = Table::from_matrix("m", &nalgebra::dmatrix![0.5, 1.0]).unwrap();
        assert!(!matrix.is_decimal(0));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert!(matches!(
            read(b"1,2\n3,\xff\n"),
            Err(DataError::NotUtf8 { line: 2, .. })
        ));
        assert!(matches!(
            read(b"\xff\xfe1\x00"),
            Err(DataError::NotUtf8 { line: 1, .. })
        ));
        assert!(matches!(
            read(b"1,2\n3,4\n5,\x006\n"),
            Err(DataError::ZeroByte { line: 3, .. })
        ));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(
            read("\u{feff}x,y\n1,2\n").unwrap().names().unwrap(),
            ["x", "y"]
        );
        assert_eq!(numbers("\u{feff}1,2\n"), [[1.0, 2.0]]);
    }

    #[test]
    fn a_failing_reader_is_reported() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("broken"))
            }
        }
        assert!(
            matches!(csv_from_reader("t", Broken), Err(DataError::Unreadable { file, .. }) if file == "t")
        );
    }

    fn fixed() -> ProptestConfig {
        ProptestConfig {
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            cases: 4096,
            ..Default::default()
        }
    }

    proptest! {
        #![proptest_config(fixed())]

        #[test]
        fn any_text_is_a_sound_table_or_an_error(text in "[0-9a.,;|#%\t\"\r\n -]{0,40}") {
            if let Ok(table) = read(&text) {
                let width = table.columns();
                prop_assert!(table.rows().iter().all(|row| row.len() == width));
                prop_assert!(table.rows().iter().flatten().all(|cell| cell.number().is_none_or(f64::is_finite)));
            }
        }

        #[test]
        fn rows_are_the_lines_that_are_not_blank(
            parts in prop::collection::vec(("(1,2| 3 , -4|\"5\",6| {0,2}|,|# x)", "(\n|\r\n|\r)"), 1..9),
        ) {
            let text: String = parts.iter().flat_map(|(line, ending)| [&line[..], ending]).collect();
            // A CR and the LF of a blank line after it are one ending.
            let unix = text.replace("\r\n", "\n").replace('\r', "\n");
            let solid = unix.split('\n').enumerate().filter(|(_, line)| line.contains(|c: char| c.is_ascii_digit()));
            let expected: Vec<usize> = solid.map(|(at, _)| at + 1).collect();
            match read(&text) {
                Ok(table) => {
                    prop_assert_eq!(table.lines(), &expected[..]);
                    prop_assert_eq!(table.rows().len(), expected.len());
                }
                Err(DataError::Empty { .. } | DataError::OnlyComments { .. }) => {
                    prop_assert!(expected.is_empty());
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}
