//! A theorem about an object that the crate has never heard of: a network of two layers with a softmax readout.

use polyak::arithmetic::Ball;
use polyak::evidence::{Comparison, Finding, Kind};
use polyak::theorem::{
    About, BuildError, Control, Draws, Expectation, Object, Registry, Subject, Theorem,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// `softmax(W₂ tanh(W₁x))`, an input, and its class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// A row a hidden unit.
    pub inner: Vec<Vec<f64>>,
    /// A row a class.
    pub outer: Vec<Vec<f64>>,
    /// As long as a row of `inner`.
    pub input: Vec<f64>,
    /// Which class, from 0.
    pub class: usize,
}

/// The same, with rows that fit.
#[derive(Clone, Debug)]
pub struct Classifier(Spec);

impl Object for Classifier {
    /// Nothing is drawn by its check.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Classifier {
    type Spec = Spec;
    const HYPOTHESIS: &'static str = "network: two layers and a softmax";

    fn build(spec: &Spec) -> Result<Self, BuildError> {
        let fits = |rows: &[Vec<f64>], length| rows.iter().all(|row| row.len() == length);
        if !fits(&spec.inner, spec.input.len()) || !fits(&spec.outer, spec.inner.len()) {
            return Err("a row of a layer is not as long as what it is applied to".into());
        }
        if spec.class >= spec.outer.len() {
            return Err(format!("class {} of {}", spec.class, spec.outer.len()).into());
        }
        Ok(Self(spec.clone()))
    }
}

impl Classifier {
    /// The probabilities of all classes, enclosed.
    fn probabilities(&self) -> Vec<Ball> {
        let one = Ball::from(1.0);
        let tanh = |x: Ball| one - Ball::from(2.0) / ((x + x).exp() + one);
        let apply = |rows: &[Vec<f64>], at: &[Ball]| -> Vec<Ball> {
            let row = |row: &Vec<f64>| row.iter().zip(at).map(|(w, x)| Ball::from(*w) * *x).sum();
            rows.iter().map(row).collect()
        };
        let input: Vec<Ball> = self.0.input.iter().map(|x| Ball::from(*x)).collect();
        let hidden: Vec<Ball> = apply(&self.0.inner, &input).into_iter().map(tanh).collect();
        let scores = apply(&self.0.outer, &hidden);
        let sizes: Vec<Ball> = scores.into_iter().map(Ball::exp).collect();
        let total: Ball = sizes.iter().copied().sum();
        sizes.into_iter().map(|size| size / total).collect()
    }
}

/// `‖∇ℓ‖ = ‖p − e_y‖ ≤ √2(1 − p_y)` for the cross-entropy `ℓ = −ln p_y` as a function of the scores.
fn gradient(network: &Classifier, factor: f64) -> Finding {
    let mut gradient = network.probabilities();
    let missing = Ball::from(1.0) - gradient[network.0.class];
    gradient[network.0.class] = missing;
    let norm = gradient.into_iter().map(Ball::square).sum::<Ball>().sqrt();
    let bound = Ball::from(factor).sqrt() * missing;
    Finding::Compared(vec![Comparison::at_most("‖∇ℓ‖ ≤ √2(1 − p)", norm, bound)])
}

/// Two classes: the other one has all that is missing.
fn two_classes() -> Vec<Classifier> {
    vec![Classifier(Spec {
        inner: vec![vec![1.0, -0.5]],
        outer: vec![vec![1.0], vec![-2.0]],
        input: vec![0.5, 0.25],
        class: 0,
    })]
}

fn networks() -> BoxedStrategy<Spec> {
    (1..4usize, 1..5usize, 2..6usize)
        .prop_flat_map(|(inputs, hidden, classes)| {
            let row = |length| vec(-2.0..2.0, length);
            (
                vec(row(inputs), hidden),
                vec(row(hidden), classes),
                row(inputs),
                0..classes,
            )
        })
        .prop_map(|(inner, outer, input, class)| Spec {
            inner,
            outer,
            input,
            class,
        })
        .boxed()
}

/// The theorem.
pub fn theorem() -> Theorem<Classifier> {
    let about = About {
        family: "softmax",
        statement: "‖∇ℓ‖ ≤ √2(1 − p_y), ℓ the cross-entropy of the class y as a function of the scores",
        source: "‖p − e_y‖² = (1 − p_y)² + Σ_{j≠y} p_j² ≤ 2(1 − p_y)²",
        tolerance: "ball arithmetic of both layers",
        page: "o1-softmax.md",
        slack: Some(1e-9),
        ..About::new("O1.softmax", Kind::Rounded)
    };
    let draws = Draws::new("random: up to four hidden units and five classes", networks);
    Theorem::new(about, |network| gradient(network, 2.0), two_classes, draws).control(
        Control::check(
            "the bound without the other classes",
            Expectation::Violated,
            || two_classes().remove(0),
            |network| gradient(network, 1.0),
        ),
    )
}

/// The theorem beside those of the crate.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let registry = Registry::new().with_all(polyak::claims::registry());
        registry
            .and_then(|registry| registry.with(theorem()))
            .expect("every id is given once")
    });
    &REGISTRY
}
