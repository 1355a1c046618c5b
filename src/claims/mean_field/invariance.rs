//! C3: everything depends on the measure alone.

use super::{MeanFieldInstance, bounded, step_at};
use crate::arithmetic::Ball;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend, labelled_distance};
use crate::meanfield::{Cloud, Particles};

/// Copies of every particle in the replicated network.
const COPIES: usize = 2;

/// C3 along gradient descent: a network whose particles are permuted, and one whose particles are doubled.
pub(in crate::claims) fn measure_only(instance: &MeanFieldInstance) -> Finding {
    let network = &instance.network;
    let width = network.width();
    let order =
        move |k: usize| -> Vec<usize> { (0..width).map(|j| (width - 1 - j + k) % width).collect() };
    let permuted = Variant {
        network: network.rearranged(order),
        place: Box::new(order),
        statements: [
            "particles permuted: L is the same",
            "particles permuted: ‖∇L‖² is the same",
            "particles permuted: outputs are the same",
            "particles permuted: they move alike",
        ],
    };
    let doubled = Variant {
        network: network.replicated(COPIES),
        place: Box::new(move |_| (0..width * COPIES).map(|j| j / COPIES).collect()),
        statements: [
            "particles doubled: L is the same",
            "particles doubled: ‖∇L‖² is the same",
            "particles doubled: outputs are the same",
            "particles doubled: they move alike",
        ],
    };
    bounded(instance, |bounds| {
        let start = Iterate::start(&instance.task, network);
        // Short steps: a tenth of what the curvature allows.
        let step = step_at(instance, bounds, &start, 0.95);
        let run = descend(&instance.task, start, step, instance.steps);
        let mut comparisons = Vec::new();
        for variant in [permuted, doubled] {
            comparisons.extend(variant.compare(instance, &run, step));
        }
        Finding::Compared(comparisons)
    })
}

/// One particle doubled, the others not: another measure.
pub(super) fn unequal_copies(instance: &MeanFieldInstance) -> Finding {
    let width = instance.network.width();
    let order = move |_: usize| -> Vec<usize> { (0..=width).map(|j| j % width).collect() };
    let variant = Variant {
        network: instance.network.rearranged(order),
        place: Box::new(order),
        statements: ["one particle doubled: L is the same"; 4],
    };
    bounded(instance, |_| {
        let run = [Iterate::start(&instance.task, &instance.network)];
        Finding::Compared(variant.compare(instance, &run, 0.0))
    })
}

/// Another network of the same measure.
struct Variant {
    network: Particles,
    /// Which particle of the original stands at a place of layer `k`.
    place: Box<dyn Fn(usize) -> Vec<usize>>,
    statements: [&'static str; 4],
}

impl Variant {
    fn compare(&self, instance: &MeanFieldInstance, run: &[Iterate], step: f64) -> Vec<Comparison> {
        let task = &instance.task;
        let start = Iterate::start(task, &self.network);
        let other = descend(task, start, step, run.len() - 1);
        let [risk, gradient, outputs, particles] = self.statements;
        let mut comparisons = Vec::new();
        for (a, b) in run.iter().zip(&other) {
            let equal =
                |statement, x: Ball, y: Ball, scale: f64| Comparison::equal(statement, x, y, scale);
            comparisons.push(equal(risk, b.risk(), a.risk(), a.risk().mid()));
            let norm = a.gradient_norm_squared;
            comparisons.push(equal(gradient, b.gradient_norm_squared, norm, norm.mid()));
            let (mine, theirs) = (last_states(a), last_states(b));
            let size = mine.iter().fold(0.0_f64, |m, x| m.max(x.mid().abs()));
            for (&x, &y) in mine.iter().zip(&theirs) {
                comparisons.push(equal(outputs, y, x, size));
            }
            let matched = self.matched(&a.cloud);
            let apart = labelled_distance(&b.cloud, &matched);
            let size = a.moments().root_second().mid();
            comparisons.push(equal(particles, apart, Ball::from(0.0), size));
        }
        comparisons
    }

    fn matched(&self, cloud: &Cloud<Ball>) -> Cloud<Ball> {
        let layers = cloud.iter().enumerate();
        layers
            .map(|(k, layer)| {
                (self.place)(k)
                    .into_iter()
                    .map(|j| layer[j].clone())
                    .collect()
            })
            .collect()
    }
}

fn last_states(iterate: &Iterate) -> Vec<Ball> {
    let states = iterate.pass.states.last().expect("at least one state");
    states.iter().flatten().copied().collect()
}
