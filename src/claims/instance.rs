//! The object of a check: a network, data, and two sets of weights.

use crate::arithmetic::Ball;
use crate::bounds::{
    Convergence, GaussNewton, Neighbourhood, STATIONARY_COUPLING, local_pl, smoothness,
};
use crate::data::InstanceSpec;
use crate::features::{FeaturesError, FourierFeatures};
use crate::flow::{GramSpectrum, Observer};
use crate::kernel::KernelSpec;
use crate::resnet::{NetworkError, ResNet, Weights};
use crate::spectrum::SpectrumError;
use nalgebra::DMatrix;

/// What every claim is checked on.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The exact kernel, for claims about kernels.
    pub kernel: KernelSpec,
    /// The network.
    pub network: ResNet,
    /// d × N.
    pub inputs: DMatrix<f64>,
    /// d' × N.
    pub targets: DMatrix<f64>,
    /// The reference `v⁰`, where gradient descent starts.
    pub reference: Weights,
    /// The weights `v` at which pointwise claims are checked.
    pub weights: Weights,
    /// `c = 1 − βη/2` of the steps of gradient descent.
    pub step_margin: f64,
    /// Largest number of steps.
    pub steps: usize,
}

/// Why a specification is not an instance.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// Rows of one matrix differ in length, or there is none.
    #[error("{what} needs rows of one positive length, row {row} has {length}")]
    Ragged {
        /// Which field.
        what: &'static str,
        /// Row, from 0.
        row: usize,
        /// Its length.
        length: usize,
    },
    /// A layer does not have q·2m numbers, or the two weights differ in depth.
    #[error("{what} has a layer of {length} numbers, expected {expected}")]
    Layer {
        /// Which field.
        what: &'static str,
        /// Numbers found.
        length: usize,
        /// Numbers expected.
        expected: usize,
    },
    /// The frequencies are refused.
    #[error(transparent)]
    Features(#[from] FeaturesError),
    /// The network or the data are refused.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A spectrum could not be computed while targets were placed.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

fn matrix(what: &'static str, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, InstanceError> {
    let columns = rows.first().map_or(0, Vec::len);
    for (row, cells) in rows.iter().enumerate() {
        if cells.len() != columns || columns == 0 {
            return Err(InstanceError::Ragged {
                what,
                row,
                length: cells.len(),
            });
        }
    }
    Ok(DMatrix::from_fn(rows.len(), columns, |i, j| rows[i][j]))
}

fn direction(
    what: &'static str,
    layers: &[Vec<f64>],
    zero: &Weights,
    norm: f64,
) -> Result<Weights, InstanceError> {
    let (rows, columns) = zero.layers()[0].shape();
    if layers.len() != zero.depth() {
        return Err(InstanceError::Layer {
            what,
            length: layers.len(),
            expected: zero.depth(),
        });
    }
    let mut filled = Vec::with_capacity(layers.len());
    for layer in layers {
        if layer.len() != rows * columns {
            let expected = rows * columns;
            return Err(InstanceError::Layer {
                what,
                length: layer.len(),
                expected,
            });
        }
        filled.push(DMatrix::from_row_slice(rows, columns, layer));
    }
    let direction = Weights::from_layers(filled);
    let length = direction.norm().mid();
    Ok(if length > 0.0 {
        direction.scaled(norm / length)
    } else {
        direction
    })
}

impl Instance {
    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows or layers that do not fit; numbers that a network refuses.
    pub fn from_spec(spec: &InstanceSpec) -> Result<Self, InstanceError> {
        let inputs = matrix("inputs", &spec.inputs)?.transpose();
        let targets = matrix("targets", &spec.targets)?.transpose();
        let features =
            FourierFeatures::try_new(matrix("frequencies", &spec.frequencies)?.transpose())?;
        let lift = matrix("lift", &spec.lift)?;
        let readout = matrix("readout", &spec.readout)?;
        let kappa1 = features.kappa1_ball().mid();
        let network = ResNet::try_new(lift, readout, features, spec.reference.len())?;
        network.require_data(&inputs, &targets)?;
        let zero = network.zero_weights();
        let norm = |stretch: f64| {
            if kappa1 > 0.0 {
                stretch / kappa1
            } else {
                stretch
            }
        };
        let reference = direction(
            "reference",
            &spec.reference,
            &zero,
            norm(spec.reference_stretch),
        )?;
        let displacement = direction(
            "displacement",
            &spec.displacement,
            &zero,
            norm(spec.displacement_stretch),
        )?;
        let mut instance = Self {
            kernel: spec.kernel,
            network,
            inputs,
            targets,
            weights: reference.plus(1.0, &displacement),
            reference,
            step_margin: spec.step_margin,
            steps: spec.steps,
        };
        if let Some(share) = spec.loss_share {
            instance.place_targets(share)?;
        }
        Ok(instance)
    }

    /// Moves the targets to the predictions of `v⁰` plus a multiple of the old
    /// targets, so that the initial loss is `share` of the largest that P8
    /// allows at the best radius of a grid.
    fn place_targets(&mut self, share: f64) -> Result<(), InstanceError> {
        let gram = self.reference_spectra()?;
        let largest = self.largest_radius();
        let best = (1..=40)
            .filter_map(|i| {
                let radius = largest * f64::from(i) / 40.0;
                Some(
                    self.convergence(&gram, radius, Ball::from(0.0))?
                        .loss_threshold()
                        .mid(),
                )
            })
            .fold(0.0, f64::max);
        let predictions = self.network.predict(&self.reference, &self.inputs);
        let size = self.targets.norm_squared() / (2 * self.inputs.ncols()) as f64;
        let factor = if size > 0.0 {
            (share * best / size).sqrt()
        } else {
            0.0
        };
        self.targets = predictions + &self.targets * factor;
        Ok(())
    }

    /// Returns an observer of this instance.
    ///
    /// # Errors
    /// Data that do not fit the network.
    pub fn observer(&self) -> Result<Observer<'_>, NetworkError> {
        Observer::try_new(&self.network, &self.inputs, &self.targets)
    }

    /// Returns the Gram spectra of all layers at the reference.
    ///
    /// # Errors
    /// States that overflow.
    pub fn reference_spectra(&self) -> Result<Vec<GramSpectrum>, InstanceError> {
        let mut observer = self.observer()?;
        let observation = observer.observe(&self.reference);
        Ok(observer.gram_spectra(&observation)?)
    }

    /// Returns `N`.
    pub fn samples(&self) -> usize {
        self.inputs.ncols()
    }

    /// Returns the ball of a given radius around the reference, with the realised constants.
    pub fn neighbourhood(&self, radius: Ball) -> Neighbourhood {
        let features = self.network.features();
        Neighbourhood {
            kappa0: Ball::from(1.0),
            kappa1: features.kappa1_ball(),
            kappa2: features.kappa2_ball(),
            depth: self.network.depth(),
            centre_norm: self.reference.norm(),
            radius,
        }
    }

    /// Returns the largest radius that version 3 of P3 admits: `D ≥ 4κ̂1²(‖v⁰‖ + R)²`,
    /// with one part in 10⁹ kept for rounding; 0 if there is none.
    pub fn largest_radius(&self) -> f64 {
        let around = self.neighbourhood(Ball::from(0.0));
        let outer = (self.network.depth() as f64).sqrt() / (2.0 * around.kappa1.upper());
        (outer * (1.0 - 1e-9) - around.centre_norm.upper()).max(0.0)
    }

    /// Returns the constants of P8 around the reference, for a given radius and
    /// initial loss: `m` by version 3 of P3, `β` by the best version of P7, and
    /// the step with `1 − βη/2 = c`. `None` where version 3 does not apply.
    pub fn convergence(
        &self,
        gram: &[GramSpectrum],
        radius: f64,
        initial_loss: Ball,
    ) -> Option<Convergence> {
        let around = self.neighbourhood(Ball::from(radius));
        let smallest: Vec<Ball> = gram.iter().map(|layer| layer.smallest).collect();
        let sigma_squared = self.network.readout_sigma_squared();
        let pl_constant = local_pl(self.samples(), sigma_squared, &smallest, &around)?;
        let smoothness = self.smoothness(gram, &around, initial_loss);
        let step = 2.0 * (1.0 - self.step_margin) / smoothness.upper();
        Some(Convergence {
            pl_constant,
            smoothness,
            step,
            radius,
        })
    }

    /// Returns `β` of P7 on a neighbourhood of the reference where `L ≤ loss`:
    /// the least of the three versions.
    pub fn smoothness(&self, gram: &[GramSpectrum], around: &Neighbourhood, loss: Ball) -> Ball {
        let largest: Vec<Ball> = gram.iter().map(|layer| layer.largest).collect();
        let norm_squared = self.network.readout_norm_squared();
        [
            GaussNewton::Global,
            GaussNewton::Largest(&largest),
            GaussNewton::Layers(&largest),
        ]
        .into_iter()
        .map(|version| version.bound(self.samples(), norm_squared, around))
        .map(|part| smoothness(part, norm_squared, loss, STATIONARY_COUPLING, around))
        .reduce(Ball::min)
        .expect("three versions")
    }
}
