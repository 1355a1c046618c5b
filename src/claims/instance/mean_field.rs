//! Instances of Paper B's network.

use super::InstanceError;
use super::residual::matrix;
use crate::arithmetic::Ball;
use crate::bounds::mean_field::ZeroResidual;
use crate::data::MeanFieldSpec;
use crate::meanfield::{ActivationBounds, MeanFieldError, ParticleTape, Particles, Regression};
use crate::recipe::mean_field::{self, MeanFieldRecipeError};

/// What every claim about mean-field networks is checked on.
#[derive(Clone, Debug)]
pub struct MeanFieldInstance {
    /// Data, activation and output scale.
    pub task: Regression,
    /// The network.
    pub network: Particles,
    /// A second one of the same depth, of any width.
    pub other: Particles,
    /// `c = 1 − βη/2` of the steps of gradient descent.
    pub step_margin: f64,
    /// Largest number of steps.
    pub steps: usize,
    /// The seed of what statistical claims draw.
    pub seed: u64,
    /// How much of it.
    pub draws: usize,
}

impl MeanFieldInstance {
    /// Builds the instance that a specification describes.
    ///
    /// # Errors
    /// Rows, particles or layers that do not fit; numbers that are not finite.
    ///
    /// # Example
    /// ```
    /// use polyak::{claims::MeanFieldInstance, data::MeanFieldSpec, meanfield::Activation};
    /// let instance = MeanFieldInstance::from_spec(&MeanFieldSpec {
    ///     activation: Activation::Tanh,
    ///     scale: 1.0,
    ///     inputs: vec![vec![0.5], vec![-1.0]],
    ///     targets: vec![vec![1.0], vec![0.0]],
    ///     network: vec![vec![vec![0.0, 1.0, 0.5], vec![0.0, -2.0, 0.1]]],
    ///     other: vec![vec![vec![0.1, 1.0, 0.5]]],
    ///     step_margin: 0.5,
    ///     steps: 1,
    ///     loss_share: None,
    ///     seed: 0,
    ///     draws: 1,
    /// })?;
    /// assert_eq!((instance.network.width(), instance.other.width()), (2, 1));
    /// # Ok::<(), polyak::claims::InstanceError>(())
    /// ```
    pub fn from_spec(spec: &MeanFieldSpec) -> Result<Self, InstanceError> {
        let inputs = matrix("inputs", &spec.inputs)?.transpose();
        let targets = matrix("targets", &spec.targets)?.transpose();
        let task = Regression::try_new(spec.activation, spec.scale, inputs, targets)?;
        let network = Particles::from_rows(&spec.network)?;
        let other = Particles::from_rows(&spec.other)?;
        let length = |what, length, expected| MeanFieldError::Length {
            what,
            index: 0,
            length,
            expected,
        };
        let expected = 2 * task.state_dimension() + 1;
        for particles in [&network, &other] {
            let rows = particles.layers()[0].nrows();
            if rows != expected {
                return Err(length("particle", rows, expected).into());
            }
        }
        if other.depth() != network.depth() {
            return Err(length("the second network", other.depth(), network.depth()).into());
        }
        let mut instance = Self {
            task,
            network,
            other,
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

    /// Moves the targets to the outputs of the network plus a multiple of the old targets, so that the initial risk
    /// is `share` of the largest that C10 allows.
    fn place_targets(&mut self, share: f64) -> Result<(), InstanceError> {
        let Some(start) = self.zero_residual()? else {
            return Ok(());
        };
        let allowed = start.allowed_risk(self.step_margin);
        let mut tape = ParticleTape::new(&self.task, self.network.depth(), self.network.width());
        tape.risk_at(&self.task, &self.network);
        let size = self.task.targets().norm_squared() / (2 * self.task.samples()) as f64;
        let factor = if size > 0.0 {
            (share * allowed / size).sqrt()
        } else {
            0.0
        };
        let targets = tape.outputs(&self.task) + self.task.targets() * factor;
        self.task = self.task.with_targets(targets)?;
        Ok(())
    }

    /// Returns `S0`, `S1`, `S2`, if they are finite.
    #[must_use]
    pub fn bounds(&self) -> Option<ActivationBounds> {
        self.task.activation().bounds()
    }

    /// Returns `|α|`.
    #[must_use]
    pub fn scale(&self) -> Ball {
        Ball::from(self.task.scale().abs())
    }

    /// Returns `(1 + max‖x_0‖²)^{1/2}`.
    pub fn input_size(&self) -> Ball {
        let columns = self.task.inputs().column_iter();
        let squares = columns.map(|x| Ball::norm_of(x.as_slice()).square());
        (Ball::from(1.0) + squares.fold(Ball::from(0.0), Ball::max)).sqrt()
    }

    /// Returns what C10 needs to know of the network, if its activation is bounded; it says something of
    /// networks with `u = 0` only.
    ///
    /// # Errors
    /// Features that are not bounded.
    pub fn zero_residual(&self) -> Result<Option<ZeroResidual>, MeanFieldRecipeError> {
        match mean_field::zero_residual(&self.task, &self.network) {
            Ok(start) => Ok(Some(start)),
            Err(MeanFieldRecipeError::Unbounded { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meanfield::Activation;

    /// Two samples on the line, one layer; `u = 0`.
    fn spec() -> MeanFieldSpec {
        let particle = |j: i32| vec![0.0, f64::from(j) - 3.0, (f64::from(j) * 1.3).sin()];
        MeanFieldSpec {
            activation: Activation::Tanh,
            scale: 2.0,
            inputs: vec![vec![0.75], vec![-1.0]],
            targets: vec![vec![1.0], vec![0.5]],
            network: vec![(0..8).map(particle).collect()],
            other: vec![vec![vec![0.5, 0.0, 1.0]]],
            step_margin: 0.5,
            steps: 1,
            loss_share: None,
            seed: 3,
            draws: 7,
        }
    }

    #[test]
    fn instances_hold_what_the_specification_says() {
        let instance = MeanFieldInstance::from_spec(&spec()).unwrap();
        assert_eq!((instance.network.width(), instance.other.width()), (8, 1));
        assert_eq!((instance.seed, instance.draws, instance.steps), (3, 7, 1));
        assert!(instance.input_size().contains(2f64.sqrt()));
        assert!(instance.scale().contains(2.0));
        let start = instance.zero_residual().unwrap().unwrap();
        assert_eq!((start.samples, start.particles), (2, 8));
        // (9 + 4 + 1 + 0 + 1 + 4 + 9 + 16)/8.
        assert!(start.w.contains(5.5f64.sqrt()));
        assert!(start.gram.lower() > 0.0);
    }

    #[test]
    fn targets_are_placed_at_a_share_of_what_is_allowed() {
        let placed = MeanFieldSpec {
            loss_share: Some(0.5),
            ..spec()
        };
        let instance = MeanFieldInstance::from_spec(&placed).unwrap();
        let start = instance.zero_residual().unwrap().unwrap();
        let mut tape = ParticleTape::new(&instance.task, 1, 8);
        let risk = tape.risk_at(&instance.task, &instance.network);
        assert!((risk / (0.5 * start.allowed_risk(0.5)) - 1.0).abs() < 1e-6);
        // Nothing is placed where nothing is bounded.
        let relu = MeanFieldSpec {
            activation: Activation::Relu,
            ..placed
        };
        let instance = MeanFieldInstance::from_spec(&relu).unwrap();
        assert_eq!(instance.task.targets().as_slice(), [1.0, 0.5]);
        assert!(instance.zero_residual().unwrap().is_none() && instance.bounds().is_none());
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let refused = |change: fn(&mut MeanFieldSpec)| {
            let mut spec = spec();
            change(&mut spec);
            MeanFieldInstance::from_spec(&spec).unwrap_err()
        };
        let length = |what, length, expected| {
            InstanceError::from(MeanFieldError::Length {
                what,
                index: 0,
                length,
                expected,
            })
        };
        let deeper = refused(|spec| spec.other.push(vec![vec![0.0; 3]]));
        assert_eq!(deeper, length("the second network", 2, 1));
        let wide = refused(|spec| spec.other[0][0] = vec![0.0; 5]);
        assert_eq!(wide, length("particle", 5, 3));
        assert!(matches!(
            refused(|spec| spec.inputs.clear()),
            InstanceError::MeanField(_)
        ));
    }
}
