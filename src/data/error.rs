//! What can be wrong with data from outside.

use thiserror::Error;

#[cfg(feature = "files")]
use super::{ArrayError, Separator, Slip, SparseError};
use crate::text::{count, listed, printable};

/// A fault of a data file, or of what was asked of it.
///
/// `file` is the path or the name given to the source; `line` is the 1-based line of the file; `column`
/// is the name in the header, or `column 3` (1-based) where there is none. Long values are cut short;
/// what commands a terminal is escaped where a message is shown.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file cannot be opened or read: missing, a directory, not permitted.
    #[error("{file}: cannot be read ({cause}); check the path and its permissions", file = printable(.file))]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// A format that is not read, told by the first bytes.
    #[error("{file}: {format}, which is not read; {remedy}", file = printable(.file))]
    ForeignFormat {
        /// The file.
        file: String,
        /// What the file is.
        format: &'static str,
        /// How to make a file of it that is read.
        remedy: &'static str,
    },

    /// More than [`MAX_STREAM`](super::MAX_STREAM) bytes from something that does not say its size.
    #[error(
        "{file}: more than {mebibytes} MiB from a stream or a compressed file; write them to a plain file first",
        file = printable(.file)
    )]
    Endless {
        /// The file.
        file: String,
        /// The limit, in mebibytes.
        mebibytes: u64,
    },

    /// A gzip stream that is damaged or cut short.
    #[error(
        "{file}: the gzip stream is damaged ({cause}); compress the file again",
        file = printable(.file)
    )]
    Gzip {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        cause: std::io::Error,
    },

    /// A text file that is not UTF-8.
    #[error(
        "{file}, line {line}: this is not UTF-8 text; save the file with the encoding UTF-8",
        file = printable(.file)
    )]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line of the first wrong byte.
        line: usize,
    },

    /// A text file with a zero byte.
    #[error(
        "{file}, line {line}: there is a zero byte; this is a binary or UTF-16 file: save it as UTF-8 text",
        file = printable(.file)
    )]
    ZeroByte {
        /// The file.
        file: String,
        /// The line of the first zero byte.
        line: usize,
    },

    /// No cell at all: zero bytes, blank lines only, or an array with an empty dimension.
    #[error("{file}: the file is empty; give at least one row", file = printable(.file))]
    Empty {
        /// The file.
        file: String,
    },

    /// Comments, and no cell.
    #[error(
        "{file}: there are comments only, the first of them in line {line}; give at least one row, without # or % before it",
        file = printable(.file)
    )]
    OnlyComments {
        /// The file.
        file: String,
        /// The line of the first comment.
        line: usize,
    },

    /// One triangle of a square matrix, the cells of the other missing or not written.
    #[error(
        "{file}, line {line}: the cells on one side of the diagonal are missing in every row, as of a symmetric matrix of \
         which one triangle is written; write each entry at its mirrored place, too",
        file = printable(.file)
    )]
    HalfMatrix {
        /// The file.
        file: String,
        /// The line of the first row that misses a cell, or has another number of cells than the row before.
        line: usize,
    },

    /// A header and nothing under it.
    #[error(
        "{file}: line {line} is a header ({}) with no row under it; add the data",
        listed(.names),
        file = printable(.file)
    )]
    HeaderOnly {
        /// The file.
        file: String,
        /// The line of the header.
        line: usize,
        /// The names found.
        names: Vec<String>,
    },

    #[cfg(feature = "files")]
    /// A row with more or fewer cells than the rows before it.
    #[error(
        "{file}, line {line}: {} separated by {separator}, but {expected} before{}; \
         add or remove cells, and quote a cell that contains the separator",
        count(.cells, "cell"),
        if *trailing { " (the longer has nothing behind its last separator: there is one too many at the end of a line)" } else { "" },
        file = printable(.file)
    )]
    RaggedRow {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The cells of the row.
        cells: usize,
        /// The cells of the rows before it, or of the header.
        expected: usize,
        /// The separator in use.
        separator: Separator,
        /// The longer of the two is longer by blank cells only.
        trailing: bool,
    },

    /// A quoted cell that runs over the end of its line.
    #[error(
        "{file}, line {line}: cell {column} runs over the end of the line; close its quote",
        file = printable(.file)
    )]
    LineBreakInCell {
        /// The file.
        file: String,
        /// The line where the row begins.
        line: usize,
        /// The 1-based position of the cell.
        column: usize,
    },

    /// The first row holds a word over a number, as a header would, and also cells that are neither
    /// words nor blank, as data would.
    #[error(
        "{file}, line {line}: cell {column} is `{word}`, over the number {number}, in a row that is not all \
         words; name every column in words, or correct the cell",
        file = printable(.file),
        word = printable(.word)
    )]
    AmbiguousHeader {
        /// The file.
        file: String,
        /// The line of the first row.
        line: usize,
        /// The 1-based position of the word.
        column: usize,
        /// The word.
        word: String,
        /// The number under it.
        number: f64,
    },

    /// The first row is `0, 1, …, d − 1`, which may number the columns or be data.
    #[error(
        "{file}, line {line}: the row {} may number the columns or be data; if it numbers them, remove it; \
         if it is data, write 0.0 for its 0",
        if *columns == 1 { "0".to_owned() } else { format!("0 to {}", columns - 1) },
        file = printable(.file)
    )]
    NumberedColumns {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The number of columns, `d`.
        columns: usize,
    },

    /// A first column without a name that neither counts the rows nor names them.
    #[error(
        "{file}, line {line}: the first column has no name, and it neither counts the rows nor names them; \
         remove it if it is an index, name it if it is data",
        file = printable(.file)
    )]
    UnnamedColumn {
        /// The file.
        file: String,
        /// The line of the header.
        line: usize,
    },

    /// Two columns with the same name.
    #[error(
        "{file}: columns {first} and {second} are both named `{name}`; rename one",
        file = printable(.file),
        name = printable(.name)
    )]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// The 1-based position of the first.
        first: usize,
        /// The 1-based position of the second.
        second: usize,
    },

    /// A cell that is empty, NaN, or marked as missing: `NA`, `N/A`, `null`, `?`, `#N/A` and its kin, in any case.
    #[error(
        "{file}, line {line}, {column}: missing value `{value}`; fill the cell or remove the row",
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    MissingValue {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The column.
        column: String,
        /// The cell as written.
        value: String,
    },

    /// A missing entry of a matrix that is symmetric elsewhere, whose mirrored entry is there.
    #[error(
        "{file}, line {line}, {column}: missing value; the matrix is symmetric elsewhere: fill the cell with the \
         entry across the diagonal, `{mirrored}`, in line {mirrored_line}",
        file = printable(.file),
        column = printable(.column),
        mirrored = printable(.mirrored)
    )]
    MissingEntry {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The column.
        column: String,
        /// The line of the mirrored entry.
        mirrored_line: usize,
        /// The mirrored entry as written.
        mirrored: String,
    },

    /// A cell that is infinite, or beyond the largest double-precision number.
    #[error(
        "{file}, line {line}, {column}: `{value}` is not a finite number; correct the cell or remove the row",
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    NotFinite {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The column.
        column: String,
        /// The cell as written.
        value: String,
    },

    #[cfg(feature = "files")]
    /// A cell that begins like a number and is none.
    #[error(
        "{file}, line {line}, {column}: `{value}` is not a number: {slip}",
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    Malformed {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The column.
        column: String,
        /// The cell as written.
        value: String,
        /// What is wrong with it.
        slip: Box<Slip>,
    },

    /// A NaN or infinite entry of a matrix.
    #[error(
        "{file}, row {row}, column {column}: {value} is not a finite number; correct or remove the row",
        file = printable(.file)
    )]
    NotFiniteEntry {
        /// The file.
        file: String,
        /// The 1-based row.
        row: usize,
        /// The 1-based column.
        column: usize,
        /// The entry.
        value: f64,
    },

    /// A word where a number is needed.
    #[error(
        "{file}, line {line}, {column}: `{value}` is not a number; encode the column as numbers{}",
        if *target { ", remove it, or name it as the target" } else { " or remove it" },
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    NotNumeric {
        /// The file.
        file: String,
        /// The line of the row.
        line: usize,
        /// The column.
        column: String,
        /// The cell as written.
        value: String,
        /// Whether a column may be named as the target.
        target: bool,
    },

    /// The target names no column.
    #[error(
        "{file}: no column is named `{name}`; available: {}, or LAST",
        listed(.available),
        file = printable(.file),
        name = printable(.name)
    )]
    UnknownColumn {
        /// The file.
        file: String,
        /// The name asked for.
        name: String,
        /// The names there are.
        available: Vec<String>,
    },

    /// The target index is 0 or above the number of columns.
    #[error(
        "{file}: there is no column {index}; columns are counted from 1 to {columns}",
        file = printable(.file)
    )]
    ColumnOutOfRange {
        /// The file.
        file: String,
        /// The index asked for.
        index: usize,
        /// The number of columns.
        columns: usize,
    },

    /// One column, which is the target: nothing to predict it from.
    #[error(
        "{file}: there is only one column, so no input beside the target; separate cells by commas, semicolons, tabs or \
         blanks, and give at least two columns",
        file = printable(.file)
    )]
    OneColumn {
        /// The file.
        file: String,
    },

    /// Every input column is constant (as with a single row).
    #[error(
        "{file}: every input column is constant ({}) over {}; give rows that differ",
        listed(.columns),
        count(.rows, "row"),
        file = printable(.file)
    )]
    ConstantInputs {
        /// The file.
        file: String,
        /// The number of rows.
        rows: usize,
        /// The input columns.
        columns: Vec<String>,
    },

    /// The target takes one value only.
    #[error(
        "{file}, {column}: the target is `{value}` in every row; there is nothing to learn: choose another target",
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    ConstantTarget {
        /// The file.
        file: String,
        /// The target column.
        column: String,
        /// Its value.
        value: String,
    },

    /// The target has words and also numbers that are not integers, or words that begin like numbers among numbers:
    /// neither a label nor a number.
    #[error(
        "{file}, line {line}, {column}: the target `{value}` is not a number, but others are, like {number}; \
         correct the cell or remove the row",
        file = printable(.file),
        column = printable(.column),
        value = printable(.value)
    )]
    MixedTarget {
        /// The file.
        file: String,
        /// The line of the first word.
        line: usize,
        /// The target column.
        column: String,
        /// The word.
        value: String,
        /// One of the numbers.
        number: f64,
    },

    /// A label target with more than [`MAX_LABELS`](super::MAX_LABELS) distinct labels.
    #[error(
        "{file}, {column}: {labels} distinct labels, more than {limit}; encode the target as numbers",
        file = printable(.file),
        column = printable(.column)
    )]
    TooManyLabels {
        /// The file.
        file: String,
        /// The target column.
        column: String,
        /// The number of distinct labels.
        labels: usize,
        /// The most that are accepted.
        limit: usize,
    },

    /// A sub-sample of 0 samples.
    #[error("{file}: a sub-sample of 0 samples was asked for; ask for at least 1", file = printable(.file))]
    NoSamples {
        /// The data set.
        file: String,
    },

    #[cfg(feature = "files")]
    /// An array or an archive of arrays.
    #[error("{file}: {cause}", file = printable(.file))]
    Array {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        cause: ArrayError,
    },

    #[cfg(feature = "files")]
    /// A line of a sparse matrix in text.
    #[error("{file}, line {line}: {cause}", file = printable(.file))]
    Sparse {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: SparseError,
    },

    /// A folder, a device or a socket where a file is needed.
    #[error("{file}: is {what}; name a file, or a pipe", file = printable(.file))]
    NotAFile {
        /// The path.
        file: String,
        /// What it is.
        what: &'static str,
    },

    /// A file, or what comes through a pipe, that is longer than anything that it could be.
    #[error(
        "{file}: more than {most} bytes, which it cannot need; is it the right file?",
        file = printable(.file)
    )]
    TooLong {
        /// The file.
        file: String,
        /// The most bytes that are read.
        most: u64,
    },

    #[cfg(feature = "files")]
    /// An array of a file of several.
    #[error("{file}: array `{array}`: {cause}", file = printable(.file), array = printable(.array))]
    InArray {
        /// The file.
        file: String,
        /// The array.
        array: String,
        /// What is wrong with it.
        #[source]
        cause: ArrayError,
    },

    /// A safetensors file that is damaged.
    #[error(
        "{file}: no safetensors file that is whole ({cause}); write it again with safetensors.numpy.save_file",
        file = printable(.file)
    )]
    SafeTensors {
        /// The file.
        file: String,
        /// What is wrong with it.
        cause: &'static str,
    },

    /// A file of arrays that is neither NPZ nor safetensors.
    #[error(
        "{file}: neither an NPZ archive nor a safetensors file; write one with numpy.savez or \
         safetensors.numpy.save_file",
        file = printable(.file)
    )]
    NoArrays {
        /// The file.
        file: String,
    },

    /// A network in a file that is neither NPZ nor NPY.
    #[error(
        "{file}: a network is an array of shape layers × particles × coordinates, written by numpy.save or \
         numpy.savez: this file is neither",
        file = printable(.file)
    )]
    NotANetwork {
        /// The file.
        file: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_file_place_and_remedy() {
        let error = DataError::UnknownColumn {
            file: "a.csv".into(),
            name: "z".into(),
            available: vec!["x".into(), "y".into()],
        };
        assert_eq!(
            error.to_string(),
            "a.csv: no column is named `z`; available: x, y, or LAST"
        );
    }
}
