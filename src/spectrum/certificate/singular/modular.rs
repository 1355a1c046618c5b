//! Elimination modulo a prime.

use crate::watch::Watch;
use rayon::prelude::*;

/// Primes below 2³¹, one after another if one divides a minor.
pub(super) const PRIMES: [u64; 3] = [2_147_483_647, 2_147_483_629, 2_147_483_587];

/// Every prime is above two to this.
pub(super) const PRIME_BITS: usize = 30;

/// The low bits of a product.
const LOW: u64 = (1 << 31) - 1;

/// Rows that are eliminated together, each by a thread.
const TOGETHER: usize = 32;

/// A maximal principal block, in the order given, that is invertible modulo `P`: `LDLᵀ`.
pub(super) struct Factor<const P: u64> {
    /// The rows of the block.
    pub kept: Vec<usize>,
    /// All others.
    pub dependent: Vec<usize>,
    /// Row `j` of `L` below the diagonal of ones: `j` residues.
    rows: Vec<Vec<u32>>,
    /// Of the pivots.
    inverses: Vec<u32>,
}

/// A row that is being eliminated: `y = l D`, of which so many are done.
struct Pending {
    index: usize,
    row: Vec<u32>,
}

impl<const P: u64> Factor<P> {
    /// Takes one row after another; a row whose pivot vanishes modulo `P` is left out. Nothing, if it is stopped.
    ///
    /// # Cost
    /// `r²n/2` products modulo `P`, `r` the rank.
    pub fn new(
        sequence: &[usize],
        entry: impl Fn(usize, usize) -> u32 + Sync,
        watch: &dyn Watch,
    ) -> Option<Self> {
        let mut factor = Self {
            kept: vec![],
            dependent: vec![],
            rows: vec![],
            inverses: vec![],
        };
        for group in sequence.chunks(TOGETHER) {
            if watch.is_stopped() {
                return None;
            }
            let begin = |&index: &usize| {
                let mut pending = Pending { index, row: vec![] };
                factor.advance(&mut pending, &entry);
                pending
            };
            let group: Vec<Pending> = group.par_iter().map(begin).collect();
            for mut pending in group {
                factor.advance(&mut pending, &entry);
                factor.finish(pending, &entry);
            }
        }
        Some(factor)
    }

    /// Eliminates with the rows that were kept since.
    fn advance(&self, pending: &mut Pending, entry: impl Fn(usize, usize) -> u32) {
        let wide = pulp::Arch::new();
        for j in pending.row.len()..self.kept.len() {
            let product = wide.dispatch(
                #[inline(always)]
                || dot::<P>(&self.rows[j], &pending.row),
            );
            let value = u64::from(entry(pending.index, self.kept[j]));
            pending.row.push(difference::<P>(value, product));
        }
    }

    fn finish(&mut self, pending: Pending, entry: impl Fn(usize, usize) -> u32) {
        let Pending { index, row } = pending;
        let multipliers: Vec<u32> = row
            .iter()
            .zip(&self.inverses)
            .map(|(y, inverse)| (u64::from(*y) * u64::from(*inverse) % P) as u32)
            .collect();
        let product = dot::<P>(&row, &multipliers);
        let pivot = difference::<P>(u64::from(entry(index, index)), product);
        if pivot == 0 {
            self.dependent.push(index);
        } else {
            self.kept.push(index);
            self.rows.push(multipliers);
            self.inverses.push(inverse::<P>(pivot));
        }
    }

    /// Solves with the block: `x` such that `A₁₁x = b` modulo `P`.
    pub fn solve(&self, sides: &[u32]) -> Vec<u32> {
        let wide = pulp::Arch::new();
        wide.dispatch(
            #[inline(always)]
            || self.solved(sides),
        )
    }

    #[inline(always)]
    fn solved(&self, sides: &[u32]) -> Vec<u32> {
        let rank = self.kept.len();
        let mut x: Vec<u32> = Vec::with_capacity(rank);
        for (row, side) in self.rows.iter().zip(sides) {
            x.push(difference::<P>(u64::from(*side), dot::<P>(row, &x)));
        }
        // Sums of products in two parts, neither of which overflows.
        let (mut low, mut high) = (vec![0_u64; rank], vec![0_u64; rank]);
        for j in (0..rank).rev() {
            let scaled = u64::from(x[j]) * u64::from(self.inverses[j]) % P;
            let sum = joined::<P>(low[j], high[j]);
            x[j] = difference::<P>(scaled, sum);
            let factor = u64::from(x[j]);
            let sums = low[..j].iter_mut().zip(&mut high[..j]);
            for ((low, high), l) in sums.zip(&self.rows[j]) {
                let product = u64::from(*l) * factor;
                *low += product & LOW;
                *high += product >> 31;
            }
        }
        x
    }
}

/// `high·2³¹ + low` modulo `P`.
#[inline(always)]
fn joined<const P: u64>(low: u64, high: u64) -> u64 {
    (high % P * ((1 << 31) % P) + low % P) % P
}

/// `x − y` modulo `P`, of residues.
#[inline(always)]
fn difference<const P: u64>(x: u64, y: u64) -> u32 {
    (if x >= y { x - y } else { x + P - y }) as u32
}

/// `Σ x_i y_i` modulo `P` of residues, as far as the shorter goes: the halves of 2³³ products do not overflow.
#[inline(always)]
fn dot<const P: u64>(x: &[u32], y: &[u32]) -> u64 {
    let (mut low, mut high) = (0_u64, 0_u64);
    for (x, y) in x.iter().zip(y) {
        let product = u64::from(*x) * u64::from(*y);
        low += product & LOW;
        high += product >> 31;
    }
    joined::<P>(low, high)
}

/// `x^{P−2}`.
fn inverse<const P: u64>(x: u32) -> u32 {
    let (mut power, mut base, mut exponent) = (1_u64, u64::from(x), P - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    power as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Stop;

    const P: u64 = PRIMES[0];

    #[test]
    fn primes_are_primes_of_31_bits() {
        for prime in PRIMES {
            assert!(prime >> PRIME_BITS == 1);
            assert!((2..).take_while(|d| d * d <= prime).all(|d| prime % d != 0));
        }
    }

    #[test]
    fn sums_of_the_largest_residues_do_not_overflow() {
        for length in [0_u64, 1, 7, 1000] {
            let largest = vec![(P - 1) as u32; length as usize];
            // (−1)² each.
            assert_eq!(dot::<P>(&largest, &largest), length);
            let last = vec![(PRIMES[2] - 1) as u32; length as usize];
            assert_eq!(dot::<{ PRIMES[2] }>(&last, &last), length);
        }
        for x in [1, 2, 12345, P as u32 - 1] {
            assert_eq!(u64::from(x) * u64::from(inverse::<P>(x)) % P, 1);
        }
    }

    /// Symmetric, of the given rank: `Σ_k x_k x_kᵀ`.
    fn entry(rank: usize) -> impl Fn(usize, usize) -> u32 + Sync {
        let x = |i: usize, k: usize| ((i * i * 7 + i * k * 13 + k * k * 5 + 1) % 101) as u64;
        move |i, j| ((0..rank).map(|k| x(i, k) * x(j, k)).sum::<u64>() % P) as u32
    }

    #[test]
    fn blocks_are_maximal_and_solve_their_equations() {
        for (order, rank) in [(1, 1), (5, 3), (40, 33), (90, 64), (70, 70)] {
            let sequence: Vec<usize> = (0..order).rev().collect();
            let entry = entry(rank);
            let factor = Factor::<P>::new(&sequence, &entry, &Stop::default()).unwrap();
            assert_eq!(factor.kept.len(), rank);
            assert_eq!(factor.dependent.len(), order - rank);
            let sides: Vec<u32> = (0..rank as u32).map(|i| i * i + 1).collect();
            let x = factor.solve(&sides);
            for (i, side) in factor.kept.iter().zip(&sides) {
                let row: Vec<u32> = factor.kept.iter().map(|&j| entry(*i, j)).collect();
                assert_eq!(dot::<P>(&row, &x), u64::from(*side));
            }
        }
        let stop = Stop::default();
        stop.request();
        assert!(Factor::<P>::new(&[0], entry(1), &stop).is_none());
    }
}
