//! What can be wrong with a network from outside.

use super::ScalingError;
use crate::features::FeaturesError;
use crate::meanfield::MeanFieldError;
use crate::resnet::NetworkError;
use crate::spectrum::SpectrumError;
use crate::text::{count, listed, printable};

/// Why arrays are no network that the theory covers, or a network has no diagnosis.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The arrays of no layout.
    #[error(
        "its arrays are those of no network that is read: `layers`, `frequencies`, `input` and `output` make one, or \
         `outer`, `inner`, `input` and `output`, and there is {}",
        listed(available)
    )]
    NoLayout {
        /// The arrays there are.
        available: Vec<String>,
    },
    /// An array that the layout needs is not there.
    #[error(
        "there is no array `{array}`, {meaning}; there is {}",
        listed(available)
    )]
    Missing {
        /// The array.
        array: &'static str,
        /// What it is.
        meaning: &'static str,
        /// The arrays there are.
        available: Vec<String>,
    },
    /// Arrays that the layout does not know.
    #[error(
        "the layout has no array {}{}; leave what is no part of the network out",
        listed(arrays),
        reason.map_or(String::new(), |reason| format!(", and {reason}"))
    )]
    Unknown {
        /// The arrays.
        arrays: Vec<String>,
        /// Why the theory does not cover what they look like.
        reason: Option<&'static str>,
    },
    /// Two arrays that are one of the layout.
    #[error("array `{array}` is there twice, with and without `.weight`: leave one of them out")]
    Twice {
        /// The array.
        array: String,
    },
    /// An array of another shape than the others call for.
    #[error(
        "array `{}` is {}, and {expected} is needed",
        printable(array),
        shown(shape)
    )]
    Shape {
        /// The array.
        array: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What is needed, in words.
        expected: String,
    },
    /// A number that is not positive where one is needed.
    #[error("array `{array}`: {value} is not a positive number")]
    NotPositive {
        /// The array.
        array: &'static str,
        /// The number.
        value: f64,
    },
    /// Nothing says how a block is scaled.
    #[error(
        "nothing says what multiplies a block: give --scale, as 1/(D*sqrt(m)) for z + W·(cos, sin)/(D√m), 1/D or 1, or \
         keep it in an array `scale`"
    )]
    NoScale,
    /// Two say how a block is scaled.
    #[error("the file says in `scale` what multiplies a block: leave --scale out")]
    TwoScales,
    /// A scaling that cannot be read.
    #[error(transparent)]
    Scaling(#[from] ScalingError),
    /// Weights that are beyond f64 in the scaling of the theory.
    #[error(
        "the weights times {factor:e}, as the theory scales them, are beyond f64: check the scaling"
    )]
    Overflow {
        /// By what the weights are multiplied.
        factor: f64,
    },
    /// Nothing says what the activation is.
    #[error(
        "nothing says what the activation of the blocks is: give --activation tanh, erf, sigmoid, cosine or relu"
    )]
    NoActivation,
    /// States that do not begin as inputs.
    #[error(
        "array `input`: every row must be zero but for a single 1, as states begin as coordinates of the inputs: multiply the \
         inputs by the matrix that it is, and give those"
    )]
    NoSelection,
    /// Outputs that are not read off the last coordinates.
    #[error(
        "array `output`: it must be a number times the last rows of the identity, as outputs are read off the last coordinates of \
         a state"
    )]
    NoReadout,
    /// A fixed array of a checkpoint is another than before.
    #[error(
        "array `{array}` is not that of the first checkpoint: the theory trains the layers alone; check each by itself"
    )]
    Moved {
        /// The array.
        array: &'static str,
    },
    /// Data of another dimension than the network.
    #[error(
        "the network takes {} and gives {}, and the data have {} and {}",
        count(network[0], "input"), count(network[1], "output"), count(data[0], "input"), count(data[1], "target")
    )]
    Data {
        /// Inputs and outputs of the network.
        network: [usize; 2],
        /// Inputs and targets of the data.
        data: [usize; 2],
    },
    /// The frequencies are refused.
    #[error("array `frequencies`: {0}")]
    Features(#[from] FeaturesError),
    /// The particles are refused.
    #[error(transparent)]
    Particles(#[from] MeanFieldError),
    /// The network is refused.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A spectrum that is not to be had: states that overflow.
    #[error("the states of the network overflow ({0}): check the scaling and the data")]
    Spectrum(#[from] SpectrumError),
}

/// A shape, in words.
pub(super) fn shown(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "a single number".to_owned();
    }
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("of shape {}", sizes.join(" × "))
}
