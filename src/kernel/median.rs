//! The median heuristic for a bandwidth.

use nalgebra::DMatrix;

use super::KernelError;

/// How many points, the first ones, the median heuristic compares.
pub const MEDIAN_POINTS: usize = 1000;

/// The median of the pairwise distances of the first [`MEDIAN_POINTS`] columns
/// (of an even number of pairs, the mean of the middle two).
///
/// # Errors
/// [`KernelError::TooFewPoints`], [`KernelError::NonFinitePoint`], and
/// [`KernelError::CoincidentPoints`] when the median is 0.
///
/// # Cost
/// `n²q/2` for `n ≤ 1000` points of `q` coordinates, and `n²/2` numbers.
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
    let n = points.ncols().min(MEDIAN_POINTS);
    if n < 2 {
        return Err(KernelError::TooFewPoints { points: n });
    }
    let points = points.columns(0, n);
    for (column, point) in points.column_iter().enumerate() {
        if let Some((row, &value)) = point.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(KernelError::NonFinitePoint { row, column, value });
        }
    }
    let mut distances: Vec<f64> = (1..n)
        .flat_map(|j| (0..j).map(move |i| (points.column(i) - points.column(j)).norm()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Gaussian, Kernel};

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

    #[test]
    fn only_the_first_thousand_points_count() {
        let mut points = DMatrix::from_fn(1, MEDIAN_POINTS + 1, |_, j| j as f64);
        let first = median_distance(&points.columns(0, MEDIAN_POINTS).into_owned());
        points[MEDIAN_POINTS] = f64::NAN;
        assert_eq!(median_distance(&points), first);
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
