//! K1.psd: Gram matrices are positive semi-definite.

use crate::arithmetic::{Ball, gamma};
use crate::claims::{ResidualInstance, data, draws, sharp, undecided};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::gram::{feature_gram, kernel_gram};
use crate::spectrum::certificate::gram_error;
use crate::spectrum::{SpectrumError, smallest_eigenvalue};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "kernel",
    statement: "Gram matrices are positive semi-definite, equal points or not: λ_min(K) ≥ 0 and λ_min(K̂) ≥ 0",
    source: "Paper A (kernels); Aronszajn, Theory of reproducing kernels",
    tolerance: "enclosed λ_min(Id + K) widened by N−1 times the proved error of an entry; γ_w for the product of features",
    page: "k1-psd.md",
    slack: Some(1e-9),
    ..About::new("K1.psd", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, semidefinite, sharp::generic, draws::STILL)
        .data(data::begun)
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}

/// K1 for the exact kernel and the realised one, at the lifted inputs with the first of them
/// twice: then zero is an eigenvalue, and nothing lies below it.
///
/// The identity is added so that zero is measured by the diagonal.
fn semidefinite(instance: &ResidualInstance) -> Finding {
    let points = first_twice(&instance.lifted_inputs());
    let others = (points.ncols() - 1) as f64;
    let Some(entry_error) = gram_error(&instance.kernel, &points) else {
        return undecided(
            "the rounding of a Gram matrix is only known in the middle of f64's range",
        );
    };
    let gram = kernel_gram(&instance.kernel, &points);
    let features = instance.network.features().evaluate(&points);
    // |φ| is 1 up to rounding: entries within γ_w, and the diagonal with them.
    let feature_error = 2.0 * (others + 1.0) * gamma(features.nrows());
    let cases = [
        ("λ_min(Id + K) ≥ 1", gram, others * entry_error),
        ("λ_min(Id + K̂) ≥ 1", feature_gram(&features), feature_error),
    ];
    let compared = cases.map(|(statement, gram, error)| {
        let smallest = shifted_smallest(gram)?.widened(error);
        Ok(Comparison::at_least(statement, smallest, Ball::from(1.0)))
    });
    let comparisons: Result<Vec<Comparison>, SpectrumError> = compared.into_iter().collect();
    comparisons.map_or_else(undecided, Finding::Compared)
}

/// `λ_min(Id + A)`, the rounding of the sum included.
fn shifted_smallest(mut a: DMatrix<f64>) -> Result<Ball, SpectrumError> {
    a += DMatrix::identity(a.nrows(), a.nrows());
    let rounding = gamma(1) * a.diagonal().amax();
    Ok(smallest_eigenvalue(&a)?.ball().widened(rounding))
}

fn first_twice(points: &DMatrix<f64>) -> DMatrix<f64> {
    let samples = points.ncols();
    DMatrix::from_fn(points.nrows(), samples + 1, |i, j| points[(i, j % samples)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_first_point_comes_twice() {
        let twice = first_twice(&dmatrix![1.0, 2.0; 3.0, 4.0]);
        assert_eq!(twice, dmatrix![1.0, 2.0, 1.0; 3.0, 4.0, 3.0]);
    }

    #[test]
    fn the_identity_is_added() {
        let smallest = shifted_smallest(dmatrix![3.0, 1.0; 1.0, 3.0]).unwrap();
        assert!(smallest.contains(3.0) && smallest.rad() < 1e-14);
        // One rounding of a number of 4, half of 2⁻⁵² each.
        assert!(smallest.rad() >= 4.0 * f64::EPSILON / 2.0);
    }
}
