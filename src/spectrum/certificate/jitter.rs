//! The multiple of the identity with which a Cholesky factorisation provably completes.
//!
//! Let `Ã` be the matrix that is factored, in arithmetic of unit roundoff `u`, and `g = γ_{n+4}/(1 − γ_{n+4})`. A
//! factorisation completes if `λ_min(Ã) > g·tr Ã`, and breaks down if `λ_min(Ã) < −g·tr Ã`, underflow aside, in whatever
//! order its products are summed. Both are linear in `ε` for `Ã ≈ K + εI`, so that each gives one number.
//!
//! Section "Jitter" of `proofs/e1-certificate.md`.
//!
//! # Source
//! Demmel, LAPACK Working Note 14, 1989; Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, Theorem 10.7;
//! Rump, BIT 46, 2006.

use super::super::lanczos::column_products;
use super::{
    Certificate, CertificateError, CertificateSubject, Direction, Radius, gram_norm_error,
};
use crate::arithmetic::Ball;
use crate::gram::mercer_gram;
use nalgebra::DMatrix;
use std::borrow::Cow;

/// The arithmetic of a factorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// IEEE binary32: the entries are rounded to it first.
    Single,
    /// IEEE binary64.
    Double,
}

impl Arithmetic {
    /// Half a unit in the last place of one, the smallest normal number, and the largest entry that is considered, far
    /// from overflow.
    fn constants(self) -> (f64, f64, f64) {
        match self {
            Self::Single => (
                f64::from(f32::EPSILON) / 2.0,
                f64::from(f32::MIN_POSITIVE),
                2.0_f64.powi(40),
            ),
            Self::Double => (f64::EPSILON / 2.0, f64::MIN_POSITIVE, 2.0_f64.powi(400)),
        }
    }
}

/// What is proved of the Cholesky factorisation of `K + εI`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jitter {
    /// It completes for every `ε` from here on, short of overflow; zero if none is needed, none if no `ε` is proved to
    /// suffice, as the order is too large for the arithmetic.
    pub completes_from: Option<f64>,
    /// It breaks down for every `ε ≥ 0` below this; zero, if nothing like that is proved.
    pub breaks_below: f64,
    /// Bounds the distance, in the 2-norm, of the matrix in f64 from the one meant, which is paid for: the error of the
    /// entries as this crate computes them, and the radius given.
    pub entries_within: f64,
}

/// Computes the jitter with which a Cholesky factorisation provably completes.
///
/// The matrix that is factored has the entries of `K` as [`mercer_gram`] computes them, or the given ones, of any matrix
/// within `radius` of that; they are rounded to the arithmetic, and `ε`, rounded to it too, is added to its diagonal.
///
/// # Arguments
/// * `smallest`: a certificate of the smallest eigenvalue of the subject; zero as a lower end is good enough.
///
/// # Guarantee
/// Certified, for factorisations with conventional products in any order, blocked and fused or not, that divide by a
/// pivot or multiply by its reciprocal (LAPACK's `potrf`, and `faer`'s).
///
/// # Errors
/// A kernel without a proved evaluation in f64, or entries out of the range of the arithmetic.
///
/// # Cost
/// The assembly and a pass over the matrix.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{
///     Arithmetic, CertificateOptions, CertificateSubject, Radius, certify_smallest_of_matrix,
///     cholesky_jitter,
/// };
/// // Singular: what is added must exceed the rounding of the factorisation, and little more.
/// let a = nalgebra::DMatrix::from_element(10, 10, 1.0);
/// let smallest = certify_smallest_of_matrix(&a, &CertificateOptions::default())?;
/// let subject = CertificateSubject::Matrix(&a);
/// let none = Radius::spectral(0.0);
/// let jitter = cholesky_jitter(subject, &smallest, none, Arithmetic::Double)?;
/// let epsilon = jitter.completes_from.expect("a small matrix");
/// assert!(epsilon > 1e-15 && epsilon < 1e-13);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cholesky_jitter(
    subject: CertificateSubject<'_>,
    smallest: &Certificate,
    radius: Radius,
    arithmetic: Arithmetic,
) -> Result<Jitter, CertificateError> {
    let (matrix, error) = match subject {
        CertificateSubject::Matrix(a) => (Cow::Borrowed(a), 0.0),
        CertificateSubject::Points(kernel, points) => {
            let refusal = || CertificateError::NoRounding {
                kernel: kernel.to_string(),
            };
            let error = gram_norm_error(kernel, points).ok_or_else(refusal)?;
            let gram = mercer_gram(kernel, points).map_err(|_| refusal())?;
            (Cow::Owned(gram), error)
        }
    };
    of_matrix(&matrix, error, smallest, radius, arithmetic)
}

fn of_matrix(
    a: &DMatrix<f64>,
    error: f64,
    smallest: &Certificate,
    radius: Radius,
    arithmetic: Arithmetic,
) -> Result<Jitter, CertificateError> {
    let order = a.nrows();
    let (unit, least, largest) = arithmetic.constants();
    let size = a.amax();
    if !(size <= largest) {
        return Err(CertificateError::LargeEntry { size, largest });
    }
    let ball = |x: f64| Ball::from(x);
    let count = crate::arithmetic::count;
    // γ_{n+4} and g of this arithmetic.
    let nu = count(order + 4) * ball(unit);
    let gamma = nu / (ball(1.0) - nu);
    let g = gamma / (ball(1.0) - gamma);
    let entries_within = (ball(error) + ball(radius.outer())).upper();
    let diagonal = a.diagonal().map(f64::abs);
    let top = ball(diagonal.max());
    let trace: Ball = diagonal.iter().map(|x| ball(*x)).sum();
    // Entries rounded to the arithmetic are off by u|a_ij|, a matrix in the norm by u times its largest sum of a row.
    let rounding = match arithmetic {
        Arithmetic::Double => Ball::from(0.0),
        Arithmetic::Single => {
            let sums = column_products(a, &vec![1.0; order]);
            let longest = sums.iter().fold(0.0_f64, |m, (_, size)| m.max(*size));
            let longest = crate::arithmetic::enlarged(longest, order + 4);
            ball(unit) * ball(longest) + count(order) * ball(least)
        }
    };
    let underflow = count(4 * order * order) * ball(least);
    // On the diagonal: entry and jitter rounded, and their sum.
    let thrice = ball(3.25) * ball(unit);
    let fixed = ball(entries_within)
        + rounding
        + thrice * top
        + g * (ball(1.0) + thrice) * trace
        + underflow;
    let growth = thrice + g * (ball(1.0) + thrice) * count(order);
    let lowest = ball(smallest.lo.to_f64(Direction::Down));
    let highest = ball(smallest.hi.to_f64(Direction::Up));
    let slope = ball(1.0) - growth;
    let completes_from = (gamma.upper() < 0.125 && slope.lower() > 0.0).then(|| {
        let needed = ((fixed - lowest) / slope).upper();
        if needed < 0.0 { 0.0 } else { needed.next_up() }
    });
    let breaks_below = ((-highest - fixed) / (ball(1.0) + growth)).lower();
    Ok(Jitter {
        completes_from,
        breaks_below: if breaks_below > 0.0 {
            breaks_below
        } else {
            0.0
        },
        entries_within,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::cholesky::factor_lower;
    use super::super::{CertificateOptions, certify_smallest, certify_smallest_of_matrix};
    use super::*;

    const NONE: f64 = 0.0;

    fn jitter(a: &DMatrix<f64>, arithmetic: Arithmetic) -> Jitter {
        let smallest = certify_smallest_of_matrix(a, &CertificateOptions::default()).unwrap();
        let subject = CertificateSubject::Matrix(a);
        cholesky_jitter(subject, &smallest, Radius::spectral(NONE), arithmetic).unwrap()
    }

    /// Factorisations of the sum in the arithmetic: of this crate, and the textbook's, column by column.
    fn completes(a: &DMatrix<f64>, epsilon: f64, arithmetic: Arithmetic) -> bool {
        let order = a.nrows();
        match arithmetic {
            Arithmetic::Double => {
                let mut sum = a + DMatrix::identity(order, order) * epsilon;
                let plain = nalgebra::Cholesky::new(sum.clone()).is_some();
                factor_lower(sum.as_mut_slice(), order) && plain
            }
            Arithmetic::Single => {
                let mut sum = a.map(|x| x as f32);
                for i in 0..order {
                    sum[(i, i)] += epsilon as f32;
                }
                let plain = nalgebra::Cholesky::new(sum.clone()).is_some();
                factor_lower(sum.as_mut_slice(), order) && plain
            }
        }
    }

    fn grams() -> Vec<DMatrix<f64>> {
        let gram = |order: usize, spread: f64| {
            let x = |i: usize| i as f64 * spread / order as f64;
            DMatrix::from_fn(order, order, |i, j| (-(x(i) - x(j)).powi(2)).exp())
        };
        vec![
            gram(20, 1.0),
            gram(150, 3.0),
            DMatrix::from_element(40, 40, 1.0),
            DMatrix::from_fn(60, 60, |i, j| ((i + 1) * (j + 1)) as f64),
            DMatrix::from_fn(30, 30, |i, j| ((i as f64 - j as f64) * 0.7).cos() * 1e-3),
        ]
    }

    #[test]
    fn factorisations_complete_with_the_jitter_that_is_proved() {
        for a in grams() {
            for arithmetic in [Arithmetic::Single, Arithmetic::Double] {
                let found = jitter(&a, arithmetic);
                let epsilon = found.completes_from.unwrap();
                assert!(epsilon > 0.0 && epsilon < 0.1 * a.trace(), "{epsilon:e}");
                for factor in [1.0, 1.5, 1000.0] {
                    assert!(
                        completes(&a, factor * epsilon, arithmetic),
                        "{factor} {epsilon:e}"
                    );
                }
                // Near what is needed: n²u of the entries, twice.
                let order = a.nrows() as f64;
                let unit = arithmetic.constants().0;
                let scale = unit * (order + 5.0) * (a.trace() + order * epsilon);
                assert!(
                    epsilon <= 2.0 * scale + unit * order * a.amax(),
                    "{epsilon:e} {scale:e}"
                );
                assert_eq!(found.breaks_below, 0.0);
            }
        }
    }

    #[test]
    fn factorisations_break_down_below_what_is_proved_to_be_too_little() {
        for arithmetic in [Arithmetic::Single, Arithmetic::Double] {
            // −1 and 3.
            let a = nalgebra::dmatrix![1.0, 2.0; 2.0, 1.0];
            let found = jitter(&a, arithmetic);
            let (breaks, enough) = (found.breaks_below, found.completes_from.unwrap());
            assert!(breaks > 0.99999 && breaks < 1.0 && enough > 1.0 && enough < 1.00001);
            assert!(!completes(&a, breaks, arithmetic) && completes(&a, enough, arithmetic));
        }
    }

    #[test]
    fn nothing_is_needed_by_what_is_well_conditioned() {
        let a = DMatrix::identity(30, 30) * 2.0;
        for arithmetic in [Arithmetic::Single, Arithmetic::Double] {
            assert_eq!(jitter(&a, arithmetic).completes_from, Some(0.0));
        }
    }

    #[test]
    fn what_is_too_large_for_f32_is_not_promised() {
        // n²u ≥ 1 from order 4096 on: the trace grows as fast as the jitter does.
        let exact = Certificate::exact(0.0.into());
        let large = DMatrix::identity(4200, 4200);
        let none = Radius::spectral(0.0);
        let found = of_matrix(&large, 0.0, &exact, none, Arithmetic::Single).unwrap();
        assert_eq!(found.completes_from, None);
        let found = of_matrix(&large, 0.0, &exact, none, Arithmetic::Double).unwrap();
        assert!(found.completes_from.is_some());
        let far = DMatrix::from_element(2, 2, 1e13);
        let refused = of_matrix(&far, 0.0, &exact, none, Arithmetic::Single);
        assert!(refused.is_err());
    }

    #[test]
    fn a_radius_and_the_error_of_the_entries_are_paid_for() {
        let points = DMatrix::from_fn(1, 30, |_, j| j as f64 / 30.0);
        let kernel = "gaussian:1".parse().unwrap();
        let smallest = certify_smallest(&kernel, &points, &CertificateOptions::default()).unwrap();
        let subject = CertificateSubject::Points(&kernel, points.as_view());
        let of = |distance| {
            let radius = Radius::spectral(distance);
            cholesky_jitter(subject, &smallest, radius, Arithmetic::Double).unwrap()
        };
        let (none, some) = (of(0.0), of(1e-6));
        let error = gram_norm_error(&kernel, points.as_view()).unwrap();
        assert!(none.entries_within >= error && none.entries_within <= 1.001 * error);
        let (none, some) = (none.completes_from.unwrap(), some.completes_from.unwrap());
        assert!(none > error && some - none >= 0.999e-6 && some - none < 1.001e-6);
    }
}
