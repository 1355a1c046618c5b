//! E2.agreement: estimates lie where the certificate says.

use crate::arithmetic::Ball;
use crate::claims::scale::narrow;
use crate::claims::{PointsInstance, data, draws, sharp, undecided};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::gram::mercer_gram;
use crate::kernel::MercerKernel;
use crate::spectrum::certificate::{certify_smallest, gram_norm_error};
use crate::spectrum::{
    EstimateOptions, MatrixFreeOptions, Method, SpectrumError, estimate_smallest, matrix_free,
    symmetric_eigen,
};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "spectrum",
    statement: "every estimate lies within its own error bound of the certificate; Ritz values lie above λ_min and do not increase",
    source: "Paper A (the expressivity condition, estimated); Cauchy; Parlett, The Symmetric Eigenvalue Problem",
    tolerance: "the estimators' own error bounds: residual, entries, products, loss of orthogonality",
    page: "e2-agreement.md",
    slack: Some(1e-6),
    ..About::new("E2.agreement", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<PointsInstance> {
    Theorem::new(ABOUT, agreement, sharp::ill_conditioned, draws::POINT_SETS)
        .data(data::lifted_points)
        .hostile(&[(&Hostile::ALL, Demand::Mostly(Verdict::Holds, &[]))])
}

/// E2: the dense value beside the certificate; of every iterative one the nearest eigenvalue within its
/// error bound; every Ritz value at least the smallest eigenvalue, and none above the last.
///
/// The scale is that of the diagonal, which is one.
fn agreement(instance: &PointsInstance) -> Finding {
    let points = &instance.points;
    let kernel = MercerKernel::from(instance.kernel);
    let exact = match certify_smallest(&kernel, points, &narrow()) {
        Ok(certificate) => certificate.ball(),
        Err(error) => return undecided(error),
    };
    let ritz = match matrix_free(&instance.kernel, points, &MatrixFreeOptions::default()) {
        Ok(found) => ritz_values(&found.ritz_values, found.ritz_error, exact),
        Err(error) => return undecided(error),
    };
    let Some(entries) = gram_norm_error(&kernel, points.as_view()) else {
        return undecided("the rounding of the Gram matrix of this kernel is not proved");
    };
    match values(&kernel, points, exact, entries) {
        Ok(values) => Finding::Compared([values, ritz].concat()),
        Err(error) => undecided(error),
    }
}

/// The values of every method; `entries` bounds the error of the matrix that they are computed from.
fn values(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
    exact: Ball,
    entries: f64,
) -> Result<Vec<Comparison>, SpectrumError> {
    let gram = mercer_gram(kernel, points)?;
    let eigen = symmetric_eigen(&gram)?;
    let error = eigen.error_bound(&gram) + entries;
    let spectrum: Vec<Ball> = (eigen.values.iter())
        .map(|&value| Ball::new(value, error))
        .collect();
    let mut comparisons = Vec::new();
    for (statement, method) in [
        ("dense: the smallest", Method::Dense),
        ("Davidson: some eigenvalue", Method::Davidson),
        ("inverse Lanczos: some eigenvalue", Method::InverseLanczos),
        ("matrix-free: some eigenvalue", Method::MatrixFree),
    ] {
        let wanted = EstimateOptions {
            method: Some(method),
            ..EstimateOptions::default()
        };
        let value = match estimate_smallest(kernel, points, &wanted) {
            Ok(found) => Ball::new(found.estimate.value, found.estimate.error_bound),
            // What cannot be factored is left to the others.
            Err(
                SpectrumError::NoSingleInverse { .. } | SpectrumError::NotPositiveDefinite { .. },
            ) => continue,
            Err(error) => return Err(error),
        };
        let expected = match method {
            Method::Dense => exact,
            _ => nearest(value.mid(), &spectrum),
        };
        comparisons.push(Comparison::equal(statement, value, expected, 1.0));
        let one = Ball::from(1.0);
        comparisons.push(Comparison::at_least(
            "1 + value ≥ 1 + λ_min",
            value + one,
            exact + one,
        ));
    }
    Ok(comparisons)
}

/// The eigenvalue nearest to a number.
fn nearest(value: f64, spectrum: &[Ball]) -> Ball {
    let distance = |x: &Ball| (x.mid() - value).abs();
    let nearest = spectrum.iter().copied();
    let nearest = nearest.min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.expect("a matrix with a Gram certificate is not empty")
}

fn ritz_values(values: &[f64], error: f64, exact: Ball) -> Vec<Comparison> {
    let one = Ball::from(1.0);
    let shifted = |value: f64| Ball::new(value, error) + one;
    let above = values
        .iter()
        .map(|&value| Comparison::at_least("1 + θ_k ≥ 1 + λ_min", shifted(value), exact + one));
    let decreasing = values.windows(2).map(|pair| {
        Comparison::at_least("1 + θ_k ≥ 1 + θ_{k+1}", shifted(pair[0]), shifted(pair[1]))
    });
    above.chain(decreasing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;
    use crate::spectrum::certificate::Direction;

    #[test]
    fn ritz_values_are_compared_with_the_eigenvalue_and_each_other() {
        let compared = ritz_values(&[3.0, 2.0, 2.5], 0.25, Ball::from(1.0));
        let sides = |c: &Comparison| (c.quantity().mid(), c.bound().mid());
        let expected = [(4.0, 2.0), (3.0, 2.0), (3.5, 2.0), (4.0, 3.0), (3.0, 3.5)];
        assert!(compared.iter().map(sides).eq(expected));
        // An increase by twice the error is no violation; by more it is one.
        assert_ne!(compared[4].verdict(), Verdict::Violated);
        let compared = ritz_values(&[2.0, 2.75], 0.25, Ball::from(1.0));
        assert_eq!(compared[2].verdict(), Verdict::Violated);
        assert!(compared[0].quantity().rad() >= 0.25);
    }

    #[test]
    fn the_nearest_eigenvalue_is_found() {
        let spectrum = [1.0, 2.0, 4.0].map(Ball::from);
        for (value, expected) in [(0.0, 1.0), (1.4, 1.0), (2.9, 2.0), (9.0, 4.0)] {
            assert_eq!(nearest(value, &spectrum).mid(), expected);
        }
    }

    #[test]
    fn a_kernel_without_a_proved_profile_is_undecided() {
        let mut instance = crate::claims::sharp::ill_conditioned().remove(2);
        assert_eq!(agreement(&instance).judge().verdict, Verdict::Holds);
        instance.kernel = "imq(2/3):1".parse().unwrap();
        assert_eq!(agreement(&instance).judge().verdict, Verdict::Undecided);
    }

    /// The counterexample to "every estimator's value lies within its own error of λ_min": among two
    /// eigenvalues that nearly agree the start decides, and the residual does not tell.
    #[test]
    fn a_residual_does_not_say_which_eigenvalue_it_is() {
        let points = nalgebra::dmatrix![0.8, -0.8];
        let kernel: MercerKernel = "gaussian:0.25528958008276337".parse().unwrap();
        let smallest = certify_smallest(&kernel, &points, &narrow()).unwrap();
        let wanted = EstimateOptions {
            method: Some(Method::InverseLanczos),
            ..EstimateOptions::default()
        };
        let found = estimate_smallest(&kernel, &points, &wanted)
            .unwrap()
            .estimate;
        assert!(found.value - found.error_bound > smallest.hi.to_f64(Direction::Up));
    }
}
