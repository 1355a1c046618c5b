//! The median heuristic for a bandwidth.

use std::cmp::Ordering;

use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::KernelError;

/// The most points of which all pairs are compared: as many as the command keeps of any data. Of more, this many are
/// chosen.
pub const MEDIAN_POINTS: usize = 2000;

/// The seed of the choice.
const SEED: u64 = 0;

/// The median of the pairwise distances of the columns (of an even number of pairs, the mean of the middle two): of all
/// pairs of up to [`MEDIAN_POINTS`] points; of more, of the pairs of so many, drawn without replacement from the points
/// in lexicographic order.
///
/// # Guarantee
/// The order of the points does not matter, to the last bit: nor does it in the draw, whose seed is fixed.
///
/// # Errors
/// [`KernelError::TooFewPoints`], [`KernelError::NonFinitePoint`], and
/// [`KernelError::CoincidentPoints`] when the median is 0.
///
/// # Cost
/// `n²q/2` for `n ≤ 2000` points of `q` coordinates, and `n²/2` numbers; a sort of more.
///
/// # Example
/// ```
/// use nalgebra::DMatrix;
///
/// // Distances 1, 2 and 3.
/// let points = DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 3.0]);
/// assert_eq!(polyak::kernel::median_distance(&points), Ok(2.0));
/// ```
pub fn median_distance(points: &DMatrix<f64>) -> Result<f64, KernelError> {
    let total = points.ncols();
    if total < 2 {
        return Err(KernelError::TooFewPoints { points: total });
    }
    for (column, point) in points.column_iter().enumerate() {
        if let Some((row, &value)) = point.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(KernelError::NonFinitePoint { row, column, value });
        }
    }
    let chosen = chosen(points);
    let n = chosen.len();
    let distance =
        |i: usize, j: usize| (points.column(chosen[i]) - points.column(chosen[j])).norm();
    let mut distances: Vec<f64> = (1..n)
        .flat_map(|j| (0..j).map(move |i| (i, j)))
        .map(|(i, j)| distance(i, j))
        .collect();
    let middle = distances.len() / 2;
    let even = distances.len().is_multiple_of(2);
    let (below, &mut upper, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even {
        below.iter().copied().fold(0.0, f64::max)
    } else {
        upper
    };
    let median = lower + (upper - lower) / 2.0;
    if median > 0.0 {
        Ok(median)
    } else {
        Err(KernelError::CoincidentPoints { points: n })
    }
}

/// Says which distances [`median_distance`] takes the median of, for so many points.
///
/// # Example
/// ```
/// use polyak::kernel::median_in_words;
/// assert_eq!(median_in_words(3), "the median of the distances of all 3 pairs of points");
/// assert!(median_in_words(5000).contains("2000 of the 5000 points"));
/// ```
#[must_use]
pub fn median_in_words(points: usize) -> String {
    if points <= MEDIAN_POINTS {
        let pairs = points * points.saturating_sub(1) / 2;
        format!("the median of the distances of all {pairs} pairs of points")
    } else {
        format!(
            "the median of the distances of {MEDIAN_POINTS} of the {points} points, drawn in a way that does not depend \
             on their order"
        )
    }
}

/// The columns that are compared: all, or a draw from their sorted order.
fn chosen(points: &DMatrix<f64>) -> Vec<usize> {
    let total = points.ncols();
    let mut order: Vec<usize> = (0..total).collect();
    if total <= MEDIAN_POINTS {
        return order;
    }
    // Equal points may come in any order: one serves as well as the other.
    order.sort_unstable_by(|&i, &j| compared(points, i, j));
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for k in 0..MEDIAN_POINTS {
        order.swap(k, rng.random_range(k..total));
    }
    order.truncate(MEDIAN_POINTS);
    order
}

/// Lexicographic order of finite points; `0.0` and `-0.0` are equal.
fn compared(points: &DMatrix<f64>, i: usize, j: usize) -> Ordering {
    let (x, y) = (points.column(i), points.column(j));
    let mut orders = x
        .iter()
        .zip(y.iter())
        .map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)));
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Gaussian;

    /// Sorts every distance, coordinate by coordinate.
    fn slow(points: &DMatrix<f64>) -> f64 {
        let n = points.ncols();
        let mut all = Vec::new();
        for i in 0..n {
            for j in i + 1..n {
                let mut sum = 0.0;
                for k in 0..points.nrows() {
                    sum += (points[(k, i)] - points[(k, j)]).powi(2);
                }
                all.push(sum.sqrt());
            }
        }
        all.sort_by(f64::total_cmp);
        0.5 * (all[(all.len() - 1) / 2] + all[all.len() / 2])
    }

    #[test]
    fn median_is_that_of_a_slow_sort() {
        for n in 2..40 {
            let points = Gaussian::try_new(1.0)
                .unwrap()
                .sample_frequencies(3, n, n as u64);
            let (fast, slow) = (median_distance(&points).unwrap(), slow(&points));
            // Squares, two sums, a root and a mean a side.
            assert!(
                (fast - slow).abs() <= 12.0 * f64::EPSILON / 2.0 * slow,
                "{n}"
            );
        }
    }

    /// The points in another order.
    fn shuffled(points: &DMatrix<f64>, seed: u64) -> DMatrix<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut order: Vec<usize> = (0..points.ncols()).collect();
        for k in (1..order.len()).rev() {
            order.swap(k, rng.random_range(0..=k));
        }
        points.select_columns(&order)
    }

    #[test]
    fn the_order_of_the_points_does_not_matter() {
        let sorted = DMatrix::from_fn(1, 3000, |_, j| j as f64);
        // Pairs, lattices and duplicates with signed zeros, on both sides of the limit.
        let lattice = |n: usize| {
            DMatrix::from_fn(2, n, |i, j| {
                let sign = if j % 2 == 0 { 1.0 } else { -1.0 };
                if i == 0 {
                    (j / 2) as f64 * 0.1
                } else {
                    sign * (j % 3) as f64
                }
            })
        };
        let drawn = Gaussian::try_new(1.0)
            .unwrap()
            .sample_frequencies(3, 2500, 1);
        for points in [
            sorted,
            lattice(MEDIAN_POINTS),
            lattice(MEDIAN_POINTS + 1),
            drawn,
        ] {
            let median = median_distance(&points).unwrap();
            let backwards = DMatrix::from_fn(points.nrows(), points.ncols(), |i, j| {
                points[(i, points.ncols() - 1 - j)]
            });
            for other in [backwards, shuffled(&points, 1), shuffled(&points, 2)] {
                assert_eq!(median_distance(&other).unwrap().to_bits(), median.to_bits());
            }
        }
    }

    /// Of 0, …, 2999 the exact median is 879: `|i − j| < x` has the probability `1 − (1 − x)²`, relatively, and half
    /// of it at `x = 1 − √½`.
    #[test]
    fn sorted_points_are_not_taken_for_a_part_of_them() {
        let points = DMatrix::from_fn(1, 3000, |_, j| j as f64);
        let median = median_distance(&points).unwrap();
        let exact = 3000.0 * (1.0 - 0.5f64.sqrt());
        // The share of distances below the median, seen on 2000 points, is off by at most 2·0.03 (DKW, 1e-3).
        assert!((median - exact).abs() < 0.06 * 3000.0, "{median} {exact}");
    }

    #[test]
    fn all_pairs_of_as_many_points_as_the_command_keeps_count() {
        let mut points = DMatrix::from_fn(1, MEDIAN_POINTS, |_, j| j as f64);
        assert_eq!(median_distance(&points).unwrap(), slow(&points));
        points[MEDIAN_POINTS - 1] = f64::NEG_INFINITY;
        assert_eq!(
            median_distance(&points),
            Err(KernelError::NonFinitePoint {
                row: 0,
                column: MEDIAN_POINTS - 1,
                value: f64::NEG_INFINITY
            })
        );
    }

    #[test]
    fn words_say_which_pairs() {
        assert!(median_in_words(MEDIAN_POINTS).contains("all 1999000 pairs"));
        assert!(median_in_words(MEDIAN_POINTS + 1).contains("2000 of the 2001 points"));
        assert!(median_in_words(0).contains("all 0 pairs"));
    }

    #[test]
    fn points_without_a_median_distance_are_errors() {
        let equal = DMatrix::from_element(2, 5, 3.0);
        assert_eq!(
            median_distance(&equal),
            Err(KernelError::CoincidentPoints { points: 5 })
        );
        for n in 0..2 {
            let few = DMatrix::zeros(2, n);
            assert_eq!(
                median_distance(&few),
                Err(KernelError::TooFewPoints { points: n })
            );
        }
    }
}
