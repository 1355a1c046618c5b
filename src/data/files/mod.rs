//! Files: text, NPY, NPZ, Matrix Market and svmlight become tables, and tables data sets or points.

mod archive;
mod cell;
mod delimited;
#[cfg(test)]
mod fixture;
mod format;
mod half;
mod header;
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
mod standardise;
mod table;
mod target;
mod tensors;
#[cfg(feature = "serde")]
mod tile_folder;
mod written;

pub use cell::Cell;
pub use delimited::{csv_from_reader, read_csv};
pub use input::read_bytes;
pub use layers::{layers_from_bytes, read_layers};
pub use npy::{ArrayError, npy_from_reader, read_npy};
pub use npz::matrix_from_npz;
pub use points::{PointOptions, points};
pub use prepare::{Preparation, prepare};
pub use read::{read_dataset, read_table, read_table_with, read_vector, table_from_reader};
pub use records::Separator;
pub use slip::Slip;
pub use source::MAX_STREAM;
pub use sparse::{SparseError, matrix_market, svmlight};
pub use table::Table;
pub use target::{MAX_INTEGER_LABELS, MAX_LABELS, TargetColumn};
pub use tensors::{NamedArray, arrays_from_bytes, read_arrays};
#[cfg(feature = "serde")]
pub use tile_folder::{TileFolder, TileFolderError};
pub use written::ArrayFormat;

use super::{DataError, Dataset};
