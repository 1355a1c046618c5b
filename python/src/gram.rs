//! Gram matrices, and the names of kernels.

use crate::array::{Points, returned};
use crate::work::attended;
use numpy::PyArray2;
use polyak::gram::mercer_gram;
use polyak::kernel::{Bandwidth, KernelName, MercerKernel};
use pyo3::prelude::*;

/// The name of the kernel with its bandwidth found at the points, where it is `auto`.
#[pyfunction]
pub fn resolve_kernel(
    py: Python<'_>,
    kernel: String,
    points: &Bound<'_, PyArray2<f64>>,
) -> PyResult<String> {
    // What need not look at the points is no work.
    if let Ok(name) = kernel.parse::<KernelName>()
        && let Bandwidth::Fixed(bandwidth) = name.bandwidth()
        && let Ok(kernel) = name.family().with_bandwidth(bandwidth)
    {
        return Ok(kernel.to_string());
    }
    let points = Points::of(points)?;
    attended(py, None, move |_| {
        Ok(MercerKernel::resolve(&kernel, &points.owned())?.to_string())
    })
}

#[pyfunction]
pub fn gram<'py>(
    py: Python<'py>,
    points: &Bound<'py, PyArray2<f64>>,
    kernel: String,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let points = Points::of(points)?;
    let (entries, order) = attended(py, None, move |_| {
        let kernel: MercerKernel = kernel.parse()?;
        points.require_finite("points")?;
        let gram = mercer_gram(&kernel, points.view())?;
        let order = gram.nrows();
        // It is symmetric: by rows and by columns it is the same.
        Ok((Vec::from(gram.data), order))
    })?;
    returned(py, entries, [order, order])
}
