//! Sines and cosines of many phases at once.
//!
//! A branch-free loop that the compiler vectorises, several times faster than
//! the library's scalar functions, and indifferent to the state in which a
//! vectorised product leaves the registers. It uses no fused operation, so it
//! gives the same bits on every instruction set.
//!
//! # Error
//! With `u = 2⁻⁵³`, the absolute error of either value is below `2u` for
//! `|θ| ≤ 1e5`. Put `k = round(2θ/π)`, `|k| < 2^16`, and `π/2 = P1 + P2 + P3`,
//! `P1` and `P2` of 33 bits, so that `kP1` and `kP2` are exact.
//! * Reduction: `θ − kP1` is exact (Sterbenz), two more subtractions round by
//!   `u/2` each (their results are below 1): `1.01u`, and `|r| ≤ π/4 + 1e-10`.
//! * Sine: Taylor to `r^17`, remainder `r^19/19! < 1e-19`; the last sum rounds by
//!   `u/2`, the correction, at most 0.081, is off by `5u` relatively: `0.92u`.
//! * Cosine: Taylor to `r^16`, remainder `r^18/18! < 0.02u`; the last sum rounds
//!   by `u/2`, `r²/2 ≤ 0.31` is off by a relative `u`, the correction, at
//!   most 0.016, by `6u`, the compensation below `0.05u`: `0.98u`.
//!
//! The derivative of either is at most 1, so the errors add to less than `2u`.

use std::f64::consts::FRAC_2_PI;

/// The largest phase of the fast path; beyond it the library is called.
pub(super) const LIMIT: f64 = 1e5;

/// `1.5·2^52`: adding it rounds to an integer, held in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `π/2` in pieces of 33, 33 and 53 bits.
const P1: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
const P2: f64 = f64::from_bits(0x3DD0_B461_1A60_0000);
const P3: f64 = f64::from_bits(0x3BA3_198A_2E03_7073);

/// Taylor coefficients `−1/3!, 1/5!, …, 1/17!`, correctly rounded.
const SINE: [f64; 8] = [
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5_040.0,
    1.0 / 362_880.0,
    -1.0 / 39_916_800.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 1_307_674_368_000.0,
    1.0 / 355_687_428_096_000.0,
];

/// Taylor coefficients `1/4!, −1/6!, …, 1/16!`, correctly rounded.
const COSINE: [f64; 7] = [
    1.0 / 24.0,
    -1.0 / 720.0,
    1.0 / 40_320.0,
    -1.0 / 3_628_800.0,
    1.0 / 479_001_600.0,
    -1.0 / 87_178_291_200.0,
    1.0 / 20_922_789_888_000.0,
];

/// Replaces phases by `scale·cos` of them, and writes `scale·sin` beside.
///
/// # Guarantee
/// For `|θ| ≤ 1e5` an absolute error below `2u·scale` before the product with
/// `scale`, the same bits wherever the phase stands; beyond, the library's
/// accuracy; NaN for phases that are not finite.
///
/// # Panics
/// When the lengths differ.
pub(crate) fn cos_sin_in_place(phases: &mut [f64], sines: &mut [f64], scale: f64) {
    // Counted rather than searched: a loop without an early exit is vectorised.
    let small = phases.iter().filter(|phase| phase.abs() <= LIMIT).count();
    if small == phases.len() {
        cos_sin_of_small(phases, sines, scale);
    } else {
        assert_eq!(phases.len(), sines.len(), "as many sines as phases");
        for (phase, sine) in phases.iter_mut().zip(sines) {
            let (s, c) = if phase.abs() <= LIMIT {
                sin_cos(*phase)
            } else {
                phase.sin_cos()
            };
            (*phase, *sine) = (scale * c, scale * s);
        }
    }
}

/// As [`cos_sin_in_place`] for phases that are known to be at most [`LIMIT`].
///
/// # Panics
/// When the lengths differ.
pub(super) fn cos_sin_of_small(phases: &mut [f64], sines: &mut [f64], scale: f64) {
    assert_eq!(phases.len(), sines.len(), "as many sines as phases");
    pulp::Arch::new().dispatch(
        #[inline(always)]
        move || {
            for (phase, sine) in phases.iter_mut().zip(sines) {
                let (s, c) = sin_cos(*phase);
                (*phase, *sine) = (scale * c, scale * s);
            }
        },
    );
}

#[inline(always)]
fn sin_cos(theta: f64) -> (f64, f64) {
    let shifted = theta * FRAC_2_PI + ROUND;
    let k = shifted - ROUND;
    let r = ((theta - k * P1) - k * P2) - k * P3;
    let z = r * r;
    let sine = r + r * z * polynomial(z, &SINE);
    let half = 0.5 * z;
    let w = 1.0 - half;
    let cosine = w + (((1.0 - w) - half) + z * z * polynomial(z, &COSINE));
    let quadrant = shifted.to_bits();
    let swap = quadrant & 1 == 1;
    let (s, c) = if swap { (cosine, sine) } else { (sine, cosine) };
    // Quadrants 2, 3 negate the sine, 1, 2 the cosine: the flip in the last bit.
    let sign = |flip: u64, x: f64| f64::from_bits(x.to_bits() ^ (flip << 63));
    (sign(quadrant >> 1, s), sign(quadrant ^ (quadrant >> 1), c))
}

/// Horner's rule, lowest degree first.
#[inline(always)]
fn polynomial<const N: usize>(z: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for i in 1..N {
        sum = sum * z + coefficients[N - 1 - i];
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: f64 = f64::EPSILON / 2.0;

    /// `(sin θ, cos θ)` for `|θ| < 2^20` in integers: θ and π/2 to 100 binary places
    /// (an error of 2^-81 after k < 2^20 quarter turns), then Taylor's series
    /// with 62 places, 24 truncations of 2^-62 each: below 2^-57 = u/16.
    fn oracle(theta: f64) -> (f64, f64) {
        // π/2 to 100 places: 0x1.921FB54442D18469898CC5170.
        const QUARTER: i128 = 0x0019_21FB_5444_2D18_4698_98CC_5170;
        let bits = theta.abs().to_bits();
        let exponent = (bits >> 52) as i32;
        let mantissa = i128::from(bits & ((1 << 52) - 1) | 1 << 52);
        let shift = exponent - 1075 + 100;
        let fixed = if shift >= 0 {
            mantissa << shift
        } else {
            mantissa >> (-shift).min(100)
        };
        let k = (fixed + QUARTER / 2).div_euclid(QUARTER);
        let r = (fixed - k * QUARTER) >> 38;
        let (mut sine, mut cosine, mut term) = (0i128, 0i128, 1i128 << 62);
        for n in 0..24 {
            let sign = if n % 4 < 2 { 1 } else { -1 };
            *(if n % 2 == 0 { &mut cosine } else { &mut sine }) += sign * term;
            term = ((term * r) >> 62) / (n + 1);
        }
        let (s, c) = match k.rem_euclid(4) {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
        let unit = |x: i128| x as f64 / (1i64 << 62) as f64;
        (unit(s) * theta.signum(), unit(c))
    }

    fn one(theta: f64, scale: f64) -> (f64, f64) {
        let (mut phase, mut sine) = ([theta], [0.0]);
        cos_sin_in_place(&mut phase, &mut sine, scale);
        (sine[0], phase[0])
    }

    /// Phases of every size, and close to multiples of a quarter turn.
    fn phases() -> Vec<f64> {
        let mut all = vec![0.0, 1e-300, 1e-20, 1e-8, LIMIT, LIMIT.next_down()];
        for i in 0..60_000 {
            let x = f64::from(i);
            all.extend([x * 1.666_1, x * 1e-4, x * 1e-8]);
            let near = x * std::f64::consts::FRAC_PI_2;
            all.extend([near, near.next_up(), near.next_down(), near / 2.0]);
        }
        all.iter()
            .flat_map(|&x| [x, -x])
            .filter(|x| x.abs() <= LIMIT)
            .collect()
    }

    #[test]
    fn error_is_below_two_roundings() {
        let mut worst = 0f64;
        for theta in phases() {
            let ((s, c), (sine, cosine)) = (one(theta, 1.0), oracle(theta));
            // The oracle's u/16, and u/2 for its own conversion.
            let error = (s - sine).abs().max((c - cosine).abs());
            assert!(
                error <= (2.0 + 0.5 + 0.0625) * U,
                "{theta:e}: {}",
                error / U
            );
            worst = worst.max(error);
        }
        // The oracle sees roundings: a comparison with a copy would give 0.
        assert!(worst > 0.5 * U);
    }

    #[test]
    fn values_do_not_depend_on_their_neighbours() {
        let thetas: Vec<f64> = phases().into_iter().step_by(17).collect();
        let (mut phases, mut sines) = (thetas.clone(), vec![0.0; thetas.len()]);
        cos_sin_in_place(&mut phases, &mut sines, 0.3);
        let mut with_large = thetas.clone();
        with_large.push(3e5);
        let mut others = vec![0.0; with_large.len()];
        cos_sin_in_place(&mut with_large, &mut others, 0.3);
        for (i, &theta) in thetas.iter().enumerate() {
            assert_eq!((sines[i], phases[i]), one(theta, 0.3));
            assert_eq!((others[i], with_large[i]), (sines[i], phases[i]));
        }
    }

    #[test]
    fn large_phases_go_to_the_library_and_others_are_nan() {
        for theta in [LIMIT.next_up(), -3e5, 1e22] {
            let (s, c) = theta.sin_cos();
            assert_eq!(one(theta, 0.5), (0.5 * s, 0.5 * c));
        }
        let (sine, cosine) = oracle(3e5);
        let (s, c) = one(3e5, 1.0);
        assert!((s - sine).abs() <= 3.0 * U && (c - cosine).abs() <= 3.0 * U);
        for theta in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (s, c) = one(theta, 1.0);
            assert!(s.is_nan() && c.is_nan());
        }
    }

    #[test]
    fn zero_is_exact_and_scaled() {
        assert_eq!(one(0.0, 0.25), (0.0, 0.25));
    }

    #[test]
    #[should_panic(expected = "as many sines as phases")]
    fn lengths_that_differ_panic() {
        cos_sin_in_place(&mut [0.0; 2], &mut [0.0; 3], 1.0);
    }
}
