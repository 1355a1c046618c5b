//! Mean-field networks and their flow: C3, C5–C11.

mod c10_convergence;
mod c11_lift;
mod c3_measure;
mod c5_gradient;
mod c6_dissipation;
mod c7_layer;
mod c7_stability;
mod c8_pl;
mod c9_gram;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(c3_measure::theorem()),
        Arc::new(c5_gradient::theorem()),
        Arc::new(c6_dissipation::theorem()),
        Arc::new(c7_stability::theorem()),
        Arc::new(c7_layer::theorem()),
        Arc::new(c8_pl::theorem()),
        Arc::new(c9_gram::theorem()),
        Arc::new(c10_convergence::theorem()),
        Arc::new(c11_lift::theorem()),
    ]
}
