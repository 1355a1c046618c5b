//! Exponentials of many numbers at once.
//!
//! A branch-free loop that the compiler vectorises. It uses no fused operation,
//! so it gives the same bits on every instruction set, and it does not care in
//! which state a vectorised product leaves the registers (scalar library calls
//! after one were seen ten times slower).
//!
//! # Error
//! With `u = 2⁻⁵³`, the relative error of a normal result is below `2u`. Put
//! `k = round(x/ln 2)`, `|k| < 2¹¹`, `ln 2 = L1 + L2`, `L1` of 42 bits so that
//! `kL1` is exact, and `r = x − kL1 − kL2`:
//! * Reduction: `x − kL1` is exact (Sterbenz), the last subtraction rounds by
//!   `u/4` (`|r| ≤ 0.347`), `kL2` and what `L1 + L2` misses are below `0.01u`.
//! * Polynomial: Taylor to `r¹³`, remainder `r¹⁴/14! < 0.04u`; the part from `r²`
//!   on, at most 0.072, is off by `5u` relatively: `0.36u`; its sum with `r`
//!   rounds by `u/4`; the sum with 1 by at most `u` relatively.
//!
//! Relatively to `e^r ≥ 0.707` this is `(0.26 + 0.04·1.4 + (0.36 + 0.25)·1.4/…)u`,
//! in any case below `2u`. Scaling by a power of two in two halves is exact for
//! normal results and rounds a subnormal one by `2⁻¹⁰⁷⁴`.

use std::f64::consts::LOG2_E;

/// `1.5·2⁵²`: adding it rounds to an integer, held in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `ln 2` in pieces of 42 and 53 bits.
const L1: f64 = f64::from_bits(0x3FE6_2E42_FEFA_3800);
const L2: f64 = f64::from_bits(0x3D2E_F357_93C7_6730);

/// Below this `e^x` is zero, and `k` still fits.
const LOWEST: f64 = -760.0;

/// Taylor coefficients `1/2!, …, 1/13!`, correctly rounded.
const TAYLOR: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// Replaces every number, which must not be positive, by its exponential.
///
/// # Guarantee
/// A relative error below `2u` for normal results, an absolute one below `2⁻¹⁰⁷³`
/// for subnormal ones; `e^0 = 1` exactly; 0 at `−∞`; NaN stays NaN.
pub(super) fn exp_in_place(values: &mut [f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            for value in values.iter_mut() {
                *value = exp(*value);
            }
        },
    );
}

/// `e^x` for `x ≤ 0`.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    // Written so that a NaN stays one.
    let x = if x < LOWEST { LOWEST } else { x };
    let shifted = x * LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * L1) - k * L2;
    let tail = TAYLOR.iter().rev().fold(0.0, |sum, c| sum * r + c);
    let power = 1.0 + (r + r * r * tail);
    let half = k * 0.5 + ROUND;
    let rest = (k - (half - ROUND)) + ROUND;
    power * power_of_two(half) * power_of_two(rest)
}

/// `2^n` for an integer `−1022 ≤ n ≤ 1023` held in the low bits of `n + ROUND`.
#[inline(always)]
fn power_of_two(shifted: f64) -> f64 {
    f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: f64 = f64::EPSILON / 2.0;

    /// `e^x` as `(mantissa, k)`, `mantissa·2^{k−100}` in integers of 100 binary places:
    /// Taylor's series of `x − k ln 2` with 40 truncations, below `2⁻⁹⁰`.
    fn oracle(x: f64) -> f64 {
        // ln 2 to 110 places: 0x2C5C85FDF473DE6AF278ECE600FC = floor(ln 2 · 2^110).
        const LN2: i128 = 0x2C5C_85FD_F473_DE6A_F278_ECE6_00FC;
        let bits = x.abs().to_bits();
        let exponent = (bits >> 52) as i32;
        let mantissa = i128::from(bits & ((1 << 52) - 1) | 1 << 52);
        let shift = exponent - 1075 + 110;
        let fixed = if shift >= 0 {
            mantissa << shift
        } else {
            mantissa >> (-shift).min(120)
        };
        let k = (fixed + LN2 / 2) / LN2;
        let r = (k * LN2 - fixed) >> 50;
        let (mut sum, mut term) = (0i128, 1i128 << 60);
        for n in 0..24 {
            sum += term;
            term = ((term * r) >> 60) / (n + 1);
        }
        sum as f64 / (1u64 << 60) as f64 * 2.0_f64.powi(-(k as i32))
    }

    #[test]
    fn error_is_below_two_units() {
        // The oracle's own error: 24 truncations of 2⁻⁶⁰ and the rounding of its result.
        let slack = 24.0 / (1u64 << 60) as f64 * 1.5 + U;
        let mut worst: f64 = 0.0;
        for i in 0..200_000 {
            let x = -700.0 * (f64::from(i) / 200_000.0).powi(4) - f64::from(i % 7) * 1e-3;
            let exact = oracle(x);
            worst = worst.max((exp(x) - exact).abs() / exact);
        }
        assert!(worst <= 2.0 * U + slack, "{} u", worst / U);
        assert!(
            worst >= 0.5 * U,
            "an oracle that agrees to the bit is no oracle"
        );
    }

    #[test]
    fn special_values() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(-760.0), 0.0);
        assert_eq!(exp(-1e300), 0.0);
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn subnormal_results_are_right_to_one_unit() {
        for i in 0..4000 {
            let x = -708.0 - f64::from(i) * 0.01;
            assert!(
                (exp(x) - x.exp()).abs() <= 2.0 * f64::from_bits(1) + 4.0 * U * x.exp(),
                "{x}"
            );
        }
        assert!(exp(-745.0) > 0.0);
    }

    #[test]
    fn slices_give_the_same_bits_at_every_position() {
        let numbers: Vec<f64> = (0..101).map(|i| -0.37 * f64::from(i)).collect();
        for length in [0, 1, 3, 4, 7, 8, 101] {
            let mut values = numbers[..length].to_vec();
            exp_in_place(&mut values);
            let expected: Vec<f64> = numbers[..length].iter().map(|&x| exp(x)).collect();
            assert_eq!(values, expected);
        }
    }
}
