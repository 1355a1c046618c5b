//! Numbers of f64 as integers in a common unit: what sums and products of them are exactly.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::kernel::dyadic;
use dashu_int::IBig;
use dashu_int::ops::BitTest;

/// The exponent of the largest power of two that all of the numbers are multiples of; none, if all are zero.
pub(super) fn unit_of(numbers: &[f64]) -> Option<i64> {
    let numbers = numbers.iter().filter(|x| **x != 0.0);
    numbers.map(|x| dyadic(*x).1).min()
}

/// The numbers in units of `2^unit`, of which they are multiples.
pub(super) fn integers(numbers: &[f64], unit: i64) -> Vec<IBig> {
    let integer = |x: &f64| {
        let (integer, exponent) = dyadic(*x);
        if *x == 0.0 {
            IBig::ZERO
        } else {
            integer << (exponent - unit) as usize
        }
    };
    numbers.iter().map(integer).collect()
}

/// Encloses `x·2^exponent/y`; everything, out of the range of f64.
///
/// # Panics
/// If `y` is zero.
pub(super) fn ratio(x: &IBig, y: &IBig, exponent: i64) -> Ball {
    let bits = |x: &IBig| x.clone().into_parts().1.bit_len() as i64;
    if *x == IBig::ZERO {
        return Ball::from(0.0);
    }
    // A quotient of 61 or 62 bits.
    let shift: i64 = 62 - (bits(x) - bits(y));
    let quotient = if shift >= 0 {
        (x << shift as usize) / y
    } else {
        x / (y << shift.unsigned_abs() as usize)
    };
    let mantissa = i64::try_from(quotient).map_or(f64::NAN, |quotient| quotient as f64);
    let power = exponent - shift;
    if power.abs() > 900 {
        return Ball::EVERYTHING;
    }
    let value = mantissa * 2.0_f64.powi(power as i32);
    // A unit of 61 bits, and the rounding to 53.
    Ball::new(value, 2.0 * UNIT_ROUNDOFF * value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_integers_are_exact() {
        let numbers = [0.1, -0.2, 0.0, 3e-20];
        let unit = unit_of(&numbers).unwrap();
        let sum: IBig = integers(&numbers, unit).iter().sum();
        let one = IBig::ONE;
        // f64 loses the last of them.
        let ball = ratio(&(sum + IBig::from(0)), &one, unit);
        assert!((ball.mid() + 0.1).abs() < 1e-16);
        assert_eq!(unit_of(&[0.0]), None);
    }

    #[test]
    fn ratios_are_within_two_roundings() {
        for (x, y) in [(1_i64, 3_i64), (-22, 7), (1 << 40, 3), (5, 1 << 50)] {
            let ball = ratio(&IBig::from(x), &IBig::from(y), 3);
            let value = 8.0 * x as f64 / y as f64;
            assert!(ball.contains(value) && ball.rad() <= 3e-16 * value.abs());
        }
        assert_eq!(ratio(&IBig::ZERO, &IBig::ONE, 0), Ball::from(0.0));
    }
}
