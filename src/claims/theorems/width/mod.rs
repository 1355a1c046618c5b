//! Width: W1–W4.

mod w1_fluctuation;
mod w1_majorant;
mod w2_coupling;
mod w3_rff_to_rkhs;
mod w4_scaling;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(w1_fluctuation::theorem()),
        Arc::new(w1_majorant::theorem()),
        Arc::new(w2_coupling::theorem()),
        Arc::new(w3_rff_to_rkhs::theorem()),
        Arc::new(w4_scaling::theorem()),
    ]
}
