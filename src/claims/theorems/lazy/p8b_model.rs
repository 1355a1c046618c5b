//! P8b.model: the envelopes, on least-squares problems whose Jacobian is known everywhere.

use crate::arithmetic::{Ball, count};
use crate::bounds::{
    Envelope, EnvelopePoint, LinearPoint, SpectralFilter, filtered_envelope, uniform_envelope,
};
use crate::evidence::{Comparison, Finding, Kind};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};

const ABOUT: About = About {
    family: "lazy",
    statement: "of the model f(v) = Sv + ½Qv², whose slope S + Qv is known everywhere, P8b's envelopes bound the errors, the place, the gradient, and both gaps to the linearised model; and of kernels that change by τ, the uniform one",
    source: "Paper A (lazy regime); the models are of this project",
    tolerance: "ball arithmetic of models and envelopes",
    page: "p8b-model.md",
    slack: Some(1e-2),
    ..About::new("P8b.model", Kind::Rounded)
};

const ERROR: &str = "|e_n| ≤ E_n";
const ERROR_GAP: &str = "|e_n−ê_n| ≤ Δ_n";
const PLACE: &str = "|vⁿ| ≤ p_n";
const GAP: &str = "|vⁿ−v̂ⁿ| ≤ g_n";
const PULL: &str = "|J(vⁿ)e_n| ≤ P_n";
const LOSS: &str = "L(vⁿ) ≤ E_n²/2N";
const UNIFORM: &str = "|e_n| ≤ |ê_n| + (ητ/N)Σϱ^{j/2}|e₀|";

pub(super) fn theorem() -> Theorem<Model> {
    let wrong = |name, model: fn() -> Model, change: fn(&Model) -> Model| {
        Control::check(name, Violated, model, move |model: &Model| {
            compared(model, &change(model))
        })
    };
    Theorem::new(ABOUT, |model| compared(model, model), pinned, draws()).controls([
        wrong("half the curvature", overshooting, |model| Model {
            bend: 0.5 * model.bend,
            ..model.clone()
        }),
        wrong("a kernel that changes half as much", slow, |model| Model {
            turn: 0.5 * model.turn,
            ..model.clone()
        }),
        wrong("a shorter step", overshooting, |model| Model {
            step: 0.9 * model.step,
            ..model.clone()
        }),
    ])
}

/// `N` copies of a sample of the model `f(v) = Sv + ½Qv²`, trained from 0 by perturbed gradient descent.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct Model {
    /// `N`.
    samples: u16,
    /// `S√N`, the slope of all samples together.
    slope: f64,
    /// `Q|e₀|/S²`: how far the slope changes until the error is gone, as a share; either sign.
    bend: f64,
    /// `ηλ_max(T₀)/N`, at most 2: above one, steps go too far.
    step: f64,
    /// `|e₀|`.
    error: f64,
    /// What every step is off by, as a share of the first; with the signs that add up, or against them.
    off: f64,
    /// `τ/λ(T₀)` of the uniform envelope.
    turn: f64,
    /// Steps.
    steps: u16,
}

impl Object for Model {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Model {
    type Spec = Self;
    const HYPOTHESIS: &'static str = "object: a model with one parameter";

    fn build(spec: &Self) -> Result<Self, BuildError> {
        let positive = spec.slope > 0.0 && spec.error > 0.0 && spec.samples > 0;
        let stable = spec.step > 0.0 && spec.step <= 2.0 && (0.0..=1.0).contains(&spec.turn);
        let known = spec.bend.is_finite() && spec.off.is_finite();
        if positive && stable && known {
            Ok(spec.clone())
        } else {
            Err(
                "slope, error and samples are positive, the step is in (0, 2], the turn in [0, 1]"
                    .into(),
            )
        }
    }
}

fn model(bend: f64, step: f64, off: f64) -> Model {
    Model {
        samples: 3,
        slope: 2.0,
        bend,
        step,
        error: 0.7,
        off,
        turn: 0.5,
        steps: 2,
    }
}

/// Steps that go too far: errors, slopes and gaps have the signs that add up.
fn overshooting() -> Model {
    Model {
        turn: 0.0,
        ..model(1e-3, 1.4, 0.0)
    }
}

/// Short steps from a kernel that changes, of which the uniform envelope loses nothing.
fn slow() -> Model {
    Model {
        steps: 12,
        ..model(1e-3, 1e-4, 0.0)
    }
}

fn pinned() -> Vec<Model> {
    vec![
        overshooting(),
        slow(),
        // A straight model: perturbations are all there is.
        Model {
            steps: 6,
            turn: 0.0,
            ..model(0.0, 1e-3, 1e3)
        },
    ]
}

const WORDS: &str = "random: models with one parameter, bent either way, with perturbed steps";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Model> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let scales = (1..50_u16, -2.0..2.0, -3.0..3.0);
        let shapes = (-0.1..0.1, 0.0..2.0, -0.3..0.3, 0.0..1.0, 1..6_u16);
        (scales, shapes)
            .prop_map(|(scales, shapes)| {
                let (samples, slope, error): (u16, f64, f64) = scales;
                let (bend, step, off, turn, steps): (f64, f64, f64, f64, u16) = shapes;
                Model {
                    samples,
                    slope: 10.0_f64.powf(slope),
                    bend,
                    step: 2.0 - step,
                    error: 10.0_f64.powf(error),
                    off,
                    turn,
                    steps,
                }
            })
            .boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Model> {
    Draws::new(WORDS)
}

/// Where a training is.
#[derive(Clone, Copy)]
struct Place {
    parameter: Ball,
    error: Ball,
}

impl Model {
    fn samples(&self) -> usize {
        usize::from(self.samples)
    }

    fn steps(&self) -> usize {
        usize::from(self.steps)
    }

    fn slope(&self) -> Ball {
        Ball::from(self.slope)
    }

    /// `Q` of all samples together, with its sign.
    fn curvature(&self) -> Ball {
        Ball::from(self.bend) * self.slope().square() / Ball::from(self.error)
    }

    /// `η/N`.
    fn rate(&self) -> Ball {
        Ball::from(self.step) / self.slope().square()
    }

    /// `1 − ηT₀/N`, with its sign.
    fn kept(&self) -> Ball {
        Ball::from(1.0) - Ball::from(self.step)
    }

    /// By how much every step is off.
    fn perturbation(&self) -> f64 {
        (self.rate() * self.slope() * Ball::from(self.error * self.off)).mid()
    }

    /// `J(v) = S + Qv`.
    fn slope_at(&self, parameter: Ball) -> Ball {
        self.slope() + self.curvature() * parameter
    }

    /// The error where `e(v) = e₀ + Sv + ½Qv²`, `e₀ < 0`.
    fn error_at(&self, parameter: Ball) -> Ball {
        let bent = self.curvature() * parameter.square() / Ball::from(2.0);
        self.slope() * parameter + bent - Ball::from(self.error)
    }

    /// Gradient descent `v − (η/N)J(v)e(v)`, and what every step is off by.
    fn trained(&self) -> Vec<Place> {
        let at = |parameter| Place {
            parameter,
            error: self.error_at(parameter),
        };
        let off = Ball::from(self.perturbation());
        let next = |place: &Place| {
            let pull = self.rate() * self.slope_at(place.parameter) * place.error;
            Some(at(place.parameter - pull + off))
        };
        let start = at(Ball::from(0.0));
        std::iter::successors(Some(start), next)
            .take(self.steps() + 1)
            .collect()
    }

    /// The same of `Sv`, without perturbations: `ê_n = (1 − ηT₀/N)ⁿe₀`, `v̂ⁿ = (ê_n − e₀)/S`.
    fn linearised(&self) -> Vec<Place> {
        let error = Ball::from(self.error);
        let iterates = (0..=self.steps()).map(|n| {
            let left = self.kept().powi(n);
            Place {
                parameter: error * (Ball::from(1.0) - left) / self.slope(),
                error: -(error * left),
            }
        });
        iterates.collect()
    }

    /// What the envelopes know of the linearised training.
    fn line(&self) -> Vec<LinearPoint> {
        let points = self.linearised().into_iter().map(|place| LinearPoint {
            error: place.error.abs(),
            displacement: place.parameter.abs(),
            pull: self.slope() * place.error.abs(),
        });
        points.collect()
    }

    /// What is guaranteed of every iterate, by the recursion and by its filtered sums.
    fn envelopes(&self, perturbations: &[f64]) -> [Vec<EnvelopePoint>; 2] {
        let (line, curvature) = (self.line(), self.curvature().abs());
        let plain = Envelope {
            slope: self.slope(),
            curvature,
            contraction: self.kept().abs(),
            rate: self.rate(),
            radius: f64::INFINITY,
        };
        let filter = SpectralFilter {
            smallest: self.slope().square(),
            largest: self.slope().square(),
            rate: self.rate(),
        };
        [
            plain.points(&line, perturbations),
            filtered_envelope(&filter, |p| curvature * p, &line, perturbations),
        ]
    }

    /// The factor of an error under the kernel `T₀ − τ`.
    fn turned(&self) -> Ball {
        let left = Ball::from(1.0) - Ball::from(self.turn);
        Ball::from(1.0) - Ball::from(self.step) * left
    }

    fn uniform(&self) -> Vec<Ball> {
        let change = Ball::from(self.turn) * self.slope().square();
        uniform_envelope(&self.line(), self.rate(), change, self.turned().square())
    }
}

/// What one model does, beside what is guaranteed of another.
fn compared(of: &Model, said_of: &Model) -> Finding {
    let off = said_of.perturbation().abs();
    let envelopes = said_of.envelopes(&vec![off; of.steps() + 1]);
    let places: Vec<_> = of.trained().into_iter().zip(of.linearised()).collect();
    let stepwise = envelopes.iter().flat_map(|points| {
        let pairs = places.iter().zip(points).skip(1);
        pairs.flat_map(|((own, line), point)| {
            let loss = own.error.square() / count(2 * of.samples());
            [
                Comparison::at_most(ERROR, own.error.abs(), point.error),
                Comparison::at_most(ERROR_GAP, (own.error - line.error).abs(), point.error_gap),
                Comparison::at_most(PLACE, own.parameter.abs(), point.displacement),
                Comparison::at_most(
                    GAP,
                    (own.parameter - line.parameter).abs(),
                    point.displacement_gap,
                ),
                Comparison::at_most(LOSS, loss, point.loss(of.samples())),
                Comparison::at_most(
                    PULL,
                    (of.slope_at(own.parameter) * own.error).abs(),
                    point.pull,
                ),
            ]
        })
    });
    let bounds = said_of.uniform();
    let uniform = bounds.into_iter().enumerate().skip(1).map(|(n, bound)| {
        let error = of.turned().powi(n).abs() * Ball::from(of.error);
        Comparison::at_most(UNIFORM, error, bound)
    });
    Finding::Compared(stepwise.chain(uniform).collect())
}
