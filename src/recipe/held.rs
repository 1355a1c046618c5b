//! What a training is held to, step by step.

use super::certificate::TrainingCertificate;
use crate::arithmetic::Ball;
use crate::bounds::{
    ComputedStep, EnvelopePoint, EnvelopeState, LossEnvelope, LossSlope, Standing,
};
use crate::resnet::ResNet;
use std::sync::Arc;

/// The promise of a certificate, carried along a training: P8b.filtered to its last iterate, if it is promised, and
/// P8 from there on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    /// What P8b.filtered guarantees of every iterate; empty without it.
    points: Arc<[EnvelopePoint]>,
    /// The iterate that P8 starts from.
    start: u64,
    /// What every step up to there may be off by.
    rounding: f64,
    samples: usize,
    /// P8, with the state of the training.
    envelope: LossEnvelope,
}

impl Held {
    /// Goes on from a state, or starts at zero weights with one.
    ///
    /// # Arguments
    /// * `points`: what P8b.filtered guarantees; empty without it.
    pub fn new(
        certificate: &TrainingCertificate,
        network: &ResNet,
        points: &Arc<[EnvelopePoint]>,
        state: EnvelopeState,
    ) -> Self {
        let slope = LossSlope {
            norm_squared: network.readout_norm_squared(),
            kappa1: network.features().kappa1_ball(),
        };
        let promise = &certificate.promise;
        let level = promise.level(&certificate.ingredients()).upper();
        let convergence = promise.convergence();
        let zero = Ball::from(0.0);
        let mut envelope = LossEnvelope::new(convergence, slope, zero, state.loss, level);
        let (mut start, mut rounding) = (0, 0.0);
        if let Some(filtered) = &promise.filtered {
            let outer = Ball::from(filtered.displacement.value) + Ball::from(promise.radius);
            envelope.reach = outer.lower();
            (start, rounding) = (filtered.iterations, filtered.rounding);
        }
        Self {
            points: Arc::clone(points),
            start,
            rounding,
            samples: certificate.data.samples,
            envelope: LossEnvelope { state, ..envelope },
        }
    }

    /// Where the training is.
    pub fn state(&self) -> &EnvelopeState {
        &self.envelope.state
    }

    /// The loss is promised to be at most this.
    pub fn bound(&self) -> f64 {
        self.envelope.bound()
    }

    /// What is promised of the loss of an iterate, but for what rounding adds.
    ///
    /// # Arguments
    /// * `initial`: the loss at zero weights.
    pub fn promised(&self, iteration: u64, initial: Ball) -> Ball {
        let of_start = match self.start {
            0 => initial,
            _ => Ball::from(self.envelope.level),
        };
        if iteration > 0 && iteration < self.start {
            let point = self.points.get(iteration as usize);
            return point.map_or(Ball::EVERYTHING, |point| point.loss(self.samples));
        }
        if iteration == 0 {
            return initial;
        }
        let factor = self.envelope.convergence.factor();
        (self.start..iteration).fold(of_start, |promised, _| factor * promised)
    }

    /// What is promised of the losses of the first iterates, as by [`promised`](Self::promised).
    pub fn envelope(&self, iterations: u64, initial: Ball) -> Vec<f64> {
        let factor = self.envelope.convergence.factor();
        let mut last = initial;
        let bound = |iteration| {
            last = match iteration > self.start {
                true => factor * last,
                false => self.promised(iteration, initial),
            };
            last.upper()
        };
        (0..=iterations).map(bound).collect()
    }

    /// Takes the next iterate, and tells where the training stands with the promise.
    pub fn next(&mut self, step: &ComputedStep) -> Standing {
        let before = self.envelope.state;
        if before.iteration >= self.start {
            return self.envelope.next(step).standing();
        }
        let iteration = before.iteration + 1;
        let promised = self.promised(iteration, before.promised);
        let ends = iteration == self.start;
        self.envelope.state = EnvelopeState {
            iteration,
            loss: step.loss,
            displacement: step.displacement,
            path: before.path + step.length,
            promised,
            excess: Ball::from(0.0),
            perturbations: before.perturbations + step.rounding,
        };
        if ends {
            // P8 counts its path and its perturbations from here.
            self.envelope.state.path = Ball::from(0.0);
            self.envelope.state.perturbations = 0.0;
        }
        let point = self.points.get(iteration as usize);
        // Of a step that is off by more nothing was promised, whatever it does.
        match point.filter(|_| step.rounding <= self.rounding) {
            Some(point) => {
                let seen = step.loss.is_bounded();
                Standing::of(&point.conclusions(self.samples, step), seen)
            }
            None => Standing::Unknown,
        }
    }
}
