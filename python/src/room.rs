//! Whether memory is there, asked before it is touched.

use polyak::memory::require;
use pyo3::prelude::*;

/// What is short of so many bytes; nothing, if they are there.
#[pyfunction]
pub fn shortage(bytes: usize) -> Option<String> {
    require(bytes).err().map(|shortage| shortage.to_string())
}
