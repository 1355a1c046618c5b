//! The header of delimited text: whether there is one, and the names in it.

use std::collections::HashMap;

use super::DataError;
use super::cell::{Reading, classify};
use super::table::default_name;
use crate::text::excerpt;

/// Whether the first row is a header: all its cells are words, or they are words and blanks with some
/// word over a number. A word over a number in any other first row is an error.
pub(super) fn is_header(
    name: &str,
    line: usize,
    first: &[&str],
    second: Option<&Vec<&str>>,
) -> Result<bool, DataError> {
    let words = first
        .iter()
        .filter(|cell| matches!(classify(cell), Reading::Word))
        .count();
    let blanks = first.iter().filter(|cell| cell.is_empty()).count();
    let word_over_number = second.and_then(|second| {
        first
            .iter()
            .zip(second)
            .enumerate()
            .find_map(
                |(j, (above, below))| match (classify(above), classify(below)) {
                    (Reading::Word, Reading::Number(number)) => Some((j, *above, number)),
                    _ => None,
                },
            )
    });
    match word_over_number {
        _ if words == first.len() => Ok(true),
        Some(_) if words + blanks == first.len() => Ok(true),
        Some((j, word, number)) => Err(DataError::AmbiguousHeader {
            file: name.to_owned(),
            line,
            column: j + 1,
            word: excerpt(word),
            number,
        }),
        None => Ok(false),
    }
}

/// Names of the columns, blanks filled, each once.
pub(super) fn header_names(file: &str, cells: &[&str]) -> Result<Vec<String>, DataError> {
    let name = |(j, cell): (usize, &&str)| {
        if cell.is_empty() {
            default_name(j)
        } else {
            (*cell).to_owned()
        }
    };
    let names: Vec<String> = cells.iter().enumerate().map(name).collect();
    let mut seen = HashMap::new();
    for (j, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name, j + 1) {
            return Err(DataError::DuplicateColumn {
                file: file.to_owned(),
                name: name.clone(),
                first,
                second: j + 1,
            });
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::super::{Table, csv_from_reader};
    use super::*;

    fn read(text: &str) -> Result<Table, DataError> {
        csv_from_reader("t.csv", text.as_bytes())
    }

    #[test]
    fn headers_are_found() {
        for (text, header) in [
            ("x,y\n1,2\n", true),
            ("x,y\na,b\n", true),
            ("1,2\n3,4\n", false),
            ("1,2\n", false),
            ("1,cat\n2,dog\n", false),
            (",x\n0,1\n", true),
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
        let table = read("\n\n,x\n0,1\n").unwrap();
        assert_eq!(table.names().unwrap(), ["column 1", "x"]);
        assert_eq!(table.notes(), ["line 3 is a header: it names the columns"]);
    }

    #[test]
    fn half_headers_are_refused() {
        for (text, column, word) in [
            ("x,2\n1,2\n", 1, "x"),
            ("nan,b\n1,2\n", 2, "b"),
            ("1,,c\n1,2,3\n", 3, "c"),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                matches!(&error, DataError::AmbiguousHeader { line: 1, column: at, word: found, .. }
                if *at == column && found == word),
                "{error}"
            );
        }
        let error = read("\n1,1.2x\n3,4.5\n").unwrap_err();
        assert!(matches!(
            error,
            DataError::AmbiguousHeader {
                line: 2,
                number: 4.5,
                ..
            }
        ));
        // Blanks over numbers are missing values, not a header.
        assert!(matches!(
            read(",cat\n1,dog\n"),
            Err(DataError::MissingValue { line: 1, .. })
        ));
    }

    #[test]
    fn names_must_differ() {
        let error = read("x,y,x\n1,2,3\n").unwrap_err();
        assert!(
            matches!(error, DataError::DuplicateColumn { name, first: 1, second: 3, .. } if name == "x")
        );
        assert!(matches!(
            read("column 2,\n1,2\n"),
            Err(DataError::DuplicateColumn {
                first: 1,
                second: 2,
                ..
            })
        ));
        assert_eq!(
            read(",,x\n1,2,3\n").unwrap().names().unwrap()[1],
            "column 2"
        );
    }
}
