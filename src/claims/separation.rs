//! K7: the smallest eigenvalue from the separation of the points.

use super::{Instance, undecided};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::separation::separation;
use crate::evidence::{Comparison, Finding};
use crate::kernel::{Kernel, KernelSpec};
use crate::spectrum::{SpectrumError, smallest_eigenvalue};
use nalgebra::DMatrix;

/// The hypothesis of K7.
pub(super) const SEPARATED: &str = "δ > 0: the lifted inputs are distinct";

/// K7 for the exact kernel on the lifted inputs, at the largest separation that holds.
pub(super) fn lower_bound(instance: &Instance) -> Finding {
    let points = instance.network.lift() * &instance.inputs;
    let (dimension, samples) = points.shape();
    let squares = squared_distances(&points);
    let closest = squares.iter().map(|s| s.sqrt().lower());
    let delta = closest.fold(f64::INFINITY, f64::min);
    if !(delta > 0.0) {
        let reason = format!("{SEPARATED}: two of them are not certainly apart");
        return Finding::Inapplicable(vec![reason]);
    }
    let smallest = match exact_smallest(&instance.kernel, dimension, samples, &squares) {
        Ok(smallest) => smallest,
        Err(error) => return undecided(error),
    };
    let bound = separation(&instance.kernel, dimension, samples, delta);
    Finding::Compared(vec![Comparison::at_least(
        "λ_min(K) ≥ λ(δ)",
        smallest,
        Ball::from(bound.log_bound.value()),
    )])
}

/// `‖z_i − z_j‖²` for `i < j`, columns of the pairs in order of `j`.
fn squared_distances(points: &DMatrix<f64>) -> Vec<Ball> {
    let columns: Vec<&[f64]> = points
        .as_slice()
        .chunks_exact(points.nrows().max(1))
        .collect();
    let square = |a: &[f64], b: &[f64]| -> Ball {
        let differences = a
            .iter()
            .zip(b)
            .map(|(&x, &y)| Ball::from(x) - Ball::from(y));
        differences.map(Ball::square).sum()
    };
    let pairs = columns
        .iter()
        .enumerate()
        .flat_map(|(j, b)| columns[..j].iter().map(move |a| (a, b)));
    pairs.map(|(a, b)| square(a, b)).collect()
}

/// `λ_min` of the exact Gram matrix: enclosed for the rounded one, widened by the rounding of its
/// off-diagonal entries (see the page of K4).
fn exact_smallest(
    kernel: &KernelSpec,
    dimension: usize,
    samples: usize,
    squares: &[Ball],
) -> Result<Ball, SpectrumError> {
    let mut gram = DMatrix::identity(samples, samples);
    let pairs = (0..samples).flat_map(|j| (0..j).map(move |i| (i, j)));
    for ((i, j), square) in pairs.zip(squares) {
        let value = kernel.profile(square.mid());
        gram[(i, j)] = value;
        gram[(j, i)] = value;
    }
    let entry = (32.0 + 4.0 * dimension as f64) * UNIT_ROUNDOFF;
    let enclosure = smallest_eigenvalue(&gram)?;
    Ok(enclosure.ball().widened((samples - 1) as f64 * entry))
}
