//! Probability measures with finitely many atoms of rational mass.

use super::{TransportError, divisor};
use nalgebra::{DMatrix, DMatrixView};

/// The largest coordinate in absolute value: squared differences stay far from overflow.
const LARGEST: f64 = 1e150;

/// A probability measure: atoms with integer masses in units of one over their total.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::transport::Atoms;
/// let uniform = Atoms::uniform(dmatrix![0.0, 1.0, 2.0])?;
/// let weighted = Atoms::new(dmatrix![0.0, 1.0], vec![1, 2])?;
/// assert_eq!((uniform.total(), weighted.total()), (3, 3));
/// # Ok::<(), polyak::transport::TransportError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Atoms {
    points: DMatrix<f64>,
    masses: Vec<u64>,
}

impl Atoms {
    /// Creates the measure with an atom of mass `masses[j]/Σ masses` at every column of `points`.
    ///
    /// # Errors
    /// [`TransportError::Empty`], [`TransportError::NotFinite`], [`TransportError::Overflow`],
    /// [`TransportError::Masses`], and [`TransportError::Units`] if the total is not exact in f64.
    pub fn new(points: DMatrix<f64>, masses: Vec<u64>) -> Result<Self, TransportError> {
        validate(points.as_view())?;
        let positive = masses.iter().filter(|&&mass| mass > 0).count();
        if positive != points.ncols() || masses.len() != positive {
            return Err(TransportError::Masses {
                masses: positive,
                atoms: points.ncols(),
            });
        }
        let total = masses
            .iter()
            .fold(0u64, |sum, &mass| sum.saturating_add(mass));
        if total > super::LARGEST_UNIT {
            return Err(TransportError::Units {
                source_mass: total,
                target_mass: total,
            });
        }
        Ok(Self { points, masses })
    }

    /// Creates the measure with atoms of equal mass at the columns of `points`.
    ///
    /// # Errors
    /// Those of [`Atoms::new`].
    pub fn uniform(points: DMatrix<f64>) -> Result<Self, TransportError> {
        let masses = vec![1; points.ncols()];
        Self::new(points, masses)
    }

    /// Creates the measure with an atom of mass `weights[j]/Σ weights` at every column of `points`: exactly these
    /// rational numbers, of which a decimal in f64 is seldom the one that is written; see [`Atoms::from_decimals`]. Atoms of
    /// weight zero are left out.
    ///
    /// # Errors
    /// Those of [`Atoms::new`]; [`TransportError::Weight`] if one is negative, infinite or NaN;
    /// [`TransportError::Weightless`] if all are zero; [`TransportError::Resolution`] if the smallest common unit of
    /// the weights is below 2⁻⁵³ of their sum.
    ///
    /// # Example
    /// ```
    /// use nalgebra::dmatrix;
    /// use polyak::transport::{Atoms, TransportError};
    /// let points = dmatrix![0.0, 1.0, 2.0];
    /// let atoms = Atoms::from_weights(points.clone(), &[0.3, 0.0, 0.6])?;
    /// assert_eq!((atoms.points(), atoms.masses()), (&dmatrix![0.0, 2.0], &[1, 2][..]));
    /// // The f64 number 0.1 is an odd multiple of 2⁻⁵⁵, and 0.7 no multiple of it.
    /// let found = Atoms::from_weights(points, &[0.1, 0.2, 0.7]);
    /// assert!(matches!(found, Err(TransportError::Resolution { .. })));
    /// # Ok::<(), TransportError>(())
    /// ```
    pub fn from_weights(points: DMatrix<f64>, weights: &[f64]) -> Result<Self, TransportError> {
        Self::in_units(points, weights, multiples)
    }

    /// Creates the measure with an atom of mass `w_j/Σ w` at every column of `points`, where the rational number `w_j` is the
    /// shortest decimal that is read as `weights[j]`: 0.1 is one tenth, not the f64 number nearest to it. Atoms of
    /// weight zero are left out.
    ///
    /// # Errors
    /// Those of [`Atoms::from_weights`], of the decimals.
    ///
    /// # Example
    /// ```
    /// use nalgebra::dmatrix;
    /// use polyak::transport::Atoms;
    /// let atoms = Atoms::from_decimals(dmatrix![0.0, 1.0, 2.0], &[0.1, 0.2, 0.7])?;
    /// assert_eq!(atoms.masses(), [1, 2, 7]);
    /// # Ok::<(), polyak::transport::TransportError>(())
    /// ```
    pub fn from_decimals(points: DMatrix<f64>, weights: &[f64]) -> Result<Self, TransportError> {
        Self::in_units(points, weights, decimal_multiples)
    }

    /// Creates the measure of weights whose multiples of a unit are found.
    fn in_units(
        points: DMatrix<f64>,
        weights: &[f64],
        multiples: impl Fn(&[f64]) -> Result<Vec<u64>, TransportError>,
    ) -> Result<Self, TransportError> {
        validate(points.as_view())?;
        for (atom, &value) in weights.iter().enumerate() {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(TransportError::Weight { atom, value });
            }
        }
        if weights.len() != points.ncols() {
            return Err(TransportError::Masses {
                masses: weights.len(),
                atoms: points.ncols(),
            });
        }
        let kept: Vec<usize> = (0..weights.len()).filter(|&j| weights[j] > 0.0).collect();
        if kept.is_empty() {
            return Err(TransportError::Weightless);
        }
        let weights: Vec<f64> = kept.iter().map(|&j| weights[j]).collect();
        let masses = multiples(&weights)?;
        let points = if kept.len() == points.ncols() {
            points
        } else {
            points.select_columns(&kept)
        };
        Self::new(points, masses)
    }

    /// The atoms, a column each.
    #[must_use]
    pub fn points(&self) -> &DMatrix<f64> {
        &self.points
    }

    /// Their masses in units of one over [`Atoms::total`].
    #[must_use]
    pub fn masses(&self) -> &[u64] {
        &self.masses
    }

    /// The same measure with equal weights: every atom as many times as it has units of mass.
    ///
    /// # Cost
    /// [`Atoms::total`] columns.
    #[must_use]
    pub fn copies(&self) -> DMatrix<f64> {
        let columns = self.points.column_iter().zip(&self.masses);
        let copies = columns.flat_map(|(x, &mass)| std::iter::repeat_n(x, mass as usize));
        DMatrix::from_columns(&copies.collect::<Vec<_>>())
    }

    /// The sum of the masses, at most 2^53.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.masses.iter().sum()
    }
}

/// The odd integer and the power of two whose product a positive number is.
fn decoded(x: f64) -> (u64, i32) {
    const FRACTION: u64 = (1 << 52) - 1;
    let (bits, subnormal) = (x.to_bits(), x < f64::MIN_POSITIVE);
    let mantissa = (bits & FRACTION) | (u64::from(!subnormal) << 52);
    let exponent = ((bits >> 52) as i32).max(1) - 1075;
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + zeros as i32)
}

/// Positive numbers as multiples of the largest unit that divides them all; their sum is 2^53 at most.
fn multiples(weights: &[f64]) -> Result<Vec<u64>, TransportError> {
    let decoded: Vec<(u64, i32)> = weights.iter().map(|&weight| decoded(weight)).collect();
    // Odd factors are common or they are not, whatever the powers of two.
    let factor = decoded
        .iter()
        .fold(0, |factor, &(odd, _)| divisor(factor, odd));
    let least = decoded.iter().map(|&(_, exponent)| exponent).min();
    let least = least.expect("a weight");
    let mut masses = Vec::with_capacity(weights.len());
    let mut sum = 0u64;
    for (odd, exponent) in decoded {
        let (odd, shift) = (odd / factor, (exponent - least) as u32);
        let bits = u64::BITS - odd.leading_zeros() + shift;
        // Terms of 54 bits, and a sum that was no more than 2^53 before: neither overflows.
        let too_large = |bits| Err(TransportError::Resolution { bits });
        if bits > 54 {
            return too_large(bits);
        }
        let mass = odd << shift;
        sum += mass;
        if sum > super::LARGEST_UNIT {
            return too_large(u64::BITS - sum.leading_zeros());
        }
        masses.push(mass);
    }
    Ok(masses)
}

/// The whole number and the power of ten whose product is the shortest decimal of a positive number.
fn decimal(x: f64) -> (u64, i32) {
    let written = format!("{x:e}");
    let (mantissa, exponent) = written.split_once('e').expect("an exponent");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let exponent: i32 = exponent.parse().expect("a whole number");
    // At most 17 digits.
    let digits = digits.parse().expect("digits");
    (digits, exponent - fraction.len() as i32)
}

/// The shortest decimals of positive numbers as multiples of the largest unit that divides them all; their sum is 2^53 at
/// most.
fn decimal_multiples(weights: &[f64]) -> Result<Vec<u64>, TransportError> {
    let decimals: Vec<(u64, i32)> = weights.iter().map(|&weight| decimal(weight)).collect();
    let least = decimals.iter().map(|&(_, exponent)| exponent).min();
    let least = least.expect("a weight");
    // The common unit is a multiple of 10^least by 17 digits at most, 57 bits, and what passes 2^128 of 10^least has 72 bits of it.
    let beyond = TransportError::Resolution { bits: 72 };
    let terms = decimals.iter().map(|&(digits, exponent)| {
        let power = 10u128.checked_pow((exponent - least) as u32)?;
        u128::from(digits).checked_mul(power)
    });
    let terms: Vec<u128> = terms.collect::<Option<_>>().ok_or(beyond)?;
    let factor = terms.iter().fold(0, |factor, &term| common(factor, term));
    let mut sum = 0u128;
    let mut masses = Vec::with_capacity(terms.len());
    for term in terms {
        let mass = term / factor;
        // A term of 128 bits and a sum that was no more than 2^53 before.
        sum = sum.saturating_add(mass);
        if sum > u128::from(super::LARGEST_UNIT) {
            let bits = u128::BITS - sum.leading_zeros();
            return Err(TransportError::Resolution { bits });
        }
        masses.push(mass as u64);
    }
    Ok(masses)
}

/// The greatest common divisor; of zero and a number, that number.
fn common(mut a: u128, mut b: u128) -> u128 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Refuses what has no atoms, is not finite, or is too large to be squared.
pub(super) fn validate(points: DMatrixView<'_, f64>) -> Result<(), TransportError> {
    if points.is_empty() {
        return Err(TransportError::Empty);
    }
    for (atom, column) in points.column_iter().enumerate() {
        for (coordinate, &value) in column.iter().enumerate() {
            if !value.is_finite() {
                return Err(TransportError::NotFinite {
                    atom,
                    coordinate,
                    value,
                });
            }
            if value.abs() > LARGEST {
                return Err(TransportError::Overflow {
                    atom,
                    coordinate,
                    value,
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn masses(weights: &[f64]) -> Result<Vec<u64>, TransportError> {
        let points = DMatrix::from_fn(1, weights.len(), |_, j| j as f64);
        Atoms::from_weights(points, weights).map(|atoms| atoms.masses().to_vec())
    }

    #[test]
    fn numbers_are_odd_multiples_of_powers_of_two() {
        assert_eq!(decoded(1.0), (1, 0));
        assert_eq!(decoded(12.0), (3, 2));
        assert_eq!(decoded(0.3), (0x13_3333_3333_3333, -54));
        assert_eq!(decoded(f64::from_bits(6)), (3, -1073));
        assert_eq!(decoded(f64::MAX), ((1 << 53) - 1, 971));
        assert_eq!(decoded(f64::MIN_POSITIVE), (1, -1022));
    }

    #[test]
    fn weights_are_taken_exactly() {
        assert_eq!(masses(&[0.5, 0.5]), Ok(vec![1, 1]));
        assert_eq!(masses(&[0.25, 3.0, 1.5]), Ok(vec![1, 12, 6]));
        // One odd factor in all of them, at any power of two.
        assert_eq!(masses(&[0.3, 0.6, 1.2]), Ok(vec![1, 2, 4]));
        assert_eq!(masses(&[f64::MAX, f64::MAX]), Ok(vec![1, 1]));
        let least = f64::from_bits(1);
        assert_eq!(masses(&[least, 3.0 * least]), Ok(vec![1, 3]));
        // Up to 2^53 in all.
        let half = 2f64.powi(52);
        assert_eq!(
            masses(&[half, half - 1.0, 1.0]),
            Ok(vec![1 << 52, (1 << 52) - 1, 1])
        );
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        for value in [-1.0, f64::INFINITY] {
            let found = masses(&[1.0, value]);
            assert_eq!(found, Err(TransportError::Weight { atom: 1, value }));
        }
        let found = masses(&[f64::NAN]);
        assert!(matches!(found, Err(TransportError::Weight { atom: 0, value }) if value.is_nan()));
        assert_eq!(masses(&[0.0, 0.0]), Err(TransportError::Weightless));
        assert!(
            TransportError::Weightless
                .to_string()
                .contains("weight is zero")
        );
        let found = Atoms::from_weights(dmatrix![1.0, 2.0], &[1.0]);
        let expected = TransportError::Masses {
            masses: 1,
            atoms: 2,
        };
        assert_eq!(found, Err(expected));
    }

    fn of_decimals(weights: &[f64]) -> Result<Vec<u64>, TransportError> {
        let points = DMatrix::from_fn(1, weights.len(), |_, j| j as f64);
        Atoms::from_decimals(points, weights).map(|atoms| atoms.masses().to_vec())
    }

    #[test]
    fn decimals_are_taken_as_they_are_written() {
        for (number, expected) in [
            (0.1, (1, -1)),
            (1.0, (1, 0)),
            (12.5, (125, -1)),
            (1e22, (1, 22)),
            (1500.0, (15, 2)),
            (5e-324, (5, -324)),
            (0.1 + 0.2, (30_000_000_000_000_004, -17)),
        ] {
            assert_eq!(decimal(number), expected, "{number}");
        }
        assert_eq!(of_decimals(&[0.2, 0.3, 0.5]), Ok(vec![2, 3, 5]));
        assert_eq!(of_decimals(&[0.1, 0.0, 0.7]), Ok(vec![1, 7]));
        assert_eq!(of_decimals(&[0.25, 3.0, 1.5]), Ok(vec![1, 12, 6]));
        assert_eq!(of_decimals(&[1e300, 2e300]), Ok(vec![1, 2]));
        assert_eq!(of_decimals(&[150.0, 1e15]), Ok(vec![3, 20_000_000_000_000]));
        assert_eq!(of_decimals(&[0.0]), Err(TransportError::Weightless));
        let half = 2f64.powi(52);
        assert_eq!(of_decimals(&[half, half]), Ok(vec![1, 1]));
        assert_eq!(
            of_decimals(&[half, half - 1.0, 1.0]),
            Ok(vec![1 << 52, (1 << 52) - 1, 1])
        );
    }

    #[test]
    fn decimals_that_are_too_fine_are_refused() {
        let refused = |bits| Err(TransportError::Resolution { bits });
        assert_eq!(of_decimals(&[1.0, 2f64.powi(53)]), refused(54));
        assert_eq!(of_decimals(&[1e-30, 1.0]), refused(100));
        assert_eq!(of_decimals(&[1e-300, 1e300]), refused(72));
        // 3 and 2·10¹⁸.
        assert_eq!(of_decimals(&[150.0, 1e20]), refused(61));
        // 7500000000000001 and 25·10¹⁴.
        assert_eq!(of_decimals(&[0.1 + 0.2, 0.1]), refused(54));
    }

    #[test]
    fn units_that_are_too_fine_are_refused() {
        let found = masses(&[1.0, 2f64.powi(54)]);
        assert_eq!(found, Err(TransportError::Resolution { bits: 55 }));
        let found = masses(&[1.0, 2f64.powi(53)]);
        assert_eq!(found, Err(TransportError::Resolution { bits: 54 }));
        let found = masses(&[1e-300, 1e300]);
        assert!(matches!(found, Err(TransportError::Resolution { bits }) if bits > 1900));
    }
}
