//! The conditional optimal transport distance: C1, C2, C4.

mod c1_metric;
mod c2_comparisons;
mod c4_geodesic;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(c1_metric::theorem()),
        Arc::new(c2_comparisons::theorem()),
        Arc::new(c4_geodesic::theorem()),
    ]
}
