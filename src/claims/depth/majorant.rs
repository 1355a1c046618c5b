//! D2: the majorants of a step and of all steps, beside the systems that attain them.
//!
//! The majorant field `e^y` is solved and stepped as it is, without series; the errors of the steps are those of an
//! affine family that is as large and as steep as any may be, and are put together by running the scheme twice as fine.

use crate::arithmetic::{Ball, count};
use crate::bounds::{Majorant, SteppedPath, order_remainder};
use crate::evidence::{Comparison, Finding};
use crate::resnet::depth::Scheme;
use crate::theorem::Expectation::Violated;
use crate::theorem::{BuildError, Control, Draws, Object, Subject};

/// A path, in numbers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct StepsSpec {
    /// `Ω`.
    omega: f64,
    /// `κ1/Ω`.
    rate: f64,
    /// `κ2/Ω²`.
    bend: f64,
    /// `Ω‖v_k‖h` of every piece, in `[0.1, 0.5]`.
    stretches: Vec<f64>,
    /// Steps a piece.
    steps: usize,
}

/// A path whose steps are long enough for eleven digits of their errors.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Steps(StepsSpec);

impl Object for Steps {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Steps {
    type Spec = StepsSpec;
    const HYPOTHESIS: &'static str = "object: the steps of a path";

    fn build(spec: &StepsSpec) -> Result<Self, BuildError> {
        let positive = [spec.omega, spec.rate, spec.bend];
        let proper = |s: &f64| (0.1..=0.5).contains(s);
        let counts = spec.steps > 0 && !spec.stretches.is_empty();
        if positive.iter().all(|&x| x > 0.0 && x.is_finite())
            && counts
            && spec.stretches.iter().all(proper)
        {
            Ok(Self(spec.clone()))
        } else {
            Err("constants and counts are positive, stretches are in [0.1, 0.5]".into())
        }
    }
}

/// One step; several that carry little; several whose flow bends what it carries.
pub(in crate::claims) fn pinned_steps() -> Vec<Steps> {
    let steps = |rate, bend, stretches: &[f64], steps| StepsSpec {
        omega: 2.0,
        rate,
        bend,
        stretches: stretches.to_vec(),
        steps,
    };
    let specs = [
        steps(0.5, 1.0, &[0.25], 1),
        steps(0.5, 1e-6, &[0.1, 0.2], 3),
        steps(0.05, 4.0, &[0.2, 0.1], 2),
    ];
    let built = specs.iter().map(Steps::build);
    built
        .map(|steps| steps.expect("pinned steps are well-formed"))
        .collect()
}

const WORDS: &str = "random: steps of paths of one to four pieces";

/// Any steps.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_steps() -> Draws<Steps> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let stretches = proptest::collection::vec(0.1..=0.5, 1..=4);
        (0.1..4.0, 0.01..1.0, 0.001..4.0, stretches, 1usize..=8)
            .prop_map(|(omega, rate, bend, stretches, steps)| StepsSpec {
                omega,
                rate,
                bend,
                stretches,
                steps,
            })
            .boxed()
    })
}

/// Any steps.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_steps() -> Draws<Steps> {
    Draws::new(WORDS)
}

const REST_OF_FLOW: &str = "Σ_{n>16} sⁿ/n ≤ s¹⁷/17(1−s)";
const REST_OF_SCHEME: &str =
    "the scheme of e^y with the step 1 ≤ its coefficients and what is left";
const ERROR: &str = "the scheme and the flow of e^y, less 2sⁿ/n for n ≤ p ≤ T(s)";
const SLOPE: &str = "the derivative of these along the start ≤ the slope";
const DOUBLED: &str = "2^pδ'−δ of errors that are affine in the start ≤ Λ";
const REMAINDER: &str = "2^p(z_2D−z)−(z_D−z) of steps that run apart ≤ K";

/// All of them, for every scheme.
pub(in crate::claims) fn majorants(steps: &Steps) -> Finding {
    majorants_beside(steps, order_remainder)
}

fn majorants_beside(
    Steps(spec): &Steps,
    remainder: impl Fn(&SteppedPath, Scheme) -> Option<Ball>,
) -> Finding {
    let mut comparisons = vec![rest_of_flow(spec.stretches[0])];
    for scheme in Scheme::ALL {
        let majorant = Majorant::of(scheme);
        let extremal = Extremal { scheme };
        if scheme != Scheme::Euler {
            // Of Euler's nothing is left.
            let one = Ball::from(1.0);
            let ([sum, _], [_, common]) = (extremal.stepped(one), extremal.common(one));
            let left = sum - common;
            let bound = majorant.tail_of_scheme(one);
            comparisons.push(Comparison::at_most(REST_OF_SCHEME, left, bound));
        }
        for &stretch in &spec.stretches {
            let s = Ball::from(stretch);
            let [error, slope] = extremal.error(s);
            comparisons.push(Comparison::at_most(ERROR, error, majorant.tail(s)));
            comparisons.push(Comparison::at_most(SLOPE, slope, majorant.slope(s)));
            let growth = (Ball::from(0.5 * spec.rate) * s).exp();
            let doubled = extremal.doubled(s, growth);
            let bound = majorant.doubled(s, growth);
            comparisons.push(Comparison::at_most(DOUBLED, doubled, bound));
        }
        let norms = spec.norms();
        let path = spec.path(&norms);
        if let Some(bound) = remainder(&path, scheme) {
            let found = extremal.remainder(spec);
            comparisons.push(Comparison::at_most(REMAINDER, found, bound));
        }
    }
    Finding::Compared(comparisons)
}

/// The sum itself, at a tenth of the stretch: the terms beyond 400 are below `s⁴⁰⁰`.
fn rest_of_flow(stretch: f64) -> Comparison {
    let s = Ball::from(0.1 * stretch);
    let terms = (17..400).rev().map(|n| s.powi(n) / count(n));
    let sum = terms.sum::<Ball>();
    Comparison::at_most(REST_OF_FLOW, sum, Majorant::rest_of_flow(s))
}

impl StepsSpec {
    fn kappa1(&self) -> Ball {
        Ball::from(self.rate) * Ball::from(self.omega)
    }

    fn kappa2(&self) -> Ball {
        Ball::from(self.bend) * Ball::from(self.omega).square()
    }

    fn norms(&self) -> Vec<Ball> {
        let depth = count(self.stretches.len() * self.steps);
        let norm = |&s: &f64| Ball::from(s) * depth / Ball::from(self.omega);
        self.stretches.iter().map(norm).collect()
    }

    fn path<'a>(&self, layer_norms: &'a [Ball]) -> SteppedPath<'a> {
        SteppedPath {
            omega: Ball::from(self.omega),
            kappa1: self.kappa1(),
            kappa2: self.kappa2(),
            layer_norms,
            steps: self.steps,
        }
    }
}

/// A scheme on the field `e^y`, from 0, and errors of steps that are as large and steep as it allows.
struct Extremal {
    scheme: Scheme,
}

impl Extremal {
    /// One step of length `s`, and its derivative along the start: `s∂/∂s`.
    fn stepped(&self, s: Ball) -> [Ball; 2] {
        let zero = Ball::from(0.0);
        let (mut slope, mut moved) = (zero, zero);
        let (mut sum, mut along) = (zero, zero);
        for (&node, &weight) in self.scheme.nodes().iter().zip(self.scheme.sixths()) {
            let node = Ball::from(node);
            let further = node * s * (slope + moved);
            slope = (node * s * slope).exp();
            moved = slope * further;
            let weight = Ball::from(weight) / Ball::from(6.0) * s;
            sum = sum + weight * slope;
            along = along + weight * (slope + moved);
        }
        [sum, along]
    }

    /// `Σ_{n≤p} sⁿ` and `Σ_{n≤p} sⁿ/n`, what the flow and a scheme of the order `p` have in common.
    fn common(&self, s: Ball) -> [Ball; 2] {
        let powers = || (1..=self.scheme.order()).map(|n| (n, s.powi(n)));
        let plain = powers().map(|(_, power)| power);
        [
            plain.sum(),
            powers().map(|(n, power)| power / count(n)).sum(),
        ]
    }

    /// `−ln(1−s)` and the scheme, less what they have in common, and the derivative along the start.
    fn error(&self, s: Ball) -> [Ball; 2] {
        let left = Ball::from(1.0) - s;
        let flow = [-left.ln(), s / left];
        let ([sum, along], [powers, common]) = (self.stepped(s), self.common(s));
        let twice = |x: Ball| x + x;
        [
            flow[0] + sum - twice(common),
            flow[1] + along - twice(powers),
        ]
    }

    /// `2^pδ'(0) − δ(0)` for `δ_h(y) = −T(s) + y·T'(s)s`, where the first half moves by `s/2` and the flow of a half takes
    /// `x` into `(2 − growth)x`.
    fn doubled(&self, s: Ball, growth: Ball) -> Ball {
        let half = s / Ball::from(2.0);
        let at = |[size, slope]: [Ball; 2], y: Ball| y * slope - size;
        let (whole, halves, zero) = (self.error(s), self.error(half), Ball::from(0.0));
        let second = at(halves, half);
        let first = (Ball::from(2.0) - growth) * at(halves, zero);
        Ball::from(2.0).powi(self.scheme.order()) * (second + first) - at(whole, zero)
    }

    /// The same of all steps: two networks that run apart under `y' = κ1y`, and what `y' = κ1y + κ2y²/2` makes of the
    /// error of every step.
    fn remainder(&self, spec: &StepsSpec) -> Ball {
        let (zero, two) = (Ball::from(0.0), Ball::from(2.0));
        let omega = Ball::from(spec.omega);
        let (mut coarse, mut fine, mut straight) = (zero, zero, zero);
        // Of every step: first and second derivative of the flow since, and what they act on.
        let mut carried: Vec<[Ball; 3]> = Vec::new();
        for &stretch in &spec.stretches {
            let s = Ball::from(stretch);
            let length = s / omega;
            let [size, slope] = self.error(s);
            let half_size = self.error(s / two)[0] / omega;
            let half_growth = (spec.kappa1() * length / two).exp();
            let growth = half_growth.square();
            let doubled = self.doubled(s, half_growth) / omega;
            // y ↦ gy/(1 − κ2(g − 1)y/2κ1) is the flow; its second derivative at zero.
            let turned = growth * (growth - Ball::from(1.0)) * spec.kappa2() / spec.kappa1();
            for _ in 0..spec.steps {
                for [first, second, _] in &mut carried {
                    *second = growth * *second + turned * first.square();
                    *first = growth * *first;
                }
                let apart = coarse + fine;
                straight = growth * straight + doubled + slope * apart;
                let two_halves = half_growth * half_size + half_size;
                let ends = [growth * apart, growth * apart + size / omega + two_halves];
                let between = (ends[0] + ends[1]) / two;
                carried.push([Ball::from(1.0), zero, between * size / omega]);
                coarse = growth * coarse + size / omega;
                for _ in 0..2 {
                    fine = half_growth * fine + half_size;
                }
            }
        }
        let bent = carried.iter().map(|&[_, second, on]| second * on);
        straight + bent.sum::<Ball>()
    }
}

/// Remainders that leave something out.
pub(in crate::claims) fn majorant_controls() -> Vec<Control<Steps>> {
    vec![Control::check(
        "a flow that does not bend",
        Violated,
        || pinned_steps().remove(2),
        |steps: &Steps| {
            majorants_beside(steps, |path, scheme| {
                let straight = SteppedPath {
                    kappa2: Ball::from(0.0),
                    ..path.clone()
                };
                order_remainder(&straight, scheme)
            })
        },
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn pinned_steps_hold() {
        for steps in pinned_steps() {
            let found = majorants(&steps);
            assert_eq!(found.judge().verdict, Verdict::Holds, "{steps:?} {found:?}");
        }
    }

    /// `s + s²/2 + …` of the midpoint rule is `se^{s/2}`, whose derivative times `s` is `s(1 + s/2)e^{s/2}`.
    #[test]
    fn a_step_of_the_midpoint_rule_is_known() {
        let extremal = Extremal {
            scheme: Scheme::Midpoint,
        };
        let [sum, along] = extremal.stepped(Ball::from(0.5));
        assert!(sum.contains(0.5 * 0.25f64.exp()));
        assert!(along.contains(0.5 * 1.25 * 0.25f64.exp()));
    }
}
