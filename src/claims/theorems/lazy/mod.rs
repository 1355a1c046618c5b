//! The lazy regime: P8b and its improvements, P11.

mod p11_field;
mod p11_lazy;
mod p11_model;
mod p11_remainder;
mod p8b_filtered;
mod p8b_filters;
mod p8b_integrated;
mod p8b_jacobian;
mod p8b_model;
mod p8b_resumed;
mod p8b_spectral;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(p8b_spectral::theorem()),
        Arc::new(p8b_model::theorem()),
        Arc::new(p8b_jacobian::theorem()),
        Arc::new(p8b_integrated::theorem()),
        Arc::new(p8b_filters::theorem()),
        Arc::new(p8b_filtered::theorem()),
        Arc::new(p8b_resumed::theorem()),
        Arc::new(p11_lazy::theorem()),
        Arc::new(p11_field::theorem()),
        Arc::new(p11_model::theorem()),
        Arc::new(p11_remainder::theorem()),
    ]
}
