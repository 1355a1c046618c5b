//! P11: the constants of complex states, against moments of frequencies and networks of complex parameters.

use super::complex::{Complex, norm};
use crate::arithmetic::{Ball, Dual, Real, UNIT_ROUNDOFF, count};
use crate::bounds::ComplexField;
use crate::claims::undecided;
use crate::evidence::{Comparison, Finding};
use crate::features::FourierFeatures;
use crate::resnet::depth::longest_frequency;
use crate::resnet::reference::{Layers, feature_vector, states};
use crate::resnet::{NetworkError, ResNet};
use crate::theorem::{BuildError, Draws, Object, Subject};
use nalgebra::DMatrix;

/// States stay where the constants hold.
pub(in crate::claims) const NEAR: &str = "reach: κ₀ ≤ 2 where ‖Im z‖ ≤ 2‖v‖";

/// One input and one label coordinate: the state is in a plane.
const STATE: usize = 2;

/// The most layers, frequencies and samples.
const MOST: usize = 5;

/// A Gaussian kernel, and a lifted network of complex parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct FieldSpec {
    /// `σ`.
    sigma: f64,
    /// `ω_j`.
    frequencies: Vec<[f64; STATE]>,
    /// `Re z`.
    point: [f64; STATE],
    /// `Im z`.
    shift: [f64; STATE],
    /// `Re h`, `Im h`.
    direction: [[f64; STATE]; 2],
    /// One input a sample.
    inputs: Vec<f64>,
    /// `D`.
    depth: usize,
    /// Real and imaginary parts of all weights, layer by layer and row by row; what is not given is zero.
    weights: Vec<[f64; 2]>,
}

/// Frequencies, states and parameters in their ranges.
#[derive(Clone, Debug)]
pub(in crate::claims) struct ComplexStates {
    spec: FieldSpec,
    network: ResNet,
}

impl Object for ComplexStates {
    /// Nothing is drawn for them.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for ComplexStates {
    type Spec = FieldSpec;
    const HYPOTHESIS: &'static str = "object: states and parameters off the real line";

    fn build(spec: &FieldSpec) -> Result<Self, BuildError> {
        let numbers = spec.point.iter().chain(&spec.shift);
        let numbers = numbers.chain(spec.direction.iter().flatten());
        let numbers = numbers.chain(&spec.inputs);
        let mut numbers = numbers.chain(spec.weights.iter().flatten());
        if !(spec.sigma > 0.0 && spec.sigma.is_finite()) || spec.inputs.is_empty() {
            return Err("a bandwidth is positive, and there is a sample".into());
        }
        if !numbers.all(|x| x.is_finite()) {
            return Err("states and parameters are finite".into());
        }
        let counts = [spec.depth, spec.frequencies.len(), spec.inputs.len()];
        if counts.into_iter().any(|n| n > MOST) {
            return Err(
                "layers, frequencies and samples are few: every weight is differentiated along"
                    .into(),
            );
        }
        let entry = |a: usize, j: usize| spec.frequencies[j][a];
        let frequencies = DMatrix::from_fn(STATE, spec.frequencies.len(), entry);
        let features = FourierFeatures::try_new(frequencies)?;
        let network = lifted(features, spec.depth)?;
        Ok(Self {
            spec: spec.clone(),
            network,
        })
    }
}

fn lifted(features: FourierFeatures, depth: usize) -> Result<ResNet, NetworkError> {
    ResNet::lifted(1, 1, 1.0, features, depth)
}

/// One frequency along the label, where every bound of features is attained: of two layers and of three that share the
/// work as well as they can. Bandwidths at which the terms of a moment are as large as each other.
pub(in crate::claims) fn pinned_states() -> Vec<ComplexStates> {
    let small = 1e-5;
    let of = |depth, weights: &[f64]| FieldSpec {
        sigma: 0.8,
        frequencies: vec![[0.0, 1.5]],
        point: [0.3, -0.2],
        shift: [0.0, 0.5],
        direction: [[0.0, 1.0], [0.0, 0.0]],
        inputs: vec![0.0, 1.0],
        depth,
        weights: weights.iter().map(|w| [small * w, 0.0]).collect(),
    };
    // The first golden section is that of the singular values of (1, 1; 0, 1).
    let (long, short) = (0.850_650_808_352_04, 0.525_731_112_119_133_6);
    // The row of the input, then that of the label: its cosine, its sine.
    let two = of(2, &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let three = [
        [0.0, 0.0, long, 0.0],
        [0.0, 0.0, short, short],
        [0.0, 0.0, 0.0, long],
    ];
    let three = FieldSpec {
        sigma: 0.3,
        ..of(3, three.as_flattened())
    };
    [two, three]
        .iter()
        .map(|spec| ComplexStates::build(spec).expect("pinned states are well-formed"))
        .collect()
}

/// Weights too large for the states to stay near.
pub(in crate::claims) fn far_states() -> FieldSpec {
    let mut spec = pinned_states().swap_remove(0).spec;
    for weight in &mut spec.weights {
        *weight = weight.map(|w| 1e5 * w);
    }
    spec
}

const WORDS: &str = "random: up to four frequencies, states and parameters off the real line";

/// Any frequencies, and weights that keep the states near.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_states() -> Draws<ComplexStates> {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::array::from_fn;
    Draws::new(WORDS, || {
        let pair = |low: f64, high: f64| -> [_; STATE] { from_fn(|_| low..high) };
        (
            0.3..3.0,
            vec(pair(-2.0, 2.0), 1..=4),
            pair(-3.0, 3.0),
            pair(-0.5, 0.5),
            [pair(-1.0, 1.0), pair(0.1, 1.0)],
            vec(-2.0..2.0, 1..=3),
            2usize..=3,
            vec(pair(-0.01, 0.01), 8..=48),
        )
            .prop_map(
                |(sigma, frequencies, point, shift, direction, inputs, depth, weights)| FieldSpec {
                    sigma,
                    frequencies,
                    point,
                    shift,
                    direction,
                    inputs,
                    depth,
                    weights,
                },
            )
            .boxed()
    })
}

/// Any frequencies, and weights that keep the states near.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_states() -> Draws<ComplexStates> {
    Draws::new(WORDS)
}

/// The constants where a state is, against what is there.
pub(in crate::claims) fn complex_states(states: &ComplexStates) -> Finding {
    found(states, 1.0)
}

/// A control: the constants of real states.
pub(in crate::claims) fn real_states(states: &ComplexStates) -> Finding {
    found(states, 0.0)
}

/// # Arguments
/// * `share`: of the reach at which the constants are taken.
fn found(states: &ComplexStates, share: f64) -> Finding {
    let reach = Ball::norm_of(&states.spec.shift) * Ball::from(share);
    let features = states.network.features();
    let field = ComplexField::Features {
        kappa1: features.kappa1_ball(),
        kappa2: features.kappa2_ball(),
        longest: longest_frequency(features),
    };
    let sigma = Ball::from(states.spec.sigma);
    let mut comparisons = moments(ComplexField::Gaussian { sigma }.constants(reach), states);
    comparisons.extend(derivatives(field.constants(reach), states));
    match bend(field, states) {
        Ok(Some(comparison)) => comparisons.push(comparison),
        Ok(None) => return Finding::Inapplicable(vec![NEAR.to_owned()]),
        Err(error) => return undecided(error),
    }
    Finding::Compared(comparisons)
}

/// The squares of the constants of a Gaussian kernel are `E(ω·h)^{2i} cosh(2ω·b)` with `h` along `b = Im z`, where they are
/// largest.
fn moments(constants: [Ball; 3], states: &ComplexStates) -> Vec<Comparison> {
    let sigma = Ball::from(states.spec.sigma);
    let reach = Ball::norm_of(&states.spec.shift);
    let statements = [
        "κ₀² = E cosh 2ω·b",
        "κ₁² = E(ω·h)² cosh 2ω·b",
        "κ₂² = E(ω·h)⁴ cosh 2ω·b",
    ];
    let numbers = statements.into_iter().zip(constants).enumerate();
    numbers
        .map(|(i, (statement, constant))| {
            let unit = sigma.powi(2 * i);
            let moment = tilted_moment(i, (Ball::from(2.0) * reach / sigma).square());
            Comparison::equal(statement, constant.square() * unit, moment, moment.mid())
        })
        .collect()
}

/// `E g^{2i} cosh(√s g)` of a normal number: the powers of the hyperbolic cosine, of which
/// `E g^{2k} = (2k − 1)!!` makes `Σ_n s^n (2n + 2i − 1)!!/(2n)!`. Once a term is less than half of the one before, all
/// that follow are below twice the next.
fn tilted_moment(i: usize, s: Ball) -> Ball {
    let mut term: Ball = (0..i)
        .map(|k| count(2 * k + 1))
        .fold(count(1), |a, b| a * b);
    let mut sum = Ball::from(0.0);
    for n in 0.. {
        sum = sum + term;
        let factor = s * count(2 * (n + i) + 1) / count((2 * n + 1) * (2 * n + 2));
        term = term * factor;
        // The factors decrease from here on.
        if factor.upper() <= 0.5 && !(term.upper() > UNIT_ROUNDOFF * sum.lower()) {
            return sum.widened(2.0 * term.upper());
        }
        if !term.is_bounded() {
            break;
        }
    }
    Ball::EVERYTHING
}

/// Values and derivatives of the features themselves.
fn derivatives(constants: [Ball; 3], states: &ComplexStates) -> Vec<Comparison> {
    let spec = &states.spec;
    let coordinates = |re: &[f64; STATE], im: &[f64; STATE]| -> Vec<Complex> {
        let parts = re.iter().zip(im);
        parts.map(|(&re, &im)| Complex::new(re, im)).collect()
    };
    let place = coordinates(&spec.point, &spec.shift);
    let along = coordinates(&spec.direction[0], &spec.direction[1]);
    let moved = place.iter().zip(&along).map(|(&z, &h)| {
        let still = Complex::from(0.0);
        Dual::new(Dual::new(z, h), Dual::new(h, still))
    });
    let moved: Vec<_> = moved.collect();
    let features = feature_vector(states.network.features(), &moved);
    let part = |of: fn(&Dual<Dual<Complex>>) -> Complex| -> Ball {
        norm(&features.iter().map(of).collect::<Vec<_>>())
    };
    let length = norm(&along);
    vec![
        Comparison::at_most("‖φ(z)‖ ≤ κ₀", part(|f| f.value.value), constants[0]),
        Comparison::at_most(
            "‖Dφ(z)h‖ ≤ κ₁‖h‖",
            part(|f| f.derivative.value),
            constants[1] * length,
        ),
        Comparison::at_most(
            "‖D²φ(z)[h,h]‖ ≤ κ₂‖h‖²",
            part(|f| f.derivative.derivative),
            constants[2] * length.square(),
        ),
    ]
}

/// `‖cᵀ(J(v) − J(0))‖ ≤ Q‖v‖` for the mean of the samples, `c = (1, …, 1)/√N`; `None`, if states may get too far.
fn bend(field: ComplexField, states: &ComplexStates) -> Result<Option<Comparison>, NetworkError> {
    let (spec, network) = (&states.spec, &states.network);
    let width = network.features().width();
    let entries = spec.depth * STATE * width;
    let given = |k: usize| spec.weights.get(k).copied().unwrap_or([0.0; 2]);
    let weights: Vec<Complex> = (0..entries)
        .map(|k| Complex::new(given(k)[0], given(k)[1]))
        .collect();
    let zeros = vec![Complex::from(0.0); entries];
    // ⟨v, w⟩ is a mean over layers: its dual norm is D times the square of the entries.
    let depth = count(spec.depth);
    let radius = norm(&weights) / depth.sqrt();
    let Some(lipschitz) = field.lipschitz(spec.inputs.len(), spec.depth, radius) else {
        return Ok(None);
    };
    let moved = |along: usize| -> Complex {
        let there = mean_derivative(network, spec, &weights, along);
        there - mean_derivative(network, spec, &zeros, along)
    };
    let change: Vec<Complex> = (0..entries).map(moved).collect();
    let change = norm(&change) * depth.sqrt();
    let statement = "‖J(v)−J(0)‖ ≤ Q‖v‖";
    let bound = lipschitz * radius;
    Ok(Some(Comparison::at_most(statement, change, bound)))
}

/// The derivative of the sum of all predictions, divided by `√N`, along one weight.
fn mean_derivative(
    network: &ResNet,
    spec: &FieldSpec,
    weights: &[Complex],
    along: usize,
) -> Complex {
    let width = network.features().width();
    let dual = |(k, &w): (usize, &Complex)| {
        let speed = if k == along { 1.0 } else { 0.0 };
        Dual::new(w, Complex::from(speed))
    };
    let flat: Vec<Dual<Complex>> = weights.iter().enumerate().map(dual).collect();
    let rows: Vec<Vec<_>> = flat.chunks(width).map(<[_]>::to_vec).collect();
    let layers: Layers<_> = rows.chunks(STATE).map(<[_]>::to_vec).collect();
    let derivative = |&x: &f64| {
        let states = states(network, &layers, &[x]);
        states.last().expect("a state")[STATE - 1].derivative
    };
    let sum = spec.inputs.iter().map(derivative);
    let sum = sum.fold(Complex::from(0.0), |sum, term| sum + term);
    sum * Complex::reciprocal_root(spec.inputs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    /// `e^{s/2}` times 1, `1 + s`, `3 + 6s + s²`.
    #[test]
    fn moments_are_those_of_a_tilted_law() {
        let s = 1.7_f64;
        for (i, factor) in [1.0, 1.0 + s, 3.0 + 6.0 * s + s * s]
            .into_iter()
            .enumerate()
        {
            let found = tilted_moment(i, Ball::from(s));
            assert!(
                (found.mid() / ((0.5 * s).exp() * factor) - 1.0).abs() < 1e-14,
                "{i}"
            );
            assert!(found.rad() < 1e-12);
            let still = tilted_moment(i, Ball::from(0.0));
            assert!(still.contains([1.0, 1.0, 3.0][i]));
        }
    }

    #[test]
    fn pinned_states_hold_and_are_sharp() {
        let mut shares = Vec::new();
        for states in pinned_states() {
            let found = complex_states(&states);
            assert_eq!(found.judge().verdict, Verdict::Holds, "{found:?}");
            let Finding::Compared(comparisons) = found else {
                panic!("{found:?}");
            };
            let bend = comparisons.last().expect("that of J");
            shares.push(bend.tightness());
        }
        // Three layers attain θ₃ of ⅔: the golden section over 3.
        let golden = 0.5 * (1.0 + 5f64.sqrt());
        assert!((shares[0] - 1.0).abs() < 1e-3, "{shares:?}");
        assert!((shares[1] - golden / 2.0).abs() < 1e-3, "{shares:?}");
    }

    #[test]
    fn states_that_get_far_are_inapplicable() {
        let far = ComplexStates::build(&far_states()).unwrap();
        let finding = complex_states(&far);
        assert_eq!(finding, Finding::Inapplicable(vec![NEAR.to_owned()]));
        let near = pinned_states().swap_remove(0);
        assert_eq!(real_states(&near).judge().verdict, Verdict::Violated);
    }
}
