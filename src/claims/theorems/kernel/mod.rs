//! Kernels and their Gram matrices: K1–K7.

mod k1_psd;
mod k2_strict;
mod k3_functional;
mod k3_reproducing;
mod k4_lipschitz;
mod k5_tensor;
mod k6_perturbation;
mod k7_separation;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(k1_psd::theorem()),
        Arc::new(k2_strict::theorem()),
        Arc::new(k3_reproducing::theorem()),
        Arc::new(k3_functional::theorem()),
        Arc::new(k4_lipschitz::theorem()),
        Arc::new(k5_tensor::theorem()),
        Arc::new(k6_perturbation::theorem()),
        Arc::new(k7_separation::theorem()),
    ]
}
