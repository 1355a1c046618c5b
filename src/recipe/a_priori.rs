//! The recipe before the draw.

use super::certificate::{Architecture, DataSource, Probability, RecipeKind, TrainingCertificate};
use super::plan::{Ground, Known};
use super::recheck::allowance;
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
    /// let source = DataSource::digits(6);
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
    ) -> Result<TrainingCertificate, RecipeError> {
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
        let left = |bound: f64| allowance::of_gaussian_gram(&data.inputs, bound);
        let kernel_smallest = exact.lower() - left(1.0);
        let kernel_largest = expressivity.largest().upper();
        let kernel_largest = kernel_largest + left(kernel_largest);
        let excess = excess(samples, kernel_largest, width, OF_OTHERS * failure);
        let (dimension, count) = (
            data.input_dimension() + data.target_dimension(),
            width as usize,
        );
        let sigma = Ball::from(gaussian.sigma());
        let each = OF_OTHERS * failure;
        let exceeded = Ball::from(1.0) + Ball::from(excess);
        let largest = (exceeded * Ball::from(kernel_largest)).upper();
        let closed = |bound: Ball| bound.upper() * (1.0 + allowance::of_formula());
        let known = Known {
            smallest_at_most: exact.upper(),
            smallest: (
                (Ball::from(1.0 - SHARE) * Ball::from(kernel_smallest)).lower(),
                "λ_min(K̂) ≥ (1−ε)λ_min(K) with probability 1 − τ/2 (R3, R4, R4b)",
            ),
            largest: (
                largest.min(samples as f64),
                "λ_max(K̂) ≤ (1+ε')λ_max(K) with probability 1 − τ/6 (R4), or N",
            ),
            kappa1: (
                closed(lipschitz_constant(dimension, count, each) / sigma),
                "with probability 1 − τ/6 (R8)",
            ),
            kappa2: (
                closed(curvature_constant(dimension, count, each) / sigma.square()),
                "with probability 1 − τ/6 (R8b)",
            ),
        };
        let ground = Ground {
            kind: RecipeKind::APriori,
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
                kernel_smallest,
                kernel_largest,
                bound,
            }),
            constants: self.constants(data, &known)?,
        };
        self.finish(data, source, ground, None)
    }
}

/// The search of the share ends at this ratio.
const CELL: f64 = 1.001;

/// The smallest share by which `λ_max(K̂)` exceeds a bound of `λ_max(K)` with at most a probability, to two cells: the
/// inequality of R4 holds for any number not below `λ_max(K)` in its place.
///
/// What is returned is a cell beyond where the probability is small enough, which is more than another way of
/// computing it can differ by.
fn excess(samples: usize, largest: f64, width: u64, failure: f64) -> f64 {
    let target = Ball::from(failure).ln();
    let rare = |share: f64| {
        let tail = largest_chernoff(samples, Ball::from(largest), share);
        tail.ln_failure(width).upper() <= target.lower()
    };
    // Beyond this λ_max(K̂) ≤ N says more.
    let (mut below, mut above) = (1e-6, samples as f64);
    while above > below * CELL {
        let middle = (below * above).sqrt();
        if rare(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    above * CELL
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{corners, kernel, source};
    use super::*;
    use crate::bounds::random_features::{WidthBound, uniform};

    fn recipe() -> TrainingCertificate {
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
        assert_eq!(recipe.kind, RecipeKind::APriori);
        assert_eq!(recipe.architecture.fingerprint, None);
        let probability = recipe.probability.unwrap();
        assert_eq!((probability.failure, probability.share), (1e-3, 0.5));
        // On the safe side, by what the second proof needs.
        let lost = expressivity.smallest().lower() - probability.kernel_smallest;
        let added = probability.kernel_largest - expressivity.largest().upper();
        assert!(0.0 < lost && lost < 1e-11 && 0.0 < added && added < 1e-10);
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
        assert!(ln_failure(excess / 1.003) > (1e-3_f64 / 6.0).ln());
    }

    /// What R5 allows at the width of a recipe is more than a floor by separation can lose: the proposition of the page.
    #[test]
    fn separation_has_no_floor_at_the_width_of_a_recipe() {
        let mut far = corners();
        far.inputs = nalgebra::dmatrix![0.0, 9.0; 0.0, 9.0];
        far.targets = nalgebra::dmatrix![1.0, -1.0; 0.5, 0.25];
        far.rows = vec![1, 2];
        for data in [corners(), far] {
            let plan = Plan::default();
            let recipe = plan.a_priori(&data, source(), kernel(), 1e-3).unwrap();
            let exact = Expressivity::try_new(&kernel(), &data.inputs).unwrap();
            let deviation = exact.smallest().upper() / (data.samples() - 1) as f64;
            // σ_p = √q/σ, and a set no wider than the inputs.
            let reach = Ball::from(2.0 / 0.6 * 2.0_f64.sqrt());
            let tail = uniform(reach, 4, deviation).unwrap();
            let failure = tail.ln_failure(recipe.architecture.frequencies);
            assert!(failure.lower() > 5e-4_f64.ln(), "{failure:?}");
        }
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
            drawn.gram_smallest.value < constants.gram_smallest.value
                || drawn.gram_largest.value > constants.gram_largest.value
                || drawn.kappa1.value > constants.kappa1.value
                || drawn.kappa2.value > constants.kappa2.value
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
