//! Files of SVMlight and LIBSVM: a row a line, a label and then the entries that are not zero.

use super::super::cell::{Reading, classify};
use super::super::slip::Slip;
use super::dense::Dense;
use super::{DataError, SparseError, at, number, utf8};
use crate::data::Table;

/// Reads a table in the format of SVMlight and LIBSVM from bytes; `name` stands for the file in messages.
///
/// * **Lines**: a label and pairs `index:value`, as `+1 3:0.5 7:1e-2`, separated by blanks. The indices ascend; what
///   is not there is zero. What follows a `#` is a comment; lines with nothing else are skipped. `qid:3`, a group for
///   ranking, is left out.
/// * **Indices** count from 1, unless an index 0 occurs in the file: then from 0.
/// * **Label**: a number. It is the last column, called `label`, which is the target if none is named. The columns of
///   the entries are called by their indices.
///
/// # Guarantee
/// Each entry is the f64 nearest to what is written.
///
/// # Errors
/// [`DataError::Sparse`], with the line, and [`DataError::NotUtf8`]. A table with more than 1024 entries, zeros
/// included, for a byte of the lines, comments not counted, is refused.
///
/// # Example
/// ```
/// let table = polyak::data::svmlight("here", "-1 1:0.5 # first\n+1 3:2\n".as_bytes())?;
/// assert_eq!(table.names().unwrap(), ["1", "2", "3", "label"]);
/// assert_eq!(table.to_matrix()?.as_slice(), [0.5, 0.0, 0.0, 0.0, 0.0, 2.0, -1.0, 1.0]);
/// # Ok::<(), polyak::data::DataError>(())
/// ```
pub fn svmlight(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let text = utf8(name, bytes)?;
    let (mut rows, mut lines, mut pairs, mut ranked) = (vec![], vec![], vec![], false);
    let mut written = 0;
    for (k, line) in text.lines().enumerate() {
        let line = uncommented(line);
        if line.is_empty() {
            continue;
        }
        let before = pairs.len();
        let label = read(line, &mut pairs, &mut ranked).map_err(at(name, k + 1))?;
        rows.push((label, before..pairs.len()));
        lines.push(k + 1);
        written += line.len() + 1;
    }
    let first = usize::from(pairs.iter().all(|&(index, _)| index > 0));
    let largest = pairs.iter().map(|&(index, _)| index).max();
    let (Some(largest), Some(&line)) = (largest, lines.first()) else {
        return Err(at(name, lines.first().copied().unwrap_or(1))(
            SparseError::Empty,
        ));
    };
    let columns = largest.saturating_sub(first).saturating_add(1);
    let width = columns.saturating_add(1);
    let dense = Dense::try_new(rows.len(), width, written).map_err(at(name, line));
    let mut dense = dense?;
    for (row, (label, range)) in rows.into_iter().enumerate() {
        let here = at(name, lines[row]);
        for &(index, value) in &pairs[range] {
            dense.fill(row, index - first, value).map_err(&here)?;
        }
        dense.fill(row, columns, label).map_err(&here)?;
    }
    let mut table = Table::from_matrix(name, &dense.finished())?;
    let indices = (first..=largest).map(|index| index.to_string());
    table.names = Some(indices.chain(["label".to_owned()]).collect());
    table.lines = lines;
    table.label = Some(columns);
    table.notes = vec![format!(
        "the file is read as svmlight: indices count from {first}, what is not there is zero, the label is the \
         column `label`"
    )];
    if ranked {
        table.notes.push("the groups `qid` are left out".to_owned());
    }
    Ok(table)
}

/// Reads a line: appends its pairs, returns its label.
fn read(line: &str, pairs: &mut Vec<(usize, f64)>, ranked: &mut bool) -> Result<f64, SparseError> {
    let mut words = line.split_whitespace();
    let label = words.next().unwrap_or_default();
    let label = number(label).map_err(|_| SparseError::Label {
        word: label.to_owned(),
    })?;
    let start = pairs.len();
    for (position, word) in words.enumerate() {
        if position == 0 && is_group(word) {
            *ranked = true;
            continue;
        }
        let refused = || SparseError::Pair {
            word: word.to_owned(),
        };
        let (index, value) = word.split_once(':').ok_or_else(refused)?;
        let index = index.parse().map_err(|_| refused())?;
        let before = pairs[start..].last().map(|&(index, _)| index);
        if let Some(before) = before.filter(|&before| before >= index) {
            return Err(SparseError::Order { index, before });
        }
        pairs.push((index, number(value)?));
    }
    Ok(label)
}

/// Whether a word is `qid:3`.
fn is_group(word: &str) -> bool {
    let group = word.strip_prefix("qid:");
    group.is_some_and(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn uncommented(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// Whether a word is a number, or one that went wrong: what it is meant for.
fn is_meant_as_number(word: &str) -> bool {
    match classify(word) {
        Reading::Number(_) | Reading::Missing | Reading::Infinite => true,
        Reading::Slip(slip) => slip != Slip::Other,
        Reading::Word | Reading::Blank => false,
    }
}

/// Tells whether text begins as such a file does: with a label and a pair, after lines that are a label alone.
/// Their numbers may have gone wrong, which is then said with the line.
///
/// # Arguments
/// * `head`: the beginning of the file; its last word may be cut.
pub(in super::super) fn is_svmlight(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    for line in head.lines().map(uncommented) {
        let mut words = line.split_whitespace();
        let Some(label) = words.next() else {
            continue;
        };
        if !is_meant_as_number(label) {
            return false;
        }
        let mut words = words.skip_while(|word| is_group(word));
        if let Some(pair) = words.next() {
            let pair = pair.split_once(':');
            return pair.is_some_and(|(index, value)| {
                index.parse::<usize>().is_ok() && is_meant_as_number(value)
            });
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    fn read(text: &str) -> Result<Table, DataError> {
        svmlight("a.svm", text.as_bytes())
    }

    fn fault(text: &str) -> (usize, SparseError) {
        match read(text) {
            Err(DataError::Sparse { line, cause, .. }) => (line, cause),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn rows_are_spread_and_the_label_comes_last() {
        let text = "# made by hand\n+1 1:0.5 3:-2e1 # first\n\n-1 qid:7 2:1\n0\n";
        let table = read(text).unwrap();
        let expected = DMatrix::from_row_slice(
            3,
            4,
            &[
                0.5, 0.0, -20.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0,
            ],
        );
        assert_eq!(table.to_matrix().unwrap(), expected);
        assert_eq!(table.lines(), [2, 4, 5]);
        assert_eq!(table.names().unwrap(), ["1", "2", "3", "label"]);
        assert!(
            table.notes()[0].contains("count from 1"),
            "{:?}",
            table.notes()
        );
        assert_eq!(table.notes()[1], "the groups `qid` are left out");
    }

    #[test]
    fn an_index_of_zero_makes_all_count_from_zero() {
        let table = read("1 1:5\n2 0:4 2:6\n").unwrap();
        let expected = DMatrix::from_row_slice(2, 4, &[0.0, 5.0, 0.0, 1.0, 4.0, 0.0, 6.0, 2.0]);
        assert_eq!(table.to_matrix().unwrap(), expected);
        assert_eq!(table.names().unwrap(), ["0", "1", "2", "label"]);
        assert!(table.notes()[0].contains("count from 0"));
    }

    #[test]
    fn faults_have_their_lines() {
        let pair = |word: &str| SparseError::Pair { word: word.into() };
        let number = |word: &str| SparseError::Number { word: word.into() };
        for (text, expected) in [
            ("1 1:1\n1 x\n", (2, pair("x"))),
            ("1 a:1\n", (1, pair("a:1"))),
            ("1 -1:1\n", (1, pair("-1:1"))),
            ("1 1:1 qid:3\n", (1, pair("qid:3"))),
            ("1 1:x\n", (1, number("x"))),
            ("1 1:inf\n", (1, number("inf"))),
            ("1,2 1:1\n", (1, SparseError::Label { word: "1,2".into() })),
            ("nan 1:1\n", (1, SparseError::Label { word: "nan".into() })),
            (
                "1 2:1 1:1\n",
                (
                    1,
                    SparseError::Order {
                        index: 1,
                        before: 2,
                    },
                ),
            ),
            (
                "1 2:1 2:1\n",
                (
                    1,
                    SparseError::Order {
                        index: 2,
                        before: 2,
                    },
                ),
            ),
            ("# nothing\n", (1, SparseError::Empty)),
            ("1\n2\n", (1, SparseError::Empty)),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
        for index in ["1000000", "18446744073709551615"] {
            let (line, cause) = fault(&format!("1 {index}:1\n"));
            assert!(matches!(cause, SparseError::Spread { .. }) && line == 1);
        }
    }

    #[test]
    fn numbers_that_went_wrong_say_how_they_are_written() {
        for (text, says) in [
            ("1 1:\u{2212}0.5\n", "write -0.5"),
            ("1 1:1,5\n", "write 1.5"),
            ("\u{2212}1 1:0.5\n", "write -1"),
            ("1 1:nan\n", "write one in its place"),
            ("x 1:1\n", "encode words as numbers"),
        ] {
            let message = fault(text).1.to_string();
            assert!(
                message.contains(says) && !message.contains("out"),
                "{message}"
            );
        }
    }

    #[test]
    fn files_are_told_by_their_first_pair() {
        for (head, is) in [
            ("+1 1:0.5\n", true),
            ("# comment\n0\n1 qid:3 2:1", true),
            ("1 1:0.", true),
            ("1 1:\u{2212}0.5\n", true),
            ("\u{2212}1 1:0.5\n", true),
            ("1 1:1,5\n", true),
            ("1 1:nan\n", true),
            ("1 12:30:00\n", false),
            ("2020-01-01 1:2\n", false),
            ("1 2 3\n", false),
            ("1\n2\n", false),
            ("x 1:2\n", false),
            ("1,2:3\n", false),
            ("1 a:2\n", false),
            ("", false),
        ] {
            assert_eq!(is_svmlight(head.as_bytes()), is, "{head}");
        }
    }
}
