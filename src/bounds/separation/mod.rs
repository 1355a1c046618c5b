//! Lower bounds of the smallest eigenvalue of a kernel Gram matrix from the separation
//! of its points alone (K7).
//!
//! For `N` points of `R^q`, any two at least `δ` apart, `λ_min(K) ≥ λ(δ)`: the largest of
//!
//! | version | function | needs |
//! |---|---|---|
//! | 1, rows | [`gershgorin`] | `ψ ≥ 0` decreasing |
//! | 1, shells | [`packing`] | besides, `ψ` log-concave; any `N` |
//! | 2 | [`combined`] | as shells, which it never falls behind, nor behind the rows |
//! | 3 | [`narcowich_ward`] | `ψ̂` decreasing; any `N`; of historical interest |
//! | 4 | [`sharp`] | `ln ψ̂` convex in `‖ω‖²`; any `N`; nearly attained by lattices |
//!
//! [`Version::missing`] names the fact that a kernel does not give: versions 1 (shells) to 4 are
//! evaluated for the Gaussian and the Matérn kernels; of an inverse multiquadric, whose profile is not
//! log-concave, the rows are all.
//!
//! Everything is evaluated in logarithms with outward rounding: a [`LogBound`] of
//! `e^{−10⁵}` is as good as one of `0.1`. Lengths are measured in bandwidths, so that
//! `δ → cδ, σ → cσ` changes nothing but rounding.

mod bessel;
mod combined;
mod gershgorin;
mod log_bound;
mod narcowich_ward;
mod packing;
mod sharp;
mod tangent_rule;

pub use bessel::{Bessel, bessel, bessel_zero};
pub use combined::combined;
pub use gershgorin::gershgorin;
pub use log_bound::LogBound;
pub use narcowich_ward::narcowich_ward;
pub use packing::packing;
pub use sharp::sharp;

use crate::arithmetic::Ball;
use crate::kernel::{Fact, KernelError, KernelSpec};

/// The argument that gave a bound, with its parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Version {
    /// Version 1: rows of the matrix.
    Gershgorin,
    /// Version 1: balls packed into shells.
    Packing,
    /// Version 2: rows and packing at once.
    Combined,
    /// Version 3, at this `M`.
    NarcowichWard {
        /// The cut-off frequency is `2M`.
        cutoff: f64,
    },
    /// Version 4, at this `r`.
    Sharp {
        /// The minorant is positive at frequencies below `r` only.
        radius: f64,
    },
}

/// What the rows need of a kernel.
const ROWS: [Fact; 2] = [Fact::Decreasing, Fact::LogProfile];

/// What the shells need.
const SHELLS: [Fact; 3] = [Fact::Decreasing, Fact::LogConcavity, Fact::LogProfile];

/// What both at once need.
const BOTH: [Fact; 4] = [
    Fact::Decreasing,
    Fact::LogConcavity,
    Fact::LogProfile,
    Fact::LogDerivatives,
];

/// What the minorants of versions 3 and 4 need.
fn minorant(dimension: usize) -> [Fact; 2] {
    [Fact::LogConvexDensity, Fact::Density { dimension }]
}

impl Version {
    /// The fact that this version needs and the kernel does not give, as a refusal that names both; without
    /// it the bound is [`LogBound::NOTHING`].
    ///
    /// # Example
    /// ```
    /// use polyak::bounds::separation::Version;
    /// let kernel = "imq:1".parse()?;
    /// assert_eq!(Version::Gershgorin.missing(&kernel, 2), None);
    /// assert_eq!(
    ///     Version::Packing.missing(&kernel, 2).unwrap().to_string(),
    ///     "kernel `imq(1/2):1.0` does not give a proof that its profile is log-concave"
    /// );
    /// # Ok::<(), polyak::kernel::KernelError>(())
    /// ```
    #[must_use]
    pub fn missing(&self, kernel: &KernelSpec, dimension: usize) -> Option<KernelError> {
        let missing = match self {
            Self::Gershgorin => kernel.missing(&ROWS),
            Self::Packing => kernel.missing(&SHELLS),
            Self::Combined => kernel.missing(&BOTH),
            Self::NarcowichWard { .. } | Self::Sharp { .. } => kernel.missing(&minorant(dimension)),
        };
        missing.map(|fact| kernel.lacks(fact))
    }
}

/// The largest of the four versions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Separation {
    /// `ln λ(δ)`.
    pub log_bound: LogBound,
    /// Which version it is; the simplest, if several agree.
    pub version: Version,
}

/// Returns `λ(δ)`: no Gram matrix of `samples` points of `R^dimension`, any two at least
/// `delta` apart, has a smaller eigenvalue.
///
/// # Arguments
/// * `delta`: `δ`; if it is not a finite positive number, nothing is known (unless `N = 1`).
///
/// # Guarantee
/// Certified, see [`LogBound`].
///
/// # Panics
/// If `dimension` is zero.
///
/// # Cost
/// Milliseconds in small dimension; the Bessel functions cost `O(q²)` a value.
///
/// # Source
/// Claim K7 (`proofs/k7-separation.md`).
///
/// # Example
/// ```
/// use polyak::bounds::separation::separation;
/// let kernel = "gaussian:1".parse()?;
/// // A line of points a quarter of a bandwidth apart, however many:
/// let bound = separation(&kernel, 1, usize::MAX, 0.25);
/// assert!((bound.log_bound.log10() + 33.0).abs() < 0.1);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[must_use]
pub fn separation(kernel: &KernelSpec, dimension: usize, samples: usize, delta: f64) -> Separation {
    assert!(dimension > 0, "points of dimension 0 cannot be separated");
    let (nw, cutoff) = narcowich_ward(kernel, dimension, delta);
    let (best, radius) = sharp(kernel, dimension, delta);
    [
        (Version::Packing, packing(kernel, dimension, delta)),
        (
            Version::Combined,
            combined(kernel, dimension, samples, delta),
        ),
        (Version::NarcowichWard { cutoff }, nw),
        (Version::Sharp { radius }, best),
    ]
    .into_iter()
    .map(|(version, log_bound)| Separation { log_bound, version })
    .fold(
        Separation {
            log_bound: gershgorin(kernel, samples, delta),
            version: Version::Gershgorin,
        },
        |best, other| {
            if other.log_bound > best.log_bound {
                other
            } else {
                best
            }
        },
    )
}

/// The kernel with bandwidth one, and `δ` in bandwidths; `None` unless `δ` is finite and positive.
fn in_bandwidths(kernel: &KernelSpec, delta: f64) -> Option<(KernelSpec, Ball)> {
    if !(delta > 0.0 && delta.is_finite()) {
        return None;
    }
    let unit = kernel.with_bandwidth(1.0).expect("one is a bandwidth");
    Some((unit, Ball::from(delta) / Ball::from(kernel.bandwidth())))
}

/// The same for a kernel of which all these facts are proved.
fn where_proved(facts: &[Fact], kernel: &KernelSpec, delta: f64) -> Option<(KernelSpec, Ball)> {
    let proved = kernel.missing(facts).is_none();
    proved.then(|| in_bandwidths(kernel, delta)).flatten()
}

#[cfg(test)]
mod tests;
