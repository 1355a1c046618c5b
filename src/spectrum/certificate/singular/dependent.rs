//! Rows that depend on others for what they look like: zero, equal, opposite, or with the sum zero.

use super::super::super::lanczos::column_products;
use super::{big, block, odd_part};
use crate::arithmetic::gamma;
use dashu_int::IBig;
use nalgebra::DMatrix;

/// Rows with the same key that one row is compared with, at most.
const COMPARED: usize = 8;

/// The rows of a finite symmetric matrix that are left when those are dropped that are zero, that are equal or opposite
/// to a row kept, and one of every connected set of rows without entries elsewhere whose sums are zero.
///
/// # Guarantee
/// Exact: every row dropped is a combination of those kept, and so is every column of what is left. Other rows that
/// depend on each other are not found.
///
/// # Cost
/// A pass over the matrix, and two or three more over what is left where sums vanish.
pub(crate) fn independent_rows(a: &DMatrix<f64>) -> Vec<usize> {
    let mut kept = distinct_rows(a);
    let reduced;
    let rest = if kept.len() < a.nrows() {
        reduced = block(a, &kept);
        &reduced
    } else {
        a
    };
    let dropped = balanced_rows(rest);
    let mut index = 0..;
    kept.retain(|_| !index.next().is_some_and(|i| dropped[i]));
    kept
}

/// Rows that are not zero, the first of those that are equal or opposite.
fn distinct_rows(a: &DMatrix<f64>) -> Vec<usize> {
    let order = a.nrows();
    // Products with one vector: equal rows give equal numbers, opposite rows opposite ones, whatever is rounded.
    let weight = |i: usize| 1.0 + ((i + 1) as f64 * 0.618_033_988_749_894_9).fract();
    let weights: Vec<f64> = (0..order).map(weight).collect();
    let keys: Vec<(f64, f64)> = column_products(a, &weights);
    let mut sequence: Vec<usize> = (0..order)
        // Weights are at least one: no product of another number than zero is zero.
        .filter(|&i| keys[i].1 != 0.0)
        .collect();
    let key = |i: usize| keys[i].0.abs();
    sequence.sort_by(|&i, &j| key(i).total_cmp(&key(j)).then(i.cmp(&j)));
    let mut kept: Vec<usize> = Vec::with_capacity(order);
    for group in sequence.chunk_by(|&i, &j| key(i).total_cmp(&key(j)).is_eq()) {
        let first = kept.len();
        for &i in group {
            let before = kept[first..].iter().take(COMPARED);
            if !before.into_iter().any(|&j| is_equal_or_opposite(a, i, j)) {
                kept.push(i);
            }
        }
    }
    kept.sort_unstable();
    kept
}

fn is_equal_or_opposite(a: &DMatrix<f64>, i: usize, j: usize) -> bool {
    let order = a.nrows();
    let column = |j: usize| &a.as_slice()[j * order..][..order];
    let pairs = || column(i).iter().zip(column(j));
    pairs().all(|(x, y)| x == y) || pairs().all(|(x, y)| *x == -*y)
}

/// Of every set of rows that entries connect, none of them to a row outside, and whose sums are all zero: that of the
/// largest diagonal entry.
fn balanced_rows(a: &DMatrix<f64>) -> Vec<bool> {
    let order = a.nrows();
    let mut dropped = vec![false; order];
    let sums = column_products(a, &vec![1.0; order]);
    let rounding = gamma(order + 4);
    let column = |j: usize| &a.as_slice()[j * order..][..order];
    let vanishes: Vec<bool> = (sums.iter().enumerate())
        .map(|(j, (sum, size))| {
            sum.abs() <= rounding * size + f64::MIN_POSITIVE && sums_to_zero(column(j))
        })
        .collect();
    let mut seen = vec![false; order];
    for start in 0..order {
        if seen[start] || !vanishes[start] {
            continue;
        }
        seen[start] = true;
        let (mut waiting, mut balanced, mut largest) = (vec![start], true, start);
        while let Some(j) = waiting.pop() {
            balanced &= vanishes[j];
            if a[(j, j)] > a[(largest, largest)] {
                largest = j;
            }
            for (i, x) in column(j).iter().enumerate() {
                if *x != 0.0 && !seen[i] {
                    seen[i] = true;
                    waiting.push(i);
                }
            }
        }
        dropped[largest] = balanced;
    }
    dropped
}

/// Tells whether the sum of finite numbers is exactly zero.
fn sums_to_zero(numbers: &[f64]) -> bool {
    let numbers = || numbers.iter().filter(|x| **x != 0.0);
    let exponents = || numbers().map(|x| odd_part(*x).1);
    let (Some(least), Some(most)) = (exponents().min(), exponents().max()) else {
        return true;
    };
    // 53 bits, 31 of the count, and the sign.
    if most - least <= 42 {
        let terms = numbers().map(|x| {
            let (integer, exponent) = odd_part(*x);
            i128::from(integer) << (exponent - least)
        });
        return terms.sum::<i128>() == 0;
    }
    let terms = numbers().map(|x| {
        let (integer, exponent) = odd_part(*x);
        big(integer, exponent - least)
    });
    terms.sum::<IBig>() == IBig::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    /// The Laplacian of paths of the given lengths.
    fn paths(lengths: &[usize]) -> DMatrix<f64> {
        let order = lengths.iter().sum();
        let mut a = DMatrix::zeros(order, order);
        let mut first = 0;
        for length in lengths {
            for i in first..first + length - 1 {
                for (row, column, sign) in [(i, i, 1.0), (i + 1, i + 1, 1.0), (i, i + 1, -1.0)] {
                    a[(row, column)] += sign;
                }
                a[(i + 1, i)] -= 1.0;
            }
            first += length;
        }
        a
    }

    #[test]
    fn zero_equal_and_opposite_rows_are_dropped() {
        let zero = dmatrix![2.0, 0.0, 1.0; 0.0, -0.0, 0.0; 1.0, 0.0, 2.0];
        assert_eq!(independent_rows(&zero), [0, 2]);
        assert_eq!(independent_rows(&dmatrix![1.0, 1.0; 1.0, 1.0]), [0]);
        assert_eq!(independent_rows(&dmatrix![1.0, -1.0; -1.0, 1.0]), [0]);
        let twice = dmatrix![3.0, 1.0, 3.0; 1.0, 2.0, 1.0; 3.0, 1.0, 3.0];
        assert_eq!(independent_rows(&twice), [0, 1]);
        assert!(independent_rows(&DMatrix::zeros(2, 2)).is_empty());
        // The smallest number is none that vanishes.
        let tiny = DMatrix::from_diagonal(&nalgebra::dvector![1.0, 5e-324]);
        assert_eq!(independent_rows(&tiny), [0, 1]);
        assert_eq!(
            independent_rows(&dmatrix![1.0, 1.0; 1.0, 1.0_f64.next_up()]),
            [0, 1]
        );
        // Sums that no f64 is: nothing is said, and nothing breaks.
        let huge = DMatrix::from_element(3, 3, f64::MAX);
        assert_eq!(independent_rows(&huge), [0]);
    }

    #[test]
    fn rows_that_differ_below_the_rounding_of_a_product_are_kept() {
        // The products with any vector agree in f64; the rows do not.
        let mut a = DMatrix::from_element(12, 12, 1e20);
        for i in 0..12 {
            a[(i, i)] = 1e20 + 32768.0 * i as f64;
        }
        assert_eq!(independent_rows(&a).len(), 12);
    }

    #[test]
    fn one_row_of_every_connected_balanced_set_is_dropped() {
        for lengths in [&[50][..], &[3, 1, 4], &[2, 2, 2]] {
            let a = paths(lengths);
            let kept = independent_rows(&a);
            assert_eq!(kept.len(), a.nrows() - lengths.len(), "{lengths:?}");
            // A determinant of one, of every forest with a root: Kirchhoff.
            assert!((block(&a, &kept).determinant() - 1.0).abs() < 1e-9);
        }
        for (row, change) in [(7, 1e-300), (0, f64::EPSILON), (3, -1e-20)] {
            let mut a = paths(&[3, 9]);
            a[(row, row)] += change;
            // Below the last place of the entry nothing was changed.
            let changed = a[(row, row)] != paths(&[3, 9])[(row, row)];
            let expected = if changed { 11 } else { 10 };
            assert_eq!(independent_rows(&a).len(), expected, "{row} {change:e}");
        }
        let mut far = paths(&[3, 9]);
        (far[(0, 11)], far[(11, 0)]) = (1e-300, 1e-300);
        assert_eq!(independent_rows(&far).len(), 12);
    }

    #[test]
    fn sums_are_exact_at_every_range() {
        assert!(sums_to_zero(&[]) && sums_to_zero(&[0.0, -0.0]));
        assert!(sums_to_zero(&[0.5, 0.25, -0.75]) && !sums_to_zero(&[0.1, 0.2, -0.3]));
        assert!(sums_to_zero(&[1e300, 1e-300, -1e300, -1e-300]));
        assert!(!sums_to_zero(&[1e300, 1e-300, -1e300]));
        assert!(!sums_to_zero(&[1.0, f64::EPSILON, -1.0]));
    }
}
