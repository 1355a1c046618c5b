//! What every residual network has: a lift, a readout and a depth.

use super::NetworkError;
use crate::arithmetic::{Ball, gamma};
use crate::linalg::gemm;
use crate::spectrum::{Extremes, extreme_eigenvalues};
use faer::Accum;
use nalgebra::DMatrix;

/// Lift `A` (q × d), readout `B` (d' × q) and depth `D` of a network, whatever its residuals.
///
/// # Example
/// ```
/// use polyak::resnet::Frame;
/// let frame = Frame::lifted(2, 1, 3.0, 4)?;
/// assert_eq!((frame.state_dimension(), frame.output_dimension(), frame.depth()), (3, 1, 4));
/// assert!(frame.readout_norm_squared().contains(9.0));
/// # Ok::<(), polyak::resnet::NetworkError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Frame {
    lift: DMatrix<f64>,
    readout: DMatrix<f64>,
    readout_spectrum: Extremes,
    readout_rounding: f64,
    depth: usize,
}

pub(super) fn require_finite(what: &'static str, a: &DMatrix<f64>) -> Result<(), NetworkError> {
    if a.is_empty() {
        return Err(NetworkError::Empty { what });
    }
    match a.iter().find(|x| !x.is_finite()) {
        Some(&value) => Err(NetworkError::NonFinite { what, value }),
        None => Ok(()),
    }
}

pub(super) fn require_shape(
    what: &'static str,
    a: &DMatrix<f64>,
    expected: (usize, usize),
) -> Result<(), NetworkError> {
    if a.shape() == expected {
        return Ok(());
    }
    Err(NetworkError::Shape {
        what,
        rows: a.nrows(),
        columns: a.ncols(),
        expected_rows: expected.0,
        expected_columns: expected.1,
    })
}

impl Frame {
    /// Takes a lift `A` (q × d), a readout `B` (d' × q), the state dimension `q` and a depth.
    ///
    /// # Errors
    /// No layer; an empty or non-finite matrix; shapes that do not fit.
    pub fn try_new(
        lift: DMatrix<f64>,
        readout: DMatrix<f64>,
        dimension: usize,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        if depth == 0 {
            return Err(NetworkError::NoLayers);
        }
        require_finite("the lift A", &lift)?;
        require_finite("the readout B", &readout)?;
        require_shape("the lift A", &lift, (dimension, lift.ncols()))?;
        require_shape("the readout B", &readout, (readout.nrows(), dimension))?;
        let mut gram = DMatrix::zeros(readout.nrows(), readout.nrows());
        gemm(
            &mut gram,
            Accum::Replace,
            1.0,
            &readout,
            false,
            &readout,
            true,
        );
        gram.fill_upper_triangle_with_lower_triangle();
        let readout_spectrum = extreme_eigenvalues(&gram)?;
        // ‖fl(BBᵀ) − BBᵀ‖₂ ≤ γ_q ‖B‖_F².
        let size = Ball::norm_of(readout.as_slice()).square().upper();
        let readout_rounding = gamma(dimension) * size;
        Ok(Self {
            lift,
            readout,
            readout_spectrum,
            readout_rounding,
            depth,
        })
    }

    /// Builds the frame of P10's recipe: state `R^{d+d'}`, `A = (Id; 0)`, `B = α(0, Id)`.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new).
    pub fn lifted(
        inputs: usize,
        outputs: usize,
        scale: f64,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        let state = inputs + outputs;
        let entry = |i: usize, j: usize| if j == inputs + i { scale } else { 0.0 };
        let (lift, readout) = (
            DMatrix::identity(state, inputs),
            DMatrix::from_fn(outputs, state, entry),
        );
        Self::try_new(lift, readout, state, depth)
    }

    /// Returns `A`, q × d.
    #[must_use]
    pub fn lift(&self) -> &DMatrix<f64> {
        &self.lift
    }

    /// Returns `B`, d' × q.
    #[must_use]
    pub fn readout(&self) -> &DMatrix<f64> {
        &self.readout
    }

    /// Returns `D`.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Returns `q`.
    #[must_use]
    pub fn state_dimension(&self) -> usize {
        self.lift.nrows()
    }

    /// Returns `d'`.
    #[must_use]
    pub fn output_dimension(&self) -> usize {
        self.readout.nrows()
    }

    /// Returns `‖B‖² = λ_max(BBᵀ)`.
    #[must_use]
    pub fn readout_norm_squared(&self) -> Ball {
        let enclosure = self.readout_spectrum.largest.non_negative();
        enclosure.ball().widened(self.readout_rounding)
    }

    /// Returns `σ_B² = λ_min(BBᵀ)`.
    #[must_use]
    pub fn readout_sigma_squared(&self) -> Ball {
        let enclosure = self.readout_spectrum.smallest.non_negative();
        enclosure.ball().widened(self.readout_rounding)
    }

    /// Returns the same lift and readout with `depth` layers.
    ///
    /// # Errors
    /// `depth` is zero.
    pub fn with_depth(&self, depth: usize) -> Result<Self, NetworkError> {
        if depth == 0 {
            return Err(NetworkError::NoLayers);
        }
        Ok(Self {
            depth,
            ..self.clone()
        })
    }

    /// Returns the same frame with the readout multiplied by `factor`.
    ///
    /// # Errors
    /// A factor that makes an entry infinite or NaN.
    pub fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError> {
        let readout = &self.readout * factor;
        Self::try_new(
            self.lift.clone(),
            readout,
            self.state_dimension(),
            self.depth,
        )
    }

    /// Checks that data fit: inputs d × N, targets d' × N, finite, N ≥ 1.
    ///
    /// # Errors
    /// Says which matrix does not fit.
    pub fn require_data(
        &self,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
    ) -> Result<(), NetworkError> {
        require_finite("the inputs", inputs)?;
        require_finite("the targets", targets)?;
        require_shape("the inputs", inputs, (self.lift.ncols(), inputs.ncols()))?;
        let expected = (self.output_dimension(), inputs.ncols());
        require_shape("the targets", targets, expected)
    }
}
