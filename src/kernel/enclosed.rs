//! Numbers between two integers times a power of two.

use crate::arithmetic::Ball;
use dashu_int::ops::{BitTest, DivEuclid, SquareRoot};
use dashu_int::{IBig, UBig};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Most binary places of an [`Enclosed`].
pub const MOST_PLACES: usize = 1 << 14;

/// A real number that is known to lie between two multiples of `2^{−P}`, `P` its binary *places*; or of
/// which nothing is known.
///
/// Every operation rounds outwards: the result encloses the exact result for all members of the operands.
/// What has no value (a quotient by what may be zero, the root of a negative number) encloses everything.
/// Operands of different precision are brought to the larger.
///
/// # Cost
/// That of an integer product, quotient or root of `P` bits; an exponential takes about `√P` products.
///
/// # Example
/// ```
/// use polyak::kernel::Enclosed;
/// let x = Enclosed::number(0.1, 200);
/// // (1 + x)^{−3/2}
/// let base = &x + 1.0;
/// let power = 1.0 / (&base * base.sqrt());
/// assert!(power.contains(1.1_f64.powf(-1.5)) || power.width() < 1e-55);
/// assert!(!(1.0 / (&x - 0.1)).is_known());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    places: usize,
    /// In units of `2^{−places}`; none, if nothing is known.
    bounds: Option<(IBig, IBig)>,
}

impl Enclosed {
    /// The number `value`, exact where it is a multiple of `2^{−places}`; of what is not finite nothing
    /// is known.
    ///
    /// # Arguments
    /// * `places`: binary places, more than [`MOST_PLACES`] are as many as that.
    #[must_use]
    pub fn number(value: f64, places: usize) -> Self {
        let places = places.min(MOST_PLACES);
        let bounds = value.is_finite().then(|| {
            let (integer, exponent) = dyadic(value);
            let shift = exponent + places as i64;
            if shift >= 0 {
                let exact = integer << shift as usize;
                (exact.clone(), exact)
            } else {
                let shift = shift.unsigned_abs() as usize;
                (integer.clone() >> shift, ceiling(integer, shift))
            }
        });
        Self { places, bounds }
    }

    /// Nothing but that there are so many places.
    #[must_use]
    pub fn unknown(places: usize) -> Self {
        Self {
            places: places.min(MOST_PLACES),
            bounds: None,
        }
    }

    /// Every member of a ball.
    pub(crate) fn ball(value: Ball, places: usize) -> Self {
        let (lower, upper) = (
            Self::number(value.lower(), places),
            Self::number(value.upper(), places),
        );
        let bounds = lower.bounds.zip(upper.bounds);
        Self {
            places: lower.places,
            bounds: bounds.map(|(lower, upper)| (lower.0, upper.1)),
        }
    }

    /// Between these multiples of `2^{−places}`.
    pub(crate) fn between(lower: IBig, upper: IBig, places: usize) -> Self {
        Self {
            places,
            bounds: Some((lower, upper)),
        }
    }

    /// The bounds in units of `2^{−places}`.
    pub(crate) fn bounds(&self) -> Option<&(IBig, IBig)> {
        self.bounds.as_ref()
    }

    /// The number `value` at the precision of this one.
    #[must_use]
    pub fn with(&self, value: f64) -> Self {
        Self::number(value, self.places)
    }

    /// The number of binary places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Tells whether anything is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.bounds.is_some()
    }

    /// Tells whether a number may be meant; nothing infinite is.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        let number = self.with(value);
        match (&self.bounds, &number.bounds) {
            (_, None) => false,
            (None, Some(_)) => true,
            // An f64 with more places than these lies between two multiples.
            (Some((lower, upper)), Some((floor, ceiling))) => lower <= floor && ceiling <= upper,
        }
    }

    /// An `f64` that is at most the number: `−∞`, if nothing is known.
    #[must_use]
    pub fn lower(&self) -> f64 {
        let bounds = self.bounds.as_ref();
        bounds.map_or(f64::NEG_INFINITY, |(lower, _)| {
            -above(-lower.clone(), self.places)
        })
    }

    /// An `f64` that is at least the number: `∞`, if nothing is known.
    #[must_use]
    pub fn upper(&self) -> f64 {
        let bounds = self.bounds.as_ref();
        bounds.map_or(f64::INFINITY, |(_, upper)| {
            above(upper.clone(), self.places)
        })
    }

    /// The distance of the bounds, rounded up; infinite, if nothing is known.
    #[must_use]
    pub fn width(&self) -> f64 {
        let bounds = self.bounds.as_ref();
        bounds.map_or(f64::INFINITY, |(lower, upper)| {
            above(upper - lower, self.places)
        })
    }

    /// The natural logarithm as a ball: of a number that may not be positive nothing is known.
    ///
    /// # Example
    /// ```
    /// use polyak::kernel::Enclosed;
    /// let tiny = (-Enclosed::number(2000.0, 4000)).exp(); // Zero in f64.
    /// assert!((tiny.ln().mid() + 2000.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn ln(&self) -> Ball {
        match &self.bounds {
            Some((lower, upper)) if *lower > IBig::ZERO => {
                // Both over the power of two above the upper one.
                let size = size(upper);
                let lower = (-above(-lower.clone(), size)).max(0.0);
                let mantissa = Ball::from_bounds(lower, above(upper.clone(), size));
                let exponent = Ball::from(size as f64 - self.places as f64);
                mantissa.ln() + exponent * Ball::from(2.0).ln()
            }
            Some(_) | None => Ball::EVERYTHING,
        }
    }

    /// The square.
    #[must_use]
    pub fn square(&self) -> Self {
        let square = self * self;
        let with_zero = (self.bounds.as_ref())
            .is_some_and(|(lower, upper)| *lower <= IBig::ZERO && *upper >= IBig::ZERO);
        if with_zero {
            square.positive_part()
        } else {
            square
        }
    }

    /// The power of a whole number, by products; one, if that is zero.
    #[must_use]
    pub fn powi(&self, exponent: u32) -> Self {
        let mut power = self.with(1.0);
        for bit in (0..32).rev() {
            power = power.square();
            if exponent >> bit & 1 == 1 {
                power = &power * self;
            }
        }
        power
    }

    /// The square root; what is negative is dropped, unless all is.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        self.monotone(|x, places| {
            let root = IBig::from((x << places).sqrt());
            (root.clone(), root + IBig::ONE)
        })
    }

    /// The root of a positive degree, as [`sqrt`](Self::sqrt); of degree 0 nothing is known.
    #[must_use]
    pub fn root(&self, degree: u32) -> Self {
        if degree == 0 {
            return Self::unknown(self.places);
        }
        let degree = degree as usize;
        self.monotone(|x, places| {
            let root = IBig::from((x << (places * (degree - 1))).nth_root(degree));
            (root.clone(), root + IBig::ONE)
        })
    }

    /// The exponential; unknown, if the number may exceed twice the places.
    ///
    /// # Guarantee
    /// Within four last places where the number is not positive.
    #[must_use]
    pub fn exp(&self) -> Self {
        let bounds = self.bounds.as_ref().and_then(|(lower, upper)| {
            let (below, _) = exponential(lower, self.places)?;
            let (_, above) = exponential(upper, self.places)?;
            Some((below, above))
        });
        Self { bounds, ..*self }
    }

    /// The larger of zero and the number.
    #[must_use]
    pub fn positive_part(&self) -> Self {
        let zero = |x: &IBig| x.clone().max(IBig::ZERO);
        let bounds = self.bounds.as_ref();
        Self {
            bounds: bounds.map(|(lower, upper)| (zero(lower), zero(upper))),
            ..*self
        }
    }

    /// Bounds of a function that increases, at both ends; of none, if no member is at least zero.
    fn monotone(&self, f: impl Fn(UBig, usize) -> (IBig, IBig)) -> Self {
        let natural = |x: &IBig| UBig::try_from(x.clone()).unwrap_or(UBig::ZERO);
        let at = |x: &IBig| {
            if *x == IBig::ZERO {
                (IBig::ZERO, IBig::ZERO)
            } else {
                f(natural(x), self.places)
            }
        };
        let known = (self.bounds.as_ref()).filter(|(_, upper)| *upper >= IBig::ZERO);
        let bounds = known.map(|(lower, upper)| {
            let lower = lower.clone().max(IBig::ZERO);
            (at(&lower).0, at(upper).1)
        });
        Self { bounds, ..*self }
    }

    /// The bounds with more places.
    fn refined(&self, places: usize) -> Option<(IBig, IBig)> {
        let shift = places - self.places;
        let bounds = self.bounds.as_ref();
        bounds.map(|(lower, upper)| (lower << shift, upper << shift))
    }

    /// Combines the bounds of two numbers of as many places.
    fn combined(
        &self,
        other: &Self,
        f: impl Fn((IBig, IBig), (IBig, IBig), usize) -> Option<(IBig, IBig)>,
    ) -> Self {
        let places = self.places.max(other.places);
        let both = self.refined(places).zip(other.refined(places));
        let bounds = both.and_then(|(one, other)| f(one, other, places));
        Self { places, bounds }
    }
}

/// `⌈x·2^{−shift}⌉`: a shift rounds down.
fn ceiling(x: IBig, shift: usize) -> IBig {
    -((-x) >> shift)
}

/// The number of bits of the absolute value.
fn size(x: &IBig) -> usize {
    x.clone().into_parts().1.bit_len()
}

/// An `f64` of at least `x·2^{−places}`.
fn above(x: IBig, places: usize) -> f64 {
    let shift = size(&x).saturating_sub(53);
    let mantissa = ceiling(x, shift);
    // At most 2⁵³ in absolute value.
    let mantissa = i64::try_from(mantissa).expect("53 bits") as f64;
    let exponent = shift as i64 - places as i64;
    let half = |e: i64| 2.0_f64.powi(e.clamp(-1000, 1000) as i32);
    let value = mantissa * half(exponent / 2) * half(exponent - exponent / 2);
    // Exact but where it is subnormal, or clipped; a negative zero is above.
    let vanished = mantissa <= 0.0 && value == 0.0;
    if vanished || (-900..=900).contains(&exponent) {
        value
    } else {
        value.next_up()
    }
}

/// Bounds of `e^x`, `x` and they in units of `2^{−places}`; none above twice the places.
fn exponential(x: &IBig, places: usize) -> Option<(IBig, IBig)> {
    if *x == IBig::ZERO {
        let one = IBig::ONE << places;
        return Some((one.clone(), one));
    }
    let error = IBig::ONE << DECAY_ERROR;
    if *x < IBig::ZERO {
        let t = UBig::try_from(-x).expect("positive") << GUARD;
        let Some(decay) = decay(&t, places + GUARD).map(IBig::from) else {
            return Some((IBig::ZERO, IBig::ONE));
        };
        let lower = (&decay - &error).max(IBig::ZERO) >> GUARD;
        return Some((lower, ceiling(decay + error, GUARD)));
    }
    let t = UBig::try_from(x.clone()).expect("positive");
    let whole = usize::try_from(&t >> places).ok()?;
    if whole >= 2 * places {
        return None;
    }
    // e^{−t} ≥ 2^{−3⌈t⌉/2}: as many places more than that, twice.
    let more = GUARD + 3 * (whole + 1);
    let all = places + more;
    let decay = IBig::from(decay(&(t << more), all)?);
    let unit = IBig::ONE << (2 * all);
    let lower = (&unit).div_euclid(&decay + &error) >> more;
    let upper = unit.div_euclid(decay - error) + IBig::ONE;
    Some((lower, ceiling(upper, more)))
}

/// Guard places of an exponential.
const GUARD: usize = 64;

/// The error of [`decay`] is below `2` to this power, with at most `2¹⁷` places.
const DECAY_ERROR: usize = 58;

/// `2^P e^{−t}` for `t = T/2^P`; none, if that is below a unit for certain: `t ≥ 2P`.
///
/// # Guarantee
/// With `K ≤ max(700, P/20)` terms and `j ≤ 42` squarings the error is below `2^j(2K + 5)` units: see
/// the certificate's entries.
pub(crate) fn decay(t: &UBig, places: usize) -> Option<UBig> {
    let whole = t.bit_len().saturating_sub(places);
    if *t >= UBig::from(2 * places) << places {
        return None;
    }
    // More squarings or more terms: about equal work, and j within the bound proved.
    let reduction = (places.isqrt() * 3 / 4).clamp(8, 24);
    let squarings = whole + reduction;
    let x = t >> squarings;
    let mut term = UBig::ONE << places;
    let (mut even, mut odd) = (term.clone(), UBig::ZERO);
    for k in 1u32.. {
        term = ((term * &x) >> places) / UBig::from(k);
        if term.is_zero() {
            break;
        }
        if k % 2 == 0 {
            even += &term;
        } else {
            odd += &term;
        }
    }
    let mut power = even - odd;
    for _ in 0..squarings {
        power = power.sqr() >> places;
    }
    Some(power)
}

/// A finite number as `integer·2^exponent`.
pub(crate) fn dyadic(x: f64) -> (IBig, i64) {
    let (integer, exponent) = short_dyadic(x);
    (integer.into(), exponent)
}

/// As [`dyadic`]: 53 bits and a sign fit into an `i64`.
pub(crate) fn short_dyadic(x: f64) -> (i64, i64) {
    let bits = x.to_bits();
    let (power, fraction) = ((bits >> 52 & 0x7FF) as i64, bits & ((1 << 52) - 1));
    let (size, exponent) = if power == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, power - 1075)
    };
    let size = size as i64;
    (if x < 0.0 { -size } else { size }, exponent)
}

/// The least and the largest of the values at the corners.
fn extremes(corners: [IBig; 4]) -> (IBig, IBig) {
    let least = corners.iter().min().expect("four corners").clone();
    let most = corners.into_iter().max().expect("four corners");
    (least, most)
}

impl Neg for &Enclosed {
    type Output = Enclosed;
    fn neg(self) -> Enclosed {
        let bounds = self.bounds.as_ref();
        Enclosed {
            bounds: bounds.map(|(lower, upper)| (-upper.clone(), -lower.clone())),
            ..*self
        }
    }
}

impl Neg for Enclosed {
    type Output = Enclosed;
    fn neg(self) -> Enclosed {
        -&self
    }
}

impl Add for &Enclosed {
    type Output = Enclosed;
    fn add(self, other: &Enclosed) -> Enclosed {
        self.combined(other, |one, other, _| {
            Some((one.0 + other.0, one.1 + other.1))
        })
    }
}

impl Sub for &Enclosed {
    type Output = Enclosed;
    fn sub(self, other: &Enclosed) -> Enclosed {
        self.combined(other, |one, other, _| {
            Some((one.0 - other.1, one.1 - other.0))
        })
    }
}

impl Mul for &Enclosed {
    type Output = Enclosed;
    fn mul(self, other: &Enclosed) -> Enclosed {
        self.combined(other, |(a, b), (c, d), places| {
            let (lower, upper) = extremes([&a * &c, &a * &d, &b * &c, &b * &d]);
            Some((lower >> places, ceiling(upper, places)))
        })
    }
}

impl Div for &Enclosed {
    type Output = Enclosed;
    fn div(self, other: &Enclosed) -> Enclosed {
        self.combined(other, |(a, b), (c, d), places| {
            // Over a positive divisor a Euclidean quotient is rounded down.
            let (a, b, c, d) = if d < IBig::ZERO {
                (-b, -a, -d, -c)
            } else {
                (a, b, c, d)
            };
            if c <= IBig::ZERO {
                return None;
            }
            let down = |x: &IBig, y: &IBig| (x.clone() << places).div_euclid(y);
            let up = |x: &IBig, y: &IBig| -((-x.clone()) << places).div_euclid(y);
            let (lower, _) = extremes([down(&a, &c), down(&a, &d), down(&b, &c), down(&b, &d)]);
            let (_, upper) = extremes([up(&a, &c), up(&a, &d), up(&b, &c), up(&b, &d)]);
            Some((lower, upper))
        })
    }
}

/// Operators on values, references and f64 numbers, which take the precision of the other operand.
macro_rules! operators {
    ($($operator:ident $method:ident;)*) => {$(
        impl $operator for Enclosed {
            type Output = Enclosed;
            fn $method(self, other: Enclosed) -> Enclosed {
                (&self).$method(&other)
            }
        }
        impl $operator<&Enclosed> for Enclosed {
            type Output = Enclosed;
            fn $method(self, other: &Enclosed) -> Enclosed {
                (&self).$method(other)
            }
        }
        impl $operator<Enclosed> for &Enclosed {
            type Output = Enclosed;
            fn $method(self, other: Enclosed) -> Enclosed {
                self.$method(&other)
            }
        }
        impl $operator<f64> for &Enclosed {
            type Output = Enclosed;
            fn $method(self, other: f64) -> Enclosed {
                self.$method(&self.with(other))
            }
        }
        impl $operator<f64> for Enclosed {
            type Output = Enclosed;
            fn $method(self, other: f64) -> Enclosed {
                (&self).$method(other)
            }
        }
        impl $operator<&Enclosed> for f64 {
            type Output = Enclosed;
            fn $method(self, other: &Enclosed) -> Enclosed {
                (&other.with(self)).$method(other)
            }
        }
        impl $operator<Enclosed> for f64 {
            type Output = Enclosed;
            fn $method(self, other: Enclosed) -> Enclosed {
                self.$method(&other)
            }
        }
    )*};
}

operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_float::FBig;
    use dashu_float::round::mode::HalfEven;

    type Real = FBig<HalfEven, 2>;

    fn real(x: f64) -> Real {
        Real::try_from(x).unwrap().with_precision(900).value()
    }

    /// Whether bounds enclose a number that another library computed to 800 bits, and how wide they are in
    /// last places.
    fn encloses(found: &Enclosed, exact: &Real) -> f64 {
        let (lower, upper) = found.bounds().expect("known");
        let unit = Real::from_parts(1.into(), -(found.places as isize));
        let slack = Real::from_parts(1.into(), -780);
        let scaled = |x: &IBig| Real::from_parts(x.clone(), 0) * &unit;
        assert!(scaled(lower) <= exact + &slack, "{found:?} {exact}");
        assert!(scaled(upper) >= exact - &slack, "{found:?} {exact}");
        found.width() * 2.0_f64.powi(found.places as i32)
    }

    const NUMBERS: [f64; 9] = [-17.3, -1.0, -0.3, 1e-9, 0.1, 1.0, 2.5, 9.75, 40.1];

    #[test]
    fn operations_enclose_what_another_library_computes() {
        for x in NUMBERS {
            for y in NUMBERS {
                let (a, b) = (Enclosed::number(x, 150), Enclosed::number(y, 100));
                let (r, s) = (real(x), real(y));
                assert!(encloses(&(&a + &b), &(&r + &s)) <= 1.0);
                assert!(encloses(&(&a - &b), &(&r - &s)) <= 1.0);
                assert!(encloses(&(&a * &b), &(&r * &s)) <= 130.0);
                // A number with 100 places, over its square.
                let width = (130.0 * (x.abs() + 1.0) / y.abs().powi(2)).max(3.0);
                assert!(encloses(&(&a / &b), &(&r / &s)) <= width * 2.0_f64.powi(51));
                assert!(encloses(&a.square(), &(&r * &r)) <= 130.0);
            }
            let (a, r) = (Enclosed::number(x, 200), real(x));
            let relative = x.exp().max(1.0) * 4.0;
            assert!(encloses(&a.exp(), &r.exp()) <= relative, "{x}");
            if x > 0.0 {
                let width = encloses(&a.sqrt(), &r.sqrt());
                assert!(width <= 3.0 + 1.0 / x.sqrt());
                let cube = a.root(3).powi(3);
                assert!(cube.contains(x) && cube.width() < 1e-50);
                let ln = r.ln().to_f64().value();
                let ball = a.ln();
                assert!((ball.mid() - ln).abs() <= ball.rad() + 1e-15 * ln.abs());
                assert!(ball.rad() < 1e-13);
            }
        }
    }

    #[test]
    fn wide_numbers_are_enclosed_at_every_member() {
        let wide = |lower: f64, upper: f64| {
            let [lower, upper] = [lower, upper].map(|x| Enclosed::number(x, 120));
            Enclosed::between(lower.bounds.unwrap().0, upper.bounds.unwrap().1, 120)
        };
        let (a, b) = (wide(-1.5, 2.0), wide(0.5, 3.0));
        for x in [-1.5, -0.2, 0.0, 1.1, 2.0] {
            for y in [0.5, 1.0, 2.2, 3.0] {
                for (found, exact) in [
                    (&a * &b, x * y),
                    (&a / &b, x / y),
                    (&a - &b, x - y),
                    (&a + &b, x + y),
                    (a.exp() * b.sqrt(), f64::exp(x) * f64::sqrt(y)),
                    (a.positive_part(), x.max(0.0)),
                    (a.square(), x * x),
                    (a.powi(3), x * x * x),
                ] {
                    let slack = 1e-14 * exact.abs();
                    assert!(found.lower() <= exact + slack && found.upper() >= exact - slack);
                }
            }
        }
        assert_eq!(a.square().lower(), 0.0);
        assert_eq!(a.positive_part().lower(), 0.0);
        assert_eq!((a.lower(), a.upper(), a.width()), (-1.5, 2.0, 3.5));
    }

    #[test]
    fn what_has_no_value_is_unknown_and_stays_so() {
        let zero = Enclosed::number(0.0, 100);
        let wide = Enclosed::ball(Ball::from_bounds(-1.0, 1.0), 100);
        for unknown in [
            1.0 / &zero,
            1.0 / &wide,
            (&zero - 1.0).sqrt(),
            (&zero - 1.0).root(3),
            zero.root(0),
            (&zero + 1e6).exp(),
            Enclosed::number(f64::NAN, 10),
            Enclosed::number(f64::INFINITY, 10),
        ] {
            assert!(!unknown.is_known() && !(unknown.exp() * 0.0).is_known());
            assert_eq!(unknown.ln(), Ball::EVERYTHING);
            assert!(unknown.contains(1e300) && !unknown.contains(f64::INFINITY));
            assert_eq!(
                (unknown.lower(), unknown.upper()),
                (f64::NEG_INFINITY, f64::INFINITY)
            );
        }
        assert_eq!(zero.ln(), Ball::EVERYTHING);
        assert_eq!((zero.sqrt().width(), zero.exp().lower()), (0.0, 1.0));
        assert_eq!(Enclosed::number(1.0, usize::MAX).places(), MOST_PLACES);
    }

    #[test]
    fn ends_are_rounded_outwards() {
        let tenth = Enclosed::number(1.0, 300) / 10.0;
        assert!(tenth.lower() <= 0.1 && tenth.upper() >= 0.1);
        assert!(tenth.upper() - tenth.lower() <= 2.0_f64.powi(-55));
        // 0.1 in f64 is above one tenth.
        assert_eq!(tenth.upper(), 0.1);
        assert_eq!(tenth.lower(), 0.1_f64.next_down());
        let tiny = Enclosed::number(1.0, 4000) * 2.0_f64.powi(-1000) * 2.0_f64.powi(-1000);
        assert_eq!(
            (tiny.lower(), tiny.upper()),
            (-f64::from_bits(1) * 0.0, f64::from_bits(1))
        );
        assert!((tiny.ln().mid() + 2000.0 * std::f64::consts::LN_2).abs() < 1e-11);
        let huge = Enclosed::number(f64::MAX, 10).square();
        assert_eq!(huge.upper(), f64::INFINITY);
        assert!(huge.lower() >= 1e300);
    }
}
