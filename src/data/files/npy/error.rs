//! What can be wrong with an array, or with an archive of arrays.

use thiserror::Error;

use crate::memory::Shortage;
use crate::text::{count, excerpt, listed, printable};

/// A fault of an NPY or NPZ file. Places are counted from 1.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// The bytes do not begin as an NPY file of version 1, 2 or 3 does.
    #[error("not an NPY file of version 1, 2 or 3; write it with numpy.save")]
    NotNpy,

    /// The header is cut short, longer than 64 KiB, or not a dictionary of `descr`, `fortran_order` and `shape`.
    #[error("the NPY header cannot be understood; write the file again with numpy.save")]
    Header,

    /// The entries are no real numbers of at most 64 bits.
    #[error("entries of type {} ({what}); {remedy}", printable(dtype))]
    Type {
        /// The type as written in the file.
        dtype: String,
        /// What it is, in words.
        what: &'static str,
        /// What may be done in NumPy, where `x` is the array.
        remedy: &'static str,
    },

    /// The array does not have two dimensions, or three if it is a network.
    #[error(
        "an array of shape {}; {needed} dimensions are needed, {}: {}",
        tuple(shape),
        if *needed == 2 { "rows (samples) × columns" } else { "layers × particles × coordinates" },
        reshaped(shape.len(), *needed)
    )]
    Shape {
        /// The shape in the file.
        shape: Vec<usize>,
        /// Dimensions needed.
        needed: usize,
    },

    /// A dimension is zero.
    #[error(
        "an array of shape {}, which is empty; it needs at least one entry",
        tuple(shape)
    )]
    Empty {
        /// The shape in the file.
        shape: Vec<usize>,
    },

    /// Fewer or more bytes after the header than the shape calls for.
    #[error(
        "{} of entries where the shape calls for {expected}; the file is damaged: write it again",
        count(found, "byte")
    )]
    Size {
        /// Bytes that the shape calls for.
        expected: u128,
        /// Bytes that there are.
        found: u64,
    },

    /// A NaN or infinite entry.
    #[error(
        "{}: {value} is not a finite number; correct it{}",
        place(index),
        if index.len() == 2 { ", or remove the row if every row is a sample" } else { "" }
    )]
    NotFinite {
        /// Where it is: row and column, or layer, particle and coordinate.
        index: Vec<usize>,
        /// The entry.
        value: f64,
    },

    /// A NaN or infinite entry of a named array.
    #[error(
        "entry {index:?}: {value} is not a finite number; correct it, or take an earlier checkpoint"
    )]
    NotFiniteEntry {
        /// Where it is, in the order of the shape.
        index: Vec<usize>,
        /// The entry.
        value: f64,
    },

    /// A square matrix with NaN all over one side of its diagonal, and nowhere else.
    #[error(
        "every entry on one side of the diagonal is NaN, as of a symmetric matrix of which one triangle is there; \
         save numpy.where(numpy.isnan(x), x.T, x), which mirrors it"
    )]
    HalfMatrix,

    /// An integer that no f64 is equal to.
    #[error(
        "{}: the integer {value} is beyond 2^53 and no double-precision number; subtract an offset or divide \
         by a common factor first, in integers",
        place(index)
    )]
    Inexact {
        /// Where it is: row and column, or layer, particle and coordinate.
        index: Vec<usize>,
        /// The entry.
        value: i128,
    },

    /// The entries do not fit into memory.
    #[error("{0}; take fewer rows or columns")]
    Memory(#[from] Shortage),

    /// The file is not a zip archive, or a damaged one, or an array in it is encrypted or compressed by another
    /// method than NumPy's.
    #[error("not an NPZ archive ({cause}); write it with numpy.savez")]
    NotNpz {
        /// What is wrong with the archive.
        cause: &'static str,
    },

    /// The archive has no array of this name.
    #[error(
        "no array is named `{}`; available: {}",
        printable(&excerpt(array)),
        listed(available)
    )]
    NoArray {
        /// The name looked for.
        array: String,
        /// The names in the archive.
        available: Vec<String>,
    },

    /// The archive has several arrays, and none was named.
    #[error("{} arrays: {}; name one of them with --array", available.len(), listed(available))]
    Several {
        /// The names in the archive.
        available: Vec<String>,
    },

    /// An array was asked for by name where there is no archive.
    #[error(
        "only an NPZ archive has arrays by name; leave --array {} out",
        printable(&excerpt(array))
    )]
    Nameless {
        /// The name asked for.
        array: String,
    },

    /// The archive has this array more than once.
    #[error(
        "{times} arrays are named `{}`; write the archive again with numpy.savez",
        printable(&excerpt(array))
    )]
    Twice {
        /// The name.
        array: String,
        /// How often it is there.
        times: usize,
    },

    /// The archive holds a sparse matrix of `scipy.sparse.save_npz`.
    #[error(
        "a sparse matrix of scipy.sparse.save_npz; write it with scipy.io.mmwrite(\"x.mtx\", x), or dense with \
         numpy.save(\"x.npy\", x.toarray())"
    )]
    SparseOfScipy,
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [length] => format!("({length},)"),
        _ => {
            let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("({})", lengths.join(", "))
        }
    }
}

/// How an array `x` of so many dimensions is given others.
fn reshaped(dimensions: usize, needed: usize) -> &'static str {
    match (dimensions, needed) {
        (1, 2) => {
            "save x.reshape(-1, 1) for one column (points on a line), or x[None] for one row (a single point)"
        }
        (0, _) => "this is a single number",
        (_, 2) => "save x.reshape(len(x), -1) to make a row of every sample, or one slice, as x[0]",
        (2, _) => "save x[None] for a network of one layer",
        (1, _) => "save x[None, :, None] for one layer of particles on a line",
        _ => "save one network, as x[0]",
    }
}

/// An index of two or three numbers, in words.
fn place(index: &[usize]) -> String {
    match index {
        [row, column] => format!("row {row}, column {column}"),
        [layer, particle, coordinate] => {
            format!("layer {layer}, particle {particle}, coordinate {coordinate}")
        }
        _ => format!("entry {index:?}"),
    }
}
