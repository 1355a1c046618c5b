//! Convergence of the gradient flow and of kernel expansions: P8, P9, P12.

mod p12_equivalence;
mod p8_functional;
mod p9_flow;
mod p9_functional;
mod p9_polygon;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(p8_functional::theorem()),
        Arc::new(p9_flow::theorem()),
        Arc::new(p9_functional::theorem()),
        Arc::new(p9_polygon::theorem()),
        Arc::new(p12_equivalence::theorem()),
    ]
}
