//! Distances and couplings that are wrong, which the checks must reject.

use super::comparisons::{comparisons_of, dual};
use super::geodesic::constant_speed;
use super::labels::{labelled, paired};
use super::metric::metric_of;
use super::{distance, networks, sharp};
use crate::arithmetic::Ball;
use crate::claims::mean_field::WrongMeasure;
use crate::claims::{MeanFieldInstance, undecided};
use crate::evidence::Finding;
use crate::theorem::Expectation::{self, Violated};
use crate::transport::{Atoms, conditional_distance, product_distance};

/// Every control is deterministic.
pub(in crate::claims) const CONTROLS: [WrongMeasure; 6] = [
    (
        "C1.metric",
        "squared distances in the triangle inequality",
        VIOLATED,
        crossing,
        Some(|i| metric_of(i, |mu, nu| Ok(distance(mu, nu)?.square()))),
    ),
    (
        "C1.metric",
        "the distance of labels",
        VIOLATED,
        crossing,
        Some(|i| metric_of(i, |mu, nu| Ok(labelled(mu, nu, 0)))),
    ),
    (
        "C2.comparisons",
        "unconditional W₂ in place of the conditional distance",
        VIOLATED,
        sharp::exchanged,
        Some(|i| comparisons_of(i, |mu, nu| Ok(product_distance(mu, nu)?.distance()))),
    ),
    (
        "C2.comparisons",
        "a coupling that is not optimal",
        VIOLATED,
        crossing,
        Some(dual_of_labels),
    ),
    (
        "C2.comparisons",
        "the distance doubled",
        VIOLATED,
        translated,
        Some(|i| comparisons_of(i, |mu, nu| Ok(Ball::from(2.0) * distance(mu, nu)?))),
    ),
    (
        "C4.geodesic",
        "interpolation along a coupling that is not optimal",
        VIOLATED,
        crossing,
        Some(speed_of_labels),
    ),
];

const VIOLATED: Expectation = Violated;

fn crossing() -> MeanFieldInstance {
    sharp::crossing().remove(0)
}

fn translated() -> MeanFieldInstance {
    sharp::translated().remove(0)
}

/// Potentials beside the cost of labels.
fn dual_of_labels(instance: &MeanFieldInstance) -> Finding {
    let (mu, nu) = networks(instance);
    let found = match conditional_distance(mu, nu) {
        Ok(found) => found,
        Err(error) => return undecided(error),
    };
    let layers = found.layers().iter().enumerate();
    let comparisons = layers.map(|(k, optimum)| {
        let by_labels = labelled(&mu[k..=k], &nu[k..=k], 0);
        dual(optimum, by_labels.square())
    });
    Finding::Compared(comparisons.collect())
}

/// The straight lines between equal labels.
fn speed_of_labels(instance: &MeanFieldInstance) -> Finding {
    let (mu, nu) = networks(instance);
    let whole = labelled(mu, nu, 0);
    let path = constant_speed(mu, nu, whole, |t| {
        let between = mu.iter().zip(nu).map(|(x, y)| {
            let (x, y) = paired(x, y, 0);
            Atoms::uniform(x * (1.0 - t) + y * t)
        });
        between.collect()
    });
    path.unwrap_or_else(undecided)
}
