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

mod dataset;
#[cfg(feature = "files")]
mod digits;
mod error;
#[cfg(feature = "files")]
mod files;
mod hostile;
mod spec;
#[cfg(feature = "strategies")]
pub mod strategies;

pub use dataset::Dataset;
#[cfg(feature = "files")]
pub use digits::digits;
pub use error::DataError;
#[cfg(feature = "files")]
pub use files::{
    ArrayError, ArrayFormat, Cell, MAX_INTEGER_LABELS, MAX_LABELS, MAX_STREAM, NamedArray,
    PointOptions, Preparation, Separator, Slip, SparseError, Table, TargetColumn,
    arrays_from_bytes, csv_from_reader, layers_from_bytes, matrix_from_npz, matrix_market,
    npy_from_reader, points, prepare, read_arrays, read_bytes, read_csv, read_dataset, read_layers,
    read_npy, read_table, read_table_with, read_vector, svmlight, table_from_reader,
};
#[cfg(all(feature = "files", feature = "serde"))]
pub use files::{TileFolder, TileFolderError};
pub use hostile::{Hostile, HostileMeasure};
pub use spec::{DEFAULT_DRAWS, MeanFieldSpec, PointsSpec, ResidualSpec};
