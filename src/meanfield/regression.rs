//! What a network learns: data, an activation, and how the output is read off the state.

use super::{Activation, MeanFieldError};
use nalgebra::DMatrix;

/// Data and architecture: `x_0 = x^i`, the output `F = αPx_D`, `P` the last `d'` coordinates, and the risk
/// `L(μ) = (2N)⁻¹Σ‖αPx_D^i − y^i‖²`.
///
/// With `d' = q` and `α = 1` this is the network of the paper; with a lift `x ↦ (x, 0)` and a scale `α` that of
/// the claim C11.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::meanfield::{Activation, Regression};
/// // Two samples of two coordinates; the second coordinate is learnt, at scale 10.
/// let task = Regression::try_new(Activation::Tanh, 10.0, dmatrix![0.5, 1.0; 0.0, 0.0], dmatrix![1.0, -1.0])?;
/// assert_eq!((task.samples(), task.state_dimension(), task.outputs()), (2, 2, 1));
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    activation: Activation,
    scale: f64,
    inputs: DMatrix<f64>,
    targets: DMatrix<f64>,
}

impl Regression {
    /// Creates a task.
    ///
    /// # Arguments
    /// * `scale`: `α`; `inputs`: q × N; `targets`: d' × N, `1 ≤ d' ≤ q`.
    ///
    /// # Errors
    /// No sample or coordinate, shapes that do not fit, numbers that are not finite.
    pub fn try_new(
        activation: Activation,
        scale: f64,
        inputs: DMatrix<f64>,
        targets: DMatrix<f64>,
    ) -> Result<Self, MeanFieldError> {
        for (what, matrix) in [("inputs", &inputs), ("targets", &targets)] {
            if matrix.is_empty() {
                return Err(MeanFieldError::Empty { what });
            }
            if let Some(&value) = matrix.iter().find(|x| !x.is_finite()) {
                return Err(MeanFieldError::NonFinite { what, value });
            }
        }
        if !scale.is_finite() {
            let (what, value) = ("the output scale", scale);
            return Err(MeanFieldError::NonFinite { what, value });
        }
        if inputs.ncols() != targets.ncols() {
            return Err(MeanFieldError::Length {
                what: "row of the targets",
                index: 0,
                length: targets.ncols(),
                expected: inputs.ncols(),
            });
        }
        if targets.nrows() > inputs.nrows() {
            return Err(MeanFieldError::Outputs {
                outputs: targets.nrows(),
                state: inputs.nrows(),
            });
        }
        Ok(Self {
            activation,
            scale,
            inputs,
            targets,
        })
    }

    /// Returns `σ`.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Returns `α`.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Returns the inputs, q × N.
    #[must_use]
    pub fn inputs(&self) -> &DMatrix<f64> {
        &self.inputs
    }

    /// Returns the targets, d' × N.
    #[must_use]
    pub fn targets(&self) -> &DMatrix<f64> {
        &self.targets
    }

    /// Returns `N`.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.inputs.ncols()
    }

    /// Returns `q`.
    #[must_use]
    pub fn state_dimension(&self) -> usize {
        self.inputs.nrows()
    }

    /// Returns `d'`.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.targets.nrows()
    }

    /// Returns the same task with other targets.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new).
    pub fn with_targets(&self, targets: DMatrix<f64>) -> Result<Self, MeanFieldError> {
        Self::try_new(self.activation, self.scale, self.inputs.clone(), targets)
    }

    /// Returns the same task at another output scale.
    ///
    /// # Errors
    /// A scale that is not finite.
    pub fn with_scale(&self, scale: f64) -> Result<Self, MeanFieldError> {
        Self::try_new(
            self.activation,
            scale,
            self.inputs.clone(),
            self.targets.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_task_is_an_error() {
        let task = |scale, inputs: (usize, usize), targets: (usize, usize)| {
            let zeros = |(rows, columns)| DMatrix::zeros(rows, columns);
            Regression::try_new(Activation::Tanh, scale, zeros(inputs), zeros(targets))
        };
        let sound = task(2.0, (3, 4), (1, 4)).unwrap();
        assert_eq!(
            (sound.samples(), sound.state_dimension(), sound.outputs()),
            (4, 3, 1)
        );
        assert_eq!((sound.scale(), sound.activation()), (2.0, Activation::Tanh));
        assert!(task(1.0, (3, 4), (3, 4)).is_ok());
        assert_eq!(
            task(1.0, (0, 4), (1, 4)),
            Err(MeanFieldError::Empty { what: "inputs" })
        );
        assert_eq!(
            task(1.0, (1, 4), (0, 4)),
            Err(MeanFieldError::Empty { what: "targets" })
        );
        assert_eq!(
            task(1.0, (1, 4), (2, 4)),
            Err(MeanFieldError::Outputs {
                outputs: 2,
                state: 1
            })
        );
        assert!(matches!(
            task(1.0, (1, 4), (1, 3)),
            Err(MeanFieldError::Length {
                length: 3,
                expected: 4,
                ..
            })
        ));
        assert!(matches!(
            task(f64::INFINITY, (1, 1), (1, 1)),
            Err(MeanFieldError::NonFinite { .. })
        ));
        let nan = DMatrix::from_element(1, 4, f64::INFINITY);
        assert!(matches!(
            sound.with_targets(nan),
            Err(MeanFieldError::NonFinite {
                what: "targets",
                ..
            })
        ));
        assert_eq!(sound.with_scale(3.0).unwrap().scale(), 3.0);
    }
}
