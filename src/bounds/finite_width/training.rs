//! Majorants carried through gradient descent.

use super::Majorant;
use crate::arithmetic::Ball;
use crate::factor::named;
use std::ops::Add;

/// What is perturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perturbed {
    /// The measure of a layer.
    Layer(usize),
    /// The learning rate of `(w, b)`, relative to that of `u`.
    Rate,
    /// The step.
    Step,
}

/// A network at rest, `x_{k+1} = x_k + D⁻¹∫uσ(w·x_k + b)dμ_k` with `u = 0`, the output `αPx_D`, and its gradient
/// descent: sizes of all that enters.
///
/// With the vector `σ = (cos, sin)` of amplitude 1, `b = 0`, the [`rate`](Self::rate) zero and one measure for all
/// layers it is the network of random features, `w` the frequencies.
#[derive(Clone, Debug, PartialEq)]
pub struct MajorantTraining {
    /// A bound of `|σ|` and of all derivatives of `σ`.
    pub amplitude: Ball,
    /// The largest `‖w‖`.
    pub frequency: Ball,
    /// `‖x_0^i‖`.
    pub points: Vec<Ball>,
    /// `‖e^i‖` at the start.
    pub errors: Vec<Ball>,
    /// `D`.
    pub depth: usize,
    /// `‖αP‖`.
    pub scale: Ball,
    /// `η`.
    pub step: Ball,
    /// How many steps.
    pub steps: usize,
    /// The learning rate of `(w, b)`, relative to that of `u`: 1, or at most this.
    pub rate: Ball,
    /// All layers have the same measure.
    pub shared: bool,
}

/// A particle of a layer, wherever it started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Particle {
    /// `‖u‖`.
    pub u: Majorant,
    /// How far `w` has moved, divided by the rate.
    pub w: Majorant,
    /// How far `b` has.
    pub b: Majorant,
}

impl Particle {
    fn at_rest() -> Self {
        let zero = Majorant::constant(Ball::from(0.0));
        Self {
            u: zero,
            w: zero,
            b: zero,
        }
    }

    /// Bounds `‖(u, w, b)‖` at the rate 1.
    #[must_use]
    pub fn norm(&self) -> Majorant {
        Majorant::norm(&[self.u, self.w, self.b])
    }
}

/// What training leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Majorants {
    /// How far the output has moved, one a sample.
    pub outputs: Vec<Majorant>,
    /// One a layer.
    pub particles: Vec<Particle>,
}

/// Displacements of the states of one sample and the activations at them, a layer each.
struct Path {
    moved: Vec<Majorant>,
    waves: Vec<Majorant>,
}

impl MajorantTraining {
    /// The layers whose measures are drawn apart.
    pub(super) fn measures(&self) -> std::ops::Range<usize> {
        0..if self.shared { 1 } else { self.depth }
    }

    /// Bounds the trained network and its derivatives along three directions: along `ν` of a measure, per unit of
    /// `|∫h dν|/sup|h|`.
    ///
    /// # Cost
    /// A few hundred operations a sample, layer and step.
    #[must_use]
    pub fn majorants(&self, directions: [Perturbed; 3]) -> Majorants {
        let rate = self.rate_along(&directions);
        let step = named("majorant training: η", self.step);
        let step = moving(step, Perturbed::Step, &directions);
        let mut particles = vec![Particle::at_rest(); self.depth];
        for _ in 0..self.steps {
            let gradient = self.gradient(&particles, rate, &directions);
            for (particle, gradient) in particles.iter_mut().zip(gradient) {
                particle.u = particle.u + step * gradient.u;
                particle.w = particle.w + step * gradient.w;
                particle.b = particle.b + step * gradient.b;
            }
        }
        let outputs = (0..self.points.len()).map(|i| {
            let path = self.forward(i, &particles, rate, &directions);
            path.moved[self.depth].scaled(self.readout())
        });
        let outputs = outputs.collect();
        Majorants { outputs, particles }
    }

    fn rate_along(&self, directions: &[Perturbed; 3]) -> Majorant {
        let rate = named("majorant training: rate", self.rate);
        moving(rate, Perturbed::Rate, directions)
    }

    fn readout(&self) -> Ball {
        named("majorant training: ‖αP‖", self.scale)
    }

    /// `x_k`, from how far it has moved.
    fn state(&self, sample: usize, moved: Majorant) -> Majorant {
        moved.about(named("majorant training: ‖x‖", self.points[sample]))
    }

    /// `w` at any time.
    fn frequency(&self, particle: &Particle, rate: Majorant) -> Majorant {
        (rate * particle.w).about(named("majorant training: ‖w‖", self.frequency))
    }

    /// A share of the mean over layer `k`.
    fn mean(&self, terms: Majorant, k: usize, directions: &[Perturbed; 3]) -> Majorant {
        let moving = directions.map(|direction| match direction {
            Perturbed::Layer(layer) => self.shared || layer == k,
            Perturbed::Rate | Perturbed::Step => false,
        });
        let share = Ball::from(1.0) / Ball::from(self.depth as f64);
        let share = named("majorant training: 1/D", share);
        terms.averaged(moving).scaled(share)
    }

    fn forward(
        &self,
        sample: usize,
        particles: &[Particle],
        rate: Majorant,
        directions: &[Perturbed; 3],
    ) -> Path {
        let mut path = Path {
            moved: vec![Majorant::constant(Ball::from(0.0))],
            waves: Vec::with_capacity(self.depth),
        };
        for (k, particle) in particles.iter().enumerate() {
            let moved = path.moved[k];
            let phase = self.frequency(particle, rate) * self.state(sample, moved);
            let wave = (phase + rate * particle.b).wave(self.amplitude);
            let step = self.mean(particle.u * wave, k, directions);
            path.moved.push(moved + step);
            path.waves.push(wave);
        }
        path
    }

    /// `G`, that of `(w, b)` before the factor of their rate.
    fn gradient(
        &self,
        particles: &[Particle],
        rate: Majorant,
        directions: &[Perturbed; 3],
    ) -> Vec<Particle> {
        let mut sums = vec![Particle::at_rest(); self.depth];
        let samples = named("majorant training: N", Ball::from(self.points.len() as f64));
        for (i, &error) in self.errors.iter().enumerate() {
            let path = self.forward(i, particles, rate, directions);
            let error = named("majorant training: ‖e‖", error);
            let error = path.moved[self.depth].scaled(self.readout()).about(error);
            let mut adjoint = error.scaled(self.readout() / samples);
            for (k, particle) in particles.iter().enumerate().rev() {
                let (wave, sum) = (path.waves[k], &mut sums[k]);
                let slope = wave * (particle.u * adjoint);
                sum.u = sum.u + wave * adjoint;
                sum.w = sum.w + slope * self.state(i, path.moved[k]);
                sum.b = sum.b + slope;
                let pulled = slope * self.frequency(particle, rate);
                adjoint = adjoint + self.mean(pulled, k, directions);
            }
        }
        sums
    }

    /// Bounds `D⁻¹Σ_k∫(‖Δu‖² + λ‖Δ(w, b)/λ‖²)dμ_k`, `λ` the rate: the mean square displacement at `λ = 1`.
    pub fn displacement(&self, directions: [Perturbed; 3]) -> Majorant {
        let rate = self.rate_along(&directions);
        let particles = self.majorants(directions).particles;
        let layers = particles.iter().enumerate().map(|(k, particle)| {
            let rest = particle.w * particle.w + particle.b * particle.b;
            self.mean(particle.u * particle.u + rate * rest, k, &directions)
        });
        layers
            .reduce(Majorant::add)
            .expect("a network has at least one layer")
    }
}

/// A number that moves along its own direction.
fn moving(number: Ball, own: Perturbed, directions: &[Perturbed; 3]) -> Majorant {
    let along = directions.iter().enumerate();
    let along = along.filter(|(_, direction)| **direction == own);
    along.fold(Majorant::constant(number), |majorant, (j, _)| {
        majorant.moving(j, Ball::from(1.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::agreement::balls;
    use crate::flow::mean_field::Descent;
    use crate::meanfield::{Activation, Particles, Regression};
    use Perturbed::{Layer, Rate};
    use nalgebra::DMatrix;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Two samples, two layers, three steps.
    fn training(rate: f64) -> MajorantTraining {
        MajorantTraining {
            amplitude: Ball::from(1.2),
            frequency: Ball::from(1.5),
            points: balls(&[0.7, 0.4]),
            errors: balls(&[0.3, 0.2]),
            depth: 2,
            scale: Ball::from(1.25),
            step: Ball::from(0.125),
            steps: 3,
            rate: Ball::from(rate),
            shared: false,
        }
    }

    fn agrees(found: Majorant, expected: [f64; 8]) {
        for (set, expected) in expected.into_iter().enumerate() {
            let found = found.along(set).mid();
            assert!(
                (found / expected - 1.0).abs() < 1e-11,
                "{set}: {found:e} {expected:e}"
            );
        }
    }

    /// Computed by another program, in Python, with the sums over partitions written as a recursion of exponentials.
    #[test]
    fn majorants_agree_with_another_implementation() {
        let found = training(0.5).majorants([Layer(1), Layer(0), Rate]);
        agrees(
            found.outputs[0],
            [
                2.838433867149e-1,
                1.894018948451e-1,
                2.245701683518e-1,
                1.093887722765e-1,
                6.008290931439e-3,
                6.215360789689e-3,
                7.365358321353e-3,
                7.547638827368e-3,
            ],
        );
        agrees(
            found.particles[0].u,
            [
                1.942178773154e-1,
                3.649643324042e-2,
                2.991472823132e-2,
                9.761382128237e-3,
                5.048793483912e-4,
                3.221807593684e-4,
                2.667682538542e-4,
                1.782404259144e-4,
            ],
        );
        agrees(
            found.particles[1].w,
            [
                6.933471321963e-3,
                1.741128984199e-3,
                3.201871186996e-3,
                1.003276348189e-3,
                3.307585655629e-5,
                1.730482886381e-5,
                3.155796606852e-5,
                1.669134383478e-5,
            ],
        );
        let found = training(1.0).majorants([Layer(0), Layer(1), Layer(1)]);
        agrees(
            found.particles[0].b,
            [
                1.221189102578e-2,
                3.439574697967e-3,
                4.208078150023e-3,
                1.498824764794e-3,
                4.208078150023e-3,
                1.498824764794e-3,
                1.365157572898e-3,
                6.361267380190e-4,
            ],
        );
        agrees(
            training(0.5).displacement([Layer(0), Layer(0), Rate]),
            [
                3.592456428256e-2,
                3.157668273973e-2,
                3.157668273973e-2,
                1.653213441133e-2,
                3.666009795557e-4,
                4.645876382373e-4,
                4.645876382373e-4,
                4.291117713889e-4,
            ],
        );
    }

    /// One measure for both layers moves as both of two do.
    #[test]
    fn a_shared_measure_is_two_that_move_together() {
        let apart = training(0.0);
        let shared = MajorantTraining {
            shared: true,
            ..apart.clone()
        };
        assert_eq!((apart.measures(), shared.measures()), (0..2, 0..1));
        let together = shared.majorants([Layer(0), Layer(0), Layer(0)]).outputs[1];
        let first = |layer| apart.majorants([Layer(layer); 3]).outputs[1].along(1);
        let both = (first(0) + first(1)).mid();
        assert!((together.along(1).mid() / both - 1.0).abs() < 1e-12);
        let pairs = [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[a, b]| {
            let found = apart.majorants([Layer(a), Layer(b), Layer(0)]);
            found.outputs[1].along(3).mid()
        });
        let all: f64 = pairs.iter().sum();
        assert!((together.along(3).mid() / all - 1.0).abs() < 1e-12);
    }

    /// Replacing particles of networks that are trained moves the output by no more than the majorants say, and by
    /// a tenth of it, and a fiftieth to the second order, now and then.
    #[test]
    fn trained_networks_move_less_than_their_majorants() {
        const WIDTH: usize = 4;
        let (depth, step, steps) = (2, 0.125, 3);
        let task = Regression::try_new(
            Activation::Cosine,
            1.25,
            nalgebra::dmatrix![0.7, -0.4],
            nalgebra::dmatrix![1.25 * 0.7 + 0.3, -1.25 * 0.4 - 0.2],
        )
        .unwrap();
        let bounds = MajorantTraining {
            amplitude: Ball::from(1.0),
            ..training(1.0)
        };
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut particle = || [0.0, rng.random_range(-1.5..1.5), rng.random_range(0.0..6.3)];
        let m = WIDTH as f64;
        let mut largest = [0.0_f64; 3];
        for (k, l) in (0..100).flat_map(|_| [(0, 0), (0, 1), (1, 1)]) {
            let layers: Vec<Vec<[f64; 3]>> = (0..depth)
                .map(|_| (0..WIDTH).map(|_| particle()).collect())
                .collect();
            let others = [particle(), particle(), particle()];
            let output = |replaced: usize| {
                let mut layers = layers.clone();
                for (j, layer) in [k, l, l].into_iter().enumerate() {
                    if replaced >> j & 1 == 1 {
                        layers[layer][j] = others[j];
                    }
                }
                let matrices = layers
                    .iter()
                    .map(|layer| DMatrix::from_iterator(3, WIDTH, layer.iter().flatten().copied()));
                let network = Particles::try_new(matrices.collect()).unwrap();
                let mut descent = Descent::new(&task, network);
                for _ in 0..steps {
                    descent.step(step);
                }
                descent.outputs()[(0, 0)]
            };
            let f: Vec<f64> = (0..8).map(output).collect();
            let found = bounds.majorants([Layer(k), Layer(l), Layer(l)]).outputs[0];
            let differences = [
                (0b001, f[1] - f[0]),
                (0b011, f[3] - f[2] - f[1] + f[0]),
                (0b110, f[6] - f[4] - f[2] + f[0]),
                (0b111, f[7] - f[6] - f[5] - f[3] + f[4] + f[2] + f[1] - f[0]),
            ];
            for (set, difference) in differences {
                let order = usize::count_ones(set);
                let moved = difference.abs() * (0.5 * m).powi(order as i32);
                // 1e-13 is the rounding of eight outputs of size one.
                let bound = found.along(set).upper() + 1e-13 * m.powi(3);
                assert!(moved <= bound, "{set}: {moved:e} {bound:e}");
                let share = &mut largest[order as usize - 1];
                *share = share.max(moved / bound);
            }
        }
        assert!(largest[0] > 0.1 && largest[1] > 0.02, "{largest:?}");
    }
}
