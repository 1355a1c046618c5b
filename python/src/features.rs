//! Random Fourier features.

use crate::array::{Points, returned};
use crate::refusal::{Class, Refusal};
use crate::work::attended;
use numpy::PyArray2;
use polyak::features::FourierFeatures;
use polyak::kernel::KernelSpec;
use pyo3::prelude::*;

/// Frequencies of a kernel's law, a row each.
#[pyfunction]
pub fn draw_frequencies(
    py: Python<'_>,
    kernel: String,
    dimension: usize,
    count: usize,
    seed: u64,
    orthogonal: bool,
) -> PyResult<Bound<'_, PyArray2<f64>>> {
    let drawn = attended(py, None, move |_| {
        let kernel: KernelSpec = kernel.parse()?;
        let features = match (orthogonal, &kernel) {
            (false, _) => FourierFeatures::draw(kernel.as_kernel(), dimension, count, seed)?,
            (true, KernelSpec::Gaussian(gaussian)) => {
                FourierFeatures::draw_orthogonal(gaussian, dimension, count, seed)?
            }
            (true, _) => {
                let message =
                    format!("orthogonal frequencies are of a Gaussian kernel, and not of {kernel}");
                return Err(Refusal::new(Class::Kernel, message));
            }
        };
        Ok(features.frequencies().as_slice().to_vec())
    })?;
    returned(py, drawn, [count, dimension])
}

/// The features of points, a row each, of frequencies, a row each.
#[pyfunction]
pub fn fourier_features<'py>(
    py: Python<'py>,
    points: &Bound<'py, PyArray2<f64>>,
    frequencies: &Bound<'py, PyArray2<f64>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (points, frequencies) = (Points::of(points)?, Points::of(frequencies)?);
    let (entries, shape) = attended(py, None, move |_| {
        let features = FourierFeatures::try_new(frequencies.owned())?;
        let mapped = features.evaluate(&points.owned());
        let shape = [mapped.ncols(), mapped.nrows()];
        Ok((Vec::from(mapped.data), shape))
    })?;
    returned(py, entries, shape)
}
