//! Claims about the conditional optimal transport distance: C1, C2, C4.
//!
//! The networks of an instance are taken as measures alone: its data play no part. Every distance
//! is enclosed, so that what is compared holds of the particles as given.

mod candidates;
mod comparisons;
pub(super) mod controls;
mod geodesic;
mod labels;
mod metric;
mod sharp;

pub(super) use comparisons::comparisons;
pub(super) use geodesic::geodesic;
pub(super) use metric::metric;
pub(super) use sharp::{crossing, one_particle, translated};

use super::{MeanFieldInstance, undecided};
use crate::arithmetic::Ball;
use crate::evidence::{Comparison, Finding};
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

/// A plan and potentials that contradict each other are a violation, and anything else is undecided.
fn refused(error: TransportError) -> Finding {
    match error {
        TransportError::Contradiction { lower, upper } => {
            let (lower, upper) = (Ball::from(lower), Ball::from(upper));
            Finding::Compared(vec![Comparison::at_most("lower ≤ upper", lower, upper)])
        }
        TransportError::Layer { cause, .. } => refused(*cause),
        error => undecided(error),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_size_is_the_distance_from_nothing() {
        let network = [dmatrix![3.0, 0.0; 4.0, 1.0], dmatrix![1.0; 0.0]];
        // (25 + 1)/2 and 1, averaged.
        assert!(size(&network).contains(7f64.sqrt()));
        let nothing = [DMatrix::zeros(2, 1), DMatrix::zeros(2, 1)];
        let apart = distance(&network, &nothing).unwrap();
        assert!((apart.mid() - size(&network).mid()).abs() < 1e-15);
    }

    #[test]
    fn networks_are_told_apart() {
        let instance = sharp::crossing().remove(1);
        let (mu, nu) = networks(&instance);
        assert_eq!((mu[0].ncols(), nu[0].ncols()), (2, 3));
    }
}
