//! Optimal transport between clouds of atoms, and the conditional distance of networks.
//!
//! * [`wasserstein2`], [`wasserstein1`]: exact transport of equal weights, of equal or different
//!   numbers of atoms; [`transport`] for masses ([`Atoms::new`], [`Atoms::from_weights`]) and for a start from an earlier plan.
//! * [`conditional_distance`]: Paper B's distance between two networks of equal depth, the mean
//!   over the layers of `W_2²`.
//! * [`product_distance`]: `W_2` on layers × parameters, which may move mass between layers.
//! * [`proved_cost`]: what a plan and potentials of another solver prove.
//! * [`line_cost`]: the closed form in one dimension.
//! * [`Transport::interpolate`], [`Conditional::interpolate`]: displacement interpolation.
//!
//! Every optimum comes with its plan, with potentials, and with an enclosure of its value: the plan
//! from above, the potentials from below, all rounding counted
//! ([`proofs/transport.md`](https://github.com/polyak-rs/polyak/blob/main/proofs/transport.md)).
//!
//! A cloud is a matrix whose **columns** are its atoms.

mod assignment;
mod atoms;
mod buffer;
mod centred;
mod certificate;
mod conditional;
mod cost;
mod error;
mod interpolation;
mod line;
mod product;
mod proposed;
#[cfg(test)]
mod tests;
#[cfg(feature = "claims")]
pub(crate) mod trial;
mod wasserstein;

pub use assignment::Shipped;
pub use atoms::Atoms;
pub use certificate::RELATIVE_GAP;
pub use conditional::{Conditional, conditional_distance, conditional_distance_watched};
pub use cost::Ground;
pub use error::TransportError;
pub use line::line_cost;
pub use product::product_distance;
pub use proposed::proved_cost;
pub use wasserstein::{
    Transport, transport, transport_watched, wasserstein_watched, wasserstein1, wasserstein2,
};

/// Multiplications of a transport between so many atoms and so many, about: measured on normal clouds of equal weights, as many
/// atoms in either in dimension 3, or not in the plane.
#[must_use]
pub fn expected_work(from: usize, to: usize) -> f64 {
    let (a, b) = (from as f64, to as f64);
    0.1 * a * b * (a + b)
}

/// The largest common unit of two measures: integers up to here are exact in f64.
const LARGEST_UNIT: u64 = 1 << 53;

/// Whether a matrix of so many entries is gone through on all cores: 100 µs of work, some times the
/// cost of waking a worker.
fn worth_threads(entries: usize) -> bool {
    entries >= 65_536
}

/// The least common multiple, if it is a unit; of positive numbers.
fn common_multiple(a: u64, b: u64) -> Option<u64> {
    let multiple = (a / divisor(a, b)).checked_mul(b)?;
    (multiple <= LARGEST_UNIT).then_some(multiple)
}

/// The greatest common divisor; that of a number and 0 is the number.
fn divisor(a: u64, b: u64) -> u64 {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    divisor
}
