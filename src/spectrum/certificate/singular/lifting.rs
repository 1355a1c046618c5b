//! The proof that rows depend on others: powers of one prime instead of many primes.
//!
//! Let `A₁₁`, of order `r`, be the block of some rows that is invertible modulo a prime `p`, `S = A₂₂ − A₂₁A₁₁⁻¹A₁₂`. The
//! entries of `det(A₁₁)S` are minors of order `r + 1` of the integer matrix, so integers below Hadamard's bound `H`.
//! Digit by digit, with integers alone, `X` is computed such that `A₁₁X = A₁₂` modulo `p^m`; if then `A₂₁X = A₂₂` modulo `p^m`
//! too, `S` vanishes modulo `p^m`, as `p` does not divide `det(A₁₁)`. With `p^m > H` the minors vanish, and with them
//! `S`: every row is a combination of those of the block.
//!
//! # Source
//! Dixon, *Exact solution of linear equations using p-adic expansions*, Numer. Math. 40, 1982.

use super::integers::{Entries, Integers};
use super::modular::{Factor, PRIME_BITS, PRIMES};
use super::word::Word;
use crate::watch::Watch;
use rayon::prelude::*;

/// Rows that one thread multiplies at least.
const ROWS: usize = 64;

/// Rows of a symmetric matrix such that every other is a combination of them and their block is invertible: the rank
/// of the matrix, proved. Nothing, if it is stopped, or if no prime proves it.
///
/// # Arguments
/// * `sequence`: all rows; the first are kept rather than the last.
///
/// # Cost
/// An elimination modulo a prime and, of every row left out, some `H/30` products of the matrix with a vector, `H`
/// the bits of a minor.
pub(crate) fn independent_columns(
    matrix: &Integers,
    sequence: &[usize],
    watch: &dyn Watch,
) -> Option<Vec<usize>> {
    with_prime::<{ PRIMES[0] }>(matrix, sequence, watch)
        .or_else(|| with_prime::<{ PRIMES[1] }>(matrix, sequence, watch))
        .or_else(|| with_prime::<{ PRIMES[2] }>(matrix, sequence, watch))
}

fn with_prime<const P: u64>(
    matrix: &Integers,
    sequence: &[usize],
    watch: &dyn Watch,
) -> Option<Vec<usize>> {
    let order = matrix.order;
    let entry = |i: usize, j: usize| matrix.entries.residue::<P>(i * order + j);
    let factor = Factor::<P>::new(sequence, entry, watch)?;
    let proved = factor.dependent.is_empty() || {
        let bits = matrix.minor_bits(&factor.kept, &factor.dependent);
        // P^digits > 2^{30·digits} ≥ 2^bits.
        let digits = bits.div_ceil(PRIME_BITS).max(1);
        match &matrix.entries {
            Entries::Short(entries) => vanishes(entries, order, &factor, digits, watch),
            Entries::Double(entries) => vanishes(entries, order, &factor, digits, watch),
            Entries::Big(entries) => vanishes(entries, order, &factor, digits, watch),
        }
    };
    proved.then_some(factor.kept)
}

/// Tells whether `S` vanishes modulo `P` to the number of digits.
fn vanishes<W: Word, const P: u64>(
    entries: &[W],
    order: usize,
    factor: &Factor<P>,
    digits: usize,
    watch: &dyn Watch,
) -> bool {
    let all = factor.kept.iter().chain(&factor.dependent);
    let rows: Vec<Vec<W>> = all
        .map(|&i| {
            let row = &entries[i * order..][..order];
            factor.kept.iter().map(|&j| row[j].clone()).collect()
        })
        .collect();
    let columns = factor.dependent.par_iter();
    columns
        .map(|&column| {
            let all = factor.kept.iter().chain(&factor.dependent);
            let rest = all.map(|&i| entries[i * order + column].clone());
            is_combination(&rows, rest.collect(), factor, digits, watch)
        })
        .all(|combination| combination)
}

/// Tells whether a column is a combination of those of the block, modulo `P` to the number of digits.
///
/// With `x` the digits of the combination, from the least, `rest ← (rest − (A₁₁; A₂₁)x)/P`: an integer, in the rows of the
/// block by the choice of `x`, in the others if the column is a combination.
fn is_combination<W: Word, const P: u64>(
    rows: &[Vec<W>],
    mut rest: Vec<W>,
    factor: &Factor<P>,
    digits: usize,
    watch: &dyn Watch,
) -> bool {
    let rank = factor.kept.len();
    for _ in 0..digits {
        if watch.is_stopped() {
            return false;
        }
        // The rest of an integer combination is zero: nothing is left to prove.
        if rest.iter().all(|x| *x == W::zero()) {
            return true;
        }
        let sides: Vec<u32> = rest[..rank].iter().map(Word::residue::<P>).collect();
        let digit: Vec<i32> = factor
            .solve(&sides)
            .into_iter()
            .map(balanced::<P>)
            .collect();
        let step = |(row, rest): (&Vec<W>, &W)| {
            let mut product = W::zero();
            for (entry, digit) in row.iter().zip(&digit) {
                product.add_product(entry, *digit);
            }
            rest.minus(&product).divided::<P>()
        };
        let pairs = rows.par_iter().zip(&rest).with_min_len(ROWS);
        match pairs.map(step).collect::<Option<Vec<W>>>() {
            Some(next) => rest = next,
            None => return false,
        }
    }
    true
}

/// The residue between `−P/2` and `P/2`.
fn balanced<const P: u64>(residue: u32) -> i32 {
    let residue = i64::from(residue);
    let prime = P as i64;
    (if 2 * residue > prime {
        residue - prime
    } else {
        residue
    }) as i32
}

#[cfg(test)]
mod tests {
    use super::super::pivot_order;
    use super::*;
    use crate::watch::Stop;
    use nalgebra::DMatrix;

    fn integers(a: &DMatrix<f64>) -> Integers {
        Integers::of(a, |_| true).expect("room")
    }

    fn rank(a: &DMatrix<f64>) -> Option<usize> {
        let found = independent_columns(&integers(a), &pivot_order(a), &Stop::default());
        found.map(|kept| kept.len())
    }

    fn factors(order: usize, rank: usize, salt: usize) -> DMatrix<f64> {
        DMatrix::from_fn(order, rank, |i, k| {
            ((i * i * 7 + i * k * 13 + k * k * 5 + salt * i + 1) % 19) as f64 - 9.0
        })
    }

    #[test]
    fn ranks_of_integer_gram_matrices_are_proved() {
        for (order, width) in [(2, 1), (9, 4), (30, 29), (60, 12), (40, 40)] {
            let x = factors(order, width, 3);
            // Exact in f64, and a rational factorisation of it knows the rank.
            let expected = x.clone().svd(false, false).rank(1e-9);
            let a = &x * x.transpose();
            assert_eq!(rank(&a), Some(expected), "{order} {width}");
            // Powers of two of rows and columns change nothing, however wide the range.
            for power in [30, 300] {
                let scale = |i: usize| 2.0_f64.powi((i % 3) as i32 * power - power);
                let scaled = DMatrix::from_fn(order, order, |i, j| a[(i, j)] * scale(i) * scale(j));
                assert_eq!(rank(&scaled), Some(expected));
            }
        }
    }

    #[test]
    fn entries_of_every_width_give_the_same_rank() {
        // One entry as small as it takes, in a row of its own.
        for tiny in [1.0, 2.0_f64.powi(-40), 2.0_f64.powi(-200)] {
            let x = factors(8, 3, 1);
            let mut a = (&x * x.transpose())
                .insert_row(8, 0.0)
                .insert_column(8, 0.0);
            a[(8, 8)] = 1.0;
            (a[(7, 8)], a[(8, 7)]) = (tiny, tiny);
            // The Schur complement of the last row: something of rank three, less tiny² at (7, 7), which is none of its vectors.
            assert_eq!(rank(&a), Some(5), "{tiny:e}");
            let names = match integers(&a).entries {
                Entries::Short(_) => 1.0,
                Entries::Double(_) => 2.0_f64.powi(-40),
                Entries::Big(_) => 2.0_f64.powi(-200),
            };
            assert_eq!(names, tiny);
        }
    }

    #[test]
    fn a_change_of_the_last_place_restores_the_rank() {
        let x = factors(12, 11, 2);
        let a = &x * x.transpose();
        assert_eq!(rank(&a), Some(11));
        for (i, j) in [(0, 0), (11, 11), (3, 7)] {
            let mut changed = a.clone();
            changed[(i, j)] = changed[(i, j)].next_up();
            changed[(j, i)] = changed[(i, j)];
            assert_eq!(rank(&changed), Some(12), "{i} {j}");
        }
    }

    /// What vanishes modulo the prime does not vanish: the next digit, or the next prime, says so.
    #[test]
    fn multiples_of_the_prime_are_no_zeros() {
        for prime in PRIMES {
            let p = prime as f64;
            let a = nalgebra::dmatrix![1.0, 1.0; 1.0, 1.0 + p];
            assert_eq!(rank(&a), Some(2));
            // p² and 2^62: not even to two digits.
            let a = nalgebra::dmatrix![p, p; p, 2.0 * p];
            assert_eq!(rank(&a), Some(2));
        }
    }

    #[test]
    fn what_is_stopped_proves_nothing() {
        let a = DMatrix::from_element(3, 3, 1.0);
        let stop = Stop::default();
        stop.request();
        let found = independent_columns(&integers(&a), &[0, 1, 2], &stop);
        assert_eq!(found, None);
        // Nor what has no principal block of its rank in this order.
        let swap = nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0];
        assert_eq!(rank(&swap), None);
    }

    #[test]
    fn residues_are_balanced() {
        const P: u64 = PRIMES[0];
        assert_eq!(balanced::<P>(1), 1);
        assert_eq!(balanced::<P>(P as u32 - 1), -1);
        assert_eq!(balanced::<P>((P / 2) as u32), (P / 2) as i32);
        assert_eq!(balanced::<P>((P / 2 + 1) as u32), -((P / 2) as i32));
    }
}
