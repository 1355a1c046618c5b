//! Claims about random features, checked by drawing them: R1–R10, P11's coefficient.
//!
//! Every check is a test with a stated false-alarm probability
//! ([`crate::evidence::statistics`]), on models drawn by a [`Sampler`]: the honest
//! one, or the wrong ones of the [`controls`].

mod constants;
mod constants_again;
pub(super) mod controls;
mod end_to_end;
mod entries;
mod expressivity;
mod gram;
mod law;
mod lazy;
mod models;
mod orthogonal;
mod power;

pub(super) use constants::{covariance, curvature};
pub(super) use constants_again::{Sizes, constants_again, draws_of_sizes, pinned_sizes};
#[cfg(test)]
use controls::pinned;
pub(super) use controls::{pairs, tasks};
pub(super) use end_to_end::end_to_end;
pub(super) use entries::{hoeffding, unbiased, uniform};
pub(super) use expressivity::{chernoff, second_moment, width};
pub(super) use gram::{rate, union};
pub(super) use law::{Law, draws as draws_of_laws, law, law_controls, pinned_laws};
pub(super) use lazy::{SEVERAL, coefficient};
pub(super) use models::Sampler;
pub(super) use orthogonal::orthogonal;

use crate::kernel::{Gaussian, KernelSpec};

/// The hypothesis of R8, R8b, R9, R10 and P11's coefficient.
pub(super) const GAUSSIAN: &str = "the kernel is Gaussian";

/// The hypothesis of R5.
pub(super) const FINITE: &str = "σ_p² = E‖ω‖² is finite: the kernel is admissible";

/// The hypothesis of R4, R4b, R6 and R10.
pub(super) const POSITIVE: &str = "λ_min(K) > 0";

/// The probabilities that bounds are held to: one that is nearly trivial, where they are closest to the
/// truth (and 1024 draws can still say no: `0.9^1024 < 1e-15`), and one that is not.
const LEVELS: [f64; 2] = [0.9, 0.1];

/// The kernel, if it is Gaussian.
pub(super) fn gaussian(kernel: &KernelSpec) -> Option<Gaussian> {
    match kernel {
        KernelSpec::Gaussian(kernel) => Some(*kernel),
        _ => None,
    }
}
