//! Whole Gram matrices: R3, R7.

use super::models::{Plan, Stream, models};
use super::{LEVELS, SEVERAL, Sampler};
use crate::arithmetic::Ball;
use crate::bounds::random_features as bounds;
use crate::bounds::random_features::CosineMoments;
use crate::claims::{PointsInstance, undecided};
use crate::evidence::statistics::{Frequency, Rate, Sample, Trend};
use crate::evidence::{Comparison, Finding};
use crate::spectrum::smallest_eigenvalue;
use nalgebra::DMatrix;

/// Frequencies of a model in R3.
const FREQUENCIES: usize = 16;

/// Models whose eigenvalues are enclosed in R3.
const ENCLOSED: usize = 4;

/// The exact Gram matrix, midpoints and largest radius.
pub(super) fn exact(instance: &PointsInstance, points: &DMatrix<f64>) -> (DMatrix<f64>, f64) {
    let order = points.ncols();
    let mut gram = DMatrix::identity(order, order);
    let mut error = 0.0_f64;
    for j in 0..order {
        for i in 0..j {
            let value = instance.kernel.profile_ball(bounds::distance(points, i, j));
            (gram[(i, j)], gram[(j, i)]) = (value.mid(), value.mid());
            error = error.max(value.rad());
        }
    }
    (gram, error)
}

/// R3: the largest deviation of an entry, and what it does to the smallest eigenvalue.
pub(in crate::claims) fn union(instance: &PointsInstance) -> Finding {
    union_with(instance, Sampler::Independent)
}

pub(super) fn union_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let points = &instance.points;
        let samples = points.ncols();
        let (gram, rounding) = exact(instance, points);
        let plan = Plan {
            points,
            frequencies: FREQUENCIES,
            models: instance.draws,
            sampler,
            stream: Stream::Union,
        };
        let drawn = models(instance, &plan, |model| {
            ((model.gram() - &gram).amax(), model.error + rounding)
        })?;
        let mut comparisons = Vec::new();
        for level in LEVELS {
            let pairs = (samples * (samples - 1)) as f64;
            let deviation = (2.0 * (pairs / level).ln().max(0.0) / FREQUENCIES as f64).sqrt();
            let certain = |&(largest, error): &(f64, f64)| largest - error >= deviation;
            comparisons.push(Comparison::rarer(
                "P(max|K̂ − K| ≥ ε) ≤ N(N−1)exp(−mε²/2)",
                Frequency::of(drawn.iter().map(certain)),
                bounds::gram_union(samples, deviation).failure(FREQUENCIES as u64),
            ));
        }
        let few = Plan {
            models: ENCLOSED,
            ..plan
        };
        let bound = smallest_eigenvalue(&gram)?.ball();
        let bound = bound.widened(samples as f64 * rounding);
        for (drawn, error) in models(instance, &few, |model| (model.gram(), model.error))? {
            let difference = Ball::new((&drawn - &gram).amax(), error + rounding);
            let moved = Ball::from(samples as f64 - 1.0) * difference;
            let smallest = smallest_eigenvalue(&drawn)?.ball();
            let smallest = smallest.widened(samples as f64 * error);
            comparisons.push(Comparison::at_least(
                "λ_min(K̂) + (N−1)max|K̂ − K| ≥ λ_min(K)",
                smallest + moved,
                bound,
            ));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// Widths in R7, evenly spaced in the logarithm.
pub(super) const WIDTHS: [usize; 3] = [1, 4, 16];

/// R7: the mean of `‖K̂ − K‖_F²` at three widths, and its rate.
pub(in crate::claims) fn rate(instance: &PointsInstance) -> Finding {
    rate_with(instance, Sampler::Independent)
}

pub(super) fn rate_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let points = &instance.points;
        let samples = points.ncols();
        if samples < 2 {
            return Ok(Finding::Inapplicable(vec![SEVERAL.to_owned()]));
        }
        let (gram, rounding) = exact(instance, points);
        let pairs = (samples * (samples - 1)) as f64;
        let expected = bounds::gram_error(&instance.kernel, points) / Ball::from(pairs);
        let mut comparisons = Vec::new();
        let (mut logarithms, mut errors) = (Vec::new(), Vec::new());
        for width in WIDTHS {
            let plan = Plan {
                points,
                frequencies: width,
                models: 16 * instance.draws,
                sampler,
                stream: Stream::Rate,
            };
            // The mean over the pairs, at most 4.
            let drawn = models(instance, &plan, |model| {
                let square = |(i, j): (usize, usize)| (model.entry(i, j) - gram[(i, j)]).powi(2);
                let above = (0..samples).flat_map(|j| (0..j).map(move |i| (i, j)));
                // Both triangles; the diagonal is exact.
                (2.0 * above.map(square).sum::<f64>() / pairs, model.error)
            })?;
            let worst = drawn.iter().map(|(_, error)| *error).fold(0.0, f64::max);
            let off = 5.0 * (worst + rounding);
            let squares: Vec<f64> = drawn.into_iter().map(|(square, _)| square).collect();
            let sample = Sample::of(&squares, 4.0);
            let (mean, detectable) = sample.with_variance(spread(instance, points, width));
            let mean = mean.widened(off);
            let bound = expected / Ball::from(width as f64);
            comparisons.push(Comparison::expectation(
                "E‖K̂ − K‖_F² = (1/2m)Σ(1 + ψ(2Δ) − 2ψ²)",
                (mean, detectable + off),
                bound,
                bound.mid(),
            ));
            logarithms.push((width as f64).ln());
            errors.push(mean.ln() / Ball::from(2.0));
        }
        if errors.iter().all(|error| error.is_bounded()) {
            let slope = Rate::through(&logarithms, &errors)?;
            // The slope of other points of the balls is as far away again at most.
            let comparison = Comparison::expectation(
                "the slope of RMS‖K̂ − K‖ in m is −1/2",
                (slope, 2.0 * slope.rad()),
                Ball::from(-0.5),
                0.5,
            );
            let drawn = WIDTHS.iter().zip(&errors);
            let drawn = drawn.map(|(&width, error)| (width as f64, error.mid()));
            comparisons.push(comparison.with_trend(Trend::try_new(drawn)));
        }
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// A bound of the variance of the mean over pairs of `(k̂ − k)²`: that of a mean is at most the square of
/// the mean deviation, however the pairs depend on each other.
fn spread(instance: &PointsInstance, points: &DMatrix<f64>, width: usize) -> f64 {
    let samples = points.ncols();
    let mut sum = 0.0;
    for j in 0..samples {
        for i in 0..j {
            let moments = CosineMoments::at(&instance.kernel, bounds::distance(points, i, j));
            sum += moments.squared_error_variance(width).sqrt().upper();
        }
    }
    let pairs = (samples * (samples - 1) / 2) as f64;
    (sum / pairs).powi(2).next_up()
}
