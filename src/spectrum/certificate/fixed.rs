//! Fixed-point numbers in `(−1, 1)` and exact sums of their products.
//!
//! Entries and Cholesky factors of a scaled matrix are below one, so a fixed
//! point loses nothing; sums of products are *exact*, and the whole error
//! analysis of the factorisation is one truncation an entry.

use dashu_int::ops::{BitTest, SquareRoot};
use dashu_int::{IBig, UBig};

/// The number `±magnitude·2^{−64L}`, limbs from low to high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fixed<const L: usize> {
    pub negative: bool,
    pub magnitude: [u64; L],
}

impl<const L: usize> Fixed<L> {
    pub const ZERO: Self = Self {
        negative: false,
        magnitude: [0; L],
    };

    /// Number of binary places.
    pub const PLACES: usize = 64 * L;

    /// The number `integer·2^{−64L}`; none, unless it lies in `(−1, 1)`.
    pub fn from_integer(integer: &IBig) -> Option<Self> {
        let (sign, size) = integer.clone().into_parts();
        let bytes = size.to_le_bytes();
        if bytes.len() > 8 * L {
            return None;
        }
        let mut magnitude = [0; L];
        for (i, byte) in bytes.iter().enumerate() {
            magnitude[i / 8] |= u64::from(*byte) << (8 * (i % 8));
        }
        Some(Self {
            negative: sign == dashu_int::Sign::Negative && !size.is_zero(),
            magnitude,
        })
    }

    /// The middle of two bounds times `2^{−shift}`, within `[0, 2^one]`, and how far the number meant can be from it, both in
    /// last places; nothing, if no number within the bounds lies in `[0, 2^one]`, or the distance is no `u64`.
    pub fn within(bounds: &(IBig, IBig), shift: usize, one: usize) -> Option<(Self, u64)> {
        let (lower, upper) = bounds;
        let (zero, one) = (IBig::ZERO, IBig::ONE << (one + shift));
        if *upper < zero || *lower > one {
            return None;
        }
        let middle = ((lower + upper) >> 1usize).max(zero).min(one);
        let distance = (upper - &middle).max(&middle - lower) >> shift;
        // A truncation of each.
        let radius = u64::try_from(distance).ok()?.checked_add(2)?;
        Some((Self::from_integer(&(middle >> shift))?, radius))
    }

    /// The integer `±magnitude`.
    pub fn integer(&self) -> IBig {
        let size = IBig::from(natural(&self.magnitude));
        if self.negative { -size } else { size }
    }

    pub fn is_zero(&self) -> bool {
        self.magnitude == [0; L]
    }

    /// The number of zero bits after the binary point, before the first one.
    pub fn leading_zeros(&self) -> usize {
        let limbs = self.magnitude.iter().rev();
        let empty = limbs.clone().take_while(|limb| **limb == 0).count();
        let first = limbs.clone().nth(empty).map_or(0, |x| x.leading_zeros());
        64 * empty + first as usize
    }

    /// The number as `m·2^e`, `½ ≤ |m| < 1` to about 53 bits; `(0, 0)` for zero.
    pub fn mantissa(&self) -> (f64, i64) {
        let zeros = self.leading_zeros();
        if zeros == Self::PLACES {
            return (0.0, 0);
        }
        let shifted = shift_left(&self.magnitude, zeros);
        let top = shifted[L - 1] as f64 / 2.0_f64.powi(64);
        (if self.negative { -top } else { top }, -(zeros as i64))
    }

    /// The number times `2^shift`; none, unless it lies in `(−1, 1)`.
    pub fn scaled_up(&self, shift: usize) -> Option<Self> {
        (self.is_zero() || shift <= self.leading_zeros()).then(|| Self {
            magnitude: shift_left(&self.magnitude, shift.min(Self::PLACES)),
            ..*self
        })
    }

    /// `floor(√x)` to the last place, of a non-negative number.
    pub fn root(&self) -> Self {
        let radicand = natural(&self.magnitude) << Self::PLACES;
        Self::from_integer(&radicand.sqrt().into()).expect("a root below one")
    }

    /// The reciprocal of a positive number, for divisions.
    pub fn reciprocal(&self) -> Reciprocal<L> {
        let shift = self.leading_zeros();
        let divisor = natural(&shift_left(&self.magnitude, shift));
        let largest = (UBig::ONE << Self::PLACES) - UBig::ONE;
        let half = ((UBig::ONE << (2 * Self::PLACES - 1)) / divisor).min(largest);
        Reciprocal {
            half: Self::from_integer(&half.into()).expect("clipped below one"),
            shift,
        }
    }
}

/// A divisor `m·2^{−shift}`, `½ ≤ m < 1`, as `half = 1/(2m)` to one last place, from below.
pub(super) struct Reciprocal<const L: usize> {
    half: Fixed<L>,
    shift: usize,
}

impl<const L: usize> Reciprocal<L> {
    /// `x` divided by the divisor, within `3·2^{−64L}`; none, unless `|x| < 2^{−shift}`
    /// and the quotient lies in `(−1, 1)`.
    pub fn times(&self, x: &Fixed<L>) -> Option<Fixed<L>> {
        let mut product = Accumulator::default();
        product.add(&x.scaled_up(self.shift)?, &self.half);
        product.doubled().truncated()
    }
}

/// An exact sum of products of fixed-point numbers: the positive and the
/// negative ones apart, each of `2L` limbs and an overflow.
#[derive(Clone, Copy)]
pub(super) struct Accumulator<const L: usize> {
    sums: [([[u64; L]; 2], u64); 2],
}

impl<const L: usize> Default for Accumulator<L> {
    fn default() -> Self {
        Self {
            sums: [([[0; L]; 2], 0); 2],
        }
    }
}

impl<const L: usize> Accumulator<L> {
    /// A sum that starts at `x`.
    pub fn starting_at(x: &Fixed<L>) -> Self {
        let mut sum = Self::default();
        sum.sums[usize::from(x.negative)].0[1] = x.magnitude;
        sum
    }

    /// Adds `x·y`. Exact for fewer than `2⁶⁴` terms.
    #[inline(always)]
    pub fn add(&mut self, x: &Fixed<L>, y: &Fixed<L>) {
        self.accumulate(x.negative ^ y.negative, &x.magnitude, &y.magnitude);
    }

    /// Subtracts `Σ x_i y_i`.
    #[inline(always)]
    pub fn subtract_dot(&mut self, x: &[Fixed<L>], y: &[Fixed<L>]) {
        for (x, y) in x.iter().zip(y) {
            self.accumulate(x.negative == y.negative, &x.magnitude, &y.magnitude);
        }
    }

    #[inline(always)]
    fn accumulate(&mut self, negative: bool, x: &[u64; L], y: &[u64; L]) {
        let (sum, overflow) = &mut self.sums[usize::from(negative)];
        let sum = sum.as_flattened_mut();
        let mut top = 0;
        for (i, x) in x.iter().enumerate() {
            let mut carry = 0;
            for (y, limb) in y.iter().zip(&mut sum[i..i + L]) {
                let term = u128::from(*x) * u128::from(*y) + u128::from(*limb) + u128::from(carry);
                *limb = term as u64;
                carry = (term >> 64) as u64;
            }
            let term = u128::from(sum[i + L]) + u128::from(carry) + u128::from(top);
            sum[i + L] = term as u64;
            top = (term >> 64) as u64;
        }
        *overflow += top;
    }

    /// Twice the sum.
    fn doubled(mut self) -> Self {
        for (sum, overflow) in &mut self.sums {
            let mut carry = 0;
            for limb in sum.as_flattened_mut() {
                (*limb, carry) = (*limb << 1 | carry, *limb >> 63);
            }
            *overflow = *overflow << 1 | carry;
        }
        self
    }

    /// The sum, truncated towards zero to `64L` places; none, unless it lies in `(−1, 1)`.
    pub fn truncated(&self) -> Option<Fixed<L>> {
        let [positive, negative] = &self.sums;
        let limbs = |sum: &([[u64; L]; 2], u64)| (sum.1, sum.0[1], sum.0[0]);
        let reversed = |sum: &([[u64; L]; 2], u64)| {
            let (overflow, high, low) = limbs(sum);
            let mut high = high;
            let mut low = low;
            high.reverse();
            low.reverse();
            (overflow, high, low)
        };
        let is_negative = reversed(negative) > reversed(positive);
        let (large, small) = if is_negative {
            (negative, positive)
        } else {
            (positive, negative)
        };
        let mut difference = large.0;
        let mut borrow = false;
        let subtrahend = small.0.as_flattened();
        for (limb, other) in difference.as_flattened_mut().iter_mut().zip(subtrahend) {
            let (first, under) = limb.overflowing_sub(*other);
            let (second, under_again) = first.overflowing_sub(u64::from(borrow));
            *limb = second;
            borrow = under || under_again;
        }
        (large.1 - small.1 == u64::from(borrow)).then(|| {
            let magnitude = difference[1];
            Fixed {
                negative: is_negative && magnitude != [0; L],
                magnitude,
            }
        })
    }
}

/// `limbs·2^shift`, what leaves at the top dropped.
fn shift_left<const L: usize>(limbs: &[u64; L], shift: usize) -> [u64; L] {
    let (whole, bits) = (shift / 64, shift % 64);
    std::array::from_fn(|i| {
        let at = |k: usize| i.checked_sub(k).map_or(0, |i| limbs[i]);
        let below = if bits == 0 {
            0
        } else {
            at(whole + 1) >> (64 - bits)
        };
        at(whole) << bits | below
    })
}

/// The natural number of these limbs, from low to high.
fn natural(limbs: &[u64]) -> UBig {
    let bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    UBig::from_le_bytes(&bytes)
}

/// The number of bits of a natural number.
pub(super) fn bits(x: &UBig) -> usize {
    x.bit_len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few thousand numbers of three limbs, extreme bit patterns among them.
    fn numbers() -> Vec<Fixed<3>> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut word = |mode: u64| {
            state = state.wrapping_mul(0xD129_42E1_96C8_5F35).wrapping_add(1);
            let random = state ^ (state >> 29);
            [random, 0, u64::MAX, 1, 1 << 63, random >> 40][(mode % 6) as usize]
        };
        (0..600u64)
            .map(|i| Fixed {
                negative: i % 3 == 0,
                magnitude: [word(i), word(i / 6), word(i / 36 + i)],
            })
            .filter(|x| !x.is_zero())
            .collect()
    }

    fn unit() -> IBig {
        IBig::ONE << 192
    }

    #[test]
    fn sums_of_products_are_those_of_integers() {
        let numbers = numbers();
        for window in numbers.windows(5) {
            let mut sum = Accumulator::starting_at(&window[4]);
            sum.add(&window[0], &window[1]);
            sum.subtract_dot(&window[1..3], &window[2..4]);
            let [a, b, c, d, e] = std::array::from_fn(|i| window[i].integer());
            let exact = &e * unit() + &a * &b - &b * &c - &c * &d;
            // Division of integers truncates towards zero.
            let expected = Fixed::<3>::from_integer(&(exact / unit()));
            assert_eq!(sum.truncated(), expected);
        }
    }

    #[test]
    fn integers_come_back() {
        for x in numbers() {
            assert_eq!(Fixed::from_integer(&x.integer()), Some(x));
            let (mantissa, exponent) = x.mantissa();
            assert!((0.5..=1.0).contains(&mantissa.abs()));
            assert_eq!(mantissa < 0.0, x.negative);
            let size = bits(&x.integer().into_parts().1) as i64;
            assert_eq!(exponent, size - 192);
        }
        assert_eq!(Fixed::<3>::from_integer(&unit()), None);
        assert_eq!(Fixed::<3>::ZERO.mantissa(), (0.0, 0));
        assert_eq!(Fixed::<3>::ZERO.leading_zeros(), 192);
    }

    #[test]
    fn shifts_are_exact_or_refused() {
        for x in numbers() {
            for shift in [0, 1, 63, 64, 65, 130, 191] {
                let expected = Fixed::<3>::from_integer(&(x.integer() << shift));
                assert_eq!(x.scaled_up(shift), expected);
            }
        }
        assert_eq!(Fixed::<3>::ZERO.scaled_up(500), Some(Fixed::ZERO));
    }

    #[test]
    fn roots_are_the_largest_below() {
        for x in numbers() {
            let root = x.root().integer();
            let square = x.integer().into_parts().1 << 192;
            assert!(IBig::from(square.clone()) >= &root * &root);
            assert!(IBig::from(square) < (&root + IBig::ONE) * (&root + IBig::ONE));
        }
    }

    #[test]
    fn quotients_are_within_three_last_places_or_refused() {
        let numbers = numbers();
        let mut refused = 0;
        for pair in numbers.windows(2) {
            let divisor = Fixed {
                negative: false,
                ..pair[1]
            };
            let exact = pair[0].integer() * unit();
            let bound = IBig::from(3) * divisor.integer();
            match divisor.reciprocal().times(&pair[0]) {
                Some(quotient) => {
                    let error = quotient.integer() * divisor.integer() - exact;
                    assert!(error <= bound && -error <= bound);
                }
                None => {
                    // Refused: at least half the divisor's power of two.
                    refused += 1;
                    let size = pair[0].integer().into_parts().1;
                    assert!(IBig::from(size << 1) >= divisor.integer());
                }
            }
        }
        assert!(refused > 100 && refused < 500, "{refused}");
    }
}
