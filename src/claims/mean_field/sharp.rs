//! Instances on which the bounds are attained, or nearly.

use crate::claims::MeanFieldInstance;
use crate::data::{DEFAULT_DRAWS, MeanFieldSpec};
use crate::meanfield::Activation;

pub(super) fn build(spec: &MeanFieldSpec) -> MeanFieldInstance {
    MeanFieldInstance::from_spec(spec).expect("a sharp instance is well-formed")
}

/// One sample at the origin of the line, one layer of one particle `(u, w, b)` and `cos`.
pub(super) struct Single {
    pub activation: Activation,
    pub input: f64,
    /// `x_0 − y`.
    pub error: f64,
    pub particle: [f64; 3],
    pub other: [f64; 3],
    pub step_margin: f64,
    pub steps: usize,
}

impl Default for Single {
    /// The network that does nothing, on the crest of the cosine.
    fn default() -> Self {
        Self {
            activation: Activation::Cosine,
            input: 0.0,
            error: 1.0,
            particle: [0.0; 3],
            other: [0.0; 3],
            step_margin: 0.5,
            steps: 1,
        }
    }
}

impl Single {
    pub fn spec(&self) -> MeanFieldSpec {
        MeanFieldSpec {
            activation: self.activation,
            scale: 1.0,
            inputs: vec![vec![self.input]],
            targets: vec![vec![self.input - self.error]],
            network: vec![vec![self.particle.to_vec()]],
            other: vec![vec![self.other.to_vec()]],
            step_margin: self.step_margin,
            steps: self.steps,
            loss_share: None,
            seed: 0,
            draws: DEFAULT_DRAWS,
        }
    }

    fn instance(&self) -> MeanFieldInstance {
        build(&self.spec())
    }
}

/// Fixed numbers of both signs without a pattern.
pub(super) fn chirp(start: usize, count: usize, size: f64) -> Vec<f64> {
    (0..count)
        .map(|i| size * ((start + 3 * i + 1) as f64).powi(2).sin())
        .collect()
}

/// A small network with nothing special about it.
pub(in crate::claims) fn generic() -> Vec<MeanFieldInstance> {
    let layer = |start: usize, width: usize| -> Vec<Vec<f64>> {
        (0..width).map(|j| chirp(start + 7 * j, 5, 0.7)).collect()
    };
    vec![build(&MeanFieldSpec {
        activation: Activation::Tanh,
        scale: 1.5,
        inputs: (0..3).map(|i| chirp(40 + 5 * i, 2, 1.0)).collect(),
        targets: (0..3).map(|i| chirp(60 + 5 * i, 2, 1.0)).collect(),
        network: vec![layer(1, 4), layer(2, 4)],
        other: vec![layer(3, 3), layer(4, 3)],
        step_margin: 0.5,
        steps: 3,
        loss_share: None,
        seed: 0,
        draws: DEFAULT_DRAWS,
    })]
}

/// One sample and `u = 0`: only `u` has a gradient, and the Gram matrix is a number.
pub(in crate::claims) fn single_sample() -> Vec<MeanFieldInstance> {
    vec![
        Single {
            input: 0.5,
            particle: [0.0, 0.7, 0.3],
            other: [0.0, -0.4, 0.2],
            ..Single::default()
        }
        .instance(),
    ]
}

/// One feature that shrinks towards zero: its length falls by all that it moves.
pub(in crate::claims) fn shrinking_features() -> Vec<MeanFieldInstance> {
    vec![
        Single {
            activation: Activation::Tanh,
            input: 1.0,
            particle: [1.0, 0.5, 0.25],
            steps: 3,
            ..Single::default()
        }
        .instance(),
    ]
}

/// A saddle of the risk, `u = w = b = 0` and `tanh`, with two networks on either side of it.
pub(in crate::claims) fn saddle() -> Vec<MeanFieldInstance> {
    const OFF: f64 = 1e-5;
    vec![
        Single {
            activation: Activation::Tanh,
            error: -1.0,
            particle: [OFF, 0.0, OFF],
            other: [-OFF, 0.0, -OFF],
            step_margin: 0.05,
            steps: 2,
            ..Single::default()
        }
        .instance(),
    ]
}

/// Networks on which the derivative of the output is as large as its bound: at rest on the crest of the cosine, where it is
/// that of `u`; and far out on the line at the steepest point of `tanh`, where it is that of `w`.
pub(in crate::claims) fn steep() -> Vec<MeanFieldInstance> {
    let far = Single {
        activation: Activation::Tanh,
        input: 1e3,
        particle: [1.0, 0.0, 0.0],
        other: [1.0, 0.0, 1e-6],
        ..Single::default()
    };
    let crest = Single {
        other: [0.0, 0.0, 1e-6],
        ..Single::default()
    };
    vec![crest.instance(), far.instance()]
}

/// The error of the problems that are linear up to it.
const SMALL: f64 = 1e-5;

/// A risk that is quadratic up to `1e-5`, with the step `1/β`; and with a step so short that gradient descent is the
/// flow.
pub(in crate::claims) fn linear_descent() -> Vec<MeanFieldInstance> {
    let with = |step_margin, steps| {
        Single {
            error: -SMALL,
            step_margin,
            steps,
            ..Single::default()
        }
        .instance()
    };
    vec![with(0.5, 3), with(0.9995, 3)]
}

/// The same with a short step, until a thousandth of the risk is left.
pub(in crate::claims) fn stiff() -> Vec<MeanFieldInstance> {
    vec![
        Single {
            error: -SMALL,
            step_margin: 0.99,
            steps: 172,
            ..Single::default()
        }
        .instance(),
    ]
}

/// One sample, to be lifted.
pub(in crate::claims) fn unlabelled() -> Vec<MeanFieldInstance> {
    vec![
        Single {
            error: -1.0,
            step_margin: 0.99,
            steps: 172,
            ..Single::default()
        }
        .instance(),
    ]
}
