//! A network seen at one set of weights.

use crate::arithmetic::{Ball, gamma};
use crate::gram::feature_gram;
use crate::resnet::{NetworkError, ResNet, Rounding, TangentKernel, Tape, Weights, tangent_kernel};
use crate::spectrum::{SpectrumError, extreme_eigenvalues};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Runs passes of one network on one data set, reusing its buffers.
#[derive(Clone, Debug)]
pub struct Observer<'a> {
    network: &'a ResNet,
    inputs: &'a DMatrix<f64>,
    targets: &'a DMatrix<f64>,
    tape: Tape,
}

/// Loss and gradient at one set of weights, with the rounding analysis of the pass.
#[derive(Clone, Debug)]
pub struct Observation {
    /// `L(v)`.
    pub loss: Ball,
    /// `‖∇L(v)‖²`.
    pub gradient_norm_squared: Ball,
    /// `‖v_k‖`, one a layer.
    pub layer_norms: Vec<Ball>,
    /// `‖v‖`.
    pub norm: Ball,
    /// Error bounds of everything the tape holds.
    pub rounding: Rounding,
}

/// Extreme eigenvalues of the Gram matrix `𝕂_k` of the features of a layer's states.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GramSpectrum {
    /// `λ_min(𝕂_k)`.
    pub smallest: Ball,
    /// `λ_max(𝕂_k)`.
    pub largest: Ball,
}

impl<'a> Observer<'a> {
    /// Prepares passes over `inputs` (d × N) with `targets` (d' × N).
    ///
    /// # Errors
    /// Data that are empty, not finite, or do not fit the network.
    pub fn try_new(
        network: &'a ResNet,
        inputs: &'a DMatrix<f64>,
        targets: &'a DMatrix<f64>,
    ) -> Result<Self, NetworkError> {
        network.require_data(inputs, targets)?;
        let tape = Tape::new(network, inputs.ncols());
        Ok(Self {
            network,
            inputs,
            targets,
            tape,
        })
    }

    /// Returns the loss alone, as computed.
    pub fn loss(&mut self, weights: &Weights) -> f64 {
        self.tape
            .forward(self.network, weights, self.inputs, self.targets)
    }

    /// Runs one forward and backward pass and its rounding analysis.
    pub fn observe(&mut self, weights: &Weights) -> Observation {
        self.tape
            .forward(self.network, weights, self.inputs, self.targets);
        self.tape.backward(self.network, weights);
        let rounding = Rounding::of(self.network, weights, self.inputs, &self.tape);
        Observation {
            loss: rounding.loss,
            gradient_norm_squared: rounding.gradient_norm_squared,
            layer_norms: weights.layer_norms(),
            norm: weights.norm(),
            rounding,
        }
    }

    /// Returns the pass behind the last observation.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Encloses the extreme eigenvalues of every layer's exact Gram matrix at the
    /// weights of the last observation: the enclosure for the computed matrix,
    /// widened by `N` times the error of an entry (K6).
    ///
    /// # Errors
    /// Overflow in the states, or an eigensolver that does not converge.
    ///
    /// # Cost
    /// `D` eigendecompositions of order `N`, on all cores.
    pub fn gram_spectra(
        &self,
        observation: &Observation,
    ) -> Result<Vec<GramSpectrum>, SpectrumError> {
        let samples = self.inputs.ncols() as f64;
        let layers = self.tape.features().par_iter().enumerate();
        layers
            .map(|(k, features)| {
                let extremes = extreme_eigenvalues(&feature_gram(features))?;
                let entry = observation.rounding.gram_entry(self.network, k);
                let weyl = samples * entry * (1.0 + gamma(2));
                Ok(GramSpectrum {
                    smallest: extremes.smallest.non_negative().ball().widened(weyl),
                    largest: extremes.largest.non_negative().ball().widened(weyl),
                })
            })
            .collect()
    }

    /// Forms the tangent kernel at the weights of the last observation. The
    /// adjoint states and the gradient of the tape belong to that kernel
    /// afterwards, no longer to the loss.
    pub fn tangent_kernel(
        &mut self,
        weights: &Weights,
        observation: &Observation,
    ) -> TangentKernel {
        tangent_kernel(self.network, weights, &mut self.tape, &observation.rounding)
    }
}
