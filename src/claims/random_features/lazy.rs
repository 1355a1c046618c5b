//! P11's coefficient in the number of features.

use super::models::{Stream, seed_of};
use super::{GAUSSIAN, Sampler, gaussian};
use crate::arithmetic::Ball;
use crate::claims::{ResidualInstance, undecided};
use crate::evidence::statistics::{Rate, Trend, normal_variance};
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::flow::FirstOrder;
use crate::gram::feature_gram;
use crate::kernel::Gaussian;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// One sample has no first-order change.
pub(in crate::claims) const SEVERAL: &str = "at least two samples";

/// Layers of the networks.
const DEPTH: usize = 4;

/// Widths, evenly spaced in the logarithm.
const WIDTHS: [usize; 3] = [4, 16, 64];

/// `yᵀT_1y` of many networks at three widths, beside its variance given the input frequencies.
pub(in crate::claims) fn coefficient(instance: &ResidualInstance) -> Finding {
    coefficient_with(instance, Sampler::Independent)
}

pub(super) fn coefficient_with(instance: &ResidualInstance, sampler: Sampler) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error + Send + Sync>> {
        let Some(kernel) = gaussian(&instance.kernel) else {
            return Ok(Finding::Inapplicable(vec![GAUSSIAN.to_owned()]));
        };
        if instance.samples() < 2 {
            return Ok(Finding::Inapplicable(vec![SEVERAL.to_owned()]));
        }
        let mut comparisons = Vec::new();
        let (mut logarithms, mut ordinates) = (Vec::new(), Vec::new());
        for (index, width) in WIDTHS.into_iter().enumerate() {
            let first = index * instance.draws;
            let drawn: Result<Vec<f64>, _> = (first..first + instance.draws)
                .into_par_iter()
                .map(|draw| standardised(instance, kernel, sampler, width, draw as u64))
                .collect();
            let drawn = drawn?;
            if !drawn.iter().all(|x| x.is_finite()) {
                return Ok(undecided(
                    "the Gram matrix of the features is singular, or the targets are zero",
                ));
            }
            let (variance, detectable) = normal_variance(&drawn);
            comparisons.push(Comparison::expectation(
                "E[(yᵀT₁y)²|ω_x] = (hσ⁻¹/m)²Σβ²",
                (variance, detectable),
                Ball::from(1.0),
                1.0,
            ));
            let size = Ball::from(width as f64);
            logarithms.push((width as f64).ln());
            ordinates.push((variance / size).ln() / Ball::from(2.0));
        }
        let slope = Rate::through(&logarithms, &ordinates)?;
        let comparison = Comparison::expectation(
            "the slope of RMS(yᵀT₁y) in m is −1/2",
            // The slope of other points of the balls is as far away again at most.
            (slope, 2.0 * slope.rad()),
            Ball::from(-0.5),
            0.5,
        );
        let drawn = WIDTHS.iter().zip(&ordinates);
        let drawn = drawn.map(|(&width, ordinate)| (width as f64, ordinate.mid()));
        comparisons.push(comparison.with_trend(Trend::try_new(drawn)));
        Ok(Finding::Compared(comparisons))
    };
    check().unwrap_or_else(undecided)
}

/// `yᵀT_1y` of one network, trained to the end, over its standard deviation given the input frequencies.
fn standardised(
    instance: &ResidualInstance,
    kernel: Gaussian,
    sampler: Sampler,
    width: usize,
    draw: u64,
) -> Result<f64, crate::features::FeaturesError> {
    let (inputs, outputs) = (instance.inputs.nrows(), instance.targets.nrows());
    let seed = seed_of(instance.seed, Stream::Lazy, draw);
    let (frequencies, _) = sampler.draw(&kernel, inputs + outputs, width, 1, seed)?;
    let samples = instance.samples();
    let points = DMatrix::from_fn(inputs + outputs, samples, |a, i| {
        if a < inputs {
            instance.inputs[(a, i)]
        } else {
            0.0
        }
    });
    let features = FourierFeatures::try_new(frequencies)?;
    let gram = feature_gram(&features.evaluate(&points));
    // a = yK̂⁻¹, whatever it is as computed, depends on the input frequencies alone.
    let targets = &instance.targets;
    let Some(solution) = gram.clone().lu().solve(&targets.transpose()) else {
        return Ok(f64::NAN);
    };
    let coefficients = solution.transpose();
    let first = FirstOrder::new(&features, &points, outputs, DEPTH);
    let stacked = DVector::from_column_slice(coefficients.as_slice());
    let labels = DVector::from_column_slice(targets.as_slice());
    let form = labels.dot(&(first.tangent(&stacked) * &labels));
    let betas = betas(&features, &gram, &instance.inputs, &coefficients, targets);
    let share = (DEPTH - 1) as f64 / (2 * DEPTH) as f64;
    Ok(form / (share * betas.norm() / (kernel.sigma() * width as f64)))
}

/// The derivatives of `−m·yᵀT_1y/h` with respect to every label frequency, d' × m.
///
/// With `K̂` the `gram`, `g_ij = sin ω_x·(x_i − x_j)`, `w = aK̂`, they are
/// `2Σ_ij (y_i·y_j) g_ij w_i + 2Σ_i (yK̂)_i Σ_j (y_i·a_j) g_ij`.
fn betas(
    features: &FourierFeatures,
    gram: &DMatrix<f64>,
    inputs: &DMatrix<f64>,
    coefficients: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> DMatrix<f64> {
    let (outputs, samples) = targets.shape();
    let (moved, smoothed) = (coefficients * gram, targets * gram);
    let label_products = targets.tr_mul(targets);
    let mixed_products = targets.tr_mul(coefficients);
    let mut betas = DMatrix::zeros(outputs, features.count());
    for (p, frequency) in features.frequencies().column_iter().enumerate() {
        let own = frequency.rows(0, inputs.nrows());
        let phase = |i: usize| own.dot(&inputs.column(i));
        let phases: Vec<f64> = (0..samples).map(phase).collect();
        for i in 0..samples {
            for j in 0..samples {
                let sine = (phases[i] - phases[j]).sin();
                let own = 2.0 * sine * label_products[(i, j)];
                let other = 2.0 * sine * mixed_products[(i, j)];
                for c in 0..outputs {
                    betas[(c, p)] += own * moved[(c, i)] + other * smoothed[(c, i)];
                }
            }
        }
    }
    betas
}

#[cfg(test)]
mod tests {
    use super::super::pinned;
    use super::*;
    use crate::evidence::Verdict;
    use crate::resnet::oracle::chirp;

    /// `T_1` is linear in the label frequencies: one at a time.
    #[test]
    fn betas_are_the_coefficients_of_the_label_frequencies() {
        let (inputs, outputs, samples, count) = (2, 2, 3, 4);
        let points = DMatrix::from_fn(4, samples, |a, i| {
            if a < inputs {
                chirp(1, 2, 3)[(a, i)]
            } else {
                0.0
            }
        });
        let targets = chirp(2, outputs, samples);
        let coefficients = chirp(5, outputs, samples);
        let stacked = DVector::from_column_slice(coefficients.as_slice());
        let labels = DVector::from_column_slice(targets.as_slice());
        let own = chirp(3, 4, count) * 1.4;
        let at = |p: usize, c: usize, value: f64| -> FourierFeatures {
            let mut frequencies = own.clone();
            frequencies.rows_mut(inputs, outputs).fill(0.0);
            frequencies[(inputs + c, p)] = value;
            FourierFeatures::try_new(frequencies).unwrap()
        };
        let still = at(0, 0, 0.0);
        let gram = feature_gram(&still.evaluate(&points));
        let own_inputs = chirp(1, 2, 3);
        let found = betas(&still, &gram, &own_inputs, &coefficients, &targets);
        for p in 0..count {
            for c in 0..outputs {
                let first = FirstOrder::new(&at(p, c, 0.75), &points, outputs, DEPTH);
                let form = labels.dot(&(first.tangent(&stacked) * &labels));
                // h = 3/8, and −1/m.
                let expected = -0.375 / 4.0 * 0.75 * found[(c, p)];
                assert!((form - expected).abs() < 1e-13, "{p} {c} {form} {expected}");
            }
        }
        assert!(found.amax() > 0.1);
    }

    #[test]
    fn draws_are_standard_and_their_own() {
        let instance = pinned(&[0.0], &[1.0]);
        let kernel = gaussian(&instance.kernel).unwrap();
        let draw = |sampler, index| standardised(&instance, kernel, sampler, 16, index).unwrap();
        let draws: Vec<f64> = (0..2000).map(|i| draw(Sampler::Independent, i)).collect();
        let (variance, _) = normal_variance(&draws);
        assert!(variance.contains(1.0) && variance.rad() < 0.4);
        assert!(draws[0] != draws[1]);
        // Twice the variance, and nine quarters of it.
        for (sampler, expected) in [(Sampler::Repeated(2), 2.0), (Sampler::Stretched(1.5), 2.25)] {
            let draws: Vec<f64> = (0..2000).map(|i| draw(sampler, i)).collect();
            let (variance, _) = normal_variance(&draws);
            assert!(
                variance.contains(expected) && !variance.contains(1.0),
                "{variance:?}"
            );
        }
    }

    #[test]
    fn what_is_said_is_said_of_three_widths() {
        let instance = pinned(&[0.0], &[1.0]);
        let Finding::Compared(comparisons) = coefficient(&instance) else {
            panic!("a Gaussian kernel and two points");
        };
        assert_eq!(comparisons.len(), 4);
        assert!(comparisons.iter().all(|c| c.verdict() == Verdict::Holds));
        assert!((comparisons[3].quantity().mid() + 0.5).abs() < 0.05);
        let mut single = instance.clone();
        single.inputs = DMatrix::from_element(1, 1, 0.0);
        single.targets = DMatrix::from_element(1, 1, 1.0);
        let reason = Finding::Inapplicable(vec![SEVERAL.to_owned()]);
        assert_eq!(coefficient(&single), reason);
        let mut other = instance;
        other.kernel = "matern52:1".parse().unwrap();
        assert_eq!(
            coefficient(&other),
            Finding::Inapplicable(vec![GAUSSIAN.to_owned()])
        );
    }
}
