//! The recipe before the draw.

use super::certificate::{Architecture, Certificate, DataSource, Kind, Probability};
use super::plan::{Ground, Known};
use super::{Plan, RecipeError};
use crate::arithmetic::Ball;
use crate::bounds::random_features::{
    Expressivity, curvature_constant, largest_chernoff, lipschitz_constant,
};
use crate::data::Dataset;
use crate::kernel::KernelSpec;

/// `ε`: half of `λ_min(K)` may be lost.
pub(super) const SHARE: f64 = 0.5;

/// The share of `τ` that `λ_min(K̂)` may fail with.
pub(super) const OF_SMALLEST: f64 = 0.5;

/// The share that `λ_max(K̂)`, `κ̂1` and `κ̂2` may fail with, each.
pub(super) const OF_OTHERS: f64 = 1.0 / 6.0;

impl Plan {
    /// Computes the recipe before any frequency is drawn: with probability at least `1 − failure` the
    /// constants of the network drawn are as good as stated.
    ///
    /// The width is the least of the bounds of R3, R4 and R4b at half the probability, with `ε = ½`; `λ_max`
    /// is bounded by the upper half of R4, `κ̂1` by R8 and `κ̂2` by R8b, a sixth each.
    ///
    /// # Errors
    /// As [`realised`](Self::realised); [`RecipeError::NotGaussian`], [`RecipeError::Failure`],
    /// [`RecipeError::NoWidth`].
    ///
    /// # Cost
    /// `N³/2` values of the kernel and some 60 eigendecompositions of order `N`.
    ///
    /// # Example
    /// ```
    /// use polyak::recipe::{DataSource, Plan};
    /// let data = polyak::data::digits().subsample(6, 0)?;
    /// let source = DataSource { file: None, target: None, max_samples: 6, seed: 0 };
    /// let recipe = Plan::default().a_priori(&data, source, "gaussian:1".parse()?, 1e-3)?;
    /// assert!(recipe.architecture.frequencies > 100 && recipe.promise.rate > 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn a_priori(
        &self,
        data: &Dataset,
        source: DataSource,
        kernel: KernelSpec,
        failure: f64,
    ) -> Result<Certificate, RecipeError> {
        self.require(data)?;
        if !(0.0 < failure && failure < 1.0) {
            return Err(RecipeError::Failure { failure });
        }
        let KernelSpec::Gaussian(gaussian) = kernel else {
            let kernel = kernel.to_string();
            return Err(RecipeError::NotGaussian { kernel });
        };
        let expressivity = Expressivity::try_new(&kernel, &data.inputs)?;
        let exact = expressivity.smallest();
        let (bound, width) =
            expressivity
                .width(SHARE, OF_SMALLEST * failure)?
                .ok_or(RecipeError::NoWidth {
                    lower: exact.lower(),
                    upper: exact.upper(),
                })?;
        let samples = data.samples();
        let largest = expressivity.largest();
        let excess = excess(samples, largest, width, OF_OTHERS * failure);
        let (dimension, count) = (
            data.input_dimension() + data.target_dimension(),
            width as usize,
        );
        let sigma = Ball::from(gaussian.sigma());
        let each = OF_OTHERS * failure;
        let trace = Ball::from(samples as f64);
        let known = Known {
            // ε leaves half of λ_min(K) to rounding, and more.
            other_rounding: 0.0,
            smallest: (
                Ball::from(1.0 - SHARE) * exact,
                "λ_min(K̂) ≥ (1−ε)λ_min(K) with probability 1 − τ/2 (R3, R4, R4b)",
            ),
            largest: (
                ((Ball::from(1.0) + Ball::from(excess)) * largest).min(trace),
                "λ_max(K̂) ≤ (1+ε')λ_max(K) with probability 1 − τ/6 (R4), or N",
            ),
            kappa1: (
                lipschitz_constant(dimension, count, each) / sigma,
                "with probability 1 − τ/6 (R8)",
            ),
            kappa2: (
                curvature_constant(dimension, count, each) / sigma.square(),
                "with probability 1 − τ/6 (R8b)",
            ),
        };
        let ground = Ground {
            kind: Kind::APriori,
            architecture: Architecture {
                kernel,
                frequencies: width,
                depth: self.depth,
                seed: self.seed,
                fingerprint: None,
            },
            probability: Some(Probability {
                failure,
                share: SHARE,
                excess,
                kernel_smallest: exact.lower(),
                kernel_largest: largest.upper(),
                bound,
            }),
            constants: self.constants(data, &known)?,
        };
        self.finish(data, source, ground)
    }
}

/// The smallest share by which `λ_max(K̂)` exceeds `λ_max(K)` with at most a probability, to a thousandth.
fn excess(samples: usize, largest: Ball, width: u64, failure: f64) -> f64 {
    let target = Ball::from(failure).ln();
    let rare = |share: f64| {
        let lower = Ball::from(largest.lower().max(0.0));
        let tail = largest_chernoff(samples, lower, share);
        tail.ln_failure(width).upper() <= target.lower()
    };
    // Beyond this λ_max(K̂) ≤ N says more.
    let (mut below, mut above) = (1e-6, samples as f64);
    while above > below * 1.001 {
        let middle = (below * above).sqrt();
        if rare(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    above
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{corners, kernel, source};
    use super::*;
    use crate::bounds::random_features::WidthBound;

    fn recipe() -> Certificate {
        Plan::default()
            .a_priori(&corners(), source(), kernel(), 1e-3)
            .unwrap()
    }

    #[test]
    fn the_width_is_the_least_of_the_bounds() {
        let recipe = recipe();
        let expressivity = Expressivity::try_new(&kernel(), &corners().inputs).unwrap();
        let widths = WidthBound::ALL.map(|bound| {
            let tail = expressivity.tail(bound, 0.5).unwrap();
            tail.width(5e-4)
        });
        let least = widths.into_iter().flatten().min();
        assert_eq!(Some(recipe.architecture.frequencies), least);
        assert_eq!(recipe.kind, Kind::APriori);
        assert_eq!(recipe.architecture.fingerprint, None);
        let probability = recipe.probability.unwrap();
        assert_eq!((probability.failure, probability.share), (1e-3, 0.5));
        assert_eq!(probability.kernel_smallest, expressivity.smallest().lower());
        assert_eq!(probability.kernel_largest, expressivity.largest().upper());
    }

    /// Each constant from its own formula, in plain numbers.
    #[test]
    fn constants_are_those_promised() {
        let recipe = recipe();
        let m = recipe.architecture.frequencies as f64;
        let gram = crate::gram::kernel_gram(&kernel(), &corners().inputs);
        let values = gram.symmetric_eigenvalues();
        let (constants, sigma) = (&recipe.constants, 0.6_f64);
        let close = |found: f64, expected: f64| {
            assert!((found / expected - 1.0).abs() < 2e-6, "{found} {expected}");
        };
        close(constants.gram_smallest.value, 0.5 * values.min());
        let tail = (2.0 * (6.0 / 1e-3_f64).ln()).sqrt();
        close(
            constants.kappa1.value,
            (1.0 + (2.0 + tail) / m.sqrt()) / sigma,
        );
        let length = (3.0 * m).powf(0.25) + 2.0 + tail;
        close(
            constants.kappa2.value,
            length * length / m.sqrt() / sigma.powi(2),
        );
        let excess = recipe.probability.unwrap().excess;
        close(constants.gram_largest.value, (1.0 + excess) * values.max());
        // N[e^ε(1+ε)^{−(1+ε)}]^{mλ/N} is the probability, to the thousandth of ε.
        let ln_failure =
            |e: f64| 5.0_f64.ln() - m * values.max() / 5.0 * ((1.0 + e) * (1.0 + e).ln() - e);
        assert!(ln_failure(excess) <= (1e-3_f64 / 6.0).ln());
        assert!(ln_failure(excess / 1.002) > (1e-3_f64 / 6.0).ln());
    }

    /// The networks drawn are as good as promised: one failure in 100 has a probability of 0.1 at τ = 1e-3,
    /// five a probability below 1e-7.
    #[test]
    fn networks_drawn_keep_the_promise() {
        let recipe = recipe();
        let constants = &recipe.constants;
        let count = recipe.architecture.frequencies as usize;
        let lost = (0..100).filter(|&seed| {
            let plan = Plan {
                seed,
                ..Plan::default()
            };
            let drawn = plan
                .realised(&corners(), source(), kernel(), count)
                .unwrap();
            let drawn = drawn.constants;
            // What is stated of the draw is a little worse than the draw.
            drawn.gram_smallest.value * (1.0 + 3e-6) < constants.gram_smallest.value
                || drawn.gram_largest.value * (1.0 - 3e-8) > constants.gram_largest.value
                || drawn.kappa1.value * (1.0 - 3e-8) > constants.kappa1.value
                || drawn.kappa2.value * (1.0 - 3e-8) > constants.kappa2.value
        });
        assert!(lost.count() < 5);
    }

    #[test]
    fn what_has_no_a_priori_recipe_is_refused() {
        let plan = Plan::default();
        let refused = |kernel: &str, failure: f64| {
            let kernel = kernel.parse().unwrap();
            plan.a_priori(&corners(), source(), kernel, failure)
                .unwrap_err()
        };
        let error = refused("matern52:0.6", 1e-3);
        assert!(
            matches!(error, RecipeError::NotGaussian { kernel } if kernel.starts_with("matern"))
        );
        for failure in [0.0, 1.0, -0.5, f64::NAN] {
            let error = refused("gaussian:0.6", failure);
            assert!(matches!(error, RecipeError::Failure { .. }));
        }
        // λ_min(K) is not told from zero in double precision.
        let error = refused("gaussian:1000000", 1e-3);
        assert!(matches!(error, RecipeError::NoWidth { .. }), "{error:?}");
    }
}
