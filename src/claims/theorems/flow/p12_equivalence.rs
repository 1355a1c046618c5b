//! P12.equivalence: weights and kernel expansions are trained alike.

use crate::arithmetic::{Ball, enlarged, gamma};
use crate::claims::instance::centres;
use crate::claims::{ResidualInstance, data, draws, hostile, sharp, undecided};
use crate::data::Hostile;
use crate::evidence::{Comparison, Finding, Kind, Verdict};
use crate::features::FourierFeatures;
use crate::flow::Observer;
use crate::resnet::{Expansion, ExpansionNetwork, ResNet, ResidualNetwork, Weights};
use crate::theorem::{About, Demand, Theorem};
use nalgebra::DMatrix;

const ABOUT: About = About {
    family: "convergence",
    statement: "gradient descent on weights and functional gradient descent on expansions of k̂ are the same trajectory, for 50 steps",
    source: "Paper A (parametric and non-parametric residuals)",
    tolerance: "rounding of every step of both, carried by a Lipschitz constant of the step",
    page: "p12-equivalence.md",
    slack: Some(1e-6),
    ..About::new("P12.equivalence", Kind::Rounded)
};

pub(super) fn theorem() -> Theorem<ResidualInstance> {
    Theorem::new(ABOUT, trajectories_agree, sharp::stiff, draws::NEAR_MINIMUM)
        .data(data::lifted(data::FLOW, 5))
        .hostile_as(
            &[(
                &Hostile::ALL,
                Demand::Mostly(
                    Verdict::Holds,
                    &[Verdict::Undecided, Verdict::Vacuous, Verdict::Inapplicable],
                ),
            )],
            hostile::below_the_threshold,
        )
}

/// The losses of the two trajectories.
const SAME_LOSS: &str = "L(Wⁿ) = L(vⁿ)";

/// Their parameters: a section `k̂(·,c)a` is the matrix `aφ(c)ᵀ`.
const SAME_PARAMETER: &str = "Wⁿ = Σ aφ(c)ᵀ";

/// Steps of both.
const STEPS: usize = 50;

/// The weights of an expansion, `Σ_j a_jφ(c_j)ᵀ`, and a bound of their error.
fn weights(network: &ResNet, v: &Expansion) -> (Weights, f64) {
    let features = network.features();
    let mut squares = 0.0;
    let layers = v.layers().iter().map(|field| {
        let points = field.centres();
        let phi = features.evaluate(points);
        let mass: f64 = field.coefficients().column_iter().map(|a| a.norm()).sum();
        let reach = points.column_iter().map(|c| c.norm()).fold(0.0, f64::max);
        // A feature vector: phases by γ_q, √2·2 ulps of the library, the scale; then a sum over sections.
        let feature = gamma(features.dimension()) * features.frequency_rms() * reach + gamma(7);
        let error = mass * (feature + gamma(field.len() + 2) * (1.0 + feature));
        squares += error * error;
        field.coefficients() * phi.transpose()
    });
    let weights = Weights::from_layers(layers.collect());
    let error = (squares / v.depth() as f64).sqrt();
    (weights, enlarged(error, 64 + v.sections()))
}

/// Runs both for [`STEPS`] steps from one random start and compares them.
fn trajectories_agree(instance: &ResidualInstance) -> Finding {
    let check = || -> Result<Finding, Box<dyn std::error::Error>> {
        let network = &instance.network;
        let expansions = ExpansionNetwork::try_new(
            network.lift().clone(),
            network.readout().clone(),
            network.features().clone(),
            network.depth(),
        )?;
        let start = start(instance, &expansions)?;
        let (weights, apart) = weights(network, &start);
        let mut own = ResidualInstance {
            reference: weights.clone(),
            weights,
            ..instance.clone()
        };
        own.steps = STEPS;
        compare(&own, &expansions, start, apart)
    };
    check().unwrap_or_else(undecided)
}

/// The reference's norm on sections around the lifted inputs, a section a sample.
fn start(
    instance: &ResidualInstance,
    network: &ExpansionNetwork<FourierFeatures>,
) -> Result<Expansion, crate::resnet::NetworkError> {
    let features = instance.network.features();
    let rms = features.frequency_rms();
    let length = if rms > 0.0 { 1.0 / rms } else { 1.0 };
    let all = centres(&instance.lifted_inputs(), features.frequencies(), length);
    let count = instance.samples().min(all.ncols());
    let layers = instance.reference.layers().iter().map(|layer| {
        let part = |a: &DMatrix<f64>| a.columns(0, count).into_owned();
        network.field(part(&all), part(layer))
    });
    let direction = network.expansion(layers.collect::<Result<_, _>>()?)?;
    let factor = instance.reference.norm().mid() / network.norm(&direction).mid();
    let zero = network.zero();
    if !(factor > 0.0 && factor.is_finite()) {
        return Ok(zero);
    }
    Ok(network.combination(&zero, &[(factor, &direction)]))
}

/// Two inexact trajectories of one map: `d_{n+1} ≤ Λd_n + r_n + r'_n`, `Λ` a Lipschitz constant of a
/// step on the region that both visit.
fn compare(
    instance: &ResidualInstance,
    expansions: &ExpansionNetwork<FourierFeatures>,
    start: Expansion,
    apart: f64,
) -> Result<Finding, Box<dyn std::error::Error>> {
    let network = &instance.network;
    let gram = instance.reference_spectra()?;
    let loss = instance.reference_loss()?;
    let step = instance.reference_step(&gram, loss);
    let trace = instance.descend(step, STEPS, 0.0)?;
    let mut functional = Observer::try_new(expansions, &instance.inputs, &instance.targets)?;

    // The region: a ball that holds both paths and the segments between them.
    let records = trace.records.iter();
    let length = records
        .clone()
        .map(|r| r.path_length.upper())
        .fold(0.0, f64::max);
    let highest = records.map(|r| r.loss).fold(Ball::from(0.0), Ball::max);
    let around = instance.neighbourhood(Ball::from(1.01 * length + 1e-3 * highest.sqrt().upper()));
    let loss_slope = instance.loss_slope();
    let slope = loss_slope.root(around.outer_norm());
    let mut comparisons = Vec::new();
    let (mut v, mut distance, mut travelled) = (start, apart, 0.0);
    let scale = trace.records.last().expect("a record").path_length.mid();
    for (n, record) in trace.records.iter().enumerate() {
        // What lies between the two is within the ball and below this loss.
        let between = (highest.sqrt() + slope * Ball::from(distance)).square();
        let inside = travelled + distance <= around.radius.upper();
        if !inside {
            break;
        }
        let negative = instance.negative_curvature(&around, between);
        let largest = instance.smoothness(&gram, &around, between);
        let (size, one) = (Ball::from(step), Ball::from(1.0));
        let lipschitz = (one + size * negative).max(size * largest - one);

        let seen = functional.observe(&v);
        let gradient = functional.gradient().clone();
        let carried = loss_slope.carried(around.outer_norm(), record.loss, distance);
        let parametric = record.loss.widened(carried);
        comparisons.push(Comparison::equal(
            SAME_LOSS,
            parametric,
            seen.loss,
            loss.mid(),
        ));
        if n + 1 == trace.records.len() {
            let (matrices, error) = weights(network, &v);
            let measured = trace.weights.distance(&matrices);
            let allowed = Ball::new(0.0, distance + error);
            comparisons.push(Comparison::equal(SAME_PARAMETER, measured, allowed, scale));
        }
        let Some(next) = trace.records.get(n + 1) else {
            break;
        };
        let terms = [(-step, &gradient)];
        v = expansions.combination(&v, &terms);
        let rounded = expansions.combination_rounding(&v, &terms);
        let error = step * seen.rounding.gradient_error() + rounded;
        travelled += enlarged(step * expansions.norm(&gradient).upper(), 4);
        let both = enlarged(error + next.step_rounding, 64);
        distance = (lipschitz * Ball::from(distance) + Ball::from(both)).upper();
    }
    Ok(Finding::Compared(comparisons))
}
