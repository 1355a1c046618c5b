//! Distances and couplings that are wrong, which the checks must reject.

use super::candidates::{largest, partial, valued};
use super::comparisons::{comparisons_of, dual};
use super::geodesic::constant_speed;
use super::labels::{labelled, paired};
use super::metric::metric_of;
use super::{distance, networks, sharp};
use crate::arithmetic::Ball;
use crate::claims::{MeanFieldInstance, undecided};
use crate::evidence::{Comparison, Finding};
use crate::theorem::Control;
use crate::theorem::Expectation::Violated;
use crate::transport::{Atoms, TransportError, conditional_distance, product_distance};
use nalgebra::DMatrix;

/// The controls of C1.metric.
pub(in crate::claims) fn c1_metric() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "squared distances in the triangle inequality",
            Violated,
            crossing,
            |i| metric_of(i, |mu, nu| Ok(distance(mu, nu)?.square())),
        ),
        Control::check("the distance of labels", Violated, crossing, |i| {
            metric_of(i, |mu, nu| Ok(labelled(mu, nu, 0)))
        }),
    ]
}

/// The controls of C2.comparisons.
pub(in crate::claims) fn c2_comparisons() -> Vec<Control<MeanFieldInstance>> {
    vec![
        Control::check(
            "unconditional W₂ in place of the conditional distance",
            Violated,
            sharp::exchanged,
            |i| comparisons_of(i, |mu, nu| Ok(product_distance(mu, nu)?.distance())),
        ),
        Control::check(
            "a coupling that is not optimal",
            Violated,
            crossing,
            dual_of_labels,
        ),
        Control::check("the distance doubled", Violated, translated, |i| {
            comparisons_of(i, |mu, nu| Ok(Ball::from(2.0) * distance(mu, nu)?))
        }),
        Control::check(
            "potentials with the largest reduced cost of a row in place of the least",
            Violated,
            translated,
            |i| of_layers(i, |x, y| valued(x, y, largest)),
        ),
        Control::check("a plan without its last entry", Violated, translated, |i| {
            of_layers(i, partial)
        }),
    ]
}

/// The controls of C4.geodesic.
pub(in crate::claims) fn c4_geodesic() -> Vec<Control<MeanFieldInstance>> {
    vec![Control::check(
        "interpolation along a coupling that is not optimal",
        Violated,
        crossing,
        speed_of_labels,
    )]
}

fn crossing() -> MeanFieldInstance {
    sharp::crossing().remove(0)
}

fn translated() -> MeanFieldInstance {
    sharp::translated().remove(0)
}

/// What a wrong certificate says of every layer.
fn of_layers(
    instance: &MeanFieldInstance,
    wrong: impl Fn(&DMatrix<f64>, &DMatrix<f64>) -> Result<Vec<Comparison>, TransportError>,
) -> Finding {
    let (mu, nu) = networks(instance);
    let found: Result<Vec<_>, _> = mu.iter().zip(nu).map(|(x, y)| wrong(x, y)).collect();
    match found {
        Ok(found) => Finding::Compared(found.concat()),
        Err(error) => undecided(error),
    }
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
