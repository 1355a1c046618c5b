//! What the checks must reject: hypotheses dropped one at a time, and statements that are wrong.

use super::convergence::{EXPRESSIVE, REST, SMALL_RISK};
use super::sharp::{build, chirp, generic, saddle};
use super::{BOUNDED, gradient, invariance, stability};
use crate::claims::MeanFieldInstance;
use crate::claims::convergence::STEP;
use crate::data::{DEFAULT_DRAWS, MeanFieldSpec};
use crate::evidence::Finding;
use crate::meanfield::Activation;
use crate::theorem::Expectation;

/// The claim, what is wrong, what must be said of it, an instance, and the wrong check if it is the check that is
/// wrong.
pub(in crate::claims) type WrongMeasure = (
    &'static str,
    &'static str,
    Expectation,
    fn() -> MeanFieldInstance,
    Option<fn(&MeanFieldInstance) -> Finding>,
);

use Expectation::{Inapplicable, Vacuous, Violated};

/// The controls of C3 and C5–C11 beside the strengthened bounds.
pub(in crate::claims) const CONTROLS: [WrongMeasure; 17] = [
    (
        "C3.measure",
        "one particle doubled, the others not",
        Violated,
        || generic().remove(0),
        Some(invariance::unequal_copies),
    ),
    ("C3.measure", "ReLU", Inapplicable(BOUNDED), relu, None),
    (
        "C5.gradient",
        "a learning rate that is not scaled",
        Violated,
        || generic().remove(0),
        Some(gradient::unscaled),
    ),
    ("C5.gradient", "ReLU", Inapplicable(BOUNDED), relu, None),
    ("C6.dissipation", "ReLU", Inapplicable(BOUNDED), relu, None),
    (
        "C7.stability",
        "flows that never part",
        Violated,
        || saddle().remove(0),
        Some(stability::without_curvature),
    ),
    ("C7.stability", "ReLU", Inapplicable(BOUNDED), relu, None),
    ("C8.pl", "duplicated inputs", Vacuous, duplicated, None),
    (
        "C8.pl",
        "more samples than particles",
        Vacuous,
        too_narrow,
        None,
    ),
    ("C9.gram", "duplicated inputs", Vacuous, duplicated, None),
    (
        "C10.convergence",
        "duplicated inputs",
        Inapplicable(EXPRESSIVE),
        duplicated,
        None,
    ),
    (
        "C10.convergence",
        "a residual that is not zero",
        Inapplicable(REST),
        moving,
        None,
    ),
    (
        "C10.convergence",
        "step beyond 2/β",
        Inapplicable(STEP),
        long_step,
        None,
    ),
    (
        "C10.convergence",
        "a large initial risk",
        Inapplicable(SMALL_RISK),
        far,
        None,
    ),
    (
        "C11.lift",
        "duplicated inputs",
        Inapplicable(EXPRESSIVE),
        duplicated,
        None,
    ),
    (
        "C11.lift",
        "cos without bias, and inputs x and −x",
        Inapplicable(EXPRESSIVE),
        || mirrored(Activation::Cosine),
        None,
    ),
    (
        "C11.lift",
        "tanh without bias, and inputs x and −x",
        Inapplicable(EXPRESSIVE),
        || mirrored(Activation::Tanh),
        None,
    ),
];

/// Three samples on the line, two layers of eight particles, `u = 0`: every hypothesis holds.
fn sound_spec() -> MeanFieldSpec {
    let particle = |k: usize, j: usize| {
        let mut particle = chirp(11 * k + 5 * j, 3, 2.0);
        particle[0] = 0.0;
        particle
    };
    let layer = |k: usize| (0..8).map(|j| particle(k, j)).collect();
    let other = |k: usize| (0..4).map(|j| chirp(11 * k + 5 * j, 3, 0.25)).collect();
    MeanFieldSpec {
        activation: Activation::Tanh,
        scale: 1.0,
        inputs: vec![vec![-1.0], vec![0.25], vec![1.5]],
        targets: vec![vec![0.5], vec![-1.0], vec![0.25]],
        network: vec![layer(1), layer(2)],
        other: vec![other(3), other(4)],
        step_margin: 0.5,
        steps: 3,
        loss_share: Some(0.5),
        seed: 0,
        draws: DEFAULT_DRAWS,
    }
}

/// The instance that the controls start from.
#[cfg(test)]
pub(in crate::claims) fn sound() -> MeanFieldInstance {
    build(&sound_spec())
}

fn with(change: impl FnOnce(&mut MeanFieldSpec)) -> MeanFieldInstance {
    let mut spec = sound_spec();
    change(&mut spec);
    build(&spec)
}

fn relu() -> MeanFieldInstance {
    with(|spec| spec.activation = Activation::Relu)
}

fn duplicated() -> MeanFieldInstance {
    with(|spec| {
        spec.inputs[1] = spec.inputs[0].clone();
        spec.loss_share = None;
    })
}

fn too_narrow() -> MeanFieldInstance {
    with(|spec| {
        spec.network.iter_mut().for_each(|layer| layer.truncate(2));
        spec.other.iter_mut().for_each(|layer| layer.truncate(2));
        spec.loss_share = None;
    })
}

fn moving() -> MeanFieldInstance {
    with(|spec| spec.network[1][3][0] = 1e-9)
}

fn long_step() -> MeanFieldInstance {
    with(|spec| {
        spec.loss_share = None;
        spec.step_margin = -0.2;
    })
}

fn far() -> MeanFieldInstance {
    with(|spec| spec.loss_share = None)
}

/// Even and odd functions of `x` do not tell three inputs, one of them at the origin, apart.
fn mirrored(activation: Activation) -> MeanFieldInstance {
    with(|spec| {
        spec.activation = activation;
        spec.inputs = vec![vec![-1.0], vec![0.0], vec![1.0]];
        for particle in spec.network.iter_mut().flatten() {
            particle[2] = 0.0;
        }
        spec.loss_share = None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::find;
    use crate::evidence::Verdict;

    #[test]
    fn every_claim_holds_before_a_hypothesis_is_dropped() {
        for (claim, ..) in CONTROLS {
            let evidence = find(claim).unwrap().evaluate(&sound().into());
            assert_eq!(evidence.verdict, Verdict::Holds, "{claim}: {evidence:?}");
        }
    }
}
