//! The Gram matrix of a kernel at points, as every stage of a certificate wants it.

use super::endpoint::{Direction, Endpoint};
use super::entries::{Gram, IntegerMatrix, Source, common_unit, dyadic, in_units};
use super::rounding::{gram_error, polynomial_error};
use crate::arithmetic::{UNIT_ROUNDOFF, enlarged};
use crate::gram::mercer_gram;
use crate::kernel::{Fact, KernelSpec, MercerKernel, Polynomial};
use dashu_int::IBig;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::collections::HashMap;

/// Bounds `‖fl(K) − K‖` of [`mercer_gram`]; nothing, where nothing is proved.
pub(crate) fn gram_norm_error(kernel: &MercerKernel, points: DMatrixView<'_, f64>) -> Option<f64> {
    Problem::new(kernel, points).norm_error()
}

/// Tells whether the values of the kernel can be enclosed.
pub(crate) fn is_certifiable(kernel: &MercerKernel) -> bool {
    let radial = match kernel {
        MercerKernel::Radial(kernel) => kernel,
        MercerKernel::Anisotropic(kernel) => kernel.unit(),
        MercerKernel::Polynomial(_) => return true,
    };
    radial.is_certifiable()
}

/// Tells whether a rounding of the entries in f64 is proved, where nothing overflows or underflows. Of
/// products, whose overflow is named where they are taken, nothing is said.
pub(crate) fn states_roundings(kernel: &MercerKernel) -> bool {
    let radial = match kernel {
        MercerKernel::Radial(kernel) => kernel,
        MercerKernel::Anisotropic(kernel) => kernel.unit(),
        MercerKernel::Polynomial(_) => return false,
    };
    let needed = [
        Fact::Steepness,
        Fact::LogarithmicSlope,
        Fact::ProfileRoundings,
    ];
    radial.missing(&needed).is_none()
}

/// A matrix, a bound of its distance from the exact one, and bounds of the exact eigenvalue.
pub(super) struct Problem<'a> {
    kernel: &'a MercerKernel,
    points: DMatrixView<'a, f64>,
}

impl<'a> Problem<'a> {
    /// Takes finite points (q × N), `N ≥ 1`, of a dimension that the kernel accepts.
    pub fn new(kernel: &'a MercerKernel, points: impl Into<DMatrixView<'a, f64>>) -> Self {
        let points = points.into();
        Self { kernel, points }
    }

    /// The number of points.
    pub fn order(&self) -> usize {
        self.points.ncols()
    }

    /// The smallest eigenvalue, where it is known beforehand: of one point under a normalised
    /// kernel; of equal points; of more points than a polynomial kernel has features.
    pub fn known_smallest(&self) -> Option<Endpoint> {
        if equal_points(self.points).is_some() {
            return Some(Endpoint::ZERO);
        }
        let (dimension, samples) = self.points.shape();
        match self.kernel {
            MercerKernel::Polynomial(kernel) => {
                // A feature vector that vanishes: the point is the origin, and the offset zero.
                let mut columns = self.points.column_iter();
                let vanishes = columns.any(|z| z.iter().all(|x| *x == 0.0));
                let zero = kernel.offset() == 0.0 && vanishes;
                (zero || samples > kernel.rank(dimension)).then_some(Endpoint::ZERO)
            }
            MercerKernel::Radial(_) | MercerKernel::Anisotropic(_) => {
                (samples == 1).then_some(1.0.into())
            }
        }
    }

    /// Tells whether the entries are known exactly.
    pub fn is_polynomial(&self) -> bool {
        matches!(self.kernel, MercerKernel::Polynomial(_))
    }

    /// The largest eigenvalue, where it is known beforehand: of one point; of the zero matrix.
    pub fn known_largest(&self) -> Option<Endpoint> {
        match self.kernel {
            MercerKernel::Polynomial(kernel) => {
                let zero = kernel.offset() == 0.0 && self.points.iter().all(|x| *x == 0.0);
                zero.then_some(Endpoint::ZERO)
            }
            MercerKernel::Radial(_) | MercerKernel::Anisotropic(_) => {
                (self.points.ncols() == 1).then_some(1.0.into())
            }
        }
    }

    /// `0 ≤ λ_min ≤ min K_ii` or, negated, `−tr K ≤ −λ_max ≤ −max K_ii`.
    pub fn bounds(&self, negated: bool) -> (Endpoint, Endpoint) {
        let samples = self.points.ncols();
        let kernel = match self.kernel {
            MercerKernel::Polynomial(kernel) => kernel,
            MercerKernel::Radial(_) | MercerKernel::Anisotropic(_) => {
                let (trace, one) = (Endpoint::from(samples as f64), Endpoint::from(1.0));
                return if negated {
                    (-trace, -one)
                } else {
                    (Endpoint::ZERO, one)
                };
            }
        };
        let values = Integers::new(kernel, self.points);
        let diagonal: Vec<IBig> = (0..samples).map(|i| values.entry(i, i)).collect();
        let up = |x: &IBig| Endpoint::rounded(x, values.exponent(), Direction::Up);
        let (least, most) = (diagonal.iter().min(), diagonal.iter().max());
        let (least, most) = (least.expect("a point"), most.expect("a point"));
        if negated {
            let trace: IBig = diagonal.iter().sum();
            (-up(&trace), up(&-most))
        } else {
            (Endpoint::ZERO, up(least))
        }
    }

    /// `fl(K)`, and a bound of `‖fl(K) − K‖`; nothing, out of the range where underflow and
    /// overflow are harmless, and for a kernel without a proved f64 evaluation.
    pub fn in_double(&self) -> Option<(DMatrix<f64>, f64)> {
        let error = self.norm_error()?;
        Some((mercer_gram(self.kernel, self.points).ok()?, error))
    }

    fn norm_error(&self) -> Option<f64> {
        // The diagonal is exact, for all but polynomials.
        let others = (self.points.ncols() - 1) as f64;
        match self.kernel {
            MercerKernel::Radial(kernel) => {
                let entry = gram_error(kernel, self.points)?;
                Some((others * entry).next_up())
            }
            MercerKernel::Anisotropic(kernel) => {
                let scaled = kernel.scale(self.points).ok()?;
                let entry =
                    gram_error(kernel.unit(), &scaled)? + scaling_error(kernel.unit(), &scaled)?;
                Some((others * entry).next_up())
            }
            MercerKernel::Polynomial(kernel) => polynomial_error(kernel, self.points),
        }
    }

    /// The matrix in integers.
    pub fn source(&self) -> Source<'static> {
        let radial = |kernel: &KernelSpec, bandwidths: &[f64]| {
            Source::Gram(Box::new(Gram::new(*kernel, self.points, bandwidths)))
        };
        match self.kernel {
            MercerKernel::Radial(kernel) => radial(kernel, &[kernel.bandwidth()]),
            MercerKernel::Anisotropic(kernel) => radial(kernel.unit(), kernel.bandwidths()),
            MercerKernel::Polynomial(kernel) => {
                Source::Integers(Integers::new(kernel, self.points).matrix())
            }
        }
    }
}

/// Bounds what two roundings of every coordinate of the scaled points do to an entry.
///
/// # Guarantee
/// A scaled point `w` is off by at most `2.1u‖w‖` (and by `2^{−1074}` a coordinate, where that
/// underflows), a distance by twice the largest of that, and `|dψ/dr|` is at most
/// [`Facts::steepness`](crate::kernel::Facts::steepness) at bandwidth one.
fn scaling_error(unit: &KernelSpec, scaled: &DMatrix<f64>) -> Option<f64> {
    let norms = scaled.column_iter().map(|w| w.norm());
    let radius = enlarged(norms.fold(0.0, f64::max), scaled.nrows() + 4);
    let moved = 5.0 * UNIT_ROUNDOFF * radius + scaled.nrows() as f64 * f64::MIN_POSITIVE;
    Some(enlarged(unit.facts().steepness? * moved, 4))
}

/// `(x·y + c)^p` at pairs of points, exactly.
struct Integers {
    /// Coordinates, `2^unit` the unit of all.
    columns: Vec<Vec<IBig>>,
    unit: i64,
    /// The offset, `2^common` its unit and that of `x·y + c`.
    constant: IBig,
    common: i64,
    degree: usize,
}

impl Integers {
    fn new(kernel: &Polynomial, points: DMatrixView<'_, f64>) -> Self {
        let unit = common_unit(points.iter());
        // Products are multiples of 4^unit; the offset may ask for a smaller unit.
        let common = if kernel.offset() == 0.0 {
            2 * unit
        } else {
            dyadic(kernel.offset()).1.min(2 * unit)
        };
        Self {
            columns: (points.column_iter())
                .map(|z| z.iter().map(|x| in_units(*x, unit)).collect())
                .collect(),
            unit,
            constant: in_units(kernel.offset(), common),
            common,
            degree: kernel.degree() as usize,
        }
    }

    /// `2^exponent` is the unit of an entry.
    fn exponent(&self) -> i64 {
        self.common * self.degree as i64
    }

    fn entry(&self, i: usize, j: usize) -> IBig {
        let terms = self.columns[i].iter().zip(&self.columns[j]);
        let product: IBig = terms.map(|(x, y)| x * y).sum();
        ((product << (2 * self.unit - self.common) as usize) + &self.constant).pow(self.degree)
    }

    fn matrix(&self) -> IntegerMatrix {
        let order = self.columns.len();
        let row = |i: usize| (0..=i).map(move |j| self.entry(i, j));
        IntegerMatrix {
            order,
            exponent: self.exponent(),
            entries: (0..order).into_par_iter().flat_map_iter(row).collect(),
        }
    }
}

/// Two columns that are equal, if any; `−0` is `0`.
pub(crate) fn equal_points<'a>(points: impl Into<DMatrixView<'a, f64>>) -> Option<(usize, usize)> {
    let points = points.into();
    let bits = |x: &f64| if *x == 0.0 { 0 } else { x.to_bits() };
    let mut seen = HashMap::new();
    let mut columns = points.column_iter().enumerate();
    columns.find_map(|(j, column)| {
        let key: Vec<u64> = column.iter().map(bits).collect();
        seen.insert(key, j).map(|i| (i, j))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;
    use nalgebra::dmatrix;

    fn kernel(name: &str) -> MercerKernel {
        name.parse().unwrap()
    }

    #[test]
    fn what_is_known_beforehand() {
        let smallest = |name: &str, points: &DMatrix<f64>| {
            let kernel = kernel(name);
            Problem::new(&kernel, points).known_smallest()
        };
        let largest = |name: &str, points: &DMatrix<f64>| {
            let kernel = kernel(name);
            Problem::new(&kernel, points).known_largest()
        };
        let (one, zero) = (Some(Endpoint::from(1.0)), Some(Endpoint::ZERO));
        let (single, pair) = (dmatrix![2.0; 3.0], dmatrix![2.0, 0.5; 3.0, 1.0]);
        for name in ["gaussian:1", "matern12:1,2"] {
            assert_eq!(
                (smallest(name, &single), largest(name, &single)),
                (one, one)
            );
            assert_eq!((smallest(name, &pair), largest(name, &pair)), (None, None));
            assert_eq!(smallest(name, &dmatrix![1.0, 1.0; -0.0, 0.0]), zero);
        }
        // A polynomial of one point is no known number, but zero.
        assert_eq!(smallest("linear", &single), None);
        assert_eq!(largest("linear", &single), None);
        assert_eq!(smallest("linear", &dmatrix![1.0, 0.0; 2.0, 0.0]), zero);
        assert_eq!(largest("linear", &dmatrix![1.0, 0.0; 2.0, 0.0]), None);
        assert_eq!(largest("linear", &dmatrix![0.0, 0.0]), zero);
        assert_eq!(smallest("polynomial(2):1", &dmatrix![0.0, 1.0]), None);
        assert_eq!(largest("polynomial(2):1", &dmatrix![0.0]), None);
        // Two monomials in two variables; three with the constant; six of degree two.
        let four = dmatrix![1.0, 2.0, 3.0, 4.0; 1.0, -1.0, 0.5, 0.25];
        let three = four.columns(0, 3).into_owned();
        assert_eq!(smallest("linear", &pair), None);
        assert_eq!(smallest("linear", &three), zero);
        assert_eq!(smallest("polynomial(1):1", &three), None);
        assert_eq!(smallest("polynomial(1):1", &four), zero);
        assert_eq!(smallest("polynomial(2):1", &four), None);
        assert_eq!(smallest("linear", &DMatrix::zeros(0, 1)), zero);
    }

    #[test]
    fn bounds_come_from_the_diagonal() {
        let points = dmatrix![1.0, 2.0, -3.0; 0.0, 0.5, 1.0];
        let polynomial = kernel("polynomial(2):1");
        // (1 + 1)², (4.25 + 1)², (10 + 1)².
        let problem = Problem::new(&polynomial, &points);
        assert_eq!(problem.bounds(false), (Endpoint::ZERO, 4.0.into()));
        assert_eq!(problem.bounds(true), ((-152.5625).into(), (-121.0).into()));
        let gaussian = kernel("gaussian:1");
        let problem = Problem::new(&gaussian, &points);
        assert_eq!(problem.bounds(false), (Endpoint::ZERO, 1.0.into()));
        assert_eq!(problem.bounds(true), ((-3.0).into(), (-1.0).into()));
    }

    #[test]
    fn integers_are_exact_values() {
        let points = dmatrix![0.75, -2.0, 1e-3; 0.0, 0.5, 3.0];
        for (name, offset) in [
            ("polynomial(3):0.125", 0.125),
            ("polynomial(3):4096", 4096.0),
        ] {
            let MercerKernel::Polynomial(kernel) = kernel(name) else {
                panic!("{name}")
            };
            let exact = Integers::new(&kernel, points.as_view()).matrix();
            // 0.75·(−2) + offset, cubed: a few bits.
            let expected: f64 = -1.5 + offset;
            let expected = expected * expected * expected;
            let entry = Endpoint::rounded(&exact.entries[1], exact.exponent, Direction::Down);
            assert_eq!(entry, expected.into());
            // 1e-3 is no short number: nothing is lost of it, so that squares are no f64.
            let last = &exact.entries[5];
            let down = Endpoint::rounded(last, exact.exponent, Direction::Down);
            let up = Endpoint::rounded(last, exact.exponent, Direction::Up);
            assert!(down < up);
            let rounded = kernel.value(&[1e-3, 3.0], &[1e-3, 3.0]);
            assert!((down.to_f64(Direction::Down) / rounded - 1.0).abs() < 1e-14);
        }
    }

    /// The distance of the computed matrix from the exact one, and its bound.
    fn defect(kernel: &MercerKernel, points: &DMatrix<f64>) -> (f64, f64) {
        let problem = Problem::new(kernel, points);
        let (computed, bound) = problem.in_double().unwrap();
        let exact = problem.source().in_full::<4>(false);
        let order = points.ncols();
        let mut largest = 0.0_f64;
        for i in 0..order {
            for j in 0..=i {
                let stored = exact.entry(i, j).integer();
                // Units of 2^{scale − 256}; what f64 computed is an integer times 2^{−1074}.
                let (rounded, exponent) = dyadic(computed[(i, j)]);
                let shift = exponent - exact.scale + 256;
                let rounded = if shift >= 0 {
                    rounded << shift as usize
                } else {
                    rounded >> shift.unsigned_abs() as usize
                };
                let difference = stored - rounded;
                let difference = Endpoint::rounded(&difference, exact.scale - 256, Direction::Up);
                largest = largest.max(difference.to_f64(Direction::Up).abs());
            }
        }
        (largest, bound)
    }

    #[test]
    fn the_matrix_in_double_is_within_its_bound() {
        let points = DMatrix::from_fn(3, 12, |i, j| ((7 * i + 3 * j + 1) as f64).sin() * 2.0);
        for name in [
            "linear",
            "polynomial(3):0.7",
            "polynomial(16):1",
            "gaussian:0.3,2,7",
            "matern52:1.1",
            "imq(5/2):0.9",
            "imq:0.3,2,7",
        ] {
            let (defect, bound) = defect(&kernel(name), &points);
            // The norm is at least the largest entry.
            assert!(
                defect <= bound && defect > 0.0,
                "{name} {defect:e} {bound:e}"
            );
            assert!(bound <= 1e5 * defect, "{name} {defect:e} {bound:e}");
        }
        let far = points.add_scalar(1e6);
        let (defect, bound) = defect(&kernel("gaussian:0.3,2,7"), &far);
        assert!(defect <= bound && bound < 1e-10, "{defect:e} {bound:e}");
    }

    #[test]
    fn scaling_moves_points_by_two_roundings() {
        let w = dmatrix![3.0, 0.0; 4.0, 1.0];
        let error = scaling_error(&"gaussian:1".parse().unwrap(), &w).unwrap() / UNIT_ROUNDOFF;
        assert!((25.0..25.1).contains(&error), "{error}");
        let steep = scaling_error(&"imq(8):1".parse().unwrap(), &w).unwrap() / UNIT_ROUNDOFF;
        assert!((100.0..100.1).contains(&steep), "{steep}");
    }

    #[test]
    fn bandwidths_scale_distances_exactly() {
        // 3/0.75 and 5/1.25: r² = 4² + 4².
        let kernel = kernel("gaussian:0.75,1.25");
        let points = dmatrix![0.0, 3.0; 5.0, 0.0];
        let value = Problem::new(&kernel, &points).source().in_full::<2>(false);
        let entry = value.entry(1, 0).integer() >> 64usize;
        let entry = u64::try_from(entry).unwrap() as f64 / 2.0_f64.powi(63);
        let unit: KernelSpec = "gaussian:1".parse().unwrap();
        assert!((entry / unit.profile(32.0) - 1.0).abs() < 1e-4 && entry > 0.0);
    }

    #[test]
    fn equal_points_are_found_whatever_the_sign_of_zero() {
        let equal = |points: DMatrix<f64>| equal_points(&points);
        assert_eq!(equal(dmatrix![1.0, 2.0, 1.0; 0.0, 0.0, -0.0]), Some((0, 2)));
        assert_eq!(equal(dmatrix![1.0, 2.0, 1.0; 0.0, 0.0, 1e-320]), None);
        // No coordinates: all points are the origin.
        assert_eq!(equal(DMatrix::zeros(0, 2)), Some((0, 1)));
    }
}
