//! An instance of Paper B's network, in plain numbers.

use crate::meanfield::Activation;

/// Everything that a claim about mean-field networks needs, as values that shrink one by one and can be pasted
/// into a test (as JSON, with feature `serde`).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MeanFieldSpec {
    /// `σ`.
    pub activation: Activation,
    /// `α`: the output is `α` times the last `d'` coordinates of the state.
    pub scale: f64,
    /// N rows of q numbers.
    pub inputs: Vec<Vec<f64>>,
    /// N rows of d' ≤ q numbers.
    pub targets: Vec<Vec<f64>>,
    /// D layers of M particles `(u, w, b)` of 2q + 1 numbers.
    pub network: Vec<Vec<Vec<f64>>>,
    /// A second network of the same depth, of any width.
    pub other: Vec<Vec<Vec<f64>>>,
    /// `c = 1 − βη/2` of the steps of gradient descent, in (0, 1).
    pub step_margin: f64,
    /// Number of steps.
    pub steps: usize,
    /// If given, targets are moved to the outputs of the network plus a multiple of themselves, such that C10's
    /// condition holds with this share of the largest risk allowed.
    pub loss_share: Option<f64>,
    /// The seed of what a check draws.
    #[cfg_attr(feature = "serde", serde(default))]
    pub seed: u64,
    /// How many random draws a statistical check makes, or a small multiple of it.
    #[cfg_attr(feature = "serde", serde(default = "super::residual::default_draws"))]
    pub draws: usize,
}
