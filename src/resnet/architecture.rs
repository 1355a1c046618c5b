//! The architecture: lift, features, readout, depth.

use super::{NetworkError, Weights};
use crate::arithmetic::{Ball, gamma};
use crate::features::FourierFeatures;
use crate::linalg::gemm;
use crate::spectrum::{Extremes, extreme_eigenvalues};
use faer::Accum;
use nalgebra::DMatrix;

/// A residual network `x ↦ B z_D` with `z_0 = Ax`, `z_{k+1} = z_k + W_kφ(z_k)/D`.
///
/// Shapes: `A` is q × d, `B` is d' × q, the features map `R^q → R^{2m}`, and
/// each of the `D` weights is q × 2m.
///
/// # Example
/// ```
/// use polyak::{features::FourierFeatures, kernel::Gaussian, resnet::{ResNet, Weights}};
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 3, 8, 0)?;
/// let network = ResNet::lifted(2, 1, 10.0, features, 4)?;
/// let inputs = nalgebra::dmatrix![0.0, 1.0; 1.0, 0.0];
/// // With P10's lift the zero network predicts zero.
/// assert_eq!(network.predict(&network.zero_weights(), &inputs), nalgebra::dmatrix![0.0, 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ResNet {
    lift: DMatrix<f64>,
    readout: DMatrix<f64>,
    readout_spectrum: Extremes,
    readout_rounding: f64,
    features: FourierFeatures,
    depth: usize,
}

fn require_finite(what: &'static str, a: &DMatrix<f64>) -> Result<(), NetworkError> {
    if a.is_empty() {
        return Err(NetworkError::Empty { what });
    }
    match a.iter().find(|x| !x.is_finite()) {
        Some(&value) => Err(NetworkError::NonFinite { what, value }),
        None => Ok(()),
    }
}

fn require_shape(
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

impl ResNet {
    /// Builds a network from lift `A` (q × d), readout `B` (d' × q), features on `R^q` and depth.
    ///
    /// # Errors
    /// No layer; an empty or non-finite matrix; shapes that do not fit.
    pub fn try_new(
        lift: DMatrix<f64>,
        readout: DMatrix<f64>,
        features: FourierFeatures,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        if depth == 0 {
            return Err(NetworkError::NoLayers);
        }
        require_finite("the lift A", &lift)?;
        require_finite("the readout B", &readout)?;
        let dimension = features.dimension();
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
            features,
            depth,
        })
    }

    /// Builds the network of P10's recipe: state `R^{d+d'}`, `A = (Id; 0)`, `B = α(0, Id)`.
    ///
    /// Then `BA = 0`, so that the zero network predicts zero whatever `α`.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new); the features must live on `R^{d+d'}`.
    pub fn lifted(
        inputs: usize,
        outputs: usize,
        scale: f64,
        features: FourierFeatures,
        depth: usize,
    ) -> Result<Self, NetworkError> {
        let state = inputs + outputs;
        let lift = DMatrix::identity(state, inputs);
        let readout = DMatrix::from_fn(
            outputs,
            state,
            |i, j| {
                if j == inputs + i { scale } else { 0.0 }
            },
        );
        Self::try_new(lift, readout, features, depth)
    }

    /// Returns `A`, q × d.
    pub fn lift(&self) -> &DMatrix<f64> {
        &self.lift
    }

    /// Returns `B`, d' × q.
    pub fn readout(&self) -> &DMatrix<f64> {
        &self.readout
    }

    /// Returns the feature map.
    pub fn features(&self) -> &FourierFeatures {
        &self.features
    }

    /// Returns `D`.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Returns `q`.
    pub fn state_dimension(&self) -> usize {
        self.lift.nrows()
    }

    /// Returns `d'`.
    pub fn output_dimension(&self) -> usize {
        self.readout.nrows()
    }

    /// Returns `‖B‖² = λ_max(BBᵀ)`.
    pub fn readout_norm_squared(&self) -> Ball {
        let enclosure = self.readout_spectrum.largest.non_negative();
        enclosure.ball().widened(self.readout_rounding)
    }

    /// Returns `σ_B² = λ_min(BBᵀ)`.
    pub fn readout_sigma_squared(&self) -> Ball {
        let enclosure = self.readout_spectrum.smallest.non_negative();
        enclosure.ball().widened(self.readout_rounding)
    }

    /// Returns weights that are all zero.
    pub fn zero_weights(&self) -> Weights {
        Weights::zeros(self.depth, self.state_dimension(), self.features.width())
    }

    /// Returns the same network with the readout multiplied by `factor`.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new): a factor that makes an entry infinite or NaN.
    pub fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError> {
        let readout = &self.readout * factor;
        Self::try_new(
            self.lift.clone(),
            readout,
            self.features.clone(),
            self.depth,
        )
    }

    /// Returns the predictions (d' × N) for inputs (d × N).
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn predict(&self, weights: &Weights, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        let mut tape = super::Tape::new(self, inputs.ncols());
        let targets = DMatrix::zeros(self.output_dimension(), inputs.ncols());
        tape.forward(self, weights, inputs, &targets);
        tape.errors().clone()
    }

    /// Checks that data fit the network: inputs d × N, targets d' × N, finite, N ≥ 1.
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
