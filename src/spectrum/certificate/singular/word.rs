//! Integers that are as short as the entries of a matrix allow.

use dashu_int::IBig;

/// Bits of a digit with its sign, and one for the sum of two such numbers.
const DIGIT_BITS: usize = 33;

/// An integer of some width.
pub(super) trait Word: Clone + PartialEq + Send + Sync {
    /// Zero.
    fn zero() -> Self;
    /// The sum grows by `entry·digit`.
    fn add_product(&mut self, entry: &Self, digit: i32);
    /// The difference of two integers.
    fn minus(&self, other: &Self) -> Self;
    /// The residue from 0 to `P − 1`.
    fn residue<const P: u64>(&self) -> u32;
    /// The quotient by `P`; nothing, if a remainder is left.
    fn divided<const P: u64>(&self) -> Option<Self>;
}

/// The width of words that hold sums of `terms` products of entries of so many bits with digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Width {
    Short,
    Double,
    Big,
}

impl Width {
    pub fn of(entry_bits: usize, terms: usize) -> Self {
        let bits = entry_bits + DIGIT_BITS + (usize::BITS - terms.leading_zeros()) as usize;
        match bits {
            0..=62 => Self::Short,
            63..=126 => Self::Double,
            _ => Self::Big,
        }
    }

    /// Bytes of a matrix of integers of so many bits, of one without the rows that are left out, of a factor in residues,
    /// and of three matrices in f64.
    pub fn bytes(self, entry_bits: usize, order: usize) -> usize {
        let word = match self {
            Self::Short => 8,
            Self::Double => 16,
            // A descriptor, and what it allocates.
            Self::Big => 40 + entry_bits.div_ceil(8),
        };
        let entry = (2_usize * word).saturating_add(2 + 24);
        order.saturating_mul(order).saturating_mul(entry)
    }
}

macro_rules! machine_word {
    ($($word:ty)*) => {
        $(impl Word for $word {
            fn zero() -> Self {
                0
            }
            #[inline]
            fn add_product(&mut self, entry: &Self, digit: i32) {
                *self += entry * Self::from(digit);
            }
            fn minus(&self, other: &Self) -> Self {
                self - other
            }
            fn residue<const P: u64>(&self) -> u32 {
                self.rem_euclid(P as Self) as u32
            }
            fn divided<const P: u64>(&self) -> Option<Self> {
                (self % P as Self == 0).then(|| self / P as Self)
            }
        })*
    };
}

machine_word!(i64 i128);

impl Word for IBig {
    fn zero() -> Self {
        IBig::ZERO
    }
    fn add_product(&mut self, entry: &Self, digit: i32) {
        *self += entry * IBig::from(digit);
    }
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    fn residue<const P: u64>(&self) -> u32 {
        let prime = IBig::from(P);
        let remainder = self % &prime;
        let residue = if remainder < IBig::ZERO {
            remainder + prime
        } else {
            remainder
        };
        u32::try_from(residue).expect("below a prime of 31 bits")
    }
    fn divided<const P: u64>(&self) -> Option<Self> {
        let prime = IBig::from(P);
        let quotient = self / &prime;
        (&quotient * prime == *self).then_some(quotient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obeys<W: Word + std::fmt::Debug>(of: impl Fn(i64) -> W) {
        const P: u64 = 101;
        for x in [-203_i64, -101, -100, -1, 0, 1, 99, 202] {
            assert_eq!(i64::from(of(x).residue::<P>()), x.rem_euclid(101));
            let expected = (x % 101 == 0).then(|| of(x / 101));
            assert_eq!(of(x).divided::<P>(), expected);
            let mut sum = of(5);
            sum.add_product(&of(x), -7);
            assert_eq!(sum, of(5 - 7 * x));
            assert_eq!(of(x).minus(&of(3)), of(x - 3));
        }
        assert_eq!(W::zero(), of(0));
    }

    #[test]
    fn words_of_every_width_are_integers() {
        obeys(|x| x);
        obeys(i128::from);
        obeys(IBig::from);
    }

    #[test]
    fn sums_fit_their_width() {
        assert_eq!(Width::of(19, 1000), Width::Short);
        assert_eq!(Width::of(20, 1000), Width::Double);
        assert_eq!(Width::of(83, 1000), Width::Double);
        assert_eq!(Width::of(84, 1000), Width::Big);
        // 2^bits·2³³·terms < 2⁶³ and 2¹²⁷.
        let most = ((1_i64 << 19) - 1) * ((1 << 33) - 1);
        assert!(most.checked_mul(1000).is_some());
    }
}
