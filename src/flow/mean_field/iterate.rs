//! Exact gradient descent, enclosed in balls.

use crate::arithmetic::Ball;
use crate::evidence::LARGEST_TOLERANCE;
use crate::meanfield::twin::{self, TwinPass};
use crate::meanfield::{Cloud, Moments, Particles, Regression};

/// A network and what one forward and backward pass says of it, all in balls that hold the exact numbers.
#[derive(Clone, Debug)]
pub struct Iterate {
    /// The particles.
    pub cloud: Cloud<Ball>,
    /// States, features and risk.
    pub pass: TwinPass<Ball>,
    /// The mean-field gradient `G`.
    pub gradient: Cloud<Ball>,
    /// `‖∇L‖² = (DM)⁻¹ΣΣ‖G‖²`.
    pub gradient_norm_squared: Ball,
}

impl Iterate {
    /// Observes a network.
    ///
    /// # Panics
    /// If shapes do not fit.
    ///
    /// # Cost
    /// `O(NDMq)` operations of balls.
    #[must_use]
    pub fn of(task: &Regression, cloud: Cloud<Ball>) -> Self {
        let pass = twin::forward(task, &cloud);
        let gradient = twin::backward(task, &cloud, &pass).gradient;
        let gradient_norm_squared = twin::inner(&gradient, &gradient);
        Self {
            cloud,
            pass,
            gradient,
            gradient_norm_squared,
        }
    }

    /// Observes a network of exactly known particles.
    ///
    /// # Panics
    /// If shapes do not fit.
    pub fn start(task: &Regression, network: &Particles) -> Self {
        Self::of(task, network.cloud(Ball::from))
    }

    /// Returns the risk.
    #[must_use]
    pub fn risk(&self) -> Ball {
        self.pass.risk
    }

    /// Takes the exact step `ω − ηG`.
    ///
    /// # Panics
    /// If shapes do not fit.
    #[must_use]
    pub fn step(&self, task: &Regression, step: f64) -> Self {
        Self::of(
            task,
            twin::plus(&self.cloud, Ball::from(-step), &self.gradient),
        )
    }

    /// Returns the moments of the network.
    #[must_use]
    pub fn moments(&self) -> Moments {
        Moments::of(&self.cloud)
    }

    /// Tells whether risk and gradient are known to one per cent.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let known = |x: Ball| x.is_bounded() && x.rad() <= LARGEST_TOLERANCE * x.mid();
        known(self.pass.risk) && known(self.gradient_norm_squared)
    }
}

/// Runs exact gradient descent: the start, and at most `steps` iterates as long as each
/// [is known](Iterate::is_known).
///
/// # Panics
/// If shapes do not fit.
///
/// # Example
/// ```
/// use nalgebra::dmatrix;
/// use polyak::flow::mean_field::{Iterate, descend};
/// use polyak::meanfield::{Activation, Particles, Regression};
/// let task = Regression::try_new(Activation::Cosine, 1.0, dmatrix![0.5], dmatrix![1.5])?;
/// let network = Particles::try_new(vec![dmatrix![0.0; 0.0; 0.0]])?;
/// let run = descend(&task, Iterate::start(&task, &network), 0.5, 3);
/// // Only u moves at first: the error −1 is halved, up to what b adds later.
/// assert!(run[1].risk().contains(0.125) && run.len() == 4);
/// # Ok::<(), polyak::meanfield::MeanFieldError>(())
/// ```
#[must_use]
pub fn descend(task: &Regression, start: Iterate, step: f64, steps: usize) -> Vec<Iterate> {
    let mut run = vec![start];
    while run.len() <= steps && run[run.len() - 1].is_known() {
        let next = run[run.len() - 1].step(task, step);
        run.push(next);
    }
    if run.len() > 1 && !run[run.len() - 1].is_known() {
        run.pop();
    }
    run
}

/// Returns the distance of two networks in `L²(μ)`, particle `j` of a layer matched with particle `j`.
///
/// # Panics
/// If the shapes differ.
#[must_use]
pub fn labelled_distance(a: &Cloud<Ball>, b: &Cloud<Ball>) -> Ball {
    let difference = twin::plus(a, Ball::from(-1.0), b);
    twin::inner(&difference, &difference).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meanfield::Activation;
    use crate::meanfield::oracle::Case;

    #[test]
    fn balls_hold_the_run_in_f64() {
        let case = Case::new(Activation::Tanh, [3, 2, 2, 2, 4], 2);
        let run = descend(
            &case.task,
            Iterate::start(&case.task, &case.network),
            0.05,
            8,
        );
        assert_eq!(run.len(), 9);
        let mut network = case.network.clone();
        let mut tape = case.tape();
        for iterate in &run {
            assert!(iterate.risk().contains(tape.run(&case.task, &network)));
            let norm = tape.gradient().norm().square();
            let found = iterate.gradient_norm_squared;
            assert!((found.mid() - norm.mid()).abs() <= found.rad() + norm.rad());
            assert!(found.rad() < 1e-6 * found.mid());
            network = network.plus(-0.05, tape.gradient());
        }
        assert!(run[8].risk().upper() < run[0].risk().lower());
    }

    #[test]
    fn distances_are_root_means_of_matched_particles() {
        let case = Case::new(Activation::Tanh, [1, 1, 1, 2, 3], 2);
        let a = case.network.cloud(Ball::from);
        let mut b = a.clone();
        b[0][1][0] = b[0][1][0] + Ball::from(3.0);
        b[1][2][2] = b[1][2][2] - Ball::from(4.0);
        // √((9 + 16)/6).
        let found = labelled_distance(&a, &b);
        assert!(found.contains((25.0 / 6.0_f64).sqrt()) && found.rad() < 1e-13);
    }

    /// A step so long that the balls lose all digits ends the run.
    #[test]
    fn runs_end_where_nothing_is_known() {
        let case = Case::new(Activation::Cosine, [2, 1, 1, 2, 3], 2);
        let run = descend(
            &case.task,
            Iterate::start(&case.task, &case.network),
            50.0,
            60,
        );
        assert!(run.len() < 60 && run.iter().all(Iterate::is_known));
        assert_eq!(descend(&case.task, run[0].clone(), 0.1, 0).len(), 1);
        // A start without digits is all there is.
        let blurred = case.network.cloud(|x| Ball::new(x, 10.0));
        let blurred = Iterate::of(&case.task, blurred);
        assert!(!blurred.is_known());
        assert_eq!(descend(&case.task, blurred, 0.1, 5).len(), 1);
    }
}
