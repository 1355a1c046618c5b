//! Gradient descent in f64, on the batched pass.

use crate::meanfield::{ParticleTape, Particles, Regression};

/// Gradient descent on one network.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::flow::mean_field::Descent;
/// use polyak::meanfield::{Activation, Particles, Regression};
/// let task = Regression::try_new(Activation::Tanh, 1.0, dmatrix![0.5], dmatrix![1.5])?;
/// let start = Particles::try_new(vec![dmatrix![0.0, 0.0; 1.0, -1.0; 0.5, 1.0]])?;
/// let mut descent = Descent::new(&task, start);
/// let before = descent.step(0.5);
/// assert!(descent.risk() < before);
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Descent<'a> {
    task: &'a Regression,
    network: Particles,
    tape: ParticleTape,
}

impl<'a> Descent<'a> {
    /// Prepares a run from a network.
    #[must_use]
    pub fn new(task: &'a Regression, network: Particles) -> Self {
        let tape = ParticleTape::new(task, network.depth(), network.width());
        Self {
            task,
            network,
            tape,
        }
    }

    /// Takes the step `ω − ηG`; returns the risk before it.
    pub fn step(&mut self, step: f64) -> f64 {
        self.step_of(step, step)
    }

    /// Takes a step with learning rates of their own for `u` and for `(w, b)`; returns the risk before it.
    pub fn step_of(&mut self, u: f64, rest: f64) -> f64 {
        let risk = self.tape.run(self.task, &self.network);
        let q = self.network.state_dimension();
        self.network
            .descend(self.tape.gradient(), |a| if a < q { u } else { rest });
        risk
    }

    /// Returns the risk of the network.
    pub fn risk(&mut self) -> f64 {
        self.tape.risk_at(self.task, &self.network)
    }

    /// Returns the outputs of the network, d' × N.
    pub fn outputs(&mut self) -> nalgebra::DMatrix<f64> {
        self.tape.risk_at(self.task, &self.network);
        self.tape.outputs(self.task)
    }

    /// Returns the network.
    #[must_use]
    pub fn network(&self) -> &Particles {
        &self.network
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meanfield::Activation;
    use crate::meanfield::oracle::Case;

    #[test]
    fn steps_follow_the_gradient() {
        let case = Case::new(Activation::Erf, [3, 2, 1, 2, 4], 2);
        let mut descent = Descent::new(&case.task, case.network.clone());
        let mut tape = case.tape();
        assert_eq!(descent.step(0.25), tape.risk());
        assert_eq!(
            *descent.network(),
            case.network.plus(-0.25, tape.gradient())
        );
        let moved = descent.network().clone();
        assert_eq!(descent.risk(), tape.risk_at(&case.task, &moved));
        assert_eq!(descent.outputs(), tape.outputs(&case.task));
        // Rates of their own.
        tape.run(&case.task, &moved);
        descent.step_of(0.5, 0.0);
        for (k, layer) in descent.network().layers().iter().enumerate() {
            let gradient = &tape.gradient().layers()[k];
            for (a, row) in layer.row_iter().enumerate() {
                let rate = if a < 2 { 0.5 } else { 0.0 };
                assert_eq!(row, moved.layers()[k].row(a) - gradient.row(a) * rate);
            }
        }
    }
}
