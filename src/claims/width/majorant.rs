//! W1: the majorants of training beside a network of exponentials, and the corrections particle by particle.
//!
//! The network of exponentials is trained in plain numbers, and differences are taken: nothing there knows of mixed
//! derivatives.

use crate::arithmetic::{Ball, count};
use crate::bounds::finite_width::{
    Drift, Fluctuation, Majorant, MajorantTraining, Majorants, Onset, Perturbed,
};
use crate::evidence::{Comparison, Finding};
use crate::theorem::Expectation::Violated;
use crate::theorem::{BuildError, Control, Draws, Object, Subject};

/// A training, in sizes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::claims) struct TrainingSpec {
    /// A bound of the activation and of its derivatives.
    amplitude: f64,
    /// `‖w‖`.
    frequency: f64,
    /// `‖x_0‖` and `‖e‖`, one pair a sample.
    samples: Vec<[f64; 2]>,
    /// `D`.
    depth: usize,
    /// `‖αP‖`.
    scale: f64,
    /// `η`.
    step: f64,
    /// How many steps, two at least.
    steps: usize,
    /// The learning rate of `(w, b)`.
    rate: f64,
    /// One measure for all layers.
    shared: bool,
    /// What is perturbed, thrice: layers, then the rate, then the step.
    directions: [usize; 3],
    /// `M`.
    width: usize,
    /// How much wider the reference is.
    times: usize,
}

/// A training in sizes.
#[derive(Clone, Debug)]
pub(in crate::claims) struct Sizes(TrainingSpec);

impl Object for Sizes {
    /// Nothing is drawn for it.
    fn reseed(&mut self, _: u64) {}
}

impl Subject for Sizes {
    type Spec = TrainingSpec;
    const HYPOTHESIS: &'static str = "object: sizes of a network that is trained";

    fn build(spec: &TrainingSpec) -> Result<Self, BuildError> {
        let positive = [
            spec.amplitude,
            spec.frequency,
            spec.scale,
            spec.step,
            spec.rate,
        ];
        let is_positive = |&x: &f64| x > 0.0 && x.is_finite();
        let counts = spec.depth > 0 && spec.steps > 1 && spec.width > 0 && spec.times > 1;
        if positive.iter().all(is_positive)
            && spec.samples.iter().flatten().all(is_positive)
            && !spec.samples.is_empty()
            && counts
            && spec.directions.iter().all(|&d| d < spec.depth + 2)
        {
            Ok(Self(spec.clone()))
        } else {
            Err("sizes are positive, there are two steps and a wider network".into())
        }
    }
}

/// Layers of their own; one measure for all, and the rate; twice the step.
pub(in crate::claims) fn pinned_trainings() -> Vec<Sizes> {
    let training = |directions, shared| TrainingSpec {
        amplitude: 1.25,
        frequency: 1.5,
        samples: vec![[0.7, 0.4], [0.5, 0.3]],
        depth: 2,
        scale: 1.25,
        step: 0.25,
        steps: 3,
        rate: 0.75,
        shared,
        directions,
        width: 64,
        times: 4,
    };
    let specs = [
        training([0, 1, 1], false),
        training([0, 0, 2], true),
        training([1, 3, 3], false),
    ];
    let built = specs.iter().map(Sizes::build);
    built
        .map(|training| training.expect("pinned trainings are well-formed"))
        .collect()
}

const WORDS: &str = "random: trainings of one to three layers in sizes";

/// Any training.
#[cfg(feature = "strategies")]
pub(in crate::claims) fn draws_of_trainings() -> Draws<Sizes> {
    use proptest::prelude::*;
    Draws::new(WORDS, || {
        let sizes = (0.5..1.5, 0.2..2.0, 0.5..1.5, 0.05..0.3, 0.1..1.0);
        let samples = proptest::collection::vec([0.1..1.0, 0.1..0.5], 1..=3);
        let counts = (1usize..=3, 2usize..=3, 4usize..=200, 2usize..=8);
        (sizes, samples, counts, any::<bool>(), any::<[u8; 3]>())
            .prop_map(|(sizes, samples, counts, shared, directions)| {
                let (amplitude, frequency, scale, step, rate) = sizes;
                let (depth, steps, width, times) = counts;
                TrainingSpec {
                    amplitude,
                    frequency,
                    samples,
                    depth,
                    scale,
                    step,
                    steps,
                    rate,
                    shared,
                    directions: directions.map(|d| usize::from(d) % (depth + 2)),
                    width,
                    times,
                }
            })
            .boxed()
    })
}

/// Any training.
#[cfg(not(feature = "strategies"))]
pub(in crate::claims) fn draws_of_trainings() -> Draws<Sizes> {
    Draws::new(WORDS)
}

/// Orders of derivatives, as sets of directions.
const SETS: [usize; 3] = [0b001, 0b011, 0b111];

const OUTPUTS: [&str; 3] = [
    "∂f of exponentials = its majorant",
    "∂²f of exponentials = its majorant",
    "∂³f of exponentials = its majorant",
];
const VALUES: [&str; 3] = [
    "∂u of exponentials = its majorant",
    "∂²u of exponentials = its majorant",
    "∂³u of exponentials = its majorant",
];
const FREQUENCIES: [&str; 3] = [
    "∂w of exponentials = its majorant",
    "∂²w of exponentials = its majorant",
    "∂³w of exponentials = its majorant",
];
const DISPLACEMENTS: [&str; 3] = [
    "∂Q of exponentials = its majorant",
    "∂²Q of exponentials = its majorant",
    "∂³Q of exponentials = its majorant",
];

/// All of them.
pub(in crate::claims) fn trained_majorants(Sizes(spec): &Sizes) -> Finding {
    let mut comparisons = derivatives(spec, &spec.training());
    comparisons.extend(corrections(spec));
    // A particle of one layer is bent by nothing in two steps: nothing is compared with nothing.
    let is_zero = |x: Ball| x.mid() == 0.0 && x.rad() == 0.0;
    comparisons.retain(|c| !(is_zero(c.quantity()) && is_zero(c.bound())));
    Finding::Compared(comparisons)
}

/// The majorants of a training beside differences of the network of exponentials of the specification.
fn derivatives(spec: &TrainingSpec, training: &MajorantTraining) -> Vec<Comparison> {
    let directions = spec.perturbed();
    let found = training.majorants(directions);
    let moved = training.displacement(directions);
    let last = found.particles[spec.depth - 1];
    let majorants = [found.outputs[0], last.u, last.w, moved];
    let statements = [OUTPUTS, VALUES, FREQUENCIES, DISPLACEMENTS];
    let mut comparisons = Vec::new();
    for (order, set) in SETS.into_iter().enumerate() {
        let differences = enclosed_derivatives(spec, set);
        for ((statement, majorant), difference) in
            statements.iter().zip(&majorants).zip(differences)
        {
            let bound = majorant.along(set);
            // A derivative may vanish where the quantity does not.
            let scale = (bound + majorant.along(0)).mid();
            comparisons.push(Comparison::equal(
                statement[order],
                difference,
                bound,
                scale,
            ));
        }
    }
    comparisons
}

/// The least distance of a difference, a power of two.
const DISTANCE: f64 = 1.0 / 512.0;

/// Mixed derivatives from central differences at three distances. All quantities are power series with non-negative
/// coefficients: of the error of a difference every power is positive, `Σe_{2k}δ^{2k}`, so that
/// `R(δ) = (4D(δ) − D(2δ))/3` is below the derivative by `ΣE_{2k}δ^{2k}`, `k ≥ 2`, and by a sixteenth at most of what `R(2δ)` is.
fn enclosed_derivatives(spec: &TrainingSpec, set: usize) -> Vec<Ball> {
    let at = |distance: f64| differences(spec, set, distance);
    let [first, second, third] = [1.0, 2.0, 4.0].map(|times| at(times * DISTANCE));
    let richardson = |near: Ball, far: Ball| (Ball::from(4.0) * near - far) / Ball::from(3.0);
    let entries = first.iter().zip(&second).zip(&third);
    entries
        .map(|((&d1, &d2), &d4)| {
            let (near, far) = (richardson(d1, d2), richardson(d2, d4));
            let above = (Ball::from(16.0) * near - far) / Ball::from(15.0);
            Ball::from_bounds(near.lower(), above.upper())
        })
        .collect()
}

fn differences(spec: &TrainingSpec, set: usize, distance: f64) -> Vec<Ball> {
    let chosen: Vec<usize> = (0..3).filter(|j| set >> j & 1 == 1).collect();
    let mut sums: Option<Vec<Ball>> = None;
    for signs in 0..1_usize << chosen.len() {
        let mut place = [0.0; 3];
        let mut sign = 1.0;
        for (i, &j) in chosen.iter().enumerate() {
            let own = if signs >> i & 1 == 1 { 1.0 } else { -1.0 };
            place[j] = own * distance;
            sign *= own;
        }
        let terms = Exponentials { spec, place }.trained();
        let terms = terms.into_iter().map(|x| x * Ball::from(sign));
        sums = Some(match sums {
            None => terms.collect(),
            Some(sums) => sums.into_iter().zip(terms).map(|(s, t)| s + t).collect(),
        });
    }
    let scale = Ball::from((2.0 * distance).powi(chosen.len() as i32));
    let sums = sums.expect("at least one sign");
    sums.into_iter().map(|sum| sum / scale).collect()
}

impl TrainingSpec {
    fn training(&self) -> MajorantTraining {
        let of = |part: usize| self.samples.iter().map(move |s| Ball::from(s[part]));
        MajorantTraining {
            amplitude: Ball::from(self.amplitude),
            frequency: Ball::from(self.frequency),
            points: of(0).collect(),
            errors: of(1).collect(),
            depth: self.depth,
            scale: Ball::from(self.scale),
            step: Ball::from(self.step),
            steps: self.steps,
            rate: Ball::from(self.rate),
            shared: self.shared,
        }
    }

    fn perturbed(&self) -> [Perturbed; 3] {
        self.directions.map(|d| match d.checked_sub(self.depth) {
            None => Perturbed::Layer(d),
            Some(0) => Perturbed::Rate,
            Some(_) => Perturbed::Step,
        })
    }
}

/// A number of the network, where it is asked and where nothing is perturbed.
#[derive(Clone, Copy)]
struct Pair(Ball, Ball);

impl Pair {
    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    fn times(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.1)
    }

    fn same(x: Ball) -> Self {
        Self(x, x)
    }
}

/// A scalar network with the activation `σ(t) = Ae^{t − t_0}`, `t_0` what the phase is unperturbed, which is as large there
/// as all its derivatives; all numbers are positive, and the errors grow with the outputs.
struct Exponentials<'a> {
    spec: &'a TrainingSpec,
    place: [f64; 3],
}

/// `u`, `w` and `b`, the last two without their rate.
type Triple = [Pair; 3];

impl Exponentials<'_> {
    /// A number that is perturbed along its own direction.
    fn along(&self, number: f64, direction: impl Fn(usize) -> bool) -> Pair {
        let own = (0..3).filter(|&j| direction(self.spec.directions[j]));
        let shift: Ball = own.map(|j| Ball::from(self.place[j])).sum();
        Pair(Ball::from(number) + shift, Ball::from(number))
    }

    fn rate(&self) -> Pair {
        self.along(self.spec.rate, |d| d == self.spec.depth)
    }

    /// The mass of the measure of a layer.
    fn mass(&self, k: usize) -> Pair {
        let spec = self.spec;
        let is_own = |d: usize| d == k || (spec.shared && d < spec.depth);
        let share = Pair::same(Ball::from(1.0) / count(spec.depth));
        self.along(1.0, is_own).times(share)
    }

    fn frequency(&self, particle: &Triple) -> Pair {
        let moved = self.rate().times(particle[1]);
        moved.plus(Pair::same(Ball::from(self.spec.frequency)))
    }

    fn wave(&self, state: Pair, particle: &Triple) -> Pair {
        let phase = self.frequency(particle).times(state);
        let phase = phase.plus(self.rate().times(particle[2]));
        let amplitude = Ball::from(self.spec.amplitude);
        Pair(amplitude * (phase.0 - phase.1).exp(), amplitude)
    }

    /// All states and activations of a sample.
    fn forward(&self, input: f64, particles: &[Triple]) -> (Vec<Pair>, Vec<Pair>) {
        let mut states = vec![Pair::same(Ball::from(input))];
        let mut waves = Vec::new();
        for (k, particle) in particles.iter().enumerate() {
            let state = states[k];
            let wave = self.wave(state, particle);
            states.push(state.plus(self.mass(k).times(particle[0].times(wave))));
            waves.push(wave);
        }
        (states, waves)
    }

    fn output(&self, input: f64, states: &[Pair]) -> Pair {
        let start = Pair::same(Ball::from(-input));
        let moved = states.last().expect("a start").plus(start);
        moved.times(Pair::same(Ball::from(self.spec.scale)))
    }

    /// What a step adds to every particle, before its size.
    fn pushes(&self, particles: &[Triple]) -> Vec<Triple> {
        let nothing = [Pair::same(Ball::from(0.0)); 3];
        let mut pushes = vec![nothing; particles.len()];
        let share = Ball::from(self.spec.scale) / count(self.spec.samples.len());
        for &[input, error] in &self.spec.samples {
            let (states, waves) = self.forward(input, particles);
            let error = Pair::same(Ball::from(error)).plus(self.output(input, &states));
            let mut adjoint = error.times(Pair::same(share));
            for k in (0..particles.len()).rev() {
                let slope = waves[k].times(particles[k][0]).times(adjoint);
                let own = [waves[k].times(adjoint), slope.times(states[k]), slope];
                for (push, own) in pushes[k].iter_mut().zip(own) {
                    *push = push.plus(own);
                }
                let back = slope.times(self.frequency(&particles[k]));
                adjoint = adjoint.plus(self.mass(k).times(back));
            }
        }
        pushes
    }

    /// An output, `u` and `w` of the last layer, and the mean square displacement.
    fn trained(&self) -> Vec<Ball> {
        let spec = self.spec;
        let nothing = [Pair::same(Ball::from(0.0)); 3];
        let mut particles = vec![nothing; spec.depth];
        let step = self.along(spec.step, |d| d == spec.depth + 1);
        for _ in 0..spec.steps {
            let pushes = self.pushes(&particles);
            for (particle, push) in particles.iter_mut().zip(pushes) {
                *particle = [0, 1, 2].map(|i| particle[i].plus(step.times(push[i])));
            }
        }
        let input = spec.samples[0][0];
        let output = self.output(input, &self.forward(input, &particles).0);
        let square = |x: Pair| x.times(x);
        let moved = particles.iter().enumerate().map(|(k, &[u, w, b])| {
            let rest = self.rate().times(square(w).plus(square(b)));
            self.mass(k).times(square(u).plus(rest)).0
        });
        let moved = moved.sum();
        let last = particles[spec.depth - 1];
        vec![output.0, last[0].0, last[1].0, moved]
    }
}

const INFLUENCE: &str = "τ = half the second derivatives along differences of measures";
const REST: &str = "R/M² = an eighth of squares of second differences, of all pairs of particles";
const LARGEST: &str = "V ≤ Σ d1²";
const BIAS: &str = "(2Σd2)² of the distance from the limit";
const COUPLED: &str = "the influence of two widths, particle by particle";
const COUPLED_REST: &str = "the rest of two widths, one beside the other";
const LABELLED: &str = "the influence on a particle of both widths";
const LABELLED_REST: &str = "the rest of a particle of both widths";
const LOGARITHM: [&str; 2] = [
    "M·X_M/V at the lower corner ≥ its lower end",
    "M·X_M/V at the upper corner ≤ its upper end",
];
const ROOT: &str = "√V from the largest M·X_M that it allows";
const DRIFT: &str = "M(EQ − Q) = halves of second derivatives, and what the rate adds";
const DIFFERENCES: &str = "squares of bounded differences, particle by particle";
const LIMIT: &str = "the limit from the largest mean that it allows";
const DRIFTS: [&str; 2] = [
    "e^(E ln Y)/X of the least mean and numbers on two points ≥ its lower end",
    "EY/X of the largest mean ≤ its upper end",
];
const ONSET: &str = "DM·Var ρ = Efron and Stein, particle by particle";
const ONSETS: [&str; 2] = [
    "DM·Var f/η²W at the lower corner ≥ its lower end",
    "DM·Var f/η²W at the upper corner ≤ its upper end",
];

/// Half a second derivative along two differences of probability measures, `½·2·2`.
fn halved(second: Ball) -> Ball {
    let sides = Ball::from(2.0);
    sides * sides * second / Ball::from(2.0)
}

fn equal(statement: &'static str, found: Ball, bound: Ball) -> Comparison {
    Comparison::equal(statement, found, bound, bound.mid())
}

/// Two corners beside an interval of logarithms.
fn within(statements: [&'static str; 2], corners: [Ball; 2], found: Ball) -> [Comparison; 2] {
    let [low, high] = [found.lower(), found.upper()].map(|end| Ball::from(end).exp());
    [
        Comparison::at_least(statements[0], corners[0], low),
        Comparison::at_most(statements[1], corners[1], high),
    ]
}

/// What is made of the derivatives, counted again.
fn corrections(spec: &TrainingSpec) -> Vec<Comparison> {
    let training = &spec.training();
    let output = |found: &Majorants| found.outputs[0];
    let measures = if spec.shared { 1 } else { spec.depth };
    let label = measures - 1;
    let particle = |found: &Majorants| found.particles[label].norm();
    let of_output = Table::of(training, measures, output);
    let of_particle = Table::of(training, measures, particle);
    let weights = Weights::of(spec);
    let variance = Fluctuation::variance(training, output);
    let error = Fluctuation::error(training, output);
    let coupled = Fluctuation::coupled(training, spec.times, output);
    let labelled = Fluctuation::coupled_particle(training, spec.times, label, spec.width);
    let none = Ball::from(0.0);
    let (rest, bias) = (of_output.pairs(weights.narrow), of_output.bias());
    let influence = of_output.influence(None);
    let mut comparisons = vec![
        equal(INFLUENCE, influence, variance.influence),
        equal(REST, rest, variance.rest),
        equal(LARGEST, of_output.largest(), variance.largest),
        equal(BIAS, rest + bias.square(), error.rest),
        equal(COUPLED, weights.spread * influence, coupled.influence),
        equal(COUPLED_REST, weights.rest(&of_output, none), coupled.rest),
        equal(
            LABELLED,
            weights.spread * of_particle.influence(Some(label)),
            labelled.influence,
        ),
        equal(
            LABELLED_REST,
            weights.rest(&of_particle, weights.own(&of_particle, label)),
            labelled.rest,
        ),
    ];
    // Any √V to which the influence adds a quarter; what belongs to a particle takes a share of 1/M.
    let m = weights.narrow;
    let (shift, own) = (influence / m, Ball::from(1.0));
    let root = Ball::from(4.0) * shift;
    let upper = (root + shift).square() + (rest + bias.square()) / m;
    let lower = (root - root / m - shift).square();
    let corners = [lower, upper].map(|corner| corner / root.square());
    if let Some(found) = (Fluctuation { own, ..error }).logarithm(spec.width, root) {
        comparisons.extend(within(LOGARITHM, corners, found));
    }
    comparisons.push(equal(ROOT, root, error.root(spec.width, upper)));
    comparisons.extend(drifts(spec, training, measures));
    comparisons.extend(onsets(spec, training, measures));
    comparisons
}

/// Derivatives of a quantity along layers: `d_1(k)`, `d_2(k, l)`, `d_3(k, l, l)`.
struct Table {
    first: Vec<Ball>,
    second: Vec<Vec<Ball>>,
    third: Vec<Vec<Ball>>,
}

impl Table {
    fn of(
        training: &MajorantTraining,
        measures: usize,
        quantity: impl Fn(&Majorants) -> Majorant,
    ) -> Self {
        let at =
            |k: usize, l: usize| quantity(&training.majorants([k, l, l].map(Perturbed::Layer)));
        let rows = |set: usize| -> Vec<Vec<Ball>> {
            let row = |k| (0..measures).map(|l| at(k, l).along(set)).collect();
            (0..measures).map(row).collect()
        };
        Self {
            first: (0..measures).map(|k| at(k, k).along(0b001)).collect(),
            second: rows(0b011),
            third: rows(0b111),
        }
    }

    /// `(Σ_kτ_k²)^½`, for a quantity that belongs to a particle of a layer, or to none.
    fn influence(&self, label: Option<usize>) -> Ball {
        let own = |(k, row): (usize, &Vec<Ball>)| {
            let third: Ball = row.iter().map(|&d| halved(d)).sum();
            let label = label.map_or(Ball::from(0.0), |label| halved(self.second[k][label]));
            (halved(self.second[k][k]) + third + label).square()
        };
        self.third.iter().enumerate().map(own).sum::<Ball>().sqrt()
    }

    /// `M²` times an eighth of the squares of second differences, of the `M²` pairs of particles of every two layers.
    fn pairs(&self, width: Ball) -> Ball {
        let squares = self.second.iter().flatten().map(|&d| {
            let difference = Ball::from(4.0) * d / width.square();
            width.square() * difference.square() / Ball::from(8.0)
        });
        squares.sum::<Ball>() * width.square()
    }

    /// `M` times the bias.
    fn bias(&self) -> Ball {
        (0..self.first.len())
            .map(|k| halved(self.second[k][k]))
            .sum()
    }

    fn largest(&self) -> Ball {
        let squares = self.first.iter().map(|d| d.square());
        squares.sum::<Ball>().sqrt()
    }
}

/// The weights of particles in a network and in a wider one that it is part of.
struct Weights {
    /// `M`.
    narrow: Ball,
    /// That of the wider one.
    wide: Ball,
    /// The root of the sum over all particles of the squares of what they weigh in both, times `M³`: an influence of `τ/M`
    /// weighs as much as its network is wide.
    spread: Ball,
}

impl Weights {
    fn of(spec: &TrainingSpec) -> Self {
        let (narrow, wide) = (count(spec.width), count(spec.width * spec.times));
        let one = Ball::from(1.0);
        let squares = (0..spec.width * spec.times).map(|i| {
            let of_wide = one / wide.square();
            let both = if i < spec.width {
                of_wide + one / narrow.square()
            } else {
                of_wide
            };
            both.square()
        });
        let spread = (squares.sum::<Ball>() * narrow.powi(3)).sqrt();
        Self {
            narrow,
            wide,
            spread,
        }
    }

    /// `M²` times the squares of what is not additive and of the mean, of the one network and the other.
    fn rest(&self, table: &Table, own: Ball) -> Ball {
        let (narrow, wide) = (self.narrow, self.wide);
        let sum = |x: Ball| x / narrow + x / wide;
        let root = sum(table.pairs(narrow).sqrt());
        let mean = sum(table.bias()) + own;
        (root.square() + mean.square()) * narrow.square()
    }

    /// What a particle of both networks adds to the mean: its weights differ, and it bends either along its direction.
    fn own(&self, table: &Table, label: usize) -> Ball {
        let one = Ball::from(1.0);
        let weights = [one / self.narrow, one / self.wide];
        let squares = weights[0].square() + weights[1].square();
        (weights[0] - weights[1]) * table.first[label]
            + squares * halved(table.second[label][label])
    }
}

/// Independent networks whose mean is taken, and the probability that a mean may be missed with.
const NETWORKS: usize = 3;
const FAILURE: f64 = 1e-3;

fn drifts(spec: &TrainingSpec, training: &MajorantTraining, measures: usize) -> Vec<Comparison> {
    let m = count(spec.width);
    let slow = Drift::displacement(training, true);
    let (mut bias, mut squares) = (Ball::from(0.0), Ball::from(0.0));
    for k in 0..measures {
        let layer = Perturbed::Layer(k);
        let found = training.displacement([layer, layer, Perturbed::Rate]);
        bias = bias + halved(found.along(0b011));
        if k == 0 {
            bias = bias + found.along(0b100);
        }
        // Every particle of every network: two sides of a derivative over both numbers.
        let sides = found.along(0b001) + found.along(0b001);
        let square = (sides / (count(NETWORKS) * m)).square();
        squares = squares + (0..NETWORKS * spec.width).map(|_| square).sum::<Ball>();
    }
    let differences = (squares * count(NETWORKS) * m).sqrt();
    // exp(−2t²/Σc²) is the failure.
    let unit = bisected(|t| -2.0 * t * t, FAILURE.ln(), 16.0);
    let deviation = squares.sqrt() * Ball::new(unit, unit * BISECTED);
    // A number between two points that are apart by c has the variance c²/4 at most.
    let variance = squares / Ball::from(4.0);
    let shift = bias / m;
    let limit = Ball::from(4.0) * shift + variance.sqrt();
    let mean = limit + shift + deviation;
    let found = slow.limit(spec.width, mean.mid(), NETWORKS, FAILURE);
    let mut comparisons = vec![
        equal(DRIFT, bias, slow.bias),
        equal(DIFFERENCES, differences, slow.differences),
        equal(LIMIT, limit, found.widened(mean.rad())),
    ];
    let least = limit - shift;
    let scatter = variance / least.square();
    let corners = [least * (-scatter).exp() / limit, (limit + shift) / limit];
    if let Some(found) = slow.logarithm(spec.width, limit, NETWORKS) {
        comparisons.extend(within(DRIFTS, corners, found));
    }
    comparisons
}

/// What the end of a bisection may be off by, relatively: the roundings of function and value, and of the end.
const BISECTED: f64 = 8.0 * f64::EPSILON;

/// Where a falling function on `[0, end]` has a value.
fn bisected(f: impl Fn(f64) -> f64, value: f64, end: f64) -> f64 {
    let (mut low, mut high) = (0.0, end);
    for _ in 0..70 {
        let middle = 0.5 * (low + high);
        if f(middle) > value {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn onsets(spec: &TrainingSpec, training: &MajorantTraining, measures: usize) -> Vec<Comparison> {
    let m = count(spec.width);
    let output = |found: &Majorants| found.outputs[0];
    let onset = Onset::of(training, output);
    let mut variance = Ball::from(0.0);
    for k in 0..measures {
        let directions = [Perturbed::Layer(k), Perturbed::Step, Perturbed::Step];
        let second = output(&training.majorants(directions)).along(0b111);
        // A difference of two measures moves the second derivative by 2h/M, and η − s is integrated.
        let moved = Ball::from(2.0) * second / m * training.step.square() / Ball::from(2.0);
        let own = (0..spec.width).map(|_| moved.square() / Ball::from(2.0));
        variance = variance + own.sum::<Ball>();
    }
    let remainder = (count(spec.depth) * m * variance).sqrt();
    let root = Ball::from(4.0) * remainder;
    let corners = [root - remainder, root + remainder].map(|x| (x / root).square());
    let mut comparisons = vec![equal(ONSET, remainder, onset.remainder)];
    if let Some(found) = onset.logarithm(root) {
        comparisons.extend(within(ONSETS, corners, found));
    }
    comparisons
}

/// Majorants of another training.
pub(in crate::claims) fn training_controls() -> Vec<Control<Sizes>> {
    vec![Control::check(
        "a readout a millionth smaller",
        Violated,
        || pinned_trainings().remove(0),
        |Sizes(spec): &Sizes| {
            let mut training = spec.training();
            training.scale = training.scale * Ball::from(1.0 - 1e-6);
            Finding::Compared(derivatives(spec, &training))
        },
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Verdict;

    #[test]
    fn pinned_trainings_hold() {
        for training in pinned_trainings() {
            let found = trained_majorants(&training);
            assert_eq!(
                found.judge().verdict,
                Verdict::Holds,
                "{training:?} {found:?}"
            );
        }
    }
}
