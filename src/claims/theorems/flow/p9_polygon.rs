//! P9.polygon: what is certain of a straight stretch of a flow.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::evidence::{Comparison, Finding, Kind};
use crate::flow::{LossCurvature, trial};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};

const ABOUT: About = About {
    id: "P9.polygon",
    family: "convergence",
    statement: "on a straight stretch along which the gradient bends as much as −ν ≤ ∇²L ≤ β allows, ∫‖∇L‖², the largest ‖v̇ + ∇L‖ and its share of ‖∇L‖ are what the integrator says, and no more where they are attained",
    source: "Paper A (convergence of the gradient flow), the computed path of P9",
    hypotheses: &[],
    kind: Kind::Rounded,
    tolerance: "ball arithmetic; a quadrature that is exact for the profile, rounded",
    page: "p9-polygon.md",
    headline: None,
    slack: Some(1e-6),
    looser: &[],
    courses: &[],
};

const ABOVE: &str = "∫‖∇L‖² ≤ that of the stretch";
const BELOW: &str = "∫‖∇L‖² ≥ that of the stretch";
const LINEAR: &str = "∫‖∇L‖² = that of the stretch, where the gradient is linear";
const DEFECT: &str = "‖v̇ + ∇L‖ ≤ defect";
const RESIDUAL: &str = "‖v̇ + ∇L‖ ≤ θ‖∇L‖";

pub(super) fn theorem() -> Theorem<Profile> {
    let wrong = |name, wrong: fn(&Profile) -> Profile| {
        Control::check(name, Violated, steep, move |profile: &Profile| {
            compared(profile, &wrong(profile))
        })
    };
    Theorem::new(ABOUT, |profile| compared(profile, profile), pinned, draws()).controls([
        wrong("the gradient at one end for both", |p| Profile {
            last: p.first,
            ..p.clone()
        }),
        wrong("no change of the gradient", |p| Profile {
            change: Some(0.0),
            ..p.clone()
        }),
        wrong("half the duration", |p| Profile {
            duration: 0.5 * p.duration,
            ..p.clone()
        }),
        wrong("a gradient that does not bend", |p| Profile {
            bend: 0.0,
            ..p.clone()
        }),
    ])
}

/// A gradient along one direction: `first + s(last − first) + 4s(1−s)·sign·bend` after the share `s` of a stretch, run
/// through at the mean speed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct Profile {
    first: f64,
    last: f64,
    /// Not negative.
    bend: f64,
    /// Towards larger gradients, or towards smaller ones.
    up: bool,
    duration: f64,
    /// What a control says of `last − first`.
    change: Option<f64>,
}

impl Object for Profile {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Profile {
    type Spec = Self;
    const HYPOTHESIS: &'static str = "object: a straight stretch";

    fn build(spec: &Self) -> Result<Self, BuildError> {
        let positive = spec.first > 0.0 && spec.last > 0.0 && spec.duration > 0.0;
        if positive && spec.bend >= 0.0 {
            Ok(spec.clone())
        } else {
            Err("gradients and durations are positive, a bend is not negative".into())
        }
    }
}

fn profile(first: f64, last: f64, bend: f64, up: bool) -> Profile {
    Profile {
        first,
        last,
        bend,
        up,
        duration: 0.75,
        change: None,
    }
}

/// One on which every term matters.
fn steep() -> Profile {
    profile(1.0, 3.0, 0.25, true)
}

/// Linear and bent, both ways, at sizes far from one; where all is attained the gradient is the same at both ends.
fn pinned() -> Vec<Profile> {
    vec![
        profile(1.0, 1.0, 0.25, true),
        profile(1.0, 1.0, 0.25, false),
        profile(1e-6, 1e-6, 1e-7, true),
        profile(1.0, 3.0, 0.0, true),
        profile(3e5, 1e5, 0.0, true),
        profile(1.0, 1.0 + 1e-9, 1e-3, true),
        steep(),
    ]
}

const WORDS: &str = "random: gradients at both ends of a stretch, and how it bends between";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Profile> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (1e-3..1e3, 0.3..3.0, 0.0..0.3, any::<bool>(), 0.01..10.0)
            .prop_map(
                |(first, ratio, bend, up, duration): (f64, f64, f64, bool, f64)| Profile {
                    first,
                    last: first * ratio,
                    bend: first * bend,
                    up,
                    duration,
                    change: None,
                },
            )
            .boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Profile> {
    Draws::new(WORDS)
}

impl Profile {
    fn at(&self, s: f64) -> f64 {
        let sign = if self.up { 1.0 } else { -1.0 };
        self.first + s * (self.last - self.first) + 4.0 * s * (1.0 - s) * sign * self.bend
    }

    /// `∫₀¹ ‖∇L‖²` by Boole's rule, which is exact for polynomials of degree five; five terms, a dozen roundings each.
    fn dissipated(&self) -> Ball {
        let weights = [7.0, 32.0, 12.0, 32.0, 7.0];
        let terms = weights.iter().enumerate();
        let sum: f64 = terms
            .map(|(k, w)| w * self.at(0.25 * k as f64).powi(2))
            .sum();
        let value = self.duration * sum / 90.0;
        let largest = self.first.max(self.last) + self.bend;
        Ball::new(
            value,
            64.0 * UNIT_ROUNDOFF * self.duration * largest * largest,
        )
    }

    fn speed(&self) -> f64 {
        0.5 * (self.first + self.last)
    }

    /// The largest `|v̇ + ∇L|` and the largest share of `|∇L|`, at the ends, where the profile is steepest against its
    /// mean, and on a grid.
    fn off(&self) -> [f64; 2] {
        let mean = self.speed();
        let stationary = if self.bend > 0.0 {
            let sign = if self.up { 1.0 } else { -1.0 };
            0.5 + sign * (self.last - self.first) / (8.0 * self.bend)
        } else {
            0.0
        };
        let grid = (0..=64).map(|k| f64::from(k) / 64.0);
        let places = grid.chain([stationary.clamp(0.0, 1.0)]);
        places.fold([0.0, 0.0], |[off, share], s| {
            let here = (self.at(s) - mean).abs();
            [off.max(here), share.max(here / self.at(s).abs())]
        })
    }

    /// What the integrator says of such a stretch: its curvature is the least that lets the gradient bend so.
    fn said(&self) -> trial::Said {
        let chord = self.duration * self.speed();
        let curvature = LossCurvature {
            largest: Ball::from(4.0 * self.bend) / Ball::from(chord),
            negative: Ball::from(0.0),
        };
        let change = self.change.unwrap_or((self.last - self.first).abs());
        let slopes = [self.first, self.last];
        trial::said(self.duration, self.speed(), change, slopes, curvature)
    }
}

/// What is true of one profile beside what is said of another.
fn compared(of: &Profile, said_of: &Profile) -> Finding {
    let said = said_of.said();
    let exact = of.dissipated();
    let (lower, upper) = (said.dissipated.lower(), said.dissipated.upper());
    let mut comparisons = vec![
        Comparison::at_most(ABOVE, exact, Ball::from(upper)),
        Comparison::at_least(BELOW, exact, Ball::from(lower.max(0.0))),
    ];
    if of.bend == 0.0 {
        let whole = said.dissipated;
        comparisons.push(Comparison::equal(LINEAR, exact, whole, exact.mid()));
    }
    if of.bend > 0.0 {
        let [off, share] = of.off();
        // Differences of numbers of the size of the gradient.
        let size = of.first.max(of.last) + of.bend;
        let off = Ball::new(off, 16.0 * UNIT_ROUNDOFF * size);
        comparisons.push(Comparison::at_most(DEFECT, off, said.defect));
        if said.residual.is_finite() {
            let share = Ball::new(share, 32.0 * UNIT_ROUNDOFF * (1.0 + share));
            let residual = Ball::from(said.residual);
            comparisons.push(Comparison::at_most(RESIDUAL, share, residual));
        }
    }
    Finding::Compared(comparisons)
}
