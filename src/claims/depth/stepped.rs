//! D2: loss and adjoint of the stepped networks, beside scalar loops that know nothing of adjoints.

use super::super::{ResidualInstance, sharp, undecided};
use crate::arithmetic::{Ball, Dual, Real, Smooth, count, enlarged};
use crate::claims::gradient::chirp;
use crate::evidence::{Comparison, Finding, Verdict};
use crate::flow::Observer;
use crate::resnet::depth::{Scheme, SteppedTape, stepped_states};
use crate::resnet::reference::{self, Layers};
use crate::resnet::{NetworkError, ResNet, Weights};
use crate::theorem::Control;
use crate::theorem::Expectation::Violated;

const LOSS: &str = "the loss of stepped layers is that of scalar loops";
const SLOPE: &str = "<∇L,h> of stepped layers = dual derivative";

/// Steps a piece.
const STEPS: usize = 2;

/// Networks with more parameters than this times samples are not run in scalar loops.
const MOST: usize = 1 << 15;

/// Every scheme: where rounding leaves digits, loss and two directional derivatives.
pub(in crate::claims) fn stepped(instance: &ResidualInstance) -> Vec<Comparison> {
    compared(instance, |run| (run.loss(), run.gradient().clone()))
}

/// The same of what is claimed to be loss and gradient.
fn compared(
    instance: &ResidualInstance,
    seen: impl Fn(&SteppedTape) -> (f64, Weights),
) -> Vec<Comparison> {
    let (network, weights) = (&instance.network, &instance.weights);
    let (inputs, targets) = (&instance.inputs, &instance.targets);
    if weights.parameters() * inputs.ncols() > MOST {
        return Vec::new();
    }
    let mut comparisons = Vec::new();
    for scheme in Scheme::ALL {
        let run = SteppedTape::run(network, scheme, STEPS, weights, inputs, targets);
        let (loss, gradient) = seen(&run);
        let enclosed = Enclosed::of(instance, scheme);
        let known = enclosed.loss;
        comparisons.push(Comparison::equal(
            LOSS,
            Ball::from(loss),
            known,
            known.mid(),
        ));
        for direction in [chirp(weights), run.gradient().clone()] {
            let measured = enclosed.along(&gradient, &direction);
            let exact = dual(instance, scheme, weights, &direction).derivative;
            let scale = (gradient.norm() * direction.norm()).mid();
            comparisons.push(Comparison::equal(SLOPE, measured, exact, scale));
        }
    }
    // What rounding has eaten up is left to the networks that have digits.
    comparisons.retain(|c| c.verdict() != Verdict::Undecided);
    comparisons
}

const OBSERVED_LOSS: &str = "the loss of the network of depth nD is that of scalar loops";
const OBSERVED_SLOPE: &str = "<∇L,h> of the network of depth nD = dual derivative";

/// Loss and gradient at the start of a training, as an observer of the deeper network sees them, along a direction that is
/// a path of the pieces.
///
/// # Errors
/// The deeper network is not well-formed.
pub(in crate::claims) fn observed(
    instance: &ResidualInstance,
) -> Result<Vec<Comparison>, NetworkError> {
    let seen = |observer: &Observer| observer.tape().gradient().clone();
    observed_as(instance, seen)
}

/// The same of what is claimed to be the gradient.
fn observed_as(
    instance: &ResidualInstance,
    gradient: impl Fn(&Observer) -> Weights,
) -> Result<Vec<Comparison>, NetworkError> {
    let (network, start) = (&instance.network, &instance.reference);
    if start.parameters() * instance.samples() > MOST {
        return Ok(Vec::new());
    }
    let deep = network.with_depth(network.depth() * STEPS)?;
    let mut observer = Observer::try_new(&deep, &instance.inputs, &instance.targets)?;
    let observation = observer.observe(&start.refined(STEPS));
    let gradient = gradient(&observer);
    let direction = chirp(start);
    let exact = dual(instance, Scheme::Euler, start, &direction);
    let deep_direction = direction.refined(STEPS);
    let norm = deep_direction.norm();
    let off = observation.rounding.gradient_error() * norm.upper();
    let measured = inner_product(&gradient, &deep_direction).widened(enlarged(off, 1));
    let scale = (gradient.norm() * norm).mid();
    let mut comparisons = vec![
        Comparison::equal(
            OBSERVED_LOSS,
            observation.loss,
            exact.value,
            exact.value.mid(),
        ),
        Comparison::equal(OBSERVED_SLOPE, measured, exact.derivative, scale),
    ];
    comparisons.retain(|c| c.verdict() != Verdict::Undecided);
    Ok(comparisons)
}

/// `D⁻¹Σ_k<G_k, H_k>`.
fn inner_product(gradient: &Weights, direction: &Weights) -> Ball {
    let layers = gradient.layers().iter().zip(direction.layers());
    let sum: Ball = layers
        .map(|(g, h)| {
            let terms = g.iter().zip(h.iter());
            terms.map(|(&g, &h)| Ball::from(g) * Ball::from(h)).sum()
        })
        .sum();
    sum / count(gradient.depth())
}

/// `L(v + th)` of the stepped network and its derivative, by dual numbers over balls.
fn dual(
    instance: &ResidualInstance,
    scheme: Scheme,
    weights: &Weights,
    direction: &Weights,
) -> Dual<Ball> {
    let along = reference::lift_pair(weights, direction, |w, h| {
        Dual::new(Ball::from(w), Ball::from(h))
    });
    let network = &instance.network;
    let zero = Dual::from(0.0);
    let samples = instance
        .inputs
        .column_iter()
        .zip(instance.targets.column_iter());
    let total = samples.fold(zero, |total, (input, target)| {
        let start: Vec<Dual<Ball>> = network
            .lift()
            .row_iter()
            .map(|row| {
                let terms = row.iter().zip(input.iter());
                terms.fold(zero, |sum, (&a, &x)| sum + Dual::from(a) * Dual::from(x))
            })
            .collect();
        let states = stepped_states(network.features(), &along, scheme, STEPS, &start);
        let end = states.last().expect("a start");
        let rows = network.readout().row_iter().zip(target.iter());
        rows.fold(total, |total, (row, &y)| {
            let terms = row.iter().zip(end);
            let output = terms.fold(zero, |sum, (&b, &z)| sum + Dual::from(b) * z);
            let error = output - Dual::from(y);
            total + error * error
        })
    });
    let halves = count(2 * instance.samples());
    Dual::new(total.value / halves, total.derivative / halves)
}

/// Loss and gradient in balls that hold what any order of summation gives.
struct Enclosed {
    loss: Ball,
    gradient: Layers<Ball>,
}

/// What a stage keeps: the cosines and sines, scaled, where the field was taken.
type Stage = Vec<Ball>;

fn zeros(n: usize) -> Vec<Ball> {
    vec![Ball::from(0.0); n]
}

fn row(matrix: &nalgebra::DMatrix<f64>, i: usize) -> Vec<Ball> {
    matrix.row(i).iter().map(|&x| Ball::from(x)).collect()
}

fn column(matrix: &nalgebra::DMatrix<f64>, j: usize) -> Vec<Ball> {
    matrix.column(j).iter().map(|&x| Ball::from(x)).collect()
}

/// `Σ a_i b_i` in any order.
fn inner(a: &[Ball], b: &[Ball]) -> Ball {
    Ball::from(0.0).accumulated(Ball::from(1.0), a, b)
}

/// A product by a number that a batched pass may associate otherwise.
fn scaled(factor: Ball, x: Ball) -> Ball {
    (factor * x).loosened().loosened().loosened()
}

impl Enclosed {
    fn of(instance: &ResidualInstance, scheme: Scheme) -> Self {
        let layers = reference::lift(&instance.weights, Ball::from);
        let network = &instance.network;
        let mut gradient: Layers<Ball> = layers
            .iter()
            .map(|layer| layer.iter().map(|row| zeros(row.len())).collect())
            .collect();
        let mut losses = Vec::new();
        for i in 0..instance.samples() {
            let (input, target) = (column(&instance.inputs, i), column(&instance.targets, i));
            losses.extend(pass(
                network,
                &layers,
                scheme,
                (&input, &target),
                instance.samples(),
                &mut gradient,
            ));
        }
        let loss = inner(&losses, &losses) / Ball::from(2.0 * instance.samples() as f64);
        Self {
            loss: loss.loosened(),
            gradient,
        }
    }

    /// `<g, h>` of a computed gradient: both it and the exact one are in the balls, so that they are apart by the diameter.
    fn along(&self, gradient: &Weights, direction: &Weights) -> Ball {
        let mut sum = Ball::from(0.0);
        for (k, (g, h)) in gradient.layers().iter().zip(direction.layers()).enumerate() {
            for (i, row) in self.gradient[k].iter().enumerate() {
                for (j, known) in row.iter().enumerate() {
                    let entry = Ball::new(g[(i, j)], 2.0 * known.rad());
                    sum = sum + entry * Ball::from(h[(i, j)]);
                }
            }
        }
        sum / Ball::from(gradient.depth() as f64)
    }
}

/// One sample forward and backward; returns its errors and adds to the gradient.
fn pass(
    network: &ResNet,
    layers: &Layers<Ball>,
    scheme: Scheme,
    (input, target): (&[Ball], &[Ball]),
    samples: usize,
    gradient: &mut Layers<Ball>,
) -> Vec<Ball> {
    let step = Ball::from(1.0) / Ball::from((layers.len() * STEPS) as f64);
    let dimension = network.state_dimension();
    let mut state: Vec<Ball> = (0..dimension)
        .map(|i| inner(&row(network.lift(), i), input))
        .collect();
    let mut kept: Vec<(usize, Vec<Stage>)> = Vec::new();
    for (k, layer) in layers.iter().enumerate() {
        for _ in 0..STEPS {
            let mut slope = zeros(dimension);
            let mut next = state.clone();
            let mut stages = Vec::new();
            for (&node, &weight) in scheme.nodes().iter().zip(scheme.sixths()) {
                let by = Ball::from(node) * step;
                let point: Vec<Ball> = (state.iter().zip(&slope))
                    .map(|(&z, &v)| (z + scaled(by, v)).loosened())
                    .collect();
                let features = features(network, &point);
                slope = layer.iter().map(|row| inner(row, &features)).collect();
                let share = Ball::from(weight) / Ball::from(6.0) * step;
                for (next, &v) in next.iter_mut().zip(&slope) {
                    *next = (*next + scaled(share, v)).loosened();
                }
                stages.push(features);
            }
            state = next;
            kept.push((k, stages));
        }
    }
    let errors: Vec<Ball> = (target.iter().enumerate())
        .map(|(i, &y)| (inner(&row(network.readout(), i), &state) - y).loosened())
        .collect();
    let share = Ball::from(1.0) / Ball::from(samples as f64);
    let mut adjoint: Vec<Ball> = (0..dimension)
        .map(|j| scaled(share, inner(&column(network.readout(), j), &errors)))
        .collect();
    let pieces = Ball::from(layers.len() as f64);
    for (k, stages) in kept.iter().rev() {
        let mut earlier = adjoint.clone();
        let mut asked: Option<Vec<Ball>> = None;
        for (i, features) in stages.iter().enumerate().rev() {
            let share = Ball::from(scheme.sixths()[i]) / Ball::from(6.0) * step;
            let mut of_slope: Vec<Ball> = adjoint.iter().map(|&p| scaled(share, p)).collect();
            if let Some(later) = &asked {
                let by = Ball::from(scheme.nodes()[i + 1]) * step;
                for (sum, &p) in of_slope.iter_mut().zip(later) {
                    *sum = (*sum + scaled(by, p)).loosened();
                }
            }
            for (row, &p) in gradient[*k].iter_mut().zip(&of_slope) {
                for (g, &wave) in row.iter_mut().zip(features) {
                    // Sums over samples and steps in any order.
                    *g = (*g + scaled(pieces, p * wave)).loosened().loosened();
                }
            }
            let of_point = pulled_back(network, &layers[*k], features, &of_slope);
            for (sum, &p) in earlier.iter_mut().zip(&of_point) {
                *sum = (*sum + p).loosened();
            }
            asked = Some(of_point);
        }
        adjoint = earlier;
    }
    errors
}

/// `φ(z)`, cosines before sines.
fn features(network: &ResNet, point: &[Ball]) -> Vec<Ball> {
    let frequencies = network.features().frequencies();
    let scale = Ball::reciprocal_root(network.features().count() as f64);
    let phases = (0..frequencies.ncols()).map(|j| inner(&column(frequencies, j), point).phase());
    let (sines, cosines): (Vec<Ball>, Vec<Ball>) = phases.unzip();
    let waves = cosines.into_iter().chain(sines);
    waves.map(|wave| scaled(scale, wave)).collect()
}

/// `Dv(Y)ᵀg`: with `v = Σ_j a_j cos ω_jY + b_j sin ω_jY`, `Σ_j ω_j(−sin·a_j·g + cos·b_j·g)`.
fn pulled_back(
    network: &ResNet,
    layer: &[Vec<Ball>],
    features: &[Ball],
    adjoint: &[Ball],
) -> Vec<Ball> {
    let frequencies = network.features().frequencies();
    let waves = frequencies.ncols();
    let pulled = |j: usize| {
        let weights: Vec<Ball> = layer.iter().map(|row| row[j]).collect();
        inner(&weights, adjoint)
    };
    let slopes: Vec<Ball> = (0..waves)
        .map(|j| {
            let (cosine, sine) = (features[j], features[waves + j]);
            ((cosine * pulled(waves + j)).loosened() - (sine * pulled(j)).loosened()).loosened()
        })
        .collect();
    (0..frequencies.nrows())
        .map(|i| inner(&row(frequencies, i), &slopes))
        .collect()
}

/// Losses and gradients that are not those of the stepped network.
pub(in crate::claims) fn stepped_controls() -> Vec<Control<ResidualInstance>> {
    let on = || sharp::generic().remove(0);
    let only = |statement: &'static str, found: Vec<Comparison>| {
        let own = found.into_iter().filter(|c| c.statement() == statement);
        Finding::Compared(own.collect())
    };
    vec![
        Control::check(
            "a loss without its half",
            Violated,
            on,
            move |i: &ResidualInstance| {
                only(
                    LOSS,
                    compared(i, |run| (2.0 * run.loss(), run.gradient().clone())),
                )
            },
        ),
        Control::check(
            "the gradient of another piece",
            Violated,
            on,
            move |i: &ResidualInstance| {
                only(
                    SLOPE,
                    compared(i, |run| (run.loss(), exchanged(run.gradient()))),
                )
            },
        ),
        Control::check(
            "a gradient a millionth too large",
            Violated,
            on,
            move |i: &ResidualInstance| {
                only(
                    SLOPE,
                    compared(i, |run| (run.loss(), run.gradient().scaled(1.0 + 1e-6))),
                )
            },
        ),
    ]
}

/// Gradients that are not those of the deeper network.
pub(in crate::claims) fn observed_controls() -> Vec<Control<ResidualInstance>> {
    vec![Control::check(
        "the gradient of another layer",
        Violated,
        || sharp::generic().remove(0),
        |i: &ResidualInstance| {
            let wrong = observed_as(i, |observer| exchanged(observer.tape().gradient()));
            wrong.map_or_else(undecided, Finding::Compared)
        },
    )]
}

/// The first layer in the place of the last.
fn exchanged(gradient: &Weights) -> Weights {
    let mut layers = gradient.layers().to_vec();
    layers.reverse();
    Weights::from_layers(layers)
}
