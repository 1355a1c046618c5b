//! A network whose hidden layers are trained too.

use crate::resnet::{HiddenNetwork, HiddenWeights};
use nalgebra::DMatrix;

/// A network with trained hidden layers, on data: its residuals are not linear in their parameters, and every claim
/// is inapplicable.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::claims::{HiddenInstance, find};
/// use polyak::evidence::Verdict;
/// use polyak::resnet::{HiddenNetwork, HiddenWeights, Weights};
/// let instance = HiddenInstance {
///     network: HiddenNetwork { lift: dmatrix![1.0; 0.0], readout: dmatrix![0.0, 1.0] },
///     weights: HiddenWeights {
///         outer: Weights::zeros(2, 2, 6),
///         hidden: Weights::from_layers(vec![dmatrix![1.0, 0.0; 0.0, 2.0; 1.0, 1.0]; 2]),
///     },
///     inputs: dmatrix![0.5, -0.5],
///     targets: dmatrix![1.0, -1.0],
/// };
/// let evidence = find("P8.convergence")?.evaluate(&instance.into());
/// assert_eq!(evidence.verdict, Verdict::Inapplicable);
/// assert_eq!(evidence.reasons, ["network: residuals are combinations of random features"]);
/// # Ok::<(), polyak::theorem::UnknownClaim>(())
/// ```
#[derive(Clone, Debug)]
pub struct HiddenInstance {
    /// The network.
    pub network: HiddenNetwork,
    /// Its weights.
    pub weights: HiddenWeights,
    /// d × N.
    pub inputs: DMatrix<f64>,
    /// d' × N.
    pub targets: DMatrix<f64>,
}
