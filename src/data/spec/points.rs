//! Points and a kernel in plain numbers.

use super::residual::DEFAULT_DRAWS;
use crate::kernel::KernelSpec;

/// Everything that a claim about points needs, as values that shrink one by one and can be pasted into a test (as JSON,
/// with feature `serde`).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PointsSpec {
    /// The kernel.
    pub kernel: KernelSpec,
    /// N rows of q numbers: `points[i]` is point `i`.
    pub points: Vec<Vec<f64>>,
    /// The seed of what a check draws.
    #[cfg_attr(feature = "serde", serde(default))]
    pub seed: u64,
    /// How many random draws a statistical check makes, or a small multiple of it.
    #[cfg_attr(feature = "serde", serde(default = "super::residual::default_draws"))]
    pub draws: usize,
}

impl PointsSpec {
    /// Points under the seed 0, with as many draws as are usual.
    ///
    /// # Example
    /// ```
    /// use polyak::claims::{PointsInstance, find};
    /// use polyak::data::PointsSpec;
    /// use polyak::evidence::Verdict;
    /// let spec = PointsSpec::new("gaussian:1".parse()?, vec![vec![0.0, 1.0], vec![2.0, -1.0]]);
    /// let instance = PointsInstance::from_spec(&spec)?;
    /// assert_eq!(instance.points[(0, 1)], 2.0);
    /// assert_eq!(find("K2.strict")?.evaluate(&instance.into()).verdict, Verdict::Holds);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(kernel: KernelSpec, points: Vec<Vec<f64>>) -> Self {
        Self {
            kernel,
            points,
            seed: 0,
            draws: DEFAULT_DRAWS,
        }
    }
}
