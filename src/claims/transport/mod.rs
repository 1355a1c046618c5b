//! Claims about the conditional optimal transport distance: C1, C2, C4.
//!
//! The networks of an instance are taken as measures alone: its data play no part. Every distance
//! is enclosed, so that what is compared holds of the particles as given.

mod comparisons;
mod controls;
mod geodesic;
mod labels;
mod metric;
mod sharp;

pub(super) use comparisons::comparisons;
pub(super) use controls::CONTROLS;
pub(super) use geodesic::geodesic;
pub(super) use metric::metric;
pub(super) use sharp::{crossing, one_particle, translated};

use super::MeanFieldInstance;
use crate::arithmetic::Ball;
use crate::transport::{TransportError, conditional_distance};
use nalgebra::DMatrix;

/// A network as a measure: a matrix a layer, a particle a column.
type Layers = [DMatrix<f64>];

/// What is claimed to be the distance of two networks.
type Distance = fn(&Layers, &Layers) -> Result<Ball, TransportError>;

/// `d(μ,ν)`.
fn distance(mu: &Layers, nu: &Layers) -> Result<Ball, TransportError> {
    Ok(conditional_distance(mu, nu)?.distance())
}

/// Both networks of an instance.
fn networks(instance: &MeanFieldInstance) -> (&Layers, &Layers) {
    (instance.network.layers(), instance.other.layers())
}

/// The root mean square over all layers and particles of the norm: `d(μ,δ_0)`.
fn size(network: &Layers) -> Ball {
    let of_layer = |layer: &DMatrix<f64>| {
        Ball::norm_of(layer.as_slice()).square() / Ball::from(layer.ncols() as f64)
    };
    let total: Ball = network.iter().map(of_layer).sum();
    (total / Ball::from(network.len() as f64)).sqrt()
}
