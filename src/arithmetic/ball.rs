//! Midpoint–radius arithmetic in f64.

use super::{LIBM_ULPS, Real, UNIT_ROUNDOFF, gamma};
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number known to lie within `rad` of `mid`.
///
/// # Guarantee
/// Every operation returns a ball that contains the exact result for every
/// choice of exact operands in the operand balls: propagated radii, plus the
/// rounding of the midpoint, plus the rounding of the radius itself. The only
/// assumption is that of [`LIBM_ULPS`]. A ball that could be anything (division
/// by a ball around zero, overflow, NaN) has an infinite radius; nothing is
/// ever silently narrow.
///
/// # Example
/// ```
/// use polyak::arithmetic::Ball;
/// let third = Ball::from(1.0) / Ball::from(3.0);
/// assert!(third.rad() > 0.0 && third.rad() < 1e-16);
/// assert!((third + third + third).contains(1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ball {
    mid: f64,
    rad: f64,
}

/// Rounds a radius up. Covers up to sixteen rounded operations: `(1−u)^{-16} < 1 + 2⁻⁴⁸`.
fn up(rad: f64) -> f64 {
    rad * (1.0 + 1.0 / (1u64 << 48) as f64)
}

impl Ball {
    /// The ball of all reals.
    pub const EVERYTHING: Ball = Ball {
        mid: 0.0,
        rad: f64::INFINITY,
    };

    /// Creates the ball of radius `|rad|` about `mid`; everything, if either is NaN or `mid` infinite.
    pub fn new(mid: f64, rad: f64) -> Self {
        if mid.is_finite() && !rad.is_nan() {
            Self {
                mid,
                rad: rad.abs(),
            }
        } else {
            Self::EVERYTHING
        }
    }

    /// Creates the smallest ball that contains `[lo, hi]`, up to rounding.
    pub fn from_bounds(lo: f64, hi: f64) -> Self {
        let mid = lo + 0.5 * (hi - lo);
        Self::new(mid, up((hi - mid).max(mid - lo)).next_up())
    }

    /// Returns the Euclidean norm of exactly known entries.
    ///
    /// # Guarantee
    /// A sum of `n` squares in any order is within `γ_n` of exact, its root within `γ_{n+1}`.
    pub fn norm_of(entries: &[f64]) -> Self {
        let norm = entries.iter().map(|x| x * x).sum::<f64>().sqrt();
        let underflow = (entries.len() as f64 * f64::MIN_POSITIVE).sqrt();
        Self::new(
            norm,
            up(gamma(entries.len() + 1) * norm + underflow * UNIT_ROUNDOFF),
        )
    }

    /// Returns the midpoint: the value as computed.
    pub fn mid(self) -> f64 {
        self.mid
    }

    /// Returns the radius: the bound of the error of the midpoint.
    pub fn rad(self) -> f64 {
        self.rad
    }

    /// Returns a number that is at most every member.
    pub fn lower(self) -> f64 {
        if self.rad == 0.0 {
            self.mid
        } else {
            (self.mid - self.rad).next_down()
        }
    }

    /// Returns a number that is at least every member.
    pub fn upper(self) -> f64 {
        if self.rad == 0.0 {
            self.mid
        } else {
            (self.mid + self.rad).next_up()
        }
    }

    /// Tells whether `x` is a member, judged outward.
    pub fn contains(self, x: f64) -> bool {
        self.lower() <= x && x <= self.upper()
    }

    /// Tells whether the radius is finite.
    pub fn is_bounded(self) -> bool {
        self.rad.is_finite()
    }

    /// Returns the same midpoint with the radius enlarged by `more`.
    pub fn widened(self, more: f64) -> Self {
        Self::new(self.mid, up(self.rad + more.abs()))
    }

    /// Returns the square.
    pub fn square(self) -> Self {
        self * self
    }

    /// Returns the square root of a number known to be non-negative: members below zero are dropped.
    pub fn sqrt(self) -> Self {
        let root = self.mid.max(0.0).sqrt();
        // |√x − √m| = |x − m|/(√x + √m), and √x ≥ √lo for every member x ≥ 0.
        let denominator = root + self.lower().max(0.0).sqrt();
        let propagated = if self.rad == 0.0 {
            0.0
        } else if denominator > 0.0 {
            (self.rad / denominator).min((self.rad + self.mid.abs()).sqrt() + root)
        } else {
            (self.rad + self.mid.abs()).sqrt()
        };
        Self::new(root, up(propagated + UNIT_ROUNDOFF * root))
    }

    /// Returns the exponential.
    pub fn exp(self) -> Self {
        let value = self.mid.exp();
        let library = 2.0 * LIBM_ULPS * UNIT_ROUNDOFF;
        // e^x − e^m = e^m (e^{x−m} − 1), and both factors are as accurate as the library.
        let spread = self.rad.exp_m1() * (1.0 + library);
        let rad = value * (1.0 + library) * spread + library * value + f64::MIN_POSITIVE;
        Self::new(value, up(rad))
    }

    /// Returns the natural logarithm of a number known to be positive: everything, if that is not certain.
    pub fn ln(self) -> Self {
        let lower = self.lower();
        if !(lower > 0.0) {
            return Self::EVERYTHING;
        }
        let value = self.mid.ln();
        // |ln x − ln m| ≤ |x − m|/min(x, m).
        let library = 2.0 * LIBM_ULPS * UNIT_ROUNDOFF * value.abs();
        Self::new(value, up(self.rad / lower + library))
    }

    /// Returns the power with a natural exponent.
    pub fn powi(self, exponent: usize) -> Self {
        let mut power = Self::from(1.0);
        for bit in (0..usize::BITS).rev() {
            power = power * power;
            if exponent >> bit & 1 == 1 {
                power = power * self;
            }
        }
        power
    }

    /// Returns the absolute value.
    pub fn abs(self) -> Self {
        // | |x| − |m| | ≤ |x − m|.
        Self::new(self.mid.abs(), self.rad)
    }

    /// Returns the larger of the two exact numbers.
    pub fn max(self, other: Self) -> Self {
        // The maximum is 1-Lipschitz in the larger of the two displacements.
        Self::new(self.mid.max(other.mid), self.rad.max(other.rad)).or_everything(self, other)
    }

    /// Returns the smaller of the two exact numbers.
    pub fn min(self, other: Self) -> Self {
        Self::new(self.mid.min(other.mid), self.rad.max(other.rad)).or_everything(self, other)
    }

    /// Returns `max(x, 0)`.
    pub fn positive_part(self) -> Self {
        self.max(Self::from(0.0))
    }

    fn or_everything(self, a: Self, b: Self) -> Self {
        if a.is_bounded() && b.is_bounded() {
            self
        } else {
            Self::EVERYTHING
        }
    }
}

impl From<f64> for Ball {
    /// An exactly known number; a NaN or an infinity is known not at all.
    fn from(value: f64) -> Self {
        Self::new(value, 0.0)
    }
}

impl Add for Ball {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let mid = self.mid + other.mid;
        // Knuth's TwoSum: the rounding error of the sum, exactly.
        let virtual_other = mid - self.mid;
        let error = (self.mid - (mid - virtual_other)) + (other.mid - virtual_other);
        Self::new(mid, up(self.rad + other.rad + error.abs()))
    }
}

impl Neg for Ball {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.mid, self.rad)
    }
}

impl Sub for Ball {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Ball {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let exactly_zero = |x: Self| x.mid == 0.0 && x.rad == 0.0;
        if (exactly_zero(self) && other.is_bounded()) || (exactly_zero(other) && self.is_bounded())
        {
            return Self::from(0.0);
        }
        let mid = self.mid * other.mid;
        let propagated =
            self.mid.abs() * other.rad + other.mid.abs() * self.rad + self.rad * other.rad;
        Self::new(
            mid,
            up(propagated + UNIT_ROUNDOFF * mid.abs() + f64::MIN_POSITIVE),
        )
    }
}

impl Div for Ball {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let smallest = other.mid.abs() - other.rad;
        // Written so that a NaN divides by "nothing known".
        if !(smallest > 0.0) {
            return Self::EVERYTHING;
        }
        let smallest = smallest.next_down();
        let mid = self.mid / other.mid;
        // a/b − A/B = (a − A)/b + (A/B)(B − b)/b.
        let propagated = (self.rad + mid.abs() * other.rad) / smallest;
        Self::new(
            mid,
            up(propagated + UNIT_ROUNDOFF * mid.abs() + f64::MIN_POSITIVE),
        )
    }
}

impl Sum for Ball {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::from(0.0), Add::add)
    }
}

impl Real for Ball {
    fn sin_cos(self) -> (Self, Self) {
        let (sine, cosine) = self.mid.sin_cos();
        let library = 2.0 * LIBM_ULPS * UNIT_ROUNDOFF;
        // Both are 1-Lipschitz, and bounded by one in absolute value.
        let spread = self.rad.min(2.0);
        let ball = |value: f64| Self::new(value, up(spread + library * value.abs()));
        (ball(sine), ball(cosine))
    }

    fn reciprocal_root(n: f64) -> Self {
        Self::from(1.0) / Self::from(n).sqrt()
    }
}
