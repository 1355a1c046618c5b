//! Smallest eigenvalues, estimated and certified: E1–E5.

mod e1_certificate;
mod e2_agreement;
mod e3_reference;
mod e4_invariance;
mod e5_known;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(e1_certificate::theorem()),
        Arc::new(e2_agreement::theorem()),
        Arc::new(e3_reference::theorem()),
        Arc::new(e4_invariance::theorem()),
        Arc::new(e5_known::theorem()),
    ]
}
