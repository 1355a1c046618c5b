//! P7.layers: the sums over layers that the second derivatives of predictions are bounded by.

use crate::arithmetic::{Ball, UNIT_ROUNDOFF};
use crate::bounds::{Coupling, layer_means};
use crate::evidence::{Comparison, Finding, Kind};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "pl",
    statement: "θ_D is the norm of the sum over earlier layers, 1 − 1/D the largest share of pairs of layers, and s₁, s₂, s₃ are the roots of their means over layers",
    source: "Paper A (smoothness of the loss); the constants are of this project",
    tolerance: "rounding of singular values and eigenvalues of order D, and of the sums",
    page: "p7-layers.md",
    slack: Some(1e-6),
    ..About::new("P7.layers", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<Layers> {
    let wrong = |name, change: fn(usize) -> usize| {
        Control::check(
            name,
            Violated,
            || Layers { depth: 5 },
            move |layers: &Layers| compared(layers.depth, change(layers.depth)),
        )
    };
    Theorem::new(
        ABOUT,
        |layers| compared(layers.depth, layers.depth),
        || [2, 3, 5, 24].map(|depth| Layers { depth }).into(),
        draws(),
    )
    .controls([
        wrong("one layer less", |depth| depth - 1),
        wrong("twice as many layers", |depth| 2 * depth),
    ])
}

/// So many layers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct Layers {
    depth: usize,
}

impl Object for Layers {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

/// More, and the singular values cost more than they tell.
const DEEPEST: usize = 64;

impl Subject for Layers {
    type Spec = Self;
    const HYPOTHESIS: &'static str = "object: a number of layers";

    fn build(spec: &Self) -> Result<Self, BuildError> {
        if (2..=DEEPEST).contains(&spec.depth) {
            Ok(spec.clone())
        } else {
            Err(format!("there are 2 to {DEEPEST} layers").into())
        }
    }
}

const WORDS: &str = "random: two to 64 layers";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Layers> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        (2..=DEEPEST).prop_map(|depth| Layers { depth }).boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Layers> {
    Draws::new(WORDS)
}

/// A number that an algorithm for matrices of order `depth` found, with what it rounds: `16D` roundings of a norm that is
/// at most `D`, for each of both directions.
fn found(x: f64, depth: usize) -> Ball {
    let order = depth as f64;
    Ball::new(x, 32.0 * order * UNIT_ROUNDOFF * order)
}

/// The sums of so many layers beside the constants that are said to be theirs.
fn compared(depth: usize, said_of: usize) -> Finding {
    let d = depth as f64;
    let earlier = DMatrix::from_fn(depth, depth, |k, l| f64::from(u8::from(l < k)));
    let norm = found(earlier.singular_values().max(), depth);
    let pairs = &earlier + earlier.transpose();
    let most = found(pairs.symmetric_eigenvalues().max(), depth);
    let per_layer = Ball::from(1.0 / d).widened(UNIT_ROUNDOFF);
    let equal = |statement, value: Ball, constant: Ball| {
        // All of them are below one, and some are zero of two layers.
        Comparison::equal(statement, value, constant, 1.0)
    };
    // Of whole numbers, exactly.
    let mean = |term: fn(u32) -> u32, scale: f64| {
        let sum: u32 = (0..depth as u32).map(term).sum();
        (Ball::from(f64::from(sum)) / Ball::from(scale)).sqrt()
    };
    let [pairs, squares, cubes] = layer_means(said_of);
    Finding::Compared(vec![
        equal(
            "θ_D = ‖S_D‖/D",
            norm * per_layer,
            Coupling::Stationary.over(said_of),
        ),
        equal(
            "1 − 1/D = λ_max(S_D + S_Dᵀ)/D",
            most * per_layer,
            Coupling::General.over(said_of),
        ),
        equal(
            "s₁² = D⁻¹Σ_k Σ_{l<k} l/D²",
            mean(|k| (0..k).sum(), d.powi(3)),
            pairs,
        ),
        equal("s₂² = D⁻¹Σ(k/D)²", mean(|k| k * k, d.powi(3)), squares),
        equal(
            "s₃² = D⁻¹Σ_k (k/D)Σ_{l<k} l/D²",
            mean(|k| k * (0..k).sum::<u32>(), d.powi(4)),
            cubes,
        ),
    ])
}
