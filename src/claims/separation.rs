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
    let points = instance.lifted_inputs();
    let (dimension, samples) = points.shape();
    let squares = squared_distances(&points);
    let delta = smallest_distance(&squares);
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

/// The instance's kernel with a bandwidth of a quarter of the separation of the lifted inputs, where the
/// bound says something whatever the dimension: the statement is about every bandwidth.
pub(super) fn narrowed(instance: &Instance) -> KernelSpec {
    let points = instance.lifted_inputs();
    let delta = smallest_distance(&squared_distances(&points));
    // Refused for a single sample and for equal ones, where no bandwidth is better than another.
    let narrow = instance.kernel.with_bandwidth(0.25 * delta);
    narrow.unwrap_or(instance.kernel)
}

/// `δ`, rounded down; infinite if there are no pairs.
fn smallest_distance(squares: &[Ball]) -> f64 {
    let distances = squares.iter().map(|s| s.sqrt().lower());
    distances.fold(f64::INFINITY, f64::min)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;
    use nalgebra::dmatrix;

    #[test]
    fn pairs_come_in_the_order_of_the_columns() {
        let squares = squared_distances(&dmatrix![0.0, 3.0, 0.0; 0.0, 4.0, 1.0]);
        assert_eq!(squares.len(), 3);
        for (square, exact) in squares.iter().zip([25.0, 1.0, 18.0]) {
            assert!(square.contains(exact) && square.rad() < 1e-13);
        }
        let delta = smallest_distance(&squares);
        assert!(delta <= 1.0 && delta > 1.0 - 1e-14);
        assert_eq!(smallest_distance(&[]), f64::INFINITY);
    }

    #[test]
    fn exact_smallest_eigenvalue_of_three_points() {
        // Equal distances: 1 − ψ twice, and 1 + 2ψ.
        let kernel: KernelSpec = "matern32:1".parse().unwrap();
        let points = dmatrix![1.0, 0.0, 0.0; 0.0, 1.0, 0.0; 0.0, 0.0, 1.0];
        let squares = squared_distances(&points);
        let smallest = exact_smallest(&kernel, 3, 3, &squares).unwrap();
        let t = 6.0_f64.sqrt();
        assert!(smallest.contains(1.0 - (1.0 + t) * (-t).exp()));
        // Two entries a row, 44u each, and the enclosure itself.
        let entries = 88.0 * UNIT_ROUNDOFF;
        assert!(smallest.rad() >= entries && smallest.rad() <= entries + 1e-14);
    }

    #[test]
    fn narrowed_kernels_make_the_bound_speak() {
        // The digits in 74 dimensions, a kernel as wide as the data.
        let data = crate::data::digits().subsample(20, 0).unwrap();
        let kernel: KernelSpec = "gaussian:50".parse().unwrap();
        let training = crate::claims::Training {
            frequencies: 4,
            depth: 1,
            ..Default::default()
        };
        let mut instance = training.instance(&data, kernel, 0).unwrap();
        assert_ne!(lower_bound(&instance).judge().verdict, Verdict::Holds);
        instance.kernel = narrowed(&instance);
        let evidence = lower_bound(&instance).judge();
        assert_eq!(evidence.verdict, Verdict::Holds);
        // 1 − 19e^{−8}.
        let bound = evidence.decisive.unwrap().bound().mid();
        assert!(
            (bound - (1.0 - 19.0 * (-8.0_f64).exp())).abs() < 1e-12,
            "{bound}"
        );
        let other: KernelSpec = "matern52:1".parse().unwrap();
        instance.kernel = other;
        assert!(matches!(narrowed(&instance), KernelSpec::Matern(_)));
    }
}
