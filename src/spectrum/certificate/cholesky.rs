//! Cholesky factorisation in fixed point, with a proved residual.

use super::entries::FixedMatrix;
use super::fixed::{Accumulator, Fixed};
use super::progress::Overseer;
use crate::watch::Watch;
use dashu_int::IBig;
use rayon::prelude::*;
use std::cmp::Ordering;

/// A factor `L` of `P(A − sI)Pᵀ`: `n` rows of `n` numbers, zero above the diagonal.
pub(super) struct Factor<const L: usize> {
    order: usize,
    rows: Vec<Fixed<L>>,
    /// Row `i` is that of row `place[i]` of `A`.
    #[cfg(test)]
    place: Vec<usize>,
}

/// Why there is no factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A pivot was not positive, or a number left `(−1, 1)`.
    Pivot,
    /// It was stopped.
    Stopped,
}

/// A factorisation that did not complete, and what it shows all the same.
#[derive(Debug, PartialEq)]
pub(super) struct Broken {
    pub cause: Cause,
    /// The zero bits before the first one of every pivot `L_kk²` found: about `−log₂`.
    pub pivots: Vec<usize>,
    /// In units of `2^{−64L}`; none before the first pivot.
    ///
    /// # Guarantee
    /// The smallest eigenvalue of the matrix *meant* less the shift is at most this and [`residual_bound`]. With
    /// `k` columns done, the leading block of order `k + 1` is `MMᵀ + t·eeᵀ + E`: `M` the rows of the factor, `e`
    /// the last unit vector, `t` the next pivot, `E` the residual. `Mᵀy = 0` has a solution with `y_{k+1} = 1`, so
    /// the form at `y` is `t + yᵀEy`, over `‖y‖² ≥ 1`; and no principal submatrix has a smaller eigenvalue
    /// (Cauchy). A pivot is truncated by less than one unit.
    pub above: Option<IBig>,
}

impl Broken {
    pub fn new(cause: Cause, pivots: Vec<usize>, above: Option<IBig>) -> Self {
        Self {
            cause,
            pivots,
            above,
        }
    }
}

impl<const L: usize> Factor<L> {
    pub fn order(&self) -> usize {
        self.order
    }

    /// Row `i` up to the diagonal.
    pub fn row(&self, i: usize) -> &[Fixed<L>] {
        &self.rows[i * self.order..][..=i]
    }

    pub fn pivot(&self, i: usize) -> &Fixed<L> {
        &self.rows[i * (self.order + 1)]
    }

    /// Factors the matrix *meant* less `shift`, largest remaining pivot first.
    ///
    /// # Arguments
    /// * `overseer`: looked at before every column, and every row that is long.
    ///
    /// # Guarantee
    /// `‖P(A − sI)Pᵀ − LLᵀ‖₂ ≤` [`residual_bound`] units of `2^{−64L}`: entry `(i, k)` of
    /// the residual is `t − L_ik L_kk` with `t` an exact sum. It is truncated by one
    /// unit, and the quotient by `L_kk < 1` is within three: four in all. On the
    /// diagonal `t − L_kk²` is one unit and less than two for the root. The norm is at
    /// most `n` times the largest entry, and the entries of `A` are off by `radius`.
    ///
    /// Pivoting is not needed by the bound: it makes `L` graded, so that its f64 copy
    /// still knows the smallest singular value.
    pub fn new(
        matrix: &FixedMatrix<L>,
        shift: &Fixed<L>,
        overseer: Overseer<'_>,
    ) -> Result<Self, Broken> {
        let n = matrix.order;
        let watch = overseer.watch;
        let mut pivots = Vec::with_capacity(n);
        let mut bound = None;
        let mut rows = vec![Fixed::ZERO; n * n];
        let mut place: Vec<usize> = (0..n).collect();
        let shifted = |i: usize| difference(matrix.entry(i, i), shift);
        let diagonal: Option<Vec<_>> = (0..n).map(shifted).collect();
        let Some(mut diagonal) = diagonal else {
            return Err(Broken::new(Cause::Pivot, pivots, bound));
        };
        let mut remaining = diagonal.clone();
        for k in 0..n {
            (overseer.seen)(k);
            if watch.is_stopped() {
                return Err(Broken::new(Cause::Stopped, pivots, bound));
            }
            let pivot = (k..n)
                .max_by(|&i, &j| compare(&remaining[i], &remaining[j]))
                .expect("k < n");
            place.swap(k, pivot);
            diagonal.swap(k, pivot);
            remaining.swap(k, pivot);
            let (done, rest) = rows.split_at_mut((k + 1) * n);
            let row = &mut done[k * n..];
            if pivot > k {
                row[..k].swap_with_slice(&mut rest[(pivot - k - 1) * n..][..k]);
            }
            let mut square = Accumulator::starting_at(&diagonal[k]);
            square.subtract_dot(&row[..k], &row[..k]);
            let Some(square) = square.truncated() else {
                return Err(Broken::new(Cause::Pivot, pivots, bound));
            };
            bound = Some(IBig::ONE);
            if square.negative || square.is_zero() {
                return Err(Broken::new(Cause::Pivot, pivots, bound));
            }
            bound = Some(square.integer() + IBig::ONE);
            pivots.push(square.leading_zeros());
            row[k] = square.root();
            let reciprocal = row[k].reciprocal();
            let above: &[Fixed<L>] = row;
            // Rows of a task: some ten thousand products of limbs.
            let least = 1 + 16_384 / ((k + 4) * L * L);
            let eliminate = |(i, (row, remaining)): (usize, (&mut [Fixed<L>], &mut Fixed<L>))| {
                if least == 1 && watch.is_stopped() {
                    return None;
                }
                let entry = matrix.entry(place[k + 1 + i], place[k]);
                let mut sum = Accumulator::starting_at(entry);
                sum.subtract_dot(&row[..k], &above[..k]);
                row[k] = reciprocal.times(&sum.truncated()?)?;
                let mut left = Accumulator::starting_at(remaining);
                left.subtract_dot(&row[k..=k], &row[k..=k]);
                *remaining = left.truncated()?;
                Some(())
            };
            let eliminated = (rest.par_chunks_exact_mut(n))
                .zip(&mut remaining[k + 1..])
                .with_min_len(least)
                .enumerate()
                .try_for_each(eliminate);
            if eliminated.is_none() {
                let cause = match watch.is_stopped() {
                    true => Cause::Stopped,
                    false => Cause::Pivot,
                };
                return Err(Broken::new(cause, pivots, bound));
            }
        }
        Ok(Self {
            order: n,
            rows,
            #[cfg(test)]
            place,
        })
    }

    /// Solves `Lᵀx = y` approximately; none, if `x` leaves `(−1, 1)`, or it was stopped.
    pub fn solve_transposed(&self, y: &[Fixed<L>], watch: &dyn Watch) -> Option<Vec<Fixed<L>>> {
        let mut sums: Vec<_> = y.iter().map(Accumulator::starting_at).collect();
        let mut x = vec![Fixed::ZERO; self.order];
        for i in (0..self.order).rev() {
            if watch.is_stopped() {
                return None;
            }
            x[i] = self.pivot(i).reciprocal().times(&sums[i].truncated()?)?;
            for (sum, entry) in sums.iter_mut().zip(&self.row(i)[..i]) {
                sum.subtract_dot(std::slice::from_ref(entry), &x[i..=i]);
            }
        }
        Some(x)
    }
}

/// Bounds `‖P(A − sI)Pᵀ − LLᵀ‖₂` for the matrix meant, in units of `2^{−64L}`.
pub(super) fn residual_bound<const L: usize>(matrix: &FixedMatrix<L>) -> u64 {
    matrix.order as u64 * (4 + matrix.radius)
}

fn difference<const L: usize>(x: &Fixed<L>, y: &Fixed<L>) -> Option<Fixed<L>> {
    Fixed::from_integer(&(x.integer() - y.integer()))
}

fn compare<const L: usize>(x: &Fixed<L>, y: &Fixed<L>) -> Ordering {
    let sizes = x.magnitude.iter().rev().cmp(y.magnitude.iter().rev());
    match (x.negative, y.negative) {
        (false, false) => sizes,
        (true, true) => sizes.reverse(),
        (x, y) => y.cmp(&x),
    }
}

#[cfg(test)]
mod tests {
    use super::super::entries::{Gram, Source};
    use super::*;
    use crate::watch::Stop;
    use crate::watch::tests::Looks;
    use nalgebra::DMatrix;

    fn matrix(n: usize) -> FixedMatrix<3> {
        let points = DMatrix::from_fn(2, n, |i, j| ((i * 31 + j * 17) as f64).sin());
        let gram = Gram::of(&"gaussian:0.8".parse().unwrap(), &points);
        Source::Gram(Box::new(gram)).in_full(false)
    }

    #[test]
    fn residual_is_within_its_bound_entry_by_entry() {
        let n = 30;
        let matrix = matrix(n);
        let shift = Fixed::from_integer(&(IBig::ONE << 100)).unwrap();
        let factor = factor(&matrix, &shift, n).unwrap();
        let unit = IBig::ONE << 192;
        for i in 0..n {
            for j in 0..=i {
                let both = factor.row(i).iter().zip(factor.row(j));
                let product: IBig = both.map(|(x, y)| x.integer() * y.integer()).sum();
                let diagonal = if i == j { shift.integer() } else { IBig::ZERO };
                let entry = matrix.entry(factor.place[i], factor.place[j]).integer();
                let residual = (entry - diagonal) * &unit - product;
                let bound = IBig::from(4) * &unit;
                assert!(residual <= bound && -residual <= bound, "{i} {j}");
            }
        }
        for i in 1..n {
            assert!(compare(factor.pivot(i), factor.pivot(i - 1)) != Ordering::Greater);
        }
    }

    /// Factors, and stops at some column.
    fn factor(
        matrix: &FixedMatrix<3>,
        shift: &Fixed<3>,
        columns: usize,
    ) -> Result<Factor<3>, Broken> {
        let overseer = Overseer {
            watch: &Looks::of(columns as u64),
            seen: &|_| (),
        };
        Factor::new(matrix, shift, overseer)
    }

    #[test]
    fn a_shift_above_an_eigenvalue_breaks_and_a_stop_ends() {
        let matrix = matrix(12);
        let large = Fixed::from_integer(&(IBig::ONE << 190)).unwrap();
        let broken = factor(&matrix, &large, 12).err().unwrap();
        let columns = broken.pivots.len();
        assert!(broken.cause == Cause::Pivot && columns > 0 && columns < 12);
        assert_eq!(broken.above, Some(IBig::ONE));
        let stopped = |columns| factor(&matrix, &Fixed::ZERO, columns).err().unwrap();
        assert_eq!(stopped(0), Broken::new(Cause::Stopped, vec![], None));
        let late = stopped(7);
        assert_eq!((late.cause, late.pivots.len()), (Cause::Stopped, 7));
        assert_eq!(residual_bound(&matrix), 12 * 6);
    }

    /// `2 − 2cos(kπ/(n+1))` over 2⁴: a breakdown and a stop bound it from above, at every column and shift.
    #[test]
    fn what_does_not_complete_bounds_the_smallest_eigenvalue_from_above() {
        let n = 9;
        let a = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let matrix: FixedMatrix<3> = Source::Matrix(&a).in_full(false);
        let scale = 2.0_f64.powi(192 - matrix.scale as i32);
        let exact = (2.0 - 2.0 * (std::f64::consts::PI / 10.0).cos()) * scale;
        let residual = residual_bound(&matrix) as f64;
        let mut last = f64::INFINITY;
        for columns in 1..=n {
            let stopped = factor(&matrix, &Fixed::ZERO, columns);
            let above = match stopped {
                Ok(_) => break,
                Err(broken) => broken.above.unwrap().to_f64().value() + residual,
            };
            assert!(above >= exact && above <= last, "{columns}");
            last = above;
        }
        for share in [1.01, 1.5, 4.0] {
            let shift = IBig::try_from((exact * share).floor()).unwrap();
            let fixed = Fixed::from_integer(&shift).unwrap();
            let broken = factor(&matrix, &fixed, n).err().unwrap();
            let above = (shift + broken.above.unwrap()).to_f64().value() + residual;
            assert!(above >= exact && above <= exact * share * 1.000_001);
        }
    }

    #[test]
    fn solutions_satisfy_their_equations() {
        let n = 20;
        let factor = factor(&matrix(n), &Fixed::ZERO, n).unwrap();
        let y: Vec<_> = (0..n)
            .map(|i| {
                Fixed::from_integer(&((IBig::ONE << 60) * IBig::from(i * i % 7) - IBig::ONE))
                    .unwrap()
            })
            .collect();
        let x = factor.solve_transposed(&y, &Stop::default()).unwrap();
        for k in 0..n {
            let sum: IBig = (k..n)
                .map(|i| factor.row(i)[k].integer() * x[i].integer())
                .sum();
            let error = sum - (y[k].integer() << 192);
            // A truncation of the sum and a quotient within three units.
            assert!(error.into_parts().1 <= dashu_int::UBig::from(4u8) << 192);
        }
    }
}
