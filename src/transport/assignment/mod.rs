//! The transportation problem on a dense matrix: minimise `Σ c_ij π_ij` over plans `π ≥ 0` with
//! given sums of rows and columns. With masses of one it is the assignment problem.
//!
//! An auction finds prices, or where masses differ the network simplex method; a greedy pass ships what is cheapest at
//! these prices, and shortest augmenting paths ship the rest: Jonker and Volgenant's method with an auction in place of
//! their reductions. All of it is f64, and what comes out is a candidate: a plan and potentials, to be
//! certified by whoever needs to know how good they are.

mod auction;
mod augment;
mod scan;
mod simplex;

use crate::watch::{Stopped, Watch};
use augment::Shipment;

/// A dense matrix of costs, a row a contiguous slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs<'a> {
    entries: &'a [f64],
    rows: usize,
    columns: usize,
}

impl<'a> Costs<'a> {
    /// # Panics
    /// When the sizes do not match or are zero.
    pub(super) fn new(entries: &'a [f64], rows: usize, columns: usize) -> Self {
        assert!(
            rows > 0 && columns > 0 && entries.len() == rows * columns,
            "{} entries are no {rows} × {columns} matrix",
            entries.len()
        );
        Self {
            entries,
            rows,
            columns,
        }
    }

    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &'a [f64] {
        &self.entries[row * self.columns..(row + 1) * self.columns]
    }
}

/// What every row has and every column wants: positive, of equal sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masses<'a> {
    pub(super) supply: &'a [u64],
    pub(super) demand: &'a [u64],
}

impl Masses<'_> {
    /// Whether this is an assignment problem.
    fn are_equal(&self) -> bool {
        let first = self.supply[0];
        let mut all = self.supply.iter().chain(self.demand);
        all.all(|&mass| mass == first)
    }
}

/// One entry of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shipped {
    /// The atom that it comes from.
    pub source: usize,
    /// The atom that it goes to.
    pub target: usize,
    /// How much, a positive number of units.
    pub mass: u64,
}

/// A plan with the potentials of the columns that support it.
#[derive(Clone, Debug)]
pub(super) struct Solution {
    /// By source.
    pub(super) plan: Vec<Shipped>,
    pub(super) potentials: Vec<f64>,
    /// Rows of the matrix that were gone through.
    pub(super) scans: usize,
}

/// Where to start: a plan that was optimal for other costs, and its potentials.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    pub(super) plan: &'a [Shipped],
    pub(super) potentials: &'a [f64],
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsolved {
    /// The cap on the number of paths is met.
    Paths,
    /// Nobody wants it any more.
    Stopped,
}

impl From<Stopped> for Unsolved {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Solves the problem, up to rounding. The watch is looked at before every bid, every pivot and every path.
///
/// # Cost
/// About `n²` for costs of clouds that moved little, `n^2.3` for independent ones, at most `n³`
/// for an assignment.
///
/// # Panics
/// When the numbers of masses or of potentials are not those of rows and columns.
pub(super) fn solve(
    costs: Costs<'_>,
    masses: Masses<'_>,
    start: Option<Start<'_>>,
    watch: &dyn Watch,
) -> Result<Solution, Unsolved> {
    assert_eq!(
        (masses.supply.len(), masses.demand.len()),
        (costs.rows, costs.columns),
        "a mass for every row and column"
    );
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || run(&costs, &masses, start, watch),
    )
}

#[inline(always)]
fn run(
    costs: &Costs<'_>,
    masses: &Masses<'_>,
    start: Option<Start<'_>>,
    watch: &dyn Watch,
) -> Result<Solution, Unsolved> {
    let mut potentials = match start {
        Some(start) => start.potentials.to_vec(),
        None => column_minima(costs),
    };
    let plan = start.map_or(&[][..], |start| start.plan);
    let mut scans = 2 * costs.rows;
    let mut shipment = Shipment::greedy(costs, masses, &potentials, plan);
    if shipment.waiting() * FEW > costs.rows {
        if masses.are_equal() {
            let gap = mean_gap(costs, &potentials, start.map(|start| start.plan));
            scans += auction::bid(costs, gap, &mut potentials, watch)?;
            shipment = Shipment::greedy(costs, masses, &potentials, plan);
        } else if costs.rows + costs.columns >= MANY {
            let basis = simplex::pivots(costs, masses, &potentials, watch)?;
            scans += basis.scans;
            potentials = basis.potentials;
            shipment = Shipment::greedy(costs, masses, &potentials, &basis.plan);
        }
    }
    scans += shipment.complete(costs, &mut potentials, watch)?;
    Ok(Solution {
        plan: shipment.into_plan(),
        potentials,
        scans,
    })
}

/// The cap on the number of augmenting paths.
pub(super) fn most_paths(costs: &Costs<'_>) -> usize {
    augment::PATHS * (costs.rows + costs.columns)
}

/// Up to one row in so many left over, shortest paths alone are faster than an auction.
const FEW: usize = 16;

/// From so many rows and columns on, the simplex method is faster than shortest paths alone: of normal clouds in `R^6`, twice at 64 and 65 atoms, where
/// their numbers have a large common divisor not before 96 and 128.
const MANY: usize = 128;

/// The largest potentials for which all reduced costs are non-negative.
#[inline(always)]
fn column_minima(costs: &Costs<'_>) -> Vec<f64> {
    let mut minima = costs.row(0).to_vec();
    for row in 1..costs.rows {
        for (least, &cost) in minima.iter_mut().zip(costs.row(row)) {
            *least = if cost < *least { cost } else { *least };
        }
    }
    minima
}

/// The mean over the rows of the reduced cost of the plan beyond the smallest of the row; without
/// a plan, of the smallest itself, which is non-negative for [`column_minima`].
#[inline(always)]
fn mean_gap(costs: &Costs<'_>, potentials: &[f64], plan: Option<&[Shipped]>) -> f64 {
    let least = |row| scan::two_smallest(costs.row(row), potentials).smallest;
    let total: f64 = match plan {
        None => (0..costs.rows).map(least).sum(),
        Some(plan) => plan
            .iter()
            .map(|shipped| {
                let (row, column) = (shipped.source, shipped.target);
                (costs.row(row)[column] - potentials[column]) - least(row)
            })
            .sum(),
    };
    total / costs.rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Stop;
    use crate::watch::tests::Looks;

    /// `(i·7 + j·11 + salt)² mod 101`, or the same over 2: few values, many ties.
    pub(super) fn matrix(rows: usize, columns: usize, divisor: u64) -> Vec<f64> {
        let entry = |k: usize| {
            let (i, j) = ((k / columns) as u64, (k % columns) as u64);
            ((i * 7 + j * 11 + i * j) * (i + 3 * j + 1) % 101 / divisor) as f64
        };
        (0..rows * columns).map(entry).collect()
    }

    fn cost(entries: &[f64], columns: usize, plan: &[Shipped]) -> f64 {
        let of = |s: &Shipped| s.mass as f64 * entries[s.source * columns + s.target];
        plan.iter().map(of).sum()
    }

    /// Integers: plan and potentials are optimal exactly if their values are equal.
    pub(super) fn is_optimal(entries: &[f64], masses: Masses<'_>, found: &Solution) {
        let columns = masses.demand.len();
        let least = |row: &[f64]| {
            let reduced = row.iter().zip(&found.potentials).map(|(c, v)| c - v);
            reduced.fold(f64::INFINITY, f64::min)
        };
        let rows = entries.chunks(columns).zip(masses.supply);
        let from: f64 = rows.map(|(row, &mass)| mass as f64 * least(row)).sum();
        let to = masses.demand.iter().zip(&found.potentials);
        let dual = from + to.map(|(&mass, v)| mass as f64 * v).sum::<f64>();
        let primal = cost(entries, columns, &found.plan);
        assert!(
            (primal - dual).abs() < 1e-9 * (1.0 + primal),
            "{primal} {dual}"
        );
    }

    fn solved(entries: &[f64], supply: &[u64], demand: &[u64]) -> Solution {
        let masses = Masses { supply, demand };
        let costs = Costs::new(entries, supply.len(), demand.len());
        let found = solve(costs, masses, None, &Stop::default()).unwrap();
        is_optimal(entries, masses, &found);
        found
    }

    #[test]
    fn primal_and_dual_meet() {
        for n in [1, 2, 3, 8, 17, 40, 75] {
            for divisor in [1, 20] {
                solved(&matrix(n, n, divisor), &vec![1; n], &vec![1; n]);
                solved(&matrix(n, n, divisor), &vec![7; n], &vec![7; n]);
                solved(
                    &matrix(n, n + 3, divisor),
                    &vec![n as u64 + 3; n],
                    &vec![n as u64; n + 3],
                );
                let sizes: Vec<u64> = (0..n as u64).map(|k| 1 + k % 4).collect();
                let total = sizes.iter().sum();
                solved(&matrix(n, 1, divisor), &sizes, &[total]);
                let reversed: Vec<u64> = sizes.iter().rev().copied().collect();
                solved(&matrix(n, n, divisor), &sizes, &reversed);
            }
        }
    }

    /// Wherever it is stopped there is no plan, and no look is left out.
    #[test]
    fn a_search_is_stopped_between_any_two_looks() {
        for (n, m) in [(12, 12), (9, 14), (3, 130)] {
            let entries = matrix(n, m, 1);
            let (supply, demand) = (vec![m as u64; n], vec![n as u64; m]);
            let masses = Masses {
                supply: &supply,
                demand: &demand,
            };
            let costs = Costs::new(&entries, n, m);
            let all = Looks::of(u64::MAX);
            assert!(solve(costs, masses, None, &all).is_ok() && all.seen() > 3);
            for patience in 0..all.seen() {
                let looks = Looks::of(patience);
                let found = solve(costs, masses, None, &looks);
                assert_eq!(found.unwrap_err(), Unsolved::Stopped);
                assert_eq!(looks.seen(), patience + 1);
            }
        }
    }

    /// The search is deterministic; a change of these numbers is a change of the algorithm, and
    /// to be measured.
    #[test]
    fn work_is_as_recorded() {
        let work =
            |n: usize, divisor: u64| solved(&matrix(n, n, divisor), &vec![1; n], &vec![1; n]).scans;
        let flow = |n: usize, m: usize| {
            solved(&matrix(n, m, 1), &vec![m as u64; n], &vec![n as u64; m]).scans
        };
        let found = [
            work(16, 1),
            work(64, 1),
            work(64, 20),
            work(150, 1),
            flow(20, 30),
            flow(30, 20),
            flow(63, 65),
        ];
        assert_eq!(found, RECORDED);
    }

    const RECORDED: [usize; 7] = [142, 763, 190, 885, 130, 163, 1055];

    #[test]
    fn starts_save_work() {
        let n = 100;
        let entries = matrix(n, n, 1);
        let ones = vec![1; n];
        let cold = solved(&entries, &ones, &ones);
        let masses = Masses {
            supply: &ones,
            demand: &ones,
        };
        let again = |entries: &[f64]| {
            let start = Start {
                plan: &cold.plan,
                potentials: &cold.potentials,
            };
            solve(
                Costs::new(entries, n, n),
                masses,
                Some(start),
                &Stop::default(),
            )
            .unwrap()
        };
        let same = again(&entries);
        assert_eq!((&same.plan, same.scans), (&cold.plan, 2 * n));
        let moved: Vec<f64> = entries.iter().map(|cost| cost * 1.01 + 0.5).collect();
        let warm = again(&moved);
        is_optimal(&moved, masses, &warm);
        let afresh = solve(Costs::new(&moved, n, n), masses, None, &Stop::default()).unwrap();
        assert!(warm.scans < afresh.scans, "{} {}", warm.scans, afresh.scans);
    }

    #[test]
    fn gaps_are_means_of_what_a_plan_leaves() {
        let entries = [1.0, 2.0, 5.0, 3.0];
        let costs = Costs::new(&entries, 2, 2);
        assert_eq!(column_minima(&costs), [1.0, 2.0]);
        assert_eq!(mean_gap(&costs, &[1.0, 2.0], None), 0.5);
        let entry = |source, target| Shipped {
            source,
            target,
            mass: 1,
        };
        let crossed = [entry(0, 1), entry(1, 0)];
        assert_eq!(mean_gap(&costs, &[1.0, 1.0], Some(&crossed)), 1.5);
    }

    #[test]
    fn masses_are_equal_only_if_all_are() {
        let are_equal = |supply: &[u64], demand: &[u64]| Masses { supply, demand }.are_equal();
        assert!(are_equal(&[2, 2], &[2, 2]));
        assert!(!are_equal(&[2, 2], &[1, 3]));
        assert!(!are_equal(&[2, 2], &[4]));
        assert!(!are_equal(&[1, 3], &[1, 3]));
    }

    #[test]
    #[should_panic(expected = "5 entries are no 2 × 3 matrix")]
    fn ragged_matrices_are_a_mistake() {
        Costs::new(&[0.0; 5], 2, 3);
    }

    #[test]
    fn the_cap_grows_with_the_problem() {
        assert_eq!(most_paths(&Costs::new(&[0.0; 6], 2, 3)), 5000);
    }
}
