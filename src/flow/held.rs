//! What a training is held to, step by step.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::{
    ComputedStep, Convergence, EnvelopePoint, EnvelopeState, LossEnvelope, LossSlope, Standing,
};
use std::sync::Arc;

/// Every step may be off by so many times what the first one may.
const ROUNDINGS: f64 = 4.0;

/// What is promised of a descent from a reference `v⁰`: P8b.filtered of the first iterates, if it is promised, and P8 from
/// there on.
#[derive(Clone, Debug, PartialEq)]
pub struct Guarantee {
    /// `m`, `β`, `η` and `R`, around the iterate that P8 starts from.
    pub convergence: Convergence,
    /// What `√L` is Lipschitz by.
    pub slope: LossSlope,
    /// `‖v⁰‖`.
    pub centre_norm: Ball,
    /// The `ℓ` of `β`: the loss that P8 starts from, at most.
    pub level: f64,
    /// The bounds of P8 hold up to this distance from the reference.
    pub reach: f64,
    /// The iterate that P8 starts from.
    pub after: u64,
    /// What P8b.filtered guarantees of the iterates up to there, the start included; empty where P8 starts at once.
    pub points: Arc<[EnvelopePoint]>,
    /// What every step up to there may be off by.
    pub rounding: f64,
    /// `N`.
    pub samples: usize,
}

impl Guarantee {
    /// Returns what the steps that P8b.filtered promises may be off by: the gradient as much as the first, the sum as much
    /// as of the longest weights.
    ///
    /// # Arguments
    /// * `of_gradient`: `η` times the error of the first gradient; `longest`: the norm of the longest weights.
    #[must_use]
    pub fn allowed_rounding(of_gradient: f64, longest: f64) -> f64 {
        ROUNDINGS * (of_gradient + 2.0 * UNIT_ROUNDOFF * longest)
    }
}

/// The promise, carried along a training.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    points: Arc<[EnvelopePoint]>,
    start: u64,
    rounding: f64,
    samples: usize,
    /// P8, with the state of the training.
    envelope: LossEnvelope,
}

impl Held {
    /// Goes on from a state, or starts at the reference with one.
    pub fn new(guarantee: &Guarantee, state: EnvelopeState) -> Self {
        Self {
            points: Arc::clone(&guarantee.points),
            start: guarantee.after,
            rounding: guarantee.rounding,
            samples: guarantee.samples,
            envelope: LossEnvelope {
                convergence: guarantee.convergence,
                slope: guarantee.slope,
                centre_norm: guarantee.centre_norm,
                reach: guarantee.reach,
                level: guarantee.level,
                state,
            },
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
    /// * `initial`: the loss at the reference.
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
