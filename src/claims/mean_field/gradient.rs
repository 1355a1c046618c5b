//! C5: the mean-field gradient.

use super::{MeanFieldInstance, bounded};
use crate::arithmetic::{Ball, Dual, Real};
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::Iterate;
use crate::meanfield::{Cloud, ParticleTape, Particles, twin};

/// Half the width of the central difference, as a share of the size of the particles.
const INCREMENT: f64 = 1e-4;

/// C5: the gradient against dual numbers, central differences, the batched pass and the flow.
pub(in crate::claims) fn gradient(instance: &MeanFieldInstance) -> Finding {
    gradient_scaled(instance, 1.0)
}

/// The same of a gradient that is off by a factor: what a learning rate does that is not scaled by `DM`.
pub(super) fn gradient_scaled(instance: &MeanFieldInstance, factor: f64) -> Finding {
    bounded(instance, |_| {
        Finding::Compared(comparisons(instance, factor))
    })
}

/// A direction: the particles of the second network, one after the other.
fn direction(instance: &MeanFieldInstance) -> Cloud<f64> {
    let other = instance.other.cloud(|x| x);
    let layers = instance.network.cloud(|x| x).into_iter().zip(other);
    layers
        .map(|(layer, other)| {
            (0..layer.len())
                .map(|j| other[j % other.len()].clone())
                .collect()
        })
        .collect()
}

/// Combines two clouds of one shape.
fn zipped<A: Copy, B: Copy, T>(a: &Cloud<A>, b: &Cloud<B>, f: impl Fn(A, B) -> T) -> Cloud<T> {
    let layers = a.iter().zip(b);
    layers
        .map(|(a, b)| {
            let particles = a.iter().zip(b);
            particles
                .map(|(a, b)| a.iter().zip(b).map(|(&x, &y)| f(x, y)).collect())
                .collect()
        })
        .collect()
}

/// `t ↦ ω + th`, with three derivatives in `t`, on a ball of `t`.
type Cubic = Dual<Dual<Dual<Ball>>>;

fn third_derivative(instance: &MeanFieldInstance, h: &Cloud<f64>, width: f64) -> Ball {
    let once = Dual::variable(Ball::new(0.0, width));
    let thrice: Cubic = Dual::new(Dual::new(once, Dual::from(1.0)), Dual::from(1.0));
    let line = zipped(&instance.network.cloud(|x| x), h, |x, h| {
        Cubic::from(x) + Cubic::from(h) * thrice
    });
    let risk = twin::risk(&instance.task, &line);
    risk.derivative.derivative.derivative
}

fn comparisons(instance: &MeanFieldInstance, factor: f64) -> Vec<Comparison> {
    let task = &instance.task;
    let at = Iterate::start(task, &instance.network);
    let scaled = |x: Ball| Ball::from(factor) * x;
    let gradient: Cloud<Ball> = zipped(&at.gradient, &at.gradient, |g, _| scaled(g));
    let h = direction(instance);
    let h_balls: Cloud<Ball> = zipped(&h, &h, |x, _| Ball::from(x));
    let along = twin::inner(&gradient, &h_balls);
    let size = |a: &Cloud<Ball>| twin::inner(a, a).sqrt().upper();
    let scale = size(&at.gradient) * size(&h_balls);

    let derivative_along = |h: &Cloud<Ball>| {
        let line = zipped(&at.cloud, h, Dual::new);
        twin::risk(task, &line).derivative
    };
    let mut comparisons = vec![Comparison::equal(
        "⟨G, h⟩ = dL(ω + th)/dt, by dual numbers",
        along,
        derivative_along(&h_balls),
        scale,
    )];

    let largest = h
        .iter()
        .flatten()
        .flatten()
        .fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest > 0.0 {
        let t = INCREMENT / largest;
        let at = |t: f64| {
            let moved = zipped(&at.cloud, &h, |x, h| x + Ball::from(t) * Ball::from(h));
            twin::risk(task, &moved)
        };
        let quotient = (at(t) - at(-t)) / Ball::from(2.0 * t);
        let third = third_derivative(instance, &h, t).abs().upper();
        // t²/6 of the third derivative somewhere between.
        let remainder = (Ball::from(t).square() * Ball::from(third) / Ball::from(6.0)).upper();
        comparisons.push(Comparison::equal(
            "⟨G, h⟩ = (L(ω + th) − L(ω − th))/2t + O(t²)",
            along,
            quotient.widened(remainder),
            scale,
        ));
    }

    let fast = batched(instance);
    let fast_along = twin::inner(&fast.cloud(Ball::from), &h_balls);
    comparisons.push(Comparison::equal(
        "the batched pass has the same G",
        scaled(fast_along),
        along,
        scale,
    ));

    let norm = scaled(at.gradient_norm_squared);
    comparisons.push(Comparison::equal(
        "dL/dt = −‖∇L‖² along ω̇ = −G",
        derivative_along(&at.gradient),
        norm,
        at.gradient_norm_squared.mid(),
    ));
    comparisons
}

fn batched(instance: &MeanFieldInstance) -> Particles {
    let network = &instance.network;
    let mut tape = ParticleTape::new(&instance.task, network.depth(), network.width());
    tape.run(&instance.task, network);
    tape.gradient().clone()
}

/// `1/(DM)`: the gradient of the finite network's parameters, without the scaling of the learning rate.
pub(super) fn unscaled(instance: &MeanFieldInstance) -> Finding {
    let particles = instance.network.depth() * instance.network.width();
    gradient_scaled(
        instance,
        f64::reciprocal_root((particles * particles) as f64),
    )
}
