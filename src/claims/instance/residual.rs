//! The object of a check: a network, data, and two sets of weights.

use crate::arithmetic::Ball;
use crate::bounds::{
    Coupling, JacobianChange, LocalConstants, LossSlope, Neighbourhood, smoothness,
    step_with_margin,
};
use crate::data::ResidualSpec;
use crate::features::{FeaturesError, FourierFeatures};
use crate::flow::{DescentOptions, GramSpectrum, Observer, Surroundings, Trace, gradient_descent};
use crate::kernel::KernelSpec;
use crate::meanfield::MeanFieldError;
use crate::recipe::mean_field::MeanFieldRecipeError;
use crate::resnet::{NetworkError, ResNet, ResidualNetwork, Weights};
use crate::spectrum::SpectrumError;
use crate::text::count;
use nalgebra::DMatrix;

/// What a claim about Paper A is checked on: a network, parametric or not.
#[derive(Clone, Debug)]
pub struct ResidualInstance<N: ResidualNetwork = ResNet> {
    /// The exact kernel, for claims about kernels.
    pub kernel: KernelSpec,
    /// The network.
    pub network: N,
    /// d × N.
    pub inputs: DMatrix<f64>,
    /// d' × N.
    pub targets: DMatrix<f64>,
    /// The reference `v⁰`, where gradient descent starts.
    pub reference: N::Parameter,
    /// The weights `v` at which pointwise claims are checked.
    pub weights: N::Parameter,
    /// `c = 1 − βη/2` of the steps of gradient descent.
    pub step_margin: f64,
    /// Largest number of steps.
    pub steps: usize,
    /// The seed of what statistical claims draw.
    pub seed: u64,
    /// How much of it.
    pub draws: usize,
}

/// Why a specification is not an instance.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// Rows of one matrix differ in length, or there is none.
    #[error("{what} needs rows of one positive length, and row {} has {}", .row + 1, count(.length, "number"))]
    Ragged {
        /// Which field.
        what: &'static str,
        /// Row, from 0.
        row: usize,
        /// Its length.
        length: usize,
    },
    /// A layer does not have q·2m numbers, or the two weights differ in depth.
    #[error("{what} has a layer of {}, not {expected}", count(.length, "number"))]
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
    /// The mean-field network or its data are refused.
    #[error(transparent)]
    MeanField(#[from] MeanFieldError),
    /// What C10 needs to know could not be computed while targets were placed.
    #[error(transparent)]
    Recipe(#[from] MeanFieldRecipeError),
    /// A spectrum could not be computed while targets were placed.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
}

pub(super) fn matrix(what: &'static str, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, InstanceError> {
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

impl ResidualInstance {
    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows or layers that do not fit; numbers that a network refuses.
    pub fn from_spec(spec: &ResidualSpec) -> Result<Self, InstanceError> {
        let inputs = matrix("inputs", &spec.inputs)?.transpose();
        let targets = matrix("targets", &spec.targets)?.transpose();
        let features =
            FourierFeatures::try_new(matrix("frequencies", &spec.frequencies)?.transpose())?;
        let lift = matrix("lift", &spec.lift)?;
        let readout = matrix("readout", &spec.readout)?;
        let kappa1 = features.kappa1();
        let network = ResNet::try_new(lift, readout, features, spec.reference.len())?;
        network.require_data(&inputs, &targets)?;
        let zero = network.zero_weights();
        let norm = |stretch: f64| {
            // Frequencies that are all zero stretch nothing.
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
            seed: spec.seed,
            draws: spec.draws,
        };
        if let Some(share) = spec.loss_share {
            instance.place_targets(share)?;
        }
        Ok(instance)
    }
}

impl<N: ResidualNetwork> ResidualInstance<N> {
    /// `Ax` of every input: q × N, the points that claims about kernels are about.
    pub fn lifted_inputs(&self) -> DMatrix<f64> {
        self.network.frame().lift() * &self.inputs
    }

    /// Moves the targets to the predictions of `v⁰` plus a multiple of the old
    /// targets, so that the initial loss is `share` of the largest that P8
    /// allows at the best radius of a grid.
    pub(super) fn place_targets(&mut self, share: f64) -> Result<(), InstanceError> {
        let local = self.local(&self.reference_spectra()?);
        let largest = local.largest_radius();
        let best = (1..=40)
            .filter_map(|i| {
                let radius = largest * f64::from(i) / 40.0;
                let constants = local.convergence(radius, Ball::from(0.0), self.step_margin)?;
                Some(constants.loss_threshold().mid())
            })
            .fold(0.0, f64::max);
        // Predictions are errors against zero.
        let nothing = DMatrix::zeros(self.targets.nrows(), self.targets.ncols());
        let mut observer = Observer::try_new(&self.network, &self.inputs, &nothing)?;
        observer.loss(&self.reference);
        let predictions = observer.pass().errors.clone();
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
    pub fn observer(&self) -> Result<Observer<'_, N>, NetworkError> {
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

    /// Returns the loss at the reference.
    ///
    /// # Errors
    /// Data that do not fit the network.
    pub fn reference_loss(&self) -> Result<Ball, NetworkError> {
        Ok(self.observer()?.observe(&self.reference).loss)
    }

    /// Runs gradient descent from the reference: so many steps, or until the loss is this share of its start.
    ///
    /// # Errors
    /// Data that do not fit the network.
    pub fn descend(
        &self,
        step: f64,
        iterations: usize,
        target: f64,
    ) -> Result<Trace<N::Parameter>, InstanceError> {
        let task = DescentOptions {
            step,
            iterations,
            target,
            gram_spectra: false,
            tangent_every: 0,
        };
        let (mut observer, start) = (self.observer()?, self.reference.clone());
        Ok(gradient_descent(&mut observer, start, &task, |_| ())?)
    }

    /// Returns `N`.
    pub fn samples(&self) -> usize {
        self.inputs.ncols()
    }

    /// Returns what is known around the reference.
    pub(in crate::claims) fn surroundings<'a>(
        &'a self,
        gram: &'a [GramSpectrum],
    ) -> Surroundings<'a, N> {
        let centre_norm = self.network.norm(&self.reference);
        Surroundings::new(&self.network, self.samples(), centre_norm, gram)
    }

    /// Returns the ball of a given radius around the reference, with the realised constants.
    pub fn neighbourhood(&self, radius: Ball) -> Neighbourhood {
        self.surroundings(&[]).neighbourhood(radius)
    }

    /// Returns what P8 needs to know around the reference.
    ///
    /// # Arguments
    /// * `gram`: the spectra there.
    pub fn local(&self, gram: &[GramSpectrum]) -> LocalConstants {
        self.surroundings(gram).local()
    }

    /// Returns what `√L` is Lipschitz by.
    pub fn loss_slope(&self) -> LossSlope {
        self.surroundings(&[]).loss_slope()
    }

    /// Returns the bound of the change of the Jacobian around the reference (P8b.jacobian).
    pub fn jacobian_change(&self, gram: &[GramSpectrum]) -> JacobianChange {
        self.surroundings(gram).jacobian_change()
    }

    /// Returns `ν` such that `∇²L ≥ −ν` on a neighbourhood of the reference where `L ≤ loss`: the
    /// bound of P7 without its Gauss–Newton part, which is positive.
    pub fn negative_curvature(&self, around: &Neighbourhood, loss: Ball) -> Ball {
        let norm_squared = self.network.frame().readout_norm_squared();
        let nothing = Ball::from(0.0);
        smoothness(nothing, norm_squared, loss, Coupling::Stationary, around)
    }

    /// Returns `β` of P7 on a neighbourhood of the reference where `L ≤ loss`:
    /// the least of the three versions.
    pub fn smoothness(&self, gram: &[GramSpectrum], around: &Neighbourhood, loss: Ball) -> Ball {
        self.local(gram).smoothness(around, loss)
    }

    /// Returns the step `2(1−c)/β` with the smoothness at the reference, where the loss is `loss`.
    pub fn reference_step(&self, gram: &[GramSpectrum], loss: Ball) -> f64 {
        let here = self.neighbourhood(Ball::from(0.0));
        step_with_margin(self.step_margin, self.smoothness(gram, &here, loss))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DEFAULT_DRAWS;
    use crate::kernel::Gaussian;
    use crate::resnet::oracle::chirp;
    use nalgebra::dmatrix;

    fn rows(start: usize, rows: usize, columns: usize) -> Vec<Vec<f64>> {
        let matrix = chirp(start, rows, columns);
        let row = |i: usize| matrix.row(i).iter().copied().collect();
        (0..rows).map(row).collect()
    }

    /// Three samples, `d = 2`, `q = 3`, `d' = 1`, `m = 4`, two layers.
    fn spec() -> ResidualSpec {
        ResidualSpec {
            kernel: Gaussian::try_new(1.0).unwrap().into(),
            inputs: rows(1, 3, 2),
            targets: rows(2, 3, 1),
            frequencies: rows(3, 4, 3),
            lift: rows(4, 3, 2),
            readout: rows(5, 1, 3),
            reference: rows(6, 2, 24),
            displacement: rows(7, 2, 24),
            reference_stretch: 0.2,
            displacement_stretch: 0.1,
            step_margin: 0.6,
            steps: 3,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        }
    }

    fn close(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(error <= 1e-12 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn numbers_arrive_where_they_belong() {
        let (spec, instance) = (spec(), ResidualInstance::from_spec(&spec()).unwrap());
        assert_eq!(instance.kernel, spec.kernel);
        assert_eq!(instance.samples(), 3);
        assert_eq!(instance.inputs, chirp(1, 3, 2).transpose());
        assert_eq!(instance.targets, chirp(2, 3, 1).transpose());
        let network = &instance.network;
        assert_eq!(
            *network.features().frequencies(),
            chirp(3, 4, 3).transpose()
        );
        assert_eq!(*network.lift(), chirp(4, 3, 2));
        assert_eq!(*network.readout(), chirp(5, 1, 3));
        assert_eq!(network.depth(), 2);
        assert_eq!((instance.step_margin, instance.steps), (0.6, 3));
        // Directions are read row by row, and scaled to their stretch.
        let kappa1 = network.features().kappa1();
        close(instance.reference.norm().mid(), 0.2 / kappa1);
        let displacement = instance.weights.plus(-1.0, &instance.reference);
        // The sum rounds by u of ‖v‖, a few times the displacement.
        close(displacement.norm().mid(), 0.1 / kappa1);
        for (weights, layers) in [
            (&instance.reference, &spec.reference),
            (&displacement, &spec.displacement),
        ] {
            let factor = weights.layers()[0][(0, 0)] / layers[0][0];
            for (k, layer) in layers.iter().enumerate() {
                for (i, entry) in layer.iter().enumerate() {
                    let found = weights.layers()[k][(i / 8, i % 8)];
                    assert!((found - factor * entry).abs() <= 1e-14);
                }
            }
        }
    }

    #[test]
    fn directions_of_length_zero_stay_zero() {
        let mut still = spec();
        still.reference = vec![vec![0.0; 24]; 2];
        let instance = ResidualInstance::from_spec(&still).unwrap();
        assert_eq!(instance.reference, instance.network.zero_weights());
        // Without frequencies there is no stretch: the norm itself is given.
        let mut flat = spec();
        flat.frequencies = vec![vec![0.0; 3]; 4];
        let instance = ResidualInstance::from_spec(&flat).unwrap();
        close(instance.reference.norm().mid(), 0.2);
    }

    #[test]
    fn refusals_name_the_field() {
        use InstanceError::*;
        let refused = |change: fn(&mut ResidualSpec)| {
            let mut spec = spec();
            change(&mut spec);
            ResidualInstance::from_spec(&spec).unwrap_err()
        };
        let ragged = |what, row, length| Ragged { what, row, length };
        assert_eq!(refused(|s| s.inputs[1].truncate(1)), ragged("inputs", 1, 1));
        assert_eq!(refused(|s| s.targets[0].clear()), ragged("targets", 0, 0));
        assert_eq!(
            refused(|s| s.frequencies[2].push(0.0)),
            ragged("frequencies", 2, 4)
        );
        assert_eq!(refused(|s| s.lift[0].push(0.0)), ragged("lift", 1, 2));
        let layer = |what, length, expected| Layer {
            what,
            length,
            expected,
        };
        let error = refused(|s| s.displacement.truncate(1));
        assert_eq!(error, layer("displacement", 1, 2));
        let error = refused(|s| s.reference[1].truncate(23));
        assert_eq!(error, layer("reference", 23, 24));
        let error = refused(|s| s.frequencies[0][0] = f64::NAN);
        assert!(matches!(error, Features(_)));
        assert!(matches!(
            refused(|s| s.reference.clear()),
            Network(NetworkError::NoLayers)
        ));
        assert!(matches!(refused(|s| s.readout.clear()), Network(_)));
        assert!(matches!(refused(|s| s.inputs.truncate(2)), Network(_)));
        let error = refused(|s| {
            s.loss_share = Some(0.5);
            s.inputs[0][0] = 1.7e308;
            s.lift[0][0] = 1e10;
        });
        assert!(matches!(error, Spectrum(_)));
    }

    /// Frequency 4 on the line, nine layers, `‖v⁰‖ = 1/8`: `4·4²(1/8 + R)² ≤ 9`.
    fn line() -> ResidualInstance {
        ResidualInstance::from_spec(&ResidualSpec {
            inputs: vec![vec![0.0], vec![0.7]],
            targets: vec![vec![0.1], vec![-0.2]],
            frequencies: vec![vec![4.0]],
            lift: vec![vec![1.0]],
            readout: vec![vec![3.0]],
            reference: vec![vec![1.0, 0.0]; 9],
            displacement: vec![vec![0.0, 1.0]; 9],
            reference_stretch: 0.5,
            ..spec()
        })
        .unwrap()
    }

    #[test]
    fn neighbourhood_has_the_realised_constants() {
        let instance = line();
        let around = instance.neighbourhood(Ball::from(0.125));
        assert_eq!(around.kappa0, Ball::from(1.0));
        assert!(around.kappa1.contains(4.0) && around.kappa2.contains(16.0));
        assert_eq!(around.depth, 9);
        assert!(around.centre_norm.contains(0.125));
        assert_eq!(around.radius, Ball::from(0.125));
        let spectra = instance.reference_spectra().unwrap();
        assert_eq!(spectra.len(), 9);
        // At the first layer `K = (1, cos 2.8; cos 2.8, 1)`, and the cosine is negative.
        let cosine = 2.8_f64.cos();
        assert!((spectra[0].smallest.mid() - (1.0 + cosine)).abs() <= 1e-14);
        assert!((spectra[0].largest.mid() - (1.0 - cosine)).abs() <= 1e-14);
    }

    #[test]
    fn local_constants_are_the_realised_ones() {
        let instance = line();
        let gram = instance.reference_spectra().unwrap();
        let local = instance.local(&gram);
        assert_eq!(local.samples, 2);
        assert!(local.sigma_squared.contains(9.0) && local.norm_squared.contains(9.0));
        assert_eq!(local.reference, instance.neighbourhood(Ball::from(0.0)));
        let layers = local.smallest.iter().zip(&local.largest);
        assert_eq!(layers.clone().count(), 9);
        assert!(
            layers
                .zip(&gram)
                .all(|((&a, &b), layer)| [a, b] == [layer.smallest, layer.largest])
        );
        // D ≥ 4κ1²(1/8 + R)² ends at 3/8 − 1/8.
        let radius = local.largest_radius();
        assert!((0.25 - 1e-14..=0.25).contains(&radius));
        assert!(local.convergence(radius, Ball::from(1.0), 0.5).is_some());
        let (around, loss) = (instance.neighbourhood(Ball::from(0.01)), Ball::from(0.3));
        let beta = instance.smoothness(&gram, &around, loss);
        assert_eq!(beta, local.smoothness(&around, loss));
        let beta = local.smoothness(&local.reference, loss);
        close(instance.reference_step(&gram, loss), 0.8 / beta.mid());
        let slope = instance.loss_slope().root(Ball::from(0.5));
        close(slope.mid(), (2.0 * 9.0_f64).sqrt() * (4.0 * 0.5_f64).exp());
    }

    #[test]
    fn targets_are_placed_at_a_share_of_the_largest_loss() {
        let mut spec = spec();
        spec.frequencies = rows(3, 4, 3)
            .iter()
            .map(|w| w.iter().map(|x| 2.0 * x).collect())
            .collect();
        for (depth, share) in [(2, 0.5), (12, 0.125)] {
            spec.reference = rows(6, depth, 24);
            spec.displacement = rows(7, depth, 24);
            spec.loss_share = Some(share);
            let instance = ResidualInstance::from_spec(&spec).unwrap();
            let mut observer = instance.observer().unwrap();
            let loss = observer.loss(&instance.reference);
            let local = instance.local(&instance.reference_spectra().unwrap());
            let largest = local.largest_radius();
            let best = (1..=40).map(|i| {
                let radius = f64::from(i) * (largest / 40.0);
                let constants = local.convergence(radius, Ball::from(0.0), 0.6);
                constants.map_or(0.0, |constants| constants.loss_threshold().mid())
            });
            let best = best.fold(0.0, f64::max);
            assert!(best > 0.0);
            // A loss far below the predictions' squares: relative digits are lost to cancellation.
            assert!((loss / (share * best) - 1.0).abs() <= 1e-6, "{loss} {best}");
            // Errors point against the old targets.
            let predictions = instance
                .network
                .predict(&instance.reference, &instance.inputs);
            let moved = &instance.targets - predictions;
            let old = chirp(2, 3, 1).transpose();
            let cosine = moved.dot(&old) / (moved.norm() * old.norm());
            assert!((cosine - 1.0).abs() <= 1e-6);
        }
        spec.targets = vec![vec![0.0]; 3];
        let instance = ResidualInstance::from_spec(&spec).unwrap();
        let predictions = instance
            .network
            .predict(&instance.reference, &instance.inputs);
        assert_eq!(instance.targets, predictions);
    }

    #[test]
    fn observers_see_the_data_of_the_instance() {
        let mut instance = ResidualInstance::from_spec(&spec()).unwrap();
        let zero = instance.network.zero_weights();
        let predictions = instance.network.predict(&zero, &instance.inputs);
        let loss = instance.observer().unwrap().loss(&zero);
        close(loss, (predictions - &instance.targets).norm_squared() / 6.0);
        instance.targets = dmatrix![1.0];
        assert!(instance.observer().is_err() && instance.reference_spectra().is_err());
    }
}
