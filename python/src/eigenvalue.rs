//! Extreme eigenvalues: certificates and estimates.

use crate::array::{Points, Square};
use crate::end::{End, exactly};
use crate::refusal::{Class, Refusal};
use crate::work::{Desk, attended};
use numpy::PyArray2;
use polyak::kernel::{KernelError, MercerKernel};
use polyak::spectrum::certificate::{
    Arithmetic, Budget, Certificate, CertificateError, CertificateOptions, CertificateProgress,
    CertificateSubject, End as Side, Jitter, Precision, Radius, certify, cholesky_jitter,
};
use polyak::spectrum::{
    EstimateOptions, Solution, SpectrumError, Termination, estimate_smallest,
    estimate_smallest_of_matrix,
};
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Both ends, whether the width was reached, the arithmetic, factorisations, bits that are needed.
type Certified = (End, End, bool, String, usize, Option<usize>);

/// Value, error, method, iterations, whether it converged, whether the error is about the matrix meant.
type Estimated = (f64, f64, String, usize, bool, bool);

/// What is asked for: relative width, bits, seconds, bytes.
#[derive(Clone, Copy, FromPyObject)]
pub struct Wanted(f64, usize, Option<f64>, usize);

impl Wanted {
    fn options(self) -> CertificateOptions {
        let Self(width, bits, seconds, bytes) = self;
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let budget = Budget::default().with_max_bits(bits).with_max_time(time);
        let budget = budget.with_max_bytes(bytes);
        CertificateOptions::default()
            .with_relative_width(width)
            .with_budget(budget)
    }
}

fn side(largest: bool) -> Side {
    if largest {
        Side::Largest
    } else {
        Side::Smallest
    }
}

fn certified(found: &Certificate) -> Certified {
    (
        exactly(found.lo),
        exactly(found.hi),
        found.reached,
        found.precision.to_string(),
        found.factorisations,
        found.needed_bits,
    )
}

/// Tells the desk of a stage once, and then of its columns.
fn observer(desk: &Arc<Desk>) -> impl Fn(&CertificateProgress) {
    let (desk, stage) = (Arc::clone(desk), std::cell::Cell::new(None::<Precision>));
    move |seen| {
        if stage.get() != Some(seen.precision) {
            stage.set(Some(seen.precision));
            desk.begin(seen.precision.to_string(), seen.order as u64);
        }
        desk.reach(seen.columns as u64);
    }
}

#[pyfunction]
#[pyo3(signature = (points, kernel, largest, wanted, progress=None))]
pub fn certify_points(
    py: Python<'_>,
    points: &Bound<'_, PyArray2<f64>>,
    kernel: String,
    largest: bool,
    wanted: Wanted,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Certified> {
    let points = Points::of(points)?;
    attended(py, progress, move |desk| {
        let kernel = read(&kernel)?;
        let subject = CertificateSubject::Points(&kernel, points.view());
        let (seen, options) = (observer(desk), wanted.options());
        Ok(certified(&certify(
            subject,
            side(largest),
            &options,
            &seen,
            &**desk,
        )?))
    })
}

#[pyfunction]
#[pyo3(signature = (matrix, largest, wanted, progress=None))]
pub fn certify_matrix(
    py: Python<'_>,
    matrix: &Bound<'_, PyArray2<f64>>,
    largest: bool,
    wanted: Wanted,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Certified> {
    let matrix = Square::of(matrix)?;
    attended(py, progress, move |desk| {
        let a = matrix.owned();
        let (seen, options) = (observer(desk), wanted.options());
        let subject = CertificateSubject::Matrix(&a);
        let found = certify(subject, side(largest), &options, &seen, &**desk);
        found
            .map(|found| certified(&found))
            .map_err(|cause| of_matrix(cause, &matrix))
    })
}

#[pyfunction]
#[pyo3(signature = (points, kernel, tolerance, bytes, progress=None))]
pub fn estimate_points(
    py: Python<'_>,
    points: &Bound<'_, PyArray2<f64>>,
    kernel: String,
    tolerance: f64,
    bytes: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Estimated> {
    let points = Points::of(points)?;
    attended(py, progress, move |desk| {
        desk.begin("estimate", 0);
        let kernel = read(&kernel)?;
        let options = EstimateOptions::default()
            .with_tolerance(tolerance)
            .with_max_bytes(bytes);
        Ok(estimated(&estimate_smallest(
            &kernel,
            points.view(),
            &options,
        )?))
    })
}

#[pyfunction]
#[pyo3(signature = (matrix, tolerance, bytes, progress=None))]
pub fn estimate_matrix(
    py: Python<'_>,
    matrix: &Bound<'_, PyArray2<f64>>,
    tolerance: f64,
    bytes: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Estimated> {
    let matrix = Square::of(matrix)?;
    attended(py, progress, move |desk| {
        desk.begin("estimate", 0);
        let options = EstimateOptions::default()
            .with_tolerance(tolerance)
            .with_max_bytes(bytes);
        let found = estimate_smallest_of_matrix(&matrix.owned(), &options);
        found
            .map(|found| estimated(&found))
            .map_err(|cause| placed(cause, &matrix))
    })
}

/// What is proved of factorisations: the smallest eigenvalue, from where on they complete, below what they break down, and how far
/// the entries are off.
type Jittered = (Certified, Option<f64>, f64, f64);

/// How the matrix is factored: by how much its entries may be off in the 2-norm, and whether in f32.
#[derive(Clone, Copy, FromPyObject)]
pub struct Factored(f64, bool);

fn jittered(
    desk: &Arc<Desk>,
    subject: CertificateSubject<'_>,
    wanted: Wanted,
    factored: Factored,
) -> Result<Jittered, CertificateError> {
    let (seen, options) = (observer(desk), wanted.options());
    let smallest = certify(subject, Side::Smallest, &options, &seen, &**desk)?;
    let Factored(within, single) = factored;
    let arithmetic = match single {
        true => Arithmetic::Single,
        false => Arithmetic::Double,
    };
    let jitter = cholesky_jitter(subject, &smallest, Radius::spectral(within), arithmetic)?;
    let Jitter {
        completes_from,
        breaks_below,
        entries_within,
    } = jitter;
    let smallest = certified(&smallest);
    Ok((smallest, completes_from, breaks_below, entries_within))
}

#[pyfunction]
#[pyo3(signature = (points, kernel, wanted, factored, progress=None))]
pub fn jitter_points(
    py: Python<'_>,
    points: &Bound<'_, PyArray2<f64>>,
    kernel: String,
    wanted: Wanted,
    factored: Factored,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Jittered> {
    let points = Points::of(points)?;
    attended(py, progress, move |desk| {
        let kernel = read(&kernel)?;
        let subject = CertificateSubject::Points(&kernel, points.view());
        Ok(jittered(desk, subject, wanted, factored)?)
    })
}

#[pyfunction]
#[pyo3(signature = (matrix, wanted, factored, progress=None))]
pub fn jitter_matrix(
    py: Python<'_>,
    matrix: &Bound<'_, PyArray2<f64>>,
    wanted: Wanted,
    factored: Factored,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Jittered> {
    let matrix = Square::of(matrix)?;
    attended(py, progress, move |desk| {
        let a = matrix.owned();
        jittered(desk, CertificateSubject::Matrix(&a), wanted, factored)
            .map_err(|cause| of_matrix(cause, &matrix))
    })
}

fn read(kernel: &str) -> Result<MercerKernel, KernelError> {
    kernel.parse()
}

fn estimated(found: &Solution) -> Estimated {
    let estimate = &found.estimate;
    (
        estimate.value,
        estimate.error_bound,
        found.method.to_string(),
        estimate.iterations,
        estimate.termination == Termination::Converged,
        found.proved,
    )
}

fn of_matrix(cause: CertificateError, matrix: &Square) -> Refusal {
    match cause {
        CertificateError::Matrix(cause) => placed(cause, matrix),
        cause => cause.into(),
    }
}

/// An error of a matrix, with the places of the matrix given where it was read transposed.
fn placed(cause: SpectrumError, matrix: &Square) -> Refusal {
    use SpectrumError::{NonFinite, NotSquare, NotSymmetric, Triangular};
    let cause = match cause {
        cause if !matrix.is_by_rows() => cause,
        NotSquare { rows, columns } => NotSquare {
            rows: columns,
            columns: rows,
        },
        NonFinite { row, column, value } => NonFinite {
            row: column,
            column: row,
            value,
        },
        NotSymmetric {
            row,
            column,
            upper,
            lower,
        } => NotSymmetric {
            row,
            column,
            upper: lower,
            lower: upper,
        },
        Triangular { upper } => Triangular { upper: !upper },
        other => other,
    };
    match cause {
        // It may be points.
        NotSquare { .. } | NotSymmetric { .. } => {
            Refusal::new(Class::Array, format!("{cause}; for points give kernel="))
        }
        cause => cause.into(),
    }
}
