//! Single entries: R1, R2, and all of them at once, R5.

use super::models::{Plan, Stream, models};
use super::{FINITE, LEVELS, SEVERAL, Sampler};
use crate::arithmetic::Ball;
use crate::bounds::random_features as bounds;
use crate::bounds::random_features::CosineMoments;
use crate::claims::{PointsInstance, undecided};
use crate::evidence::statistics::{FALSE_ALARM, Frequency, MISS, Sample, bernstein};
use crate::evidence::{Comparison, Finding};
use crate::kernel::Kernel;
use nalgebra::DMatrix;

/// Frequencies of a model in R1.
pub(super) const FEW: usize = 4;

/// Frequencies of a model in R2.
const SOME: usize = 8;

/// `k̂` is in `[−1, 1]`, and `(k̂ − k)²` in `[0, 4]`.
const RANGE: f64 = 2.0;
const SQUARED_RANGE: f64 = 4.0;

/// At most this many pairs of points are looked at.
const PAIRS: usize = 3;

/// The first pairs `i < j` of points.
fn pairs(samples: usize, most: usize) -> Vec<(usize, usize)> {
    let all = (0..samples).flat_map(|j| (0..j).map(move |i| (i, j)));
    all.take(most).collect()
}

/// R1 doubles its models at most this often, where a small variance asks for it.
const DOUBLINGS: u32 = 5;

/// The departure of a variance that R1 is to detect, as a share of it.
const DETECTED: f64 = 0.5;

/// How many models R1 draws: enough to tell the variances apart from half as much again, which is known before
/// anything is drawn. Points that are close have small ones, and squares of a range that is none the smaller.
fn enough_models(moments: &[CosineMoments], least: usize) -> usize {
    let detects = |models: usize| {
        moments.iter().all(|pair| {
            let variance = pair.squared_error_variance(FEW).upper();
            let detectable = [FALSE_ALARM, MISS]
                .map(|level| bernstein(variance, SQUARED_RANGE, models, level))
                .iter()
                .sum::<f64>();
            detectable <= DETECTED * pair.variance().mid() / FEW as f64
        })
    };
    let tried = (0..=DOUBLINGS).map(|doublings| least << doublings);
    // Points that coincide have no variance, and no number of models is enough.
    tried
        .clone()
        .find(|&models| detects(models))
        .unwrap_or(least)
}

/// R1 on the first pairs of points.
pub(in crate::claims) fn unbiased(instance: &PointsInstance) -> Finding {
    unbiased_with(instance, Sampler::Independent)
}

pub(super) fn unbiased_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let points = &instance.points;
    let pairs = pairs(points.ncols(), PAIRS);
    let moments: Vec<CosineMoments> = pairs
        .iter()
        .map(|&(i, j)| CosineMoments::at(&instance.kernel, bounds::distance(points, i, j)))
        .collect();
    let plan = Plan {
        points,
        frequencies: FEW,
        models: enough_models(&moments, 4 * instance.draws),
        sampler,
        stream: Stream::Entries,
    };
    let drawn = models(instance, &plan, |model| {
        let entries = pairs.iter().map(|&(i, j)| model.entry(i, j));
        (entries.collect::<Vec<f64>>(), model.error)
    });
    let drawn = match drawn {
        Ok(drawn) => drawn,
        Err(error) => return undecided(error),
    };
    let rounding = drawn.iter().map(|(_, error)| error).sum::<f64>() / drawn.len() as f64;
    let mut comparisons = Vec::new();
    for (index, moments) in moments.iter().enumerate() {
        let entries: Vec<f64> = drawn.iter().map(|(entries, _)| entries[index]).collect();
        let sample = Sample::of(&entries, RANGE);
        let variance = moments.variance() / Ball::from(FEW as f64);
        let (mean, detectable) = sample.with_variance(variance.upper());
        comparisons.push(Comparison::expectation(
            "E k̂ = k",
            (mean.widened(rounding), detectable + rounding),
            moments.mean(),
            1.0,
        ));

        let centre = moments.mean().mid();
        let squares: Vec<f64> = entries.iter().map(|x| (x - centre).powi(2)).collect();
        let sample = Sample::of(&squares, SQUARED_RANGE);
        let (mean, detectable) = sample.with_variance(moments.squared_error_variance(FEW).upper());
        // |(x + e)² − x²| ≤ (2|x| + e)e with |x| ≤ 2, and the centre is off by its radius.
        let off = 5.0 * (rounding + moments.mean().rad());
        comparisons.push(Comparison::expectation(
            "Var k̂ = (1 + ψ(2Δ) − 2ψ²)/2m",
            (mean.widened(off), detectable + off),
            variance,
            variance.mid(),
        ));
    }
    Finding::Compared(comparisons)
}

/// R2 on the first pair of points.
pub(in crate::claims) fn hoeffding(instance: &PointsInstance) -> Finding {
    hoeffding_with(instance, Sampler::Independent)
}

pub(super) fn hoeffding_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let points = &instance.points;
    let mut comparisons = Vec::new();
    for (i, j) in pairs(points.ncols(), 1) {
        let value = (CosineMoments::at(&instance.kernel, bounds::distance(points, i, j))).mean();
        let plan = Plan {
            points,
            frequencies: SOME,
            models: instance.draws,
            sampler,
            stream: Stream::Deviation,
        };
        let deviations = models(instance, &plan, |model| {
            (model.entry(i, j) - value.mid()).abs() - model.error - value.rad()
        });
        let deviations = match deviations {
            Ok(deviations) => deviations,
            Err(error) => return undecided(error),
        };
        for level in LEVELS {
            let deviation = (2.0 * (2.0 / level).ln() / SOME as f64).sqrt();
            // Only what certainly deviates counts.
            let seen = Frequency::of(deviations.iter().map(|&d| d >= deviation));
            let bound = bounds::hoeffding(deviation).failure(SOME as u64);
            comparisons.push(Comparison::rarer(
                "P(|k̂ − k| ≥ ε) ≤ 2exp(−mε²/2)",
                seen,
                bound,
            ));
        }
    }
    Finding::Compared(comparisons)
}

/// The probability that R5's bound is held to: it needs no more models to be tested.
const RARE: f64 = 0.01;

/// Differences tried: those of the points, and shares of them.
const SHARES: [f64; 4] = [1.0, 0.75, 0.5, 0.25];

/// R5 on the differences of the points and shares of them: the supremum is at least the largest.
pub(in crate::claims) fn uniform(instance: &PointsInstance) -> Finding {
    uniform_with(instance, Sampler::Independent)
}

pub(super) fn uniform_with(instance: &PointsInstance, sampler: Sampler) -> Finding {
    let points = &instance.points;
    let dimension = points.nrows();
    let kappa1 = instance.kernel.admissibility().kappa1;
    if !kappa1.is_finite() {
        return Finding::Inapplicable(vec![FINITE.to_owned()]);
    }
    if points.ncols() < 2 {
        return Finding::Inapplicable(vec![SEVERAL.to_owned()]);
    }
    let pairs = pairs(points.ncols(), usize::MAX);
    let lengths = pairs.iter().map(|&(i, j)| bounds::distance(points, i, j));
    let diameter = lengths.fold(Ball::from(0.0), Ball::max);
    // κ1 is a product, a quotient and a root of exact numbers.
    let spread = Ball::new(kappa1, 4.0 * f64::EPSILON * kappa1);
    let reach = Ball::from(dimension as f64).sqrt() * spread * diameter;
    let deviation = 0.5 * reach.lower().min(1.0);
    let Some(tail) = bounds::uniform(reach, dimension, deviation) else {
        return undecided("all points are equal");
    };
    let Some(frequencies) = tail.width(RARE) else {
        return undecided("the bound does not reach any width");
    };
    let count = instance.draws.div_ceil(16);
    // A point at zero, and the others at the differences: a row of the Gram matrix is k̂ there.
    let differences = differences(points, &pairs);
    if let Err(reason) = super::models::affordable(frequencies, differences.ncols(), count) {
        return undecided(reason);
    }
    let values: Vec<Ball> = (1..differences.ncols())
        .map(|j| CosineMoments::at(&instance.kernel, bounds::distance(&differences, 0, j)).mean())
        .collect();
    let plan = Plan {
        points: &differences,
        frequencies: frequencies as usize,
        models: count,
        sampler,
        stream: Stream::Uniform,
    };
    let seen = models(instance, &plan, |model| {
        values.iter().enumerate().any(|(j, value)| {
            let off = (model.entry(0, j + 1) - value.mid()).abs();
            off - model.error - value.rad() >= deviation
        })
    });
    match seen {
        Ok(seen) => Finding::Compared(vec![Comparison::rarer(
            "P(sup|k̂ − k| ≥ ε) ≤ 66(σ_pℓ/ε)²exp(−mε²/4(d+2))",
            Frequency::of(seen),
            tail.failure(frequencies),
        )]),
        Err(error) => undecided(error),
    }
}

/// Zero, then shares of the differences of pairs of points.
fn differences(points: &DMatrix<f64>, pairs: &[(usize, usize)]) -> DMatrix<f64> {
    let mut columns = vec![points.column(0) * 0.0];
    for &(i, j) in pairs {
        let difference = points.column(i) - points.column(j);
        columns.extend(SHARES.map(|share| &difference * share));
    }
    DMatrix::from_columns(&columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    /// Twice as many for a variance that half as many more do not resolve, and the least where none would do.
    #[test]
    fn models_are_as_many_as_the_variance_asks_for() {
        let kernel: crate::kernel::KernelSpec = "gaussian:1".parse().unwrap();
        let at = |r: f64| CosineMoments::at(&kernel, Ball::from(r));
        let detectable = |pair: &CosineMoments, models: usize| {
            let variance = pair.squared_error_variance(FEW).upper();
            let widths = [1e-15, 1e-6].map(|level| bernstein(variance, 4.0, models, level));
            (widths[0] + widths[1]) * FEW as f64 / pair.variance().mid()
        };
        assert_eq!(enough_models(&[at(2.0)], 4096), 4096);
        for r in [1.0, 0.7, 0.6] {
            let models = enough_models(&[at(2.0), at(r)], 1024);
            assert!(models > 1024 && models <= 1024 << DOUBLINGS, "{r} {models}");
            assert!(detectable(&at(r), models) <= DETECTED);
            assert!(detectable(&at(r), models / 2) > DETECTED);
        }
        assert_eq!(enough_models(&[at(0.0), at(2.0)], 1024), 1024);
    }

    #[test]
    fn pairs_are_taken_in_order() {
        assert_eq!(pairs(3, 9), [(0, 1), (0, 2), (1, 2)]);
        assert_eq!(pairs(9, 2), [(0, 1), (0, 2)]);
        assert!(pairs(1, 9).is_empty());
    }

    #[test]
    fn differences_lie_within_the_diameter() {
        let points = dmatrix![0.0, 3.0, 1.0; 1.0, 5.0, 1.0];
        let found = differences(&points, &pairs(3, 9));
        assert_eq!(found.ncols(), 13);
        assert_eq!(found.column(0).norm(), 0.0);
        assert_eq!(found.column(1).norm(), 5.0);
        assert!(found.column_iter().all(|column| column.norm() <= 5.0));
        assert_eq!(found.column(12).norm(), 0.25 * 20.0_f64.sqrt());
    }
}
