//! Rigorous bounds of the optimum: a plan from above, potentials from below.
//!
//! For any potentials `v` of the targets, `u_i = min_j (c_ij − v_j)` makes `u_i + v_j ≤ c_ij`, so
//! that `Σ a_i u_i + Σ b_j v_j` is at most the cost of every plan. Nothing is assumed of the
//! solver. Where f64 leaves a gap above [`RELATIVE_GAP`], the reduced costs `c_ij − u_i − v_j` are
//! computed in twice the precision, rounded, and the problem is solved again *on them*: the
//! potentials found are corrections. That is iterative refinement, and each round gains what f64
//! resolves.

use super::assignment::{Costs, Masses, Shipped, Solution, Start, Unsolved, solve};
use super::cost::CostMatrix;
use super::worth_threads;
use crate::arithmetic::{Ball, DOUBLE_ROUNDOFF, Double, UNIT_ROUNDOFF, enlarged};
use crate::watch::{Stopped, Watch};
use rayon::prelude::*;

/// The relative gap that every optimum is certified to, unless its costs underflow.
pub const RELATIVE_GAP: f64 = 1e-12;

/// Rounds of refinement: each gains more than ten digits, and the numbers have thirty.
const ROUNDS: usize = 3;

/// Bounds of the total cost of an optimal plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

impl Bounds {
    fn of(lower: Ball, upper: Ball) -> Self {
        Self {
            lower: lower.lower().max(0.0),
            upper: upper.upper().max(0.0),
        }
    }

    pub(super) fn relative_gap(self) -> f64 {
        if self.upper == 0.0 {
            return 0.0;
        }
        (self.upper - self.lower) / self.upper
    }

    fn are_close(self) -> bool {
        self.relative_gap() <= RELATIVE_GAP
    }
}

/// Bounds the optimum by the plan and the potentials of `solution`, which are improved if that
/// is needed; returns the potentials of the sources that go with these beside.
pub(super) fn certify(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    solution: &mut Solution,
    watch: &dyn Watch,
) -> Result<(Bounds, Vec<f64>), Stopped> {
    let least = least_reduced(costs, solution);
    let bounds = bounds(costs, masses, solution, &least);
    if bounds.are_close() {
        return Ok((bounds, least));
    }
    let bounds = refine(costs, masses, solution, bounds, watch)?;
    Ok((bounds, least_reduced(costs, solution)))
}

/// Lower bounds of the smallest `c_ij − v_j` of every row.
fn least_reduced(costs: &CostMatrix<'_>, solution: &Solution) -> Vec<f64> {
    least_of_rows(costs.rows(), costs.entries().len(), |row| {
        costs.least_reduced(row, &solution.potentials)
    })
}

#[cfg(feature = "claims")]
/// Bounds by any plan and any potentials: in f64, in twice the precision, and after both are improved.
pub(super) fn tried(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    mut solution: Solution,
) -> [Bounds; 3] {
    let once = bounds(costs, masses, &solution, &least_reduced(costs, &solution));
    let potentials: Vec<Double> = solution.potentials.iter().map(|&v| v.into()).collect();
    let (twice, _) = bounds_twice(costs, masses, &solution.plan, &potentials);
    let improved = certify(costs, masses, &mut solution, &crate::watch::Stop::default());
    let (improved, _) = improved.expect("nobody stops it");
    [once, twice, improved]
}

/// `Σ mass·value` with everything that was rounded.
pub(super) fn weighted_sum(terms: impl Iterator<Item = (u64, Double)>) -> Ball {
    sum_of_products(terms.map(|(mass, value)| (Double::from(mass as f64), value)))
}

/// `Σ xy` with everything that was rounded.
pub(super) fn sum_of_products(terms: impl Iterator<Item = (Double, Double)>) -> Ball {
    let (mut sum, mut size, mut count) = (Double::from(0.0), 0.0, 0usize);
    for (factor, value) in terms {
        let term = factor * value;
        sum = sum + term;
        size += term.value().abs();
        count += 1;
    }
    // Every operation is within the unit of its result, which is at most the sum of sizes; the
    // second factor covers the rounding of that sum.
    let rounding =
        (count + 2) as f64 * DOUBLE_ROUNDOFF * size * (1.0 + count as f64 * f64::EPSILON);
    Ball::new(sum.value(), 0.0).widened(rounding + UNIT_ROUNDOFF * sum.value().abs())
}

/// The bounds in f64.
fn bounds(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    solution: &Solution,
    least: &[f64],
) -> Bounds {
    let from = masses.supply.iter().zip(least);
    let to = masses.demand.iter().zip(&solution.potentials);
    let lower = from.chain(to).map(|(&mass, &u)| (mass, Double::from(u)));
    let shipped = solution.plan.iter();
    let upper = shipped.map(|s| (s.mass, Double::from(costs.at_most(s.source, s.target))));
    Bounds::of(weighted_sum(lower), weighted_sum(upper))
}

/// One number of every row, on all cores if the matrix is large.
fn least_of_rows(
    rows: usize,
    entries: usize,
    least: impl Fn(usize) -> f64 + Send + Sync,
) -> Vec<f64> {
    if worth_threads(entries) {
        let rows = (0..rows).into_par_iter().with_min_len(16);
        rows.map(least).collect()
    } else {
        (0..rows).map(least).collect()
    }
}

/// Improves the potentials in twice the precision, and the plan with them.
fn refine(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    solution: &mut Solution,
    first: Bounds,
    watch: &dyn Watch,
) -> Result<Bounds, Stopped> {
    let (rows, columns) = (costs.rows(), costs.columns());
    let mut potentials: Vec<Double> = solution.potentials.iter().map(|&v| v.into()).collect();
    let mut best = first;
    for round in 0..=ROUNDS {
        let (found, reduced) = bounds_twice(costs, masses, &solution.plan, &potentials);
        best = Bounds {
            lower: best.lower.max(found.lower),
            upper: best.upper.min(found.upper),
        };
        if best.are_close() || round == ROUNDS {
            break;
        }
        let start = Start {
            plan: &solution.plan,
            potentials: &vec![0.0; columns],
        };
        let reduced = Costs::new(&reduced, rows, columns);
        let corrected = match solve(reduced, *masses, Some(start), watch) {
            Ok(corrected) => corrected,
            Err(Unsolved::Stopped) => return Err(Stopped),
            Err(Unsolved::Paths) => break,
        };
        solution.plan = corrected.plan;
        solution.scans += corrected.scans;
        for (potential, correction) in potentials.iter_mut().zip(corrected.potentials) {
            *potential = *potential + Double::from(correction);
        }
    }
    solution.potentials = potentials.iter().map(|v| v.value()).collect();
    Ok(best)
}

/// The bounds in twice the precision, and the reduced costs.
fn bounds_twice(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    plan: &[Shipped],
    potentials: &[Double],
) -> (Bounds, Vec<f64>) {
    let (rows, columns) = (costs.rows(), costs.columns());
    let mut reduced = vec![0.0; rows * columns];
    let row = |(row, reduced): (usize, &mut [f64])| reduce(costs, row, potentials, reduced);
    let chunks = reduced.par_chunks_exact_mut(columns).enumerate();
    let least: Vec<Double> = chunks.map(row).collect();
    let bounds = double_bounds(costs, masses, plan, &least, potentials);
    (bounds, reduced)
}

/// Writes `c_ij − u_i − v_j` for every column, and returns `u_i`, the smallest `c_ij − v_j`.
fn reduce(
    costs: &CostMatrix<'_>,
    row: usize,
    potentials: &[Double],
    reduced: &mut [f64],
) -> Double {
    let potentials = potentials.iter().enumerate();
    let differences: Vec<Double> = potentials
        .map(|(column, &potential)| costs.double(row, column) - potential)
        .collect();
    let mut least = differences[0];
    for &difference in &differences {
        if (difference - least).value() < 0.0 {
            least = difference;
        }
    }
    for (entry, &difference) in reduced.iter_mut().zip(&differences) {
        *entry = (difference - least).value();
    }
    least
}

/// The bounds in twice the precision.
fn double_bounds(
    costs: &CostMatrix<'_>,
    masses: &Masses<'_>,
    plan: &[Shipped],
    least: &[Double],
    potentials: &[Double],
) -> Bounds {
    let potential = potentials.iter().map(|v| v.value().abs());
    let potential = potential.fold(0.0, f64::max);
    // A cost, the difference with the potential, and the comparison of two of these; the largest
    // potential is rounded itself, and so is the sum.
    let size = enlarged(costs.largest() + potential, 2);
    let error = (costs.double_error() + 4.0 * DOUBLE_ROUNDOFF) * size;
    let total: u64 = masses.supply.iter().sum();
    let from = masses.supply.iter().zip(least);
    let to = masses.demand.iter().zip(potentials);
    let lower = weighted_sum(from.chain(to).map(|(&mass, &u)| (mass, u)));
    let lower = lower.widened(total as f64 * error);
    let shipped = plan.iter();
    let upper = weighted_sum(shipped.map(|s| (s.mass, costs.double_at_most(s.source, s.target))));
    Bounds::of(lower, upper.widened(costs.double_error() * upper.upper()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Ground;
    use nalgebra::dmatrix;

    #[test]
    fn gaps_are_relative_to_the_upper_bound() {
        let gap = |lower, upper| Bounds { lower, upper }.relative_gap();
        assert_eq!(gap(3.0, 4.0), 0.25);
        assert_eq!(gap(0.0, 4.0), 1.0);
        assert_eq!(gap(0.0, 0.0), 0.0);
        let close = |lower| Bounds { lower, upper: 1.0 }.are_close();
        assert!(close(1.0) && close(1.0 - 0.9e-12) && !close(1.0 - 1.1e-12));
        let negative = Bounds::of(Ball::from(-1.0), Ball::from(-0.5));
        assert_eq!((negative.lower, negative.upper), (0.0, 0.0));
    }

    #[test]
    fn sums_carry_their_rounding() {
        let terms = [(1, 1.0), (2, -3.0), (1, 1e20)];
        let sum = weighted_sum(terms.iter().map(|&(mass, x)| (mass, Double::from(x))));
        // Three terms, of sizes 1, 6 and 1e20; the sum is rounded to f64.
        let size: f64 = 1e20 + 7.0;
        let expected = 5.0 * DOUBLE_ROUNDOFF * size + UNIT_ROUNDOFF * (1e20 - 5.0);
        assert_eq!(sum.mid(), 1e20);
        assert!((sum.rad() / expected - 1.0).abs() < 1e-12);
        let cancelled = terms.into_iter().chain([(1, -1e20)]);
        let sum = weighted_sum(cancelled.map(|(mass, x)| (mass, Double::from(x))));
        let expected = 6.0 * DOUBLE_ROUNDOFF * (2e20 + 7.0) + UNIT_ROUNDOFF * 5.0;
        assert_eq!(sum.mid(), -5.0);
        assert!((sum.rad() / expected - 1.0).abs() < 1e-12);
    }

    /// The bounds in twice the precision of one atom at 0 and one at 2, three units each.
    fn of_potential(v: f64) -> (f64, f64) {
        let (x, y) = (dmatrix![0.0], dmatrix![2.0]);
        let costs = CostMatrix::try_new(&x, &y, Ground::SquaredDistance).unwrap();
        let masses = Masses {
            supply: &[3],
            demand: &[3],
        };
        let plan = [Shipped {
            source: 0,
            target: 0,
            mass: 3,
        }];
        let potentials = [Double::from(v)];
        let mut reduced = [f64::NAN];
        let least = reduce(&costs, 0, &potentials, &mut reduced);
        assert_eq!(reduced, [0.0]);
        let bounds = double_bounds(&costs, &masses, &plan, &[least], &potentials);
        (bounds.lower, bounds.upper)
    }

    #[test]
    fn double_bounds_lose_what_large_potentials_cost() {
        let (lower, upper) = of_potential(1.0);
        assert!(lower < 12.0 && lower > 12.0 - 1e-14);
        assert!(upper > 12.0 && upper < 12.0 + 1e-14);
        let large = 2f64.powi(67);
        let (lower, upper) = of_potential(-large);
        // Three units of (7 + 4)·roundoff each, and the sum of two terms of 3·2^67.
        let lost = 3.0 * 11.0 * DOUBLE_ROUNDOFF * large + 4.0 * DOUBLE_ROUNDOFF * 6.0 * large;
        assert!(
            ((12.0 - lower) / lost - 1.0).abs() < 1e-5,
            "{}",
            (12.0 - lower) / lost
        );
        assert!(upper < 12.0 + 1e-14);
    }

    #[test]
    fn reduced_costs_are_exact_where_f64_sees_nothing() {
        let (x, y) = (dmatrix![0.0], dmatrix![1.0, 2.0, 3.0]);
        let costs = CostMatrix::try_new(&x, &y, Ground::SquaredDistance).unwrap();
        let potentials = [1e20, 1e20, 1e20].map(Double::from);
        let mut reduced = [0.0; 3];
        let least = reduce(&costs, 0, &potentials, &mut reduced);
        assert_eq!(reduced, [0.0, 3.0, 8.0]);
        assert_eq!((least + Double::from(1e20)).value(), 1.0);
    }
}
