//! What the checks must reject: hypotheses dropped one at a time, and statements that are wrong.

use super::convergence::{EXPRESSIVE, REST, SMALL_RISK};
use super::sharp::{build, chirp, generic, saddle};
use super::{BOUNDED, gradient, invariance, stability};
use crate::claims::MeanFieldInstance;
use crate::claims::convergence::STEP;
use crate::data::{DEFAULT_DRAWS, MeanFieldSpec};
use crate::meanfield::Activation;
use crate::theorem::Control;
use crate::theorem::Expectation::{Inapplicable, Vacuous, Violated};

/// The controls of C3.measure.
pub(in crate::claims) fn c3_measure() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "one particle doubled, the others not",
            Violated,
            || generic().remove(0),
            invariance::unequal_copies,
        ),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
    ]
}

/// The controls of C5.gradient.
pub(in crate::claims) fn c5_gradient() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "a learning rate that is not scaled",
            Violated,
            || generic().remove(0),
            gradient::unscaled,
        ),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
    ]
}

/// The controls of C6.dissipation.
pub(in crate::claims) fn c6_dissipation() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
        Control::instance("step beyond 2/β", Inapplicable(STEP), long_step),
    ]
}

/// The controls of C7.stability.
pub(in crate::claims) fn c7_stability() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "flows that never part",
            Violated,
            || saddle().remove(0),
            stability::without_curvature,
        ),
        Control::instance("ReLU", Inapplicable(BOUNDED), relu),
        Control::instance("step beyond 2/β", Inapplicable(STEP), long_step),
    ]
}

/// The controls of C8.pl.
pub(in crate::claims) fn c8_pl() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::instance("duplicated inputs", Vacuous, duplicated),
        Control::instance("more samples than particles", Vacuous, too_narrow),
    ]
}

/// The controls of C9.gram.
pub(in crate::claims) fn c9_gram() -> Vec<Control<MeanFieldInstance>> {
    vec![Control::instance("duplicated inputs", Vacuous, duplicated)]
}

/// The controls of C10.convergence.
pub(in crate::claims) fn c10_convergence() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::instance("duplicated inputs", Inapplicable(EXPRESSIVE), duplicated),
        Control::instance("a residual that is not zero", Inapplicable(REST), moving),
        Control::instance("step beyond 2/β", Inapplicable(STEP), long_step),
        Control::instance("a large initial risk", Inapplicable(SMALL_RISK), far),
    ]
}

/// The controls of C11.lift.
pub(in crate::claims) fn c11_lift() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::instance("duplicated inputs", Inapplicable(EXPRESSIVE), duplicated),
        Control::instance(
            "cos without bias, and inputs x and −x",
            Inapplicable(EXPRESSIVE),
            || mirrored(Activation::Cosine),
        ),
        Control::instance(
            "tanh without bias, and inputs x and −x",
            Inapplicable(EXPRESSIVE),
            || mirrored(Activation::Tanh),
        ),
    ]
}

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
    use crate::claims::select;
    use crate::evidence::Verdict;
    use crate::theorem::Instance;

    #[test]
    fn every_claim_holds_before_a_hypothesis_is_dropped() {
        let claims = select(&["cot".to_owned()]).unwrap();
        // Those of networks, not of one layer.
        let of_networks = |sharp: &[Instance]| {
            let of_network = |instance: &Instance| instance.get::<MeanFieldInstance>().is_some();
            sharp.iter().all(of_network)
        };
        let claims = claims.into_iter();
        let claims: Vec<_> = claims.filter(|c| of_networks(&c.sharp())).collect();
        assert_eq!(claims.len(), 11);
        for claim in claims {
            let evidence = claim.evaluate(&sound().into());
            let id = claim.id();
            assert_eq!(evidence.verdict, Verdict::Holds, "{id}: {evidence:?}");
        }
    }
}
