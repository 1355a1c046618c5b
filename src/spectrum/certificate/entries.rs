//! Entries of Gram matrices in fixed point, with proved errors.
//!
//! The points and the bandwidth are dyadic, so squared distances are *exact*
//! integers times a power of two; what follows is integer arithmetic. With `P`
//! binary places, one *unit* `2^{−P}`:
//! * Argument: `T = floor(2^P t)`, `t = r²/2σ²` or `√(2ν r²/ℓ²)`, exact but for the floor.
//! * Exponential: `X = floor(T/2^j)`, below `2^{−q}`; Taylor's series of `e^{−X/2^P}`,
//!   `j` squarings. The series is off by two units a term and three for the tail, each
//!   squaring at most doubles the error `ε` and adds two units. At most 700 terms and
//!   `j ≤ 16 + 24` squarings: below `2^{40}·2^{12}` units. (`e^{−t}` is 1-Lipschitz:
//!   the two floors of the argument cost a unit and `2^j`, within the same bound.)
//! * Polynomial: at most `(2P+1)³ ≤ 2^{48}`, which multiplies the error; its own
//!   floors cost three units, and `ψ` is 1-Lipschitz in `t`.
//! * Inverse multiquadric of power `p/q`: with `X = 2^P + floor(2^P t)`, the whole part of
//!   `(2^{P(p+q)}/X^p)^{1/q}`, exact but for the floors (`floor(root(floor x)) = floor(root x)`);
//!   that of `t` moves the value by at most `β ≤ 16` units.
//! * Beyond `t = 2P` an exponential is below `(2P+1)³e^{−2P}` with its polynomial, less than a
//!   unit: zero is taken.
//!
//! * Any other kernel: it encloses its value itself ([`Enclosed`]), with more guard bits until that is
//!   within a unit of the last place kept, or the guard bits end; the width is the error.
//!
//! In all below `2^{101}` units, and `2^{53}` without a polynomial: the guard bits
//! (128 and 64) bring it below `2^{−11}` of the last place kept.

use dashu_int::ops::{Gcd, SquareRoot};
use dashu_int::{IBig, UBig};
use nalgebra::{DMatrix, DMatrixView, DVectorView};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fixed::{Fixed, bits};
pub(super) use crate::kernel::dyadic;
use crate::kernel::{Enclosed, InIntegers, KernelSpec, Smoothness, decay};
use crate::watch::Watch;

/// The radius of a matrix of which nothing is known.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// Guard bits of a profile that is enclosed, until they suffice.
const GUARDS: [usize; 4] = [64, 128, 320, 1024];

/// A symmetric matrix in fixed point: its lower triangle by rows, scaled.
pub(super) struct FixedMatrix<const L: usize> {
    pub order: usize,
    /// The matrix meant is `2^scale` times the one stored.
    pub scale: i64,
    /// Bounds the error of every entry stored, in units of `2^{−64L}`; [`UNKNOWN`], if nothing does.
    pub radius: u64,
    pub entries: Vec<Fixed<L>>,
}

impl<const L: usize> FixedMatrix<L> {
    /// Entry `(i, j)`.
    #[inline]
    pub fn entry(&self, i: usize, j: usize) -> &Fixed<L> {
        let (row, column) = if i < j { (j, i) } else { (i, j) };
        &self.entries[row * (row + 1) / 2 + column]
    }
}

/// A real symmetric matrix that can be rounded to any precision.
pub(super) enum Source<'a> {
    /// Exactly these numbers, all finite.
    Matrix(&'a DMatrix<f64>),
    /// Exactly these integers times a power of two.
    Integers(IntegerMatrix),
    /// The Gram matrix of a radial kernel at points.
    Gram(Box<Gram>),
}

/// Integers times `2^exponent`: the lower triangle by rows.
pub(super) struct IntegerMatrix {
    pub order: usize,
    pub exponent: i64,
    pub entries: Vec<IBig>,
}

impl Source<'_> {
    /// The matrix times ±1 in fixed point, scaled so that every eigenvalue lies in
    /// `(−½, ½)` and every entry with it; nothing, if it was stopped.
    pub fn rounded<const L: usize>(
        &self,
        negated: bool,
        watch: &dyn Watch,
    ) -> Option<FixedMatrix<L>> {
        Some(match self {
            Self::Matrix(a) => round_exact(a.nrows(), negated, |i, j| dyadic(a[(i, j)])),
            Self::Integers(a) => round_exact(a.order, negated, |i, j| {
                (a.entries[i * (i + 1) / 2 + j].clone(), a.exponent)
            }),
            Self::Gram(gram) => return gram.rounded(negated, watch),
        })
    }

    /// The same, which nobody stops.
    #[cfg(test)]
    pub fn in_full<const L: usize>(&self, negated: bool) -> FixedMatrix<L> {
        let never = crate::watch::Stop::default();
        self.rounded(negated, &never).expect("not stopped")
    }
}

/// Bits of `n`: `n < 2^this`.
fn width(n: usize) -> i64 {
    i64::from(usize::BITS - n.leading_zeros())
}

/// An `e` such that all numbers are multiples of `2^e`.
pub(super) fn common_unit<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> i64 {
    let numbers = numbers.into_iter().filter(|x| **x != 0.0);
    numbers.map(|x| dyadic(*x).1).min().unwrap_or(0)
}

/// A multiple of `2^unit`, in that unit.
pub(super) fn in_units(x: f64, unit: i64) -> IBig {
    let (integer, exponent) = dyadic(x);
    if x == 0.0 {
        IBig::ZERO
    } else {
        integer << (exponent - unit) as usize
    }
}

/// `floor(x·2^shift)` of a natural number.
fn shifted(x: UBig, shift: i64) -> UBig {
    if shift >= 0 {
        x << shift as usize
    } else {
        x >> shift.unsigned_abs() as usize
    }
}

/// Rounds a matrix whose entries in and below the diagonal are integers times powers of two.
fn round_exact<const L: usize>(
    order: usize,
    negated: bool,
    entry: impl Fn(usize, usize) -> (IBig, i64),
) -> FixedMatrix<L> {
    let parts = |row: usize, column: usize| {
        let (integer, exponent) = entry(row, column);
        let (sign, size) = integer.into_parts();
        (sign, size, exponent)
    };
    let positions = (0..order).flat_map(|row| (0..=row).map(move |column| (row, column)));
    let top = (positions.map(|(row, column)| parts(row, column)))
        .filter(|(_, size, _)| !size.is_zero())
        .map(|(_, size, exponent)| bits(&size) as i64 + exponent)
        .max()
        .unwrap_or(0);
    // |a| < 2^top, and n|a| < 2^{scale−1} bounds every eigenvalue.
    let scale = top + width(order) + 1;
    let places = Fixed::<L>::PLACES as i64;
    let mut radius = 0;
    let mut entries = Vec::with_capacity(order * (order + 1) / 2);
    for row in 0..order {
        for column in 0..=row {
            let (sign, size, exponent) = parts(row, column);
            let shift = places + exponent - scale;
            let kept = shifted(size.clone(), shift);
            if shift < 0 && shifted(kept.clone(), -shift) != size {
                radius = 1;
            }
            let fixed = Fixed::from_integer(&IBig::from_parts(sign, kept)).expect("scaled");
            entries.push(Fixed {
                negative: fixed.negative ^ (negated && !fixed.is_zero()),
                ..fixed
            });
        }
    }
    FixedMatrix {
        order,
        scale,
        radius,
        entries,
    }
}

/// Points and a kernel in integers.
pub(super) struct Gram {
    /// Coordinates, `2^exponent` the unit of all.
    points: Vec<Vec<IBig>>,
    kernel: KernelSpec,
    /// `r²/bandwidth² = squared integer distance·2^exponent/divisor`.
    exponent: i64,
    divisor: UBig,
}

impl Gram {
    /// Takes finite points (q × N), and one bandwidth or one for every coordinate.
    ///
    /// With `s_a = S_a·2^{e_a}`, `S` the least common multiple of the integers `S_a` and `E` the
    /// largest `e_a`, coordinates are multiplied by the integers `2^{E − e_a}S/S_a`: distances in
    /// units of `S·2^E` are then the scaled ones, exactly.
    pub fn new<'a>(
        kernel: KernelSpec,
        points: impl Into<DMatrixView<'a, f64>>,
        bandwidths: &[f64],
    ) -> Self {
        let points = points.into();
        let unit = common_unit(points.iter());
        let parts: Vec<(UBig, i64)> = (bandwidths.iter())
            .map(|s| dyadic(*s))
            .map(|(integer, exponent)| (integer.into_parts().1, exponent))
            .collect();
        let exponent = parts.iter().map(|(_, e)| *e).max().unwrap_or(0);
        let common = parts.iter().fold(UBig::ONE, |multiple, (s, _)| {
            &multiple / (&multiple).gcd(s) * s
        });
        let factor = |(s, e): &(UBig, i64)| IBig::from(&common / s) << (exponent - e) as usize;
        let factors: Vec<IBig> = parts.iter().map(factor).collect();
        let scaled = |z: DVectorView<'_, f64>| -> Vec<IBig> {
            let coordinates = z.iter().zip(factors.iter().cycle());
            coordinates
                .map(|(x, factor)| in_units(*x, unit) * factor)
                .collect()
        };
        Self {
            points: points.column_iter().map(scaled).collect(),
            kernel,
            exponent: 2 * (unit - exponent),
            divisor: common.sqr(),
        }
    }

    /// Of a kernel that is certifiable.
    #[cfg(test)]
    pub fn of(kernel: &crate::kernel::KernelSpec, points: &DMatrix<f64>) -> Self {
        Self::new(*kernel, points, &[kernel.bandwidth()])
    }

    /// Entries are dear: each looks whether it is still wanted.
    fn rounded<const L: usize>(&self, negated: bool, watch: &dyn Watch) -> Option<FixedMatrix<L>> {
        let order = self.points.len();
        // The smallest eigenvalue is below 1; all are below N.
        let scale = if negated { width(order) + 1 } else { 1 };
        let places = Fixed::<L>::PLACES;
        let one = Fixed::from_integer(&(IBig::ONE << (places - scale as usize)));
        let signed = |x: Fixed<L>| Fixed {
            negative: negated && !x.is_zero(),
            ..x
        };
        // A truncation, and the error of the value.
        let radius = AtomicU64::new(2);
        let below = |row: usize, column: usize| match self.entry::<L>(row, column, scale as usize) {
            Some((entry, within)) => {
                radius.fetch_max(within, Ordering::Relaxed);
                signed(entry)
            }
            // Of an entry of which nothing is known, any number is as good.
            None => {
                radius.store(UNKNOWN, Ordering::Relaxed);
                Fixed::ZERO
            }
        };
        let below = &below;
        let row = |row: usize| {
            let wanted = (0..row).take_while(|_| !watch.is_stopped());
            let entries = wanted.map(move |column| below(row, column));
            entries.chain([signed(one.expect("at most a half"))])
        };
        let entries: Vec<_> = (0..order).into_par_iter().flat_map_iter(row).collect();
        (entries.len() == order * (order + 1) / 2).then_some(FixedMatrix {
            order,
            scale,
            radius: radius.into_inner(),
            entries,
        })
    }

    /// An entry below the diagonal and the bound of its error, a truncation and that of the value; nothing,
    /// if the kernel knows nothing of the value, or contradicts `0 ≤ ψ ≤ 1`.
    fn entry<const L: usize>(&self, i: usize, j: usize, scale: usize) -> Option<(Fixed<L>, u64)> {
        let places = Fixed::<L>::PLACES;
        let Some(profile) = self.kernel.in_integers() else {
            return self.enclosed(i, j, scale);
        };
        let guard = match profile {
            InIntegers::Gaussian | InIntegers::InverseMultiquadric(..) => 64,
            InIntegers::Matern(_) => 128,
        };
        let kept = self.value(profile, i, j, places + guard) >> (guard + scale);
        Some((Fixed::from_integer(&kept.into())?, 2))
    }

    /// The same of a value that the kernel encloses.
    fn enclosed<const L: usize>(
        &self,
        i: usize,
        j: usize,
        scale: usize,
    ) -> Option<(Fixed<L>, u64)> {
        let places = Fixed::<L>::PLACES;
        let mut narrowest = None;
        for guard in GUARDS {
            let squared = self.squared_ratio(i, j, places + guard);
            let value = self.kernel.enclose(&squared)?;
            let shift = (value.places() + scale).checked_sub(places)?;
            let bounds = value.bounds();
            let found = bounds.and_then(|x| Fixed::within(x, shift, places - scale));
            if found.is_some() {
                narrowest = found;
            }
            if found.is_some_and(|(_, radius)| radius <= 2) {
                break;
            }
        }
        narrowest
    }

    /// Encloses the squared distance of two points in bandwidths.
    fn squared_ratio(&self, i: usize, j: usize, places: usize) -> Enclosed {
        let squared = self.squared_distance(i, j);
        let more = if squared.is_zero() {
            IBig::ZERO
        } else {
            IBig::ONE
        };
        let floor = IBig::from(self.ratio(squared, places as i64));
        Enclosed::between(floor.clone(), floor + more, places)
    }

    fn squared_distance(&self, i: usize, j: usize) -> UBig {
        let pairs = self.points[i].iter().zip(&self.points[j]);
        pairs.map(|(x, y)| (x - y).sqr()).sum()
    }

    /// `floor(2^P ψ)` at two points, up to the error stated on the top of the file.
    fn value(&self, profile: InIntegers, i: usize, j: usize, places: usize) -> UBig {
        let squared_distance = self.squared_distance(i, j);
        match profile {
            InIntegers::Gaussian => {
                let argument = self.ratio(squared_distance, places as i64 - 1);
                decay(&argument, places).unwrap_or(UBig::ZERO)
            }
            InIntegers::InverseMultiquadric(numerator, denominator) => {
                let base = (UBig::ONE << places) + self.ratio(squared_distance, places as i64);
                let unit = UBig::ONE << (places * (numerator + denominator));
                (unit / base.pow(numerator)).nth_root(denominator)
            }
            InIntegers::Matern(smoothness) => {
                // 2ν is 1, 3, 5, 7.
                let factor = UBig::from((2.0 * smoothness.nu()) as u8);
                let squared = self.ratio(squared_distance * factor, 2 * places as i64);
                let t = squared.sqrt();
                let Some(decay) = decay(&t, places) else {
                    return UBig::ZERO;
                };
                let one = UBig::ONE << places;
                let product = |x: &UBig, y: &UBig| (x * y) >> places;
                let small = |x: u8| UBig::from(x);
                let polynomial = match smoothness {
                    Smoothness::Half => return decay,
                    Smoothness::ThreeHalves => one + t,
                    Smoothness::FiveHalves => one + &t + product(&t, &t) / small(3),
                    Smoothness::SevenHalves => {
                        let square = product(&t, &t);
                        one + &t + &square * small(2) / small(5) + product(&square, &t) / small(15)
                    }
                };
                product(&polynomial, &decay).min(UBig::ONE << places)
            }
        }
    }

    /// `floor(2^shift·x·2^exponent/divisor)`.
    fn ratio(&self, x: UBig, shift: i64) -> UBig {
        let shift = shift + self.exponent;
        if shift >= 0 {
            shifted(x, shift) / &self.divisor
        } else {
            x / (&self.divisor << shift.unsigned_abs() as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kernel, KernelSpec, Matern};

    #[test]
    fn values_are_those_of_the_profile_in_f64() {
        let points = DMatrix::from_fn(3, 9, |i, j| ((i * 5 + j * 7) as f64).sin() * 3.0);
        for name in ["gaussian", "matern12", "matern32", "matern52", "matern72"] {
            for bandwidth in [0.1, 1.7, 40.0] {
                let kernel: KernelSpec = format!("{name}:{bandwidth}").parse().unwrap();
                let gram = Gram::of(&kernel, &points);
                for (i, j) in [(0, 1), (2, 7), (8, 3)] {
                    let profile = kernel.in_integers().unwrap();
                    let exact = gram.value(profile, i, j, 200) >> 100usize;
                    let exact = u128::try_from(exact).unwrap() as f64 / 2.0_f64.powi(100);
                    let (x, y) = (points.column(i), points.column(j));
                    let rounded = kernel.value(x.as_slice(), y.as_slice());
                    // Argument below 200, a dozen roundings of it; below 2⁻⁴⁶ nothing is seen.
                    let tolerance = 2500.0 * f64::EPSILON * exact + 2.0_f64.powi(-99);
                    assert!((rounded - exact).abs() <= tolerance, "{kernel} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn decay_is_a_homomorphism_at_every_precision() {
        for places in [192, 256, 640, 4224] {
            let one = UBig::ONE << places;
            for eighths in [0u32, 1, 7, 64, 500, 900] {
                let t = UBig::from(eighths) << (places - 3);
                let half = decay(&(&t >> 1), places).unwrap();
                let full = decay(&t, places).unwrap();
                let square = half.sqr() >> places;
                let error = IBig::from(full) - IBig::from(square);
                // Two values within 2⁵³ units, one doubled by the square.
                assert!(bits(&error.into_parts().1) <= 55);
            }
            assert_eq!(decay(&UBig::ZERO, places), Some(one.clone()));
            assert_eq!(decay(&(one.clone() * UBig::from(2 * places)), places), None);
            assert!(decay(&(one * UBig::from(2 * places - 1)), places).is_some());
        }
    }

    #[test]
    fn one_over_e_to_sixty_digits() {
        // e⁻¹ from its own series with integers: Σ (−1)^k/k!, summed as D_n/n!.
        let places = 256;
        let (mut numerator, mut factorial) = (IBig::ONE, IBig::ONE);
        for k in 1..80 {
            // D_k = k·D_{k−1} + (−1)^k.
            numerator = numerator * IBig::from(k) + IBig::from(if k % 2 == 0 { 1 } else { -1 });
            factorial *= IBig::from(k);
        }
        let exact = (numerator << places) / factorial;
        let error = IBig::from(decay(&(UBig::ONE << places), places).unwrap()) - exact;
        assert!(bits(&error.into_parts().1) <= 53);
    }

    #[test]
    fn matrices_are_scaled_below_one_half_and_rounded_by_one_unit() {
        let a = nalgebra::dmatrix![3.0, -1e-300; -1e-300, 0.1];
        for negated in [false, true] {
            let sign = if negated { -1.0 } else { 1.0 };
            let fixed = Source::Matrix(&a).in_full::<2>(negated);
            // Entries below 4, two of them: 2^{scale−1} > 8.
            assert_eq!((fixed.order, fixed.scale, fixed.radius), (2, 5, 1));
            let (mantissa, exponent) = fixed.entry(0, 0).mantissa();
            assert_eq!(mantissa * 2.0_f64.powi(exponent as i32 + 5), 3.0 * sign);
            let (mantissa, exponent) = fixed.entry(1, 1).mantissa();
            assert_eq!(mantissa * 2.0_f64.powi(exponent as i32 + 5), 0.1 * sign);
            assert!(fixed.entry(0, 1).is_zero() && !fixed.entry(1, 0).negative);
        }
        let exact = nalgebra::dmatrix![0.5, 0.25; 0.25, -1.0];
        assert_eq!(Source::Matrix(&exact).in_full::<2>(false).radius, 0);
    }

    #[test]
    fn gram_matrices_have_an_exact_diagonal_and_equal_points_one() {
        let points = nalgebra::dmatrix![0.25, 1e300, 0.25; 0.0, 1e-300, -0.0];
        let kernel = KernelSpec::from(Matern::try_new(3.5, 0.3).unwrap());
        let gram = Gram::of(&kernel, &points);
        let source = Source::Gram(Box::new(gram));
        for negated in [false, true] {
            let fixed = source.in_full::<2>(negated);
            let unit = 2.0_f64.powi(-fixed.scale as i32);
            let value = |i, j| {
                let (mantissa, exponent) = fixed.entry(i, j).mantissa();
                mantissa * 2.0_f64.powi(exponent as i32) / unit
            };
            let one = if negated { -1.0 } else { 1.0 };
            assert_eq!([value(0, 0), value(1, 1), value(2, 2)], [one; 3]);
            assert_eq!([value(0, 1), value(2, 1)], [0.0; 2]);
            assert_eq!(value(0, 2), one);
            assert_eq!(fixed.radius, 2);
        }
    }

    /// The integers of this file against intervals, which share the exponential and nothing else.
    #[test]
    fn kernels_of_another_crate_have_the_entries_of_this_one() {
        use crate::kernel::rewritten;
        let points = DMatrix::from_fn(3, 7, |i, j| ((i * 5 + j * 7) as f64).sin() * 3.0);
        for name in [
            "gaussian", "matern12", "matern32", "matern52", "matern72", "imq", "imq(7/3)",
            "imq(16)",
        ] {
            for bandwidth in [0.05, 1.7, 40.0] {
                let name = format!("{name}:{bandwidth}");
                let (own, foreign) = (name.parse().unwrap(), rewritten(&name));
                for negated in [false, true] {
                    let rounded = |kernel| {
                        let source = Source::Gram(Box::new(Gram::of(kernel, &points)));
                        source.in_full::<5>(negated)
                    };
                    let (own, foreign) = (rounded(&own), rounded(&foreign));
                    assert_eq!((own.scale, own.radius), (foreign.scale, 2));
                    assert_eq!(foreign.radius, 2, "{name}");
                    for (x, y) in own.entries.iter().zip(&foreign.entries) {
                        let difference = (x.integer() - y.integer()).into_parts().1;
                        assert!(difference <= UBig::from(4u8), "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_a_foreign_kernel_does_not_know_is_in_the_radius() {
        use crate::kernel::{Vague, vague};
        let points = nalgebra::dmatrix![0.0, 1.0, 3.0];
        let radius = |vague| {
            let gram = Gram::of(&vague, &points);
            Source::Gram(Box::new(gram)).in_full::<2>(false).radius
        };
        // 2^{−90} each way, in units of 2^{−128}, halved.
        let expected = 1u64 << 37;
        let found = radius(vague(Vague::Within(90)));
        assert!(found >= expected && found <= expected + 4, "{found}");
        assert_eq!(radius(vague(Vague::Within(300))), 2);
        // Wider than 64 bits, nowhere, or outside the unit interval.
        assert_eq!(radius(vague(Vague::Within(20))), UNKNOWN);
        assert_eq!(radius(vague(Vague::Nowhere)), UNKNOWN);
        assert_eq!(radius(vague(Vague::Contradictory)), UNKNOWN);
        assert_eq!(radius(vague(Vague::Silent)), UNKNOWN);
    }
}
