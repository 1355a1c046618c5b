//! Certificates: proved intervals for the extreme eigenvalues of an *exact real* matrix.
//!
//! The matrix meant is the Gram matrix of the given f64 points and bandwidth, its entries
//! real numbers that no f64 holds; or a symmetric matrix of f64 numbers, taken exactly.
//! Two stages, the second only when the first does not reach the width asked for:
//!
//! 1. f64: the assembled matrix with a bound of its error; a Cholesky factorisation (in f32, where
//!    that serves) and inverse iterations for the eigenvector, which proposes; a factorisation
//!    in f64 shifted to just below the eigenvalue, whose completion is the lower bound.
//! 2. Fixed point with 128, 192, 256, …, 8192 bits, the entries rounded from exact squared
//!    distances with an exponential of proved error, sums of products exact.
//!
//! No precision tells a zero from what is small. Of a matrix whose entries are known exactly the rank is proved, by what
//! its rows look like or by an elimination modulo a prime, and a zero is then one (`singular`).
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
mod condition;
mod decay;
mod decimal;
mod double;
mod endpoint;
mod entries;
mod error;
mod fixed;
mod jitter;
mod multi;
mod options;
mod problem;
mod progress;
mod reference;
mod rounding;
mod singular;
#[cfg(feature = "claims")]
pub(crate) mod trial;
mod within;

pub use condition::ConditionNumber;
pub use decimal::{decimal_above, decimal_below};
pub use endpoint::{Direction, Endpoint, hexadecimal};
pub use error::CertificateError;
pub use jitter::{Arithmetic, Jitter, cholesky_jitter};
pub(crate) use options::matrix_and_factor_bytes;
pub use options::{Budget, CertificateOptions, LEAST_BITS, MOST_BITS, NARROWEST};
#[cfg(feature = "claims")]
pub(crate) use problem::equal_points;
use problem::is_certifiable;
pub(crate) use problem::{gram_norm_error, states_roundings};
pub use progress::{CertificateObserver, CertificateProgress, CertificateSubject, End};
use progress::{Limit, Overseer};
pub use reference::{LARGEST_REFERENCE, Reference, reference_extremes};
pub(crate) use rounding::gram_error;
pub use within::{Definiteness, Radius, Within};

use super::eigen::{first_non_finite, require_symmetric};
use crate::arithmetic::Ball;
use crate::kernel::MercerKernel;
use crate::watch::{Stop, Watch};
use double::{Matrix, Start};
use entries::Source;
use multi::Next;
use nalgebra::{DMatrix, DMatrixView};
use problem::Problem;
use std::borrow::Borrow;
use std::cell::{Cell, LazyCell};
use std::fmt;
use std::time::{Duration, Instant};

/// The arithmetic that gave the final interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Precision {
    /// None that rounds: the eigenvalue is known, of one point, equal points or the zero matrix, or it is a zero that is
    /// proved.
    Exact,
    /// f64 with rounding bounds.
    Double,
    /// Fixed point.
    Multi {
        /// Bits of an entry.
        bits: usize,
    },
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.pad("exact"),
            Self::Double => f.pad("f64"),
            Self::Multi { bits } => f.pad(&format!("{bits} bits")),
        }
    }
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
    /// Where the width was not reached: about so many bits an entry would reach it, if the pivots that were seen say
    /// so. A guess, rounded up to bits that there are, but for more than [`MOST_BITS`].
    pub needed_bits: Option<usize>,
}

impl Certificate {
    /// Tells whether the eigenvalue is proved positive.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.lo.is_positive()
    }

    /// Tells whether the point lies in the interval.
    #[must_use]
    pub fn contains(&self, point: Endpoint) -> bool {
        self.lo <= point && point <= self.hi
    }

    /// Tells whether the intervals have a point in common, as those of one number must.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// Returns the interval as a midpoint and a radius; what underflows is rounded outwards.
    #[must_use]
    pub fn ball(&self) -> Ball {
        let (lo, hi) = (self.lo, self.hi);
        Ball::from_bounds(lo.to_f64(Direction::Down), hi.to_f64(Direction::Up))
    }

    /// What a search knew at some step: the interval that it would have ended with there.
    #[must_use]
    pub fn so_far(seen: &CertificateProgress) -> Self {
        Self {
            lo: seen.lo,
            hi: seen.hi,
            precision: seen.precision,
            reached: false,
            factorisations: seen.factorisations,
            needed_bits: seen.needed_bits,
        }
    }

    /// The interval, unless it is empty: then one of the proofs that were intersected is wrong.
    fn consistent(self) -> Result<Self, CertificateError> {
        let (lo, hi) = (self.lo, self.hi);
        if lo <= hi {
            Ok(self)
        } else {
            Err(CertificateError::Contradiction { lo, hi })
        }
    }

    fn exact(value: Endpoint) -> Self {
        Self {
            lo: value,
            hi: value,
            precision: Precision::Exact,
            reached: true,
            factorisations: 0,
            needed_bits: None,
        }
    }

    /// Of an eigenvalue that is proved zero.
    fn zero(factorisations: usize) -> Self {
        Self {
            factorisations,
            ..Self::exact(Endpoint::ZERO)
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
/// No points, a coordinate that is not finite, a width out of range, more memory
/// than the budget allows, or bounds that contradict each other, of which one must be wrong
/// ([`CertificateError::Contradiction`]).
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
pub fn certify_smallest<'a>(
    kernel: &MercerKernel,
    points: impl Into<DMatrixView<'a, f64>>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    alone(
        CertificateSubject::Points(kernel, points.into()),
        End::Smallest,
        options,
    )
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
pub fn certify_largest<'a>(
    kernel: &MercerKernel,
    points: impl Into<DMatrixView<'a, f64>>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    alone(
        CertificateSubject::Points(kernel, points.into()),
        End::Largest,
        options,
    )
}

/// Encloses the smallest eigenvalue of the symmetric matrix with exactly these entries.
///
/// # Guarantee
/// That of [`Certificate`]. A zero is proved to be one, `[0, 0]`, where the matrix is positive semi-definite: by rows that
/// are zero, equal, opposite or of vanishing sums, else by an elimination modulo a prime with a proof over the integers.
///
/// # Errors
/// A matrix that is empty, not square, not finite or not exactly symmetric; a width out
/// of range; more memory than the budget allows; bounds that contradict each other.
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
/// let singular = nalgebra::dmatrix![1.0, -1.0; -1.0, 1.0];
/// let certificate = certify_smallest_of_matrix(&singular, &CertificateOptions::default())?;
/// assert_eq!(certificate.to_string(), "[0, 0]");
/// # Ok::<(), polyak::spectrum::certificate::CertificateError>(())
/// ```
pub fn certify_smallest_of_matrix(
    a: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    alone(CertificateSubject::Matrix(a), End::Smallest, options)
}

/// Encloses the largest eigenvalue of the symmetric matrix with exactly these entries.
///
/// # Guarantee, errors and cost
/// Those of [`certify_smallest_of_matrix`], applied to `−A`.
pub fn certify_largest_of_matrix(
    a: &DMatrix<f64>,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    alone(CertificateSubject::Matrix(a), End::Largest, options)
}

/// Encloses an extreme eigenvalue, shows every step to an observer, and ends before its end where that is wished for:
/// with what is known then, as where time is up.
///
/// # Guarantee, errors and cost
/// Those of the functions for [points](certify_smallest) and for [matrices](certify_smallest_of_matrix). The watch is
/// looked at between factorisations in f64, and in fixed point at every entry, row and column.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{CertificateOptions, CertificateSubject, End, certify};
/// use polyak::watch::Stop;
/// let a = nalgebra::dmatrix![1.0, 0.5; 0.5, 1.0];
/// let (options, stop) = (CertificateOptions::default(), Stop::default());
/// let tell = |seen: &_| eprintln!("{seen:?}");
/// let found = certify(CertificateSubject::Matrix(&a), End::Smallest, &options, &tell, &stop)?;
/// assert!(found.contains(0.5.into()) && found.reached);
/// // Nothing is computed of what is not wanted.
/// stop.request();
/// let found = certify(CertificateSubject::Matrix(&a), End::Smallest, &options, &tell, &stop)?;
/// assert!(found.contains(0.5.into()) && !found.reached);
/// # Ok::<(), polyak::spectrum::certificate::CertificateError>(())
/// ```
pub fn certify(
    subject: CertificateSubject<'_>,
    end: End,
    options: &CertificateOptions,
    observer: &CertificateObserver<'_>,
    watch: &dyn Watch,
) -> Result<Certificate, CertificateError> {
    let negated = end == End::Largest;
    let search = |order| Search {
        options,
        limit: Limit::new(watch, options.budget.max_time),
        negated,
        observer,
        order,
    };
    let found = match subject {
        CertificateSubject::Points(kernel, points) => {
            require_points(kernel, points, options)?;
            let problem = Problem::new(kernel, points);
            let known = match end {
                End::Smallest => problem.known_smallest(),
                End::Largest => problem.known_largest(),
            };
            if let Some(value) = known {
                return Ok(Certificate::exact(value));
            }
            search(problem.order()).of_gram(&problem)
        }
        CertificateSubject::Matrix(a) => {
            require_symmetric(a)?;
            options.check(a.nrows())?;
            if a.iter().all(|x| *x == 0.0) {
                return Ok(Certificate::exact(Endpoint::ZERO));
            }
            search(a.nrows()).of_matrix(a)
        }
    };
    let found = if negated { found.negated() } else { found };
    found.consistent()
}

fn alone(
    subject: CertificateSubject<'_>,
    end: End,
    options: &CertificateOptions,
) -> Result<Certificate, CertificateError> {
    certify(subject, end, options, &|_| (), &Stop::default())
}

/// Stages of more and more bits, until the width is reached or the budget ends.
struct Search<'a> {
    options: &'a CertificateOptions,
    limit: Limit<'a>,
    negated: bool,
    observer: &'a CertificateObserver<'a>,
    order: usize,
}

impl Search<'_> {
    /// The smallest eigenvalue of ±A.
    fn of_matrix(&self, a: &DMatrix<f64>) -> Certificate {
        let mirrored = self.negated.then(|| -a);
        let signed = mirrored.as_ref().unwrap_or(a);
        // Of what is left a copy is made, beside the matrix and a factor.
        let fits = (self.options.budget).allows(options::block_bytes(a.nrows()));
        let kept = match fits && !self.limit.is_stopped() {
            true => singular::independent_rows(signed),
            false => (0..a.nrows()).collect(),
        };
        let dependent = kept.len() < a.nrows();
        let rest = dependent.then(|| singular::block(signed, &kept));
        if rest.as_ref().is_some_and(double::is_positive) {
            return Certificate::zero(1);
        }
        let rest = rest.as_ref().unwrap_or(signed);
        self.run(
            || self.in_double(Matrix::Given(signed), 0.0),
            entry_bounds(a),
            |known| self.settle(rest, dependent, known),
            || Source::Matrix(a),
        )
    }

    /// The smallest eigenvalue of a matrix of which nothing but the precision decides.
    fn of_regular_matrix(&self, a: &DMatrix<f64>) -> Certificate {
        self.run(
            || self.in_double(Matrix::Given(a), 0.0),
            entry_bounds(a),
            |_| (),
            || Source::Matrix(a),
        )
    }

    /// The smallest eigenvalue of ±K.
    fn of_gram(&self, problem: &Problem<'_>) -> Certificate {
        let negated = self.negated;
        let assembled = || {
            let (mut gram, error) = problem.in_double()?;
            if negated {
                gram.neg_mut();
            }
            Some((gram, error))
        };
        let again = || assembled().map(|(gram, _)| gram);
        let in_double = || {
            let (gram, error) = assembled()?;
            self.in_double(Matrix::Assembled(gram, &again), error)
        };
        let source = LazyCell::new(|| problem.source());
        self.run(
            in_double,
            problem.bounds(negated),
            |known| {
                if !negated && problem.is_polynomial() {
                    self.settle_gram(&source, known);
                }
            },
            || &*source,
        )
    }

    /// What f64 proves of a matrix, of whichever sign.
    fn in_double(&self, matrix: Matrix<'_>, error: f64) -> Option<double::Bounds> {
        let start = match self.negated {
            true => Start::Direct,
            false => Start::Inverse,
        };
        double::smallest(
            matrix,
            error,
            self.options.relative_width,
            start,
            &self.limit,
        )
    }

    /// Intersects what is known beforehand with what f64 proves, settles what may be a zero, and raises the precision.
    fn run<'s, S: Borrow<Source<'s>>>(
        &self,
        in_double: impl FnOnce() -> Option<double::Bounds>,
        known: (Endpoint, Endpoint),
        settle: impl FnOnce(&mut Certificate),
        source: impl FnOnce() -> S,
    ) -> Certificate {
        let width = self.options.relative_width;
        let (lo, hi) = known;
        let mut certificate = Certificate {
            lo,
            hi,
            precision: Precision::Double,
            reached: false,
            factorisations: 0,
            needed_bits: None,
        };
        self.show(&certificate, 0);
        if self.limit.is_stopped() {
            return certificate;
        }
        if let Some(bounds) = in_double() {
            let both = (Some(bounds.lo.into()), Some(bounds.hi.into()));
            certificate.intersect(both, bounds.factorisations, width);
        }
        let zero = Endpoint::ZERO;
        if !certificate.reached && certificate.lo <= zero && zero <= certificate.hi {
            settle(&mut certificate);
        }
        if !certificate.reached {
            self.raise(&mut certificate, source().borrow());
        }
        certificate
    }

    /// Tells the observer before the next column.
    fn show(&self, known: &Certificate, columns: usize) {
        let known = if self.negated {
            known.negated()
        } else {
            *known
        };
        let seen = CertificateProgress {
            precision: known.precision,
            lo: known.lo,
            hi: known.hi,
            columns,
            order: self.order,
            factorisations: known.factorisations,
            needed_bits: known.needed_bits,
        };
        (self.observer)(&seen);
    }

    /// Tries one precision after another. Those that cannot do are left out, as far as pivots tell.
    fn raise(&self, certificate: &mut Certificate, source: &Source<'_>) {
        let rungs = self.rungs();
        let Some(most) = rungs.last().map(|limbs| 64 * limbs) else {
            return;
        };
        let mut least = 0;
        let mut promised = false;
        for &limbs in &rungs {
            let bits = 64 * limbs;
            let last = bits == most;
            if bits < least && !last {
                continue;
            }
            certificate.precision = Precision::Multi { bits };
            let Some((found, factoring)) = self.attempt(limbs, source, certificate, last) else {
                return;
            };
            let bounds = (found.lo, found.hi);
            certificate.intersect(bounds, found.factorisations, self.options.relative_width);
            certificate.needed_bits = None;
            if certificate.reached {
                return;
            }
            match found.next {
                // A promise that was kept and did not suffice is no promise: nothing but rounding is seen.
                Next::Bits(wanted) => {
                    least = if promised {
                        wanted.max(2 * bits)
                    } else {
                        wanted
                    };
                    promised = true;
                    let signed = certificate.lo.is_positive() || (-certificate.hi).is_positive();
                    certificate.needed_bits = signed.then(|| multi::rung_above(wanted));
                }
                Next::MorePivots { pivots, overhead } => {
                    let guess = decay::guess(&pivots, bits, self.order, overhead);
                    certificate.needed_bits = guess.map(|guess| {
                        let beyond = guess.bits.max(bits + 1);
                        multi::rung_above(beyond)
                    });
                    least = guess.map_or(2 * bits, |guess| guess.next(bits));
                    let hopeless = guess.is_some_and(|guess| {
                        guess.exceeds(most) || self.is_too_slow(guess, bits, factoring)
                    });
                    if hopeless {
                        return;
                    }
                }
                Next::Done | Next::Stopped => return,
            }
        }
    }

    /// Tries one precision, and measures its factorisations; nothing, if the time was up before.
    fn attempt(
        &self,
        limbs: usize,
        source: &Source<'_>,
        known: &Certificate,
        last: bool,
    ) -> Option<(multi::Attempt, Duration)> {
        if self.limit.is_stopped() {
            return None;
        }
        self.show(known, 0);
        let began = Cell::new(Instant::now());
        let seen = |columns| {
            if columns == 0 {
                began.set(Instant::now());
            }
            self.show(known, columns);
        };
        let found = multi::attempt(
            limbs,
            source,
            self.negated,
            known.lo,
            self.options.relative_width,
            last,
            Overseer {
                watch: &self.limit,
                seen: &seen,
            },
        );
        Some((found, began.get().elapsed()))
    }

    /// Whether a factorisation with as many bits as are guessed would take much longer than there is time: its cost
    /// grows with the square of the columns, as long as the rows are many, and with the square of the bits.
    fn is_too_slow(&self, guess: decay::Guess, bits: usize, factoring: Duration) -> bool {
        let Some(end) = self.limit.deadline.filter(|_| guess.is_near()) else {
            return false;
        };
        let left = end.saturating_duration_since(Instant::now());
        let ratio = guess.stretch * guess.bits as f64 / bits as f64;
        factoring.as_secs_f64() * ratio * ratio > 2.0 * left.as_secs_f64()
    }

    /// The limbs that the budget allows.
    fn rungs(&self) -> Vec<usize> {
        let budget = self.options.budget;
        (multi::LADDER.into_iter())
            .filter(|limbs| 64 * limbs <= budget.max_bits)
            .filter(|limbs| budget.allows(options::multi_bytes(self.order, *limbs)))
            .collect()
    }
}

/// `|λ| ≤ n·max|a|`.
fn entry_bounds(a: &DMatrix<f64>) -> (Endpoint, Endpoint) {
    let bits = i64::from(usize::BITS - a.nrows().leading_zeros());
    let bound = Endpoint::new(a.amax(), bits);
    (-bound, bound)
}

fn require_points(
    kernel: &MercerKernel,
    points: DMatrixView<'_, f64>,
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
    use crate::watch::tests::Looks;

    #[test]
    fn an_empty_interval_is_no_certificate() {
        let mut certificate = Certificate::exact(2.0.into());
        assert!(certificate.consistent().is_ok());
        certificate.intersect((Some(2.5.into()), None), 1, 1e-6);
        let found = certificate.consistent();
        let contradiction = CertificateError::Contradiction {
            lo: 2.5.into(),
            hi: 2.0.into(),
        };
        assert_eq!(found, Err(contradiction.clone()));
        let text = contradiction.to_string();
        assert!(
            text.contains("at least 2.5") && text.contains("at most 2"),
            "{text}"
        );
    }

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

    /// Points that no two coordinates share, on `[0, 1]`.
    fn on_a_line(count: usize) -> DMatrix<f64> {
        DMatrix::from_fn(1, count, |_, j| {
            ((j + 1) as f64 * 0.618_033_988_749_894_9).fract()
        })
    }

    /// Bounds get narrower from rung to rung, and the bits that are announced are about those that it takes.
    #[test]
    fn the_bits_that_are_needed_are_known_before_they_are_spent() {
        let kernel = "gaussian:0.3".parse().unwrap();
        let points = on_a_line(90);
        let certify = |max_bits| {
            let mut options = CertificateOptions::default();
            options.budget.max_bits = max_bits;
            certify_smallest(&kernel, &points, &options).unwrap()
        };
        let full = certify(4096);
        let Precision::Multi { bits: enough } = full.precision else {
            panic!("{full:?}");
        };
        assert!(full.reached && full.is_positive() && full.needed_bits.is_none());
        assert!(enough > 384, "{enough}");
        let mut above = certify(0).hi;
        for max_bits in [128, 192, 256, 384] {
            let found = certify(max_bits);
            assert!(!found.reached && found.overlaps(&full), "{found:?}");
            let needed = found.needed_bits.unwrap();
            assert!(needed > max_bits, "{found:?}");
            assert!(
                needed >= enough * 3 / 4 && needed <= enough * 3 / 2,
                "{found:?}"
            );
            // Within some bits of the precision, n = 90 residual bounds among them.
            let Precision::Multi { bits } = found.precision else {
                panic!("{found:?}");
            };
            let size = found.hi.log10() / std::f64::consts::LOG10_2;
            assert!(size < 16.0 - bits as f64 && found.hi <= above, "{found:?}");
            above = found.hi;
        }
    }

    #[test]
    fn a_budget_that_is_far_too_small_is_not_spent() {
        let kernel = "gaussian:3".parse().unwrap();
        let mut options = CertificateOptions::default();
        options.budget.max_bits = 1024;
        let found = certify_smallest(&kernel, &on_a_line(140), &options).unwrap();
        assert!(
            !found.reached && found.needed_bits.unwrap() > 1024,
            "{found:?}"
        );
        let spent = matches!(found.precision, Precision::Multi { bits } if bits <= 512);
        assert!(spent, "{found:?}");
        // Time that a factorisation cannot do with is not waited for.
        options.budget.max_bits = 4096;
        let stop = Stop::default();
        let search = Search {
            options: &options,
            limit: Limit::new(&stop, Some(Duration::from_secs(10))),
            negated: false,
            observer: &|_| (),
            order: 100,
        };
        let guess = |bits, stretch| decay::Guess { bits, stretch };
        let second = Duration::from_secs(1);
        assert!(search.is_too_slow(guess(1000, 2.0), 400, second));
        assert!(!search.is_too_slow(guess(1000, 1.0), 400, second));
        assert!(!search.is_too_slow(guess(1000, 5.0), 400, second));
    }

    #[test]
    fn pairs_that_nearly_coincide_promise_nothing_and_are_enclosed() {
        // Pivots of order one, then 2^−600: nothing follows from the first.
        let points = DMatrix::from_fn(1, 24, |_, j| {
            (j / 2) as f64 * 2.0
                + if j == 1 {
                    2.0_f64.powi(-300)
                } else {
                    0.7 * (j % 2) as f64
                }
        });
        let kernel = "gaussian:1".parse().unwrap();
        let found = certify_smallest(&kernel, &points, &CertificateOptions::default()).unwrap();
        assert!(found.reached && found.is_positive() && found.hi.log10() < -170.0);
    }

    #[test]
    fn observers_see_every_stage() {
        let kernel: MercerKernel = "gaussian:0.3".parse().unwrap();
        let points = on_a_line(40);
        let full = certify_smallest(&kernel, &points, &CertificateOptions::default()).unwrap();
        let observed = |end| {
            let seen = std::cell::RefCell::new(Vec::new());
            let observer = |progress: &CertificateProgress| seen.borrow_mut().push(*progress);
            let subject = CertificateSubject::Points(&kernel, points.as_view());
            let options = CertificateOptions::default();
            let found = certify(subject, end, &options, &observer, &Stop::default());
            (found.unwrap(), seen.into_inner())
        };
        let (found, seen) = observed(End::Smallest);
        assert_eq!(found, full);
        assert_eq!(seen[0].precision, Precision::Double);
        assert!(seen.iter().any(|progress| progress.columns == 30));
        for progress in &seen {
            assert!(progress.lo <= full.hi && full.lo <= progress.hi && progress.order == 40);
            assert!(progress.factorisations < full.factorisations);
        }
        for pair in seen.windows(2) {
            assert!(pair[0].lo <= pair[1].lo && pair[1].hi <= pair[0].hi);
        }
        // Bounds of the eigenvalue itself, not of its negative.
        let (largest, seen) = observed(End::Largest);
        assert!(seen[0].lo >= 1.0.into() && seen[0].hi >= largest.hi && largest.reached);
    }

    /// Wherever it is stopped, what is returned encloses the eigenvalue, and is at least what the observer saw last.
    #[test]
    fn a_certificate_is_stopped_between_any_two_looks() {
        let kernel: MercerKernel = "gaussian:0.3".parse().unwrap();
        let points = on_a_line(14);
        let stopped = |end, looks: &Looks| {
            let last = Cell::new(None);
            let subject = CertificateSubject::Points(&kernel, points.as_view());
            let options = CertificateOptions::default().with_relative_width(1e-12);
            let observer = |seen: &CertificateProgress| last.set(Some(Certificate::so_far(seen)));
            let found = certify(subject, end, &options, &observer, looks).unwrap();
            (found, last.get().unwrap())
        };
        for end in [End::Smallest, End::Largest] {
            let all = Looks::of(u64::MAX);
            let (full, _) = stopped(end, &all);
            assert!(full.reached);
            let fixed = matches!(full.precision, Precision::Multi { .. });
            assert_eq!(fixed, end == End::Smallest);
            for patience in 0..all.seen() {
                let looks = Looks::of(patience);
                let (found, seen) = stopped(end, &looks);
                assert!(
                    !found.reached && found.overlaps(&full),
                    "{patience} {found:?}"
                );
                assert!(seen.lo <= found.lo && found.hi <= seen.hi, "{patience}");
                // A thread or two may look while the search ends.
                assert!(
                    looks.seen() <= patience + 200,
                    "{patience}: {}",
                    looks.seen()
                );
            }
        }
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

    #[test]
    fn kernels_of_another_crate_are_certified_like_those_of_this_one() {
        use crate::kernel::{Anisotropic, rewritten};
        let points = DMatrix::from_fn(2, 14, |i, j| ((i * 3 + j * 5) as f64).sin() * 1.5);
        let options = CertificateOptions::default();
        for name in ["gaussian:1", "matern52:0.8", "imq(3/2):1.1"] {
            let (own, foreign) = (name.parse().unwrap(), rewritten(name).into());
            for certify in [certify_smallest, certify_largest] {
                let one = certify(&own, &points, &options).unwrap();
                let other = certify(&foreign, &points, &options).unwrap();
                assert!(
                    one.overlaps(&other) && other.reached,
                    "{name} {one} {other}"
                );
                assert_eq!(one.precision, other.precision);
            }
        }
        // A bandwidth a coordinate.
        let unit = rewritten("gaussian:1");
        let stretched = Anisotropic::try_new(unit, vec![0.3, 2.0]).unwrap();
        let other = certify_smallest(&stretched.into(), &points, &options).unwrap();
        let own = "gaussian:0.3,2.0".parse().unwrap();
        assert!(
            certify_smallest(&own, &points, &options)
                .unwrap()
                .overlaps(&other)
        );
    }

    #[test]
    fn what_a_foreign_kernel_does_not_know_is_not_certified() {
        use crate::kernel::{Vague, vague};
        let points = nalgebra::dmatrix![0.0, 1.0, 3.0];
        let options = CertificateOptions::default();
        let certify = |known| certify_smallest(&vague(known).into(), &points, &options).unwrap();
        let exact = certify_smallest(&"gaussian:1".parse().unwrap(), &points, &options).unwrap();
        let (wide, narrow) = (certify(Vague::Within(90)), certify(Vague::Within(300)));
        assert!(wide.overlaps(&exact) && narrow.overlaps(&exact) && narrow.reached);
        // Known to 2^{−30}, an entry is not factored: no more is said than before.
        let rough = certify(Vague::Within(30));
        assert!(rough.overlaps(&exact));
        let width = rough.hi.to_f64(Direction::Up) - rough.lo.to_f64(Direction::Down);
        assert!(width >= 2.0_f64.powi(-30), "{width:e}");
        for known in [Vague::Nowhere, Vague::Contradictory, Vague::Silent] {
            let nothing = certify(known);
            assert!(!nothing.reached, "{known:?}");
            assert_eq!((nothing.lo, nothing.hi), (Endpoint::ZERO, 1.0.into()));
        }
    }
}
