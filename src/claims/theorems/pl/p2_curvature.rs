//! P2.curvature: how the flow bends.

use crate::arithmetic::{Ball, Dual};
use crate::bounds::flow_curvature;
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp};
use crate::data::Hostile::HugeWeights;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::resnet::reference;
use crate::theorem::{About, Demand, Theorem};

const ABOUT: About = About {
    family: "pl",
    statement: "the second derivative of z₀ ↦ z_D is at most κ2‖v‖e^{2κ1‖v‖}",
    source: "Paper A (regularity of the flow)",
    tolerance: "dual numbers over balls; ball arithmetic of the bound",
    page: "p2-curvature.md",
    slack: Some(1e-3),
    ..About::new("P2.curvature", Kind::Rounded)
};

const BENT: &str = "‖D²z_D[h,h]‖ ≤ κ2Re^{2κ1R}";

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, check, sharp::bending, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights]),
                Demand::Mostly(Verdict::Holds, &[]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
        ])
}

/// Along one direction for all samples, the same in every dimension.
fn check(instance: &ResidualInstance) -> Finding {
    let (network, weights) = (&instance.network, &instance.weights);
    let plain = reference::lift(weights, Ball::from);
    let layers = reference::lift(weights, Dual::<Dual<Ball>>::from);
    // On the ball around the reference through the weights.
    let bound = flow_curvature(&instance.neighbourhood(weights.distance(&instance.reference)));
    let (one, zero) = (Ball::from(1.0), Ball::from(0.0));
    let comparisons = instance.inputs.column_iter().map(|input| {
        let start = reference::states(network, &plain, input.as_slice()).remove(0);
        let dimension = Ball::from(start.len() as f64);
        let start = start
            .into_iter()
            .map(|z| Dual::new(Dual::new(z, one), Dual::new(one, zero)));
        let last = reference::states_from(network, &layers, start.collect()).pop();
        let last = last.expect("at least one state");
        let square: Ball = last.iter().map(|z| z.derivative.derivative.square()).sum();
        // Of the direction (1, …, 1), whose square is the dimension.
        Comparison::at_most(BENT, square.sqrt(), bound * dimension)
    });
    Finding::Compared(comparisons.collect())
}
