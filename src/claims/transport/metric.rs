//! C1: the conditional distance is a metric.

use super::{Distance, Layers, distance, networks, refused, size};
use crate::arithmetic::{Ball, count};
use crate::claims::MeanFieldInstance;
use crate::evidence::{Comparison, Finding};
use crate::transport::{TransportError, conditional_distance};
use nalgebra::DMatrix;

const SYMMETRIC: &str = "d(ν,μ) = d(μ,ν)";
const TRIANGLE: &str = "d(μ,ν) ≤ d(μ,ρ) + d(ρ,ν)";
const SAME_MEASURE: &str = "d = 0 between permuted or copied particles";
const APART: &str = "d ≥ ‖δ‖/(M√D) when one particle moves by δ";

/// Symmetry, the triangle inequality, and which networks have distance zero.
pub(in crate::claims) fn metric(instance: &MeanFieldInstance) -> Finding {
    metric_of(instance, distance)
}

/// The same of what is claimed to be the distance.
pub(super) fn metric_of(instance: &MeanFieldInstance, distance: Distance) -> Finding {
    axioms(instance, distance).unwrap_or_else(refused)
}

fn axioms(instance: &MeanFieldInstance, distance: Distance) -> Result<Finding, TransportError> {
    let (mu, nu) = networks(instance);
    let apart = distance(mu, nu)?;
    let back = distance(nu, mu)?;
    let mut comparisons = vec![Comparison::equal(SYMMETRIC, back, apart, apart.mid())];

    let nothing = Ball::from(0.0);
    for (network, same) in [
        (mu, shuffled(mu)),
        (nu, instance.other.replicated(2).layers().to_vec()),
    ] {
        let between = distance(network, &same)?;
        let scale = size(network).mid();
        comparisons.push(Comparison::equal(SAME_MEASURE, between, nothing, scale));
    }
    let (moved, step) = with_one_moved(mu);
    let least = step / (count(mu[0].ncols()) * count(mu.len()).sqrt());
    comparisons.push(Comparison::at_least(APART, distance(mu, &moved)?, least));

    for rho in [midway(mu, nu)?, reversed(nu)] {
        let (from, to) = (distance(mu, &rho)?, distance(&rho, nu)?);
        for (side, others) in [(apart, from + to), (from, apart + to), (to, apart + from)] {
            comparisons.push(Comparison::at_most(TRIANGLE, side, others));
        }
    }
    Ok(Finding::Compared(comparisons))
}

/// Particles in another order, a different one in every layer.
fn shuffled(network: &Layers) -> Vec<DMatrix<f64>> {
    let shuffle = |(k, layer): (usize, &DMatrix<f64>)| {
        let width = layer.ncols();
        DMatrix::from_fn(layer.nrows(), width, |i, j| {
            layer[(i, (width - 1 - j + k) % width)]
        })
    };
    network.iter().enumerate().map(shuffle).collect()
}

/// The first particle of the last layer moved by about half the size of the network, and by how much exactly.
fn with_one_moved(network: &Layers) -> (Vec<DMatrix<f64>>, Ball) {
    let mut moved = network.to_vec();
    let last = moved.last_mut().expect("a network has layers");
    let before = last[0];
    last[0] += 0.5 * size(network).mid() + f64::from(size(network).mid() == 0.0);
    let step = (Ball::from(last[0]) - Ball::from(before)).abs();
    (moved, step)
}

/// The network halfway on the geodesic, where the triangle inequality is an equality.
fn midway(mu: &Layers, nu: &Layers) -> Result<Vec<DMatrix<f64>>, TransportError> {
    let layers = conditional_distance(mu, nu)?.interpolate(mu, nu, 0.5)?;
    Ok(layers.iter().map(|atoms| atoms.copies()).collect())
}

/// The layers from last to first: some third network.
fn reversed(network: &Layers) -> Vec<DMatrix<f64>> {
    network.iter().rev().map(|layer| -layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn layers_are_shuffled_each_in_its_own_way() {
        let network = [dmatrix![1.0, 2.0, 3.0], dmatrix![1.0, 2.0, 3.0]];
        let expected = [dmatrix![3.0, 2.0, 1.0], dmatrix![1.0, 3.0, 2.0]];
        assert_eq!(shuffled(&network), expected);
    }

    #[test]
    fn one_particle_moves_by_half_the_size() {
        let (moved, step) = with_one_moved(&[dmatrix![4.0], dmatrix![4.0, 4.0]]);
        assert_eq!(moved, [dmatrix![4.0], dmatrix![6.0, 4.0]]);
        assert!(step.contains(2.0));
        // And where there is no size, by one.
        let (moved, step) = with_one_moved(&[dmatrix![0.0]]);
        assert_eq!((moved[0][0], step.mid()), (1.0, 1.0));
    }

    #[test]
    fn third_networks_are_halfway_and_elsewhere() {
        let (mu, nu) = ([dmatrix![0.0, 4.0]], [dmatrix![8.0, 2.0]]);
        assert_eq!(midway(&mu, &nu).unwrap(), [dmatrix![1.0, 6.0]]);
        let layers = [dmatrix![1.0], dmatrix![2.0]];
        assert_eq!(reversed(&layers), [dmatrix![-2.0], dmatrix![-1.0]]);
    }
}
