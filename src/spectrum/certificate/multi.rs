//! The second stage of a certificate: fixed point with any number of bits.

use super::super::lanczos::{axpy, dot, largest_ritz_pair};
use super::cholesky::{Broken, Cause, Factor, residual_bound};
use super::endpoint::{Direction, Endpoint};
use super::entries::{FixedMatrix, Source};
use super::fixed::{Accumulator, Fixed, bits};
use super::options::{LEAST_BITS, MOST_BITS};
use super::progress::Overseer;
use crate::watch::Watch;
use dashu_int::{IBig, UBig};

/// Limbs of 64 bits that are tried, in this order: each rung costs about twice the last.
pub(super) const LADDER: [usize; 13] = [
    LEAST_BITS / 64,
    3,
    4,
    6,
    8,
    12,
    16,
    24,
    32,
    48,
    64,
    96,
    MOST_BITS / 64,
];

/// The bits of the first rung with at least so many; as many, where there is none.
pub(super) fn rung_above(bits: usize) -> usize {
    let rungs = LADDER.map(|limbs| 64 * limbs);
    rungs.into_iter().find(|rung| *rung >= bits).unwrap_or(bits)
}

/// Most inverse iterations of one shift.
const CAP: usize = 300;

/// Most factorisations of one precision.
const FACTORISATIONS: usize = 40;

/// Entries that are known worse than to so many last places are not factored.
const LARGEST_RADIUS: u64 = 1 << 40;

/// What a precision could prove: bounds of the eigenvalue, where it found any.
pub(super) struct Attempt {
    pub lo: Option<Endpoint>,
    pub hi: Option<Endpoint>,
    pub factorisations: usize,
    pub next: Next,
}

/// What should be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: the width is reached.
    Done,
    /// More bits, at least this many in all.
    Bits(usize),
    /// More bits: the first factorisation broke down.
    MorePivots {
        /// Of the pivots before that and above the residual bound, as in [`Broken`].
        pivots: Vec<usize>,
        /// Bits that are wanted beyond those of the last pivot: for the residual bound, the width, and an eigenvalue
        /// that is smaller than the last pivot, `n` times at most as a rule.
        overhead: usize,
    },
    /// Nothing: it was stopped.
    Stopped,
}

/// Encloses the smallest eigenvalue of ±the source with `limbs` limbs.
///
/// # Arguments
/// * `start`: a proved lower bound of the eigenvalue, good or bad.
/// * `last`: no more bits will be tried, so that a width out of reach is no reason to stop.
/// * `overseer`: of every factorisation.
///
/// # Guarantee
/// Certified, by integer arithmetic alone. With `b` the residual bound of a factor of
/// `A − sI`: `λ ≥ s − b`, and `λ ≤ s + ‖Lᵀx‖²/‖x‖² + b` for any `x ≠ 0`. Where there is no factor,
/// `λ ≤ s + t + b` with `t` the last pivot: see [`Broken::above`].
///
/// # Panics
/// If `limbs` is not in the [`LADDER`].
pub(super) fn attempt(
    limbs: usize,
    source: &Source<'_>,
    negated: bool,
    start: Endpoint,
    width: f64,
    last: bool,
    overseer: Overseer<'_>,
) -> Attempt {
    let nothing = |next| Attempt {
        lo: None,
        hi: None,
        factorisations: 0,
        next,
    };
    macro_rules! with_limbs {
        ($($limbs:literal)*) => {
            match limbs {
                $($limbs => {
                    let Some(matrix) = source.rounded::<$limbs>(negated, overseer.watch) else {
                        return nothing(Next::Stopped);
                    };
                    if matrix.radius > LARGEST_RADIUS {
                        // A foreign kernel that does not know its values: more bits may help.
                        return nothing(Next::Bits(64 * $limbs + 1));
                    }
                    Search::<$limbs>::new(&matrix, width, overseer).run(start, last)
                })*
                _ => panic!("{limbs} limbs are not in {LADDER:?}"),
            }
        };
    }
    with_limbs!(2 3 4 6 8 12 16 24 32 48 64 96 128)
}

struct Search<'a, const L: usize> {
    matrix: &'a FixedMatrix<L>,
    width: f64,
    overseer: Overseer<'a>,
    /// In units of `2^{−64L}`, as the bounds.
    residual: IBig,
    lo: Option<IBig>,
    hi: Option<IBig>,
    factorisations: usize,
}

impl<'a, const L: usize> Search<'a, L> {
    fn new(matrix: &'a FixedMatrix<L>, width: f64, overseer: Overseer<'a>) -> Self {
        Self {
            matrix,
            width,
            overseer,
            residual: residual_bound(matrix).into(),
            lo: None,
            hi: None,
            factorisations: 0,
        }
    }

    fn run(mut self, start: Endpoint, last: bool) -> Attempt {
        let next = self.search(start, last);
        let exponent = self.matrix.scale - Fixed::<L>::PLACES as i64;
        let point = |integer: Option<IBig>, direction| {
            integer.map(|x| Endpoint::rounded(&x, exponent, direction))
        };
        Attempt {
            lo: point(self.lo.take(), Direction::Down),
            hi: point(self.hi.take(), Direction::Up),
            factorisations: self.factorisations,
            next,
        }
    }

    fn search(&mut self, start: Endpoint, last: bool) -> Next {
        let mut shift = self.first_shift(start);
        let mut factor = match self.factor(&shift) {
            Ok(factor) => factor,
            Err((Cause::Stopped, _)) => return Next::Stopped,
            Err((Cause::Pivot, pivots)) => return self.more_pivots(pivots),
        };
        let mut previous = self.width_of_bounds();
        loop {
            let Some(quotient) = quotient(&factor, self.overseer.watch) else {
                return match self.overseer.watch.is_stopped() {
                    true => Next::Stopped,
                    false => self.more_bits(64),
                };
            };
            let above = &shift + quotient + &self.residual;
            self.bound_above(above);
            let Some(hi) = self.hi.clone() else {
                return self.more_bits(64);
            };
            if self.reached() {
                return Next::Done;
            }
            let wanted = self.part(&hi, 4.0);
            let least = &self.residual * IBig::from(4);
            if wanted < least && !last {
                let short = size(&least) - size(&wanted) + 2;
                return self.more_bits(short);
            }
            let mut gap = wanted.max(least);
            // Closer than the shift at hand, until one completes.
            (shift, factor) = loop {
                let next = &hi - &gap;
                if next <= shift || self.factorisations >= FACTORISATIONS {
                    return self.more_bits(64);
                }
                match self.factor(&next) {
                    Ok(factor) => break (next, factor),
                    Err((Cause::Stopped, _)) => return Next::Stopped,
                    Err((Cause::Pivot, _)) => gap *= IBig::from(8),
                }
            };
            if self.reached() {
                return Next::Done;
            }
            // Where rounding is all that is left, nothing is gained any more.
            let width = self.width_of_bounds();
            if stalls(&width, &previous) {
                return self.more_bits(64);
            }
            previous = width;
        }
    }

    fn width_of_bounds(&self) -> IBig {
        match (&self.lo, &self.hi) {
            (Some(lo), Some(hi)) => hi - lo,
            _ => IBig::ONE << (2 * Fixed::<L>::PLACES),
        }
    }

    /// The start in units, rounded down; at least `−½`, below every eigenvalue.
    fn first_shift(&self, start: Endpoint) -> IBig {
        let places = Fixed::<L>::PLACES;
        let lowest = -(IBig::ONE << (places - 1));
        let (integer, exponent) = start.parts();
        let shift = exponent - self.matrix.scale + places as i64;
        let units = if shift >= 0 {
            integer << shift as usize
        } else {
            // A shift of a negative integer rounds down.
            integer >> shift.unsigned_abs() as usize
        };
        units.max(lowest)
    }

    fn bound_above(&mut self, above: IBig) {
        self.hi = Some(match self.hi.take() {
            Some(hi) => hi.min(above),
            None => above,
        });
    }

    /// Factors at a shift: a factor is a lower bound, a breakdown an upper one. Else why there is none, and the
    /// pivots before that.
    fn factor(&mut self, shift: &IBig) -> Result<Factor<L>, (Cause, Vec<usize>)> {
        self.factorisations += 1;
        let fixed = Fixed::from_integer(shift).ok_or((Cause::Pivot, vec![]))?;
        let factor = match Factor::new(self.matrix, &fixed, self.overseer) {
            Ok(factor) => factor,
            Err(Broken {
                cause,
                pivots,
                above,
            }) => {
                if let Some(above) = above {
                    self.bound_above(shift + above + &self.residual);
                }
                return Err((cause, pivots));
            }
        };
        let below = shift - &self.residual;
        self.lo = Some(match self.lo.take() {
            Some(lo) => lo.max(below),
            None => below,
        });
        Ok(factor)
    }

    /// `width·|x|/divisor`, rounded down.
    fn part(&self, x: &IBig, divisor: f64) -> IBig {
        let numerator = (self.width / divisor * 2.0_f64.powi(62)) as u64;
        IBig::from(x.clone().into_parts().1 * UBig::from(numerator)) >> 62usize
    }

    /// Whether the bounds have the wanted width, with room for rounding them to 53 bits.
    fn reached(&self) -> bool {
        match (&self.lo, &self.hi) {
            (Some(lo), Some(hi)) => {
                let largest = lo.clone().max(-lo).max(hi.clone()).max(-hi);
                hi - lo <= self.part(&largest, 1.0) - (largest >> 51usize)
            }
            _ => false,
        }
    }

    fn more_bits(&self, short: usize) -> Next {
        Next::Bits(Fixed::<L>::PLACES + short)
    }

    fn more_pivots(&self, mut pivots: Vec<usize>) -> Next {
        // Below the residual bound pivots are noise, of any number.
        let noise = Fixed::<L>::PLACES - size(&self.residual);
        pivots.truncate(pivots.partition_point(|bits| *bits < noise));
        // A quarter of the width must hold four residual bounds.
        let parts = IBig::from(16 * self.matrix.order) * &self.residual;
        let digits = -self.width.log2();
        Next::MorePivots {
            pivots,
            overhead: size(&parts) + digits.ceil() as usize,
        }
    }
}

/// Whether a width is more than half of the one before.
fn stalls(width: &IBig, previous: &IBig) -> bool {
    width + width > *previous
}

/// Bits of the absolute value.
fn size(x: &IBig) -> usize {
    bits(&x.clone().into_parts().1)
}

/// Bounds `min_x ‖Lᵀx‖²/‖x‖²` from above in units, by an approximate minimiser; none, if
/// f64 could not find one, or it was stopped.
fn quotient<const L: usize>(factor: &Factor<L>, watch: &dyn Watch) -> Option<IBig> {
    let x = minimiser(factor, watch)?;
    let n = factor.order();
    // Lᵀx: exact sums, truncated by less than a unit.
    let mut sums = vec![Accumulator::<L>::default(); n];
    for i in 0..n {
        if watch.is_stopped() {
            return None;
        }
        for (sum, entry) in sums.iter_mut().zip(factor.row(i)) {
            sum.add(entry, &x[i]);
        }
    }
    let mut numerator = UBig::ZERO;
    for sum in sums {
        let above = sum.truncated()?.integer().into_parts().1 + UBig::ONE;
        numerator += above.sqr();
    }
    let denominator: UBig = x.iter().map(|x| x.integer().sqr()).sum();
    if denominator.is_zero() {
        return None;
    }
    Some(IBig::from(
        (numerator << Fixed::<L>::PLACES) / denominator + UBig::ONE,
    ))
}

/// An approximate right singular vector `x = L⁻ᵀy` of the smallest singular value.
///
/// `L = UD` with pivots `D` that decrease and a well-conditioned unit triangle `U`, so
/// that f64 copies of both know the smallest singular value to high relative accuracy
/// (Demmel et al., *Linear Algebra Appl.* 299, 1999); the left vector `y` is wanted to
/// half precision only, and the solution with the exact factor does the rest.
fn minimiser<const L: usize>(factor: &Factor<L>, watch: &dyn Watch) -> Option<Vec<Fixed<L>>> {
    let n = factor.order();
    let pivots: Vec<_> = (0..n).map(|i| factor.pivot(i).mantissa()).collect();
    let (smallest, lowest) = *pivots.last()?;
    // 1/D relative to the last: below one, and nothing where it is negligible.
    let inverse: Vec<f64> = (pivots.iter())
        .map(|(mantissa, exponent)| smallest / mantissa * power(lowest - exponent))
        .collect();
    let mut unit = vec![0.0; n * n];
    for i in 0..n {
        for (j, entry) in factor.row(i).iter().enumerate().take(i) {
            let (mantissa, exponent) = entry.mantissa();
            unit[j * n + i] = mantissa / pivots[j].0 * power(exponent - pivots[j].1);
        }
    }
    let column = |j: usize| &unit[j * n + j + 1..(j + 1) * n];
    // D⁻¹U⁻¹U⁻ᵀD⁻¹ = L⁻¹L⁻ᵀ.
    let ritz = largest_ritz_pair(n, 1e-13, CAP, |y, image| {
        for ((image, y), d) in image.iter_mut().zip(y).zip(&inverse) {
            *image = y * d;
        }
        for j in (0..n).rev() {
            let (head, tail) = image.split_at_mut(j + 1);
            head[j] -= dot(column(j), tail);
        }
        for j in 0..n {
            let (head, tail) = image.split_at_mut(j + 1);
            axpy(tail, -head[j], column(j));
        }
        image.iter_mut().zip(&inverse).for_each(|(x, d)| *x *= d);
    })?;
    // ‖L⁻ᵀy‖ is the root of the value over the last pivot: a power of two brings x below one.
    let stretch = ritz.value.max(1.0).log2() / 2.0;
    let scale = Fixed::<L>::PLACES as i64 + lowest - 2 - stretch.ceil() as i64;
    let y: Option<Vec<_>> = (ritz.vector.iter())
        .map(|&y| {
            let (integer, exponent) = Endpoint::from(y).parts();
            let shift = exponent + scale;
            Fixed::from_integer(&if shift >= 0 {
                integer << shift as usize
            } else {
                integer >> shift.unsigned_abs() as usize
            })
        })
        .collect();
    factor.solve_transposed(&y?, watch)
}

/// `2^exponent`, zero where that is below the range of f64.
fn power(exponent: i64) -> f64 {
    if exponent < -1000 {
        0.0
    } else {
        2.0_f64.powi(exponent.min(1000) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Stop;
    use crate::watch::tests::Looks;
    use nalgebra::DMatrix;

    /// `diag(1, …, 1) + ε` on the path graph: `2 + ε − 2cos(kπ/(n+1))`, all entries exact.
    fn path(n: usize, epsilon: f64) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0 + epsilon,
            1 => -1.0,
            _ => 0.0,
        })
    }

    /// Of a matrix that is given: every look comes before a column, or before a row of a product.
    fn watched(a: &DMatrix<f64>, limbs: usize, last: bool, looks: u64) -> Attempt {
        let overseer = Overseer {
            watch: &Looks::of(looks),
            seen: &|_| (),
        };
        let source = Source::Matrix(a);
        attempt(limbs, &source, false, Endpoint::ZERO, 1e-10, last, overseer)
    }

    fn run(a: &DMatrix<f64>, limbs: usize, negated: bool, start: Endpoint) -> Attempt {
        let overseer = Overseer {
            watch: &Stop::default(),
            seen: &|_| (),
        };
        let source = Source::Matrix(a);
        attempt(limbs, &source, negated, start, 1e-10, true, overseer)
    }

    #[test]
    fn every_rung_encloses_a_closed_form() {
        let a = path(7, 0.0);
        let exact = 2.0 - 2.0 * (std::f64::consts::PI / 8.0).cos();
        for limbs in LADDER {
            for start in [
                Endpoint::from(-1e9),
                Endpoint::ZERO,
                Endpoint::from(exact - 1e-3),
            ] {
                let found = run(&a, limbs, false, start);
                assert_eq!(found.next, Next::Done, "{limbs}");
                let lo = found.lo.unwrap().to_f64(Direction::Down);
                let hi = found.hi.unwrap().to_f64(Direction::Up);
                // The closed form is off by a few roundings of numbers at most two.
                assert!(lo <= exact + 1e-15 && exact - 1e-15 <= hi);
                assert!(hi - lo <= 1e-10 * exact);
                assert!(found.factorisations <= 4);
            }
        }
    }

    #[test]
    fn a_determinant_far_below_f64_is_seen() {
        // 2 × 2 with eigenvalues 2^−80 and 2 − 2^−80, rotated by 45 degrees.
        let tiny = 2.0_f64.powi(-52);
        let a = nalgebra::dmatrix![1.0, 1.0 - tiny; 1.0 - tiny, 1.0];
        let found = run(&a, 2, false, Endpoint::ZERO);
        let exact = Endpoint::from(tiny);
        assert!(found.lo.unwrap() <= exact && exact <= found.hi.unwrap());
        assert_eq!(found.next, Next::Done);
        // Scaled to where f64 has no numbers.
        let a = a * 2.0_f64.powi(-900);
        let found = run(&a, 3, false, (-1.0).into());
        assert_eq!(found.next, Next::Done);
        let exact = Endpoint::new(1.0, -952);
        assert!(found.lo.unwrap() <= exact && exact <= found.hi.unwrap());
    }

    #[test]
    fn a_singular_matrix_asks_for_more_bits_and_is_enclosed_at_the_last() {
        let ones = DMatrix::from_element(3, 3, 1.0);
        let last = run(&ones, 2, false, (-1.0).into());
        assert!(matches!(last.next, Next::Bits(bits) if bits > 128));
        let (lo, hi) = (last.lo.unwrap(), last.hi.unwrap());
        assert!(lo < Endpoint::ZERO && hi > Endpoint::ZERO);
        // A few residual bounds of 3·4 units 2^−128, scaled by 2⁴.
        assert!(hi.log10() < -34.0 && lo.log10() < -34.0, "{lo} {hi}");
        let more = watched(&ones, 2, false, u64::MAX);
        let Next::MorePivots { pivots, overhead } = more.next else {
            panic!("{:?}", more.next);
        };
        // Entries are scaled by 2⁻⁴; 16·3 residual bounds of 12 units, and the width of 34 bits.
        assert_eq!((pivots, overhead), (vec![3], 10 + 34));
        // The second pivot is nothing, and that is a bound too.
        assert!(more.hi.unwrap() >= Endpoint::ZERO && more.hi.unwrap().log10() < -34.0);
        assert_eq!(more.factorisations, 1);
    }

    #[test]
    fn the_bits_that_are_missing_are_asked_for() {
        // Entries are scaled by 2^−4. The residual bound is 8 units, and four of it have six bits; a quarter
        // of the width of 2^39 units has four, that of 2^14 none. Two more are asked for.
        for (exponent, bits) in [(-85, 132), (-110, 136)] {
            let smallest = 2.0_f64.powi(exponent);
            let a = nalgebra::dmatrix![1.0, 0.0; 0.0, smallest];
            let few = watched(&a, 2, false, u64::MAX);
            assert_eq!(few.next, Next::Bits(bits));
            assert!(few.lo.unwrap() <= smallest.into() && few.hi.unwrap() >= smallest.into());
            let more = watched(&a, 3, false, u64::MAX);
            assert_eq!(more.next, Next::Done);
        }
    }

    #[test]
    fn sizes_are_those_of_absolute_values_and_halves_do_not_stall() {
        for (x, bits) in [(0, 0), (1, 1), (-1, 1), (5, 3), (-8, 4), (255, 8)] {
            assert_eq!(size(&IBig::from(x)), bits, "{x}");
        }
        let stalled = |width: i32, previous: i32| stalls(&width.into(), &previous.into());
        assert!(!stalled(5, 10) && stalled(6, 10) && !stalled(1, 3) && stalled(2, 3));
    }

    #[test]
    fn a_stop_ends_and_bounds_stay_valid() {
        let a = path(5, 0.0);
        let found = watched(&a, 2, true, 0);
        assert_eq!(found.next, Next::Stopped);
        assert!(found.lo.is_none() && found.hi.is_none());
        // After two columns.
        let found = watched(&a, 2, true, 2);
        assert_eq!(found.next, Next::Stopped);
        assert!(found.lo.is_none() && found.hi.unwrap() >= (2.0 - 3.0_f64.sqrt()).into());
    }

    #[test]
    fn negation_encloses_the_largest() {
        let a = path(5, 0.0);
        let found = run(&a, 2, true, (-4.0).into());
        let exact = 2.0 + 3.0_f64.sqrt();
        let lo = -found.hi.unwrap().to_f64(Direction::Up);
        let hi = -found.lo.unwrap().to_f64(Direction::Down);
        assert!(lo <= exact + 1e-15 && exact - 1e-15 <= hi && hi - lo <= 1e-9);
    }
}
