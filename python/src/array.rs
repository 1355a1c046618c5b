//! Arrays of NumPy, taken as they lie.
//!
//! The Python half makes sure that they are of native `float64` and laid out without gaps; here they become views that
//! outlive the hold of the interpreter, because each keeps its array alive.

use crate::refusal::{Class, Refusal};
use nalgebra::{DMatrix, DMatrixView};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

/// The numbers of an array, and the array.
struct Kept {
    /// What owns the numbers.
    _owner: Py<PyAny>,
    start: *const f64,
    len: usize,
}

// SAFETY: the numbers belong to an array that `_owner` keeps alive, and whose memory NumPy does not move while somebody
// else refers to it. They are only read. Somebody who writes to the array from another thread meanwhile gets the numbers
// of either time, as with any function of NumPy that lets go of the interpreter.
unsafe impl Send for Kept {}
// SAFETY: as above.
unsafe impl Sync for Kept {}

impl Kept {
    fn new(owner: &Bound<'_, PyAny>, numbers: &[f64]) -> Self {
        Self {
            _owner: owner.clone().unbind(),
            start: numbers.as_ptr(),
            len: numbers.len(),
        }
    }

    fn numbers(&self) -> &[f64] {
        // SAFETY: `start` and `len` are those of a slice of the array that `_owner` keeps alive.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

fn gaps(py: Python<'_>) -> PyErr {
    Refusal::new(
        Class::Bug,
        "an array with gaps came through the checks of polyak",
    )
    .raised(py)
}

/// Points, a row each in Python; a column each here.
pub struct Points {
    kept: Kept,
    count: usize,
    dimension: usize,
}

impl Points {
    /// Takes an array of shape (N, q) that is contiguous in C's order.
    pub fn of(array: &Bound<'_, PyArray2<f64>>) -> PyResult<Self> {
        let read: PyReadonlyArray2<'_, f64> = array.readonly();
        let shape = read.as_array().dim();
        if !array.is_c_contiguous() {
            return Err(gaps(array.py()));
        }
        let numbers = read.as_slice().map_err(|_| gaps(array.py()))?;
        Ok(Self {
            kept: Kept::new(array.as_any(), numbers),
            count: shape.0,
            dimension: shape.1,
        })
    }

    /// q × N.
    pub fn view(&self) -> DMatrixView<'_, f64> {
        DMatrixView::from_slice(self.kept.numbers(), self.dimension, self.count)
    }

    /// A copy, q × N.
    pub fn owned(&self) -> DMatrix<f64> {
        self.view().into_owned()
    }

    /// The first number that is not finite, as an error; `what` names the array.
    pub fn require_finite(&self, what: &str) -> Result<(), Refusal> {
        let numbers = self.kept.numbers();
        let Some(place) = numbers.iter().position(|number| !number.is_finite()) else {
            return Ok(());
        };
        let (row, column) = (place / self.dimension + 1, place % self.dimension + 1);
        let message = format!(
            "coordinate {column} of point {row} of `{what}` is {}: every coordinate must be finite",
            numbers[place]
        );
        Err(Refusal::new(Class::Array, message))
    }
}

impl<'a> From<&'a Points> for DMatrixView<'a, f64> {
    fn from(points: &'a Points) -> Self {
        points.view()
    }
}

/// A matrix that is contiguous in either order: its numbers, and whether they lie row by row.
pub struct Square {
    kept: Kept,
    shape: (usize, usize),
    by_rows: bool,
}

impl Square {
    pub fn of(array: &Bound<'_, PyArray2<f64>>) -> PyResult<Self> {
        let by_rows = array.is_c_contiguous();
        if !by_rows && !array.is_fortran_contiguous() {
            return Err(gaps(array.py()));
        }
        let read: PyReadonlyArray2<'_, f64> = array.readonly();
        let numbers = read.as_slice().map_err(|_| gaps(array.py()))?;
        Ok(Self {
            kept: Kept::new(array.as_any(), numbers),
            shape: read.as_array().dim(),
            by_rows,
        })
    }

    /// A copy as it lies: transposed, where it lies by rows.
    pub fn owned(&self) -> DMatrix<f64> {
        let (rows, columns) = self.shape;
        let (rows, columns) = if self.by_rows {
            (columns, rows)
        } else {
            (rows, columns)
        };
        DMatrix::from_column_slice(rows, columns, self.kept.numbers())
    }

    /// A copy of the matrix itself.
    pub fn as_given(&self) -> DMatrix<f64> {
        let owned = self.owned();
        if self.by_rows {
            owned.transpose()
        } else {
            owned
        }
    }

    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    pub fn is_by_rows(&self) -> bool {
        self.by_rows
    }
}

/// A row of numbers, copied.
pub fn numbers(array: &Bound<'_, PyArray1<f64>>) -> PyResult<Vec<f64>> {
    let read: PyReadonlyArray1<'_, f64> = array.readonly();
    let numbers = read.as_slice().map_err(|_| gaps(array.py()))?;
    Ok(numbers.to_vec())
}

/// Numbers as an array of so many rows, which owns them; nothing is copied.
pub fn returned<'py>(
    py: Python<'py>,
    numbers: Vec<f64>,
    shape: [usize; 2],
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    PyArray1::from_vec(py, numbers).reshape(shape)
}
