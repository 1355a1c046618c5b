//! Prices from an auction, with a bid increment that shrinks from phase to phase.
//!
//! Every row without a column bids for the column that is cheapest to it, and raises the price
//! until that column is worth `ε` less than the second choice; who held the column is out and
//! bids again. The prices found are a start for shortest augmenting paths and nothing more:
//! optimality does not depend on them, so that a phase may end early.
//!
//! Source: D. P. Bertsekas, *Linear Network Optimization*, MIT Press 1991, chapter 4.

use super::Costs;
use super::scan::two_smallest;
use crate::watch::{Stopped, Watch};

/// The first increment, in units of the mean gap of a row, and the factor between two phases.
/// Fastest of a grid of 3 to 8 times 0.1 to 4 on uniform clouds of 64 to 2048 points in `R^3`.
const FIRST: f64 = 2.0;
const FACTOR: f64 = 8.0;

/// The last increment is at least this share of the mean gap over the number of rows: below it
/// shortest paths are faster.
const LAST: f64 = 0.25;

/// Bids a row and a phase, beyond which the phase has become a price war.
const BIDS: usize = 100;

/// Lowers `potentials` (raises prices) from the increment `FIRST·gap` on, `gap` the mean duality
/// gap of a row. Returns the number of bids.
#[inline(always)]
pub(super) fn bid(
    costs: &Costs<'_>,
    gap: f64,
    potentials: &mut [f64],
    watch: &dyn Watch,
) -> Result<usize, Stopped> {
    let n = costs.rows;
    let mut increment = FIRST * gap;
    let mut bids = 0;
    while increment > LAST * gap / n as f64 {
        let mut holder = vec![usize::MAX; n];
        let mut bidders: Vec<usize> = (0..n).rev().collect();
        let budget = bids + BIDS * n;
        while let Some(row) = bidders.pop() {
            if watch.is_stopped() {
                return Err(Stopped);
            }
            let best = two_smallest(costs.row(row), potentials);
            // With one column alone there is nothing to compare.
            if !best.second.is_finite() || bids == budget {
                return Ok(bids);
            }
            bids += 1;
            potentials[best.column] -= (best.second - best.smallest) + increment;
            let out = std::mem::replace(&mut holder[best.column], row);
            if out != usize::MAX {
                bidders.push(out);
            }
        }
        increment /= FACTOR;
    }
    Ok(bids)
}
