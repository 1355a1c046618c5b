//! The constants of drawn frequencies: R8, R8b.

use super::models::{Stream, seed_of};
use super::{GAUSSIAN, LEVELS, Sampler, gaussian};
use crate::arithmetic::{Ball, gamma};
use crate::bounds::random_features as bounds;
use crate::claims::{PointsInstance, undecided};
use crate::evidence::statistics::Frequency;
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::kernel::Gaussian;
use crate::spectrum::eigenvalues;
use nalgebra::DMatrixView;

/// Frequencies of a model in R8.
pub(super) const FREQUENCIES: usize = 16;

/// Frequencies of a model in R8b.
const FEW: usize = 4;

/// Maps the frequencies of every model drawn, in order.
fn frequencies<T>(
    instance: &PointsInstance,
    kernel: Gaussian,
    sampler: Sampler,
    each: usize,
    stream: Stream,
    f: impl Fn(DMatrixView<f64>) -> T,
) -> Vec<T> {
    let dimension = instance.dimension();
    let models = instance.draws;
    let seed = seed_of(instance.seed, stream, 0);
    let drawn = sampler.draw(&kernel, dimension, each, models, seed);
    let (drawn, each) = drawn.expect("a Gaussian has a sampler");
    (0..models)
        .map(|model| f(drawn.columns(model * each, each).as_view()))
        .collect()
}

/// R8: `κ̂1 = σ_max(Ω)/√m`.
pub(in crate::claims) fn covariance(instance: &PointsInstance) -> Finding {
    covariance_with(instance, Sampler::Independent)
}

pub(super) fn covariance_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let Some(kernel) = gaussian(&instance.kernel) else {
        return Finding::Inapplicable(vec![GAUSSIAN.to_owned()]);
    };
    let dimension = instance.dimension();
    let m = FREQUENCIES;
    let kappa1 = frequencies(instance, kernel, sampler, m, Stream::Covariance, |drawn| {
        let second = drawn * drawn.transpose() / drawn.ncols() as f64;
        let largest = eigenvalues(&second).map_or(0.0, |values| values.max());
        // The product and the solver, of a positive semi-definite matrix whose trace is at most q times this.
        let relative = gamma(m + 64 * dimension * dimension);
        (largest * (1.0 - relative)).max(0.0).sqrt()
    });
    let comparisons = LEVELS.map(|level| {
        let bound = bounds::lipschitz_constant(dimension, m, level) / Ball::from(kernel.sigma());
        let seen = Frequency::of(kappa1.iter().map(|&kappa1| kappa1 > bound.upper()));
        Comparison::rarer(
            "P(κ̂1 > (1 + √(q/m) + t)/σ) ≤ exp(−mt²/2)",
            seen,
            Ball::from(level),
        )
    });
    Finding::Compared(comparisons.to_vec())
}

/// R8b: the longest frequency, and both bounds of `κ̂2`.
pub(in crate::claims) fn curvature(instance: &PointsInstance) -> Finding {
    curvature_with(instance, Sampler::Independent)
}

pub(super) fn curvature_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let Some(kernel) = gaussian(&instance.kernel) else {
        return Finding::Inapplicable(vec![GAUSSIAN.to_owned()]);
    };
    let dimension = instance.dimension();
    let drawn = frequencies(instance, kernel, sampler, FEW, Stream::Curvature, |drawn| {
        (longest(drawn), curvature_at_longest(drawn))
    });
    let sigma = Ball::from(kernel.sigma());
    let mut comparisons = Vec::new();
    for level in LEVELS {
        let bound = bounds::longest_frequency(dimension, FEW, level) / sigma;
        let seen = Frequency::of(drawn.iter().map(|&(longest, _)| longest > bound.upper()));
        comparisons.push(Comparison::rarer(
            "P(max‖ω‖ > (√q + √(2ln(m/τ)))/σ) ≤ τ",
            seen,
            Ball::from(level),
        ));
        let bound = bounds::curvature_constant(dimension, FEW, level) / sigma.square();
        let seen = Frequency::of(drawn.iter().map(|&(_, kappa2)| kappa2 > bound.upper()));
        comparisons.push(Comparison::rarer(
            "P(κ̂2 > ((3m)^{1/4} + √q + √(2ln(1/τ)))²/σ²√m) ≤ τ",
            seen,
            Ball::from(level),
        ));
    }
    match realised(instance, kernel, sampler) {
        Ok(comparison) => comparisons.push(comparison),
        Err(error) => return undecided(error),
    }
    Finding::Compared(comparisons)
}

/// `κ̂2 ≤ κ̂1 max‖ω_j‖` of one model drawn.
fn realised(
    instance: &PointsInstance,
    kernel: Gaussian,
    sampler: Sampler,
) -> Result<Comparison, crate::features::FeaturesError> {
    let dimension = instance.dimension();
    let seed = seed_of(instance.seed, Stream::Curvature, 1);
    let (drawn, _) = sampler.draw(&kernel, dimension, FEW, 1, seed)?;
    let view = drawn.as_view();
    let (longest, kappa2) = (longest_ball(view), curvature_at_longest(view));
    let features = FourierFeatures::try_new(drawn)?;
    Ok(Comparison::at_most(
        "κ̂2 ≤ κ̂1 max‖ω‖",
        Ball::from(kappa2),
        features.kappa1_ball() * longest,
    ))
}

fn longest_ball(drawn: DMatrixView<f64>) -> Ball {
    let norm = |column: nalgebra::DVectorView<f64>| Ball::norm_of(column.into_owned().as_slice());
    drawn
        .column_iter()
        .map(norm)
        .fold(Ball::from(0.0), Ball::max)
}

/// The largest norm, rounded down.
fn longest(drawn: DMatrixView<f64>) -> f64 {
    let largest = drawn.column_iter().map(|w| w.norm()).fold(0.0, f64::max);
    largest * (1.0 - gamma(drawn.nrows() + 4))
}

/// `‖D²φ[h,h]‖ = (m⁻¹Σ(ω_j·h)⁴)^{1/2} ≤ κ̂2` for `h` along the longest frequency, rounded down.
fn curvature_at_longest(drawn: DMatrixView<f64>) -> f64 {
    let Some(longest) = (drawn.column_iter()).max_by(|a, b| a.norm().total_cmp(&b.norm())) else {
        return 0.0;
    };
    let direction = longest.normalize();
    let fourths = drawn.column_iter().map(|w| {
        // The product may cancel: less of it than it is off by.
        let off = gamma(2 * drawn.nrows() + 8) * w.norm();
        (w.dot(&direction).abs() - off).max(0.0).powi(4)
    });
    let mean = fourths.sum::<f64>() / drawn.ncols() as f64;
    mean.sqrt() * (1.0 - gamma(drawn.ncols() + 16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, dmatrix};

    #[test]
    fn constants_of_known_frequencies() {
        let drawn: DMatrix<f64> = dmatrix![3.0, 0.0; 4.0, 1.0];
        let view = drawn.as_view();
        assert!((longest(view) - 5.0).abs() < 1e-14 && longest(view) <= 5.0);
        assert!(longest_ball(view).contains(5.0));
        // (5⁴ + 0.8⁴)/2.
        let expected = ((625.0 + 0.4096) / 2.0_f64).sqrt();
        let found = curvature_at_longest(view);
        assert!((found - expected).abs() < 1e-12 && found <= expected);
        let features = FourierFeatures::try_new(drawn).unwrap();
        assert!(found <= features.kappa2_upper());
        // One frequency: both are its square.
        let one = dmatrix![3.0; 4.0];
        assert!((curvature_at_longest(one.as_view()) - 25.0).abs() < 1e-12);
    }
}
