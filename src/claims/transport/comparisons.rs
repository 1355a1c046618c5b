//! C2: what the conditional distance lies between.

use super::candidates::candidates;
use super::labels::labelled;
use super::{Distance, Layers, distance, networks, refused};
use crate::arithmetic::{Ball, count};
use crate::claims::MeanFieldInstance;
use crate::evidence::{Comparison, Finding};
use crate::transport::{
    Ground, RELATIVE_GAP, Transport, TransportError, conditional_distance, line_cost,
    product_distance, wasserstein1, wasserstein2,
};
use nalgebra::DMatrix;

const PRODUCT: &str = "d ≥ W₂ on [0,1] × Ω";
const LABELLED: &str = "d ≤ the L² distance of labels";
const FIRST: &str = "d ≥ D⁻¹ΣW₁";
const MEANS: &str = "d² ≥ D⁻¹Σ‖difference of means‖²";
const MARGINALS: &str = "d² ≥ D⁻¹ΣΣ W₂² of the coordinates";
const LINE: &str = "W₂² = ∫|F⁻¹ − G⁻¹|² on a line";
pub(super) const DUAL: &str = "Σu + Σv ≥ (1 − 1e-12)Σcπ";

/// Bounds from both sides, the closed form on lines, and zero gaps.
pub(in crate::claims) fn comparisons(instance: &MeanFieldInstance) -> Finding {
    comparisons_of(instance, distance)
}

/// The same of what is claimed to be the distance.
pub(super) fn comparisons_of(instance: &MeanFieldInstance, distance: Distance) -> Finding {
    bounds(instance, distance).unwrap_or_else(refused)
}

fn bounds(instance: &MeanFieldInstance, distance: Distance) -> Result<Finding, TransportError> {
    let (mu, nu) = networks(instance);
    let d = distance(mu, nu)?;
    let product = product_distance(mu, nu)?;
    let mut comparisons = vec![Comparison::at_least(PRODUCT, d, product.distance())];
    for shift in [0, 1] {
        let by_labels = labelled(mu, nu, shift);
        comparisons.push(Comparison::at_most(LABELLED, d, by_labels));
    }
    let first = mean(mu, nu, |x, y| Ok(wasserstein1(x, y)?.cost()))?;
    comparisons.push(Comparison::at_least(FIRST, d, first));
    let means = mean(mu, nu, |x, y| Ok(between_means(x, y)))?;
    comparisons.push(Comparison::at_least(MEANS, d.square(), means));
    let marginals = mean(mu, nu, |x, y| {
        let costs = (0..x.nrows()).map(|row| line(x, y, row));
        costs.sum()
    })?;
    comparisons.push(Comparison::at_least(MARGINALS, d.square(), marginals));

    for (x, y) in mu.iter().zip(nu) {
        for row in 0..x.nrows() {
            let sorted = line(x, y, row)?;
            let solved = wasserstein2(x.rows(row, 1), y.rows(row, 1))?;
            let scale = sorted.mid();
            comparisons.push(Comparison::equal(LINE, solved.cost(), sorted, scale));
        }
    }
    for (x, y) in mu.iter().zip(nu) {
        comparisons.extend(candidates(x, y)?);
    }
    let layers = conditional_distance(mu, nu)?;
    let optima = layers.layers().iter().chain([&product]);
    comparisons.extend(optima.map(|optimum| dual(optimum, optimum.cost())));
    Ok(Finding::Compared(comparisons))
}

/// The value of the potentials beside the cost of a plan, from its unfavourable end.
pub(super) fn dual(optimum: &Transport, cost: Ball) -> Comparison {
    let below = Ball::from(optimum.cost().lower().max(0.0));
    let share = Ball::from(1.0) - Ball::from(RELATIVE_GAP);
    Comparison::at_least(DUAL, below, share * Ball::from(cost.upper()))
}

/// `D⁻¹Σ_k f(μ_k,ν_k)`.
fn mean(
    mu: &Layers,
    nu: &Layers,
    f: impl Fn(&DMatrix<f64>, &DMatrix<f64>) -> Result<Ball, TransportError>,
) -> Result<Ball, TransportError> {
    let mut total = Ball::from(0.0);
    for (x, y) in mu.iter().zip(nu) {
        total = total + f(x, y)?;
    }
    Ok(total / count(mu.len()))
}

/// `W_2²` of one coordinate, by sorting.
fn line(x: &DMatrix<f64>, y: &DMatrix<f64>, row: usize) -> Result<Ball, TransportError> {
    let coordinate = |points: &DMatrix<f64>| points.row(row).iter().copied().collect::<Vec<_>>();
    line_cost(&coordinate(x), &coordinate(y), Ground::SquaredDistance)
}

/// `‖x̄ − ȳ‖²`.
fn between_means(x: &DMatrix<f64>, y: &DMatrix<f64>) -> Ball {
    let mean = |points: &DMatrix<f64>, row: usize| {
        let total: Ball = points.row(row).iter().map(|&x| Ball::from(x)).sum();
        total / count(points.ncols())
    };
    let rows = 0..x.nrows();
    rows.map(|row| (mean(x, row) - mean(y, row)).square()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn means_and_lines_are_those_of_a_hand_calculation() {
        let x = dmatrix![0.0, 2.0; 1.0, 1.0];
        let y = dmatrix![4.0; 0.0];
        // Means (1, 1) and (4, 0).
        assert!(between_means(&x, &y).contains(10.0));
        // (16 + 4)/2, and 1.
        assert!(line(&x, &y, 0).unwrap().contains(10.0));
        assert!(line(&x, &y, 1).unwrap().contains(1.0));
        let layers = [x.clone(), x.clone()];
        let others = [y, dmatrix![1.0; 1.0]];
        let found = mean(&layers, &others, |x, y| Ok(between_means(x, y))).unwrap();
        assert!(found.contains(5.0));
    }

    #[test]
    fn a_gap_beyond_the_promise_is_a_violation() {
        use crate::evidence::Verdict;
        let optimum = wasserstein2(&dmatrix![0.0, 1.0], &dmatrix![3.0, 5.0]).unwrap();
        let cost = optimum.cost();
        assert_eq!(dual(&optimum, cost).verdict(), Verdict::Holds);
        let above = cost * Ball::from(1.0 + 3.0 * RELATIVE_GAP);
        assert_eq!(dual(&optimum, above).verdict(), Verdict::Violated);
    }
}
