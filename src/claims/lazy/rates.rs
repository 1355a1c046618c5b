//! Bounds at each of three scales, and local slopes between them.

use super::Checked;
use super::rounding::Lifted;
use super::unit::{Function, Seen, Unit};
use crate::arithmetic::Ball;
use crate::bounds::{Leading, disc_spread};
use crate::claims::undecided;
use crate::evidence::{Comparison, Finding, Verdict};

/// How far training goes.
const LENGTH: &str = "‖v^∞−v⁰‖ ≤ (‖û^∞‖+r)/α";

/// The change of the tangent kernel.
pub(in crate::claims) const TANGENT: &str = "‖T(vⁿ)−T₀‖/α² ≤ ‖T₁‖/α+r/α²";

/// How far training is from that of the linearised network.
const GAP: &str = "max_n‖e_n−ê_n‖ ≤ ‖E₁‖/α+r/α²";

/// The lower and the upper end of the local slopes of displacement, tangent kernel and predictions.
pub(super) type Slopes = [[&'static str; 2]; 3];

pub(super) const FEATURE_SLOPES: Slopes = [
    [
        "features, displacement: slope ≤ −1+r",
        "features, displacement: slope ≥ −1−r",
    ],
    [
        "features, tangent kernel: slope ≤ −1+r",
        "features, tangent kernel: slope ≥ −1−r",
    ],
    [
        "features, predictions: slope ≤ −1+r",
        "features, predictions: slope ≥ −1−r",
    ],
];

pub(super) const KERNEL_SLOPES: Slopes = [
    [
        "kernel, displacement: slope ≤ −1+r",
        "kernel, displacement: slope ≥ −1−r",
    ],
    [
        "kernel, tangent kernel: slope ≤ −2+r",
        "kernel, tangent kernel: slope ≥ −2−r",
    ],
    [
        "kernel, predictions: slope ≤ −2+r",
        "kernel, predictions: slope ≥ −2−r",
    ],
];

/// The share that remainders may leave of what is measured, a unit of the order: an order and the next are told apart.
const SHARE: f64 = 1.0 / 16.0;

/// The share that the first trial aims at.
pub(super) const AIM: f64 = 1.0 / 64.0;

/// Scales that are tried: ever smaller ones, if the closed forms ask for more digits than there are; of an even function,
/// ever larger ones.
const TRIALS: usize = 6;

/// The first trial of an even function, as a share of the disc.
const FIRST_TRIAL: f64 = 1.0 / 16.0;

/// The largest exponent of a scale: its square is a number, and that of its inverse.
const FARTHEST: f64 = 256.0;

/// Scales `α, 2α, 4α`: the difference of the last two bounds what remains between the first.
const SCALES: i32 = 3;

/// Three scales beyond the crossover: bounds at each, and the slope from the first to the second.
///
/// # Arguments
/// * `claimed`: the power of `1/α` that is claimed of the tangent kernel and the predictions.
pub(super) fn rates<N: Lifted>(unit: &Unit<N>, names: &Slopes, claimed: usize) -> Checked<Finding> {
    let order = unit.leading.order() as f64;
    let first = unit.disc.scale().upper() / first_trial(unit);
    let exponent = first.log2().ceil();
    if !(exponent.abs() <= FARTHEST) {
        return Ok(undecided("the scales of the disc are no f64 numbers"));
    }
    let mut exponent = exponent as i32;
    for _ in 0..TRIALS {
        // Outside of the disc nothing is bounded.
        if !(2.0_f64.powi(exponent) > unit.disc.scale().upper()) {
            break;
        }
        let scales = (exponent..exponent + SCALES).map(|k| Point::at(unit, k));
        let points = scales.collect::<Checked<Vec<_>>>()?;
        let pair = Pair::of(unit, &points[0], &points[1], &points[2])?;
        let largest = pair.shares.map(Ball::upper).into_iter().fold(0.0, f64::max);
        let bounds = points.iter().flat_map(|point| bounds(unit, point));
        let finding = Finding::Compared(bounds.chain(pair.compare(names, claimed)).collect());
        // A violation is one whatever else is not resolved.
        if largest <= SHARE * order && finding.judge().verdict != Verdict::Undecided {
            return Ok(finding);
        }
        exponent += match unit.leading {
            Leading::First => -2,
            Leading::Even => 1,
        };
    }
    Ok(undecided("the remainder is not small at any scale tried"))
}

/// The share of the disc at which the remainders are as small as asked for, by the closed forms.
pub(super) fn first_trial<N: Lifted>(unit: &Unit<N>) -> f64 {
    if unit.leading == Leading::Even {
        return FIRST_TRIAL;
    }
    let least = unit.disc.scale().mid();
    let part = |first: Ball, bound: Ball| first.mid() / (least * bound.mid());
    let tangent = part(unit.tangent, unit.disc.tangent_change());
    let gap = part(unit.gap, unit.disc.error_gap());
    let length = unit.length.mid() / unit.disc.drift().mid();
    (AIM * tangent.min(gap).min(length)).min(FIRST_TRIAL)
}

/// What was seen at one scale.
struct Point {
    /// `α`.
    scale: Ball,
    /// `ε/ε* = α*/α`.
    inside: Ball,
    seen: Seen,
    tangent: Ball,
    gap: Ball,
}

impl Point {
    fn at<N: Lifted>(unit: &Unit<N>, exponent: i32) -> Checked<Self> {
        let scale = Ball::from(2.0_f64.powi(exponent));
        let seen = unit.train(exponent)?;
        Ok(Self {
            scale,
            inside: unit.disc.scale() / scale,
            tangent: seen.tangent.norm()?,
            gap: seen.gap.norm()?,
            seen,
        })
    }
}

/// The bounds `O(1/α)`, or `O(1/α²)` of an even function.
fn bounds<N: Lifted>(unit: &Unit<N>, point: &Point) -> [Comparison; 3] {
    // An even function has no first power.
    let first = |first: Ball| match unit.leading {
        Leading::First => first / point.scale,
        Leading::Even => Ball::from(0.0),
    };
    let beyond = |bound| unit.leading.beyond(bound, point.inside);
    // `‖û‖` is known, and `u − û` vanishes at the centre.
    let length = unit.length + Leading::First.whole(unit.disc.drift(), point.inside);
    let tangent = first(unit.tangent) + beyond(unit.disc.tangent_change());
    let gap = first(unit.gap) + beyond(unit.disc.error_gap());
    [
        Comparison::at_most(
            LENGTH,
            point.seen.length / point.scale,
            length / point.scale,
        ),
        Comparison::at_most(TANGENT, point.tangent, tangent),
        Comparison::at_most(GAP, point.gap, gap),
    ]
}

/// Two neighbouring scales: the ratios of displacement, tangent kernel and predictions, and what remainders leave of
/// each.
struct Pair {
    ratios: [Ball; 3],
    shares: [Ball; 3],
}

impl Pair {
    /// # Arguments
    /// * `next`: the scale after both, whose distance from `fine` bounds the remainders.
    fn of<N: Lifted>(unit: &Unit<N>, coarse: &Point, fine: &Point, next: &Point) -> Checked<Self> {
        // `u` and `u − û` change by as much: `û` is the same at every scale.
        let change = disc_spread(unit.disc.drift(), coarse.inside, fine.inside);
        let length = change / fine.seen.length;
        let power = 2.0_f64.powi(unit.leading.order() as i32);
        let share = |bound, fine: Ball, difference: Function| -> Checked<Ball> {
            let difference = difference.norm()?;
            Ok(unit.leading.share(bound, coarse.inside, fine, difference))
        };
        let tangent = fine.seen.tangent.minus(power, &next.seen.tangent);
        let gap = fine.seen.gap.minus(power, &next.seen.gap);
        Ok(Self {
            ratios: [
                Ball::from(2.0) * coarse.seen.length / fine.seen.length,
                coarse.tangent / fine.tangent,
                coarse.gap / fine.gap,
            ],
            shares: [
                Ball::from(length.upper()),
                share(unit.disc.tangent_change(), fine.tangent, tangent)?,
                share(unit.disc.error_gap(), fine.gap, gap)?,
            ],
        })
    }

    fn compare(&self, names: &Slopes, claimed: usize) -> Vec<Comparison> {
        let log = |x: Ball| x.ln() / Ball::from(2.0).ln();
        let one = Ball::from(1.0);
        let numbers = names.iter().zip(self.ratios).zip(self.shares);
        numbers
            .zip([1, claimed, claimed])
            .flat_map(|((([lower, upper], ratio), share), order)| {
                let (slope, order) = (log(ratio), Ball::from(order as f64));
                [
                    Comparison::at_least(lower, slope, order + log(one - share)),
                    Comparison::at_most(upper, slope, order + log(one + share)),
                ]
            })
            .collect()
    }
}
