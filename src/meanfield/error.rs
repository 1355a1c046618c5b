//! What can be wrong with a mean-field network.

use crate::text::count;

/// Why a mean-field network or its data cannot be built.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeanFieldError {
    /// No activation has this name.
    #[error(
        "no activation is called '{name}': give cosine, scaled-cosine, tanh, erf, sigmoid or relu"
    )]
    Activation {
        /// What was asked for.
        name: String,
    },
    /// No layer, no particle, no sample or no coordinate.
    #[error("there are no {what}: give at least one")]
    Empty {
        /// What there is none of.
        what: &'static str,
    },
    /// Rows, particles or layers of different lengths.
    #[error("{what} {} has {}, not {expected}", .index + 1, count(.length, "number"))]
    Length {
        /// Of what the length is wrong.
        what: &'static str,
        /// Which one, from 0.
        index: usize,
        /// Its length.
        length: usize,
        /// The length of the others.
        expected: usize,
    },
    /// A number is NaN or infinite.
    #[error("{what} contains {value}: every number must be finite")]
    NonFinite {
        /// What contains it.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// More outputs than coordinates of the state.
    #[error(
        "{} cannot be read off a state of {}: there can be at most as many",
        count(outputs, "output"),
        count(state, "coordinate")
    )]
    Outputs {
        /// Outputs asked for.
        outputs: usize,
        /// Coordinates of the state.
        state: usize,
    },
    /// An eigenvalue could not be enclosed.
    #[error(transparent)]
    Spectrum(#[from] crate::spectrum::SpectrumError),
}
