//! The slow and obvious oracle of the certificates: Jacobi's method in binary floating
//! point of any precision, on entries evaluated by another library than theirs.
//!
//! # Accuracy
//! With `P` bits, `N ≤ 64`: a sweep is `N²/2` rotations, each of which commits a dozen
//! roundings of numbers below `N` in the `2N` entries that it changes; a dozen sweeps stay
//! below `2^40` last places in the norm of the matrix, hence in every eigenvalue (Weyl). The
//! smallest eigenvalue is accepted only when it is `2^{200+40−P}` or more: 200 bits of it, 60
//! digits, are then right.

use super::endpoint::{Direction, Endpoint};
use crate::kernel::{KernelSpec, Real, real};
use nalgebra::DMatrixView;

/// Bits of the smallest eigenvalue that are right: 60 digits.
const DIGITS: usize = 200;

/// Bits that rounding may cost.
const ROUNDING: usize = 40;

/// Most points.
pub const LARGEST_REFERENCE: usize = 64;

/// Most bits: `N = 40` points on a line, a millionth of a bandwidth wide, take 3,500.
const MOST_BITS: usize = 40_960;

/// An eigenvalue known to 60 digits, between two neighbours of 53 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// At most the eigenvalue.
    pub lo: Endpoint,
    /// At least the eigenvalue.
    pub hi: Endpoint,
}

impl Reference {
    fn of(value: &Real) -> Self {
        // 2^{20−200} of the value: far above its error, far below 53 bits.
        let slack = value * power(20 - DIGITS as isize, 64);
        Self {
            lo: endpoint(&(value - &slack), Direction::Down),
            hi: endpoint(&(value + &slack), Direction::Up),
        }
    }
}

/// The smallest and the largest eigenvalue of the exact Gram matrix of `points` (q × N).
///
/// # Returns
/// Nothing for a kernel of another crate, for no points, for more than [`LARGEST_REFERENCE`], for coordinates that are not
/// finite, and for a matrix that is singular or too nearly so.
///
/// # Guarantee
/// Not a certificate: the roundings are counted generously (see the source), not enclosed.
///
/// # Cost
/// `O(N³)` operations in arbitrary precision a sweep: 5 ms at N = 8, a second at N = 40.
///
/// # Example
/// ```
/// use std::str::FromStr;
/// use polyak::spectrum::certificate::{CertificateOptions, certify_smallest, reference_extremes};
/// let kernel = polyak::kernel::KernelSpec::from_str("gaussian:1")?;
/// let points = nalgebra::dmatrix![0.0, 1e-9, 2e-9];
/// let certificate = certify_smallest(&kernel.into(), &points, &CertificateOptions::default())?;
/// let (smallest, _) = reference_extremes(&kernel, &points).ok_or("singular")?;
/// assert!(certificate.lo <= smallest.lo && smallest.hi <= certificate.hi);
/// assert!((smallest.lo.log10() + 36.5).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn reference_extremes<'a>(
    kernel: &KernelSpec,
    points: impl Into<DMatrixView<'a, f64>>,
) -> Option<(Reference, Reference)> {
    let points = points.into();
    let fits = (1..=LARGEST_REFERENCE).contains(&points.ncols());
    let known = kernel.reference(real(1.0, 64)).is_some();
    if !known || !fits || points.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut precision = 320;
    while precision <= MOST_BITS {
        let values = jacobi(gram(kernel, points, precision), precision)?;
        let smallest = values.iter().min()?;
        let seen = (DIGITS + ROUNDING) as isize - precision as isize;
        if *smallest >= power(seen, precision) {
            let largest = values.iter().max()?;
            return Some((Reference::of(smallest), Reference::of(largest)));
        }
        precision *= 2;
    }
    None
}

fn endpoint(x: &Real, direction: Direction) -> Endpoint {
    let exact = x.repr();
    Endpoint::rounded(exact.significand(), exact.exponent() as i64, direction)
}

/// `2^exponent`.
fn power(exponent: isize, precision: usize) -> Real {
    let one = Real::from_parts(1.into(), exponent);
    one.with_precision(precision).value()
}

/// `ψ(‖x − y‖)`.
fn value(kernel: &KernelSpec, x: &[f64], y: &[f64], precision: usize) -> Real {
    let number = |x: f64| real(x, precision);
    let squares = x.iter().zip(y).map(|(x, y)| {
        let difference = number(*x) - number(*y);
        &difference * &difference
    });
    let squared = squares.fold(number(0.0), |sum, x| sum + x);
    let bandwidth = number(kernel.bandwidth());
    let ratio = squared / (&bandwidth * &bandwidth);
    if ratio == number(0.0) {
        return number(1.0);
    }
    kernel.reference(ratio).expect("others are refused before")
}

fn gram(kernel: &KernelSpec, points: DMatrixView<'_, f64>, precision: usize) -> Vec<Vec<Real>> {
    let columns: Vec<Vec<f64>> = points
        .column_iter()
        .map(|z| z.iter().copied().collect())
        .collect();
    let row = |x: &Vec<f64>| {
        let entries = columns.iter().map(|y| value(kernel, x, y, precision));
        entries.collect()
    };
    columns.iter().map(row).collect()
}

/// The eigenvalues, by cyclic Jacobi rotations; nothing if they do not converge.
fn jacobi(mut a: Vec<Vec<Real>>, precision: usize) -> Option<Vec<Real>> {
    let n = a.len();
    let one = real(1.0, precision);
    let negligible = power(-(precision as isize), precision);
    for _sweep in 0..60 {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let size = &a[p][q] * &a[p][q];
                if size <= &negligible * &negligible {
                    continue;
                }
                rotated = true;
                let theta = (&a[q][q] - &a[p][p]) / (&a[p][q] * real(2.0, precision));
                let root = (&theta * &theta + &one).sqrt();
                let t = if theta < real(0.0, precision) {
                    &one / (theta - root)
                } else {
                    &one / (theta + root)
                };
                let c = &one / (&t * &t + &one).sqrt();
                let s = &t * &c;
                for row in &mut a {
                    let (x, y) = (row[p].clone(), row[q].clone());
                    row[p] = &c * &x - &s * &y;
                    row[q] = &s * &x + &c * &y;
                }
                for k in 0..n {
                    let (x, y) = (a[p][k].clone(), a[q][k].clone());
                    a[p][k] = &c * &x - &s * &y;
                    a[q][k] = &s * &x + &c * &y;
                }
            }
        }
        if !rotated {
            return Some((0..n).map(|i| a[i][i].clone()).collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kernel, Matern};
    use nalgebra::DMatrix;

    #[test]
    fn jacobi_knows_the_path_graph() {
        // 2 on the diagonal, −1 beside, order 5: 2 − √3 and 2 + √3.
        let precision = 300;
        let entry = |i: usize, j: usize| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let row = |i| (0..5).map(|j| real(entry(i, j), precision)).collect();
        let values = jacobi((0..5).map(row).collect(), precision).unwrap();
        let root = real(3.0, precision).sqrt();
        let error = power(ROUNDING as isize - precision as isize, precision);
        let smallest = values.iter().min().unwrap() - (real(2.0, precision) - &root);
        let largest = values.iter().max().unwrap() - (real(2.0, precision) + &root);
        for difference in [smallest, largest] {
            assert!(difference <= error && -difference <= error);
        }
    }

    fn kernels() -> Vec<KernelSpec> {
        let names = [
            "gaussian", "matern12", "matern32", "matern52", "matern72", "imq", "imq(7/3)",
            "imq(0.3)",
        ];
        let kernel = |name| format!("{name}:1.25").parse().unwrap();
        names.into_iter().map(kernel).collect()
    }

    #[test]
    fn two_points_have_the_eigenvalues_one_plus_and_minus_psi() {
        for kernel in kernels() {
            for distance in [0.1, 1.0, 7.0] {
                let points = nalgebra::dmatrix![0.0, distance; 0.0, 0.0];
                let (smallest, largest) = reference_extremes(&kernel, &points).unwrap();
                let psi = kernel.profile(distance * distance);
                for (reference, exact) in [(smallest, 1.0 - psi), (largest, 1.0 + psi)] {
                    // ψ ≤ 1 is good to a few roundings of its argument, at most 20.
                    let error = 100.0 * f64::EPSILON;
                    assert!((reference.lo.to_f64(Direction::Down) - exact).abs() <= error);
                    // Two neighbours around 60 digits.
                    assert!(reference.lo < reference.hi);
                    let width =
                        reference.hi.to_f64(Direction::Up) - reference.lo.to_f64(Direction::Down);
                    assert!(width <= 2.0 * f64::EPSILON * exact);
                }
            }
        }
    }

    #[test]
    fn precision_is_raised_until_sixty_digits_are_right() {
        // 1 − ψ = t − t²/2 + … with t = 1.5/2·(1e-100)²: 1.5e-200·(1/2) at ℓ = 1.
        let kernel = Matern::try_new(1.5, 1.0).unwrap().into();
        let points = nalgebra::dmatrix![0.0, 1e-100];
        let (smallest, largest) = reference_extremes(&kernel, &points).unwrap();
        let exact: f64 = 1.5e-200;
        assert!((smallest.lo.to_f64(Direction::Down) / exact - 1.0).abs() < 1e-14);
        assert!(largest.lo < 2.0.into() && largest.hi.to_f64(Direction::Down) >= 2.0);
    }

    #[test]
    fn far_points_are_independent() {
        let points = nalgebra::dmatrix![0.0, 1e200];
        for kernel in &kernels()[..5] {
            let (smallest, largest) = reference_extremes(kernel, &points).unwrap();
            for reference in [smallest, largest] {
                assert!(reference.lo <= 1.0.into() && Endpoint::from(1.0) <= reference.hi);
            }
        }
    }

    #[test]
    fn nothing_is_known_of_what_has_no_answer() {
        let kernel = &kernels()[0];
        assert_eq!(reference_extremes(kernel, &DMatrix::zeros(2, 0)), None);
        assert_eq!(
            reference_extremes(kernel, &DMatrix::zeros(1, LARGEST_REFERENCE + 1)),
            None
        );
        assert_eq!(
            reference_extremes(kernel, &nalgebra::dmatrix![0.0, f64::NAN]),
            None
        );
        assert_eq!(
            reference_extremes(kernel, &nalgebra::dmatrix![0.5, 0.5]),
            None
        );
        let (one, also) = reference_extremes(kernel, &nalgebra::dmatrix![0.5]).unwrap();
        assert!(one == also && one.lo < 1.0.into() && one.hi > 1.0.into());
    }
}
