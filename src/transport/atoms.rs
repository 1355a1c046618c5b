//! Probability measures with finitely many atoms of rational mass.

use super::TransportError;
use nalgebra::DMatrix;

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
        validate(&points)?;
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

/// Refuses what has no atoms, is not finite, or is too large to be squared.
pub(super) fn validate(points: &DMatrix<f64>) -> Result<(), TransportError> {
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
