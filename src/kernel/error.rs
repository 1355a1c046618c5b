//! What can be wrong with a kernel or its name.

use super::Fact;
use super::spec::NAMES;
use super::suggestion::suggestion;
use crate::memory::Shortage;
use crate::text::count;
use thiserror::Error;

/// Every name that [`KernelName`](super::KernelName) reads.
///
/// # Example
/// ```
/// assert!(polyak::kernel::known_names().starts_with("gaussian, matern12, "));
/// ```
#[must_use]
pub fn known_names() -> String {
    NAMES.concat().join(", ")
}

/// Those that [`MercerKernel`](super::MercerKernel) reads beside them.
pub const OTHER_NAMES: &str = "linear, polynomial(p)";

/// A kernel that does not exist.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Error)]
pub enum KernelError {
    /// `!(bandwidth > 0)`, or infinite.
    #[error("bandwidth {bandwidth:e} is not a finite positive number: give one above 0")]
    Bandwidth {
        /// The rejected bandwidth, length or multiplier.
        bandwidth: f64,
    },
    /// `nu` is none of 1/2, 3/2, 5/2, 7/2.
    #[error("Matérn smoothness {nu} has no closed form: use one of 0.5, 1.5, 2.5, 3.5")]
    Smoothness {
        /// The rejected smoothness.
        nu: f64,
    },
    /// The family before the colon is unknown.
    #[error(
        "no kernel is called `{name}`: {}the known names are {}; for eigenvalues {OTHER_NAMES} too",
        suggestion(name).map_or(String::new(), |meant| format!("did you mean {meant}? ")),
        known_names()
    )]
    UnknownName {
        /// The name as given.
        name: String,
    },
    /// A kernel that is not radial, where random features are drawn.
    #[error(
        "kernel `{name}` is not radial: random features are of {}",
        known_names()
    )]
    NotRadial {
        /// The name as given.
        name: String,
    },
    /// The text after the colon is neither a number, `auto` nor `number*auto`.
    #[error(
        "bandwidth `{bandwidth}` of kernel `{name}` is not readable: write a number, `auto`, or a number times it as in `{family}:0.5*auto`"
    )]
    UnreadableBandwidth {
        /// The whole name as given.
        name: String,
        /// Its family.
        family: String,
        /// The part after the colon.
        bandwidth: String,
    },
    /// An `auto` bandwidth where no points are at hand.
    #[error(
        "kernel `{name}` takes its bandwidth from the data: resolve it with points, or give a number"
    )]
    NeedsPoints {
        /// The name as given.
        name: String,
    },
    /// An `auto` bandwidth with fewer than two points.
    #[error("the median distance needs at least 2 points, got {points}: give a bandwidth")]
    TooFewPoints {
        /// Number of points.
        points: usize,
    },
    /// An `auto` bandwidth with a NaN or infinite coordinate.
    #[error(
        "coordinate {} of point {} is {value}: the median distance needs finite points",
        .row + 1, .column + 1
    )]
    NonFinitePoint {
        /// Row of the matrix: the coordinate.
        row: usize,
        /// Column of the matrix: the point.
        column: usize,
        /// The coordinate.
        value: f64,
    },
    /// An `auto` bandwidth whose median distance is 0.
    #[error(
        "the median distance of {} is 0 (all, or most, are equal): give a bandwidth",
        count(points, "point")
    )]
    CoincidentPoints {
        /// Number of points compared.
        points: usize,
    },
    /// The power of an inverse multiquadric is not a positive number, or a ratio of large ones.
    #[error(
        "power `{power}` of an inverse multiquadric: write a ratio of whole numbers from 1 to 16, as \
         in imq(3/2):1, or a positive number"
    )]
    Power {
        /// The power as given.
        power: String,
    },
    /// The degree of a polynomial kernel is not a whole number from 1 to 16.
    #[error(
        "degree `{degree}` of a polynomial kernel: write a whole number from 1 to 16, as in polynomial(3):1"
    )]
    Degree {
        /// The degree as given.
        degree: String,
    },
    /// The offset of a polynomial kernel is negative or not finite.
    #[error(
        "offset {offset} of a polynomial kernel is not a finite number of at least 0: give one, as in polynomial(3):1"
    )]
    Offset {
        /// The rejected offset.
        offset: f64,
    },
    /// A list of less than two bandwidths.
    #[error("{bandwidths} bandwidths are no list: use a radial kernel for a single one")]
    FewBandwidths {
        /// Number of bandwidths.
        bandwidths: usize,
    },
    /// A kernel of another crate, as text.
    #[error(
        "`{name}` is a kernel of another crate, which cannot be read from its name: pass the kernel itself \
         (`KernelSpec::Foreign`)"
    )]
    Foreign {
        /// The name as given.
        name: String,
    },
    /// A routine needs what is not proved of the kernel.
    #[error("kernel `{kernel}` does not give {fact}")]
    NotProved {
        /// Name of the kernel.
        kernel: String,
        /// What is missing.
        fact: Fact,
    },
    /// More memory than a limit leaves.
    #[error(
        "a Gram matrix of order {order}: {shortage}: raise the limit, take fewer points, or a method that never \
         stores it"
    )]
    Memory {
        /// Number of points.
        order: usize,
        /// The limit that is met.
        shortage: Shortage,
    },
    /// A polynomial kernel takes values beyond the range of f64.
    #[error("the values of kernel `{kernel}` overflow at these points: scale them down")]
    Overflow {
        /// Name of the kernel.
        kernel: String,
    },
    /// A list of bandwidths is longer or shorter than the points.
    #[error(
        "{bandwidths} bandwidths for points of dimension {dimension}: give one for every coordinate, or a single one"
    )]
    Dimension {
        /// Number of bandwidths.
        bandwidths: usize,
        /// Dimension of the points.
        dimension: usize,
    },
}
