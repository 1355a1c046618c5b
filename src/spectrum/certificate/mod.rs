//! Certificates: proved intervals for the extreme eigenvalues of an *exact real* matrix.
//!
//! The matrix meant is the Gram matrix of the given f64 points and bandwidth, its entries
//! real numbers that no f64 holds; or a symmetric matrix of f64 numbers, taken exactly.
//! Two stages, the second only when the first does not reach the width asked for:
//!
//! 1. f64: the assembled matrix with a bound of its error; a Cholesky factorisation (in f32, where
//!    that serves) and inverse iterations for the eigenvector, which proposes; a factorisation
//!    in f64 shifted to just below the eigenvalue, whose completion is the lower bound.
//! 2. Fixed point with 128, 192, 256, … bits, the entries rounded from exact squared
//!    distances with an exponential of proved error, sums of products exact.
//!
//! # Assumptions
//! Stage 1: IEEE binary64, round to nearest, conventional products in any order (fused or
//! not). No library function is assumed: `exp` is the crate's own. Stage 2: integer
//! arithmetic. A budget that ends gives a wide interval with `reached = false`: never a
//! narrow wrong one.
//!
//! Claim E1 (`proofs/e1-certificate.md`).
//!
//! # Source
//! Demmel, *On floating point errors in Cholesky*, LAPACK Working Note 14, 1989; Rump,
//! *Verification of positive definiteness*, BIT 46, 2006.

mod cholesky;
mod decimal;
mod double;
mod endpoint;
mod entries;
mod error;
mod fixed;
mod multi;
mod options;
mod problem;
mod reference;
mod rounding;

pub use decimal::{decimal_above, decimal_below};
pub use endpoint::{Direction, Endpoint, hexadecimal};
pub use error::CertificateError;
pub(crate) use options::matrix_and_factor_bytes;
pub use options::{Budget, CertificateOptions, NARROWEST};
pub(crate) use problem::{equal_points, gram_norm_error, is_certifiable};
pub use reference::{LARGEST_REFERENCE, Reference, reference_extremes};
pub(crate) use rounding::gram_error;

use super::eigen::{first_non_finite, require_symmetric};
use crate::arithmetic::Ball;
use crate::kernel::MercerKernel;
use double::{Matrix, Start};
use entries::Source;
use multi::Next;
use nalgebra::DMatrix;
use problem::Problem;
use std::fmt;
use std::time::Instant;

/// The arithmetic that gave the final interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Precision {
    /// None: the eigenvalue is known, of one point, equal points or the zero matrix.
    Exact,
    /// f64 with rounding bounds.
    Double,
    /// Fixed point.
    Multi {
        /// Bits of an entry.
        bits: usize,
    },
}

/// A proved interval for an eigenvalue.
///
/// # Guarantee
/// `lo ≤ λ ≤ hi` for the exact real matrix, under the assumptions of the
/// [module](self). `reached = false` says that the budget ended first: the interval is
/// valid all the same, and undecided about the sign when it contains zero.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Certificate {
    /// The eigenvalue is at least this.
    pub lo: Endpoint,
    /// The eigenvalue is at most this.
    pub hi: Endpoint,
    /// The most precise arithmetic used.
    pub precision: Precision,
    /// Whether the relative width asked for was reached.
    pub reached: bool,
    /// Cholesky factorisations begun, of all precisions.
    pub factorisations: usize,
}

impl Certificate {
    /// Tells whether the eigenvalue is proved positive.
    pub fn is_positive(&self) -> bool {
        self.lo.is_positive()
    }

    /// Tells whether the point lies in the interval.
    pub fn contains(&self, point: Endpoint) -> bool {
        self.lo <= point && point <= self.hi
    }

    /// Tells whether the intervals have a point in common, as those of one number must.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// Returns the interval as a midpoint and a radius; what underflows is rounded outwards.
    pub fn ball(&self) -> Ball {
        let (lo, hi) = (self.lo, self.hi);
        Ball::from_bounds(lo.to_f64(Direction::Down), hi.to_f64(Direction::Up))
    }

    fn exact(value: Endpoint) -> Self {
        Self {
            lo: value,
            hi: value,
            precision: Precision::Exact,
            reached: true,
            factorisations: 0,
        }
    }

    /// Intersects with proved bounds, and counts the work that they took.
    fn intersect(
        &mut self,
        (lo, hi): (Option<Endpoint>, Option<Endpoint>),
        factorisations: usize,
        width: f64,
    ) {
        if let Some(lo) = lo.filter(|lo| *lo > self.lo) {
            self.lo = lo;
        }
        if let Some(hi) = hi.filter(|hi| *hi < self.hi) {
            self.hi = hi;
        }
        self.factorisations += factorisations;
        self.reached = is_narrow(self.lo, self.hi, width);
    }

    /// The interval of the negative number.
    fn negated(self) -> Self {
        Self {
            lo: -self.hi,
            hi: -self.lo,
            ..self
        }
    }
}

/// Tells whether `hi − lo ≤ width·max(|lo|, |hi|)`, in exact arithmetic.
fn is_narrow(lo: Endpoint, hi: Endpoint, width: f64) -> bool {
    let ((lo, e), (hi, f)) = (lo.parts(), hi.parts());
    if lo.is_zero() || hi.is_zero() || e.abs_diff(f) > 64 {
        // Neither zero nor a number 2⁶⁴ times smaller is close to anything but itself.
        return lo.is_zero() && hi.is_zero();
    }
    let least = e.min(f);
    let (lo, hi) = (lo << (e - least) as usize, hi << (f - least) as usize);
    let largest = lo.clone().max(-&lo).max(hi.clone()).max(-&hi);
    let (numerator, exponent) = Endpoint::from(width).parts();
    // A width below one has a negative exponent.
    (hi - lo) << exponent.unsigned_abs() as usize <= largest * numerator
}

impl fmt::Display for Certificate {
    /// Both ends in decimal, rounded outwards: `[4.952066e-23, 4.952071e-23]`. Seven
    /// digits, or one more than the precision says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(6) + 1;
        let lo = self.lo.decimal(digits, Direction::Down);
        let hi = self.hi.decimal(digits, Direction::Up);
        write!(f, "[{lo}, {hi}]")
    }
}

/// Encloses the smallest eigenvalue of the exact Gram matrix of `points` (q × N).
///
/// # Guarantee
/// That of [`Certificate`]; `lo ≥ 0`, because Gram matrices are positive semi-definite.
/// Equal points give `[0, 0]`.
///
/// # Errors
/// No points, a coordinate that is not finite, a width out of range, or more memory
/// than the budget allows.
///
/// # Cost
/// f64: the assembly and as a rule two Cholesky factorisations, the first of them in f32. Fixed point: as many
/// again with `bits/64` squared the price of a product, for every precision tried.
///
/// # Example
/// Sixteen points on a line, where f64 sees only noise:
/// ```
/// use polyak::spectrum::certificate::{CertificateOptions, certify_smallest};
/// let points = nalgebra::DMatrix::from_fn(1, 16, |_, j| -1.0 + j as f64 / 7.5);
/// let certificate =
///     certify_smallest(&"gaussian:1".parse()?, &points, &CertificateOptions::default())?;
/// assert!(certificate.is_positive() && certificate.reached);
/// assert!((certificate.hi.log10() + 22.3).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn certify_smallest(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    require_points(kernel, points, options)?;
    let problem = Problem::new(kernel, points);
    Ok(match problem.known_smallest() {
        Some(value) => Certificate::exact(value),
        None => certify_gram(&problem, options, false),
    })
}

/// Encloses the largest eigenvalue of the exact Gram matrix of `points` (q × N).
///
/// # Guarantee, errors and cost
/// Those of [`certify_smallest`]; f64 reaches any width above `1e-10` or so, with one
/// factorisation as a rule.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{CertificateOptions, certify_largest};
/// let points = nalgebra::dmatrix![0.0, 1.0];
/// let options = CertificateOptions::default();
/// let certificate = certify_largest(&"laplace:1".parse()?, &points, &options)?;
/// assert!(certificate.contains((1.0 + (-1.0_f64).exp()).into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn certify_largest(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    require_points(kernel, points, options)?;
    let problem = Problem::new(kernel, points);
    Ok(match problem.known_largest() {
        Some(value) => Certificate::exact(value),
        None => certify_gram(&problem, options, true).negated(),
    })
}

/// Encloses the smallest eigenvalue of the symmetric matrix with exactly these entries.
///
/// # Guarantee
/// That of [`Certificate`]; a singular matrix stays undecided, `lo < 0 < hi`, however
/// much is spent.
///
/// # Errors
/// A matrix that is empty, not square, not finite or not exactly symmetric; a width out
/// of range; more memory than the budget allows.
///
/// # Cost
/// As [`certify_smallest`].
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{CertificateOptions, certify_smallest_of_matrix};
/// let tiny = f64::EPSILON;
/// let a = nalgebra::dmatrix![1.0, 1.0 - tiny; 1.0 - tiny, 1.0];
/// let certificate = certify_smallest_of_matrix(&a, &CertificateOptions::default())?;
/// assert!(certificate.is_positive() && certificate.contains(tiny.into()));
/// # Ok::<(), polyak::spectrum::certificate::CertificateError>(())
/// ```
pub fn certify_smallest_of_matrix(
    a: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    certify_matrix(a, options, false)
}

/// Encloses the largest eigenvalue of the symmetric matrix with exactly these entries.
///
/// # Guarantee, errors and cost
/// Those of [`certify_smallest_of_matrix`], applied to `−A`.
pub fn certify_largest_of_matrix(
    a: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    Ok(certify_matrix(a, options, true)?.negated())
}

fn certify_matrix(
    a: &DMatrix<f64>,
    options: &CertificateOptions,
    negated: bool,
) -> Result<Certificate, CertificateError> {
    require_symmetric(a)?;
    options.check(a.nrows())?;
    if a.iter().all(|x| *x == 0.0) {
        return Ok(Certificate::exact(Endpoint::ZERO));
    }
    let deadline = deadline(options);
    let (start, mirrored) = if negated {
        (Start::Direct, Some(-a))
    } else {
        (Start::Inverse, None)
    };
    let matrix = Matrix::Given(mirrored.as_ref().unwrap_or(a));
    let width = options.relative_width;
    let proved = double::smallest(matrix, 0.0, width, start, deadline);
    let search = Search {
        options,
        deadline,
        negated,
    };
    // |λ| ≤ n·max|a|.
    let largest = a.amax();
    let bits = i64::from(usize::BITS - a.nrows().leading_zeros());
    let bound = Endpoint::new(largest, bits);
    Ok(search.continue_from(proved, (-bound, bound), || Source::Matrix(a)))
}

/// The smallest eigenvalue of ±K.
fn certify_gram(problem: &Problem<'_>, options: &CertificateOptions, negated: bool) -> Certificate {
    let deadline = deadline(options);
    let start = if negated {
        Start::Direct
    } else {
        Start::Inverse
    };
    let assembled = || {
        let (mut gram, error) = problem.in_double()?;
        if negated {
            gram.neg_mut();
        }
        Some((gram, error))
    };
    let again = || assembled().map(|(gram, _)| gram);
    let proved = assembled().and_then(|(gram, error)| {
        let gram = Matrix::Assembled(gram, &again);
        double::smallest(gram, error, options.relative_width, start, deadline)
    });
    let search = Search {
        options,
        deadline,
        negated,
    };
    search.continue_from(proved, problem.bounds(negated), || problem.source())
}

fn deadline(options: &CertificateOptions) -> Option<Instant> {
    let time = options.budget.max_time?;
    // A time beyond the clock's range is none.
    Instant::now().checked_add(time)
}

/// The stages after f64.
struct Search<'a> {
    options: &'a CertificateOptions,
    deadline: Option<Instant>,
    negated: bool,
}

impl Search<'_> {
    /// Intersects what f64 proved with what is known beforehand, and raises the precision
    /// until the width is reached or the budget ends.
    fn continue_from<'s>(
        &self,
        proved: Option<double::Bounds>,
        known: (Endpoint, Endpoint),
        source: impl FnOnce() -> Source<'s>,
    ) -> Certificate {
        let width = self.options.relative_width;
        let (lo, hi) = known;
        let mut certificate = Certificate {
            lo,
            hi,
            precision: Precision::Double,
            reached: false,
            factorisations: 0,
        };
        if let Some(bounds) = proved {
            let both = (Some(bounds.lo.into()), Some(bounds.hi.into()));
            certificate.intersect(both, bounds.factorisations, width);
        }
        if certificate.reached {
            return certificate;
        }
        let source = source();
        let rungs = self.rungs(source.order());
        let mut least = 0;
        for (i, &limbs) in rungs.iter().enumerate() {
            let last = i + 1 == rungs.len();
            if 64 * limbs < least && !last {
                continue;
            }
            let found = multi::attempt(
                limbs,
                &source,
                self.negated,
                certificate.lo,
                width,
                last,
                self.deadline,
            );
            certificate.precision = Precision::Multi { bits: 64 * limbs };
            certificate.intersect((found.lo, found.hi), found.factorisations, width);
            match found.next {
                Next::Bits(bits) if !certificate.reached => least = bits,
                _ => break,
            }
        }
        certificate
    }

    /// The limbs that the budget allows.
    fn rungs(&self, order: usize) -> Vec<usize> {
        let budget = self.options.budget;
        (multi::LADDER.into_iter())
            .filter(|limbs| 64 * limbs <= budget.max_bits)
            .filter(|limbs| budget.allows(options::multi_bytes(order, *limbs)))
            .collect()
    }
}

fn require_points(
    kernel: &MercerKernel,
    points: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<(), CertificateError> {
    let (rows, columns) = points.shape();
    if columns == 0 {
        return Err(CertificateError::Empty);
    }
    if let Some((row, column, value)) = first_non_finite(points) {
        return Err(CertificateError::NonFinitePoint { row, column, value });
    }
    kernel.require_dimension(rows)?;
    if !is_certifiable(kernel) {
        return Err(CertificateError::NotCertifiable {
            kernel: kernel.to_string(),
        });
    }
    options.check(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_one_number_overlap() {
        let at = |lo: f64, hi: f64| Certificate {
            hi: hi.into(),
            ..Certificate::exact(lo.into())
        };
        for (one, other, overlap) in [
            (at(1.0, 2.0), at(2.0, 3.0), true),
            (at(1.0, 4.0), at(2.0, 3.0), true),
            (at(1.0, 2.0), at(2.5, 3.0), false),
            (at(1.0, 1.0), at(1.0, 1.0), true),
        ] {
            assert_eq!(
                (one.overlaps(&other), other.overlaps(&one)),
                (overlap, overlap)
            );
        }
    }

    #[test]
    fn f64_pays_for_the_error_of_every_entry() {
        // Far from the origin the entries are off by much more than the factorisation.
        let n = 20;
        let points = DMatrix::from_fn(2, n, |i, j| ((i * 3 + j * 5) as f64).sin() * 1e7);
        let kernel: MercerKernel = "matern12:1e6".parse().unwrap();
        let mut options = CertificateOptions::default();
        options.budget.max_bits = 0;
        let error = (n - 1) as f64 * gram_error(&"matern12:1e6".parse().unwrap(), &points).unwrap();
        for certify in [certify_smallest, certify_largest] {
            let certificate = certify(&kernel, &points, &options).unwrap();
            assert_eq!(certificate.precision, Precision::Double);
            let lo = certificate.lo.to_f64(Direction::Down);
            let hi = certificate.hi.to_f64(Direction::Up);
            assert!(hi - lo >= 2.0 * error, "{certificate} {error:e}");
            // Besides, half the width asked for.
            assert!(
                hi - lo <= 2.0 * error + 1e-6 * hi,
                "{certificate} {error:e}"
            );
        }
        // The rounding of the matrix itself is not paid twice.
        options.relative_width = 1e-13;
        let narrow = certify_smallest(&kernel, &points, &options).unwrap();
        let width = narrow.hi.to_f64(Direction::Up) - narrow.lo.to_f64(Direction::Down);
        assert!(
            width >= 2.0 * error && width <= 4.0 * error,
            "{narrow} {error:e}"
        );
    }

    #[test]
    fn narrowness_is_exact_and_relative_to_the_larger_end() {
        let narrow = |lo: f64, hi: f64, width| is_narrow(lo.into(), hi.into(), width);
        // Not shifted to a common exponent: 2⁴⁰ bits.
        assert!(!is_narrow(Endpoint::new(1.0, -(1 << 40)), 1.0.into(), 0.5));
        assert!(narrow(3.0, 4.0, 0.25) && !narrow(3.0, 4.0, 0.249));
        assert!(narrow(-4.0, -3.0, 0.25) && !narrow(-4.0, -3.0, 0.249));
        assert!(!narrow(-1.0, 1.0, 0.9) && !narrow(0.0, 1e-300, 0.9));
        assert!(!narrow(1e-300, 1.0, 0.9) && !narrow(-1.0, 0.0, 0.9));
        assert!(narrow(0.0, 0.0, 0.1) && narrow(7.0, 7.0, 1e-14));
        // Across a power of two.
        assert!(narrow(1.0_f64.next_down(), 1.0, 1e-14));
    }

    #[test]
    fn only_a_positive_lower_end_proves_positivity() {
        let certify = |points: &DMatrix<f64>| {
            let kernel = "gaussian:1".parse().unwrap();
            certify_smallest(&kernel, points, &CertificateOptions::default()).unwrap()
        };
        assert!(certify(&nalgebra::dmatrix![0.0, 1.0]).is_positive());
        assert!(!certify(&nalgebra::dmatrix![1.0, 1.0]).is_positive());
    }
}
