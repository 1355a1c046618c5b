//! The local PL inequality and its kin: P1–P7.

mod p1_functional;
mod p1_gradient;
mod p2_curvature;
mod p2_floor;
mod p2_flow;
mod p2_functional;
mod p3_drift;
mod p3_local;
mod p3_separation;
mod p3_tangent;
mod p3_trajectory;
mod p4_upper;
mod p5_along_descent;
mod p5_along_flow;
mod p5_functional;
mod p6_critical;
mod p7_curvature;
mod p7_descent;
mod p7_functional;
mod p7_hessian;
mod p7_layers;
mod p7_within_layer;

use crate::theorem::Claim;
use std::sync::Arc;

/// In the order of the theory.
pub(super) fn claims() -> Vec<Arc<dyn Claim>> {
    vec![
        Arc::new(p1_gradient::theorem()),
        Arc::new(p1_functional::theorem()),
        Arc::new(p2_flow::theorem()),
        Arc::new(p2_functional::theorem()),
        Arc::new(p2_floor::theorem()),
        Arc::new(p2_curvature::theorem()),
        Arc::new(p3_tangent::theorem()),
        Arc::new(p3_trajectory::theorem()),
        Arc::new(p3_separation::theorem()),
        Arc::new(p3_drift::theorem()),
        Arc::new(p3_local::theorem()),
        Arc::new(p4_upper::theorem()),
        Arc::new(p5_along_descent::theorem()),
        Arc::new(p5_along_flow::theorem()),
        Arc::new(p5_functional::theorem()),
        Arc::new(p6_critical::theorem()),
        Arc::new(p7_layers::theorem()),
        Arc::new(p7_hessian::theorem()),
        Arc::new(p7_within_layer::theorem()),
        Arc::new(p7_curvature::theorem()),
        Arc::new(p7_descent::theorem()),
        Arc::new(p7_functional::theorem()),
    ]
}
