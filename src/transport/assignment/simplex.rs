//! The network simplex method: from one spanning tree to the next, a pivot each.
//!
//! A basis is a spanning tree of rows and columns: what its arcs ship is settled by the masses, the potentials by
//! `u_i + v_j = c_ij` on them. An arc of negative reduced cost enters, mass goes round the cycle that it closes until
//! an arc of the tree is empty, and that arc leaves. Rows are priced in turns, the least entry of each.
//!
//! No basis is degenerate, so that none comes twice: every row has a crumb of mass beside its own, and the last column wants them all.
//! Tree and potentials are a start for shortest augmenting paths and nothing more: optimality does not depend on
//! them, so that the method may end early, and a pivot may be led astray by rounding.
//!
//! Source: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, Prentice Hall 1993, chapter 11.

use super::scan::two_smallest;
use super::{Costs, Masses, Shipped};
use crate::watch::{Stopped, Watch};

/// Pivots a row and column, beyond which paths take over. (Normal clouds take 4 to 8.)
const PIVOTS: usize = 200;

/// Roundings that a potential has gone through since the tree was gone through, about.
const ROUNDINGS: f64 = 8.0;

/// No node.
const NONE: usize = usize::MAX;

/// A plan whose arcs are a tree, and the potentials of its columns.
pub(super) struct Basis {
    pub(super) plan: Vec<Shipped>,
    pub(super) potentials: Vec<f64>,
    /// Rows of the matrix that were gone through.
    pub(super) scans: usize,
}

/// Pivots from a greedy tree until no reduced cost is negative, up to rounding.
///
/// # Arguments
/// * `potentials`: of the columns, which the greedy tree is chosen by.
#[inline(always)]
pub(super) fn pivots(
    costs: &Costs<'_>,
    masses: &Masses<'_>,
    potentials: &[f64],
    watch: &dyn Watch,
) -> Result<Basis, Stopped> {
    let crumbs = Crumbs::of(costs.rows);
    let arcs = greedy(costs, &crumbs, masses, potentials, watch)?;
    let mut scans = arcs.len();
    let mut tree = Tree::new(costs, &arcs);
    let (mut row, mut quiet) = (0, 0);
    // A row that was quiet before the last pivot, or before the potentials were made afresh, says nothing.
    let mut fresh = true;
    let mut left = PIVOTS * (costs.rows + costs.columns);
    while left > 0 {
        if watch.is_stopped() {
            return Err(Stopped);
        }
        let best = two_smallest(costs.row(row), &tree.columns);
        scans += 1;
        let (cost, column) = (costs.row(row)[best.column], best.column);
        let reduced = best.smallest - tree.rows[row];
        let size = cost.abs() + tree.rows[row].abs() + tree.columns[column].abs();
        if reduced < -ROUNDINGS * f64::EPSILON * size {
            tree.pivot(row, column, reduced);
            (quiet, fresh, left) = (0, false, left - 1);
        } else {
            quiet += 1;
            row = (row + 1) % costs.rows;
            if quiet == costs.rows {
                if fresh {
                    break;
                }
                tree.settle(costs);
                (quiet, fresh) = (0, true);
            }
        }
    }
    tree.settle(costs);
    Ok(Basis {
        plan: tree.plan(&crumbs),
        potentials: tree.columns,
        scans,
    })
}

/// Masses in crumbs: a unit is more of them than there are rows.
struct Crumbs {
    unit: i128,
    rows: usize,
}

impl Crumbs {
    fn of(rows: usize) -> Self {
        let unit = 2 * (rows as i128 + 1);
        Self { unit, rows }
    }

    fn supply(&self, mass: u64) -> i128 {
        i128::from(mass) * self.unit + 1
    }

    fn demands(&self, masses: &[u64]) -> Vec<i128> {
        let units = masses.iter().map(|&mass| i128::from(mass) * self.unit);
        let mut demands: Vec<i128> = units.collect();
        if let Some(last) = demands.last_mut() {
            *last += self.rows as i128;
        }
        demands
    }

    /// The whole units nearest to what an arc ships: its crumbs are fewer than half of one, either way.
    fn mass(&self, flow: i128) -> u64 {
        let units = (flow + self.unit / 2).div_euclid(self.unit);
        u64::try_from(units).expect("a positive flow")
    }
}

/// An arc of the tree with what it ships.
#[derive(Clone, Copy)]
struct Arc {
    row: usize,
    column: usize,
    flow: i128,
}

/// Row after row ships to the column that is cheapest to it among those with demand left. Every arc exhausts either
/// its row or its column, and both only at the very end, so that the arcs are a spanning tree.
#[inline(always)]
fn greedy(
    costs: &Costs<'_>,
    crumbs: &Crumbs,
    masses: &Masses<'_>,
    potentials: &[f64],
    watch: &dyn Watch,
) -> Result<Vec<Arc>, Stopped> {
    let mut open = potentials.to_vec();
    let mut demands = crumbs.demands(masses.demand);
    let mut arcs = Vec::with_capacity(costs.rows + costs.columns - 1);
    for (row, &mass) in masses.supply.iter().enumerate() {
        let mut rest = crumbs.supply(mass);
        while rest > 0 {
            if watch.is_stopped() {
                return Err(Stopped);
            }
            let column = two_smallest(costs.row(row), &open).column;
            let flow = rest.min(demands[column]);
            rest -= flow;
            demands[column] -= flow;
            if demands[column] == 0 {
                open[column] = f64::NEG_INFINITY;
            }
            arcs.push(Arc { row, column, flow });
        }
    }
    Ok(arcs)
}

/// A spanning tree, its first row the root. Nodes are the rows, then the columns.
struct Tree {
    parent: Vec<usize>,
    depth: Vec<usize>,
    /// What the arc between a node and its parent ships.
    flow: Vec<i128>,
    first_child: Vec<usize>,
    next_sibling: Vec<usize>,
    previous_sibling: Vec<usize>,
    /// Potentials `u_i`.
    rows: Vec<f64>,
    /// Potentials `v_j`.
    columns: Vec<f64>,
    /// Nodes still to be visited.
    stack: Vec<usize>,
}

impl Tree {
    fn new(costs: &Costs<'_>, arcs: &[Arc]) -> Self {
        let nodes = costs.rows + costs.columns;
        let mut tree = Self {
            parent: vec![NONE; nodes],
            depth: vec![0; nodes],
            flow: vec![0; nodes],
            first_child: vec![NONE; nodes],
            next_sibling: vec![NONE; nodes],
            previous_sibling: vec![NONE; nodes],
            rows: vec![0.0; costs.rows],
            columns: vec![0.0; costs.columns],
            stack: vec![],
        };
        let mut neighbours = vec![vec![]; nodes];
        for arc in arcs {
            let column = costs.rows + arc.column;
            neighbours[arc.row].push((column, arc.flow));
            neighbours[column].push((arc.row, arc.flow));
        }
        let mut stack = vec![0];
        while let Some(node) = stack.pop() {
            for &(next, flow) in &neighbours[node] {
                if next != tree.parent[node] {
                    tree.attach(next, node);
                    tree.flow[next] = flow;
                    stack.push(next);
                }
            }
        }
        tree.settle(costs);
        tree
    }

    fn is_row(&self, node: usize) -> bool {
        node < self.rows.len()
    }

    fn attach(&mut self, node: usize, parent: usize) {
        let sibling = self.first_child[parent];
        self.parent[node] = parent;
        self.next_sibling[node] = sibling;
        self.previous_sibling[node] = NONE;
        if sibling != NONE {
            self.previous_sibling[sibling] = node;
        }
        self.first_child[parent] = node;
    }

    fn detach(&mut self, node: usize) {
        let (previous, next) = (self.previous_sibling[node], self.next_sibling[node]);
        if next != NONE {
            self.previous_sibling[next] = previous;
        }
        match previous {
            NONE => self.first_child[self.parent[node]] = next,
            _ => self.next_sibling[previous] = next,
        }
    }

    /// Calls `visit` at every node of a subtree, parents first.
    #[inline(always)]
    fn descend(&mut self, top: usize, mut visit: impl FnMut(&mut Self, usize)) {
        self.stack.push(top);
        while let Some(node) = self.stack.pop() {
            visit(self, node);
            let mut child = self.first_child[node];
            while child != NONE {
                self.stack.push(child);
                child = self.next_sibling[child];
            }
        }
    }

    /// Makes depths and potentials afresh, from the root on.
    fn settle(&mut self, costs: &Costs<'_>) {
        self.rows[0] = 0.0;
        self.descend(0, |tree, node| {
            let parent = tree.parent[node];
            if parent == NONE {
                return;
            }
            tree.depth[node] = tree.depth[parent] + 1;
            let rows = tree.rows.len();
            if tree.is_row(node) {
                let column = parent - rows;
                tree.rows[node] = costs.row(node)[column] - tree.columns[column];
            } else {
                let column = node - rows;
                tree.columns[column] = costs.row(parent)[column] - tree.rows[parent];
            }
        });
    }

    /// Lets the arc from `row` to `column` enter, of the given reduced cost.
    #[inline(always)]
    fn pivot(&mut self, row: usize, column: usize, reduced: f64) {
        let column = self.rows.len() + column;
        // Round the cycle, what goes from the row to the column is missing on the arcs by which rows ship upwards on the row's
        // side, and columns receive from above on the other.
        let (mut leaving, mut on_side_of_row) = (NONE, true);
        let mut mass = i128::MAX;
        let (mut a, mut b) = (row, column);
        while a != b {
            let of_row = self.depth[a] >= self.depth[b];
            let node = if of_row { &mut a } else { &mut b };
            if (*node < self.rows.len()) == of_row && self.flow[*node] < mass {
                (leaving, on_side_of_row, mass) = (*node, of_row, self.flow[*node]);
            }
            *node = self.parent[*node];
        }
        let top = a;
        for (start, of_row) in [(row, true), (column, false)] {
            let mut node = start;
            while node != top {
                let less = self.is_row(node) == of_row;
                self.flow[node] += if less { -mass } else { mass };
                node = self.parent[node];
            }
        }
        // The subtree below the arc that leaves is turned round and hung to the arc that enters.
        let (inside, outside) = match on_side_of_row {
            true => (row, column),
            false => (column, row),
        };
        let (mut node, mut parent, mut flow) = (inside, outside, mass);
        loop {
            let above = self.parent[node];
            self.detach(node);
            self.attach(node, parent);
            let shipped = std::mem::replace(&mut self.flow[node], flow);
            if node == leaving {
                break;
            }
            (parent, flow, node) = (node, shipped, above);
        }
        let change = if on_side_of_row { reduced } else { -reduced };
        self.descend(inside, |tree, node| {
            tree.depth[node] = tree.depth[tree.parent[node]] + 1;
            match node.checked_sub(tree.rows.len()) {
                None => tree.rows[node] += change,
                Some(column) => tree.columns[column] -= change,
            }
        });
    }

    fn plan(&self, crumbs: &Crumbs) -> Vec<Shipped> {
        let arcs = (1..self.parent.len()).map(|node| {
            let parent = self.parent[node];
            let (source, target) = match self.is_row(node) {
                true => (node, parent - self.rows.len()),
                false => (parent, node - self.rows.len()),
            };
            Shipped {
                source,
                target,
                mass: crumbs.mass(self.flow[node]),
            }
        });
        arcs.filter(|shipped| shipped.mass > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{is_optimal, matrix};
    use super::super::{Shipment, Solution, column_minima};
    use super::*;
    use crate::watch::Stop;

    /// Rows and columns with masses: coprime numbers, ties of all kinds, one row, one column.
    fn problems() -> Vec<(Vec<f64>, Vec<u64>, Vec<u64>)> {
        let mut problems = vec![];
        for divisor in [1, 20, 1000] {
            for (n, m) in [(1, 1), (1, 6), (6, 1), (7, 8), (30, 20), (20, 33)] {
                let entries = matrix(n, m, divisor);
                let uniform = (vec![m as u64; n], vec![n as u64; m]);
                problems.push((entries.clone(), uniform.0, uniform.1));
                // The sums are equal: what the last column lacks it gets.
                let supply: Vec<u64> = (0..n as u64).map(|i| m as u64 + i % 3).collect();
                let mut demand = vec![1; m];
                demand[m - 1] += supply.iter().sum::<u64>() - m as u64;
                problems.push((entries, supply, demand));
            }
        }
        problems
    }

    #[test]
    fn a_basis_without_negative_reduced_costs_is_optimal() {
        for (entries, supply, demand) in problems() {
            let costs = Costs::new(&entries, supply.len(), demand.len());
            let (supply, demand) = (&supply[..], &demand[..]);
            let masses = Masses { supply, demand };
            let start = column_minima(&costs);
            let basis = pivots(&costs, &masses, &start, &Stop::default()).unwrap();
            assert!(basis.plan.len() < supply.len() + demand.len());
            let (mut left, mut wanted) = (supply.to_vec(), demand.to_vec());
            for shipped in &basis.plan {
                left[shipped.source] -= shipped.mass;
                wanted[shipped.target] -= shipped.mass;
            }
            assert!(left.iter().chain(&wanted).all(|&mass| mass == 0));
            // Nothing is left to the paths.
            let shipment = Shipment::greedy(&costs, &masses, &basis.potentials, &basis.plan);
            assert_eq!(shipment.waiting(), 0);
            let found = Solution {
                plan: basis.plan,
                potentials: basis.potentials,
                scans: 0,
            };
            is_optimal(&entries, masses, &found);
        }
    }

    /// Every tree on the way is one: of all nodes, with positive flows that leave and arrive as they should, and depths.
    #[test]
    fn a_pivot_leaves_a_tree() {
        for (entries, supply, demand) in problems() {
            let (n, m) = (supply.len(), demand.len());
            let costs = Costs::new(&entries, n, m);
            let masses = Masses {
                supply: &supply,
                demand: &demand,
            };
            let crumbs = Crumbs::of(n);
            let arcs = greedy(&costs, &crumbs, &masses, &vec![0.0; m], &Stop::default()).unwrap();
            assert_eq!(arcs.len(), n + m - 1);
            let mut tree = Tree::new(&costs, &arcs);
            let mut total = f64::INFINITY;
            loop {
                let mut nodes = 0;
                tree.descend(0, |_, _| nodes += 1);
                assert_eq!(nodes, n + m);
                let mut sums = vec![0; n + m];
                let mut cost = 0.0;
                for node in 1..n + m {
                    let parent = tree.parent[node];
                    assert_eq!(tree.depth[node], tree.depth[parent] + 1);
                    assert!(tree.flow[node] > 0);
                    sums[node] += tree.flow[node];
                    sums[parent] += tree.flow[node];
                    let (row, column) = (node.min(parent), node.max(parent) - n);
                    let price = costs.row(row)[column];
                    assert_eq!(tree.rows[row] + tree.columns[column], price);
                    cost += price * tree.flow[node] as f64;
                }
                let given: Vec<i128> = supply.iter().map(|&mass| crumbs.supply(mass)).collect();
                assert_eq!(sums, [given, crumbs.demands(&demand)].concat());
                assert!(cost < total, "{cost} {total}");
                total = cost;
                let entering = (0..n * m).find_map(|k| {
                    let (row, column) = (k / m, k % m);
                    let reduced = (entries[k] - tree.columns[column]) - tree.rows[row];
                    (reduced < 0.0).then_some((row, column, reduced))
                });
                let Some((row, column, reduced)) = entering else {
                    break;
                };
                tree.pivot(row, column, reduced);
            }
        }
    }

    #[test]
    fn crumbs_are_rounded_away() {
        let crumbs = Crumbs::of(10);
        assert_eq!(crumbs.supply(3), 67);
        assert_eq!(crumbs.demands(&[1, 2]), [22, 54]);
        let masses = [56, 66, 76, 10, 1].map(|flow| crumbs.mass(flow));
        assert_eq!(masses, [3, 3, 3, 0, 0]);
    }
}
