//! Orthogonal frequencies: R9.

use super::models::{Stream, seed_of};
use super::{GAUSSIAN, SEVERAL, gaussian};
use crate::arithmetic::gamma;
use crate::bounds::random_features as bounds;
use crate::claims::{PointsInstance, undecided};
use crate::evidence::statistics::Sample;
use crate::evidence::{Comparison, Finding};
use crate::features::{FeaturesError, FourierFeatures};
use crate::kernel::Gaussian;
use nalgebra::{DMatrix, DVector};

/// R9 on the first two points: one block is a model.
pub(in crate::claims) fn orthogonal(instance: &PointsInstance) -> Finding {
    orthogonal_with(instance, draw_orthogonal)
}

/// Draws as many frequencies as asked for, in blocks of the dimension.
type Draw = fn(&Gaussian, usize, usize, u64) -> Result<DMatrix<f64>, FeaturesError>;

fn draw_orthogonal(
    kernel: &Gaussian,
    dimension: usize,
    count: usize,
    seed: u64,
) -> Result<DMatrix<f64>, FeaturesError> {
    let features = FourierFeatures::draw_orthogonal(kernel, dimension, count, seed)?;
    Ok(features.frequencies().clone())
}

/// The control: independent frequencies in place of orthogonal ones.
pub(super) fn independent(
    kernel: &Gaussian,
    dimension: usize,
    count: usize,
    seed: u64,
) -> Result<DMatrix<f64>, FeaturesError> {
    Ok(kernel.sample_frequencies(dimension, count, seed))
}

pub(super) fn orthogonal_with(instance: &PointsInstance, draw: Draw) -> Finding {
    let Some(kernel) = gaussian(&instance.kernel) else {
        return Finding::Inapplicable(vec![GAUSSIAN.to_owned()]);
    };
    let points = &instance.points;
    let (dimension, samples) = points.shape();
    if samples < 2 {
        return Finding::Inapplicable(vec![SEVERAL.to_owned()]);
    }
    let distance = bounds::distance(points, 0, 1);
    let difference: DVector<f64> = points.column(0) - points.column(1);
    let blocks = 32 * instance.draws;
    let seed = seed_of(instance.seed, Stream::Orthogonal, 0);
    let drawn = match draw(&kernel, dimension, blocks * dimension, seed) {
        Ok(drawn) => drawn,
        Err(error) => return undecided(error),
    };
    let phases = drawn.tr_mul(&difference);
    let estimates: Vec<f64> = phases
        .as_slice()
        .chunks_exact(dimension)
        .map(|block| block.iter().map(|phase| phase.cos()).sum::<f64>() / dimension as f64)
        .collect();
    // The phase, of a difference rounded once; the cosine; their mean.
    let rounding = gamma(dimension + 4) * phases.amax() + gamma(dimension + 8);
    let exact = instance.kernel.log_profile(distance).exp();
    let variance = bounds::orthogonal_variance(kernel, dimension, dimension, distance);
    let off = rounding + exact.rad();

    // The law of the squares is not known: their own variance stands for theirs.
    let (mean, detectable) = Sample::of(&estimates, 2.0).with_unknown_variance();
    let unbiased =
        Comparison::expectation("E k̂ = k", (mean.widened(off), detectable + off), exact, 1.0);
    let squares: Vec<f64> = estimates
        .iter()
        .map(|x| (x - exact.mid()).powi(2))
        .collect();
    let (mean, detectable) = Sample::of(&squares, 4.0).with_unknown_variance();
    let off = 5.0 * off;
    let exactly = Comparison::expectation(
        "Var k̂ = ((1 + ψ(2Δ) − 2ψ²)/2 + (q−1)C_q(r))/m",
        (mean.widened(off), detectable + off),
        variance,
        variance.mid(),
    );
    Finding::Compared(vec![unbiased, exactly])
}

/// A wrong bandwidth.
pub(super) fn stretched(
    kernel: &Gaussian,
    dimension: usize,
    count: usize,
    seed: u64,
) -> Result<DMatrix<f64>, FeaturesError> {
    Ok(draw_orthogonal(kernel, dimension, count, seed)? * 1.5)
}

/// The difference that the variance makes beside independent frequencies, as a share of it.
#[cfg(test)]
fn advantage(kernel: Gaussian, dimension: usize, distance: f64) -> crate::arithmetic::Ball {
    use crate::arithmetic::Ball;
    let distance = Ball::from(distance);
    let orthogonal = bounds::orthogonal_variance(kernel, dimension, dimension, distance);
    let one = bounds::CosineMoments::at(&kernel.into(), distance).variance();
    (one / Ball::from(dimension as f64) - orthogonal) / orthogonal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::random_features::controls::oblique_pair;

    #[test]
    fn the_control_differs_by_more_than_is_detected() {
        let instance = oblique_pair();
        let kernel = gaussian(&instance.kernel).unwrap();
        let distance = bounds::distance(&instance.points, 0, 1).mid();
        let Finding::Compared(comparisons) = orthogonal(&instance) else {
            panic!("a Gaussian kernel");
        };
        let detectable = comparisons[1].sampling().unwrap().detectable;
        let share = advantage(kernel, 2, distance).lower();
        assert!(share > detectable, "{share} {detectable}");
    }
}
