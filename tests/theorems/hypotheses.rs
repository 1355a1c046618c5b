//! P13: hypotheses matter.

use polyak::arithmetic::Ball;
use polyak::claims::{ResidualInstance, registry};
use polyak::data::{DEFAULT_DRAWS, ResidualSpec};
use polyak::flow::{DescentOptions, Observer, gradient_descent};
use polyak::resnet::Weights;

/// `1e-12`: the next power of ten above a probability; below the smallest of any use, that.
fn power_of_ten(probability: f64) -> String {
    let exponent = probability.max(1e-99).log10().ceil() as i32;
    if exponent <= -99 {
        return "below 1e-99".to_owned();
    }
    format!("1e{exponent}")
}

/// Every control, and the page that states how probably a fresh seed would not see it rejected.
#[test]
fn every_dropped_hypothesis_is_named_and_every_power_stated() {
    let mut table = "| claim | what is wrong | not rejected, at most |\n|---|---|---|\n".to_owned();
    for claim in registry() {
        for control in claim.dropped() {
            let (id, name) = (claim.id(), control.name);
            let seen = control.run(0);
            assert!(seen.rejected, "{name} on {id}: {seen:?}");
            if let Some(missed) = seen.missed {
                table += &format!("| {id} | {name} | {} |\n", power_of_ten(missed));
            }
        }
    }
    let page = include_str!("../../proofs/fresh-seeds.md");
    assert!(
        page.contains(&table),
        "the table of proofs/fresh-seeds.md should be\n{table}"
    );
}

/// A network on the line with three frequencies and two layers.
fn line_network(inputs: &[f64], targets: &[f64], readout: f64) -> ResidualInstance {
    let layer = |start: usize| (0..6).map(|i| ((start + 2 * i) as f64).sin()).collect();
    ResidualInstance::from_spec(&ResidualSpec {
        kernel: "gaussian:1".parse().expect("a kernel"),
        inputs: inputs.iter().map(|&x| vec![x]).collect(),
        targets: targets.iter().map(|&y| vec![y]).collect(),
        frequencies: vec![vec![1.0], vec![-0.7], vec![2.0]],
        lift: vec![vec![1.0]],
        readout: vec![vec![readout]],
        reference: vec![layer(1), layer(2)],
        displacement: vec![layer(3), layer(4)],
        reference_stretch: 0.2,
        displacement_stretch: 0.1,
        step_margin: 0.5,
        steps: 10,
        loss_share: None,
        seed: 0,
        draws: DEFAULT_DRAWS,
    })
    .expect("a well-formed specification")
}

fn descend(
    observer: &mut Observer,
    start: Weights,
    step: f64,
    iterations: usize,
) -> (Vec<Ball>, Weights) {
    let task = DescentOptions::new(step, iterations);
    let trace = gradient_descent(observer, start, &task, |_| ()).expect("no spectra, no error");
    (
        trace.records.iter().map(|record| record.loss).collect(),
        trace.weights,
    )
}

/// With one sample and one output the Hessian at a minimiser is `∇F∇Fᵀ`: its top
/// eigenvector is the direction of the gradient nearby, its eigenvalue `‖∇F‖²`.
#[test]
fn gradient_descent_leaves_a_minimiser_with_a_step_beyond_two_over_lambda() {
    let instance = line_network(&[0.4], &[1.0], 3.0);
    let mut observer = instance.observer().expect("fitting data");
    let (_, minimiser) = descend(&mut observer, instance.reference.clone(), 0.05, 200);
    let residual = observer.observe(&minimiser).loss.upper();
    assert!(residual < 1e-20, "not at a minimiser: {residual:e}");
    let mut direction = instance.weights.plus(-1.0, &instance.reference);
    let mut lambda = 0.0;
    let nudge = 1e-5;
    for _ in 0..20 {
        direction = direction.scaled(nudge / direction.norm().mid());
        observer.observe(&minimiser.plus(1.0, &direction));
        let gradient = observer.tape().gradient().clone();
        lambda = gradient.norm().mid() / nudge;
        direction = gradient;
    }
    let start = minimiser.plus(nudge / direction.norm().mid(), &direction);
    let (unstable, _) = descend(&mut observer, start.clone(), 2.2 / lambda, 8);
    // |1 − ηλ| = 1.2: the loss grows by 1.44 a step while it is small.
    assert!(
        unstable
            .windows(2)
            .all(|pair| pair[1].lower() > 1.3 * pair[0].upper()),
        "{unstable:?}"
    );
    let (stable, _) = descend(&mut observer, start, 1.8 / lambda, 8);
    assert!(
        stable
            .windows(2)
            .all(|pair| pair[1].upper() < 0.8 * pair[0].lower()),
        "{stable:?}"
    );
}

/// Two equal inputs with different targets force `L ≥ ‖y¹ − y²‖²/(4N)`, wherever
/// gradient descent goes.
#[test]
fn loss_is_bounded_below_with_duplicated_inputs() {
    let instance = line_network(&[0.4, 0.4, -1.0], &[1.0, -0.5, 0.3], 2.0);
    let mut observer = instance.observer().expect("fitting data");
    let (losses, minimiser) = descend(&mut observer, instance.reference.clone(), 0.1, 3000);
    let floor = 1.5_f64.powi(2) / (4.0 * 3.0);
    let last = observer.observe(&minimiser);
    assert!(
        losses.iter().all(|loss| loss.upper() >= floor),
        "below the floor"
    );
    assert!(
        last.loss.mid() <= floor * (1.0 + 1e-3),
        "{:?} is not at the floor {floor}",
        last.loss
    );
    let gram = observer.gram_spectra(&last).expect("finite states");
    assert!(gram.iter().all(|layer| layer.smallest.lower() <= 0.0));
}
