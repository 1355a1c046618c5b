//! The polynomial kernel `(x·y + c)^p`, whose Gram matrices have a rank that does not grow.

use super::KernelError;
use std::fmt;

/// Largest degree.
pub const LARGEST_DEGREE: u32 = 16;

/// The kernel `k(x, y) = (x·y + c)^p`, `c ≥ 0`: positive semi-definite and not strictly so. Its
/// features are the monomials of degree `p` (at most `p`, if `c > 0`), finitely many: a control for
/// whatever needs `λ_min > 0`.
///
/// # Example
/// ```
/// use polyak::kernel::Polynomial;
/// let kernel = Polynomial::try_new(3, 1.0)?;
/// assert_eq!(kernel.value(&[2.0, 1.0], &[0.5, -1.0]), 1.0);
/// // Monomials of degree at most 3 in two variables.
/// assert_eq!(kernel.rank(2), 10);
/// # Ok::<(), polyak::kernel::KernelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polynomial {
    degree: u32,
    offset: f64,
}

impl fmt::Display for Polynomial {
    /// The name, as it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Polynomial {
    /// The linear kernel `x·y`.
    pub const LINEAR: Self = Self {
        degree: 1,
        offset: 0.0,
    };

    /// The kernel of degree `p` and offset `c`.
    ///
    /// # Errors
    /// [`KernelError::Degree`] unless `1 ≤ p ≤ 16`, [`KernelError::Offset`] unless `c` is finite and
    /// not negative.
    pub fn try_new(degree: u32, offset: f64) -> Result<Self, KernelError> {
        if !(1..=LARGEST_DEGREE).contains(&degree) {
            return Err(KernelError::Degree {
                degree: degree.to_string(),
            });
        }
        if !(offset >= 0.0 && offset.is_finite()) {
            return Err(KernelError::Offset { offset });
        }
        // −0 is 0.
        let offset = offset.abs();
        Ok(Self { degree, offset })
    }

    /// The degree `p`.
    #[must_use]
    pub fn degree(&self) -> u32 {
        self.degree
    }

    /// The offset `c`.
    #[must_use]
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// The value `(x·y + c)^p`, infinite if it overflows.
    ///
    /// # Panics
    /// When the points differ in length.
    #[must_use]
    pub fn value(&self, x: &[f64], y: &[f64]) -> f64 {
        assert_eq!(x.len(), y.len(), "points of two dimensions");
        self.of_product(x.iter().zip(y).map(|(a, b)| a * b).sum())
    }

    /// The value at points whose inner product is given.
    ///
    /// # Guarantee
    /// `p` roundings: a sum, and `p − 1` products.
    #[must_use]
    pub fn of_product(&self, product: f64) -> f64 {
        let base = product + self.offset;
        (1..self.degree).fold(base, |power, _| power * base)
    }

    /// The dimension of the space of features for points of `R^q`: no Gram matrix has a larger rank.
    /// `usize::MAX`, if that overflows.
    #[must_use]
    pub fn rank(&self, dimension: usize) -> usize {
        // Homogeneous polynomials in one variable more are all polynomials.
        let variables = dimension + usize::from(self.offset > 0.0);
        if variables == 0 {
            return 0;
        }
        // binomial(variables − 1 + p, p), a product of binomials all along.
        let mut count = 1u128;
        for k in 1..=u128::from(self.degree) {
            count = count.saturating_mul(variables as u128 - 1 + k) / k;
        }
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// `polynomial(3):1.0`, or `linear`.
    #[must_use]
    pub fn name(&self) -> String {
        if *self == Self::LINEAR {
            "linear".into()
        } else {
            format!("polynomial({}):{:?}", self.degree, self.offset)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_powers() {
        let kernel = Polynomial::try_new(3, 0.5).unwrap();
        assert_eq!((kernel.degree(), kernel.offset()), (3, 0.5));
        // 2·3 − 4 + 1/2, cubed: dyadic.
        assert_eq!(kernel.value(&[2.0, -1.0], &[3.0, 4.0]), 15.625);
        assert_eq!(Polynomial::LINEAR.value(&[2.0], &[-3.0]), -6.0);
        assert_eq!(kernel.of_product(1e200), f64::INFINITY);
    }

    #[test]
    fn ranks_count_monomials() {
        let rank = |degree, offset, dimension| {
            Polynomial::try_new(degree, offset).unwrap().rank(dimension)
        };
        assert_eq!(rank(1, 0.0, 5), 5);
        assert_eq!(rank(1, 1.0, 5), 6);
        assert_eq!(rank(2, 0.0, 3), 6);
        assert_eq!(rank(2, 1.0, 3), 10);
        assert_eq!((rank(4, 0.0, 0), rank(4, 1.0, 0)), (0, 1));
        assert_eq!(rank(16, 1.0, 100_000), usize::MAX);
    }

    #[test]
    fn what_is_no_kernel_is_refused() {
        for degree in [0, 17, u32::MAX] {
            let expected = KernelError::Degree {
                degree: degree.to_string(),
            };
            assert_eq!(Polynomial::try_new(degree, 1.0), Err(expected));
        }
        for offset in [-1e-300, f64::INFINITY] {
            let expected = KernelError::Offset { offset };
            assert_eq!(Polynomial::try_new(2, offset), Err(expected));
        }
        assert!(Polynomial::try_new(2, f64::NAN).is_err());
        assert_eq!(Polynomial::try_new(1, -0.0), Ok(Polynomial::LINEAR));
        assert!(Polynomial::try_new(16, 0.0).is_ok());
    }
}
