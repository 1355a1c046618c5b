//! A symmetric matrix in integers, up to what changes no rank.

use super::super::entries::IntegerMatrix;
use super::word::{Width, Word};
use super::{big, odd_part};
use dashu_int::IBig;
use dashu_int::ops::BitTest;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Integers of one width: a square matrix by rows.
pub(crate) struct Integers {
    pub order: usize,
    pub(super) entries: Entries,
    /// Bits of the largest entry of every row.
    bits: Vec<usize>,
    /// Entries of every row that are not zero.
    filled: Vec<usize>,
}

pub(super) enum Entries {
    Short(Vec<i64>),
    Double(Vec<i128>),
    Big(Vec<IBig>),
}

impl Integers {
    /// `2^{d_i + d_j − e}a_ij`, with a power of two for every row that brings the diagonal to about one.
    ///
    /// # Guarantee
    /// Exact. A congruence with a diagonal matrix changes no rank, of no principal block. Nothing, where `fits` refuses the
    /// bytes of the integers and of those of the rows that are left.
    pub fn of(a: &DMatrix<f64>, fits: impl Fn(usize) -> bool) -> Option<Self> {
        let order = a.nrows();
        let scale: Vec<i64> = (0..order)
            .map(|i| match a[(i, i)] {
                0.0 => 0,
                x => -(odd_part(x).1 + bits_of(odd_part(x).0)).div_euclid(2),
            })
            .collect();
        let part = |i: usize, j: usize| {
            let (integer, exponent) = odd_part(a[(i, j)]);
            (integer, exponent + scale[i] + scale[j])
        };
        let filled = |i: usize| (0..order).filter(move |&j| a[(i, j)] != 0.0);
        let least = |i: usize| filled(i).map(|j| part(i, j).1).min();
        let unit = (0..order).into_par_iter().filter_map(least).min();
        let unit = unit.unwrap_or(0);
        let row_bits = |i: usize| {
            let top = |j: usize| {
                let (integer, exponent) = part(i, j);
                (bits_of(integer) + exponent - unit) as usize
            };
            (filled(i).map(top).max().unwrap_or(0), filled(i).count())
        };
        let (bits, counts): (Vec<_>, Vec<_>) = (0..order).into_par_iter().map(row_bits).unzip();
        let most = bits.iter().copied().max().unwrap_or(0);
        let width = Width::of(most, order);
        if !fits(width.bytes(most, order)) {
            return None;
        }
        let shifted = |index: usize| {
            let (i, j) = (index / order, index % order);
            match a[(i, j)] {
                0.0 => (0, 0),
                _ => {
                    let (integer, exponent) = part(i, j);
                    (integer, exponent - unit)
                }
            }
        };
        let indices = (0..order * order).into_par_iter().with_min_len(1 << 12);
        let all = indices.map(shifted);
        let entries = match width {
            Width::Short => Entries::Short(all.map(|(x, shift)| x << shift).collect()),
            Width::Double => {
                Entries::Double(all.map(|(x, shift)| i128::from(x) << shift).collect())
            }
            Width::Big => Entries::Big(all.map(|(x, shift)| big(x, shift)).collect()),
        };
        Some(Self {
            order,
            entries,
            bits,
            filled: counts,
        })
    }

    /// The integers of a matrix that has its own.
    pub fn of_integers(a: &IntegerMatrix, fits: impl Fn(usize) -> bool) -> Option<Self> {
        let order = a.order;
        let entry = |i: usize, j: usize| {
            let (row, column) = if i < j { (j, i) } else { (i, j) };
            &a.entries[row * (row + 1) / 2 + column]
        };
        let row = |i: usize| (0..order).map(move |j| entry(i, j));
        let bits: Vec<usize> = (0..order)
            .map(|i| row(i).map(BitTest::bit_len).max().unwrap_or(0))
            .collect();
        let filled = |i: usize| row(i).filter(|x| **x != IBig::ZERO).count();
        let most = bits.iter().copied().max().unwrap_or(0);
        let width = Width::of(most, order);
        if !fits(width.bytes(most, order)) {
            return None;
        }
        let all = || (0..order).flat_map(row);
        let entries = match width {
            Width::Short => Entries::Short(
                all()
                    .map(|x| i64::try_from(x).expect("short enough"))
                    .collect(),
            ),
            Width::Double => Entries::Double(
                all()
                    .map(|x| i128::try_from(x).expect("short enough"))
                    .collect(),
            ),
            Width::Big => Entries::Big(all().cloned().collect()),
        };
        Some(Self {
            order,
            entries,
            bits,
            filled: (0..order).map(filled).collect(),
        })
    }

    /// A bound of the binary logarithm of every minor with the given rows and one of the others: Hadamard's.
    ///
    /// # Guarantee
    /// A row of `k` entries other than zero, each below `2^b`, is shorter than `2^b√k`.
    pub(super) fn minor_bits(&self, rows: &[usize], others: &[usize]) -> usize {
        let twice = |&i: &usize| {
            let filled = self.filled[i];
            2 * self.bits[i] + (usize::BITS - filled.leading_zeros()) as usize
        };
        let kept: usize = rows.iter().map(twice).sum();
        let other = others.iter().map(twice).max().unwrap_or(0);
        (kept + other).div_ceil(2)
    }
}

impl Entries {
    /// Entry `index` modulo `P`.
    pub fn residue<const P: u64>(&self, index: usize) -> u32 {
        match self {
            Self::Short(entries) => entries[index].residue::<P>(),
            Self::Double(entries) => entries[index].residue::<P>(),
            Self::Big(entries) => entries[index].residue::<P>(),
        }
    }
}

fn bits_of(integer: i64) -> i64 {
    i64::from(u64::BITS - integer.unsigned_abs().leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn of(a: &DMatrix<f64>) -> Integers {
        Integers::of(a, |_| true).expect("room")
    }

    #[test]
    fn integers_are_the_entries_up_to_powers_of_two() {
        let a = dmatrix![4.0, 1.0; 1.0, 0.5];
        let found = of(&a);
        let Entries::Short(entries) = &found.entries else {
            panic!()
        };
        // Powers −1 (of three bits) and 0: 1, ½; ½, ½.
        assert_eq!(entries, &[2, 1, 1, 1]);
        assert_eq!((found.bits, found.filled), (vec![2, 1], vec![2, 2]));
        let tiny = 2.0_f64.powi(-60);
        let wide = of(&dmatrix![1.0, tiny; tiny, 1.0]);
        assert!(matches!(wide.entries, Entries::Double(_)));
        let wider = of(&dmatrix![1.0, 1e-300; 1e-300, 1.0]);
        assert!(matches!(wider.entries, Entries::Big(_)));
        // A small block is as good as a large one.
        let graded = of(&dmatrix![3.0, 0.0; 0.0, 3e-300]);
        assert!(matches!(
            graded.entries,
            Entries::Double(_) | Entries::Short(_)
        ));
    }

    #[test]
    fn integers_are_not_made_where_there_is_no_room() {
        let a = DMatrix::identity(100, 100);
        // Two words an entry and a factor, or some more of a wide range.
        assert!(Integers::of(&a, |bytes| bytes < 100 * 100 * 16).is_none());
        assert!(Integers::of(&a, |bytes| bytes < 100 * 100 * 64).is_some());
        let mut wide = a;
        (wide[(0, 1)], wide[(1, 0)]) = (1e-300, 1e-300);
        assert!(Integers::of(&wide, |bytes| bytes < 100 * 100 * 250).is_none());
        assert!(Integers::of(&wide, |bytes| bytes < 100 * 100 * 600).is_some());
    }

    #[test]
    fn minors_are_below_their_bound() {
        // 3·3 − 1 in integers: below 2·(2·2 + 2)/2 bits.
        let found = of(&dmatrix![3.0, 1.0; 1.0, 3.0]);
        assert_eq!(found.minor_bits(&[0], &[1]), 6);
        let zero = of(&DMatrix::zeros(2, 2));
        assert_eq!(zero.minor_bits(&[], &[0, 1]), 0);
    }
}
