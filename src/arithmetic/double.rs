//! Numbers of twice the precision.

use super::Real;
use std::ops::{Add, Mul, Neg, Sub};

/// Bounds the relative error of an operation on [`Double`]s, `2⁻⁹⁸ = 256u²`, sine and cosine
/// included: their series has 30 terms.
pub const DOUBLE_ROUNDOFF: f64 = 1.0 / ((1u128 << 98) as f64);

/// Bounds the relative error of a sum of [`Double`]s, `2⁻¹⁰⁴ = 4u²`: it is at most `3u² + 13u³` (Joldes,
/// Muller, Popescu, *Tight and rigorous error bounds for basic building blocks of double-word arithmetic*,
/// ACM TOMS 44, 2017).
pub const DOUBLE_SUM_ROUNDOFF: f64 = 1.0 / ((1u128 << 104) as f64);

/// An unevaluated sum of two f64: about 31 digits.
///
/// A sum, a product, a quotient by an f64 and a root are within a few units of `2⁻¹⁰⁴` of their
/// size; sine and cosine of an angle `x` within a few units of `2⁻¹⁰⁴·max(1, |x|)`.
/// [`DOUBLE_ROUNDOFF`] covers each of them.
///
/// # Example
/// ```
/// use polyak::arithmetic::{Double, Real};
/// let third = Double::from(1.0).over(3.0);
/// assert_eq!((third * Double::from(3.0) - Double::from(1.0)).value(), 0.0);
/// let (sine, cosine) = third.sin_cos();
/// assert!((sine * sine + cosine * cosine - Double::from(1.0)).value().abs() < 1e-30);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Double {
    hi: f64,
    lo: f64,
}

/// π/2 in three pieces.
const QUARTER: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123_233_995_736_766e-17,
    -1.497_384_904_859_183_3e-33,
];

impl Double {
    /// Knuth's sum without error.
    fn sum(a: f64, b: f64) -> Self {
        let hi = a + b;
        let virtual_b = hi - a;
        Self {
            hi,
            lo: (a - (hi - virtual_b)) + (b - virtual_b),
        }
    }

    fn product(a: f64, b: f64) -> Self {
        let hi = a * b;
        Self {
            hi,
            lo: a.mul_add(b, -hi),
        }
    }

    /// Returns the quotient by an f64.
    #[must_use]
    pub fn over(self, n: f64) -> Self {
        let first = self.hi / n;
        let rest = self - Self::product(first, n);
        Self::sum(first, rest.hi / n)
    }

    /// Rounds to f64.
    #[must_use]
    pub fn value(self) -> f64 {
        self.hi + self.lo
    }

    /// Returns the square root; zero of what is not positive.
    #[must_use]
    pub fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::from(0.0);
        }
        let root = self.hi.sqrt();
        let rest = self - Self::product(root, root);
        Self::sum(root, rest.hi / (2.0 * root))
    }
}

impl From<f64> for Double {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.hi, other.hi), Self::sum(self.lo, other.lo));
        let first = Self::sum(high.hi, high.lo + low.hi);
        Self::sum(first.hi, first.lo + low.lo)
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        Self::sum(
            product.hi,
            product.lo + (self.hi * other.lo + self.lo * other.hi),
        )
    }
}

impl Real for Double {
    fn sin_cos(self) -> (Self, Self) {
        let turns = (self.hi / QUARTER[0]).round();
        let rest = QUARTER
            .iter()
            .fold(self, |rest, &piece| rest - Self::product(turns, piece));
        let (mut sine, mut cosine) = (Self::from(0.0), Self::from(0.0));
        let mut term = Self::from(1.0);
        for n in 0..30 {
            let signed = if n % 4 < 2 { term } else { -term };
            if n % 2 == 0 {
                cosine = cosine + signed;
            } else {
                sine = sine + signed;
            }
            term = (term * rest).over(f64::from(n + 1));
        }
        match turns.rem_euclid(4.0) as u8 {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        }
    }

    fn reciprocal_root(n: f64) -> Self {
        let root = Self::from(n).sqrt();
        let first = 1.0 / root.hi;
        let rest = Self::from(1.0) - root * Self::from(first);
        Self::sum(first, rest.hi / root.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few units of 2⁻¹⁰⁴, with three digits to spare.
    const TINY: f64 = 1e-28;

    #[test]
    fn doubled_numbers_obey_the_identities() {
        let (one, two) = (Double::from(1.0), Double::from(2.0));
        for x in [0.3, 1.1, -2.7, 40.1, 1e6 + 0.1] {
            // A thirtieth of x: not a machine number.
            let x = Double::from(x).over(30.0);
            let (sine, cosine) = x.sin_cos();
            let (of_twice, _) = (two * x).sin_cos();
            assert!((sine * sine + cosine * cosine - one).value().abs() < TINY);
            assert!(
                (of_twice - two * sine * cosine).value().abs() < TINY * x.value().abs().max(1.0)
            );
            // The library pins the unit of angles; x.lo moves it by less than an ulp of x.
            let error = (sine.value() - x.hi.sin()).abs();
            assert!(error <= f64::EPSILON * x.value().abs().max(1.0));
        }
        for n in [2.0, 3.0, 49.0] {
            let root = Double::reciprocal_root(n);
            assert!((root * root * Double::from(n) - one).value().abs() < TINY);
            assert!((Double::from(n).sqrt() * root - one).value().abs() < TINY);
        }
        assert_eq!(Double::reciprocal_root(4.0).value(), 0.5);
    }
}
