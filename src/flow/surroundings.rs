//! What the bounds around one set of weights need to know of a network.

use super::{GramSpectrum, Linearised};
use crate::arithmetic::{Ball, ball_rounding, count};
use crate::bounds::{
    CurvatureBounds, IntegratedEnvelope, JacobianChange, LocalConstants, LossSlope, Neighbourhood,
};
use crate::resnet::ResidualNetwork;
use crate::spectrum::SpectrumError;

/// A network around a reference `v⁰`: what the constants of P3.local, P7, P8 and P8b are computed from.
///
/// # Example
/// ```
/// use polyak::{features::FourierFeatures, kernel::Gaussian};
/// use polyak::flow::{Observer, Surroundings};
/// use polyak::resnet::ResNet;
/// let features = FourierFeatures::draw(&Gaussian::try_new(1.0)?, 2, 30, 0)?;
/// let network = ResNet::lifted(1, 1, 9.0, features, 4)?;
/// let (inputs, targets) = (nalgebra::dmatrix![0.0, 3.0], nalgebra::dmatrix![0.1, -0.1]);
/// let mut observer = Observer::try_new(&network, &inputs, &targets)?;
/// let seen = observer.observe(&network.zero_weights());
/// let spectra = observer.gram_spectra(&seen)?;
/// let around = Surroundings::new(&network, inputs.ncols(), seen.norm, &spectra);
/// assert!(around.local().admissible(seen.loss, 0.5).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a, N: ResidualNetwork> {
    network: &'a N,
    samples: usize,
    centre_norm: Ball,
    gram: &'a [GramSpectrum],
}

impl<'a, N: ResidualNetwork> Surroundings<'a, N> {
    /// Around a reference.
    ///
    /// # Arguments
    /// * `samples`: `N`; `centre_norm`: `‖v⁰‖`; `gram`: the spectra at the reference.
    #[must_use]
    pub fn new(
        network: &'a N,
        samples: usize,
        centre_norm: Ball,
        gram: &'a [GramSpectrum],
    ) -> Self {
        Self {
            network,
            samples,
            centre_norm,
            gram,
        }
    }

    /// Returns the ball of a given radius around the reference, with the realised constants.
    #[must_use]
    pub fn neighbourhood(&self, radius: Ball) -> Neighbourhood {
        Neighbourhood {
            kappa0: Ball::from(1.0),
            kappa1: self.network.kappa1(),
            kappa2: self.network.kappa2(),
            depth: self.network.frame().depth(),
            centre_norm: self.centre_norm,
            radius,
        }
    }

    /// Returns what P8 needs to know around the reference.
    #[must_use]
    pub fn local(&self) -> LocalConstants {
        let frame = self.network.frame();
        LocalConstants {
            samples: self.samples,
            sigma_squared: frame.readout_sigma_squared(),
            norm_squared: frame.readout_norm_squared(),
            reference: self.neighbourhood(Ball::from(0.0)),
            smallest: self.gram.iter().map(|layer| layer.smallest).collect(),
            largest: self.gram.iter().map(|layer| layer.largest).collect(),
            curvature: CurvatureBounds::default(),
            // A sum, two products and a square; and the quotient and root of the largest radius.
            rounding: ball_rounding(8),
        }
    }

    /// Returns what `√L` is Lipschitz by.
    #[must_use]
    pub fn loss_slope(&self) -> LossSlope {
        LossSlope {
            norm_squared: self.network.frame().readout_norm_squared(),
            kappa1: self.network.kappa1(),
        }
    }

    /// Returns the bound of the change of the Jacobian around the reference (P8b.jacobian).
    #[must_use]
    pub fn jacobian_change(&self) -> JacobianChange {
        let norm_squared = self.network.frame().readout_norm_squared();
        let largest = self.gram.iter().map(|layer| layer.largest);
        let largest = largest.fold(Ball::from(0.0), Ball::max);
        let around = self.neighbourhood(Ball::from(0.0));
        JacobianChange::new(self.samples, norm_squared, largest, around)
    }

    /// Returns the envelope of P8b.integrated around the reference.
    ///
    /// # Arguments
    /// * `linear`: the network linearised there; `step`: `η`, with `ηλ_max(T₀) ≤ 2N`.
    ///
    /// # Errors
    /// A tangent kernel without a spectrum.
    pub fn integrated_envelope(
        &self,
        linear: &Linearised,
        step: f64,
    ) -> Result<IntegratedEnvelope, SpectrumError> {
        let extremes = linear.kernel().extremes()?;
        Ok(self.integrated_envelope_of(linear, extremes, step))
    }

    /// Returns that envelope, of a tangent kernel whose extreme eigenvalues are known.
    ///
    /// # Arguments
    /// * `extremes`: [`TangentKernel::extremes`](crate::resnet::TangentKernel::extremes).
    #[must_use]
    pub fn integrated_envelope_of(
        &self,
        linear: &Linearised,
        extremes: (Ball, Ball),
        step: f64,
    ) -> IntegratedEnvelope {
        IntegratedEnvelope {
            slope: extremes.1.sqrt(),
            change: self.jacobian_change(),
            // T₀ is positive semi-definite and ηλ_max(T₀)/N ≤ 2: not above one.
            contraction: linear.contraction(step, extremes).min(Ball::from(1.0)),
            rate: Ball::from(step) / count(self.samples),
        }
    }
}
