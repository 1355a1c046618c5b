//! P3.drift: how far the features of all samples move with the parameters.

use crate::arithmetic::Ball;
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp};
use crate::data::Hostile::{HugeWeights, OneLayer, ZeroLoss};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::resnet::{Weights, reference};
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "‖Φ_k(v) − Φ_k(v⁰)‖_F ≤ √N κ1κ0e^{κ1‖v⁰‖}√(k/D)‖v−v⁰‖, so that no root of an eigenvalue of 𝕂_k moves further",
    source: "Paper A (local PL inequality)",
    tolerance: "states and features in balls; ball arithmetic of the bound",
    page: "p3-drift.md",
    slack: Some(1e-3),
    ..About::new("P3.drift", Kind::Rounded)
};

const DRIFT: &str = "‖Φ_k(v)−Φ_k(v⁰)‖_F ≤ √N κ1κ0e^{κ1‖v⁰‖}√(k/D)ρ";

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, check, sharp::drifting_together, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights, OneLayer, ZeroLoss]),
                // Of one layer nothing has moved.
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous, Verdict::Undecided]),
            ),
            (&[HugeWeights], Demand::NoViolation),
            (&[OneLayer, ZeroLoss], Demand::NoViolation),
        ])
}

fn check(instance: &ResidualInstance) -> Finding {
    let (samples, depth) = (instance.samples(), instance.network.depth());
    let around = instance.neighbourhood(instance.weights.distance(&instance.reference));
    let mut squares = vec![Ball::from(0.0); depth];
    for input in instance.inputs.column_iter() {
        let features = |weights: &Weights| {
            let layers = reference::lift(weights, Ball::from);
            let states = reference::states(&instance.network, &layers, input.as_slice());
            let features = instance.network.features();
            let of = |state: &Vec<Ball>| reference::feature_vector(features, state);
            states[..depth].iter().map(of).collect::<Vec<_>>()
        };
        let (here, there) = (features(&instance.weights), features(&instance.reference));
        for (square, (a, b)) in squares.iter_mut().zip(here.iter().zip(&there)) {
            let moved: Ball = a.iter().zip(b).map(|(&x, &y)| (x - y).square()).sum();
            *square = *square + moved;
        }
    }
    // Nothing has moved what the first layer sees.
    let later = squares.into_iter().enumerate().skip(1);
    let mut comparisons: Vec<Comparison> = later
        .map(|(k, square)| Comparison::at_most(DRIFT, square.sqrt(), around.gram_drift(samples, k)))
        .collect();
    if comparisons.is_empty() {
        let nothing = Ball::from(0.0);
        comparisons.push(Comparison::at_most(DRIFT, nothing, nothing));
    }
    Finding::Compared(comparisons)
}
