//! Smallest eigenvalues, estimated and certified: E1–E4.

mod e1_certificate;
mod e2_agreement;
mod e3_reference;
mod e4_invariance;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(e1_certificate::theorem()),
        Arc::new(e2_agreement::theorem()),
        Arc::new(e3_reference::theorem()),
        Arc::new(e4_invariance::theorem()),
    ]
}
