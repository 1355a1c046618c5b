//! Mean-field networks and their data.

use super::super::{DEFAULT_DRAWS, MeanFieldSpec};
use super::shrink::{Move, Shrinking, Simplify};
use crate::data::HostileMeasure;
use crate::meanfield::Activation;
use proptest::collection::vec;
use proptest::prelude::*;

/// The activations that the theorems are about.
const BOUNDED: [Activation; 5] = [
    Activation::Cosine,
    Activation::ScaledCosine,
    Activation::Tanh,
    Activation::Erf,
    Activation::Sigmoid,
];

/// Sizes of an instance.
#[derive(Clone, Copy, Debug)]
struct Shape {
    samples: usize,
    state: usize,
    outputs: usize,
    depth: usize,
    width: usize,
    other: usize,
}

/// At least as many particles as samples, so that Gram matrices are mostly regular.
fn shapes() -> impl Strategy<Value = Shape> {
    (
        1usize..=4,
        1usize..=3,
        1usize..=3,
        1usize..=4,
        0usize..=4,
        1usize..=8,
    )
        .prop_map(|(samples, state, outputs, depth, more, other)| Shape {
            samples,
            state,
            outputs: outputs.min(state),
            depth,
            width: samples + more,
            other,
        })
}

fn cloud(depth: usize, width: usize, state: usize) -> impl Strategy<Value = Vec<Vec<Vec<f64>>>> {
    vec(vec(vec(-1.0..1.0_f64, 2 * state + 1), width), depth)
}

/// `(activation, scale, size of u, size of (w, b), size of the targets, step margin, steps)`.
type Scales = (usize, f64, f64, f64, f64, f64, usize);

fn scales() -> impl Strategy<Value = Scales> {
    let magnitude = |low: f64, high: f64| (low..high).prop_map(|e: f64| 10.0_f64.powf(e));
    (
        0..BOUNDED.len(),
        magnitude(-0.5, 0.5),
        magnitude(-1.5, -0.1),
        magnitude(-0.3, 0.4),
        magnitude(-1.0, 0.5),
        0.1..0.9,
        1usize..=6,
    )
}

/// Scales the `u` part and the `(w, b)` part of every particle.
fn scaled(mut cloud: Vec<Vec<Vec<f64>>>, state: usize, u: f64, rest: f64) -> Vec<Vec<Vec<f64>>> {
    for particle in cloud.iter_mut().flatten() {
        for (a, x) in particle.iter_mut().enumerate() {
            *x *= if a < state { u } else { rest };
        }
    }
    cloud
}

fn assemble(shape: Shape, scales: Scales) -> impl Strategy<Value = MeanFieldSpec> {
    let (activation, scale, u, rest, target, step_margin, steps) = scales;
    let Shape {
        samples,
        state,
        outputs,
        depth,
        width,
        other,
    } = shape;
    (
        vec(vec(-1.0..1.0_f64, state), samples),
        vec(vec(-target..target, outputs), samples),
        cloud(depth, width, state),
        cloud(depth, other, state),
    )
        .prop_map(move |(inputs, targets, network, other)| MeanFieldSpec {
            activation: BOUNDED[activation],
            scale,
            inputs,
            targets,
            network: scaled(network, state, u, rest),
            other: scaled(other, state, u, rest),
            step_margin,
            steps,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        })
}

/// Two networks of one depth and of any widths, and data.
pub fn mean_field() -> impl Strategy<Value = MeanFieldSpec> {
    Shrinking((shapes(), scales()).prop_flat_map(|(shape, scales)| assemble(shape, scales)))
}

/// Networks with `u = 0` whose initial risk is a share between 1 and 99 % of what C10 allows.
pub fn zero_residual() -> impl Strategy<Value = MeanFieldSpec> {
    let shapes = (shapes(), 4usize..=24).prop_map(|(shape, more)| Shape {
        samples: shape.samples.min(3),
        width: shape.samples + more,
        ..shape
    });
    Shrinking((shapes, scales(), 0.01..0.99, 3usize..=12).prop_flat_map(
        |(shape, scales, share, steps)| {
            assemble(shape, scales).prop_map(move |mut spec| {
                spec.network = scaled(spec.network, shape.state, 0.0, 1.0);
                spec.loss_share = Some(share);
                spec.steps = steps;
                spec
            })
        },
    ))
}

/// Data on the line, `√2cos`, a small network that stands for its law, and a seed: for Monte Carlo over
/// initialisations.
pub fn widths() -> impl Strategy<Value = MeanFieldSpec> {
    let shapes = (1usize..=2, 1usize..=2).prop_map(|(samples, depth)| Shape {
        samples,
        state: 1,
        outputs: 1,
        depth,
        width: samples,
        other: 1,
    });
    Shrinking(
        (shapes, scales(), any::<u64>()).prop_flat_map(|(shape, scales, seed)| {
            assemble(shape, scales).prop_map(move |mut spec| {
                spec.activation = Activation::ScaledCosine;
                spec.scale = 1.0;
                spec.seed = seed;
                // Something to learn, and little enough that corrections of a finite width are small.
                for (target, input) in spec.targets.iter_mut().zip(&spec.inputs) {
                    target[0] = input[0] + target[0].signum() * target[0].abs().clamp(0.1, 0.4);
                }
                spec
            })
        }),
    )
}

/// Instances of a hostile regime; otherwise as [`mean_field`].
pub fn hostile_measure(regime: HostileMeasure) -> BoxedStrategy<MeanFieldSpec> {
    let shapes = shapes().prop_map(move |shape| match regime {
        HostileMeasure::OneParticle => Shape {
            width: 1,
            other: 1,
            ..shape
        },
        HostileMeasure::DuplicatedInputs => Shape {
            samples: shape.samples.max(2),
            ..shape
        },
        _ => shape,
    });
    let specs = (shapes, scales())
        .prop_flat_map(|(shape, scales)| assemble(shape, scales))
        .prop_map(move |mut spec| {
            let layers = spec.network.iter_mut().chain(&mut spec.other);
            match regime {
                HostileMeasure::Coincident => layers.for_each(|layer| {
                    let first = layer[0].clone();
                    layer.fill(first);
                }),
                HostileMeasure::Collinear => layers.for_each(|layer| {
                    let first = layer[0].clone();
                    for (j, particle) in layer.iter_mut().enumerate() {
                        *particle = first.iter().map(|x| x * j as f64).collect();
                    }
                }),
                HostileMeasure::HugeWeights => layers.flatten().flatten().for_each(|x| *x *= 1e3),
                HostileMeasure::DuplicatedInputs => spec.inputs[1] = spec.inputs[0].clone(),
                HostileMeasure::Relu => spec.activation = Activation::Relu,
                HostileMeasure::OneParticle => {}
            }
            spec
        });
    Shrinking(specs).boxed()
}

impl Simplify for MeanFieldSpec {
    fn simpler(&self, index: usize) -> Move<Self> {
        let mut index = index;
        let state = self.inputs[0].len();
        let sizes = [
            self.inputs.len(),
            self.network.len(),
            self.network[0].len(),
            self.other[0].len(),
            state,
        ];
        for (part, &size) in sizes.iter().enumerate() {
            if index < size {
                return match size {
                    1 => Move::Impossible,
                    _ => Move::To(Box::new(self.without(part, size - 1 - index))),
                };
            }
            index -= size;
        }
        const SCALARS: usize = 4;
        let mut spec = self.clone();
        match index {
            0 => spec.steps = 1,
            1 => spec.step_margin = 0.5,
            2 => spec.scale = 1.0,
            3 => spec.activation = Activation::Cosine,
            _ => {
                let entries: Vec<&mut f64> = spec.entries().collect();
                let count = entries.len();
                let index = index - SCALARS;
                if index >= 2 * count {
                    return Move::Exhausted;
                }
                let x = entries
                    .into_iter()
                    .nth(index % count)
                    .expect("an index below the count");
                *x = if index < count {
                    0.0
                } else {
                    (*x * 10.0).round() / 10.0
                };
            }
        }
        Move::To(Box::new(spec))
    }
}

impl MeanFieldSpec {
    fn entries(&mut self) -> impl Iterator<Item = &mut f64> {
        let clouds = self.other.iter_mut().chain(&mut self.network).flatten();
        clouds
            .chain(&mut self.targets)
            .chain(&mut self.inputs)
            .flatten()
    }

    /// Drops sample, layer, particle, particle of the second network or coordinate `i`.
    fn without(&self, part: usize, i: usize) -> Self {
        let mut spec = self.clone();
        match part {
            0 => {
                spec.inputs.remove(i);
                spec.targets.remove(i);
            }
            1 => {
                spec.network.remove(i);
                spec.other.remove(i);
            }
            2 => spec
                .network
                .iter_mut()
                .for_each(|layer| drop(layer.remove(i))),
            3 => spec
                .other
                .iter_mut()
                .for_each(|layer| drop(layer.remove(i))),
            _ => {
                let (state, outputs) = (spec.inputs[0].len(), spec.targets[0].len());
                for x in &mut spec.inputs {
                    x.remove(i);
                }
                // The outputs are the last coordinates.
                if let Some(output) = (i + outputs).checked_sub(state)
                    && outputs > 1
                {
                    for y in &mut spec.targets {
                        y.remove(output);
                    }
                }
                let clouds = spec.network.iter_mut().chain(&mut spec.other);
                for particle in clouds.flatten() {
                    particle.remove(state + i);
                    particle.remove(i);
                }
            }
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::MeanFieldInstance;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    /// Walks down as far as a property holds.
    fn shrunk(keep: impl Fn(&MeanFieldSpec) -> bool) -> MeanFieldSpec {
        let mut runner = TestRunner::deterministic();
        let mut tree = loop {
            let tree = mean_field().new_tree(&mut runner).unwrap();
            if keep(&tree.current()) {
                break tree;
            }
        };
        let mut smallest = tree.current();
        let mut moved = tree.simplify();
        while moved {
            let candidate = tree.current();
            assert!(
                MeanFieldInstance::from_spec(&candidate).is_ok(),
                "{candidate:?}"
            );
            moved = if keep(&candidate) {
                smallest = candidate;
                tree.simplify()
            } else {
                tree.complicate();
                tree.simplify()
            };
        }
        smallest
    }

    #[test]
    fn failing_instances_shrink_to_what_matters() {
        let all = shrunk(|_| true);
        assert_eq!(
            (all.inputs.len(), all.network.len(), all.inputs[0].len()),
            (1, 1, 1)
        );
        assert_eq!(
            (
                all.network[0].len(),
                all.other[0].len(),
                all.targets[0].len()
            ),
            (1, 1, 1)
        );
        assert_eq!((all.steps, all.step_margin, all.scale), (1, 0.5, 1.0));
        assert_eq!(all.activation, Activation::Cosine);
        assert!(
            all.network[0][0]
                .iter()
                .chain(&all.inputs[0])
                .all(|&x| x == 0.0)
        );
        let two = shrunk(|spec| spec.inputs.len() >= 2 && spec.network.len() >= 3);
        assert_eq!(
            (two.inputs.len(), two.network.len(), two.network[0].len()),
            (2, 3, 1)
        );
        let outputs = shrunk(|spec| spec.targets[0].len() >= 2);
        assert_eq!((outputs.inputs[0].len(), outputs.targets[0].len()), (2, 2));
    }

    #[test]
    fn regimes_are_what_they_say() {
        let mut runner = TestRunner::deterministic();
        for regime in HostileMeasure::ALL {
            for _ in 0..20 {
                let spec = hostile_measure(regime)
                    .new_tree(&mut runner)
                    .unwrap()
                    .current();
                let layer = &spec.network[0];
                match regime {
                    HostileMeasure::Coincident => assert!(layer.iter().all(|p| *p == layer[0])),
                    HostileMeasure::OneParticle => {
                        assert_eq!((layer.len(), spec.other[0].len()), (1, 1))
                    }
                    HostileMeasure::Collinear => assert!(layer[0].iter().all(|&x| x == 0.0)),
                    HostileMeasure::HugeWeights => {
                        assert!(layer.iter().flatten().any(|x| x.abs() > 10.0));
                    }
                    HostileMeasure::DuplicatedInputs => assert_eq!(spec.inputs[0], spec.inputs[1]),
                    HostileMeasure::Relu => assert_eq!(spec.activation, Activation::Relu),
                }
            }
        }
        let zero = zero_residual().new_tree(&mut runner).unwrap().current();
        let state = zero.inputs[0].len();
        assert!(
            zero.network
                .iter()
                .flatten()
                .all(|p| p[..state].iter().all(|&x| x == 0.0))
        );
        let width = widths().new_tree(&mut runner).unwrap().current();
        let error = (width.targets[0][0] - width.inputs[0][0]).abs();
        assert!((0.1 - 1e-12..=0.4 + 1e-12).contains(&error));
    }
}
