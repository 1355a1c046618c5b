//! The first stage of a certificate: f64 with rigorous rounding bounds.

use super::super::cholesky::factor_lower;
use super::super::davidson::{SINGLE_ORDER, smallest_ritz_pair};
use super::super::enclosure::{
    backward_error, cholesky_completes, gershgorin_lower, rayleigh_quotient,
};
use super::super::inverse_lanczos::ShiftedInverse;
use super::super::lanczos::{Ritz, dot, largest_ritz_pair};
use super::rounding::RANGE;
use crate::arithmetic::Ball;
use crate::linalg::within_pool;
use crate::watch::Watch;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Most inverse iterations of one shift.
const CAP: usize = 300;

/// Up to this order one thread factors before others are awake.
const SERIAL_ORDER: usize = 128;

/// Rounds of a better shift and a better vector: one is the rule.
const ROUNDS: usize = 4;

/// What f64 could prove.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub lo: f64,
    pub hi: f64,
    /// Cholesky factorisations spent, in f32 or f64.
    pub factorisations: usize,
}

/// Where the first vector comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Start {
    /// Inverse iterations about zero, or just below: a nearly singular end.
    Inverse,
    /// Iterations with the matrix itself: an end of large absolute value.
    Direct,
}

/// A matrix, and whether it may be overwritten.
pub(super) enum Matrix<'a> {
    /// Not ours.
    Given(&'a DMatrix<f64>),
    /// Ours: a factor may take its place, as it can be assembled again.
    Assembled(DMatrix<f64>, &'a (dyn Fn() -> Option<DMatrix<f64>> + Sync)),
}

impl Matrix<'_> {
    fn get(&self) -> &DMatrix<f64> {
        match self {
            Self::Given(a) => a,
            Self::Assembled(a, _) => a,
        }
    }

    /// Tells whether the factorisation of the rounded `A − sI` completes. One of ours is lost if it does,
    /// as nothing else is wanted of it then. Nothing, if it is lost and cannot be assembled again.
    fn completes(&mut self, shift: f64) -> Option<bool> {
        Some(match self {
            Self::Given(a) => ShiftedInverse::new(a.nrows()).factor(a, shift),
            Self::Assembled(a, again) => {
                a.set_diagonal(&a.diagonal().add_scalar(-shift));
                let order = a.nrows();
                let completed = factor_lower(a.as_mut_slice(), order);
                if !completed {
                    // One at a time.
                    *a = DMatrix::zeros(0, 0);
                    *a = again()?;
                }
                completed
            }
        })
    }
}

/// Bounds the smallest eigenvalue of every symmetric matrix within `error` (in the
/// 2-norm) of `a`; nothing, if `a` is out of the range where underflow is harmless.
///
/// # Guarantee
/// Certified: Demmel's and Rump's bound of a Cholesky factorisation that completes, and a
/// Rayleigh quotient with its rounding. The eigenvectors used need not be accurate.
///
/// # Cost
/// As a rule two factorisations from [`Start::Inverse`], the first in f32 above [`SINGLE_ORDER`]; one
/// from [`Start::Direct`].
pub(super) fn smallest(
    a: Matrix<'_>,
    error: f64,
    width: f64,
    start: Start,
    watch: &dyn Watch,
) -> Option<Bounds> {
    let propose = |a: &DMatrix<f64>, tolerance| {
        let single = start == Start::Inverse && a.nrows() >= SINGLE_ORDER;
        let ritz = single.then(|| smallest_ritz_pair(a, tolerance));
        ritz.map(|ritz| ritz.map(|ritz| ritz.vector))
    };
    within_pool(|| bounds(a, error, width, start, watch, propose))
}

/// Tells whether one factorisation in f64 proves a symmetric matrix positive definite; of no rows it is.
///
/// # Guarantee
/// Certified, as the lower end of [`smallest`].
pub(super) fn is_positive(a: &DMatrix<f64>) -> bool {
    if a.nrows() == 0 {
        return true;
    }
    let order = a.nrows();
    let serial = order <= SERIAL_ORDER;
    let largest = if serial { a.amax() } else { largest_entry(a) };
    if !(1.0 / RANGE..=RANGE).contains(&largest) {
        return false;
    }
    let shift = 2.0 * backward_error(a, 0.0);
    let completes = || match serial {
        true => cholesky_completes(a, shift),
        false => within_pool(|| ShiftedInverse::new(order).factor(a, shift)),
    };
    shifted_lower(a, shift, 0.0) > 0.0 && completes()
}

#[cfg(feature = "claims")]
/// As [`smallest`], with a vector proposed in the place of the one that f32 gives: whatever it is, the bounds must hold.
pub(super) fn smallest_proposed(
    a: &DMatrix<f64>,
    width: f64,
    proposal: &DVector<f64>,
) -> Option<Bounds> {
    let propose = |_: &DMatrix<f64>, _| Some(Some(proposal.as_slice().to_vec()));
    let a = Matrix::Given(a);
    let watch = crate::watch::Stop::default();
    within_pool(|| bounds(a, 0.0, width, Start::Inverse, &watch, propose))
}

#[cfg(feature = "claims")]
/// What a factorisation of `A − sI` in f64 proves of the smallest eigenvalue; nothing, if it does not complete.
pub(super) fn proved_below(a: &DMatrix<f64>, shift: f64) -> Option<f64> {
    let completes = Matrix::Given(a).completes(shift)?;
    completes.then(|| shifted_lower(a, shift, 0.0))
}

/// A vector of the first stage, if it is tried and if it finds one.
type Proposed = Option<Option<Vec<f64>>>;

fn bounds(
    mut a: Matrix<'_>,
    error: f64,
    width: f64,
    start: Start,
    watch: &dyn Watch,
    propose: impl Fn(&DMatrix<f64>, f64) -> Proposed,
) -> Option<Bounds> {
    let n = a.get().nrows();
    if !(1.0 / RANGE..=RANGE).contains(&largest_entry(a.get())) {
        return None;
    }
    let in_time = || !watch.is_stopped();
    let mut bounds = Bounds {
        lo: f64::NEG_INFINITY,
        hi: (a.get().diagonal().min() + error).next_up(),
        factorisations: 0,
    };
    // Well below the gap: the estimate of a Ritz value's error is sometimes optimistic.
    let tolerance = (width / 64.0).clamp(1e-14, 1e-4);
    let proposed = in_time().then(|| propose(a.get(), tolerance)).flatten();
    if let Some(proposed) = proposed {
        bounds.factorisations += 1;
        if let Some(vector) = proposed {
            let quotient = rayleigh_quotient(a.get(), &DVector::from_vec(vector));
            bounds.hi = bounds.hi.min((quotient.upper() + error).next_up());
            let shift = quotient.mid() - least_gap(a.get(), quotient, width);
            let lo = shifted_lower(a.get(), shift, error);
            if in_time() {
                bounds.factorisations += 1;
                if a.completes(shift)? {
                    return Some(Bounds { lo, ..bounds });
                }
            }
        }
    }
    let a = a.get();
    let gershgorin = gershgorin_lower(a);
    bounds.lo = (gershgorin - error).next_down();
    let mut inverse = ShiftedInverse::new(n);
    let factor = |bounds: &mut Bounds, inverse: &mut ShiftedInverse, shift: f64| {
        bounds.factorisations += 1;
        let completed = inverse.factor(a, shift);
        if completed {
            bounds.lo = bounds.lo.max(shifted_lower(a, shift, error));
        }
        completed
    };
    let mut shift = f64::NEG_INFINITY;
    let mut ritz = match start {
        Start::Direct => largest_ritz_pair(n, tolerance, CAP, |x, y| negated_product(a, x, y)),
        Start::Inverse => {
            let backward = backward_error(a, 0.0);
            let shifts = [0.0, -4.0 * backward, gershgorin - 4.0 * backward];
            let found = shifts
                .into_iter()
                .find(|&shift| in_time() && factor(&mut bounds, &mut inverse, shift));
            shift = found.unwrap_or(f64::INFINITY);
            found.and_then(|_| inverse.smallest_pair(tolerance, CAP))
        }
    };
    for _ in 0..ROUNDS {
        let Some(Ritz { vector, .. }) = ritz.take() else {
            break;
        };
        let quotient = rayleigh_quotient(a, &DVector::from_vec(vector));
        bounds.hi = bounds.hi.min((quotient.upper() + error).next_up());
        let mut gap = least_gap(a, quotient, width);
        let first = quotient.mid() - gap;
        let mut next = first;
        // Closer than the last shift that completed, until one completes.
        let completed = loop {
            if !(next > shift) || !(next > gershgorin - gap) || !in_time() {
                break false;
            }
            if factor(&mut bounds, &mut inverse, next) {
                break true;
            }
            gap *= 8.0;
            next = quotient.mid() - gap;
        };
        if !completed || next == first {
            break;
        }
        shift = next;
        ritz = inverse.smallest_pair(tolerance, CAP);
    }
    Some(bounds)
}

/// The bound of a factorisation of `A − sI` that completes.
fn shifted_lower(a: &DMatrix<f64>, shift: f64, error: f64) -> f64 {
    (shift - (backward_error(a, shift) + error).next_up()).next_down()
}

/// How far below a Rayleigh quotient a shift should be: a quarter of the width, or of the rounding.
fn least_gap(a: &DMatrix<f64>, quotient: Ball, width: f64) -> f64 {
    let backward = backward_error(a, quotient.mid());
    (width / 4.0 * quotient.mid().abs()).max(backward / 4.0)
}

/// `max |a_ij|`, on all cores.
fn largest_entry(a: &DMatrix<f64>) -> f64 {
    let columns = a.as_slice().par_chunks(a.nrows().max(1)).with_min_len(64);
    let largest = columns.map(|column| column.iter().fold(0.0_f64, |m, x| m.max(x.abs())));
    largest.reduce(|| 0.0, f64::max)
}

/// Writes `−Ax` to `y`.
fn negated_product(a: &DMatrix<f64>, x: &[f64], y: &mut [f64]) {
    let columns = a.as_slice().par_chunks_exact(x.len());
    columns.zip(y).with_min_len(64).for_each(|(column, y)| {
        *y = -dot(column, x);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::gamma;
    use crate::watch::Stop;

    /// The path graph: `2 − 2cos(kπ/(n+1))`.
    fn path(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        })
    }

    fn eigenvalue(n: usize, k: usize) -> f64 {
        2.0 - 2.0 * (k as f64 * std::f64::consts::PI / (n as f64 + 1.0)).cos()
    }

    #[test]
    fn two_factorisations_enclose_the_smallest_and_one_the_largest() {
        for n in [3usize, 32, 33, 100] {
            let a = path(n);
            // The closed form is rounded: eight roundings of numbers at most four.
            let slack = 32.0 * f64::EPSILON;
            let low = smallest(
                Matrix::Given(&a),
                0.0,
                1e-6,
                Start::Inverse,
                &Stop::default(),
            )
            .unwrap();
            let exact = eigenvalue(n, 1);
            assert!(low.lo <= exact + slack && exact - slack <= low.hi, "{n}");
            assert!(low.hi - low.lo <= 1e-6 * exact, "{n} {low:?}");
            assert_eq!(low.factorisations, 2, "{n} {low:?}");
            let high = smallest(
                Matrix::Given(&-&a),
                0.0,
                1e-6,
                Start::Direct,
                &Stop::default(),
            )
            .unwrap();
            let exact = -eigenvalue(n, n);
            assert!(high.lo <= exact + slack && exact - slack <= high.hi, "{n}");
            assert!(high.hi - high.lo <= 4e-6, "{n} {high:?}");
            assert!(high.factorisations <= 2);
        }
    }

    #[test]
    fn large_matrices_are_bounded_alike_given_and_assembled() {
        for n in [SINGLE_ORDER - 1, SINGLE_ORDER, SINGLE_ORDER + 1] {
            let a = path(n) + DMatrix::identity(n, n) * 0.125;
            let (exact, slack) = (eigenvalue(n, 1) + 0.125, 32.0 * f64::EPSILON);
            let ours = Matrix::Assembled(a.clone(), &|| None);
            for a in [Matrix::Given(&a), ours] {
                let bounds = smallest(a, 0.0, 1e-6, Start::Inverse, &Stop::default()).unwrap();
                assert!(bounds.lo <= exact + slack && exact - slack <= bounds.hi);
                assert!(bounds.hi - bounds.lo <= 1e-6 * exact, "{n} {bounds:?}");
                assert_eq!(bounds.factorisations, 2);
            }
        }
    }

    /// One eigenvalue below the rounding of f32: the start falls back to f64.
    #[test]
    fn what_single_precision_cannot_factor_is_bounded_in_double() {
        let n = SINGLE_ORDER + 40;
        for smallest_one in [1e-9, -1e-3, 0.0] {
            let mut a = path(n) + DMatrix::identity(n, n);
            // Apart from the rest: (1, 1 − ε) and its mirror image have the eigenvalue ε.
            (a[(1, 2)], a[(2, 1)]) = (0.0, 0.0);
            (a[(0, 0)], a[(1, 1)]) = (1.0, 1.0);
            (a[(0, 1)], a[(1, 0)]) = (1.0 - smallest_one, 1.0 - smallest_one);
            let rounding = backward_error(&a, 0.0);
            let bounds = smallest(
                Matrix::Given(&a),
                0.0,
                1e-6,
                Start::Inverse,
                &Stop::default(),
            )
            .unwrap();
            let exact = 1.0 - (1.0 - smallest_one);
            assert!(bounds.lo <= exact && exact <= bounds.hi, "{bounds:?}");
            // Shifts 4 backward errors below zero, and eight times the gap closer.
            let widest = 1e-6 * exact.abs() + 16.0 * rounding;
            assert!(bounds.hi - bounds.lo <= widest, "{bounds:?} {rounding:e}");
            assert!(bounds.factorisations > 2);
        }
    }

    #[test]
    fn a_matrix_of_ours_is_assembled_again_and_lost_to_a_factor() {
        for n in [5, 300] {
            let again = || Some(path(n));
            let mut ours = Matrix::Assembled(path(n), &again);
            assert_eq!(ours.completes(1.0), Some(false));
            assert_eq!(*ours.get(), path(n));
            assert_eq!(ours.completes(-1.0), Some(true));
            assert_ne!(*ours.get(), path(n));
            assert_eq!(Matrix::Assembled(path(n), &|| None).completes(1.0), None);
            let a = path(n);
            let mut given = Matrix::Given(&a);
            assert_eq!(given.completes(1.0), Some(false));
            assert_eq!(given.completes(-1.0), Some(true));
            assert_eq!(*given.get(), path(n));
        }
    }

    #[test]
    fn largest_entries_are_absolute() {
        assert_eq!(largest_entry(&nalgebra::dmatrix![1.0, -7.0; 3.0, 2.0]), 7.0);
        assert_eq!(largest_entry(&path(200)), 2.0);
    }

    #[test]
    fn an_error_widens_both_sides() {
        let a = path(10);
        let exact = smallest(
            Matrix::Given(&a),
            0.0,
            1e-9,
            Start::Inverse,
            &Stop::default(),
        )
        .unwrap();
        let wide = smallest(
            Matrix::Given(&a),
            1e-3,
            1e-9,
            Start::Inverse,
            &Stop::default(),
        )
        .unwrap();
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-9;
        assert!(close(exact.lo - wide.lo, 1e-3) && close(wide.hi - exact.hi, 1e-3));
        // Members of the class at both ends.
        assert!(wide.lo <= eigenvalue(10, 1) - 1e-3 && wide.hi >= eigenvalue(10, 1) + 1e-3);
    }

    #[test]
    fn the_lower_end_pays_for_the_rounding_of_the_factorisation() {
        // No shift above the eigenvalue completes but by rounding: the whole bound is below.
        let n = 50;
        let a = path(n);
        let exact = eigenvalue(n, 1);
        let bounds = smallest(
            Matrix::Given(&a),
            0.0,
            1e-14,
            Start::Inverse,
            &Stop::default(),
        )
        .unwrap();
        let bound = backward_error(&a, exact);
        assert!(exact - bounds.lo >= bound, "{bounds:?} {bound:e}");
        // A quarter of it below the eigenvalue, and little more for the shift.
        assert!(exact - bounds.lo <= 2.0 * bound, "{bounds:?} {bound:e}");
    }

    #[test]
    fn singular_and_indefinite_matrices_are_enclosed() {
        let ones = DMatrix::from_element(20, 20, 1.0);
        let bounds = smallest(
            Matrix::Given(&ones),
            0.0,
            1e-6,
            Start::Inverse,
            &Stop::default(),
        )
        .unwrap();
        assert!(bounds.lo < 0.0 && bounds.hi >= 0.0);
        assert!(
            bounds.hi - bounds.lo <= 20.0 * gamma(30) * 20.0,
            "{bounds:?}"
        );
        let swap = nalgebra::dmatrix![0.0, 3.0; 3.0, 0.0];
        for start in [Start::Inverse, Start::Direct] {
            let bounds =
                smallest(Matrix::Given(&swap), 0.0, 1e-6, start, &Stop::default()).unwrap();
            assert!(bounds.lo <= -3.0 && -3.0 <= bounds.hi);
            assert!(bounds.hi - bounds.lo <= 3e-6, "{bounds:?}");
        }
    }

    fn stopped() -> Stop {
        let stop = Stop::default();
        stop.request();
        stop
    }

    #[test]
    fn out_of_range_nothing_and_out_of_time_little_is_known() {
        assert!(
            smallest(
                Matrix::Given(&(path(3) * 1e130)),
                0.0,
                1e-6,
                Start::Inverse,
                &Stop::default()
            )
            .is_none()
        );
        assert!(
            smallest(
                Matrix::Given(&(path(3) * 1e-130)),
                0.0,
                1e-6,
                Start::Inverse,
                &Stop::default()
            )
            .is_none()
        );
        let bounds = smallest(
            Matrix::Given(&path(3)),
            0.0,
            1e-6,
            Start::Inverse,
            &stopped(),
        )
        .unwrap();
        assert_eq!(bounds.factorisations, 0);
        // Gershgorin and the diagonal.
        assert!(bounds.lo <= 0.0 && bounds.lo > -1e-14 && bounds.hi >= 2.0);
    }

    #[test]
    fn one_factorisation_proves_what_is_positive_and_nothing_else() {
        assert!(is_positive(&DMatrix::zeros(0, 0)) && !is_positive(&DMatrix::zeros(2, 2)));
        for n in [1, 40, 300] {
            assert!(is_positive(&path(n)));
            // Singular, and indefinite by less than the rounding.
            for least in [0.0, -1e-300, 1e-17, -1.0] {
                let mut a = path(n + 1);
                a.row_mut(0).fill(0.0);
                a.column_mut(0).fill(0.0);
                a[(0, 0)] = least;
                assert!(!is_positive(&a), "{n} {least:e}");
            }
        }
        assert!(!is_positive(&(path(3) * 1e130)));
    }

    #[test]
    fn what_is_singular_is_bounded_just_below_zero() {
        // diag(0, 1, 1): no factor at 0, one at four roundings below; Gershgorin's circles leave nothing to be closer to.
        let a = DMatrix::from_diagonal(&DVector::from_vec(vec![0.0, 1.0, 1.0]));
        let bounds = smallest(
            Matrix::Given(&a),
            0.0,
            1e-6,
            Start::Inverse,
            &Stop::default(),
        )
        .unwrap();
        assert!(bounds.lo <= 0.0 && bounds.hi >= 0.0, "{bounds:?}");
        assert!(bounds.lo >= -2.0 * backward_error(&a, 0.0), "{bounds:?}");
        assert_eq!(bounds.factorisations, 2, "{bounds:?}");
    }
}
