//! Reading delimited text: CSV and its kin. The rules are those of [`csv_from_reader`].

use std::io::Read;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::header::{header_names, is_header};
use super::source::Source;
use super::{Cell, DataError, Table};

/// Reads a delimited text file.
///
/// The separator (comma, semicolon or tab) and the header are found by the rules of
/// [`csv_from_reader`].
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
/// * **Encoding**: UTF-8; a byte-order mark is dropped. Lines end in LF, CRLF or CR; blank lines are
///   skipped. Cells may be quoted with `"`, within one line; blanks around a cell are dropped.
/// * **Separator**: the first of tab, semicolon and comma that the first line contains outside quotes,
///   so that `1,5;2,5` is not split at its decimal commas.
/// * **Header**: the first row is a header if all its cells are words, or if they are words and blanks
///   with some word over a number of the second row. A word over a number in any other first row is an
///   error: a header with a number in it, or data with a slip? A blank name is filled: `column 3`.
/// * **Cells**: a number is what Rust reads as an `f64` (decimal point, optional exponent). Blanks,
///   `NaN`, `NA`, `N/A`, `null` and `?` are missing values; these are errors, as are infinities and a
///   comma within a number. Everything else is a word.
///
/// # Errors
/// Text that is not UTF-8, has a zero byte, no cell, no row under the header, ragged rows, a quoted
/// line break, an ambiguous header, a name twice, a missing or infinite value, a decimal comma: each is
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
    let file = || name.to_owned();
    let text = decode(name, bytes)?;
    let separator = separator(text);
    let (mut lines, records) = split(name, text, separator)?;
    let mut raw: Vec<Vec<&str>> = records
        .iter()
        .map(|record| record.iter().map(str::trim).collect())
        .collect();
    let Some(first) = raw.first() else {
        return Err(DataError::Empty { file: file() });
    };
    if let Some((row, line)) = raw
        .iter()
        .zip(&lines)
        .find(|(row, _)| row.len() != first.len())
    {
        return Err(DataError::RaggedRow {
            file: file(),
            line: *line,
            cells: row.len(),
            expected: first.len(),
            separator,
        });
    }
    let mut notes = vec![];
    match separator {
        '\t' => notes.push("cells are separated by tabs".into()),
        ';' => notes.push("cells are separated by semicolons".into()),
        _ => {}
    }
    let mut names = None;
    if is_header(name, lines[0], first, raw.get(1))? {
        let found = header_names(name, first)?;
        let line = lines.remove(0);
        raw.remove(0);
        if raw.is_empty() {
            return Err(DataError::HeaderOnly {
                file: file(),
                line,
                names: found,
            });
        }
        notes.push(format!("line {line} is a header: it names the columns"));
        names = Some(found);
    } else {
        notes.push("there is no header: the first row is data".into());
    }
    let mut table = Table {
        source: file(),
        names,
        rows: vec![],
        lines,
        notes,
    };
    for (cells, &line) in raw.iter().zip(&table.lines) {
        let cell =
            |(j, text): (usize, &&str)| Cell::read(name, line, || table.column_name(j), text);
        let row = cells
            .iter()
            .enumerate()
            .map(cell)
            .collect::<Result<_, _>>()?;
        table.rows.push(row);
    }
    Ok(table)
}

/// UTF-8 without byte-order mark and zero bytes.
fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, DataError> {
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

/// The first of tab, semicolon and comma in the first line that is not blank, outside quotes.
fn separator(text: &str) -> char {
    let line = text
        .split(['\r', '\n'])
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let bare: String = line.split('"').step_by(2).collect(); // what is outside quotes
    ['\t', ';']
        .into_iter()
        .find(|&separator| bare.contains(separator))
        .unwrap_or(',')
}

/// Splits the text into records that are not blank, each with its line.
fn split(
    name: &str,
    text: &str,
    separator: char,
) -> Result<(Vec<usize>, Vec<StringRecord>), DataError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator as u8)
        .from_reader(text.as_bytes());
    let (mut lines, mut records) = (vec![], vec![]);
    let (mut line, mut counted) = (1, 0);
    let mut record = StringRecord::new();
    // Reading from memory UTF-8 of any number of cells a row meets no error of the reader's.
    while reader
        .read_record(&mut record)
        .expect("text in memory can be read")
    {
        let offset = record
            .position()
            .expect("a record that was read has a position")
            .byte() as usize;
        // The offset may stand before the line breaks that precede the record.
        let breaks = text[offset..].len() - text[offset..].trim_start_matches(['\r', '\n']).len();
        line += line_breaks(&text.as_bytes()[counted..offset + breaks]);
        counted = offset + breaks;
        if (record.len() == 1 || separator == '\t')
            && record.iter().all(|cell| cell.trim().is_empty())
        {
            continue;
        }
        if let Some(column) = record.iter().position(|cell| cell.contains(['\r', '\n'])) {
            return Err(DataError::LineBreakInCell {
                file: name.to_owned(),
                line,
                column: column + 1,
            });
        }
        lines.push(line);
        records.push(record.clone());
    }
    Ok((lines, records))
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
    fn separators_are_found() {
        for text in [
            "1,2\n3,4\n",
            "1;2\n3;4\n",
            "1\t2\n3\t4\n",
            "1, 2\n 3 ,4 ",
            "\n  \n1;2\n3;4",
        ] {
            assert_eq!(numbers(text), [[1.0, 2.0], [3.0, 4.0]], "{text}");
        }
        let names = |text: &str| read(text).unwrap().names().unwrap().to_vec();
        assert_eq!(names("\"a;b\",c\n1,2\n"), ["a;b", "c"]);
        assert_eq!(names("\"a\tb\";c\n1;2\n"), ["a\tb", "c"]);
        assert_eq!(names("a;b\tc\n1\t2\n"), ["a;b", "c"]);
        assert_eq!(names("a,b\n1,2\n3,x;y\n"), ["a", "b"]);
        // A decimal comma is neither a separator nor part of a word.
        let error = read("1,5;2,5\n3,5;4,5\n").unwrap_err();
        assert!(matches!(error, DataError::DecimalComma { line: 1, value, .. } if value == "1,5"));
    }

    #[test]
    fn separators_are_noted() {
        let note = |text: &str| read(text).unwrap().notes()[0].clone();
        assert_eq!(note("1;2\n"), "cells are separated by semicolons");
        assert_eq!(note("1\t2\n"), "cells are separated by tabs");
        assert_eq!(note("1,2\n"), "there is no header: the first row is data");
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
    fn ragged_rows_are_refused_with_their_line() {
        for (text, at, found) in [
            ("1,2\n\n3\n", 3, 1),
            ("x,y\n1,2\n3,4,5\n", 3, 3),
            ("1,2\r\n\r\n3,4\r\n5,\r\n,,\r\n", 5, 3),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(error, DataError::RaggedRow { line, cells, expected: 2, separator: ',', .. }
                if line == at && cells == found),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn lines_are_counted_for_every_ending() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = ["", "1,2", "", "", "3,4", "  ", "5,6", ""].join(ending);
            let table = read(&text).unwrap();
            assert_eq!(table.lines(), [2, 5, 7], "{ending:?}");
            assert_eq!(table.rows().len(), 3);
        }
        assert_eq!(line_breaks(b"a\r\nb\rc\n\n\r\r\n"), 6);
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
    fn quotes_are_taken_off_within_a_line() {
        assert_eq!(numbers("\"1\",\"2\"\n"), [[1.0, 2.0]]);
        assert_eq!(
            read("x,\"a \"\"b\"\"\"\n1,2\n").unwrap().names().unwrap()[1],
            "a \"b\""
        );
        assert_eq!(
            read("1,\"a,b\"\n").unwrap().rows()[0][1],
            Cell::Word("a,b".into())
        );
        for text in ["1,2\n3,\"4\n5,6\n", "1,2\n3,\"4\r5\"\n"] {
            assert!(matches!(
                read(text),
                Err(DataError::LineBreakInCell {
                    line: 2,
                    column: 2,
                    ..
                })
            ));
        }
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
        fn any_text_is_a_sound_table_or_an_error(text in "[0-9a.,;\t\"\r\n -]{0,40}") {
            if let Ok(table) = read(&text) {
                let width = table.columns();
                prop_assert!(table.rows().iter().all(|row| row.len() == width));
                prop_assert!(table.rows().iter().flatten().all(|cell| cell.number().is_none_or(f64::is_finite)));
            }
        }

        #[test]
        fn rows_are_the_lines_that_are_not_blank(
            parts in prop::collection::vec(("(1,2| 3 , -4|\"5\",6| {0,2})", "(\n|\r\n|\r)"), 1..9),
        ) {
            let text: String = parts.iter().flat_map(|(line, ending)| [&line[..], ending]).collect();
            // A CR and the LF of a blank line after it are one ending.
            let unix = text.replace("\r\n", "\n").replace('\r', "\n");
            let solid = unix.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
            let expected: Vec<usize> = solid.map(|(at, _)| at + 1).collect();
            match read(&text) {
                Ok(table) => {
                    prop_assert_eq!(table.lines(), &expected[..]);
                    prop_assert_eq!(table.rows().len(), expected.len());
                }
                Err(DataError::Empty { .. }) => prop_assert!(expected.is_empty()),
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}
