//! A network that is linear in its parameters, in the scaling of the theory.

use super::{CheckError, Scaling};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, count, enlarged};
use crate::resnet::{ResNet, Weights};
use nalgebra::DMatrix;
use std::sync::Arc;

/// Bounds the distance of `fl(cW)` from `cW`: 0 where no product rounds.
///
/// A product rounds by `u` of itself, and `c` is off by a share of itself; products that underflow are off by the least
/// normal number each.
fn rounded(weights: &Weights, norm: Ball, factor: Ball) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let by = factor.mid();
    let power_of_two = by.is_normal() && by.to_bits() & MANTISSA == 0;
    if factor.rad() == 0.0 && power_of_two && by >= 1.0 {
        return 0.0;
    }
    let share = UNIT_ROUNDOFF + factor.rad() / by;
    let tiny = f64::MIN_POSITIVE * (weights.parameters() as f64).sqrt();
    enlarged(norm.upper() * share + tiny, 8)
}

/// A network `z + s·W_k·(cos Ωz, sin Ωz)`, as `z + D⁻¹W̃_k·m^{−1/2}(cos Ωz, sin Ωz)` with `W̃ = cW`, `c = sD√m`.
#[derive(Clone, Debug)]
pub struct LinearNetwork {
    /// Lift, features, readout and depth.
    pub network: Arc<ResNet>,
    /// `W̃`, rounded.
    pub weights: Weights,
    /// `c`.
    pub factor: Ball,
    /// A bound of the distance of the weights from `cW`; 0 where no product rounds.
    pub away: f64,
}

impl LinearNetwork {
    /// Takes the layers as they are in the file.
    ///
    /// # Arguments
    /// * `layers`: `W_k`, q × 2m each, as many as the network has.
    ///
    /// # Errors
    /// [`CheckError::Overflow`].
    pub fn try_new(
        network: impl Into<Arc<ResNet>>,
        layers: Vec<DMatrix<f64>>,
        scaling: &Scaling,
    ) -> Result<Self, CheckError> {
        let network = network.into();
        let (depth, width) = (network.depth(), network.features().count());
        let factor = scaling.times_powers([2, 1], depth, width);
        let by = factor.mid();
        let one = factor == Ball::from(1.0);
        if !(by > 0.0 && factor.is_bounded()) {
            return Err(CheckError::Overflow { factor: by });
        }
        let layers: Vec<DMatrix<f64>> = if one {
            layers
        } else {
            layers.into_iter().map(|layer| layer * by).collect()
        };
        let weights = Weights::from_layers(layers);
        let norm = weights.norm();
        if !norm.is_bounded() {
            return Err(CheckError::Overflow { factor: by });
        }
        Ok(Self {
            away: rounded(&weights, norm, factor),
            network,
            weights,
            factor,
        })
    }

    /// Returns `c²/D`: the squared norm of the gradient in the parameters of the file is so many times `‖∇L‖²`.
    #[must_use]
    pub fn own_gradient(&self) -> Ball {
        self.factor.square() / count(self.network.depth())
    }

    /// Returns the learning rate in the parameters of the file that makes a step `η`, `ηD/c²`.
    #[must_use]
    pub fn own_step(&self, step: f64) -> Ball {
        Ball::from(step) / self.own_gradient()
    }

    /// Returns weights of this network in the scaling of the file, `W = W̃/c`: rounded, unless `c` is a power of two.
    #[must_use]
    pub fn own_layers(&self, weights: &Weights) -> Vec<DMatrix<f64>> {
        let by = self.factor.mid();
        weights.layers().iter().map(|layer| layer / by).collect()
    }

    /// Names the first fixed array in which two networks differ.
    #[must_use]
    pub fn moved(&self, first: &Self) -> Option<&'static str> {
        let (frame, other) = (self.network.frame(), first.network.frame());
        let arrays = [
            ("input", frame.lift() == other.lift()),
            ("output", frame.readout() == other.readout()),
            (
                "frequencies",
                self.network.features() == first.network.features(),
            ),
            ("layers", self.network.depth() == first.network.depth()),
        ];
        arrays
            .iter()
            .find(|(_, same)| !same)
            .map(|(array, _)| *array)
    }

    /// Returns the distance of the weights of two files, in the norm of the theory.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Ball {
        let between = self.weights.distance(&other.weights);
        between.widened(self.away + other.away).positive_part()
    }
}
