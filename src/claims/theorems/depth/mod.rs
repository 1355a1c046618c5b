//! Infinite depth: D1, D2, D3.

mod d1_euler_error;
mod d2_comparison;
mod d2_majorant;
mod d2_order;
mod d3_training;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(d1_euler_error::theorem()),
        Arc::new(d2_order::theorem()),
        Arc::new(d2_majorant::theorem()),
        Arc::new(d2_comparison::theorem()),
        Arc::new(d3_training::theorem()),
    ]
}
