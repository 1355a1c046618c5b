//! Why there is no recipe, or none that can be trained.

use crate::features::FeaturesError;
use crate::resnet::NetworkError;
use crate::spectrum::SpectrumError;
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;

/// Why there is no recipe, or none that can be trained.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// A run that was not wanted any more.
    #[error(transparent)]
    Stopped(#[from] crate::watch::Stopped),
    /// Two equal inputs with different targets.
    #[error(
        "rows {one} and {other} of {file} have equal inputs, as standardised, and different targets: no function fits both; remove one of them, or an outlier beside which they are equal"
    )]
    Conflict {
        /// Where the data come from.
        file: String,
        /// A row, from 1.
        one: usize,
        /// The other.
        other: usize,
    },
    /// Two equal inputs.
    #[error(
        "rows {one} and {other} of {file} have equal inputs, as standardised: the Gram matrix is singular; remove one of them, or an outlier beside which they are equal"
    )]
    Duplicate {
        /// Where the data come from.
        file: String,
        /// A row, from 1.
        one: usize,
        /// The other.
        other: usize,
    },
    /// `λ_min` of the Gram matrix may be zero.
    #[error(
        "λ_min of the Gram matrix lies in [{}, {}], not certainly above zero: take more frequencies (at least half the number of samples), a shorter bandwidth, or fewer samples",
        decimal_below(*.lower, 5), decimal_above(*.upper, 5)
    )]
    NotExpressive {
        /// At least this.
        lower: f64,
        /// At most this.
        upper: f64,
    },
    /// All targets are zero: the zero network fits them.
    #[error(
        "all targets are zero: the network that predicts zero fits them, there is nothing to train; name another target"
    )]
    NothingToLearn,
    /// `c` outside (0, 1).
    #[error("1 − βη/2 is to be {step_margin}: give a number between 0 and 1, neither of them")]
    StepMargin {
        /// `c`.
        step_margin: f64,
    },
    /// `α/α*` below one.
    #[error("the scale is to be {headroom} times the smallest: give a finite number of at least 1")]
    Headroom {
        /// `α/α*`.
        headroom: f64,
    },
    /// A share of the initial loss outside (0, 1).
    #[error(
        "the loss is to fall to {target} of its start: give a number between 0 and 1, neither of them"
    )]
    Target {
        /// `ε`.
        target: f64,
    },
    /// A probability outside (0, 1).
    #[error(
        "the probability of failure is to be {failure}: give a number between 0 and 1, neither of them"
    )]
    Failure {
        /// `τ`.
        failure: f64,
    },
    /// The condition holds at no finite scale.
    #[error(
        "no finite scale of the readout satisfies the condition: rescale the targets or take more layers"
    )]
    NoScale,
    /// The condition holds at no radius.
    #[error(
        "at the scale {scale:e} the condition holds at no radius, or only beyond the range of f64: take a headroom nearer to one"
    )]
    ScaleTooSmall {
        /// `α`.
        scale: f64,
    },
    /// Constants before the draw are known of Gaussian kernels only.
    #[error(
        "before the draw κ̂1 and κ̂2 are bounded for Gaussian kernels only, not for {kernel}: take gaussian:…, or a realised recipe"
    )]
    NotGaussian {
        /// Its name.
        kernel: String,
    },
    /// No bound gives a width below `2^53`.
    #[error(
        "no bound gives a finite width: λ_min(K) lies in [{}, {}]; take a shorter bandwidth or fewer samples",
        decimal_below(*.lower, 5), decimal_above(*.upper, 5)
    )]
    NoWidth {
        /// At least this.
        lower: f64,
        /// At most this.
        upper: f64,
    },
    /// The network would not fit, or train for too long.
    #[error(
        "training would take about {} GiB and {} hours ({} of {}), above {} GiB or {} hours: take fewer samples, a larger scale or fewer frequencies",
        amount(*.gib), amount(*.hours), count(iterations, "iteration"), count(frequencies, "frequency"), amount(*.most_gib), amount(*.most_hours)
    )]
    TooLarge {
        /// `m`.
        frequencies: u64,
        /// Iterations.
        iterations: u64,
        /// Memory.
        gib: f64,
        /// Time.
        hours: f64,
        /// Memory allowed.
        most_gib: f64,
        /// Time allowed.
        most_hours: f64,
    },
    /// Data whose fingerprint is not that of the certificate.
    #[error(
        "the data are not those of the recipe: their fingerprint differs; make the recipe again"
    )]
    OtherData,
    /// Frequencies whose fingerprint is not that of the certificate.
    #[error(
        "the frequencies drawn are not those of the recipe: kernel, seed or version differ; make the recipe again"
    )]
    OtherFrequencies,
    /// Frequencies that cannot be drawn.
    #[error(transparent)]
    Features(#[from] FeaturesError),
    /// Data that a network refuses.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A matrix without eigenvalues.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

/// A number of some unit to two digits, however small.
fn amount(x: f64) -> String {
    match x {
        0.1.. => format!("{x:.1}"),
        _ => format!("{x:.1e}"),
    }
}
