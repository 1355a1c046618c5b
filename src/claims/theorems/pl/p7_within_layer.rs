//! P7.within-layer: how predictions bend along the parameters of one layer.

use crate::arithmetic::{Ball, Dual};
use crate::bounds::{Neighbourhood, bend_of_values};
use crate::claims::hostile::all_but;
use crate::claims::{ResidualInstance, data, draws, sharp};
use crate::data::Hostile::{HugeWeights, OneLayer};
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::resnet::{Weights, reference};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "pl",
    statement: "‖D²F[h,h]‖ ≤ ‖B‖s₂κ2Rκ0²e^{2κ1R}‖h‖² for h in one layer: values and slopes of different layers do not meet",
    source: "Paper A (smoothness); constants of this project",
    tolerance: "second derivatives by dual numbers over balls; ball arithmetic of the bound",
    page: "p7-within-layer.md",
    slack: Some(1e-3),
    ..About::new("P7.within-layer", Kind::Rounded)
};

const BENT: &str = "‖D²F[h,h]‖ ≤ ‖B‖s₂κ2Rκ0²e^{2κ1R}‖h‖²";

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, check, sharp::bent_by_the_next, draws::GENERAL)
        .data(data::begun)
        .hostile(&[
            (
                &all_but(&[HugeWeights, OneLayer]),
                Demand::Mostly(Verdict::Holds, &[Verdict::Vacuous]),
            ),
            (&[HugeWeights], Demand::Mostly(Verdict::Undecided, &[])),
            (&[OneLayer], Demand::Mostly(Verdict::Vacuous, &[])),
        ])
}

/// For the first sample and every layer but the last, along a field that is as large as it may be where the sample is.
fn check(instance: &ResidualInstance) -> Finding {
    let (network, weights) = (&instance.network, &instance.weights);
    let input = instance.inputs.column(0);
    let plain = reference::lift(weights, |w| w);
    let places = reference::states(network, &plain, input.as_slice());
    let bound = bend_of_values(
        network.readout_norm_squared(),
        &Neighbourhood {
            centre_norm: weights.norm(),
            ..instance.neighbourhood(Ball::from(0.0))
        },
    );
    let earlier = 0..network.depth().saturating_sub(1);
    let mut comparisons: Vec<Comparison> = earlier
        .map(|layer| {
            let direction = largest_at(
                weights,
                layer,
                &reference::feature_vector(network.features(), &places[layer]),
            );
            let along = reference::lift_pair(weights, &direction, |w, h| {
                Dual::new(Dual::new(Ball::from(w), Ball::from(h)), Dual::from(h))
            });
            let last = reference::states(network, &along, input.as_slice()).pop();
            let last = last.expect("at least one state");
            let bent = network.readout().row_iter().map(|row| {
                let terms = row.iter().zip(&last);
                let entry: Ball = terms
                    .map(|(&b, z)| Ball::from(b) * z.derivative.derivative)
                    .sum();
                entry.square()
            });
            let bent = bent.sum::<Ball>().sqrt();
            Comparison::at_most(BENT, bent, bound * direction.norm_squared())
        })
        .collect();
    if comparisons.is_empty() {
        // The last layer moves nothing that is behind it.
        comparisons.push(Comparison::at_most(BENT, Ball::from(0.0), bound));
    }
    Finding::Compared(comparisons)
}

/// The field of one layer that has these features in every component.
fn largest_at(weights: &Weights, layer: usize, features: &[f64]) -> Weights {
    let layers = weights.layers().iter().enumerate().map(|(k, own)| {
        DMatrix::from_fn(own.nrows(), own.ncols(), |_, j| {
            if k == layer { features[j] } else { 0.0 }
        })
    });
    Weights::from_layers(layers.collect())
}
