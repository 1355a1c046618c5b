//! End points that keep their exponent below the range of f64.

use dashu_int::{IBig, Sign, UBig};
use std::cmp::Ordering;
use std::fmt;

use super::fixed::bits;

/// Which way a number is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards −∞.
    Down,
    /// Towards +∞.
    Up,
}

/// The number `mantissa·2^exponent`, exactly: 53 bits, and any exponent.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{Direction, Endpoint};
/// let tiny = Endpoint::new(1.5, -3000);
/// assert_eq!(tiny.to_f64(Direction::Down), 0.0);
/// assert_eq!(tiny.to_f64(Direction::Up), f64::from_bits(1));
/// assert_eq!(tiny.to_string(), "1.2193e-903");
/// assert_eq!(Endpoint::from(0.25).to_string(), "2.5000e-1");
/// assert!(Endpoint::from(0.0) < tiny);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Endpoint {
    mantissa: f64,
    exponent: i64,
}

impl Endpoint {
    /// Zero.
    pub const ZERO: Self = Self {
        mantissa: 0.0,
        exponent: 0,
    };

    /// Creates the number `mantissa·2^exponent`.
    ///
    /// # Panics
    /// If the mantissa is NaN or infinite.
    #[must_use]
    pub fn new(mantissa: f64, exponent: i64) -> Self {
        assert!(mantissa.is_finite(), "mantissa {mantissa} of an end point");
        if mantissa == 0.0 {
            return Self::ZERO;
        }
        // Two steps bring a subnormal number into the normal range first.
        let (scaled, shift) = if mantissa.abs() < f64::MIN_POSITIVE {
            (mantissa * 2.0_f64.powi(64), 64)
        } else {
            (mantissa, 0)
        };
        let power = (scaled.to_bits() >> 52 & 0x7FF) as i64 - 1023;
        let bits = scaled.to_bits() & !(0x7FF << 52) | 1023 << 52;
        Self {
            mantissa: f64::from_bits(bits),
            exponent: exponent + power - shift,
        }
    }

    /// The number `integer·2^exponent`, rounded to 53 bits.
    pub(super) fn rounded(integer: &IBig, exponent: i64, direction: Direction) -> Self {
        let (sign, size) = integer.clone().into_parts();
        let excess = bits(&size).saturating_sub(53);
        let mut top = &size >> excess;
        let away = (sign == Sign::Negative) == (direction == Direction::Down);
        if away && (&top << excess) != size {
            top += UBig::ONE;
        }
        // At most 2⁵³: exact.
        let magnitude = u64::try_from(top).expect("54 bits") as f64;
        let mantissa = if sign == Sign::Negative {
            -magnitude
        } else {
            magnitude
        };
        Self::new(mantissa, exponent + excess as i64)
    }

    /// The number `integer·2^{exponent}`, as integers, exactly.
    pub(super) fn parts(self) -> (IBig, i64) {
        // A mantissa in [1, 2) has 52 binary places.
        let integer = (self.mantissa * 2.0_f64.powi(52)) as i64;
        (IBig::from(integer), self.exponent - 52)
    }

    /// The sum of two numbers, rounded to 53 bits.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::certificate::{Direction, Endpoint};
    /// let (one, tiny) = (Endpoint::from(1.0), Endpoint::new(1.0, -5000));
    /// assert_eq!(one.plus(tiny, Direction::Down), one);
    /// assert_eq!(one.plus(tiny, Direction::Up), Endpoint::from(1.0_f64.next_up()));
    /// ```
    #[must_use]
    pub fn plus(self, other: Self, direction: Direction) -> Self {
        if self.mantissa == 0.0 || other.mantissa == 0.0 {
            return if self.mantissa == 0.0 { other } else { self };
        }
        let (large, mut small) = match self.exponent >= other.exponent {
            true => (self, other),
            false => (other, self),
        };
        // Far below the last place only the sign counts.
        small.exponent = small.exponent.max(large.exponent - 200);
        let ((large, _), (small, exponent)) = ((large.parts()), (small.parts()));
        let apart = (self.exponent.max(other.exponent) - 52 - exponent) as usize;
        Self::rounded(&((large << apart) + small), exponent, direction)
    }

    /// The quotient of two positive numbers, rounded to 53 bits.
    ///
    /// # Panics
    /// If either is not positive.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::certificate::{Direction, Endpoint};
    /// let third = Endpoint::from(1.0).over(3.0.into(), Direction::Down);
    /// assert_eq!(third.to_f64(Direction::Down), 1.0 / 3.0);
    /// ```
    #[must_use]
    pub fn over(self, divisor: Self, direction: Direction) -> Self {
        assert!(
            self.is_positive() && divisor.is_positive(),
            "the quotient of {self} by {divisor}: both must be positive"
        );
        let ((numerator, e), (denominator, f)) = (self.parts(), divisor.parts());
        // At least 64 bits, and one more for what is left.
        let quotient = (numerator << 66_usize) / &denominator;
        let exact = (&quotient * &denominator) == (self.parts().0 << 66_usize);
        let twice: IBig = (quotient << 1_usize) + IBig::from(u8::from(!exact));
        Self::rounded(&twice, e - f - 67, direction)
    }

    /// The mantissa, zero or of absolute value in `[1, 2)`.
    #[must_use]
    pub fn mantissa(self) -> f64 {
        self.mantissa
    }

    /// The binary exponent.
    #[must_use]
    pub fn exponent(self) -> i64 {
        self.exponent
    }

    /// Tells whether the number is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.mantissa > 0.0
    }

    /// The nearest f64 on the given side; infinite beyond the range.
    #[must_use]
    pub fn to_f64(self, direction: Direction) -> f64 {
        if self.mantissa == 0.0 {
            return 0.0;
        }
        let (integer, exponent) = self.parts();
        let negative = self.mantissa < 0.0;
        let away = negative == (direction == Direction::Down);
        if self.exponent > 1023 {
            let size = if away { f64::INFINITY } else { f64::MAX };
            return if negative { -size } else { size };
        }
        // Below 2^−1022 bits are lost: round the integer to multiples of 2^−1074.
        let lost = (-1074 - exponent).max(0);
        let size = u64::try_from(integer.into_parts().1).expect("53 bits");
        let (kept, exact) = if lost >= 64 {
            (0, false)
        } else {
            (size >> lost, size >> lost << lost == size)
        };
        let kept = kept + u64::from(away && !exact);
        let power = (exponent + lost) as i32;
        // Two exact factors: 2^power alone may be subnormal.
        let value = kept as f64 * 2.0_f64.powi(power / 2) * 2.0_f64.powi(power - power / 2);
        if negative { -value } else { value }
    }

    /// The decimal logarithm of the absolute value, rounded: −∞ for zero.
    #[must_use]
    pub fn log10(self) -> f64 {
        self.mantissa.abs().log10() + self.exponent as f64 * std::f64::consts::LOG10_2
    }

    /// The number in decimal, `digits ≥ 1` of them, rounded to the given side: `4.9521e-23`.
    ///
    /// # Guarantee
    /// Exact integer arithmetic: what is printed is on the stated side of the number.
    ///
    /// # Cost
    /// Grows with the exponent, which it writes out.
    #[must_use]
    pub fn decimal(self, digits: usize, direction: Direction) -> String {
        let away = (self.mantissa < 0.0) == (direction == Direction::Down);
        self.written(digits, |remainder, _| away && *remainder != UBig::ZERO)
    }

    /// The number exactly, as a hexadecimal floating-point number of C99: `0x1.8p-3000`.
    ///
    /// # Example
    /// ```
    /// use polyak::spectrum::certificate::Endpoint;
    /// assert_eq!(Endpoint::new(1.5, -3000).hexadecimal(), "0x1.8p-3000");
    /// assert_eq!(Endpoint::from(-0.1).hexadecimal(), "-0x1.999999999999ap-4");
    /// assert_eq!(Endpoint::ZERO.hexadecimal(), "0x0p0");
    /// ```
    #[must_use]
    pub fn hexadecimal(self) -> String {
        if self.mantissa == 0.0 {
            return "0x0p0".into();
        }
        // A mantissa in [1, 2): the leading bit is not stored, and the others are thirteen digits.
        let digits = format!("{:013x}", self.mantissa.to_bits() & ((1 << 52) - 1));
        let digits = digits.trim_end_matches('0');
        let (minus, point) = (
            if self.mantissa < 0.0 { "-" } else { "" },
            if digits.is_empty() { "" } else { "." },
        );
        format!("{minus}0x1{point}{digits}p{}", self.exponent)
    }

    /// `decimal` with a rule that says whether a remainder of a divisor rounds away from zero.
    fn written(self, digits: usize, away: impl Fn(&UBig, &UBig) -> bool) -> String {
        if self.mantissa == 0.0 {
            return "0".into();
        }
        let places = digits.max(1) - 1;
        let (integer, exponent) = self.parts();
        let (sign, size) = integer.into_parts();
        let ten = UBig::from(10u8);
        let mut power = self.log10().floor() as i64;
        // The logarithm is rounded, and rounding may carry: one or two corrections.
        let leading = loop {
            let shift = places as i64 - power;
            let mut numerator = size.clone();
            let mut denominator = UBig::ONE;
            for (positive, factor) in [
                (exponent >= 0, UBig::ONE << exponent.unsigned_abs() as usize),
                (shift >= 0, ten.pow(shift.unsigned_abs() as usize)),
            ] {
                if positive {
                    numerator *= factor;
                } else {
                    denominator *= factor;
                }
            }
            let quotient = &numerator / &denominator;
            let remainder = numerator - &quotient * &denominator;
            let rounded = if away(&remainder, &denominator) {
                quotient + UBig::ONE
            } else {
                quotient
            };
            if rounded >= ten.pow(places + 1) {
                power += 1;
            } else if rounded < ten.pow(places) {
                power -= 1;
            } else {
                break rounded.to_string();
            }
        };
        let minus = if sign == Sign::Negative { "-" } else { "" };
        let (first, rest) = leading.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        format!("{minus}{first}{point}{rest}e{power}")
    }
}

/// An f64 exactly, as a hexadecimal floating-point number of C99; `inf`, `-inf` or `nan` if it is not finite.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::hexadecimal;
/// assert_eq!(hexadecimal(0.75), "0x1.8p-1");
/// assert_eq!(hexadecimal(f64::NEG_INFINITY), "-inf");
/// ```
#[must_use]
pub fn hexadecimal(value: f64) -> String {
    if value.is_finite() {
        Endpoint::from(value).hexadecimal()
    } else {
        value.to_string().to_lowercase()
    }
}

impl From<f64> for Endpoint {
    /// An exact copy.
    ///
    /// # Panics
    /// If the number is NaN or infinite.
    fn from(value: f64) -> Self {
        Self::new(value, 0)
    }
}

impl PartialOrd for Endpoint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let sign = |x: &Self| x.mantissa.partial_cmp(&0.0);
        let signs = sign(self)?.cmp(&sign(other)?);
        let sizes = (self.exponent.cmp(&other.exponent))
            .then(self.mantissa.abs().total_cmp(&other.mantissa.abs()));
        Some(signs.then(match sign(self)? {
            Ordering::Less => sizes.reverse(),
            Ordering::Equal => Ordering::Equal,
            Ordering::Greater => sizes,
        }))
    }
}

impl std::ops::Neg for Endpoint {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.mantissa, self.exponent)
    }
}

impl fmt::Display for Endpoint {
    /// Five digits, or as many as the precision says after the point, to nearest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(4);
        let nearest = |remainder: &UBig, divisor: &UBig| remainder * UBig::from(2u8) >= *divisor;
        f.pad_integral(true, "", &self.written(places + 1, nearest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [f64; 12] = [
        1.0,
        -1.0,
        0.1,
        -3.75e-7,
        6.02e23,
        -2.5e-300,
        1.7976931348623157e308,
        2.2250738585072014e-308,
        1e-310,
        -4.9e-324,
        0.0,
        9.99999,
    ];

    #[test]
    fn every_f64_is_an_end_point() {
        for x in SAMPLES {
            let point = Endpoint::from(x);
            assert_eq!(point.to_f64(Direction::Down), x);
            assert_eq!(point.to_f64(Direction::Up), x);
            assert!(x == 0.0 || (1.0..2.0).contains(&point.mantissa().abs()));
            assert_eq!(point.is_positive(), x > 0.0);
            for y in SAMPLES {
                assert_eq!(point.partial_cmp(&Endpoint::from(y)), x.partial_cmp(&y));
            }
            assert_eq!(-point, Endpoint::from(-x));
            let (integer, exponent) = point.parts();
            assert_eq!(Endpoint::rounded(&integer, exponent, Direction::Up), point);
        }
    }

    #[test]
    fn rounding_is_outward_and_tight() {
        for shift in [0, -1200, 900] {
            for sign in [1, -1] {
                let integer = (IBig::ONE << 60) + IBig::ONE;
                let integer = integer * IBig::from(sign);
                let down = Endpoint::rounded(&integer, shift, Direction::Down);
                let up = Endpoint::rounded(&integer, shift, Direction::Up);
                assert!(down < up);
                // One unit of 53 bits at 2⁶⁰ is 2⁸.
                let (low, e) = down.parts();
                let (high, _) = up.parts();
                assert_eq!(e, shift + 8);
                assert_eq!(high - &low, IBig::ONE);
                assert!((low << 8usize) < integer);
            }
        }
        // A carry to the next power of two.
        let ones = (IBig::ONE << 60) - IBig::ONE;
        let up = Endpoint::rounded(&ones, 0, Direction::Up);
        assert_eq!(up, Endpoint::new(1.0, 60));
    }

    #[test]
    fn f64_of_a_number_out_of_range_is_on_its_side() {
        use Direction::{Down, Up};
        let smallest = f64::from_bits(1);
        let tiny = Endpoint::new(1.25, -2000);
        assert_eq!((tiny.to_f64(Down), tiny.to_f64(Up)), (0.0, smallest));
        assert_eq!(((-tiny).to_f64(Down), (-tiny).to_f64(Up)), (-smallest, 0.0));
        let between = Endpoint::new(1.5, -1074);
        assert_eq!(
            (between.to_f64(Down), between.to_f64(Up)),
            (smallest, 2.0 * smallest)
        );
        let huge = Endpoint::new(1.0, 1024);
        assert_eq!(
            (huge.to_f64(Down), huge.to_f64(Up)),
            (f64::MAX, f64::INFINITY)
        );
        assert_eq!((-huge).to_f64(Down), f64::NEG_INFINITY);
        assert_eq!((-huge).to_f64(Up), f64::MIN);
        assert!((huge.log10() - 308.2547155599167).abs() < 1e-12);
        assert_eq!(Endpoint::ZERO.log10(), f64::NEG_INFINITY);
    }

    #[test]
    fn sums_and_quotients_are_on_their_side() {
        use Direction::{Down, Up};
        for x in SAMPLES {
            for y in SAMPLES {
                let (one, other) = (Endpoint::from(x), Endpoint::from(y));
                let (down, up) = (one.plus(other, Down), one.plus(other, Up));
                assert!(down <= up && one.plus(other, Down) == other.plus(one, Down));
                let sum = x + y;
                if sum.is_finite() {
                    // The nearest is one of both, which are the same if it is exact.
                    let sum = Endpoint::from(sum);
                    assert!(
                        down == sum || up == sum || sum.exponent() < -1022,
                        "{x:e} {y:e}"
                    );
                    let exact = (x + y) - x == y && (x + y) - y == x;
                    assert!(!exact || down == up, "{x:e} {y:e}");
                }
                if x > 0.0 && y > 0.0 {
                    let (down, up) = (one.over(other, Down), one.over(other, Up));
                    assert!(down <= up);
                    let quotient = x / y;
                    if quotient.is_normal() {
                        let quotient = Endpoint::from(quotient);
                        assert!(down == quotient || up == quotient, "{x:e} {y:e}");
                    }
                }
            }
        }
        assert_eq!(
            Endpoint::from(6.0).over(3.0.into(), Up),
            Endpoint::from(2.0)
        );
        let (one, tiny) = (Endpoint::from(1.0), Endpoint::new(1.0, -9000));
        assert_eq!(one.plus(-tiny, Down), 1.0_f64.next_down().into());
        assert_eq!(one.plus(-tiny, Up), one);
        assert_eq!((-one).plus(tiny, Down), -one);
        assert_eq!(one.plus(-one, Down), Endpoint::ZERO);
        assert_eq!(
            Endpoint::from(1.0).over(tiny, Down),
            Endpoint::new(1.0, 9000)
        );
    }

    #[test]
    fn hexadecimal_numbers_are_exact() {
        /// By its definition.
        fn value(text: &str) -> f64 {
            let (sign, text) = text
                .strip_prefix('-')
                .map_or((1.0, text), |rest| (-1.0, rest));
            let (mantissa, exponent) = text.strip_prefix("0x").unwrap().split_once('p').unwrap();
            let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
            let integer = u64::from_str_radix(&digits, 16).unwrap() as f64;
            let power = exponent.parse::<i32>().unwrap() - 4 * (digits.len() as i32 - 1);
            sign * integer * 2.0_f64.powi(power / 2) * 2.0_f64.powi(power - power / 2)
        }
        for x in SAMPLES {
            let text = Endpoint::from(x).hexadecimal();
            assert_eq!(value(&text), x, "{text}");
        }
        assert_eq!(Endpoint::new(-1.0, 2000).hexadecimal(), "-0x1p2000");
    }

    #[test]
    fn decimals_are_on_their_side() {
        use Direction::{Down, Up};
        let third = Endpoint::from(1.0 / 3.0);
        assert_eq!(third.decimal(3, Down), "3.33e-1");
        assert_eq!(third.decimal(3, Up), "3.34e-1");
        assert_eq!((-third).decimal(3, Up), "-3.33e-1");
        assert_eq!((-third).decimal(3, Down), "-3.34e-1");
        assert_eq!(Endpoint::from(9.9996).decimal(4, Up), "1.000e1");
        assert_eq!(Endpoint::from(9.9996).decimal(4, Down), "9.999e0");
        assert_eq!(Endpoint::from(1000.0).decimal(1, Up), "1e3");
        assert_eq!(Endpoint::from(8.0).decimal(2, Down), "8.0e0");
        // 2^−400 = 3.87259191484931827…e−121.
        assert_eq!(Endpoint::new(1.0, -400).decimal(6, Down), "3.87259e-121");
        assert_eq!(Endpoint::new(1.0, -400).decimal(6, Up), "3.87260e-121");
        assert_eq!(Endpoint::ZERO.decimal(4, Up), "0");
        for x in SAMPLES {
            let point = Endpoint::from(x);
            // Seventeen digits to nearest name an f64.
            assert_eq!(format!("{point:.16}").parse::<f64>().unwrap(), x);
            if x != 0.0 {
                let side = |direction| point.decimal(9, direction).parse::<f64>().unwrap();
                assert!(side(Down) <= x && x <= side(Up));
            }
        }
        assert_eq!(format!("{:>10}", Endpoint::from(0.25)), " 2.5000e-1");
    }
}
