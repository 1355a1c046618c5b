//! Convergence: P8, P10.

mod p10_recipe;
mod p8_allowance;
mod p8_convergence;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(p8_convergence::theorem()),
        Arc::new(p8_allowance::theorem()),
        Arc::new(p10_recipe::theorem()),
    ]
}
