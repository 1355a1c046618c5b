//! Random Fourier features, with probability: R1–R12, P11.

mod p11_features;
mod r10_end_to_end;
mod r11_law;
mod r12_constants;
mod r1_unbiased;
mod r2_hoeffding;
mod r3_union;
mod r4_chernoff;
mod r4b_variance;
mod r5_uniform;
mod r6_width;
mod r7_rate;
mod r8_covariance;
mod r8b_curvature;
mod r9_orthogonal;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(r1_unbiased::theorem()),
        Arc::new(r2_hoeffding::theorem()),
        Arc::new(r3_union::theorem()),
        Arc::new(r4_chernoff::theorem()),
        Arc::new(r4b_variance::theorem()),
        Arc::new(r5_uniform::theorem()),
        Arc::new(r6_width::theorem()),
        Arc::new(r7_rate::theorem()),
        Arc::new(r8_covariance::theorem()),
        Arc::new(r8b_curvature::theorem()),
        Arc::new(r9_orthogonal::theorem()),
        Arc::new(r10_end_to_end::theorem()),
        Arc::new(r11_law::theorem()),
        Arc::new(r12_constants::theorem()),
        Arc::new(p11_features::theorem()),
    ]
}
