//! Instances on which C1, C2 and C4 are equalities.

use crate::claims::MeanFieldInstance;
use crate::data::{DEFAULT_DRAWS, MeanFieldSpec};
use crate::meanfield::Activation;

/// Layers of particles in dimension three.
type Rows = Vec<Vec<Vec<f64>>>;

fn instance(network: Rows, other: Rows) -> MeanFieldInstance {
    let spec = MeanFieldSpec {
        activation: Activation::Tanh,
        scale: 1.0,
        inputs: vec![vec![0.5]],
        targets: vec![vec![1.0]],
        network,
        other,
        step_margin: 0.5,
        steps: 1,
        loss_share: None,
        seed: 0,
        draws: DEFAULT_DRAWS,
    };
    MeanFieldInstance::from_spec(&spec).expect("sharp instances are well-formed")
}

/// Dyadic particles, distinct in every coordinate.
fn particles(width: usize, salt: usize) -> Vec<Vec<f64>> {
    let coordinate = |j: usize, i: usize| ((7 * j + 5 * i + 3 * salt + j * j) % 32) as f64 / 8.0;
    (0..width)
        .map(|j| (0..3).map(|i| coordinate(j, i)).collect())
        .collect()
}

fn moved(network: &Rows, by: [f64; 3]) -> Rows {
    let mut moved = network.clone();
    for particle in moved.iter_mut().flatten() {
        particle.iter_mut().zip(by).for_each(|(x, by)| *x += by);
    }
    moved
}

/// A network and itself moved by a little: every comparison of C2 is an equality.
pub(in crate::claims) fn translated() -> Vec<MeanFieldInstance> {
    let network: Rows = (0..3).map(|k| particles(5, k)).collect();
    let other = moved(&network, [0.25, -0.125, 0.5]);
    vec![instance(network, other)]
}

/// One particle a layer: the least that a network with one particle moved can be away.
pub(in crate::claims) fn one_particle() -> Vec<MeanFieldInstance> {
    let network: Rows = (0..4).map(|k| particles(1, k)).collect();
    let other: Rows = (0..4).map(|k| particles(1, 2 * k + 1)).collect();
    vec![instance(network, other)]
}

/// Two networks of different width, whose labels cross: two particles exchanged, and layers too.
pub(in crate::claims) fn crossing() -> Vec<MeanFieldInstance> {
    let network: Rows = vec![
        vec![vec![0.0, 0.0, 0.0], vec![8.0, 0.0, 0.0]],
        vec![vec![64.0, 0.0, 1.0], vec![72.0, 0.0, 1.0]],
    ];
    let other: Rows = vec![
        vec![vec![8.5, 1.0, 0.0], vec![0.5, 0.0, 0.0]],
        vec![vec![72.0, 2.0, 0.0], vec![64.0, 0.0, 0.0]],
    ];
    let wider: Rows = (0..2).map(|k| particles(3, 5 + k)).collect();
    vec![instance(network.clone(), other), instance(network, wider)]
}

/// The same layers in the other order: far apart layer by layer, and next to each other on the product.
pub(super) fn exchanged() -> MeanFieldInstance {
    let network: Rows = vec![vec![vec![0.0; 3]], vec![vec![16.0, 0.0, 0.0]]];
    let other: Rows = network.iter().rev().cloned().collect();
    instance(network, other)
}
