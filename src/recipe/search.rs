//! The largest value of a function on an interval, with proof.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Cells that are split before the search gives up and says how far it got.
const MOST_SPLITS: usize = 100_000;

/// The best point found, and what no point can exceed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maximum {
    /// The point.
    pub at: f64,
    /// The value there.
    pub value: f64,
    /// No value on the interval is larger.
    pub bound: f64,
}

/// A cell of the interval and a bound of the values on it.
#[derive(Clone, Copy, PartialEq)]
struct Cell {
    bound: f64,
    low: f64,
    high: f64,
}

impl Eq for Cell {}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound)
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Finds a point of `(0, high]` whose value is at least the largest one divided by `1 + tolerance`, by
/// splitting the cell with the largest bound. `None` if no value is positive.
///
/// # Arguments
/// * `value`: of a point; not positive where the point is not admissible.
/// * `bound`: at least every value on a cell `[a, b]`, `a ≥ 0`; tends to the value as the cell shrinks.
///
/// # Guarantee
/// `value(at) ≤ every value ≤ bound`; the two agree to the tolerance unless 100,000 splits did not suffice.
pub(super) fn maximise(
    high: f64,
    tolerance: f64,
    value: impl Fn(f64) -> f64,
    bound: impl Fn(f64, f64) -> f64,
) -> Option<Maximum> {
    let mut best = (high, value(high));
    let mut cells = BinaryHeap::new();
    let cell = |low, high| Cell {
        bound: bound(low, high),
        low,
        high,
    };
    cells.push(cell(0.0, high));
    for _ in 0..MOST_SPLITS {
        let Some(top) = cells.peek().copied() else {
            break;
        };
        if !(top.bound > best.1 * (1.0 + tolerance)) || !(top.bound > 0.0) {
            break;
        }
        cells.pop();
        // By ratios, down to where only the cell at zero is left.
        let middle = if top.low > 0.0 {
            (top.low * top.high).sqrt()
        } else {
            top.high / 16.0
        };
        if !(top.low < middle && middle < top.high) {
            continue;
        }
        let at_middle = value(middle);
        if at_middle > best.1 {
            best = (middle, at_middle);
        }
        cells.push(cell(top.low, middle));
        cells.push(cell(middle, top.high));
    }
    let bound = cells.peek().map_or(best.1, |top| top.bound.max(best.1));
    (best.1 > 0.0).then_some(Maximum {
        at: best.0,
        value: best.1,
        bound,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x²·decreasing(x)`: bounded on a cell by its upper end squared times the value at its lower one.
    fn search(decreasing: impl Fn(f64) -> f64, high: f64) -> Option<Maximum> {
        let decreasing = &decreasing;
        maximise(
            high,
            1e-6,
            |x| x * x * decreasing(x),
            |a, b| b * b * decreasing(a),
        )
    }

    #[test]
    fn a_smooth_maximum_is_found_to_the_tolerance() {
        // x²e^{−2x/s} is largest at s: s²e^{−2}.
        for s in [1e-5, 0.03, 1.0, 7.0] {
            let found = search(|x| (-2.0 * x / s).exp(), 10.0).unwrap();
            let exact = s * s * (-2.0_f64).exp();
            assert!(found.value <= exact * (1.0 + 1e-14));
            assert!(found.value >= exact / (1.0 + 1e-6));
            assert!(found.bound >= exact && found.bound <= found.value * (1.0 + 1e-6));
            assert!((found.at / s - 1.0).abs() < 2e-3);
        }
    }

    #[test]
    fn the_upper_end_can_be_the_best() {
        let found = search(|_| 2.0, 3.0).unwrap();
        assert_eq!((found.at, found.value, found.bound), (3.0, 18.0, 18.0));
    }

    /// Two humps, the lower one wider: a local search would stop at it.
    #[test]
    fn the_highest_of_several_is_found() {
        let steps = |x: f64| {
            if x <= 1.0 {
                4.0
            } else if x <= 2.5 {
                0.5
            } else {
                0.0
            }
        };
        let found = search(steps, 10.0).unwrap();
        assert!(found.value >= 4.0 / (1.0 + 1e-6) && found.at <= 1.0);
        let steps = |x: f64| {
            if x <= 1.0 {
                4.0
            } else if x <= 3.0 {
                0.5
            } else {
                0.0
            }
        };
        let found = search(steps, 10.0).unwrap();
        assert!(found.value >= 4.5 / (1.0 + 1e-6) && found.at <= 3.0 && found.at > 2.9);
    }

    #[test]
    fn nothing_positive_is_nothing() {
        assert_eq!(search(|_| 0.0, 3.0), None);
        assert_eq!(search(|_| f64::NAN, 3.0), None);
    }

    #[test]
    fn a_bound_that_does_not_close_ends_and_says_so() {
        let found = maximise(1.0, 1e-6, |_| 1.0, |_, _| 2.0).unwrap();
        assert_eq!((found.value, found.bound), (1.0, 2.0));
    }
}
