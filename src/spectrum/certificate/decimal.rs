//! Proved ends in decimal: what is printed of a bound is a bound.

use super::endpoint::{Direction, Endpoint};

/// Writes a lower end: the greatest decimal number of so many digits, one at least, that is not above the value.
///
/// # Guarantee
/// Exact integer arithmetic. Zero is `0`, and what is not finite is written as Rust writes it.
///
/// # Example
/// ```
/// use polyak::spectrum::certificate::{decimal_above, decimal_below};
/// assert_eq!(decimal_below(0.65699074008, 7), "6.569907e-1");
/// assert_eq!(decimal_above(0.65699074008, 7), "6.569908e-1");
/// assert_eq!(decimal_above(9.9999999, 3), "1.00e1");
/// ```
#[must_use]
pub fn decimal_below(value: f64, digits: usize) -> String {
    decimal(value, digits, Direction::Down)
}

/// Writes an upper end: the least decimal number of so many digits that is not below the value, as
/// [`decimal_below`] does.
#[must_use]
pub fn decimal_above(value: f64, digits: usize) -> String {
    decimal(value, digits, Direction::Up)
}

fn decimal(value: f64, digits: usize, direction: Direction) -> String {
    if value.is_finite() {
        Endpoint::from(value).decimal(digits, direction)
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;
    use rand::{RngExt, SeedableRng};
    use std::cmp::Ordering;

    /// Compares `written·10^k` with `value·10^k`, both as integers times powers of two and five, exactly.
    fn against(written: &str, value: f64) -> Ordering {
        let (digits, exponent) = written.split_once('e').unwrap_or((written, "0"));
        let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
        let integer: IBig = digits.replace('.', "").parse().unwrap();
        let power = exponent.parse::<i64>().unwrap() - places as i64;
        // Every finite f64 is an integer times 2⁻¹⁰⁷⁴.
        let bits = value.to_bits();
        let (field, fraction) = (bits >> 52 & 0x7FF, bits & ((1 << 52) - 1));
        let significand = if field == 0 {
            fraction
        } else {
            fraction | 1 << 52
        };
        let exact = (IBig::from(significand) << (field.max(1) as usize - 1))
            * IBig::from(if value < 0.0 { -1 } else { 1 });
        let ten = |power: i64| IBig::from(10).pow(power.unsigned_abs() as usize);
        let scaled = integer << 1074usize;
        if power >= 0 {
            (scaled * ten(power)).cmp(&exact)
        } else {
            scaled.cmp(&(exact * ten(power)))
        }
    }

    /// The neighbour of a decimal number of as many digits, towards zero, where there is no carry.
    fn inward(written: &str) -> Option<String> {
        let (digits, exponent) = written.split_once('e')?;
        let last = digits.chars().last()?.to_digit(10)?;
        if last == 0 {
            return None;
        }
        let (start, _) = digits.split_at(digits.len() - 1);
        Some(format!("{start}{}e{exponent}", last - 1))
    }

    #[test]
    fn ends_are_on_their_side_and_next_to_the_value() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let special = [
            0.1,
            9.9999999,
            99999.99999,
            1.0,
            0.5,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MIN_POSITIVE.next_down(),
            f64::MAX,
            1e22,
            1e23,
            0.65699074008,
        ];
        let drawn = (0..400).map(|_| {
            loop {
                let value = f64::from_bits(rng.random());
                if value.is_finite() && value != 0.0 {
                    break value;
                }
            }
        });
        for value in special.into_iter().chain(drawn.collect::<Vec<_>>()) {
            for value in [value, -value] {
                for digits in [1, 3, 7, 17, 25] {
                    let (below, above) =
                        (decimal_below(value, digits), decimal_above(value, digits));
                    assert!(against(&below, value).is_le(), "{below} {value:e}");
                    assert!(against(&above, value).is_ge(), "{above} {value:e}");
                    let away = if value < 0.0 { &below } else { &above };
                    let Some(nearer) = inward(away) else { continue };
                    // One unit less is beyond the value, unless the value is a decimal number itself.
                    let beyond = against(&nearer, value);
                    let expected = if value < 0.0 {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    };
                    assert_eq!(beyond, expected, "{away} {nearer} {value:e}");
                }
            }
        }
    }

    #[test]
    fn carries_zeros_and_what_is_no_number() {
        assert_eq!(decimal_above(9.9999999, 3), "1.00e1");
        assert_eq!(decimal_below(9.9999999, 3), "9.99e0");
        assert_eq!(decimal_below(-9.9999999, 3), "-1.00e1");
        assert_eq!(decimal_above(-9.9999999, 3), "-9.99e0");
        assert_eq!(decimal_above(0.1, 17), "1.0000000000000001e-1");
        assert_eq!(decimal_below(0.1, 17), "1.0000000000000000e-1");
        assert_eq!(decimal_below(1.0, 7), "1.000000e0");
        assert_eq!(decimal_above(5e-324, 2), "5.0e-324");
        assert_eq!(decimal_below(5e-324, 2), "4.9e-324");
        for zero in [0.0, -0.0] {
            assert_eq!([decimal_below(zero, 3), decimal_above(zero, 3)], ["0", "0"]);
        }
        assert_eq!(decimal_above(f64::INFINITY, 3), "inf");
        assert_eq!(decimal_below(f64::NEG_INFINITY, 3), "-inf");
        assert_eq!(decimal_below(f64::NAN, 3), "NaN");
    }
}
