//! The architecture: lift, features, readout, depth.

use super::{Frame, NetworkError, Weights};
use crate::arithmetic::Ball;
use crate::features::FourierFeatures;
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
    frame: Frame,
    features: FourierFeatures,
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
        let frame = Frame::try_new(lift, readout, features.dimension(), depth)?;
        Ok(Self { frame, features })
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
        let frame = Frame::lifted(inputs, outputs, scale, depth)?;
        Self::try_new(
            frame.lift().clone(),
            frame.readout().clone(),
            features,
            depth,
        )
    }

    /// Returns lift, readout and depth.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Returns `A`, q × d.
    pub fn lift(&self) -> &DMatrix<f64> {
        self.frame.lift()
    }

    /// Returns `B`, d' × q.
    pub fn readout(&self) -> &DMatrix<f64> {
        self.frame.readout()
    }

    /// Returns the feature map.
    pub fn features(&self) -> &FourierFeatures {
        &self.features
    }

    /// Returns `D`.
    pub fn depth(&self) -> usize {
        self.frame.depth()
    }

    /// Returns `q`.
    pub fn state_dimension(&self) -> usize {
        self.frame.state_dimension()
    }

    /// Returns `d'`.
    pub fn output_dimension(&self) -> usize {
        self.frame.output_dimension()
    }

    /// Returns `‖B‖² = λ_max(BBᵀ)`.
    pub fn readout_norm_squared(&self) -> Ball {
        self.frame.readout_norm_squared()
    }

    /// Returns `σ_B² = λ_min(BBᵀ)`.
    pub fn readout_sigma_squared(&self) -> Ball {
        self.frame.readout_sigma_squared()
    }

    /// Returns the same lift, features and readout with `depth` layers.
    ///
    /// # Errors
    /// `depth` is zero.
    pub fn with_depth(&self, depth: usize) -> Result<Self, NetworkError> {
        Ok(Self {
            frame: self.frame.with_depth(depth)?,
            features: self.features.clone(),
        })
    }

    /// Returns weights that are all zero.
    pub fn zero_weights(&self) -> Weights {
        Weights::zeros(self.depth(), self.state_dimension(), self.features.width())
    }

    /// Returns the same network with the readout multiplied by `factor`.
    ///
    /// # Errors
    /// As [`try_new`](Self::try_new): a factor that makes an entry infinite or NaN.
    pub fn with_readout_scaled(&self, factor: f64) -> Result<Self, NetworkError> {
        Ok(Self {
            frame: self.frame.with_readout_scaled(factor)?,
            features: self.features.clone(),
        })
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
        self.frame.require_data(inputs, targets)
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Case, chirp};
    use super::*;
    use crate::arithmetic::UNIT_ROUNDOFF;
    use nalgebra::dmatrix;

    fn features(q: usize) -> FourierFeatures {
        FourierFeatures::try_new(chirp(1, q, 4)).unwrap()
    }

    fn with_readout(readout: DMatrix<f64>) -> ResNet {
        let q = readout.ncols();
        ResNet::try_new(DMatrix::identity(q, q), readout, features(q), 2).unwrap()
    }

    #[test]
    fn depth_is_all_that_changes_with_it() {
        let network = Case::new([2, 3, 2, 4, 3, 2], 0).network;
        let deep = network.with_depth(12).unwrap();
        assert_eq!((deep.depth(), network.depth()), (12, 3));
        assert_eq!(deep.lift(), network.lift());
        assert_eq!(deep.zero_weights().depth(), 12);
        assert_eq!(network.with_depth(0).unwrap_err(), NetworkError::NoLayers);
    }

    #[test]
    fn refusals_name_the_matrix() {
        use NetworkError::*;
        let build = |lift, readout, depth| {
            ResNet::try_new(lift, readout, features(3), depth).expect_err("a refusal")
        };
        let (lift, readout) = (chirp(2, 3, 2), chirp(3, 1, 3));
        assert_eq!(build(lift.clone(), readout.clone(), 0), NoLayers);
        let what = "the lift A";
        assert_eq!(
            build(DMatrix::zeros(3, 0), readout.clone(), 1),
            Empty { what }
        );
        let shape = |what, (rows, columns), (expected_rows, expected_columns)| Shape {
            what,
            rows,
            columns,
            expected_rows,
            expected_columns,
        };
        assert_eq!(
            build(chirp(2, 4, 2), readout.clone(), 1),
            shape(what, (4, 2), (3, 2))
        );
        let value = f64::INFINITY;
        assert_eq!(
            build(lift.clone() * value, readout.clone(), 1),
            NonFinite { what, value }
        );
        let what = "the readout B";
        assert_eq!(build(lift.clone(), DMatrix::zeros(0, 3), 1), Empty { what });
        assert_eq!(
            build(lift.clone(), chirp(3, 2, 4), 1),
            shape(what, (2, 4), (2, 3))
        );
        let mut broken = readout;
        broken[(0, 1)] = f64::NAN;
        let refused = build(lift.clone(), broken, 1);
        assert!(matches!(refused, NonFinite { value, .. } if value.is_nan()));
        // Squares overflow: the Gram matrix of the readout is not finite.
        let huge = dmatrix![1e200, 0.0, 0.0];
        assert!(matches!(build(lift, huge, 1), Spectrum(_)));
    }

    #[test]
    fn data_must_fit() {
        let case = Case::new([2, 3, 1, 4, 2, 5], 1);
        let refused = |inputs: &DMatrix<f64>, targets: &DMatrix<f64>| {
            let error = case.network.require_data(inputs, targets).unwrap_err();
            error.to_string()
        };
        let (inputs, targets) = (&case.inputs, &case.targets);
        assert_eq!(case.network.require_data(inputs, targets), Ok(()));
        let message = refused(&chirp(1, 3, 5), targets);
        assert_eq!(
            message,
            "the shape of the inputs is 3 × 5, and 2 × 5 is expected"
        );
        let message = refused(inputs, &chirp(1, 1, 4));
        assert_eq!(
            message,
            "the shape of the targets is 1 × 4, and 1 × 5 is expected"
        );
        let message = refused(inputs, &chirp(1, 2, 5));
        assert_eq!(
            message,
            "the shape of the targets is 2 × 5, and 1 × 5 is expected"
        );
        let message = refused(&DMatrix::zeros(2, 0), &DMatrix::zeros(1, 0));
        assert_eq!(
            message,
            "there is nothing in the inputs: give at least one entry"
        );
        let message = refused(&(inputs * f64::NAN), targets);
        assert_eq!(
            message,
            "the inputs contains NaN: every entry must be finite"
        );
        let message = refused(inputs, &(targets * f64::INFINITY));
        assert!(message.starts_with("the targets contains"));
    }

    #[test]
    fn lift_of_the_recipe_is_invisible_to_its_readout() {
        let network = ResNet::lifted(2, 3, 7.0, features(5), 4).unwrap();
        assert_eq!(network.lift().shape(), (5, 2));
        assert_eq!(network.readout().shape(), (3, 5));
        assert_eq!(network.readout() * network.lift(), DMatrix::zeros(3, 2));
        let x = dmatrix![1.0; 2.0];
        assert_eq!(network.lift() * &x, dmatrix![1.0; 2.0; 0.0; 0.0; 0.0]);
        let z = dmatrix![1.0; 2.0; 3.0; 4.0; 5.0];
        assert_eq!(network.readout() * z, dmatrix![21.0; 28.0; 35.0]);
        assert_eq!(network.state_dimension(), 5);
        assert_eq!((network.output_dimension(), network.depth()), (3, 4));
        assert_eq!(network.zero_weights(), Weights::zeros(4, 5, 8));
        assert_eq!(network.features(), &features(5));
        assert_eq!(
            network.predict(&network.zero_weights(), &x),
            DMatrix::zeros(3, 1)
        );
        assert!(ResNet::lifted(2, 2, 1.0, features(5), 1).is_err());
    }

    /// A ball around an eigenvalue known exactly, of a readout with q columns.
    fn encloses(ball: Ball, exact: f64, size: f64, q: usize) {
        assert!(ball.contains(exact), "{ball:?} {exact}");
        // The product BBᵀ is off by γ_q‖B‖_F², whatever these entries do…
        assert!(ball.rad() >= q as f64 * UNIT_ROUNDOFF * size);
        // … and the enclosure of a small matrix by a dozen roundings more.
        assert!(ball.rad() <= (q + 40) as f64 * 2.0 * UNIT_ROUNDOFF * size);
    }

    #[test]
    fn readout_spectrum_of_orthogonal_rows() {
        // Rows of squared lengths 25 and 4.
        let network = with_readout(dmatrix![3.0, 0.0, 4.0; 0.0, -2.0, 0.0]);
        encloses(network.readout_norm_squared(), 25.0, 29.0, 3);
        encloses(network.readout_sigma_squared(), 4.0, 29.0, 3);
        let scaled = network.with_readout_scaled(-10.0).unwrap();
        assert_eq!(scaled.readout(), &(network.readout() * -10.0));
        assert_eq!(scaled.lift(), network.lift());
        assert_eq!(scaled.depth(), 2);
        encloses(scaled.readout_norm_squared(), 2500.0, 2900.0, 3);
        encloses(scaled.readout_sigma_squared(), 400.0, 2900.0, 3);
        assert!(network.with_readout_scaled(f64::NAN).is_err());
        assert!(network.with_readout_scaled(0.0).is_ok());
        // Many columns: only the rounding of the product grows.
        let mut wide = DMatrix::zeros(1, 400);
        wide.fill(0.5);
        let wide = with_readout(wide);
        encloses(wide.readout_norm_squared(), 100.0, 100.0, 400);
        encloses(wide.readout_sigma_squared(), 100.0, 100.0, 400);
    }

    #[test]
    fn readout_of_deficient_rank_may_have_sigma_zero() {
        let row = chirp(4, 1, 5);
        let readout = DMatrix::from_fn(2, 5, |i, j| row[j] * [1.0, 3.0][i]);
        let network = with_readout(readout);
        assert!(network.readout_sigma_squared().contains(0.0));
        assert!(network.readout_norm_squared().lower() > 0.0);
        // More outputs than states.
        let tall = with_readout(chirp(6, 3, 2));
        assert!(tall.readout_sigma_squared().contains(0.0));
    }

    #[test]
    fn predictions_are_errors_against_zero() {
        let case = Case::new([2, 3, 2, 4, 3, 5], 8);
        let predictions = case.network.predict(&case.weights, &case.inputs);
        assert_eq!(predictions.shape(), (2, 5));
        assert_eq!(&predictions - &case.targets, *case.tape().errors());
    }
}
