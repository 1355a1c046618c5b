//! Cholesky factorisation in fixed point, with a proved residual.

use rayon::prelude::*;
use std::cmp::Ordering;
use std::time::Instant;

use super::entries::FixedMatrix;
use super::fixed::{Accumulator, Fixed};

/// A factor `L` of `P(A − sI)Pᵀ`: `n` rows of `n` numbers, zero above the diagonal.
pub(super) struct Factor<const L: usize> {
    order: usize,
    rows: Vec<Fixed<L>>,
    /// Row `i` is that of row `place[i]` of `A`.
    #[cfg(test)]
    place: Vec<usize>,
}

/// Why there is no factor.
#[derive(Debug, PartialEq)]
pub(super) enum Broken {
    /// A pivot was not positive, or a number left `(−1, 1)`, after this many columns.
    Pivot(usize),
    /// The time was up.
    Time,
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
        deadline: Option<Instant>,
    ) -> Result<Self, Broken> {
        let n = matrix.order;
        let mut rows = vec![Fixed::ZERO; n * n];
        let mut place: Vec<usize> = (0..n).collect();
        let shifted = |i: usize| difference(matrix.entry(i, i), shift);
        let diagonal: Option<Vec<_>> = (0..n).map(shifted).collect();
        let mut diagonal = diagonal.ok_or(Broken::Pivot(0))?;
        let mut remaining = diagonal.clone();
        for k in 0..n {
            if deadline.is_some_and(|end| Instant::now() >= end) {
                return Err(Broken::Time);
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
            let square = square.truncated().filter(|x| !x.negative && !x.is_zero());
            row[k] = square.ok_or(Broken::Pivot(k))?.root();
            let reciprocal = row[k].reciprocal();
            let above: &[Fixed<L>] = row;
            let eliminate = |(i, (row, remaining)): (usize, (&mut [Fixed<L>], &mut Fixed<L>))| {
                let entry = matrix.entry(place[k + 1 + i], place[k]);
                let mut sum = Accumulator::starting_at(entry);
                sum.subtract_dot(&row[..k], &above[..k]);
                row[k] = reciprocal.times(&sum.truncated()?)?;
                let mut left = Accumulator::starting_at(remaining);
                left.subtract_dot(&row[k..=k], &row[k..=k]);
                *remaining = left.truncated()?;
                Some(())
            };
            // Rows of a task: some ten thousand products of limbs.
            let least = 1 + 16_384 / ((k + 4) * L * L);
            rest.par_chunks_exact_mut(n)
                .zip(&mut remaining[k + 1..])
                .with_min_len(least)
                .enumerate()
                .try_for_each(eliminate)
                .ok_or(Broken::Pivot(k))?;
        }
        Ok(Self {
            order: n,
            rows,
            #[cfg(test)]
            place,
        })
    }

    /// Solves `Lᵀx = y` approximately; none, if `x` leaves `(−1, 1)`.
    pub fn solve_transposed(&self, y: &[Fixed<L>]) -> Option<Vec<Fixed<L>>> {
        let mut sums: Vec<_> = y.iter().map(Accumulator::starting_at).collect();
        let mut x = vec![Fixed::ZERO; self.order];
        for i in (0..self.order).rev() {
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
    use dashu_int::IBig;
    use nalgebra::DMatrix;

    fn matrix(n: usize) -> FixedMatrix<3> {
        let points = DMatrix::from_fn(2, n, |i, j| ((i * 31 + j * 17) as f64).sin());
        let gram = Gram::new(&"gaussian:0.8".parse().unwrap(), &points, &[0.8]);
        Source::Gram(Box::new(gram)).rounded(false)
    }

    #[test]
    fn residual_is_within_its_bound_entry_by_entry() {
        let n = 30;
        let matrix = matrix(n);
        let shift = Fixed::from_integer(&(IBig::ONE << 100)).unwrap();
        let factor = Factor::new(&matrix, &shift, None).unwrap();
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

    #[test]
    fn a_shift_above_an_eigenvalue_breaks_and_time_ends() {
        let matrix = matrix(12);
        let large = Fixed::from_integer(&(IBig::ONE << 190)).unwrap();
        assert!(
            matches!(Factor::new(&matrix, &large, None), Err(Broken::Pivot(k)) if k > 0 && k < 12)
        );
        let past = Some(Instant::now());
        assert_eq!(
            Factor::new(&matrix, &Fixed::ZERO, past).err(),
            Some(Broken::Time)
        );
        assert_eq!(residual_bound(&matrix), 12 * 6);
    }

    #[test]
    fn solutions_satisfy_their_equations() {
        let n = 20;
        let factor = Factor::new(&matrix(n), &Fixed::ZERO, None).unwrap();
        let y: Vec<_> = (0..n)
            .map(|i| {
                Fixed::from_integer(&((IBig::ONE << 60) * IBig::from(i * i % 7) - IBig::ONE))
                    .unwrap()
            })
            .collect();
        let x = factor.solve_transposed(&y).unwrap();
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
