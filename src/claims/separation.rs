//! K7: the smallest eigenvalue from the separation of the points.

use super::scale::{Scale, narrow};
use super::{ResidualInstance, undecided};
use crate::arithmetic::Ball;
use crate::bounds::separation::separation;
use crate::evidence::{Comparison, Finding};
use crate::kernel::KernelSpec;
use crate::resnet::ResidualNetwork;
use crate::spectrum::certificate::certify_smallest;
use nalgebra::DMatrix;

/// The hypothesis of K7.
pub(super) const SEPARATED: &str = "δ > 0: the lifted inputs are distinct";

/// K7 for the exact kernel on the lifted inputs, at the largest separation that holds.
pub(super) fn lower_bound(instance: &ResidualInstance) -> Finding {
    let points = instance.lifted_inputs();
    let (dimension, samples) = points.shape();
    let delta = smallest_distance(&squared_distances(&points));
    if !(delta > 0.0) {
        let reason = format!("{SEPARATED}: two of them are not certainly apart");
        return Finding::Inapplicable(vec![reason]);
    }
    let certificate = match certify_smallest(&instance.kernel.into(), &points, &narrow()) {
        Ok(certificate) => certificate,
        Err(error) => return undecided(error),
    };
    let scale = Scale::of(certificate.hi);
    let bound = separation(&instance.kernel, dimension, samples, delta).log_bound;
    Finding::Compared(vec![Comparison::at_least(
        "λ_min(K) ≥ λ(δ)",
        scale.ball(certificate.lo, certificate.hi),
        Ball::from(bound.scaled(-scale.exponent()).value()),
    )])
}

/// The instance's kernel with a bandwidth of a quarter of the separation of the lifted inputs, where the
/// bound says something whatever the dimension: the statement is about every bandwidth.
pub(super) fn narrowed<N: ResidualNetwork>(instance: &ResidualInstance<N>) -> KernelSpec {
    let points = instance.lifted_inputs();
    let delta = smallest_distance(&squared_distances(&points));
    // Refused for a single sample and for equal ones, where no bandwidth is better than another.
    let narrow = instance.kernel.with_bandwidth(0.25 * delta);
    narrow.unwrap_or(instance.kernel)
}

/// `δ`, rounded down; infinite if there are no pairs.
pub(super) fn smallest_distance(squares: &[Ball]) -> f64 {
    let distances = squares.iter().map(|s| s.sqrt().lower());
    distances.fold(f64::INFINITY, f64::min)
}

/// `‖z_i − z_j‖²` for `i < j`, columns of the pairs in order of `j`.
pub(super) fn squared_distances(points: &DMatrix<f64>) -> Vec<Ball> {
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
    fn a_bound_far_below_f64_is_compared() {
        // Thirty points of a lattice of step δ = 1e-30: λ_min is of the order of δ^7.
        let mut instance = crate::claims::sharp::separated().remove(1);
        instance.kernel = "matern72:1e30".parse().unwrap();
        let evidence = lower_bound(&instance).judge();
        assert_eq!(evidence.verdict, Verdict::Holds, "{evidence:?}");
        let decisive = evidence.decisive.unwrap();
        assert!((1.0..2.0).contains(&decisive.quantity().mid()));
        assert!(decisive.tightness() > 0.1, "{decisive:?}");
    }

    #[test]
    fn narrowed_kernels_make_the_bound_speak() {
        // The digits in 74 dimensions, a kernel as wide as the data.
        let data = crate::data::digits().subsample(20, 0).unwrap();
        let kernel: KernelSpec = "gaussian:50".parse().unwrap();
        let training = crate::claims::TrainingSizes {
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
