//! Shortest augmenting paths with masses: what is not yet shipped is shipped along paths of
//! least reduced cost, until everything is.
//!
//! Every row `i` has a supply, every column `j` a demand, both positive integers of equal sum.
//! Kept throughout, up to rounding: a row ships to columns that minimise `c_ij − v_j` alone. A
//! search grows a tree of alternating paths from a row with supply left, by Dijkstra's rule,
//! until it meets a column with demand left; then the potentials of the columns passed fall by
//! what the search went beyond them, which keeps the invariant, and the smallest mass on the path
//! moves along it.
//!
//! Source: R. Jonker and A. Volgenant, Computing 38 (1987); for flows, Edmonds and Karp, J. ACM 19 (1972).

use super::scan::{Front, TwoSmallest, nearest, relax, two_smallest};
use super::{Costs, Masses, Shipped, Unsolved};
use crate::watch::Watch;

/// Paths a row and column: rounding cannot hold a search up, but nothing else bounds their number.
pub(super) const PATHS: usize = 1000;

/// Roundings that a potential has gone through since its column was tight, about.
const ROUNDINGS: f64 = 4.0;

/// No row, or no column.
const NONE: usize = usize::MAX;

/// What is shipped, and what is left to be shipped.
pub(super) struct Shipment {
    /// For every column the rows that ship to it, and how much.
    received: Vec<Vec<(usize, u64)>>,
    supply: Vec<u64>,
    demand: Vec<u64>,
}

impl Shipment {
    /// Every row ships to its cheapest column, as far as that has demand; what an earlier plan
    /// ships to a cheapest column, up to rounding, goes first.
    #[inline(always)]
    pub(super) fn greedy(
        costs: &Costs<'_>,
        masses: &Masses<'_>,
        potentials: &[f64],
        plan: &[Shipped],
    ) -> Self {
        let mut shipment = Self {
            received: vec![vec![]; costs.columns],
            supply: masses.supply.to_vec(),
            demand: masses.demand.to_vec(),
        };
        let best = |row| two_smallest(costs.row(row), potentials);
        let cheapest: Vec<TwoSmallest> = (0..costs.rows).map(best).collect();
        for shipped in plan {
            let (row, column) = (shipped.source, shipped.target);
            let (cost, potential) = (costs.row(row)[column], potentials[column]);
            let rounding = ROUNDINGS * f64::EPSILON * (cost.abs() + potential.abs());
            if (cost - potential) - cheapest[row].smallest <= rounding {
                shipment.ship_up_to(row, column, shipped.mass);
            }
        }
        for (row, cheapest) in cheapest.iter().enumerate() {
            shipment.ship_up_to(row, cheapest.column, u64::MAX);
        }
        shipment
    }

    /// Ships as much of `mass` as there is supply and demand for.
    fn ship_up_to(&mut self, row: usize, column: usize, mass: u64) {
        let mass = mass.min(self.supply[row]).min(self.demand[column]);
        if mass > 0 {
            self.ship(row, column, mass);
            self.supply[row] -= mass;
            self.demand[column] -= mass;
        }
    }

    /// What was shipped, by source.
    pub(super) fn into_plan(self) -> Vec<Shipped> {
        let columns = self.received.into_iter().enumerate();
        let shipped = columns.flat_map(|(target, received)| {
            received.into_iter().map(move |(source, mass)| Shipped {
                source,
                target,
                mass,
            })
        });
        let mut plan: Vec<Shipped> = shipped.collect();
        plan.sort_unstable_by_key(|shipped| (shipped.source, shipped.target));
        plan
    }

    /// The number of rows with supply left.
    pub(super) fn waiting(&self) -> usize {
        self.supply.iter().filter(|&&mass| mass > 0).count()
    }

    /// Ships everything that is left; returns the number of rows that were searched.
    #[inline(always)]
    pub(super) fn complete(
        &mut self,
        costs: &Costs<'_>,
        potentials: &mut [f64],
        watch: &dyn Watch,
    ) -> Result<usize, Unsolved> {
        let mut paths = super::most_paths(costs);
        let mut search = Search::new(costs);
        search.wanting = (0..costs.columns)
            .filter(|&column| self.demand[column] > 0)
            .collect();
        for row in 0..costs.rows {
            while self.supply[row] > 0 {
                if watch.is_stopped() {
                    return Err(Unsolved::Stopped);
                }
                paths = paths.checked_sub(1).ok_or(Unsolved::Paths)?;
                let end = search.run(self, costs, potentials, row);
                self.augment(&search, row, end);
                if self.demand[end] == 0 {
                    search.wanting.retain(|&column| column != end);
                }
            }
        }
        Ok(search.scans)
    }

    fn ship(&mut self, row: usize, column: usize, mass: u64) {
        let received = &mut self.received[column];
        match received.iter_mut().find(|(from, _)| *from == row) {
            Some((_, shipped)) => *shipped += mass,
            None => received.push((row, mass)),
        }
    }

    fn shipped(&self, row: usize, column: usize) -> u64 {
        let of_row = self.received[column].iter().find(|(from, _)| *from == row);
        of_row.map_or(0, |&(_, mass)| mass)
    }

    fn recall(&mut self, row: usize, column: usize, mass: u64) {
        let received = &mut self.received[column];
        let place = received.iter().position(|&(from, _)| from == row);
        let place = place.expect("a path returns along what was shipped");
        received[place].1 -= mass;
        if received[place].1 == 0 {
            received.swap_remove(place);
        }
    }

    /// Moves as much as the path from `start` to `end` can take.
    fn augment(&mut self, search: &Search, start: usize, end: usize) {
        let mut mass = self.supply[start].min(self.demand[end]);
        for (row, _, returned) in search.path(start, end) {
            if let Some(column) = returned {
                mass = mass.min(self.shipped(row, column));
            }
        }
        for (row, column, returned) in search.path(start, end) {
            self.ship(row, column, mass);
            if let Some(column) = returned {
                self.recall(row, column, mass);
            }
        }
        self.supply[start] -= mass;
        self.demand[end] -= mass;
    }
}

/// A search for the nearest column with demand left; its buffers serve one search after another.
struct Search {
    front: Front,
    /// For every row the column through which it was reached.
    through: Vec<usize>,
    /// The columns with demand left.
    wanting: Vec<usize>,
    /// The closed columns with their distances.
    passed: Vec<(usize, f64)>,
    scans: usize,
}

impl Search {
    fn new(costs: &Costs<'_>) -> Self {
        Self {
            front: Front {
                distances: vec![0.0; costs.columns],
                from: vec![0; costs.columns],
                open: vec![0.0; costs.columns],
            },
            through: vec![NONE; costs.rows],
            wanting: vec![],
            passed: vec![],
            scans: 0,
        }
    }

    /// Finds a shortest path from `start`, lowers the potentials accordingly and returns its end.
    #[inline(always)]
    fn run(
        &mut self,
        shipment: &Shipment,
        costs: &Costs<'_>,
        potentials: &mut [f64],
        start: usize,
    ) -> usize {
        self.front.distances.fill(f64::INFINITY);
        self.front.open.copy_from_slice(potentials);
        self.through.fill(NONE);
        self.passed.clear();
        let mut reached = vec![(start, 0.0)];
        let (mut distance, mut column) = (0.0, 0);
        loop {
            if reached.is_empty() {
                (distance, column) = nearest(&self.front.distances);
            }
            while let Some((row, shift)) = reached.pop() {
                self.scans += 1;
                (distance, column) = relax(costs.row(row), shift, row, &mut self.front);
            }
            if let Some(end) = self.end_among_ties(shipment, distance, column) {
                for &(passed, at) in &self.passed {
                    potentials[passed] += at - distance;
                }
                return end;
            }
            self.passed.push((column, distance));
            self.front.distances[column] = f64::INFINITY;
            self.front.open[column] = f64::NEG_INFINITY;
            for &(row, _) in &shipment.received[column] {
                if row != start && self.through[row] == NONE {
                    self.through[row] = column;
                    let reduced = costs.row(row)[column] - potentials[column];
                    reached.push((row, distance - reduced));
                }
            }
        }
    }

    /// A column with demand left at this distance, `column` before all others.
    fn end_among_ties(&self, shipment: &Shipment, distance: f64, column: usize) -> Option<usize> {
        if shipment.demand[column] > 0 {
            return Some(column);
        }
        let mut wanting = self.wanting.iter().copied();
        wanting.find(|&j| self.front.distances[j] == distance)
    }

    /// The path backwards: a row, the column that it ships more to, and the one it ships less to.
    fn path(
        &self,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = (usize, usize, Option<usize>)> {
        let mut next = Some(end);
        std::iter::from_fn(move || {
            let column = next?;
            let row = self.front.from[column] as usize;
            next = (row != start).then(|| self.through[row]);
            Some((row, column, next))
        })
    }
}
