//! What a recipe promises, with every constant and its source.

use crate::bounds::CurvatureVersion;
use crate::bounds::random_features::WidthBound;
use crate::kernel::KernelSpec;
#[cfg(feature = "serde")]
use crate::spectrum::certificate::hexadecimal;
use std::fmt;

/// The version of the format of a certificate.
pub const SCHEMA: u32 = 3;

/// Where the data come from, and what identifies them.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct DataSource {
    /// The file; the embedded digits if none.
    pub file: Option<String>,
    /// The array in an archive.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub array: Option<String>,
    /// The target column.
    pub target: Option<String>,
    /// The most samples kept.
    pub max_samples: usize,
    /// The seed of the sub-sample.
    pub seed: u64,
}

impl DataSource {
    /// The embedded digits, that many samples of them at most, drawn by seed 0.
    #[must_use]
    pub fn digits(max_samples: usize) -> Self {
        Self {
            file: None,
            array: None,
            target: None,
            max_samples,
            seed: 0,
        }
    }

    /// A file, that many samples of it at most, drawn by seed 0.
    #[must_use]
    pub fn of_file(file: impl Into<String>, max_samples: usize) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::digits(max_samples)
        }
    }

    setters! {
        with_file, file: impl Into<Option<String>>;
        with_array, array: impl Into<Option<String>>;
        with_target, target: impl Into<Option<String>>;
        with_max_samples, max_samples: usize;
        with_seed, seed: u64;
    }
}

/// The data, as they were seen.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DataSeen {
    /// Where they come from.
    pub source: DataSource,
    /// `N`.
    pub samples: usize,
    /// `d`.
    pub inputs: usize,
    /// `d'`.
    pub targets: usize,
    /// [`fingerprint`](super::fingerprint) of inputs and targets.
    pub fingerprint: String,
    /// What was done to them, in words; of no consequence for what is proved.
    #[cfg_attr(feature = "serde", serde(default))]
    pub notes: Vec<String>,
}

/// The network: P10's lift of the data, at zero weights.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Architecture {
    /// The kernel whose spectral measure the frequencies are drawn from.
    pub kernel: KernelSpec,
    /// `m`.
    pub frequencies: u64,
    /// `D`.
    pub depth: usize,
    /// The seed of the frequencies.
    pub seed: u64,
    /// [`fingerprint`](super::fingerprint) of the frequencies; none before the draw.
    pub fingerprint: Option<String>,
}

/// What holds with probability, before the draw.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Probability {
    /// `τ`: the constants fail with at most this probability.
    pub failure: f64,
    /// `ε`: the share of `λ_min(K)` that may be lost.
    pub share: f64,
    /// The share by which `λ_max(K)` may be exceeded.
    pub excess: f64,
    /// At least this: `λ_min(K)` of the exact kernel.
    pub kernel_smallest: f64,
    /// At most this: `λ_max(K)`.
    pub kernel_largest: f64,
    /// The bound that gives the width, with `τ/2`.
    pub bound: WidthBound,
}

/// A constant, on the safe side, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Written", into = "Written"))]
pub struct Stated {
    /// The number.
    pub value: f64,
    /// What it bounds, and by which claim.
    pub source: String,
}

impl Stated {
    pub(super) fn new(value: f64, source: &str) -> Self {
        Self {
            value,
            source: source.to_owned(),
        }
    }
}

/// A constant as a document has it: with the same number exactly beside, whatever reads its digits.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    value: f64,
    #[serde(default)]
    exact: Option<String>,
    source: String,
}

#[cfg(feature = "serde")]
impl From<Stated> for Written {
    fn from(stated: Stated) -> Self {
        let Stated { value, source } = stated;
        Self {
            value,
            exact: Some(hexadecimal(value)),
            source,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Written> for Stated {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            value,
            exact,
            source,
        } = written;
        match exact.filter(|exact| *exact != hexadecimal(value)) {
            None => Ok(Self { value, source }),
            Some(exact) => Err(format!(
                "the value {value:e} is {} exactly, not {exact}",
                hexadecimal(value)
            )),
        }
    }
}

/// Everything that the bounds are made of.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Constants {
    /// At most this: `κ̂0`.
    pub kappa0: Stated,
    /// At most this: `κ̂1`.
    pub kappa1: Stated,
    /// At most this: `κ̂2`.
    pub kappa2: Stated,
    /// At least this: `λ_min(K̂)`.
    pub gram_smallest: Stated,
    /// At most this: `λ_max(K̂)`.
    pub gram_largest: Stated,
    /// At most this: `L(0)`.
    pub initial_loss: Stated,
    /// At most this: `θ_D`.
    pub coupling: Stated,
    /// At most this: `s_2`, of how far states have moved by a layer.
    pub layer_mean: Stated,
    /// At most this: the radius.
    pub largest_radius: Stated,
}

/// The readout's scale.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScaleSearch {
    /// The `c = 1 − βη/2` for which the smallest scale is asked.
    pub step_margin: f64,
    /// `α*`: at this scale the condition holds.
    pub smallest: f64,
    /// The radius at which it does.
    pub radius: f64,
    /// Relative tolerance of `α*²`, and of the rate at the scale chosen.
    pub tolerance: f64,
    /// `α`.
    pub chosen: f64,
}

/// Where P8b.filtered brings a training.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FilteredPromise {
    /// After so many steps.
    pub iterations: u64,
    /// Every step up to there may be off by this.
    pub rounding: f64,
    /// At most this: `‖e_n‖ = √(2N·L(vⁿ))`.
    pub error: Stated,
    /// At most this: `‖vⁿ‖`.
    pub displacement: Stated,
}

/// The training at the scale chosen: by P8b.filtered to where P8 applies, mostly to the target, or by P8 from the start.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Promise {
    /// What is known of the iterate that P8 starts from; none if it is that of zero weights.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub filtered: Option<FilteredPromise>,
    /// `R`, around the iterate that P8 starts from.
    pub radius: f64,
    /// At least this: `m` on the ball around zero weights that holds that one.
    pub pl_constant: Stated,
    /// At most this: `β` on the same ball, below the loss that P8 starts from.
    pub smoothness: Stated,
    /// The version of P7 behind `β`.
    pub version: CurvatureVersion,
    /// `η`.
    pub step: f64,
    /// At least this: `c = 1 − βη/2`.
    pub step_margin: f64,
    /// At most this loss: `mR²c²/4`, rounded down.
    pub loss_threshold: f64,
    /// The rate of P8: `ηmc`, rounded down; from where it starts the loss falls by `ϱ = 1 − ηmc` a step at least.
    pub rate: f64,
    /// `ε`: the share of the initial loss to be reached.
    pub target: f64,
    /// After so many steps it is, at the latest.
    pub iterations: u64,
}

/// Before or after the draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum RecipeKind {
    /// The width is computed before any draw; the constants hold with probability `1 − τ`.
    APriori,
    /// The width is chosen, the frequencies are drawn, and the constants are certified as drawn; no
    /// probability is claimed.
    Realised,
}

impl fmt::Display for RecipeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::APriori => "a priori",
            Self::Realised => "realised",
        })
    }
}

/// A recipe: how to build and train the network, and what is guaranteed of the training.
///
/// Every number is on the safe side of what it bounds, by more than its rounding, so that
/// [`recheck`](super::recheck) can prove it another way.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TrainingCertificate {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Version of polyak.
    pub version: String,
    /// [`instruction_set`](crate::arithmetic::instruction_set()) on which it was computed; empty if that is not known.
    #[cfg_attr(feature = "serde", serde(default))]
    pub instruction_set: String,
    /// Before or after the draw.
    pub kind: RecipeKind,
    /// The data.
    pub data: DataSeen,
    /// The network.
    pub architecture: Architecture,
    /// What holds with probability; none after the draw.
    pub probability: Option<Probability>,
    /// The constants.
    pub constants: Constants,
    /// The readout's scale.
    pub scale: ScaleSearch,
    /// The training.
    pub promise: Promise,
}

/// On which side of what it bounds a stated constant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The number bounded is at least the constant.
    AtLeast,
    /// The number bounded is at most the constant.
    AtMost,
}

impl fmt::Display for Side {
    /// `≥` or `≤`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AtLeast => "≥",
            Self::AtMost => "≤",
        })
    }
}

impl TrainingCertificate {
    /// Returns the proved constants that the promise is made of: symbol, side, and number with its source.
    #[must_use]
    pub fn stated(&self) -> [(&'static str, Side, &Stated); 9] {
        use Side::{AtLeast, AtMost};
        let (constants, promise) = (&self.constants, &self.promise);
        [
            ("λ_min(K̂)", AtLeast, &constants.gram_smallest),
            ("λ_max(K̂)", AtMost, &constants.gram_largest),
            ("κ̂0", AtMost, &constants.kappa0),
            ("κ̂1", AtMost, &constants.kappa1),
            ("κ̂2", AtMost, &constants.kappa2),
            ("L(0)", AtMost, &constants.initial_loss),
            ("R", AtMost, &constants.largest_radius),
            ("m", AtLeast, &promise.pl_constant),
            ("β", AtMost, &promise.smoothness),
        ]
    }
}
