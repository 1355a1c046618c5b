//! A network of either kind.

use super::{CheckError, Diagnosis, DiagnosisOptions, LinearNetwork, ParticleNetwork, diagnose};
use crate::arithmetic::Ball;
use nalgebra::DMatrix;

/// A network that the theory covers, in the scaling of the theory.
#[derive(Clone, Debug)]
pub enum CheckedNetwork {
    /// Linear in its parameters: Paper A's.
    Linear(LinearNetwork),
    /// Two-layer blocks, everything in them trained: Paper B's.
    Particles(ParticleNetwork),
}

impl CheckedNetwork {
    /// Returns layers, the width of a layer (frequencies or particles), and the dimensions of a state, an input and an output.
    #[must_use]
    pub fn shape(&self) -> [usize; 5] {
        match self {
            Self::Linear(linear) => {
                let own = &linear.network;
                let (width, inputs) = (own.features().count(), own.lift().ncols());
                [
                    own.depth(),
                    width,
                    own.state_dimension(),
                    inputs,
                    own.output_dimension(),
                ]
            }
            Self::Particles(particles) => particles.shape(),
        }
    }

    /// Returns the sizes that the cost of a diagnosis on so many samples depends on: samples, outputs, state dimension, features,
    /// layers.
    #[must_use]
    pub fn sizes(&self, samples: usize) -> [usize; 5] {
        let [depth, width, state, _, outputs] = self.shape();
        // Of frequencies cosines and sines; of particles value and slope.
        [samples, outputs, state, 2 * width, depth]
    }

    /// Names the first fixed array in which two networks differ; `layers`, if they are not of one kind.
    #[must_use]
    pub fn moved(&self, first: &Self) -> Option<&'static str> {
        match (self, first) {
            (Self::Linear(one), Self::Linear(other)) => one.moved(other),
            (Self::Particles(one), Self::Particles(other)) => one.moved(other),
            _ => Some("layers"),
        }
    }

    /// Returns the distance of two networks in the norm of the theory; everything, if they are not of one kind.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Ball {
        match (self, other) {
            (Self::Linear(one), Self::Linear(other)) => one.distance(other),
            (Self::Particles(one), Self::Particles(other)) => one.distance(other),
            _ => Ball::EVERYTHING,
        }
    }

    /// Computes everything that is said of the network on data; see [`diagnose`].
    ///
    /// # Errors
    /// Those of [`diagnose`].
    pub fn diagnose(
        &self,
        inputs: &DMatrix<f64>,
        targets: &DMatrix<f64>,
        options: &DiagnosisOptions,
        say: impl Fn(&'static str),
    ) -> Result<Diagnosis, CheckError> {
        match self {
            Self::Linear(linear) => diagnose(linear, inputs, targets, options, say),
            Self::Particles(particles) => particles.diagnose(inputs, targets, options, say),
        }
    }
}
