//! C2: what the certificate says of plans and potentials that are not optimal.

use crate::arithmetic::Ball;
use crate::claims::exact::{integers, ratio, unit_of};
use crate::evidence::Comparison;
use crate::transport::{Shipped, TransportError, trial, wasserstein2};
use dashu_int::IBig;
use nalgebra::DMatrix;

const PRICED: &str = "any potentials: the lower bound is at most their value";
const SHIPPED: &str = "any plan: the upper bound is at least its cost";
const BELOW: &str = "any plan and potentials: lower ≤ W₂²";
const ABOVE: &str = "any plan and potentials: W₂² ≤ upper";

/// Pairs of atoms up to which candidates are tried.
const PAIRS: usize = 64;

/// Atoms up to which the optimum is found by trying all permutations.
const PERMUTED: usize = 5;

/// Differences are measured in this share of the largest number of a sum: far above the rounding of f64.
const SHARE: i64 = -30;

/// How a value of potentials is made of reduced costs: the least of a row.
pub(super) type Reduced = fn(&[IBig]) -> IBig;

/// Plans and potentials of two clouds, optimal and not, and what is proved by them.
pub(super) fn candidates(
    x: &DMatrix<f64>,
    y: &DMatrix<f64>,
) -> Result<Vec<Comparison>, TransportError> {
    if x.ncols() * y.ncols() > PAIRS {
        return Ok(Vec::new());
    }
    let optimum = wasserstein2(x, y)?;
    let plans = [
        optimum.plan().to_vec(),
        corner(x.ncols(), y.ncols(), optimum.unit()),
    ];
    let best = optimum.potentials();
    let size = optimum
        .cost()
        .upper()
        .max(x.amax().powi(2))
        .max(y.amax().powi(2));
    let chirp = |scale: f64| -> Vec<f64> {
        (0..y.ncols())
            .map(|j| scale * ((j * j + 1) as f64).sin())
            .collect()
    };
    let perturbed = best.iter().zip(chirp(1e-3 * size)).map(|(v, by)| v + by);
    let potentials = [
        best.to_vec(),
        perturbed.collect(),
        vec![0.0; y.ncols()],
        chirp(size),
        best.iter().map(|v| -v).collect(),
    ];
    let mut comparisons = Vec::new();
    for plan in &plans {
        for potentials in &potentials {
            comparisons.extend(candidate(x, y, plan, potentials)?);
        }
    }
    Ok(comparisons)
}

fn candidate(
    x: &DMatrix<f64>,
    y: &DMatrix<f64>,
    plan: &[Shipped],
    potentials: &[f64],
) -> Result<Vec<Comparison>, TransportError> {
    let tried = trial::bounds_of(x, y, plan, potentials)?;
    let exact = Exact::new(x, y, potentials, &tried.bounds);
    let value = exact.value(tried.unit, least).max(IBig::ZERO);
    let cost = exact.cost(plan);
    let mut comparisons = Vec::new();
    let [once, twice, improved] = tried.bounds;
    for (lower, upper) in [once, twice] {
        comparisons.push(exact.at_most(PRICED, lower, &value));
        comparisons.push(exact.at_least(SHIPPED, upper, &cost));
    }
    if let Some(optimum) = exact.optimum() {
        for (lower, upper) in [once, twice, improved] {
            comparisons.push(exact.at_most(BELOW, lower, &optimum));
            comparisons.push(exact.at_least(ABOVE, upper, &optimum));
        }
    }
    Ok(comparisons)
}

/// What a control takes for the value of potentials, beside the optimum.
pub(super) fn valued(
    x: &DMatrix<f64>,
    y: &DMatrix<f64>,
    reduced: Reduced,
) -> Result<Vec<Comparison>, TransportError> {
    let optimum = wasserstein2(x, y)?;
    let potentials = optimum.potentials();
    let exact = Exact::new(x, y, potentials, &[]);
    let value = exact.value(optimum.unit(), reduced);
    let least = exact.optimum();
    Ok(least
        .map(|least| exact.compared(BELOW, &value, &least))
        .into_iter()
        .collect())
}

/// What a control takes for the cost of a plan that leaves out its last entry, beside the optimum.
pub(super) fn partial(
    x: &DMatrix<f64>,
    y: &DMatrix<f64>,
) -> Result<Vec<Comparison>, TransportError> {
    let optimum = wasserstein2(x, y)?;
    let plan = optimum.plan();
    let exact = Exact::new(x, y, &[], &[]);
    let cost = exact.cost(&plan[..plan.len() - 1]);
    let least = exact.optimum();
    Ok(least
        .map(|least| exact.compared(ABOVE, &least, &cost))
        .into_iter()
        .collect())
}

pub(super) fn least(reduced: &[IBig]) -> IBig {
    reduced.iter().min().cloned().unwrap_or(IBig::ZERO)
}

/// The largest of a row: no potentials of any plan.
pub(super) fn largest(reduced: &[IBig]) -> IBig {
    reduced.iter().max().cloned().unwrap_or(IBig::ZERO)
}

/// Fills rows and columns in their order: a plan, whatever the costs are.
fn corner(rows: usize, columns: usize, unit: u64) -> Vec<Shipped> {
    let (of_row, of_column) = (unit / rows as u64, unit / columns as u64);
    let mut plan = Vec::new();
    let (mut source, mut target) = (0, 0);
    let (mut left, mut wanted) = (of_row, of_column);
    while source < rows && target < columns {
        let mass = left.min(wanted);
        plan.push(Shipped {
            source,
            target,
            mass,
        });
        left -= mass;
        wanted -= mass;
        if left == 0 {
            (source, left) = (source + 1, of_row);
        }
        if wanted == 0 {
            (target, wanted) = (target + 1, of_column);
        }
    }
    plan
}

/// Costs, potentials and bounds as integers in one unit.
struct Exact {
    unit: i64,
    /// A row a source.
    costs: Vec<Vec<IBig>>,
    potentials: Vec<IBig>,
    /// The largest of the numbers in a sum.
    size: IBig,
}

impl Exact {
    fn new(x: &DMatrix<f64>, y: &DMatrix<f64>, potentials: &[f64], bounds: &[(f64, f64)]) -> Self {
        let coordinates: Vec<f64> = x.iter().chain(y.iter()).copied().collect();
        let bounds = bounds.iter().flat_map(|&(lower, upper)| [lower, upper]);
        let others: Vec<f64> = potentials.iter().copied().chain(bounds).collect();
        let place = unit_of(&coordinates).unwrap_or(0);
        let unit = unit_of(&others).map_or(2 * place, |other| other.min(2 * place));
        let atoms = |points: &DMatrix<f64>| -> Vec<Vec<IBig>> {
            let columns = points.column_iter();
            columns.map(|z| integers(z.as_slice(), place)).collect()
        };
        let (x, y) = (atoms(x), atoms(y));
        let cost = |x: &[IBig], y: &[IBig]| {
            let squares = x.iter().zip(y).map(|(x, y)| (x - y).pow(2));
            squares.sum::<IBig>() << (2 * place - unit) as usize
        };
        let costs: Vec<Vec<IBig>> = (x.iter())
            .map(|x| y.iter().map(|y| cost(x, y)).collect())
            .collect();
        let potentials = integers(potentials, unit);
        let sizes = costs.iter().flatten().chain(&potentials);
        let size = sizes.map(|x| x.clone().max(-x)).max().unwrap_or(IBig::ZERO);
        Self {
            unit,
            costs,
            potentials,
            size,
        }
    }

    /// Units of mass in either cloud.
    fn mass(&self) -> u64 {
        let (n, m) = (self.costs.len() as u64, self.costs[0].len() as u64);
        (1..=m)
            .map(|k| k * n)
            .find(|mass| mass % m == 0)
            .expect("a common multiple")
    }

    fn value(&self, unit: u64, reduced: Reduced) -> IBig {
        let (rows, columns) = (self.costs.len(), self.potentials.len());
        let of_row = |costs: &Vec<IBig>| {
            let differences = costs.iter().zip(&self.potentials).map(|(c, v)| c - v);
            reduced(&differences.collect::<Vec<_>>())
        };
        let sources: IBig = self.costs.iter().map(of_row).sum();
        let targets: IBig = self.potentials.iter().sum();
        sources * IBig::from(unit / rows as u64) + targets * IBig::from(unit / columns as u64)
    }

    fn cost(&self, plan: &[Shipped]) -> IBig {
        let entry = |s: &Shipped| &self.costs[s.source][s.target] * IBig::from(s.mass);
        plan.iter().map(entry).sum()
    }

    /// The least sum over all permutations, of clouds of a few atoms each.
    fn optimum(&self) -> Option<IBig> {
        fn go(costs: &[Vec<IBig>], row: usize, taken: &mut [bool]) -> IBig {
            if row == costs.len() {
                return IBig::ZERO;
            }
            let mut best: Option<IBig> = None;
            for column in 0..costs.len() {
                if taken[column] {
                    continue;
                }
                taken[column] = true;
                let sum = &costs[row][column] + go(costs, row + 1, taken);
                taken[column] = false;
                best = Some(best.map_or(sum.clone(), |best| best.min(sum)));
            }
            best.expect("a column is left")
        }
        let (rows, columns) = (self.costs.len(), self.costs[0].len());
        let few = rows == columns && rows <= PERMUTED;
        few.then(|| go(&self.costs, 0, &mut vec![false; rows]))
    }

    /// `bound ≤ exact`, a bound of f64.
    fn at_most(&self, statement: &'static str, bound: f64, exact: &IBig) -> Comparison {
        self.compared(statement, &integers(&[bound], self.unit)[0], exact)
    }

    fn at_least(&self, statement: &'static str, bound: f64, exact: &IBig) -> Comparison {
        self.compared(statement, exact, &integers(&[bound], self.unit)[0])
    }

    /// `smaller ≤ larger`, as `1 + (smaller − larger)/scale ≤ 1` on a scale that sees what f64 rounds away.
    fn compared(&self, statement: &'static str, smaller: &IBig, larger: &IBig) -> Comparison {
        let scale = &self.size * IBig::from(self.mass());
        let excess = if scale == IBig::ZERO {
            // Everything is at one place, and every bound is zero: or it is not.
            ratio(&(smaller - larger), &IBig::ONE, 0)
        } else {
            ratio(&(smaller - larger), &scale, -SHARE)
        };
        let one = Ball::from(1.0);
        Comparison::at_most(statement, (one + excess).positive_part(), one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;
    use nalgebra::dmatrix;

    #[test]
    fn a_corner_has_the_masses() {
        for (rows, columns, unit) in [(2, 3, 6), (3, 3, 3), (1, 4, 4), (4, 6, 12)] {
            let plan = corner(rows, columns, unit);
            for row in 0..rows {
                let mass: u64 = plan
                    .iter()
                    .filter(|s| s.source == row)
                    .map(|s| s.mass)
                    .sum();
                assert_eq!(mass, unit / rows as u64);
            }
            for column in 0..columns {
                let of_column = plan.iter().filter(|s| s.target == column);
                assert_eq!(
                    of_column.map(|s| s.mass).sum::<u64>(),
                    unit / columns as u64
                );
            }
        }
    }

    #[test]
    fn optima_and_values_are_those_of_a_hand_calculation() {
        let (x, y) = (dmatrix![0.0, 1.0], dmatrix![3.0, 1.5]);
        let exact = Exact::new(&x, &y, &[1.0, 0.25], &[]);
        let quarter = |x: f64| integers(&[x], exact.unit)[0].clone();
        // (0→3, 1→1.5) costs 9.25, (0→1.5, 1→3) costs 6.25.
        assert_eq!(exact.optimum(), Some(quarter(6.25)));
        // min(8, 2) + min(3, 0) and 1.25 of the targets.
        assert_eq!(exact.value(2, least), quarter(2.0 + 0.0 + 1.25));
        assert_eq!(exact.mass(), 2);
        assert_eq!(
            Exact::new(&dmatrix![0.0; 1.0], &y.clone().resize(2, 3, 0.0), &[], &[]).mass(),
            3
        );
    }

    #[test]
    fn bounds_of_candidates_hold_and_wrong_ones_do_not() {
        let (x, y) = (dmatrix![0.1, 1.0, 0.7], dmatrix![3.0, 1.5, 0.2]);
        let found = candidates(&x, &y).unwrap();
        assert!(
            found
                .iter()
                .all(|c| c.verdict() == Verdict::Holds || c.verdict() == Verdict::Vacuous)
        );
        let wrong = valued(&x, &y, largest).unwrap();
        assert_eq!(wrong[0].verdict(), Verdict::Violated);
        assert_eq!(partial(&x, &y).unwrap()[0].verdict(), Verdict::Violated);
        assert_eq!(valued(&x, &y, least).unwrap()[0].verdict(), Verdict::Holds);
    }
}
