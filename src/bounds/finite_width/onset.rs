//! How far a short training is from its first order in the step.

use super::{Majorant, MajorantTraining, Majorants, Perturbed};
use crate::arithmetic::{Ball, count};
use crate::factor::named;

/// A quantity after `n` steps of `η`, `f(η) = f(0) + ηf'(0) + ρ`, at any depth `D`: where `f'(0)` has the variance
/// `W/(DM)`, the standard deviation of `√(DM)·f` is within `remainder` of `η√W`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// `η²(½DΣ_kh_k²)^{1/2}`, `h_k` a bound of the derivative of `∂²f/∂η²` along layer `k`.
    pub remainder: Ball,
}

impl Onset {
    /// Bounds the remainder of a quantity that training leaves.
    pub fn of(training: &MajorantTraining, quantity: impl Fn(&Majorants) -> Majorant) -> Self {
        let along = |layer: usize| {
            let directions = [Perturbed::Layer(layer), Perturbed::Step, Perturbed::Step];
            quantity(&training.majorants(directions)).along(0b111)
        };
        let squares: Ball = training.measures().map(|k| along(k).square()).sum();
        let spread = (Ball::from(0.5) * count(training.depth) * squares).sqrt();
        let spread = named("onset: spread", spread);
        Self {
            remainder: training.step.square() * spread,
        }
    }

    /// Returns what holds the logarithm of `DM·Var f/(η²W)`; `None` where the remainder is not certainly smaller than
    /// the leading term.
    ///
    /// # Arguments
    /// * `root`: a lower bound of `η√W`.
    ///
    /// # Example
    /// ```
    /// use polyak::{arithmetic::Ball, bounds::finite_width::Onset};
    /// let onset = Onset { remainder: Ball::from(0.25) };
    /// let found = onset.logarithm(Ball::from(0.5)).unwrap();
    /// // (1 − ½)² and (1 + ½)²
    /// assert!(found.contains(0.25f64.ln()) && found.contains(2.25f64.ln()));
    /// assert!(onset.logarithm(Ball::from(0.25)).is_none());
    /// ```
    #[must_use]
    pub fn logarithm(&self, root: Ball) -> Option<Ball> {
        let (one, two) = (Ball::from(1.0), Ball::from(2.0));
        let share = named("onset: remainder", self.remainder) / root;
        let low = one - share;
        if !(root.lower() > 0.0 && low.lower() > 0.0) {
            return None;
        }
        let (low, high) = (two * low.ln(), two * (one + share).ln());
        Some(Ball::from_bounds(low.lower(), high.upper()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::balls;
    use crate::flow::mean_field::Descent;
    use crate::meanfield::{Activation, Particles, Regression};
    use nalgebra::DMatrix;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const DEPTH: usize = 2;
    const STEP: f64 = 0.125;
    const STEPS: usize = 3;

    /// One sample, two layers.
    fn training() -> MajorantTraining {
        MajorantTraining {
            amplitude: Ball::from(1.0),
            frequency: Ball::from(1.5),
            points: balls(&[0.7]),
            errors: balls(&[0.3]),
            depth: DEPTH,
            scale: Ball::from(1.25),
            step: Ball::from(STEP),
            steps: STEPS,
            rate: Ball::from(1.0),
            shared: false,
        }
    }

    fn second_order(layer: usize) -> f64 {
        let directions = [Perturbed::Layer(layer), Perturbed::Step, Perturbed::Step];
        let found = training().majorants(directions).outputs[0];
        found.along(0b111).mid()
    }

    #[test]
    fn remainders_are_their_formula() {
        let found = Onset::of(&training(), |found| found.outputs[0]);
        let (first, second) = (second_order(0), second_order(1));
        let expected = STEP * STEP * (0.5 * 2.0 * (first * first + second * second)).sqrt();
        assert!((found.remainder.mid() / expected - 1.0).abs() < 1e-12);
    }

    /// `u` is linear in the first step, and nothing else has moved.
    #[test]
    fn one_step_is_its_first_order() {
        let once = MajorantTraining {
            steps: 1,
            ..training()
        };
        let found = once.majorants([Perturbed::Layer(0), Perturbed::Step, Perturbed::Step]);
        let u = found.particles[1].u;
        assert!((u.along(0b010).mid() * STEP / u.along(0).mid() - 1.0).abs() < 1e-14);
        assert_eq!(u.along(0b110).mid(), 0.0);
        assert_eq!(found.particles[1].w.along(0b010).mid(), 0.0);
    }

    /// What is left of trained networks beside their first order moves by no more than is said when a particle is
    /// replaced, and by a hundredth of it now and then.
    #[test]
    fn remainders_move_less_than_their_bounds() {
        const WIDTH: usize = 4;
        let (input, scale) = (0.7, 1.25);
        let target = scale * input + 0.3;
        let (input, target) = (nalgebra::dmatrix![input], nalgebra::dmatrix![target]);
        let task = Regression::try_new(Activation::Cosine, scale, input, target).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let mut particle = || [0.0, rng.random_range(-1.5..1.5), rng.random_range(0.0..6.3)];
        let output = |layers: &[Vec<[f64; 3]>], step: f64| {
            let matrix = |layer: &Vec<[f64; 3]>| {
                DMatrix::from_iterator(3, WIDTH, layer.iter().flatten().copied())
            };
            let network = Particles::try_new(layers.iter().map(matrix).collect()).unwrap();
            let mut descent = Descent::new(&task, network);
            for _ in 0..STEPS {
                descent.step(step);
            }
            descent.outputs()[(0, 0)]
        };
        // A third derivative of some tens times 1e-10, and rounding 1e-16/1e-5.
        let remainder = |layers: &[Vec<[f64; 3]>]| {
            let slope = (output(layers, 1e-5) - output(layers, -1e-5)) / 2e-5;
            output(layers, STEP) - output(layers, 0.0) - STEP * slope
        };
        let mut largest = 0.0_f64;
        for layer in (0..100).flat_map(|_| 0..DEPTH) {
            let mut layers: Vec<Vec<[f64; 3]>> = (0..DEPTH)
                .map(|_| (0..WIDTH).map(|_| particle()).collect())
                .collect();
            let before = remainder(&layers);
            layers[layer][0] = particle();
            let moved = (remainder(&layers) - before).abs();
            let bound = STEP * STEP * second_order(layer) / WIDTH as f64;
            assert!(moved <= bound + 1e-8, "{layer}: {moved:e} {bound:e}");
            largest = largest.max(moved / bound);
        }
        assert!(largest > 0.01, "{largest}");
    }
}
