//! What can be wrong with two clouds.

use crate::text::count;

/// Why there is no transport.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// A run that was not wanted any more.
    #[error(transparent)]
    Stopped(#[from] crate::watch::Stopped),
    /// `atoms == 0`
    #[error("a cloud is empty: a probability measure needs at least one atom")]
    Empty,
    /// A coordinate is NaN or infinite.
    #[error("coordinate {} of atom {} is {value}: every coordinate must be finite", .coordinate + 1, .atom + 1)]
    NotFinite {
        /// Column, from 0.
        atom: usize,
        /// Row, from 0.
        coordinate: usize,
        /// The entry.
        value: f64,
    },
    /// `|coordinate| > 1e150`
    #[error(
        "coordinate {} of atom {} is {value:e}: squares overflow beyond 1e150, rescale both clouds",
        .coordinate + 1, .atom + 1
    )]
    Overflow {
        /// Column, from 0.
        atom: usize,
        /// Row, from 0.
        coordinate: usize,
        /// The entry.
        value: f64,
    },
    /// The clouds live in different spaces.
    #[error(
        "one cloud has dimension {source_dimension}, the other {target_dimension}: only clouds of one dimension are \
         compared"
    )]
    Dimensions {
        /// Coordinates of an atom of the first cloud.
        source_dimension: usize,
        /// Coordinates of an atom of the second cloud.
        target_dimension: usize,
    },
    /// The networks differ in depth.
    #[error(
        "one network has {}, the other {target_layers}: the conditional distance compares layer by layer, networks of \
         one depth",
        count(source_layers, "layer")
    )]
    Depths {
        /// Layers of the first network.
        source_layers: usize,
        /// Layers of the second network.
        target_layers: usize,
    },
    /// A plan and potentials that contradict each other: one of the bounds is wrong, and nothing is certified.
    #[error(
        "the optimum would be at least {lower:e} and at most {upper:e}: this is a mistake in this crate, or arithmetic \
         that is not IEEE 754"
    )]
    Contradiction {
        /// The value of the potentials, in units of mass.
        lower: f64,
        /// The cost of the plan, which is smaller.
        upper: f64,
    },
    /// An error in one of the layers.
    #[error("layer {}: {cause}", .layer + 1)]
    Layer {
        /// Layer, from 0.
        layer: usize,
        /// What is wrong in it.
        cause: Box<TransportError>,
    },
    /// A mass is zero, or there is not one for every atom.
    #[error("{}, and positive masses: {masses}; every atom needs one, a whole number", count(.atoms, "atom"))]
    Masses {
        /// Masses given, those of zero not counted.
        masses: usize,
        /// Atoms given.
        atoms: usize,
    },
    /// `weight < 0`, infinite or NaN.
    #[error("the weight of atom {} is {value}: weights are finite and not negative", .atom + 1)]
    Weight {
        /// Column, from 0.
        atom: usize,
        /// The weight.
        value: f64,
    },
    /// Every weight is zero.
    #[error(
        "every weight is zero, and weights are divided by their sum: at least one must be above zero"
    )]
    Weightless,
    /// The weights, as multiples of their largest common unit, are too large.
    #[error(
        "in their largest common unit the weights need {bits} bits or more, 53 are there (a decimal such as 0.1 of a binary \
         file is a binary number of many digits): multiply the weights by one power of ten and round them to whole \
         numbers, which are divided by their sum"
    )]
    Resolution {
        /// Bits of a weight, or of the sum, that are too many.
        bits: u32,
    },
    /// The common unit of both clouds' masses is not an integer of f64.
    #[error(
        "total masses {source_mass} and {target_mass} have no common multiple up to 2^53: \
         use clouds whose sizes share a factor"
    )]
    Units {
        /// Total mass of the first cloud.
        source_mass: u64,
        /// Total mass of the second cloud.
        target_mass: u64,
    },
    /// The matrix of costs is larger than allowed, or than the system gives.
    #[error(
        "the costs of {rows} × {columns} pairs need {bytes} bytes, {limit} are allowed: \
         subsample the clouds"
    )]
    TooLarge {
        /// Atoms of the first cloud.
        rows: usize,
        /// Atoms of the second cloud.
        columns: usize,
        /// Bytes needed.
        bytes: u128,
        /// Bytes allowed.
        limit: u128,
    },
    /// The start is a plan between clouds of other sizes.
    #[error(
        "the plan to start from is between clouds of other sizes or masses: start from one of these, or from none"
    )]
    Start,
    /// The solver met its cap on the number of augmenting paths.
    #[error("no optimal plan was found after {paths} augmenting paths: rescale both clouds")]
    NotSolved {
        /// Paths allowed.
        paths: usize,
    },
    /// `share < 0`, infinite or NaN, or an atom that there is not.
    #[error(
        "entry {} of the plan moves {share} from atom {} to atom {}: shares are finite and not negative, and atoms are \
         those of the clouds",
        .entry + 1, .source_atom + 1, .target_atom + 1
    )]
    Entry {
        /// Place in the plan, from 0.
        entry: usize,
        /// Atom of the first cloud, from 0.
        source_atom: usize,
        /// Atom of the second cloud, from 0.
        target_atom: usize,
        /// The share of all mass.
        share: f64,
    },
    /// Potentials that are not one a target.
    #[error("{}, and {atoms} of the second cloud: give one potential a target", count(.potentials, "potential"))]
    Potentials {
        /// Potentials given.
        potentials: usize,
        /// Atoms of the second cloud.
        atoms: usize,
    },
    /// A potential is NaN or infinite.
    #[error("the potential of atom {} is {value}: every potential must be finite", .atom + 1)]
    Potential {
        /// Atom of the second cloud, from 0.
        atom: usize,
        /// The potential.
        value: f64,
    },
    /// The parameter of an interpolation is not between 0 and 1.
    #[error("the interpolation parameter is {value}: it must be between 0 and 1")]
    Parameter {
        /// The parameter.
        value: f64,
    },
}
