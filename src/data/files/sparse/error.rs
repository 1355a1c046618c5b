//! What can be wrong with a sparse matrix in text.

use thiserror::Error;

use super::super::slip::Slip;
use crate::memory::Shortage;
use crate::text::{count, excerpt, printable};

/// A fault of a line of a Matrix Market or svmlight file. Rows, columns and lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SparseError {
    /// The first line is no header of Matrix Market.
    #[error(
        "no header of Matrix Market, as `%%MatrixMarket matrix coordinate real symmetric`; write the file with \
         scipy.io.mmwrite"
    )]
    Header,

    /// A kind of matrix that has no real symmetric eigenvalue problem, or none that is known.
    #[error("`{}` is not read: {remedy}", printable(&excerpt(word)))]
    Kind {
        /// The word of the header.
        word: String,
        /// What may be done.
        remedy: &'static str,
    },

    /// The line of sizes is missing or is not made of two or three whole numbers above 0.
    #[error("the sizes are not {expected}; write the file with scipy.io.mmwrite")]
    Sizes {
        /// What is needed, in words.
        expected: &'static str,
    },

    /// A symmetric matrix that is not square.
    #[error("a symmetric matrix of {} and {}; they must be as many", count(.rows, "row"), count(.columns, "column"))]
    NotSquare {
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
    },

    /// A line of another number of words.
    #[error("{}, not {expected} as needed; correct the line", count(.found, "word"))]
    Words {
        /// Words that there are.
        found: usize,
        /// Words of an entry.
        expected: usize,
    },

    /// A word that is no finite number.
    #[error(
        "`{}` is not a finite number: {}",
        printable(&excerpt(word)),
        slip(word).unwrap_or_else(|| "write one in its place".to_owned())
    )]
    Number {
        /// The word.
        word: String,
    },

    /// A word that is no whole number where the header promises one.
    #[error(
        "`{}` is not a whole number, which the header promises with `integer`: write one, or `real` in the header",
        printable(&excerpt(word))
    )]
    Whole {
        /// The word.
        word: String,
    },

    /// An integer that no f64 is equal to.
    #[error(
        "the integer {word} is beyond 2^53 and no double-precision number; subtract an offset or divide by a \
         common factor first"
    )]
    Inexact {
        /// The word.
        word: String,
    },

    /// An index that is no whole number, 0, or above the size.
    #[error("the index `{}` is not a whole number from 1 to {most}", printable(&excerpt(word)))]
    Index {
        /// The word.
        word: String,
        /// The largest index.
        most: usize,
    },

    /// An entry for the second time, mirrored ones included.
    #[error(
        "the entry of row {row} and column {column} was given before; keep one of the two, or their sum"
    )]
    Twice {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },

    /// More or fewer entries than the header states.
    #[error(
        "{} where the sizes call for {expected}; the file is cut or was edited: write it again",
        count(found, "entry")
    )]
    Count {
        /// Entries that there are.
        found: usize,
        /// Entries that were stated.
        expected: usize,
    },

    /// A word that is no pair of an index and a value.
    #[error(
        "`{}` is not an index and a value, as `3:0.5`; correct it",
        printable(&excerpt(word))
    )]
    Pair {
        /// The word.
        word: String,
    },

    /// The label is no number.
    #[error(
        "the label `{}` is not a finite number: {}",
        printable(&excerpt(word)),
        slip(word).unwrap_or_else(|| "a line begins with its label, a number; encode words as numbers".to_owned())
    )]
    Label {
        /// The word.
        word: String,
    },

    /// An index that is not above the one before.
    #[error(
        "the index {index} does not come after {before}; sort the indices of the line, each once"
    )]
    Order {
        /// The index.
        index: usize,
        /// The one before.
        before: usize,
    },

    /// The dense matrix is more than a thousand times what is written of it.
    #[error(
        "{rows} × {columns} entries, zeros included, of which {} are written; matrices are dense here: take \
         fewer rows or columns",
        count(bytes, "byte")
    )]
    Spread {
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
        /// The bytes of the lines that hold entries.
        bytes: usize,
    },

    /// The dense matrix does not fit into memory.
    #[error("zeros included, {0}; take fewer rows or columns")]
    Memory(#[from] Shortage),

    /// Nothing but comments.
    #[error("no row; it needs at least one with an entry")]
    Empty,
}

/// How a number that went wrong is to be written, if that is known.
fn slip(word: &str) -> Option<String> {
    let slip = Slip::of(word).filter(|slip| *slip != Slip::Other);
    slip.map(|slip| slip.to_string())
}
