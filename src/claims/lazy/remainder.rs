//! P11: what an analytic function that is bounded on a disc may do inside, and the functions that do it.
//!
//! Blaschke factors `(w + a)/(1 + aw)` map the unit disc onto itself: they attain the bounds of Schwarz and Pick, and their
//! values need no series.

use crate::arithmetic::Ball;
use crate::bounds::{Leading, disc_spread};
use crate::evidence::{Comparison, Finding};
use crate::theorem::{BuildError, Draws, Object, Subject};

/// `f(ε) = ε^p·h(ε^p)`, `h(w) = c·w^k·(w + a)/(1 + aw)`, which is bounded by `c` on the unit disc.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct FunctionSpec {
    /// Whether only even powers occur: `p = 2`.
    even: bool,
    /// `c`.
    bound: f64,
    /// `a`.
    value: f64,
    /// `k`.
    power: usize,
    /// `ε`.
    at: f64,
}

/// Numbers in their ranges.
#[derive(Clone, Debug)]
pub(in crate::claims) struct DiscFunction(FunctionSpec);

impl Object for DiscFunction {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for DiscFunction {
    type Spec = FunctionSpec;
    const HYPOTHESIS: &'static str = "object: a function that is bounded on a disc";

    fn build(spec: &FunctionSpec) -> Result<Self, BuildError> {
        let inside = spec.at > 0.0 && spec.at < 1.0 && spec.value.abs() < 1.0;
        if inside && spec.bound > 0.0 && spec.bound.is_finite() {
            Ok(Self(spec.clone()))
        } else {
            Err("places are inside of the disc, a bound is positive".into())
        }
    }
}

impl DiscFunction {
    fn leading(&self) -> Leading {
        if self.0.even {
            Leading::Even
        } else {
            Leading::First
        }
    }

    /// `h(w)`.
    fn inner(&self, w: Ball) -> Ball {
        let (bound, value) = (Ball::from(self.0.bound), Ball::from(self.0.value));
        let factor = (w + value) / (Ball::from(1.0) + value * w);
        bound * w.powi(self.0.power) * factor
    }

    /// `f(ε)`.
    fn value(&self, at: Ball) -> Ball {
        let power = at.powi(self.leading().order());
        power * self.inner(power)
    }
}

/// The place halfway between two in the geometry of the disc, where the factor that spreads them most vanishes.
fn halfway(far: f64, near: f64) -> f64 {
    let distance = (far - near) / (1.0 - far * near);
    let half = distance / (1.0 + (1.0 - distance * distance).sqrt());
    (near + half) / (1.0 + near * half)
}

/// Functions that spread two places most, nearly constant ones, those that start with two powers, and with the third alone.
pub(in crate::claims) fn pinned_functions() -> Vec<DiscFunction> {
    let of = |even, value, power, at| FunctionSpec {
        even,
        bound: 3.0,
        value,
        power,
        at,
    };
    let mut specs = vec![of(false, -halfway(0.6, 0.0), 0, 0.6)];
    for even in [false, true] {
        let at = |w: f64| if even { w.sqrt() } else { w };
        let (far, near) = (0.4, if even { 0.1 } else { 0.2 });
        specs.extend([
            of(even, -halfway(far, near), 0, at(far)),
            of(even, 1.0 - 1e-6, 0, at(0.5)),
            of(even, 0.5, 0, at(1e-4)),
            of(even, 0.0, 1, at(1e-4)),
        ]);
    }
    specs
        .iter()
        .map(|spec| DiscFunction::build(spec).expect("pinned functions are well-formed"))
        .collect()
}

const WORDS: &str = "random: Blaschke factors times powers, and places";

/// Any functions of the kind.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_functions() -> Draws<DiscFunction> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (
            any::<bool>(),
            0.1..10.0,
            -0.95..0.95,
            0usize..=2,
            1e-3..0.95,
        )
            .prop_map(|(even, bound, value, power, at)| FunctionSpec {
                even,
                bound,
                value,
                power,
                at,
            })
            .boxed()
    })
}

/// Any functions of the kind.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_functions() -> Draws<DiscFunction> {
    Draws::new(WORDS)
}

/// Every bound, where the function is known.
pub(in crate::claims) fn remainders(function: &DiscFunction) -> Finding {
    found(function, 1.0)
}

/// A control: a bound that the function exceeds.
pub(in crate::claims) fn smaller_bound(function: &DiscFunction) -> Finding {
    found(function, 0.9)
}

/// # Arguments
/// * `share`: of the function's bound that is claimed.
fn found(function: &DiscFunction, share: f64) -> Finding {
    let leading = function.leading();
    let bound = Ball::from(function.0.bound) * Ball::from(share);
    let half = Ball::from(0.5);
    let at = Ball::from(function.0.at);
    let power = |x: Ball| x.powi(leading.order());
    let (far, near) = (power(at), power(at * half));
    let inner = [far, near, Ball::from(0.0)].map(|w| function.inner(w));
    let scale = power(Ball::from(2.0));
    let [coarse, fine, finest] = [at, at * half, at * half * half].map(|x| function.value(x));
    // An even function has no first power.
    let beyond = match leading {
        Leading::First => at * (inner[0] - inner[2]),
        Leading::Even => coarse,
    };
    let ratio = (coarse - scale * fine) / (scale * fine);
    let difference = (fine - scale * finest).abs();
    Finding::Compared(vec![
        Comparison::at_most("‖f(ε)‖ ≤ cx^p", coarse.abs(), leading.whole(bound, at)),
        Comparison::at_most(
            "‖f(ε) − f₁ε‖ ≤ 2cx²/(1 + √(1−x²))",
            beyond.abs(),
            leading.beyond(bound, at),
        ),
        Comparison::at_most(
            "‖h(w) − h(w')‖ ≤ 2cδ/(1 + √(1−δ²))",
            (inner[0] - inner[1]).abs(),
            disc_spread(bound, far, near),
        ),
        Comparison::at_most(
            "|‖f(ε)‖/2^p‖f(ε/2)‖ − 1| ≤ r",
            ratio.abs(),
            leading.share(bound, at, fine.abs(), difference),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn halfway_is_as_far_from_both() {
        let middle = halfway(0.7, -0.2);
        let distance = |a: f64, b: f64| (a - b) / (1.0 - a * b);
        assert!((distance(0.7, middle) - distance(middle, -0.2)).abs() < 1e-15);
        assert!((halfway(0.6, 0.0) - 1.0 / 3.0).abs() < 1e-15);
    }

    /// Each to a thousandth, of both kinds.
    #[test]
    fn pinned_functions_attain_every_bound() {
        for even in [false, true] {
            let mut tightest = std::collections::BTreeMap::new();
            for function in pinned_functions() {
                let found = remainders(&function);
                assert_eq!(
                    found.judge().verdict,
                    Verdict::Holds,
                    "{function:?} {found:?}"
                );
                if function.0.even != even {
                    continue;
                }
                let Finding::Compared(comparisons) = found else {
                    panic!("{found:?}");
                };
                for comparison in comparisons {
                    let known: &mut f64 = tightest.entry(comparison.statement()).or_default();
                    *known = known.max(comparison.tightness());
                }
            }
            assert_eq!(tightest.len(), 4);
            assert!(tightest.values().all(|&t| t > 0.999), "{tightest:?}");
        }
    }

    #[test]
    fn a_bound_that_is_exceeded_is_seen() {
        for function in pinned_functions() {
            let found = smaller_bound(&function);
            let seen = found.judge().verdict == Verdict::Violated;
            // Of a function that is small where it is looked at, the difference says all.
            assert!(seen || function.0.at < 0.05, "{function:?}");
        }
    }
}
