//! C7.layer: what one layer does to its states, and what moving it does.

use crate::arithmetic::{Ball, Dual, Smooth};
use crate::bounds::mean_field::{Region, ZeroResidual, root_risk_between};
use crate::evidence::{Comparison, Finding, Kind};
use crate::meanfield::{Activation, ActivationBounds, Moments};
use crate::theorem::Expectation::Violated;
use crate::theorem::{About, BuildError, Control, Draws, Object, Subject, Theorem};
use std::ops::Range;

const ABOUT: About = About {
    family: "cot",
    statement: "of one layer, each where it is attained: the state it leads to, its first and second derivatives, its slope and the change of its features from u = 0",
    source: "Paper B (well-posedness of the flow, convergence)",
    tolerance: "dual numbers over balls; ball arithmetic of the bounds",
    page: "c7-layer.md",
    slack: Some(1e-2),
    ..About::new("C7.layer", Kind::Rounded)
};

const POINT: &str = "(1+‖x+v(x)‖²)^½ ≤ X̃+S0U";
const FIRST: &str = "‖Dv[h]‖ ≤ (S0²+S1²X̃²U²)^½‖h‖";
const SECOND: &str = "‖D²v[h,h]‖ ≤ (S1X̃+2S1Wc+2S2U_∞(X̃²+W²c²)+2S1Uc)‖h‖²";
const RISK: &str = "√(2L) ≤ ½(√(2L_a)+√(2L_b))+½c1‖h‖ at both ends";
const SLOPES: &str = "S1·mean‖u‖‖w‖ ≤ S1R(W+R/2)";
const FEATURES: &str = "‖Φ'−Φ‖_F/√M ≤ S1√N·R(√(X̃²+W²S0²)+S0R/2)";

pub(super) fn theorem() -> Theorem<Layer> {
    let halved = |name, layer: fn() -> Layer, change: fn(&mut ActivationBounds)| {
        Control::check(name, Violated, layer, move |layer: &Layer| {
            let mut bounds = layer.bounds;
            change(&mut bounds);
            compared(layer, &bounds)
        })
    };
    Theorem::new(
        ABOUT,
        |layer| compared(layer, &layer.bounds),
        pinned,
        draws(),
    )
    .controls([
        halved("half of S0", far, |bounds| {
            bounds.value = bounds.value / Ball::from(2.0)
        }),
        halved("half of S1", turning, |bounds| {
            bounds.slope = bounds.slope / Ball::from(2.0)
        }),
        halved("half of S2", bending_twice, |bounds| {
            bounds.curvature = bounds.curvature / Ball::from(2.0);
        }),
    ])
}

/// A layer `v(x) = M⁻¹Σu_jσ(w_j·x + b_j)`, the states that come to it, and how all of it moves.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims::theorems) struct LayerSpec {
    activation: Activation,
    /// `N` states.
    states: Vec<Vec<f64>>,
    /// How each of them moves.
    shifts: Vec<Vec<f64>>,
    /// `M` particles `(u, w, b)`.
    particles: Vec<Vec<f64>>,
    /// How each of them moves: `h`.
    moves: Vec<Vec<f64>>,
}

#[derive(Clone, Debug)]
pub(in crate::claims::theorems) struct Layer {
    spec: LayerSpec,
    bounds: ActivationBounds,
}

impl Object for Layer {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Layer {
    type Spec = LayerSpec;
    const HYPOTHESIS: &'static str = "activation: σ, σ' and σ'' are bounded";

    fn build(spec: &LayerSpec) -> Result<Self, BuildError> {
        let q = spec.states.first().map_or(0, Vec::len);
        let fits = |rows: &[Vec<f64>], length: usize| {
            rows.iter()
                .all(|row| row.len() == length && row.iter().all(|x| x.is_finite()))
        };
        let counts = spec.shifts.len() == spec.states.len()
            && spec.moves.len() == spec.particles.len()
            && !spec.particles.is_empty();
        let shapes = fits(&spec.states, q)
            && fits(&spec.shifts, q)
            && fits(&spec.particles, 2 * q + 1)
            && fits(&spec.moves, 2 * q + 1);
        let bounds = spec
            .activation
            .bounds()
            .ok_or("the activation is not bounded")?;
        if q > 0 && counts && shapes {
            let spec = spec.clone();
            Ok(Self { spec, bounds })
        } else {
            Err("states and shifts have q numbers each, particles and moves 2q + 1, and there is one of each".into())
        }
    }
}

/// One state and one particle on the line: `x`, `ζ`, `(u, w, b)`, `(h^u, h^w, h^b)`.
fn on_the_line(
    activation: Activation,
    [state, shift]: [f64; 2],
    particle: [f64; 3],
    moves: [f64; 3],
) -> Layer {
    // Of nothing nothing is said: no part is zero.
    let some = |x: &f64| if *x == 0.0 { LITTLE } else { *x };
    let all = |entries: &[f64]| vec![entries.iter().map(some).collect()];
    Layer::build(&LayerSpec {
        activation,
        states: all(&[state]),
        shifts: all(&[shift]),
        particles: all(&particle),
        moves: all(&moves),
    })
    .expect("a layer with a bounded activation")
}

/// Too little to be seen beside what a pinned layer is about.
const LITTLE: f64 = 1e-6;

const STEEPEST: f64 = std::f64::consts::FRAC_PI_2;

/// On the crest of a cosine, where the phase moves as much by `h^b` as by the state.
fn bending_twice() -> Layer {
    on_the_line(
        Activation::Cosine,
        [0.0, 1e-3],
        [1e3, 1e3, 0.0],
        [0.0, 0.0, 1.0],
    )
}

/// Where `tanh` is steepest, a long `w` is multiplied by a move of `u`.
fn turning() -> Layer {
    on_the_line(
        Activation::Tanh,
        [0.0, 1.0],
        [0.0, 1e3, 0.0],
        [1.0, 0.0, 0.0],
    )
}

/// Far out, on the crest of a cosine.
fn far() -> Layer {
    on_the_line(
        Activation::Cosine,
        [1e3, 0.0],
        [1e3, 0.0, 0.0],
        [1.0, 0.0, 0.0],
    )
}

fn pinned() -> Vec<Layer> {
    // Where the cosine falls: its phase moves by h^w·ζ alone.
    let product = on_the_line(
        Activation::Cosine,
        [0.0, 1e3],
        [1.0, 0.0, STEEPEST],
        [0.0, 1.0, 0.0],
    );
    // From u = w = 0, equal moves of both.
    let grown = on_the_line(
        Activation::Cosine,
        [0.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 1.0, 0.0],
    );
    // And a long w.
    let long = on_the_line(
        Activation::Cosine,
        [0.0, 0.0],
        [0.0, 1e3, 0.0],
        [1.0, 0.0, 0.0],
    );
    // A small move of u on the crest: the risk rises by all of it.
    let rising = on_the_line(
        Activation::Cosine,
        [0.0, 0.0],
        [0.0, 0.0, 0.0],
        [1e-2, 0.0, 0.0],
    );
    let steep = on_the_line(
        Activation::Tanh,
        [1e3, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
    );
    vec![
        bending_twice(),
        turning(),
        far(),
        product,
        grown,
        long,
        steep,
        rising,
        drifting(),
    ]
}

/// Three equal samples far out, where a cosine falls; `X̃ = WS0`, and the parameters move as much as the states: all that
/// features can move, as long as it is little.
fn drifting() -> Layer {
    let (small, state) = (1e-5, 10.0_f64);
    let samples = 3;
    let point = 1.0_f64.hypot(state);
    // Along (x + ζ, 1).
    let along = small / 1.0_f64.hypot(state + small);
    Layer::build(&LayerSpec {
        activation: Activation::Cosine,
        states: vec![vec![state]; samples],
        shifts: vec![vec![small]; samples],
        particles: vec![vec![LITTLE, point, STEEPEST - point * state]],
        moves: vec![vec![LITTLE * small, along * (state + small), along]],
    })
    .expect("a layer with a bounded activation")
}

const WORDS: &str = "random: layers of up to three particles in the plane, up to three states";

#[cfg(feature = "strategies")]
fn draws() -> Draws<Layer> {
    use proptest::prelude::*;
    use proptest::sample::select;
    Draws::new(WORDS, || {
        let bounded: Vec<Activation> = Activation::ALL
            .into_iter()
            .filter(|activation| activation.bounds().is_some())
            .collect();
        let rows = |count: usize, length: usize| {
            (-3.0..1.0).prop_flat_map(move |size: f64| {
                let size = 10.0_f64.powf(size);
                let entry = (-1.0..1.0).prop_map(move |x: f64| size * x);
                let row = proptest::collection::vec(entry, length);
                proptest::collection::vec(row, count)
            })
        };
        (select(bounded), 1..4_usize, 1..4_usize)
            .prop_flat_map(move |(activation, samples, width)| {
                let states = (rows(samples, 2), rows(samples, 2));
                (Just(activation), states, (rows(width, 5), rows(width, 5)))
            })
            .prop_map(
                |(activation, (states, shifts), (particles, moves))| LayerSpec {
                    activation,
                    states,
                    shifts,
                    particles,
                    moves,
                },
            )
            .boxed()
    })
}

#[cfg(not(feature = "strategies"))]
fn draws() -> Draws<Layer> {
    Draws::new(WORDS)
}

/// A row that has moved.
fn shifted(row: &[f64], by: &[f64]) -> Vec<Ball> {
    let terms = row.iter().zip(by);
    terms
        .map(|(&x, &by)| Ball::from(x) + Ball::from(by))
        .collect()
}

fn norm(entries: &[Ball]) -> Ball {
    entries.iter().map(|x| x.square()).sum::<Ball>().sqrt()
}

fn balls(entries: &[f64]) -> Vec<Ball> {
    entries.iter().copied().map(Ball::from).collect()
}

/// `σ(w·x + b)`.
fn feature<T: Smooth>(activation: Activation, particle: &[T], state: &[T]) -> T {
    let q = state.len();
    let terms = particle[q..2 * q].iter().zip(state);
    let phase = terms.fold(particle[2 * q], |sum, (&w, &x)| sum + w * x);
    activation.value_and_slope(phase).0
}

/// `v(x)`.
fn value<T: Smooth>(activation: Activation, particles: &[Vec<T>], state: &[T]) -> Vec<T> {
    let count = particles.len() as f64;
    let mean = T::reciprocal_root(count * count);
    let sum = |a: usize| {
        let terms = particles
            .iter()
            .map(|particle| particle[a] * feature(activation, particle, state));
        terms.fold(T::from(0.0), |sum, term| sum + term)
    };
    (0..state.len()).map(|a| mean * sum(a)).collect()
}

/// `x + v(x)`.
fn next(activation: Activation, particles: &[Vec<Ball>], state: &[f64]) -> Vec<Ball> {
    let state = balls(state);
    let added = value(activation, particles, &state);
    state.into_iter().zip(added).map(|(x, v)| x + v).collect()
}

/// The largest norm of a row.
fn largest(rows: &[Vec<f64>]) -> Ball {
    let norms = rows.iter().map(|row| norm(&balls(row)));
    norms.fold(Ball::from(0.0), Ball::max)
}

/// The root mean square of a part of every row.
fn root_mean(rows: &[Vec<f64>], part: Range<usize>) -> Ball {
    let squares = rows
        .iter()
        .map(|row| norm(&balls(&row[part.clone()])).square());
    (squares.sum::<Ball>() / Ball::from(rows.len() as f64)).sqrt()
}

/// `√(1 + ‖x‖²)`.
fn augmented(norm: Ball) -> Ball {
    (Ball::from(1.0) + norm.square()).sqrt()
}

/// Numbers that move: `x + t·by`, with two derivatives in `t`.
fn along(rows: &[Vec<f64>], by: &[Vec<f64>]) -> Vec<Vec<Dual<Dual<Ball>>>> {
    let moving = |(&x, &by): (&f64, &f64)| {
        let (x, by) = (Ball::from(x), Ball::from(by));
        Dual::new(Dual::new(x, by), Dual::new(by, Ball::from(0.0)))
    };
    let rows = rows.iter().zip(by);
    rows.map(|(row, by)| row.iter().zip(by).map(moving).collect())
        .collect()
}

/// What a layer does, beside what is said of one with these bounds of its activation.
fn compared(layer: &Layer, bounds: &ActivationBounds) -> Finding {
    let mut comparisons = states(layer, bounds);
    comparisons.extend(risks(layer, bounds));
    comparisons.extend(from_zero(layer, bounds));
    Finding::Compared(comparisons)
}

impl Layer {
    fn cloud(&self) -> Vec<Vec<Ball>> {
        self.spec.particles.iter().map(|p| balls(p)).collect()
    }

    /// The particles of `ω + h`.
    fn moved(&self) -> Vec<Vec<Ball>> {
        let pairs = self.spec.particles.iter().zip(&self.spec.moves);
        pairs.map(|(particle, by)| shifted(particle, by)).collect()
    }

    /// `q`.
    fn dimension(&self) -> usize {
        self.spec.states[0].len()
    }

    /// `‖h‖`.
    fn length(&self) -> Ball {
        root_mean(&self.spec.moves, 0..2 * self.dimension() + 1)
    }

    /// The first layer of a network of these particles, to which a state of this size comes.
    fn before(moments: &Moments, bounds: &ActivationBounds, size: Ball) -> Region {
        Region {
            expansion: Ball::from(1.0),
            point: size,
            ..Region::of(bounds, moments, size)
        }
    }
}

/// Where the states are led to, and the derivatives of that.
fn states(layer: &Layer, bounds: &ActivationBounds) -> Vec<Comparison> {
    let spec = &layer.spec;
    let (cloud, length) = (layer.cloud(), layer.length());
    let moments = Moments::of(&vec![cloud.clone()]);
    let directed = along(&spec.particles, &spec.moves);
    let still = vec![0.0; layer.dimension()];
    let of_state = |(state, shift): (&Vec<f64>, &Vec<f64>)| {
        let size = augmented(norm(&balls(state)));
        let before = Layer::before(&moments, bounds, size);
        let moving = |shift: &Vec<f64>| {
            let state = along(std::slice::from_ref(state), std::slice::from_ref(shift)).remove(0);
            value(spec.activation, &directed, &state)
        };
        let first: Vec<Ball> = moving(&still).iter().map(|v| v.derivative.value).collect();
        let second: Vec<Ball> = moving(shift)
            .iter()
            .map(|v| v.derivative.derivative)
            .collect();
        let tangent = norm(&balls(shift)) / length;
        [
            Comparison::at_most(
                POINT,
                augmented(norm(&next(spec.activation, &cloud, state))),
                Region::of(bounds, &moments, size).point,
            ),
            Comparison::at_most(FIRST, norm(&first), before.first(bounds) * length),
            Comparison::at_most(
                SECOND,
                norm(&second),
                before.bend(bounds, tangent) * length.square(),
            ),
        ]
    };
    let pairs = spec.states.iter().zip(&spec.shifts);
    pairs.flat_map(of_state).collect()
}

/// From `ω` to `ω + h`, as a network without a readout whose targets are zero: the risk is half the mean of `‖x + v(x)‖²`.
fn risks(layer: &Layer, bounds: &ActivationBounds) -> Vec<Comparison> {
    let spec = &layer.spec;
    let clouds = [layer.cloud(), layer.moved()];
    let risk = |cloud: &Vec<Vec<Ball>>| {
        let outputs = spec.states.iter();
        let squares = outputs.map(|state| norm(&next(spec.activation, cloud, state)).square());
        squares.sum::<Ball>() / Ball::from(2.0 * spec.states.len() as f64)
    };
    let [start, end] = [&clouds[0], &clouds[1]].map(risk);
    let [a, b] = clouds.map(|cloud| Moments::of(&vec![cloud]));
    let between = Layer::before(&a.join(&b), bounds, augmented(largest(&spec.states)));
    let bound = root_risk_between(start, end, between.first(bounds), layer.length());
    [start, end]
        .map(|risk| Comparison::at_most(RISK, (Ball::from(2.0) * risk).sqrt(), bound))
        .into()
}

/// From `u = 0`: what the slopes are then, and how far the features have moved where the states move by `S0R_u` at most.
fn from_zero(layer: &Layer, bounds: &ActivationBounds) -> Vec<Comparison> {
    let (spec, q) = (&layer.spec, layer.dimension());
    let start = ZeroResidual {
        samples: spec.states.len(),
        particles: spec.particles.len(),
        scale: Ball::from(1.0),
        bounds: *bounds,
        gram: Ball::from(1.0),
        w: root_mean(&spec.particles, q..2 * q),
        point: augmented(largest(&spec.states)),
    };
    let width = Ball::from(spec.particles.len() as f64);
    let moved = layer.moved();
    let products = spec.moves.iter().zip(&moved);
    let product: Ball = products
        .map(|(by, moved)| norm(&balls(&by[..q])) * norm(&moved[q..2 * q]))
        .sum();
    let change = |(particle, moved): (&Vec<f64>, &Vec<Ball>)| {
        let pairs = spec.states.iter().zip(&spec.shifts);
        let differences = pairs.map(|(state, shift)| {
            let old = feature(spec.activation, &balls(particle), &balls(state));
            feature(spec.activation, moved, &shifted(state, shift)) - old
        });
        differences.map(Ball::square).sum::<Ball>()
    };
    let changes: Ball = spec.particles.iter().zip(&moved).map(change).sum();
    let turned = root_mean(&spec.moves, q..2 * q + 1);
    let driven = largest(&spec.shifts) / layer.bounds.value;
    let radius = (turned.square() + driven.square()).sqrt();
    vec![
        Comparison::at_most(
            SLOPES,
            layer.bounds.slope * product / width,
            start.slopes(layer.length()),
        ),
        Comparison::at_most(
            FEATURES,
            (changes / width).sqrt(),
            start.features_moved(radius),
        ),
    ]
}
