//! C6: energy and distance along gradient descent.

use super::{MeanFieldInstance, bounded, cot, curvature_between, step_at, undecided};
use crate::arithmetic::Ball;
use crate::bounds::mean_field::{Curvature, dissipation_distance};
use crate::claims::vectors::norm;
use crate::evidence::{Comparison, Finding};
use crate::flow::mean_field::{Iterate, descend, labelled_distance};
use crate::meanfield::{ActivationBounds, twin};
use crate::transport::TransportError;

/// The half of the energy identity that a short step attains.
pub(in crate::claims) const ENERGY: &str = "L_0 − L_n ≤ η(1+β₋η/2)Σ‖∇L‖²";

/// The speed of the flow.
const SPEED: &str = "d(μ,μ−hG) = h‖∇L‖ for small h";

/// A run whose steps are certainly shorter than `2/β`, β the curvature on all of its segments.
pub(super) struct ShortSteps {
    pub run: Vec<Iterate>,
    pub step: f64,
    pub curvature: Curvature,
}

/// Runs gradient descent with the step of the instance's margin, halved until it is short enough for the whole run.
pub(super) fn short_steps(
    instance: &MeanFieldInstance,
    bounds: &ActivationBounds,
) -> Option<ShortSteps> {
    const HALVINGS: usize = 6;
    let start = Iterate::start(&instance.task, &instance.network);
    let mut step = step_at(instance, bounds, &start, instance.step_margin);
    for _ in 0..=HALVINGS {
        let run = descend(&instance.task, start.clone(), step, instance.steps);
        let segments = run.windows(2).map(|pair| {
            let distance = labelled_distance(&pair[0].cloud, &pair[1].cloud);
            curvature_between(instance, bounds, &pair[0], &pair[1], distance)
        });
        if let Some(curvature) = segments.reduce(Curvature::max)
            && (curvature.positive * Ball::from(step)).upper() < 2.0
        {
            return Some(ShortSteps {
                run,
                step,
                curvature,
            });
        }
        step *= 0.5;
    }
    None
}

/// C6 in its version without time-discretisation error.
pub(in crate::claims) fn dissipation(instance: &MeanFieldInstance) -> Finding {
    bounded(instance, |bounds| match short_steps(instance, bounds) {
        Some(found) => {
            let mut comparisons = comparisons(&found);
            match speed(&found.run[0]) {
                Ok(speed) => comparisons.extend(speed),
                Err(error) => return undecided(error),
            }
            Finding::Compared(comparisons)
        }
        None => Finding::Undecided("no step was known to be short enough".to_owned()),
    })
}

fn comparisons(found: &ShortSteps) -> Vec<Comparison> {
    let ShortSteps {
        run,
        step,
        curvature,
    } = found;
    let step = Ball::from(*step);
    let half = Ball::from(0.5) * step;
    let one = Ball::from(1.0);
    let mut comparisons = Vec::new();
    let mut dissipated = Ball::from(0.0);
    let start = &run[0];
    let size = start.moments().root_second();
    for (n, pair) in run.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        let distance = |a: &Iterate, steps: usize| {
            let decrease = a.risk() - after.risk();
            let bound = dissipation_distance(step, curvature.positive, steps, decrease);
            let square = labelled_distance(&a.cloud, &after.cloud).square();
            let bound = bound.unwrap_or(Ball::EVERYTHING);
            (
                Comparison::at_most("d(μⁿ,μⁿ')² ≤ η/(1−βη/2)·|n−n'|·|L_n−L_n'|", square, bound),
                bound,
            )
        };
        comparisons.push(distance(before, 1).0);
        let (from_start, square) = distance(start, n + 1);
        comparisons.push(from_start);

        dissipated = dissipated + step * before.gradient_norm_squared;
        let decrease = start.risk() - after.risk();
        let least = dissipated * (one - half * curvature.positive);
        comparisons.push(Comparison::at_least(
            "L_0 − L_n ≥ η(1−βη/2)Σ‖∇L‖²",
            decrease,
            least,
        ));
        let most = dissipated * (one + half * curvature.negative);
        comparisons.push(Comparison::at_most(ENERGY, decrease, most));

        comparisons.push(Comparison::at_most(
            "M_2(μⁿ)^½ ≤ M_2(μ⁰)^½ + (η/(1−βη/2)·n·(L_0−L_n))^½",
            after.moments().root_second(),
            size + square.sqrt(),
        ));
    }
    comparisons
}

/// `d(μ, μ − hG) = h‖∇L‖` for an `h` at which no particle goes further than half of the distance to its nearest
/// neighbour: then the labelling is optimal. None if two particles coincide, or nothing moves.
fn speed(at: &Iterate) -> Result<Option<Comparison>, TransportError> {
    let fastest = at.gradient.iter().flatten().map(|g| norm(g).upper());
    let fastest = fastest.fold(0.0, f64::max);
    let apart = at.cloud.iter().flat_map(|layer| {
        let pairs = (0..layer.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        pairs.map(move |(i, j)| {
            let difference = layer[i].iter().zip(&layer[j]).map(|(&x, &y)| x - y);
            norm(&difference.collect::<Vec<_>>()).lower()
        })
    });
    let separation = apart.fold(f64::INFINITY, f64::min).min(1.0);
    let h = SHARE * separation / fastest;
    if !(h > 0.0 && h.is_finite()) {
        return Ok(None);
    }
    let moved = twin::plus(&at.cloud, Ball::from(-h), &at.gradient);
    let distance = cot::distance(&at.cloud, &moved)?;
    let expected = Ball::from(h) * at.gradient_norm_squared.sqrt();
    Ok(Some(Comparison::equal(
        SPEED,
        distance,
        expected,
        expected.mid(),
    )))
}

/// Less than half of the separation.
const SHARE: f64 = 0.49;
