//! Infinite depth: what D1, D2 and D3 share.

mod comparison;
mod gaps;
mod majorant;
mod stepped;

pub(super) use comparison::{
    Profile, compared, comparison_controls, draws_of_profiles, pinned_profiles,
};
pub(super) use gaps::gaps;
pub(super) use majorant::{Steps, draws_of_steps, majorant_controls, majorants, pinned_steps};
pub(super) use stepped::{observed, observed_controls, stepped, stepped_controls};

use super::ResidualInstance;
use crate::arithmetic::Ball;
use crate::bounds::PathBounds;

/// Depths at which networks are compared with a deep one, as multiples of the number of pieces.
pub(super) const STEPS: [usize; 2] = [1, 2];

/// Steps a piece of the deep one, an even number: at least 64 layers in all.
pub(super) fn deep_steps(pieces: usize) -> usize {
    2 * 32_usize.div_ceil(pieces).max(2)
}

pub(super) fn path(instance: &ResidualInstance, norm: Ball, depth: usize) -> PathBounds {
    let features = instance.network.features();
    PathBounds {
        kappa0: Ball::from(1.0),
        kappa1: features.kappa1_ball(),
        kappa2: features.kappa2_ball(),
        norm,
        depth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_networks_have_64_layers_and_whole_steps() {
        assert_eq!([1, 2, 9, 32, 100].map(deep_steps), [64, 32, 8, 4, 4]);
        for pieces in 1..200 {
            let steps = deep_steps(pieces);
            assert!(steps * pieces >= 64 && STEPS.iter().all(|&n| steps.is_multiple_of(n)));
        }
    }
}
