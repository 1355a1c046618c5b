//! Gradient descent that is held to a promise at every iterate.

use super::held::{Guarantee, Held};
use super::{Observation, Observer};
use crate::arithmetic::{Ball, UNIT_ROUNDOFF, enlarged};
use crate::bounds::{ComputedStep, EnvelopeState, Standing};
use crate::resnet::Weights;
use std::fmt;
use std::ops::ControlFlow;

/// A loss that is known worse than this, relatively, ends a training.
const KNOWN: f64 = crate::evidence::LARGEST_TOLERANCE;

/// One iterate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingProgress {
    /// Steps taken.
    pub iteration: u64,
    /// The loss.
    pub loss: Ball,
    /// It was promised to be at most this.
    pub bound: f64,
    /// Whether it is.
    pub standing: Standing,
}

impl fmt::Display for TrainingProgress {
    /// The step, the loss, and what was promised of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (loss, bound) = (self.loss.mid(), self.bound);
        write!(
            f,
            "step {}: loss {loss:.6e}, promised {bound:.6e}",
            self.iteration
        )
    }
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum TrainingEnd {
    /// The loss is at most the share of its start that was asked for.
    TargetReached,
    /// So many steps were asked for.
    Iterations,
    /// The caller asked to stop.
    Stopped,
    /// The promise is broken.
    Broken,
    /// Rounding has used up what was promised.
    PrecisionLost,
}

impl TrainingEnd {
    /// Returns the name that documents give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TargetReached => "target-reached",
            Self::Iterations => "iterations",
            Self::Stopped => "stopped",
            Self::Broken => "broken",
            Self::PrecisionLost => "precision-lost",
        }
    }
}

impl fmt::Display for TrainingEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TargetReached => "the target is reached",
            Self::Iterations => "the steps asked for are taken",
            Self::Stopped => "stopped",
            Self::Broken => "the promise is broken",
            Self::PrecisionLost => "rounding has used up the promise",
        })
    }
}

/// What a descent starts from, and where it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldTask<'a> {
    /// What is promised.
    pub guarantee: &'a Guarantee,
    /// `v⁰`, where the descent starts; zero weights if there is none.
    pub reference: Option<&'a Weights>,
    /// The loss there, where it is known without a pass: the first pass must agree with it.
    pub initial: Option<Ball>,
    /// P8's condition on the loss there; none where P8b.filtered comes first, which has none.
    pub threshold: Option<f64>,
    /// The share of the loss at the start that is to be reached.
    pub target: f64,
}

impl HeldTask<'_> {
    /// What is said of the start: its loss, P8's condition, and whether the pass agrees.
    fn at_start(&self, observed: Ball) -> (Ball, Standing) {
        let loss = self.initial.unwrap_or(observed);
        let condition = self
            .threshold
            .map(|threshold| ("L(v⁰) ≤ mR²c²/4", loss, Ball::from(threshold)));
        let agreement = self.initial.map(|known| {
            let apart = (known - observed).abs();
            ("L(v⁰) = mean‖y‖²/2", apart, Ball::from(0.0))
        });
        for (what, found, allowed) in condition.into_iter().chain(agreement) {
            if (found - allowed).lower() > 0.0 {
                let (found, allowed) = (found.lower(), allowed.upper());
                let broken = Standing::Broken {
                    what,
                    found,
                    allowed,
                };
                return (loss, broken);
            }
        }
        (loss, Standing::Held)
    }

    /// `‖v − v⁰‖`.
    fn displacement(&self, weights: &Weights, observation: &Observation) -> Ball {
        let from = self.reference.map(|reference| weights.distance(reference));
        from.unwrap_or(observation.norm)
    }
}

/// Gradient descent, and where it stands with what was promised of it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldDescent {
    pub(crate) weights: Weights,
    pub(crate) held: Option<Held>,
    /// What was known before the step that ended here, and that step; nothing at the start.
    pub(crate) last: Option<(EnvelopeState, ComputedStep)>,
    /// Every iterate is judged once.
    pub(crate) standing: Standing,
    pub(crate) losses: Vec<f64>,
    /// The loss at the start; nothing before it.
    pub(crate) initial: Option<Ball>,
}

impl HeldDescent {
    /// Starts at the weights of a reference.
    pub(crate) fn new(weights: Weights) -> Self {
        Self {
            weights,
            held: None,
            last: None,
            standing: Standing::Held,
            losses: Vec::new(),
            initial: None,
        }
    }

    /// Takes a step, if there is a promise to hold it to, and judges it.
    pub(crate) fn take(&mut self, step: ComputedStep) {
        if let Some(held) = &mut self.held {
            self.last = Some((*held.state(), step));
            self.standing = held.next(&step);
        }
    }

    /// Trains until the target is reached, the promise is broken or used up, `iterations` steps are taken in all, or
    /// `progress` breaks. Called again it goes on from there, unless the promise is broken or used up.
    pub(crate) fn run(
        &mut self,
        observer: &mut Observer<'_>,
        task: &HeldTask<'_>,
        iterations: u64,
        mut progress: impl FnMut(&TrainingProgress) -> ControlFlow<()>,
    ) -> TrainingEnd {
        let step = task.guarantee.convergence.step;
        // Where a run ended, its last iterate has been judged.
        let mut judged = self.held.is_some();
        let mut taken = None;
        loop {
            let observation = observer.observe(&self.weights);
            let loss = match (taken, self.last) {
                (Some((length, rounding)), _) => {
                    let (loss, norm) = (observation.loss, observation.norm);
                    let displacement = task.displacement(&self.weights, &observation);
                    self.take(ComputedStep {
                        loss,
                        norm,
                        displacement,
                        length,
                        rounding,
                    });
                    loss
                }
                // Judged already, where a run ended.
                (None, Some(_)) => observation.loss,
                (None, None) => {
                    let (loss, standing) = task.at_start(observation.loss);
                    let here = EnvelopeState::start(loss);
                    self.held = Some(Held::new(task.guarantee, here));
                    self.standing = standing;
                    self.initial = Some(loss);
                    loss
                }
            };
            let standing = self.standing;
            let held = self.held.as_ref().expect("a promise since the start");
            let (iteration, bound) = (held.state().iteration, held.bound());
            let now = TrainingProgress {
                iteration,
                loss,
                bound,
                standing,
            };
            let mut stop = false;
            if !judged {
                self.losses.push(loss.mid());
                stop = progress(&now).is_break();
            }
            judged = false;
            let known = loss.rad() <= KNOWN * loss.mid();
            let end = match standing {
                Standing::Broken { .. } => Some(TrainingEnd::Broken),
                Standing::Unknown => Some(TrainingEnd::PrecisionLost),
                Standing::Held if loss.upper() <= task.target * self.losses[0] => {
                    Some(TrainingEnd::TargetReached)
                }
                Standing::Held if !known => Some(TrainingEnd::PrecisionLost),
                Standing::Held if iteration >= iterations => Some(TrainingEnd::Iterations),
                Standing::Held if stop => Some(TrainingEnd::Stopped),
                Standing::Held => None,
            };
            if let Some(end) = end {
                return end;
            }
            let gradient = observer.tape().gradient();
            self.weights.add_assign(-step, gradient);
            let moved = Ball::from(step) * gradient.norm();
            // Error of the gradient, rounding of the product, rounding of the sum.
            let rounded = UNIT_ROUNDOFF * (moved.upper() + self.weights.norm().upper());
            let error = step * observation.rounding.gradient_error() + rounded;
            taken = Some((
                moved.widened(rounded),
                enlarged(error, gradient.depth() + 16),
            ));
        }
    }

    /// The weights reached.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The loss of every iterate so far, the start included.
    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// What the last loss was promised to be at most; nothing before the start.
    #[must_use]
    pub fn bound(&self) -> Option<f64> {
        self.held.as_ref().map(Held::bound)
    }

    /// Where the last iterate left the promise; held, before the start.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// What was promised of the losses of so many iterates, the start included, but for what rounding adds; nothing before
    /// the start.
    #[must_use]
    pub fn envelope(&self, iterations: u64) -> Vec<f64> {
        let started = self.held.as_ref().zip(self.initial);
        started.map_or_else(Vec::new, |(held, initial)| {
            held.envelope(iterations, initial)
        })
    }

    /// Observed rate of a descent whose loss fell: `ln(L0/L_n)/n` at its end; nothing before the first step.
    #[must_use]
    pub fn observed_rate(&self) -> Option<f64> {
        let (first, last) = (self.losses.first()?, self.losses.last()?);
        let steps = self.losses.len() - 1;
        (steps > 0).then(|| (first / last).ln() / steps as f64)
    }
}
