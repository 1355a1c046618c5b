//! Data: the embedded digits, and data sets read from text, NPY, NPZ, Matrix Market and svmlight files.
//!
//! The currency is the [`Dataset`]: inputs `d × N` and targets `d' × N`, **a column a sample**. A file
//! becomes one in two steps:
//!
//! 1. *reading* ([`read_csv`], [`read_npy`], or [`read_table`], which tells the format by the first bytes) gives a
//!    [`Table`], one row a sample, every cell a finite number or a word;
//! 2. *preparation* ([`prepare`]) drops constant inputs, standardises, encodes the target and
//!    sub-samples. Every rule that was applied is written to [`Dataset::notes`], to be printed.
//!
//! [`read_dataset`] does both. Nothing from outside panics: a [`DataError`] names the file, the place
//! and the remedy.
//!
//! ```
//! use polyak::data::{Preparation, csv_from_reader, digits, prepare};
//!
//! assert_eq!(digits().samples(), 1797);
//!
//! let csv = "height,weight,class\n1.5,50,cat\n1.7,64,dog\n1.6,71,cat\n";
//! let data = prepare(&csv_from_reader("pets", csv.as_bytes())?, &Preparation::default())?;
//! assert_eq!((data.inputs.shape(), data.targets.shape()), ((2, 3), (2, 3)));
//! # Ok::<(), polyak::data::DataError>(())
//! ```

mod archive;
mod cell;
mod dataset;
mod delimited;
mod digits;
mod error;
#[cfg(test)]
mod fixture;
mod format;
mod header;
mod hostile;
mod index;
mod input;
mod layers;
mod layout;
mod npy;
mod npz;
mod numbered;
mod points;
mod prepare;
mod read;
mod records;
mod slip;
mod source;
mod sparse;
mod spec;
mod standardise;
#[cfg(feature = "strategies")]
pub mod strategies;
mod table;
mod target;

pub use cell::Cell;
pub use dataset::Dataset;
pub use delimited::{csv_from_reader, read_csv};
pub use digits::digits;
pub use error::DataError;
pub use hostile::{Hostile, HostileMeasure};
pub use input::read_bytes;
pub use layers::{layers_from_bytes, read_layers};
pub use npy::{ArrayError, npy_from_reader, read_npy};
pub use npz::matrix_from_npz;
pub use points::{PointOptions, points};
pub use prepare::{Preparation, prepare};
pub use read::{read_dataset, read_table, read_table_with, table_from_reader};
pub use records::Separator;
pub use slip::Slip;
pub use source::MAX_STREAM;
pub use sparse::{SparseError, matrix_market, svmlight};
pub use spec::{DEFAULT_DRAWS, MeanFieldSpec, ResidualSpec};
pub use table::Table;
pub use target::{MAX_INTEGER_LABELS, MAX_LABELS, TargetColumn};
