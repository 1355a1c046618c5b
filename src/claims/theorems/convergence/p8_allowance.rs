//! P8.allowance: what a computed step may be off by, probed just inside and just outside.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::{ComputedStep, Conclusions, Convergence, LossEnvelope, LossSlope, Standing};
use crate::evidence::{Comparison, Finding, Kind};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};

const ABOUT: About = About {
    id: "P8.allowance",
    family: "convergence",
    statement: "a perturbation δ of a step adds to the loss what that of ‖Bv − y‖²/2 gains, √(M̄L)δ + M̄δ²/4, and P8's envelope allows computed steps that, its own powers of ϱ, and no more",
    source: "Paper A (convergence of gradient descent), with inexact steps",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "ball arithmetic; thresholds by bisection to the last place",
    page: "p8-allowance.md",
    headline: None,
    slack: Some(1e-6),
    looser: &[],
    courses: &[],
};

const GAIN: &str = "L(v+δ) − L(v) = what is carried";
const ENDS: &str = "the largest loss at which a step may end";
const ROOM: &str = "the largest perturbation after which the next step stays in the ball";
const PATH: &str = "the longest path that steps may take";
const PROMISED: &str = "ϱ²L(v⁰) after two steps";
const CARRIED: &str = "ϱε₁ + ε₂ after two steps";

pub(super) fn theorem() -> Theorem<Allowance> {
    let wrong = |name, change: fn(&Allowance) -> Allowance| {
        Control::check(name, Violated, common, move |a: &Allowance| {
            compared(a, &change(a))
        })
    };
    Theorem::new(ABOUT, |a| compared(a, a), pinned, draws()).controls([
        wrong("half the perturbation", |a| Allowance {
            share: 0.5 * a.share,
            ..a.clone()
        }),
        wrong("a loss that is twice as large", |a| Allowance {
            loss: 2.0 * a.loss,
            ..a.clone()
        }),
        wrong("a readout of another norm", |a| Allowance {
            readout: 2.0 * a.readout,
            ..a.clone()
        }),
        wrong("a longer step", |a| Allowance {
            margin: 0.9 * a.margin,
            ..a.clone()
        }),
    ])
}

/// A quadratic loss `½(bv − y)²` along the direction in which it grows, and a perturbation of a step.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct Allowance {
    /// `b = ‖B‖`.
    readout: f64,
    /// `L(v⁰)`.
    loss: f64,
    /// `bδ` as a share of `√(2L)`: small and large.
    share: f64,
    /// `c = 1 − βη/2`.
    margin: f64,
}

impl Object for Allowance {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Allowance {
    type Spec = Self;
    const HYPOTHESIS: &'static str = "object: a perturbed step";

    fn build(spec: &Self) -> Result<Self, BuildError> {
        let positive = spec.readout > 0.0 && spec.loss > 0.0 && spec.share > 0.0;
        if positive && spec.margin > 0.0 && spec.margin < 1.0 {
            Ok(spec.clone())
        } else {
            Err("readout, loss and share are positive, the margin is in (0, 1)".into())
        }
    }
}

fn allowance(readout: f64, loss: f64, share: f64) -> Allowance {
    Allowance {
        readout,
        loss,
        share,
        margin: 0.5,
    }
}

fn common() -> Allowance {
    allowance(3.0, 0.7, 0.2)
}

/// Losses far from one, and perturbations of which one of the two terms is all there is.
fn pinned() -> Vec<Allowance> {
    let mut all = vec![common()];
    for loss in [1e-12, 1.0, 1e12] {
        for share in [1e-6, 1.0, 1e3] {
            all.push(allowance(2.0, loss, share));
        }
    }
    all
}

const WORDS: &str = "random: quadratic losses over twelve decades, and perturbations of steps";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Allowance> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (0.1..10.0, -6.0..6.0, -4.0..1.0, 0.05..0.95)
            .prop_map(
                |(readout, loss, share, margin): (f64, f64, f64, f64)| Allowance {
                    readout,
                    loss: 10.0_f64.powf(loss),
                    share: 10.0_f64.powf(share),
                    margin,
                },
            )
            .boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Allowance> {
    Draws::new(WORDS)
}

impl Allowance {
    /// `δ`.
    fn perturbation(&self) -> f64 {
        self.share * (2.0 * self.loss).sqrt() / self.readout
    }

    fn slope(&self) -> LossSlope {
        LossSlope {
            norm_squared: Ball::from(self.readout).square(),
            kappa1: Ball::from(0.0),
        }
    }

    /// `m = b²`, `β = 2b²`: any two would do.
    fn convergence(&self) -> Convergence {
        let square = self.readout * self.readout;
        Convergence {
            pl_constant: Ball::from(square),
            smoothness: Ball::from(2.0 * square),
            step: (1.0 - self.margin) / square,
            radius: 1e3 * (2.0 * self.loss).sqrt() / self.readout,
        }
    }

    /// `ϱ = 1 − mη(1 − βη/2)` with these numbers.
    fn factor(&self) -> f64 {
        1.0 - (1.0 - self.margin) * self.margin
    }

    fn envelope(&self) -> LossEnvelope {
        let (zero, loss) = (Ball::from(0.0), Ball::from(self.loss));
        LossEnvelope::new(self.convergence(), self.slope(), zero, loss, self.loss)
    }

    fn step(&self, loss: f64, length: f64) -> ComputedStep {
        ComputedStep {
            loss: Ball::from(loss),
            norm: Ball::from(length),
            displacement: Ball::from(length),
            length: Ball::from(length),
            rounding: self.perturbation(),
        }
    }
}

/// The largest number in `[0, most]` that is accepted, to the last place.
fn accepted(most: f64, accepts: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..200 {
        let middle = low + 0.5 * (high - low);
        if accepts(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn is_accepted(conclusions: &Conclusions) -> bool {
    !matches!(conclusions.standing(), Standing::Broken { .. })
}

/// A number of a dozen roundings.
fn rounded(x: f64) -> Ball {
    Ball::new(x, 32.0 * UNIT_ROUNDOFF * x.abs())
}

/// What holds of one quadratic beside what is allowed for another.
fn compared(of: &Allowance, said_of: &Allowance) -> Finding {
    // |bv − y| = √(2L) before, and bδ more after.
    let before = (2.0 * of.loss).sqrt();
    let moved = of.readout * of.perturbation();
    let gain = before * moved + 0.5 * moved * moved;
    let delta = said_of.perturbation();
    let carried = said_of
        .slope()
        .carried(Ball::from(0.0), Ball::from(said_of.loss), delta);
    let equal = |statement, found, expected: f64| {
        Comparison::equal(statement, found, rounded(expected), expected)
    };
    let mut comparisons = vec![equal(GAIN, Ball::from(carried), gain)];

    // x − 2s√x − s² = ϱL, s = √M̄δ/2 = bδ/√2: what is carried is that of the loss where the step ends.
    let s = moved / 2.0_f64.sqrt();
    let exact = of.factor() * of.loss;
    let threshold = (s + (2.0 * s * s + exact).sqrt()).powi(2);
    let ends = accepted(4.0 * threshold, |loss| {
        is_accepted(&said_of.envelope().next(&said_of.step(loss, 0.0)))
    });
    // The envelope adds up outwards: its balls are a few roundings of the sum wide.
    let size = threshold + s * s;
    let ends = Ball::new(ends, 256.0 * UNIT_ROUNDOFF * size);
    comparisons.push(equal(ENDS, ends, threshold));

    // R + (√M̄/(c√m) + 1)Σδ, √M̄ = √2 b and √m = b.
    let longest = of.convergence().radius + (2.0_f64.sqrt() / of.margin + 1.0) * of.perturbation();
    let path = accepted(4.0 * longest, |length| {
        let step = ComputedStep {
            norm: Ball::from(0.0),
            displacement: Ball::from(0.0),
            ..said_of.step(0.0, length)
        };
        is_accepted(&said_of.envelope().next(&step))
    });
    let path = Ball::new(path, 64.0 * UNIT_ROUNDOFF * longest);
    comparisons.push(equal(PATH, path, longest));

    // (√M̄ + c√m)δ = (1 − √ϱ)√L.
    let left = 1.0 - of.factor().sqrt();
    let room = left * of.loss.sqrt() / (of.readout * (2.0_f64.sqrt() + of.margin));
    let found = accepted(4.0 * room, |delta| said_of.envelope().allows(delta));
    // 1 − √ϱ cancels: a few roundings of one.
    let found = Ball::new(found, 64.0 * UNIT_ROUNDOFF * room / left);
    comparisons.push(equal(ROOM, found, room));

    let mut envelope = said_of.envelope();
    let losses = [0.9 * said_of.factor() * said_of.loss, 0.1 * said_of.loss];
    let _ = envelope.next(&said_of.step(losses[0], 0.0));
    let last = envelope.next(&said_of.step(losses[1], 0.0));
    comparisons.push(equal(
        PROMISED,
        last.whole.allowed,
        of.factor().powi(2) * of.loss,
    ));
    let of_loss = |loss: f64| {
        let before = (2.0 * loss).sqrt();
        before * moved + 0.5 * moved * moved
    };
    let losses = [0.9 * of.factor() * of.loss, 0.1 * of.loss];
    let sum = of.factor() * of_loss(losses[0]) + of_loss(losses[1]);
    comparisons.push(equal(CARRIED, Ball::from(last.whole.carried), sum));
    Finding::Compared(comparisons)
}
