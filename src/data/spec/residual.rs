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

impl ResidualSpec {
    /// Distinct points and a network that does nothing on them: the identity for a lift, the first coordinate read off,
    /// targets of one, one frequency, one layer.
    ///
    /// # Panics
    /// Without points.
    ///
    /// # Example
    /// ```
    /// use polyak::claims::{ResidualInstance, find};
    /// use polyak::data::ResidualSpec;
    /// let points = vec![vec![0.0, 1.0], vec![2.0, -1.0]];
    /// let spec = ResidualSpec::at_rest("gaussian:1".parse()?, points).with_zero_layers(3);
    /// assert_eq!((spec.reference.len(), spec.reference[0].len()), (3, 4));
    /// assert_eq!(ResidualInstance::from_spec(&spec)?.lifted_inputs()[(0, 1)], 2.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at_rest(kernel: KernelSpec, points: Vec<Vec<f64>>) -> Self {
        let dimension = points[0].len();
        let unit = |i: usize| -> Vec<f64> {
            (0..dimension)
                .map(|j| f64::from(u8::from(i == j)))
                .collect()
        };
        let still = Self {
            kernel,
            targets: vec![vec![1.0]; points.len()],
            inputs: points,
            frequencies: vec![vec![1.0; dimension]],
            lift: (0..dimension).map(unit).collect(),
            readout: vec![unit(0)],
            reference: Vec::new(),
            displacement: Vec::new(),
            reference_stretch: 0.0,
            displacement_stretch: 0.0,
            step_margin: 0.5,
            steps: 1,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        };
        still.with_zero_layers(1)
    }

    /// Replaces both directions by zero layers of the size that lift and frequencies ask for.
    #[must_use]
    pub fn with_zero_layers(self, depth: usize) -> Self {
        let layer = vec![0.0; self.lift.len() * 2 * self.frequencies.len()];
        Self {
            reference: vec![layer.clone(); depth],
            displacement: vec![layer; depth],
            ..self
        }
    }
}

/// What a statistical check draws, if nothing is said: see [`ResidualSpec::draws`].
pub const DEFAULT_DRAWS: usize = 1024;

#[cfg(feature = "serde")]
pub(super) fn default_draws() -> usize {
    DEFAULT_DRAWS
}
