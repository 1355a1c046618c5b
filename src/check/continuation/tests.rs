//! Trainings that go on from checkpoints: kept promises, refused ones, and planted violations.

use super::*;
use crate::arithmetic::Ball;
use crate::bounds::{ComputedStep, EnvelopeState, Standing};
use crate::check::{Basis, Missing, Prospect, Scaling};
use crate::features::FourierFeatures;
use crate::flow::Held;
use crate::resnet::ResNet;
use nalgebra::dmatrix;

fn scaling(text: &str) -> Scaling {
    text.parse().unwrap()
}

/// Layers on the line whose predictions `z + B·(z_D − z_0)` are off by as much as is asked for.
fn nearly_right(depth: usize, off: f64, scale: &str) -> (LinearNetwork, [DMatrix<f64>; 2]) {
    let features = FourierFeatures::try_new(dmatrix![0.5, 1.0, 1.5, 2.0]).unwrap();
    let network = ResNet::try_new(dmatrix![1.0], dmatrix![2.0], features, depth).unwrap();
    let layer = |k: usize| DMatrix::from_fn(1, 8, |_, j| 0.01 * (1.3 * (k * 8 + j) as f64).sin());
    let layers = (0..depth).map(layer).collect();
    let network = LinearNetwork::try_new(network, layers, &scaling(scale)).unwrap();
    let inputs = dmatrix![-1.5, 0.25, 2.0];
    let mut targets = network.network.predict(&network.weights, &inputs);
    for (i, target) in targets.iter_mut().enumerate() {
        *target += off * [1.0, -0.7, 0.4][i];
    }
    (network, [inputs, targets])
}

/// Enough steps beside the linearised network.
fn few() -> DiagnosisOptions {
    DiagnosisOptions::default().with_steps(200)
}

fn continued(depth: usize, off: f64, scale: &str) -> Continuation {
    let (network, [inputs, targets]) = nearly_right(depth, off, scale);
    let options = few();
    Continuation::try_new(network, &inputs, &targets, &options, 1e-4, |_| ()).unwrap()
}

/// Trains to the end, and holds every iterate to what was promised of it.
fn kept(training: &mut Continuation) -> u64 {
    let mut seen = Vec::new();
    let end = training.run(u64::MAX, |now| {
        assert_eq!(now.standing, Standing::Held, "{now}");
        assert!(now.loss.upper() <= now.bound * (1.0 + 1e-12), "{now}");
        seen.push(*now);
        ControlFlow::Continue(())
    });
    assert_eq!(end, Ok(TrainingEnd::TargetReached));
    let steps = seen.len() as u64 - 1;
    let promised = training.promised().expect("a count");
    assert!(steps <= promised, "{steps} of {promised}");
    // Not one step more than is needed.
    let losses = training.descent().losses();
    let target = training.target() * losses[0];
    assert!(losses[losses.len() - 2] > target, "{losses:?}");
    let observed = training.descent().observed_rate().unwrap();
    assert!(training.guaranteed_rate().unwrap() <= observed);
    // The whole envelope is what each iterate was held to, which rounding has made a little larger.
    let envelope = training.descent().envelope(steps);
    for (promised, seen) in envelope.iter().zip(&seen) {
        assert!(seen.bound >= *promised * (1.0 - 1e-12), "{promised} {seen}");
    }
    steps
}

/// Replaces what a training is held to by the promise of one theorem by one basis.
fn by(training: &mut Continuation, way: Way, basis: Basis) {
    let options = few();
    let (network, inputs, targets) = (&training.network, &training.inputs, &training.targets);
    let (diagnosis, grounds) = examine(network, inputs, targets, &options, |_| ()).unwrap();
    let all = promises(&grounds, &diagnosis);
    let wanted = all
        .into_iter()
        .find(|(outlook, _)| (outlook.way, outlook.basis) == (way, basis));
    let (outlook, guarantee) = wanted.expect("it is promised");
    let allowed = training.target * grounds.loss.lower();
    training.promised = outlook.prospect.steps_to(allowed);
    (training.outlook, training.guarantee) = (outlook, guarantee);
}

/// P8 by either basis, and P8b before it; the quickest is what is taken.
#[test]
fn every_promise_is_kept() {
    let mut counted = Vec::new();
    for (way, basis) in [
        (Way::Descent, Basis::Layers),
        (Way::Descent, Basis::Tangent),
        (Way::Envelope, Basis::Layers),
        (Way::Envelope, Basis::Tangent),
    ] {
        for scale in ["1/(D*sqrt(m))", "0.3/D"] {
            let mut training = continued(60, 1e-4, scale);
            assert_eq!(training.start().away > 0.0, scale == "0.3/D");
            let best = training.promised().unwrap();
            by(&mut training, way, basis);
            let promised = training.promised().unwrap();
            assert!(best <= promised, "{best} {promised} {way:?} {basis:?}");
            counted.push(promised == best);
            kept(&mut training);
        }
    }
    assert!(counted.contains(&true), "the best is one of them");
}

/// Where P8's condition fails at the start, P8b comes first, and P8 after some steps.
#[test]
fn a_promise_may_begin_beside_the_linearised_network() {
    let mut training = found_beside();
    let after = training.guarantee().after;
    assert_eq!(training.outlook().way, Way::Envelope);
    assert_eq!(training.guarantee().points.len() as u64, after + 1);
    let steps = kept(&mut training);
    assert!(steps > after, "P8 goes on after {after} of {steps}");
}

#[test]
fn where_nothing_is_promised_no_step_is_taken() {
    let (network, [inputs, targets]) = nearly_right(8, 40.0, "1/D");
    let options = few();
    let refused = Continuation::try_new(network, &inputs, &targets, &options, 1e-4, |_| ());
    let Err(ContinuationError::Open(diagnosis)) = refused else {
        panic!("{refused:?}");
    };
    assert!(!diagnosis.is_guaranteed());
    let missed = |outlook: &Outlook| match outlook.prospect {
        Prospect::Missed { why, factor, .. } => Some((why, factor)),
        Prospect::Guaranteed { .. } => None,
    };
    let all: Vec<_> = diagnosis.outlooks.iter().filter_map(missed).collect();
    assert_eq!(all.len(), diagnosis.outlooks.len());
    assert!(
        all.iter()
            .any(|(why, factor)| *why == Missing::LossTooLarge && factor.unwrap() > 1.0),
        "{all:?}"
    );
    // Other data than the network takes.
    let (network, [inputs, _]) = nearly_right(8, 1e-4, "1/D");
    let two = DMatrix::zeros(2, 3);
    let refused = Continuation::try_new(network, &inputs, &two, &options, 1e-4, |_| ());
    assert!(matches!(
        refused,
        Err(ContinuationError::Check(CheckError::Data { .. }))
    ));
}

/// The same run in parts reaches the same bits.
#[test]
fn a_training_goes_on_where_it_was_stopped() {
    let mut whole = continued(60, 1e-4, "0.3/D");
    kept(&mut whole);
    let mut parts = continued(60, 1e-4, "0.3/D");
    let go_on = |_: &TrainingProgress| ControlFlow::Continue(());
    assert_eq!(parts.run(2, go_on), Ok(TrainingEnd::Iterations));
    let stop = |_: &TrainingProgress| ControlFlow::Break(());
    assert_eq!(parts.run(u64::MAX, stop), Ok(TrainingEnd::Stopped));
    assert_eq!(parts.run(u64::MAX, go_on), Ok(TrainingEnd::TargetReached));
    assert_eq!(parts.descent(), whole.descent());
}

/// Trains a few steps, moves the weights without a word, and goes on.
fn moved(training: &mut Continuation, steps: u64, by: f64) -> (TrainingEnd, Standing) {
    let go_on = |_: &TrainingProgress| ControlFlow::Continue(());
    let end = training.run(steps, go_on);
    assert_eq!(end, Ok(TrainingEnd::Iterations));
    let parameters = training.state.weights.clone();
    training.state.weights.add_assign(by, &parameters);
    let end = training.run(u64::MAX, go_on).unwrap();
    let standing = training.descent().standing();
    // What is broken or used up stays so.
    assert_eq!(training.run(u64::MAX, go_on), Ok(end));
    assert_eq!(training.descent().standing(), standing);
    (end, standing)
}

#[test]
fn weights_that_were_moved_are_found_out() {
    for (way, basis) in [
        (Way::Descent, Basis::Tangent),
        (Way::Descent, Basis::Layers),
        (Way::Envelope, Basis::Tangent),
    ] {
        let mut training = continued(60, 1e-4, "1/(D*sqrt(m))");
        by(&mut training, way, basis);
        let (end, standing) = moved(&mut training, 1, 0.5);
        assert_eq!(end, TrainingEnd::Broken, "{way:?} {basis:?} {standing:?}");
    }
}

/// A step from the start that is so many times as long, as somebody would take it who has the gradient wrong.
fn judged(training: &Continuation, times: f64, rounding: f64) -> Standing {
    let guarantee = training.guarantee();
    let reference = &training.start().weights;
    let network = &*training.start().network;
    let mut observer = Observer::try_new(network, &training.inputs, &training.targets).unwrap();
    let here = observer.observe(reference);
    let mut held = Held::new(guarantee, EnvelopeState::start(here.loss));
    let gradient = observer.gradient().clone();
    let next = reference.plus(-times * guarantee.convergence.step, &gradient);
    let seen = observer.observe(&next);
    let length = next.distance(reference);
    held.next(&ComputedStep {
        loss: seen.loss,
        norm: seen.norm,
        displacement: length,
        length,
        rounding,
    })
}

#[test]
fn a_step_of_another_length_is_found_out() {
    let mut training = continued(60, 1e-4, "1/(D*sqrt(m))");
    for (way, basis) in [
        (Way::Descent, Basis::Tangent),
        (Way::Descent, Basis::Layers),
    ] {
        by(&mut training, way, basis);
        assert_eq!(
            judged(&training, 1.0, 1e-17),
            Standing::Held,
            "{way:?} {basis:?}"
        );
        // The loss rises, or the ball is left.
        assert_ne!(
            judged(&training, 30.0, 1e-17),
            Standing::Held,
            "{way:?} {basis:?}"
        );
        assert_ne!(
            judged(&training, -1.0, 1e-17),
            Standing::Held,
            "{way:?} {basis:?}"
        );
    }
    // Where P8b knows place and loss, twice as long is too far.
    let mut training = found_beside();
    let rounding = training.guarantee().rounding;
    assert_eq!(judged(&training, 1.0, rounding), Standing::Held);
    let twice = judged(&training, 2.0, rounding);
    assert!(matches!(twice, Standing::Broken { .. }), "{twice:?}");
    // And of a step that may be off by more nothing was promised.
    assert_eq!(judged(&training, 1.0, 1.01 * rounding), Standing::Unknown);
    training.guarantee.rounding = 0.0;
    let end = training.run(u64::MAX, |_| ControlFlow::Continue(()));
    assert_eq!(end, Ok(TrainingEnd::PrecisionLost));
}

/// A training whose first steps are those of P8b.
fn found_beside() -> Continuation {
    let with = |k: i32| {
        let (network, [inputs, targets]) = nearly_right(8, 1.2_f64.powi(k), "1/D");
        let found = Continuation::try_new(network, &inputs, &targets, &few(), 1e-4, |_| ());
        found.ok().filter(|training| training.guarantee().after > 0)
    };
    (-40..5)
        .rev()
        .find_map(with)
        .expect("an error between P8's and P8b's")
}

/// A promise of too much is broken: a PL constant that is not there, a ball that is too small.
#[test]
fn false_promises_are_found_out() {
    let go_on = |_: &TrainingProgress| ControlFlow::Continue(());
    let with = |change: fn(&mut Guarantee)| {
        let mut training = continued(60, 1e-4, "1/(D*sqrt(m))");
        by(&mut training, Way::Descent, Basis::Tangent);
        change(&mut training.guarantee);
        let end = training.run(u64::MAX, go_on).unwrap();
        (end, training.descent().standing())
    };
    let end = |end, _| end;
    let found = with(|_| ());
    assert_eq!(end(found.0, found.1), TrainingEnd::TargetReached);
    let (_, rate) =
        with(|it| it.convergence.pl_constant = it.convergence.pl_constant * Ball::from(30.0));
    assert!(matches!(rate, Standing::Broken { .. }), "{rate:?}");
    let (_, radius) = with(|it| it.convergence.radius *= 1e-2);
    let Standing::Broken { what, .. } = radius else {
        panic!("{radius:?}");
    };
    assert_eq!(what, "L(v⁰) ≤ mR²c²/4");
    let (ended, reach) = with(|it| it.reach *= 1e-2);
    assert_eq!(
        (ended, reach),
        (TrainingEnd::PrecisionLost, Standing::Unknown)
    );
    let (ended, level) = with(|it| it.level *= 0.5);
    assert_eq!(
        (ended, level),
        (TrainingEnd::PrecisionLost, Standing::Unknown)
    );
}

/// Layers go back into the scaling of the file: to the bits where that is a power of two, else to a rounding.
#[test]
fn own_layers_are_those_of_the_file() {
    for (scale, exact) in [("1/(D*sqrt(m))", true), ("0.3/D", false)] {
        let (network, _) = nearly_right(5, 1e-4, scale);
        let own = network.own_layers(&network.weights);
        let layer = |k: usize, j: usize| 0.01 * (1.3 * (k * 8 + j) as f64).sin();
        for (k, found) in own.iter().enumerate() {
            for j in 0..8 {
                let off = (found[(0, j)] - layer(k, j)).abs();
                assert!(
                    off <= if exact {
                        0.0
                    } else {
                        3e-16 * layer(k, j).abs()
                    }
                );
            }
        }
    }
}
