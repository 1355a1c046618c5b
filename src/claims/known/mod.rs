//! Matrices whose extreme eigenvalues are known, and certificates of them: E5.

mod check;
mod controls;
mod matrices;
mod pinned;

pub(super) use check::{check, refused};
pub(super) use controls::controls;
pub(super) use matrices::Known;
pub(super) use pinned::pinned;

use crate::theorem::Draws;

/// Small matrices of the families without points.
#[cfg(feature = "strategies")]
pub(super) fn draws() -> Draws<Known> {
    use matrices::KnownSpec;
    use proptest::prelude::*;
    Draws::new(
        "random: matrices of known eigenvalues, of orders up to 40 and sizes over sixty decades",
        || {
            let size = -100i32..=100;
            prop_oneof![
                (1usize..=40, size.clone())
                    .prop_map(|(order, exponent)| KnownSpec::Path { order, exponent }),
                (1usize..=40, size)
                    .prop_map(|(order, exponent)| KnownSpec::Minima { order, exponent }),
                (1usize..=24, 3u32..=8)
                    .prop_map(|(order, doublings)| KnownSpec::Graded { order, doublings }),
            ]
            .boxed()
        },
    )
    .one_of(4)
}

/// Small matrices of the families without points.
#[cfg(not(feature = "strategies"))]
pub(super) fn draws() -> Draws<Known> {
    Draws::new(
        "random: matrices of known eigenvalues, of orders up to 40 and sizes over sixty decades",
    )
    .one_of(4)
}
