//! Kernel expansions and lists of them.

use crate::arithmetic::Ball;
use nalgebra::DMatrix;

/// A vector field `Σ_j k(·, c_j)a_j` of the RKHS of a kernel, which the network knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub(super) centres: DMatrix<f64>,
    pub(super) coefficients: DMatrix<f64>,
    pub(super) norm_squared: Ball,
}

impl Field {
    /// The zero field on states of a dimension: no centre.
    #[must_use]
    pub fn zero(dimension: usize) -> Self {
        Self {
            centres: DMatrix::zeros(dimension, 0),
            coefficients: DMatrix::zeros(dimension, 0),
            norm_squared: Ball::from(0.0),
        }
    }

    /// Returns the centres `c_j`, q × M.
    #[must_use]
    pub fn centres(&self) -> &DMatrix<f64> {
        &self.centres
    }

    /// Returns the coefficients `a_j`, q × M.
    #[must_use]
    pub fn coefficients(&self) -> &DMatrix<f64> {
        &self.coefficients
    }

    /// Returns `M`, the number of sections.
    #[must_use]
    pub fn len(&self) -> usize {
        self.centres.ncols()
    }

    /// Tells whether there is no section: the zero field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns `‖v‖² = Σ_ij k(c_i, c_j) a_i·a_j`, found when the field was made.
    #[must_use]
    pub fn norm_squared(&self) -> Ball {
        self.norm_squared.positive_part()
    }

    /// Returns `Σ_j‖a_j‖ ≥ ‖v‖`.
    pub(super) fn mass(&self) -> f64 {
        self.coefficients.column_iter().map(|a| a.norm()).sum()
    }

    /// Returns the largest norm of a centre.
    pub(super) fn reach(&self) -> f64 {
        let norms = self.centres.column_iter().map(|c| c.norm());
        norms.fold(0.0, f64::max)
    }
}

/// A parameter of the non-parametric network: a field a layer, with `<v, w> = D⁻¹Σ<v_k, w_k>_V`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    pub(super) layers: Vec<Field>,
}

impl Expansion {
    /// Returns the fields `v_0, …, v_{D−1}`.
    #[must_use]
    pub fn layers(&self) -> &[Field] {
        &self.layers
    }

    /// Returns `D`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Returns the number of sections of all layers.
    pub fn sections(&self) -> usize {
        self.layers.iter().map(Field::len).sum()
    }
}

/// Puts columns side by side.
pub(super) fn beside(parts: &[&DMatrix<f64>]) -> DMatrix<f64> {
    let rows = parts[0].nrows();
    let columns = parts.iter().map(|part| part.ncols()).sum();
    let mut numbers = Vec::with_capacity(rows * columns);
    for part in parts {
        assert_eq!(part.nrows(), rows, "rows of matrices side by side");
        numbers.extend_from_slice(part.as_slice());
    }
    DMatrix::from_vec(rows, columns, numbers)
}
