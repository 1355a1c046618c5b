//! An independent reference: Jacobi's method in binary floating point of any precision.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use nalgebra::DMatrix;
use polyak::kernel::{KernelSpec, Smoothness};
use polyak::spectrum::certificate::{Certificate, Endpoint};

/// A number with as many bits as it was made with.
pub type Real = FBig<HalfEven, 2>;

/// Bits that a reference must have beyond the eigenvalue: 60 digits.
const DIGITS: usize = 200;

/// Bits that rounding may cost: `N²` rotations a sweep, a dozen sweeps, `N ≤ 40`, a
/// dozen roundings of numbers below `N` each: below `2^30` last places.
const ROUNDING: usize = 40;

pub fn real(x: f64, precision: usize) -> Real {
    Real::try_from(x).unwrap().with_precision(precision).value()
}

pub fn point(x: Endpoint) -> Real {
    let integer = (x.mantissa() * 2.0_f64.powi(52)) as i64;
    let exponent = (x.exponent() - 52) as isize;
    Real::from_parts(integer.into(), exponent)
}

/// `2^exponent`.
pub fn power(exponent: isize, precision: usize) -> Real {
    let one = Real::from_parts(1.into(), exponent);
    one.with_precision(precision).value()
}

/// `ψ(‖x − y‖)`.
pub fn value(kernel: &KernelSpec, x: &[f64], y: &[f64], precision: usize) -> Real {
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
    match kernel {
        KernelSpec::Gaussian(_) => (-ratio / number(2.0)).exp(),
        KernelSpec::Matern(kernel) => {
            let t = (ratio * number(2.0 * kernel.smoothness().nu())).sqrt();
            let decay = (-t.clone()).exp();
            let square = &t * &t;
            let polynomial = match kernel.smoothness() {
                Smoothness::Half => number(1.0),
                Smoothness::ThreeHalves => number(1.0) + &t,
                Smoothness::FiveHalves => number(1.0) + &t + square / number(3.0),
                Smoothness::SevenHalves => {
                    let cube = &square * &t / number(15.0);
                    number(1.0) + &t + square * number(2.0) / number(5.0) + cube
                }
            };
            polynomial * decay
        }
    }
}

pub fn gram(kernel: &KernelSpec, points: &DMatrix<f64>, precision: usize) -> Vec<Vec<Real>> {
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

/// The eigenvalues, by cyclic Jacobi rotations.
fn jacobi(mut a: Vec<Vec<Real>>, precision: usize) -> Vec<Real> {
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
            return (0..n).map(|i| a[i][i].clone()).collect();
        }
    }
    panic!("Jacobi's method did not converge");
}

/// Both ends of the spectrum of the exact Gram matrix, the smallest to 60 digits.
pub fn extremes(kernel: &KernelSpec, points: &DMatrix<f64>) -> (Real, Real) {
    let mut precision = 320;
    loop {
        let values = jacobi(gram(kernel, points, precision), precision);
        let smallest = values.iter().min().unwrap().clone();
        let seen = (DIGITS + ROUNDING) as isize - precision as isize;
        if smallest >= power(seen, precision) {
            return (smallest, values.into_iter().max().unwrap());
        }
        precision *= 2;
        assert!(
            precision < 100_000,
            "a singular matrix has no relative accuracy"
        );
    }
}

/// Tells whether the number, known to 60 digits, lies in the interval.
pub fn contains(certificate: &Certificate, reference: &Real) -> bool {
    let slack = reference * power(20 - DIGITS as isize, 64);
    point(certificate.lo) <= reference + &slack && reference - &slack <= point(certificate.hi)
}

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
    let values = jacobi((0..5).map(row).collect(), precision);
    let root = real(3.0, precision).sqrt();
    let error = power(ROUNDING as isize - precision as isize, precision);
    let smallest = values.iter().min().unwrap() - (real(2.0, precision) - &root);
    let largest = values.iter().max().unwrap() - (real(2.0, precision) + &root);
    for difference in [smallest, largest] {
        assert!(difference <= error && -difference <= error);
    }
}
