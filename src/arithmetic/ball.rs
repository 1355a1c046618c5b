//! Midpoint–radius arithmetic in f64.

use super::{LIBM_ULPS, Real, UNIT_ROUNDOFF, gamma};
use std::fmt;
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

impl fmt::Display for Ball {
    /// The ends, as the shortest decimal numbers that are read back as these f64 numbers: `[9.5e-1, 1.05e0]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:e}, {:e}]", self.lower(), self.upper())
    }
}

/// Rounds a radius up. Covers up to sixteen rounded operations: `(1−u)^{-16} < 1 + 2⁻⁴⁸`.
fn up(rad: f64) -> f64 {
    rad * (1.0 + 1.0 / (1u64 << 48) as f64)
}

/// Returns what a library function that returned `value` may be wrong by. An ulp is
/// at most `2u` of a normal number, and far below the smallest normal one otherwise.
pub(super) fn library_error(value: f64) -> f64 {
    LIBM_ULPS * f64::EPSILON * value.abs() + f64::MIN_POSITIVE
}

impl Ball {
    /// The ball of all reals.
    pub const EVERYTHING: Ball = Ball {
        mid: 0.0,
        rad: f64::INFINITY,
    };

    /// Creates the ball of radius `|rad|` about `mid`; everything, if either is NaN or `mid` infinite.
    #[must_use]
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
    #[must_use]
    pub fn from_bounds(lo: f64, hi: f64) -> Self {
        let mid = lo + 0.5 * (hi - lo);
        Self::new(mid, up((hi - mid).max(mid - lo)).next_up())
    }

    /// Returns the Euclidean norm of exactly known entries.
    ///
    /// # Guarantee
    /// A sum of `n` squares in any order is within `γ_n` of exact, its root within `γ_{n+1}`.
    #[must_use]
    pub fn norm_of(entries: &[f64]) -> Self {
        let norm = entries.iter().map(|x| x * x).sum::<f64>().sqrt();
        // Each square may lose half the smallest number, and |√(s+η) − √s| ≤ √η.
        let underflow = (entries.len() as f64 * 0f64.next_up()).sqrt();
        Self::new(norm, up(gamma(entries.len() + 1) * norm + underflow))
    }

    /// Returns the midpoint: the value as computed.
    #[must_use]
    pub fn mid(self) -> f64 {
        self.mid
    }

    /// Returns the radius: the bound of the error of the midpoint.
    #[must_use]
    pub fn rad(self) -> f64 {
        self.rad
    }

    /// Returns a number that is at most every member.
    #[must_use]
    pub fn lower(self) -> f64 {
        if self.rad == 0.0 {
            self.mid
        } else {
            (self.mid - self.rad).next_down()
        }
    }

    /// Returns a number that is at least every member.
    #[must_use]
    pub fn upper(self) -> f64 {
        if self.rad == 0.0 {
            self.mid
        } else {
            (self.mid + self.rad).next_up()
        }
    }

    /// Tells whether `x` is a member, judged outward.
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        self.lower() <= x && x <= self.upper()
    }

    /// Tells whether the radius is finite.
    #[must_use]
    pub fn is_bounded(self) -> bool {
        self.rad.is_finite()
    }

    /// Returns the same midpoint with the radius enlarged by `more`.
    #[must_use]
    pub fn widened(self, more: f64) -> Self {
        Self::new(self.mid, up(self.rad + more.abs()))
    }

    /// Returns the square.
    #[must_use]
    pub fn square(self) -> Self {
        self * self
    }

    /// Returns the square root of a number known to be non-negative: members below zero are dropped.
    #[must_use]
    pub fn sqrt(self) -> Self {
        let root = self.mid.max(0.0).sqrt();
        // |√x − √m| = |x − m|/(√x + √m), and √x ≥ √lo for every member x ≥ 0;
        // and it is at most √|x − m|. The minimum ignores a NaN, 0/0.
        let denominator = root + self.lower().max(0.0).sqrt();
        let propagated = (self.rad / denominator).min(self.rad.sqrt());
        Self::new(root, up(propagated + UNIT_ROUNDOFF * root))
    }

    /// Returns the exponential.
    #[must_use]
    pub fn exp(self) -> Self {
        let value = self.mid.exp();
        let error = library_error(value);
        // e^x − e^m = e^m (e^{x−m} − 1). The second factor is as accurate as the library:
        // within eight of the roundings that `up` covers.
        const { assert!(LIBM_ULPS <= 4.0) };
        Self::new(value, up((value + error) * self.rad.exp_m1() + error))
    }

    /// Returns the natural logarithm of a number known to be positive: everything, if that is not certain.
    #[must_use]
    pub fn ln(self) -> Self {
        let lower = self.lower();
        if lower <= 0.0 {
            return Self::EVERYTHING;
        }
        let value = self.mid.ln();
        // |ln x − ln m| ≤ |x − m|/min(x, m).
        Self::new(value, up(self.rad / lower + library_error(value)))
    }

    /// Returns the power with a natural exponent.
    #[must_use]
    pub fn powi(self, exponent: usize) -> Self {
        match exponent {
            0 => Self::from(1.0),
            1 => self,
            even if even.is_multiple_of(2) => self.powi(even / 2).square(),
            odd => self.powi(odd - 1) * self,
        }
    }

    /// Returns the absolute value.
    #[must_use]
    pub fn abs(self) -> Self {
        // | |x| − |m| | ≤ |x − m|.
        Self::new(self.mid.abs(), self.rad)
    }

    /// Returns the larger of the two exact numbers.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        // The maximum is 1-Lipschitz in the larger of the two displacements.
        Self::new(self.mid.max(other.mid), self.rad.max(other.rad))
    }

    /// Returns the smaller of the two exact numbers.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self::new(self.mid.min(other.mid), self.rad.max(other.rad))
    }

    /// Returns `max(x, 0)`.
    #[must_use]
    pub fn positive_part(self) -> Self {
        self.max(Self::from(0.0))
    }

    fn is_zero(self) -> bool {
        self.mid == 0.0 && self.rad == 0.0
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
        if (self.is_zero() && other.is_bounded()) || (other.is_zero() && self.is_bounded()) {
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
        if smallest <= 0.0 {
            return Self::EVERYTHING;
        }
        if self.is_zero() {
            return self;
        }
        let smallest = smallest.next_down();
        let mid = self.mid / other.mid;
        // a/b − A/B = (a − A)/b + (A/B)(B − b)/b, divided first: a product that
        // underflows must not be divided by a small number.
        let propagated = self.rad / smallest + mid.abs() * (other.rad / smallest);
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
        // Both are 1-Lipschitz, and bounded by one in absolute value.
        let spread = self.rad.min(2.0);
        let ball = |value: f64| Self::new(value, up(spread + library_error(value)));
        (ball(sine), ball(cosine))
    }

    fn reciprocal_root(n: f64) -> Self {
        Self::from(1.0) / Self::from(n).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_float::FBig;
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    const U: f64 = UNIT_ROUNDOFF;
    const TINY: f64 = f64::MIN_POSITIVE;

    fn fixed() -> ProptestConfig {
        ProptestConfig {
            cases: 256,
            rng_seed: RngSeed::Fixed(0),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    /// A number with enough bits that sums and products of any two balls' members
    /// are exact: f64 spans 2100 binary places, four more for a factor inside.
    fn real(x: f64) -> FBig {
        let exact = FBig::try_from(x).expect("a finite number");
        exact.with_precision(4500).value()
    }

    /// The same for transcendental functions of moderate numbers, to a relative
    /// 2^-250: every radius they are compared with is above 2^-120 of the value.
    fn short(x: &FBig) -> FBig {
        x.clone().with_precision(256).value()
    }

    fn size(x: FBig) -> FBig {
        x.clone().max(-x)
    }

    /// Both ends, the midpoint and a point inside, exactly.
    fn members(ball: Ball) -> Vec<FBig> {
        let at = |t: f64| real(ball.mid) + real(t) * real(ball.rad);
        [-1.0, -0.625, 0.0, 1.0].map(at).to_vec()
    }

    fn pairs(a: Ball, b: Ball) -> Vec<(FBig, FBig)> {
        let with = |x: FBig| members(b).into_iter().map(move |y| (x.clone(), y));
        members(a).into_iter().flat_map(with).collect()
    }

    /// Asserts that `ball` contains every exact value, and that its radius is at most
    /// `times` the largest distance of one plus `more`, up to 2^-40: neither too
    /// small nor too large. Overflow must leave nothing known.
    fn encloses(ball: Ball, exact: &[FBig], times: f64, more: f64) {
        if !ball.is_bounded() {
            let top = exact.iter().map(|x| size(x.clone())).max().unwrap();
            assert!(top > real(2f64.powi(1021)), "needlessly unbounded");
            return;
        }
        let distances = exact.iter().map(|x| size(x - real(ball.mid)));
        let worst = distances.max().expect("an exact value");
        let rad = real(ball.rad);
        assert!(
            worst <= rad,
            "{ball:?} misses by {:e}",
            (worst - rad).to_f64().value()
        );
        let allowed = (worst * real(times) + real(more)) * real(1.0 + 2f64.powi(-40));
        assert!(
            rad <= allowed,
            "{ball:?} is wide: {:e}",
            allowed.to_f64().value()
        );
    }

    /// Any finite number: of any magnitude, subnormal, zero, or small and round.
    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => POSITIVE | NEGATIVE | NORMAL,
            1 => POSITIVE | NEGATIVE | SUBNORMAL | ZERO,
            4 => -8.0..8.0f64,
            1 => (-8..8i32).prop_map(f64::from),
        ]
    }

    /// A ball of radius zero, any, or a power of two below the midpoint's size.
    fn about(mid: impl Strategy<Value = f64>) -> impl Strategy<Value = Ball> {
        let radius = prop_oneof![
            1 => Just(None),
            4 => (1..60i32).prop_map(|k| Some(2f64.powi(-k))),
        ];
        (mid, radius, number(), 0..8u32).prop_map(|(mid, share, any, pick)| match share {
            _ if pick == 0 => Ball::new(mid, any),
            Some(share) => Ball::new(mid, mid * share),
            None => Ball::from(mid),
        })
    }

    fn ball() -> impl Strategy<Value = Ball> {
        about(number())
    }

    /// A second operand that cancels much of the first, or any.
    fn operands() -> impl Strategy<Value = (Ball, Ball)> {
        (ball(), ball(), -60..60i32, 0..3u32).prop_map(|(a, b, k, pick)| match pick {
            0 => (a, Ball::new(-a.mid * (1.0 + 2f64.powi(k.min(0))), b.rad)),
            _ => (a, b),
        })
    }

    proptest! {
        #![proptest_config(fixed())]

        #[test]
        fn sums_and_differences_have_the_least_radius((a, b) in operands()) {
            let sums: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x + y).collect();
            encloses(a + b, &sums, 1.0, 0.0);
            encloses([a, b].into_iter().sum(), &sums, 1.0, 0.0);
            let differences: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x - y).collect();
            encloses(a - b, &differences, 1.0, 0.0);
        }

        // The midpoint's rounding is charged with u|mid| and may act against the radius.
        #[test]
        fn products_contain_the_exact_ones((a, b) in operands()) {
            let products: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x * y).collect();
            let product = a * b;
            encloses(product, &products, 1.0, 2.0 * U * product.mid.abs() + 2.0 * TINY);
            let squares: Vec<FBig> = members(a).iter().map(|x| x * x).collect();
            // A ball's square knows that both factors are members, not that they are equal.
            let square = a.square();
            let both = real(a.mid) * real(a.mid) - real(a.rad) * real(a.rad)
                - real(2.0) * size(real(a.mid)) * real(a.rad);
            let more = 2.0 * U * square.mid.abs() + 2.0 * TINY;
            encloses(square, &[squares, vec![both]].concat(), 1.0, more);
        }

        #[test]
        fn quotients_contain_the_exact_ones((a, b) in operands()) {
            if b.rad >= b.mid.abs() {
                prop_assert_eq!(a / b, Ball::EVERYTHING);
                return Ok(());
            }
            let quotients: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x / y).collect();
            let quotient = a / b;
            // Next to the smallest number, one step down is not a small step.
            let times = if b.mid.abs() < 1e-300 { 1e18 } else { 1.0 };
            encloses(quotient, &quotients, times, 2.0 * U * quotient.mid.abs() + 2.0 * TINY);
        }

        // r/(√m + √(m−r)) is attained for r ≤ m; min(r/√m, √r) is at most √3 of the
        // truth max(√m, √(m+r) − √m) beyond (worst at r = 3m). One step down of a
        // subnormal m − r matters to its root when m is tiny too.
        #[test]
        fn roots_contain_the_exact_ones(x in about(number().prop_map(f64::abs))) {
            let mut roots: Vec<FBig> = members(x).into_iter().filter(|x| *x >= real(0.0)).collect();
            if x.rad >= x.mid {
                roots.push(real(0.0));
            }
            let roots: Vec<FBig> = roots.iter().map(FBig::sqrt).collect();
            let times = if x.rad <= x.mid && x.mid > 1e-280 { 1.0 } else { 1.7321 };
            encloses(x.sqrt(), &roots, times, 2.0 * U * x.sqrt().mid);
        }

        // The library's value is wrong by at most its error, charged twice at most.
        #[test]
        fn exponentials_contain_the_exact_ones(mid in -760.0..709.0f64, k in 0..50i32, wide in 0.0..60.0f64) {
            for rad in [0.0, wide, 2f64.powi(-k), mid.abs() * 2f64.powi(-k)] {
                let x = Ball::new(mid, rad);
                let values: Vec<FBig> = members(x).iter().map(|x| short(x).exp()).collect();
                let more = 2.0 * LIBM_ULPS * f64::EPSILON * x.exp().mid + 3.0 * TINY * rad.exp();
                encloses(x.exp(), &values, 1.0, more);
            }
        }

        // r/(m−r) is at most 1/(2 ln 2) < 1.45 of −ln(1 − r/m) for r ≤ m/2.
        #[test]
        fn logarithms_contain_the_exact_ones(mid in POSITIVE | NORMAL, k in 1..60i32) {
            for rad in [0.0, mid * 2f64.powi(-k)] {
                let x = Ball::new(mid, rad);
                let values: Vec<FBig> = members(x).iter().map(|x| short(x).ln()).collect();
                let more = 2.0 * LIBM_ULPS * f64::EPSILON * x.ln().mid.abs() + 3.0 * TINY;
                encloses(x.ln(), &values, 1.45, more);
            }
        }

        // 1-Lipschitz: the radius is the operand's, or 2, beside the library's error.
        #[test]
        fn waves_contain_the_exact_ones(mid in -1e5..1e5f64, j in 0..100i32, k in -3..60i32) {
            for (mid, rad) in [(mid, 2f64.powi(-k)), (mid * 2f64.powi(-j), 0.0)] {
                let x = Ball::new(mid, rad);
                let (sine, cosine) = x.sin_cos();
                let (sines, cosines): (Vec<FBig>, Vec<FBig>) =
                    members(x).iter().map(|x| (short(x).sin(), short(x).cos())).unzip();
                for (wave, exact) in [(sine, sines), (cosine, cosines)] {
                    encloses(wave, &exact, 1.0, 2.0 * rad + 1.0);
                    let more = LIBM_ULPS * f64::EPSILON * wave.mid.abs() + TINY;
                    assert!(wave.rad <= (rad.min(2.0) + more) * (1.0 + 2f64.powi(-40)));
                }
            }
        }

        #[test]
        fn norms_contain_the_exact_ones(entries in proptest::collection::vec(number(), 0..9), j in 0..1000i32) {
            let entries: Vec<f64> = entries.iter().map(|x| x.clamp(-1e150, 1e150) * 2f64.powi(-j)).collect();
            let norm = Ball::norm_of(&entries);
            let exact = entries.iter().fold(real(0.0), |sum, &x| sum + real(x) * real(x)).sqrt();
            // γ_{n+1}, a quarter of it twice for safety, and √(n·2^-1074).
            let n = entries.len() as f64;
            encloses(norm, &[exact], 1.0, (n + 1.5) * U * norm.mid + n.sqrt() * 2.3e-162);
        }

        #[test]
        fn lattice_operations_contain_the_exact_ones((a, b) in operands()) {
            let larger: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x.max(y)).collect();
            let smaller: Vec<FBig> = pairs(a, b).into_iter().map(|(x, y)| x.min(y)).collect();
            let rad = a.rad.max(b.rad);
            for (ball, exact) in [(a.max(b), larger), (a.min(b), smaller)] {
                encloses(ball, &exact, 1.0, rad);
                prop_assert_eq!(ball.rad, rad);
            }
            let sizes: Vec<FBig> = members(a).into_iter().map(size).collect();
            encloses(a.abs(), &sizes, 1.0, 0.0);
            let positive: Vec<FBig> = members(a).into_iter().map(|x| x.max(real(0.0))).collect();
            encloses(a.positive_part(), &positive, 1.0, a.rad);
            let opposite: Vec<FBig> = members(a).into_iter().map(|x| -x).collect();
            encloses(-a, &opposite, 1.0, 0.0);
            encloses(a.widened(b.rad), &[real(a.mid) + real(a.rad) + real(b.rad)], 1.0, 0.0);
        }

        // Two roundings of the midpoint, covered by the ends' own rounding outward.
        #[test]
        fn bounds_are_members_and_outside_nothing_is(a in number(), b in number()) {
            let (lo, hi) = (a.min(b), a.max(b));
            let ball = Ball::from_bounds(lo, hi);
            encloses(ball, &[real(lo), real(hi)], 1.0, 2.0 * 0f64.next_up());
            prop_assert!(ball.lower() <= lo && hi <= ball.upper());
            prop_assert!(ball.contains(lo) && ball.contains(hi) && ball.contains(ball.mid));
            // Each end is one rounding and one step away.
            let end = |mid: f64| (mid.abs() + ball.rad) * (4.0 * U) + 2.0 * 0f64.next_up();
            if ball.is_bounded() {
                let half = (0.5 * hi - 0.5 * lo) * (1.0 + 64.0 * U);
                prop_assert!(ball.rad <= half + end(lo.abs().max(hi.abs())));
                prop_assert!(real(ball.lower()) < real(ball.mid) - real(ball.rad));
                prop_assert!(real(ball.upper()) > real(ball.mid) + real(ball.rad));
                prop_assert!(ball.lower() >= ball.mid - ball.rad - end(ball.mid));
                prop_assert!(ball.upper() <= ball.mid + ball.rad + end(ball.mid));
                prop_assert!(!ball.contains(ball.lower().next_down()));
                prop_assert!(!ball.contains(ball.upper().next_up()));
            }
        }
    }

    // (1−u)^{-16} − 1 is 16u up to 2^-97, and 2^-48 = 32u.
    #[test]
    fn radii_are_rounded_up_by_sixteen_roundings_and_no_more() {
        assert_eq!(up(1.0), 1.0 + 32.0 * U);
        assert_eq!(up(0.0), 0.0);
        assert_eq!(up(f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn library_error_is_two_units_in_the_last_place() {
        for x in [
            1.0,
            1.5,
            2.0_f64.next_down(),
            1e-292,
            3e-308,
            TINY,
            1e-310,
            0.0,
            1e300,
        ] {
            let ulp = x.next_up() - x;
            for x in [x, -x] {
                assert!(library_error(x) >= LIBM_ULPS * ulp);
                assert!(library_error(x) <= 2.0 * LIBM_ULPS * ulp + TINY);
            }
        }
    }

    #[test]
    fn exact_numbers_stay_exact() {
        let [two, three, zero] = [2.0, 3.0, 0.0].map(Ball::from);
        assert_eq!(
            (two + three, three - two),
            (Ball::from(5.0), Ball::from(1.0))
        );
        assert_eq!((two.mid(), two.rad()), (2.0, 0.0));
        assert_eq!((two.lower(), two.upper()), (2.0, 2.0));
        assert_eq!(zero * three, zero);
        assert_eq!(three * zero, zero);
        assert_eq!(zero / three, zero);
        assert_eq!(zero.sqrt(), zero);
        assert_eq!(zero * Ball::new(3.0, 1.0), zero);
        assert_eq!(Ball::norm_of(&[]), zero);
        assert_eq!(Ball::norm_of(&[0.0]).mid(), 0.0);
        assert!(two.contains(2.0) && !two.contains(2.0_f64.next_up()));
        assert!(!two.contains(2.0_f64.next_down()) && !two.contains(f64::NAN));
    }

    #[test]
    fn only_exact_zeros_annihilate() {
        // Zero with a radius, and a small number without one.
        let wide = Ball::new(0.0, 1.0) * Ball::from(2.0);
        assert!(wide.rad >= 2.0 && wide.rad <= 2.0 + 64.0 * U);
        assert_eq!((Ball::new(0.0, 1.0) / Ball::from(2.0)).mid, 0.0);
        assert!((Ball::new(0.0, 1.0) / Ball::from(2.0)).rad >= 0.5);
        assert_eq!((Ball::from(3.0) / Ball::from(2.0)).mid, 1.5);
    }

    #[test]
    fn radii_are_absolute_values() {
        assert_eq!(Ball::new(1.0, -0.5), Ball::new(1.0, 0.5));
        assert_eq!(
            (Ball::new(3.0, -0.5).mid(), Ball::new(3.0, -0.5).rad()),
            (3.0, 0.5)
        );
        assert!(Ball::from(1.0).widened(-0.5).contains(0.5));
        // 16 roundings beyond 0.75.
        assert!(Ball::new(1.0, 0.25).widened(0.5).rad() <= 0.75 * (1.0 + 64.0 * U));
    }

    #[test]
    fn what_is_not_known_is_everything() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Ball::from(x), Ball::EVERYTHING);
            assert_eq!(Ball::new(x, 1.0), Ball::EVERYTHING);
            assert_eq!(Ball::from_bounds(x, 1.0), Ball::EVERYTHING);
            assert_eq!(Ball::from_bounds(0.0, x), Ball::EVERYTHING);
            assert_eq!(Ball::norm_of(&[1.0, x]), Ball::EVERYTHING);
        }
        assert_eq!(Ball::new(1.0, f64::NAN), Ball::EVERYTHING);
        assert!(!Ball::new(1.0, f64::INFINITY).is_bounded());
        assert!(!Ball::from(1.0).widened(f64::NAN).is_bounded());
        assert!(!Ball::from(1.0).widened(f64::INFINITY).is_bounded());
        assert!(Ball::from(f64::MAX).is_bounded());
        let huge = Ball::from(f64::MAX);
        for overflow in [huge + huge, huge * huge, huge / Ball::from(0.5), huge.exp()] {
            assert_eq!(overflow, Ball::EVERYTHING);
        }
        assert!(Ball::EVERYTHING.contains(f64::MAX) && Ball::EVERYTHING.contains(-f64::MAX));
    }

    #[test]
    fn everything_passes_through_every_operation() {
        for all in [Ball::EVERYTHING, Ball::new(3.0, f64::INFINITY)] {
            for b in [Ball::from(0.0), Ball::from(2.0), Ball::new(-2.0, 1.0), all] {
                let results = [
                    [all + b, b + all, all - b, b - all],
                    [all * b, b * all, all / b, b / all],
                    [all.max(b), b.max(all), all.min(b), b.min(all)],
                    [all.sqrt(), all.exp(), all.ln(), all.square()],
                    [all.abs(), -all, all.positive_part(), all.powi(3)],
                    [
                        all.widened(1.0),
                        all.powi(1),
                        all.powi(2),
                        [b, all].into_iter().sum(),
                    ],
                ];
                for (i, result) in results.into_iter().flatten().enumerate() {
                    assert!(!result.is_bounded(), "{i}: {b:?}");
                }
            }
            // Bounded functions know their bounds.
            let (sine, cosine) = all.sin_cos();
            for wave in [sine, cosine] {
                assert!(wave.contains(-1.0) && wave.contains(1.0) && wave.rad <= 2.0 + 128.0 * U);
            }
        }
    }

    #[test]
    fn division_by_a_ball_that_touches_zero_knows_nothing() {
        for divisor in [Ball::from(0.0), Ball::new(1.0, 1.0), Ball::new(-1.0, 2.0)] {
            for x in [Ball::from(0.0), Ball::from(3.0), Ball::new(-1.0, 0.5)] {
                assert_eq!(x / divisor, Ball::EVERYTHING);
            }
        }
        assert!((Ball::from(3.0) / Ball::new(1.0, 1.0_f64.next_down())).is_bounded());
    }

    // 2^-1051 is u/2 of the divisor 2^-999: its share of the quotient underflows
    // when it is multiplied before it is divided.
    #[test]
    fn quotients_of_tiny_numbers_keep_the_divisors_radius() {
        let divisor = Ball::new(2f64.powi(-999), 2f64.powi(-1051));
        let quotient = Ball::from(2f64.powi(-1022) * 0.75) / divisor;
        assert!(quotient.rad >= (2f64.powi(-52) + U) * quotient.mid);
    }

    #[test]
    fn logarithm_needs_a_certainly_positive_number() {
        for x in [
            Ball::from(0.0),
            Ball::from(-1.0),
            Ball::new(1.0, 1.0),
            Ball::new(-2.0, 1.0),
        ] {
            assert_eq!(x.ln(), Ball::EVERYTHING);
        }
        // The lower end, the smallest number, is rounded down to zero.
        let smallest = 0f64.next_up();
        assert_eq!(Ball::new(2.0 * smallest, smallest).ln(), Ball::EVERYTHING);
        assert_eq!(Ball::from(1.0).ln().mid(), 0.0);
        // ln(1 − r) < −r, however small r.
        assert!(Ball::new(1.0, TINY).ln().rad > TINY);
    }

    // √x ≤ √(m + r) for the members, all of which may be below zero.
    #[test]
    fn roots_of_uncertain_numbers_drop_what_is_negative() {
        let root = Ball::new(-1.0, 3.0).sqrt();
        assert_eq!(root.mid, 0.0);
        assert!(root.contains(2f64.sqrt()) && root.rad <= 1.7321 * 2f64.sqrt());
        assert_eq!(Ball::from(-1.0).sqrt(), Ball::from(0.0));
        let root = Ball::new(0.0, 4.0).sqrt();
        assert!(root.contains(2.0) && root.rad <= 2.0 + 128.0 * U);
    }

    // e^{-700} ≈ 1e-304 is a member, though e^{-800} underflows.
    #[test]
    fn exponentials_of_wide_balls_survive_underflow() {
        let value = Ball::new(-800.0, 100.0).exp();
        assert!(value.contains((-700f64).exp()) && value.upper() < 1e-260);
        assert!(!Ball::new(-800.0, 2000.0).exp().is_bounded());
    }

    #[test]
    fn norms_have_the_radius_that_they_guarantee() {
        for size in [1.0, 1e-146, 1e100] {
            let norm = Ball::norm_of(&[3.0 * size, 4.0 * size]);
            assert!(norm.rad >= gamma(3) * norm.mid, "{size:e}");
        }
    }

    #[test]
    fn norms_survive_underflow() {
        for x in [1e-165, 2f64.powi(-537), 5e-324] {
            assert!(Ball::norm_of(&[x]).contains(x), "{x:e}");
            assert!(Ball::norm_of(&[x; 4]).contains(2.0 * x), "{x:e}");
        }
    }

    // A product of n factors: n − 1 roundings, and n radii, up to second order.
    #[test]
    fn powers_are_products() {
        for x in [
            Ball::new(1.25, 1e-9),
            Ball::from(-0.75),
            Ball::new(3.0, 0.0),
        ] {
            let mut power = Ball::from(1.0);
            for n in 0..40 {
                let tight = n as f64 * (x.rad / x.mid.abs() + U) * power.mid.abs() * 1.0001;
                assert!((x.powi(n).mid - power.mid).abs() <= x.powi(n).rad + power.rad);
                assert!(x.powi(n).rad <= tight + 40.0 * TINY, "{n}");
                power = power * x;
            }
        }
        // By squaring: a million factors are twenty products.
        let one = Ball::from(1.0).powi(1 << 20);
        assert!(one.contains(1.0) && one.rad <= 2.0 * U * 2f64.powi(20));
        assert_eq!(Ball::EVERYTHING.powi(0), Ball::from(1.0));
        assert_eq!(Ball::from(0.1).powi(1), Ball::from(0.1));
        assert_eq!(Ball::from(0.1).powi(2), Ball::from(0.1).square());
    }

    // A quotient and a root: three roundings, each counted with its own rounding.
    #[test]
    fn reciprocal_roots_contain_the_exact_ones() {
        for n in [1.0, 2.0, 3.0, 0.1, 1e300, 7e-300] {
            let ball = Ball::reciprocal_root(n);
            encloses(
                ball,
                &[real(1.0) / real(n).sqrt()],
                0.0,
                3.0 * U * ball.mid + 2.0 * TINY,
            );
        }
        assert_eq!(Ball::reciprocal_root(0.0), Ball::EVERYTHING);
        assert_eq!(Ball::reciprocal_root(f64::NAN), Ball::EVERYTHING);
    }
}
