//! What P8b.filtered promises of a network at zero weights, whose frequencies are drawn.
//!
//! There `T_0 = α²K̂ ⊗ Id`: outputs do not mix, and the linearised training is that of the Gram matrix on each target.
//! So errors, gradients and displacements of the linearised network are known to the last step before the first is
//! taken, labels and all, and [`filtered_envelope`] adds what the curvature may do.

use super::certificate::{FilteredPromise, Stated};
use super::plan::iterations;
use super::recheck::allowance;
use super::{Choice, Ingredients, RecipeError};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::{
    Convergence, EnvelopePoint, JacobianChange, LinearPoint, SpectralFilter, filtered_envelope,
};
use crate::features::FourierFeatures;
use crate::flow::{Guarantee, Linearised, Observation, Observer};
use crate::resnet::{ResNet, ResidualNetwork, TangentKernel};
use crate::spectrum::{SpectrumError, SymmetricEigen, symmetric_eigen};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The steps that are tried: `ηλ_max(T_0)/N` is so many sixteenths.
const SIXTEENTHS: std::ops::RangeInclusive<u32> = 2..=31;

/// The most steps that are promised by the spectrum: its sums take the square of them.
pub(super) const MOST_STEPS: usize = 4096;

/// The number of steps that are tried first; four times as many next.
const FIRST_STEPS: usize = 64;

/// The least `c = 1 − βη/2` of P8 from the last iterate on: a smaller one loses digits in the difference.
const LEAST_MARGIN: f64 = 1.0 / 64.0;

/// Iterates of a step that P8 is tried from.
const ENDS: usize = 8;

/// Radii that are tried around the last iterate.
const RADII: u32 = 200;

/// A network at zero weights: its Gram matrix, and the data.
pub(super) struct LinearTask<'a> {
    features: &'a FourierFeatures,
    data: [&'a DMatrix<f64>; 2],
    /// `K̂`, as computed.
    gram: DMatrix<f64>,
    /// What its entries may be off by, here or in the second proof.
    entry_error: f64,
    /// `N × d'`.
    targets: DMatrix<f64>,
}

/// So many steps of a size, each off by no more than this.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    pub count: usize,
    pub step: f64,
    pub rounding: f64,
}

/// A step, and what it promises.
pub(super) struct Promised {
    /// P8 from the last iterate on.
    pub choice: Choice,
    /// P8b.filtered up to there.
    pub filtered: FilteredPromise,
}

/// The errors of the linearised training as they are by the spectrum of `K̂`: an estimate.
struct Modes {
    /// Eigenvalues `λ` of `K̂`, and the squares of the targets along each.
    pairs: Vec<(f64, f64)>,
}

impl<'a> LinearTask<'a> {
    /// Takes the Gram matrix of what an observer has seen at zero weights.
    ///
    /// # Arguments
    /// * `inputs`: d × N; `targets`: d' × N.
    pub fn new(
        observer: &Observer<'a>,
        observation: &Observation,
        inputs: &'a DMatrix<f64>,
        targets: &'a DMatrix<f64>,
    ) -> Self {
        let network = observer.network();
        let own = network.gram_entry_error(&observation.rounding, 0);
        let again = allowance::of_drawn_entry(inputs, network.features().frequencies());
        Self {
            features: network.features(),
            data: [inputs, targets],
            gram: network.gram(observer.tape(), 0),
            entry_error: own.max(again),
            targets: targets.transpose(),
        }
    }

    /// The network linearised at a scale of the readout.
    fn linearised(&self, scale: f64) -> Linearised {
        let square = scale * scale;
        // Entries are at most one: the square is rounded once, each product once.
        let rounded = Ball::from(self.entry_error) + Ball::from(4.0 * UNIT_ROUNDOFF);
        let kernel = TangentKernel {
            matrix: &self.gram * square,
            entry_error: (Ball::from(scale).square() * rounded).upper(),
        };
        Linearised::by_outputs(kernel, -&self.targets)
    }

    /// Returns what P8b.filtered guarantees of every iterate, the start included.
    pub fn envelope(
        &self,
        ingredients: &Ingredients,
        scale: f64,
        steps: Steps,
    ) -> Vec<EnvelopePoint> {
        let (filter, change) = ingredients.spectral(scale, steps.step);
        let slope = filter.largest.sqrt();
        let line = self.linearised(scale).train(steps.step, steps.count, slope);
        followed(&filter, &change, &line, steps.rounding)
    }

    /// What the first gradient of a training may be off by, of a network of this depth and scale.
    fn gradient_error(&self, depth: usize, scale: f64) -> Result<f64, RecipeError> {
        let [inputs, targets] = self.data;
        let (d, outputs) = (inputs.nrows(), targets.nrows());
        let network = ResNet::lifted(d, outputs, scale, self.features.clone(), depth)?;
        let mut observer = Observer::try_new(&network, inputs, targets)?;
        let observation = observer.observe(&network.zero_weights());
        Ok(observation.rounding.gradient_error())
    }

    fn modes(&self) -> Result<Modes, SpectrumError> {
        let SymmetricEigen { values, vectors } = symmetric_eigen(&self.gram)?;
        let along = vectors.tr_mul(&self.targets);
        let squares = along.row_iter().map(|row| row.norm_squared());
        Ok(Modes {
            pairs: values.iter().copied().zip(squares).collect(),
        })
    }

    /// Finds the step with which the fewest steps are promised, P8's from where the spectrum ends included, of those
    /// that are tried; none if P8 applies nowhere, or the envelope is not known well enough to be proved again.
    ///
    /// # Arguments
    /// * `target`: `ε`.
    ///
    /// # Errors
    /// A Gram matrix without a spectrum; what a network refuses.
    pub fn best(
        &self,
        ingredients: &Ingredients,
        scale: f64,
        target: f64,
    ) -> Result<Option<Promised>, RecipeError> {
        let modes = self.modes()?;
        let off = self.gradient_error(ingredients.depth, scale)?;
        let largest = (Ball::from(scale).square() * ingredients.largest).upper();
        let reach = |sixteenths: u32| {
            let step = f64::from(sixteenths) / 16.0 * ingredients.samples as f64 / largest;
            let rounding = ingredients.step_rounding(scale, step * off);
            let points = modes.falling(ingredients, scale, target, [step, rounding]);
            let last = points.len() - 1;
            // To the target, or as far as the bounds fall; or less far, where P8 is the faster one.
            let ends = (1..=ENDS).map(|k| last * k / ENDS).filter(|&end| end > 0);
            let ends = ends.filter_map(|count| {
                let choice = ingredients.resumed(scale, step, &points[count])?;
                let loss = points[count].loss(ingredients.samples);
                let more = steps_after(ingredients, loss, choice.rate(), target);
                let steps = Steps {
                    count,
                    step,
                    rounding,
                };
                Some((more.saturating_add(count as u64), steps))
            });
            ends.min_by_key(|&(total, _)| total)
        };
        let mut tried: Vec<(u64, Steps)> = SIXTEENTHS.into_par_iter().filter_map(reach).collect();
        // The shorter step of two that take as many: P8 goes on faster.
        tried.sort_by_key(|&(total, _)| total);
        let mut promised = tried
            .iter()
            .filter_map(|&(_, steps)| self.promised(ingredients, scale, target, steps));
        Ok(promised.next())
    }

    /// What is promised with a step, from the Gram matrix itself; that `steps.count` of them are enough is an estimate.
    fn promised(
        &self,
        ingredients: &Ingredients,
        scale: f64,
        target: f64,
        steps: Steps,
    ) -> Option<Promised> {
        let more = Steps {
            count: (steps.count + 1 + steps.count / 64).min(MOST_STEPS),
            ..steps
        };
        let points = self.envelope(ingredients, scale, more);
        let stated = |ball: Ball| {
            let known = ball.rad() <= allowance::OF_ENVELOPE / 8.0 * ball.mid();
            known.then(|| ball.upper() * (1.0 + allowance::OF_ENVELOPE))
        };
        let allowed = target * ingredients.initial_loss.lower();
        let reached = points.iter().position(|point| {
            let error = stated(point.error).unwrap_or(f64::INFINITY);
            known(error, 0.0).loss(ingredients.samples).upper() <= allowed
        });
        // Or the last iterate that is known well enough.
        let whole = |n: &usize| {
            let at = points.get(*n);
            at.is_some_and(|at| stated(at.error).is_some() && stated(at.displacement).is_some())
        };
        let last = reached.or_else(|| (1..=steps.count).rev().find(whole))?;
        let at = &points[last];
        let (error, displacement) = (stated(at.error)?, stated(at.displacement)?);
        Some(Promised {
            choice: ingredients.resumed(scale, steps.step, &known(error, displacement))?,
            filtered: FilteredPromise {
                iterations: last as u64,
                rounding: steps.rounding,
                error: Stated::new(error, "P8b.filtered: ‖e_n‖ after these steps"),
                displacement: Stated::new(displacement, "P8b.filtered: ‖vⁿ‖ there"),
            },
        })
    }
}

/// Steps that P8 needs from a loss to the target; none if it is reached.
pub(super) fn steps_after(ingredients: &Ingredients, loss: Ball, rate: f64, target: f64) -> u64 {
    let share = (Ball::from(target) * ingredients.initial_loss / loss).lower();
    if share >= 1.0 {
        0
    } else {
        iterations(rate, share)
    }
}

/// An iterate of which no more than these is stated.
fn known(error: f64, displacement: f64) -> EnvelopePoint {
    let [error, displacement, zero] = [error, displacement, 0.0].map(Ball::from);
    EnvelopePoint::known(error, displacement, zero)
}

fn followed(
    filter: &SpectralFilter,
    change: &JacobianChange,
    line: &[LinearPoint],
    rounding: f64,
) -> Vec<EnvelopePoint> {
    filtered_envelope(filter, |p| change.at(p), line, &vec![rounding; line.len()])
}

impl Modes {
    /// `‖ê_n‖`, `‖v̂ⁿ − v⁰‖` and `‖J_0*ê_n‖`.
    fn line(&self, [scale, samples, step]: [f64; 3], steps: usize) -> Vec<LinearPoint> {
        let point = |n: usize| {
            let [mut error, mut place, mut pull] = [0.0; 3];
            for &(value, square) in &self.pairs {
                let value = scale * scale * value.max(f64::MIN_POSITIVE);
                let left = (1.0 - step * value / samples).powi(n as i32);
                error += square * left * left;
                place += square * (1.0 - left).powi(2) / value;
                pull += square * value * left * left;
            }
            let [error, displacement, pull] = [error, place, pull].map(|x| Ball::from(x.sqrt()));
            LinearPoint {
                error,
                displacement,
                pull,
            }
        };
        (0..=steps).map(point).collect()
    }

    /// The envelope up to where it reaches the target, or to its least error if it does not in the most steps.
    fn falling(
        &self,
        ingredients: &Ingredients,
        scale: f64,
        target: f64,
        [step, rounding]: [f64; 2],
    ) -> Vec<EnvelopePoint> {
        let samples = ingredients.samples;
        let (filter, change) = ingredients.spectral(scale, step);
        // What is stated of the errors is a little more.
        let room = (1.0 + 2.0 * allowance::OF_ENVELOPE).powi(2);
        let allowed = target * ingredients.initial_loss.lower() / room;
        let mut steps = FIRST_STEPS;
        loop {
            let line = self.line([scale, samples as f64, step], steps);
            let mut points = followed(&filter, &change, &line, rounding);
            let reached = points
                .iter()
                .position(|p| p.loss(samples).upper() <= allowed);
            let (half, last) = (&points[points.len() / 2], &points[points.len() - 1]);
            let falls = points.len() > steps && last.error.upper() < half.error.upper();
            if reached.is_none() && falls && steps < MOST_STEPS {
                steps = (4 * steps).min(MOST_STEPS);
                continue;
            }
            let error = |n: usize| points[n].error.upper();
            let least = (0..points.len()).reduce(|m, n| if error(n) < error(m) { n } else { m });
            points.truncate(reached.or(least).map_or(0, |last| last + 1));
            return points;
        }
    }
}

impl Ingredients {
    /// Returns what steps do to what is added to the errors, and how much the Jacobian changes around zero weights.
    #[must_use]
    pub fn spectral(&self, scale: f64, step: f64) -> (SpectralFilter, JacobianChange) {
        let square = Ball::from(scale).square();
        let filter = SpectralFilter {
            smallest: square * Ball::from(self.smallest.lower().max(0.0)),
            largest: square * self.largest,
            rate: Ball::from(step) / Ball::from(self.samples as f64),
        };
        let around = self.local(square).reference;
        let change = JacobianChange::new(self.samples, square, self.largest, around);
        (filter, change)
    }

    /// What a step may be off by: its gradient as much as the first, its sum as the longest weights.
    fn step_rounding(&self, scale: f64, of_gradient: f64) -> f64 {
        let error = (2.0 * self.samples as f64 * self.initial_loss.upper()).sqrt();
        let longest = error / (scale * self.smallest.lower().sqrt());
        Guarantee::allowed_rounding(of_gradient, longest)
    }

    /// The constants of P8 from an iterate that an envelope knows, on the ball around it with the largest rate of
    /// those that are tried; none where its condition is not certain.
    fn resumed(&self, scale: f64, step: f64, from: &EnvelopePoint) -> Option<Choice> {
        let (place, loss) = (from.displacement.upper(), from.loss(self.samples));
        let widest = self.largest_radius() - place;
        let at = |share: u32| {
            let radius = widest * (f64::from(share) / f64::from(RADII)).powi(3);
            self.resumed_at(scale, step, [place, radius], loss)
        };
        let choices = (1..=RADII).filter_map(at);
        choices.reduce(|best, next| {
            if next.rate() > best.rate() {
                next
            } else {
                best
            }
        })
    }

    /// The same on the ball of a radius around an iterate, with the room that what is stated leaves.
    fn resumed_at(
        &self,
        scale: f64,
        step: f64,
        [place, radius]: [f64; 2],
        loss: Ball,
    ) -> Option<Choice> {
        let outer = (Ball::from(place) + Ball::from(radius)).upper();
        let roundings = allowance::of_sum(self.depth);
        let pl_constant = Ball::from(scale).square() * self.unit_pl_constant(outer);
        let (smoothness, version) = self.smoothness_below(scale, outer, loss);
        let convergence = Convergence {
            pl_constant: pl_constant * Ball::from(1.0 - 2.0 * roundings),
            smoothness: smoothness * Ball::from(1.0 + 2.0 * roundings),
            step,
            radius,
        };
        let positive =
            pl_constant.lower() > 0.0 && convergence.step_margin().lower() > LEAST_MARGIN;
        let small = convergence.loss_threshold().lower() >= loss.upper();
        (positive && small).then_some(Choice {
            scale,
            convergence: Convergence {
                pl_constant,
                smoothness,
                ..convergence
            },
            version,
            largest_rate: f64::INFINITY,
        })
    }
}
