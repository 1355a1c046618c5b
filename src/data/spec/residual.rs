//! An instance in plain numbers: what a strategy draws, shrinks, and prints.

use crate::kernel::KernelSpec;

/// Everything that a network claim needs, as values that shrink one by one and
/// can be pasted into a test (as JSON, with feature `serde`).
///
/// Rows are written out: `inputs[i]` is sample `i`, `lift[a]` is row `a` of `A`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ResidualSpec {
    /// The exact kernel, for claims about kernels.
    pub kernel: KernelSpec,
    /// N rows of d numbers.
    pub inputs: Vec<Vec<f64>>,
    /// N rows of d' numbers.
    pub targets: Vec<Vec<f64>>,
    /// m rows of q numbers: the frequencies.
    pub frequencies: Vec<Vec<f64>>,
    /// q rows of d numbers: `A`.
    pub lift: Vec<Vec<f64>>,
    /// d' rows of q numbers: `B`.
    pub readout: Vec<Vec<f64>>,
    /// D layers of q·2m numbers: the direction of the reference `v⁰`.
    pub reference: Vec<Vec<f64>>,
    /// D layers of q·2m numbers: the direction of `v − v⁰`.
    pub displacement: Vec<Vec<f64>>,
    /// `κ̂1‖v⁰‖`: the reference is scaled to this.
    pub reference_stretch: f64,
    /// `κ̂1‖v − v⁰‖`.
    pub displacement_stretch: f64,
    /// `c = 1 − βη/2` of the steps of gradient descent, in (0, 1).
    pub step_margin: f64,
    /// Number of steps.
    pub steps: usize,
    /// If given, targets are moved to the predictions of `v⁰` plus a multiple of
    /// themselves, such that P8's condition holds with this share of the
    /// largest loss allowed.
    pub loss_share: Option<f64>,
    /// The seed of what a check draws.
    #[cfg_attr(feature = "serde", serde(default))]
    pub seed: u64,
    /// How many random draws a statistical check makes, or a small multiple of it.
    #[cfg_attr(feature = "serde", serde(default = "default_draws"))]
    pub draws: usize,
}

/// What a statistical check draws, if nothing is said: see [`ResidualSpec::draws`].
pub const DEFAULT_DRAWS: usize = 1024;

#[cfg(feature = "serde")]
pub(super) fn default_draws() -> usize {
    DEFAULT_DRAWS
}
