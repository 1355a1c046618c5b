//! How tight the guarantee before training is, improvement by improvement.
//!
//! ```text
//! cargo run --release --example envelope
//! ```
//!
//! Tightness is guaranteed over observed rate: `ln(L0/L_n)/n` at the first `n` with `L_n ≤ 1e-3·L0`,
//! observed in one run of gradient descent with P8's step `1/β`, guaranteed by what is known at `v⁰`.

use polyak::arithmetic::{Ball, count};
use polyak::bounds::{
    Convergence, Envelope, EnvelopePoint, smallest_admissible_radius, uniform_envelope,
};
use polyak::claims::{ResidualInstance, Training};
use polyak::data::{Dataset, digits};
use polyak::flow::{Descent, Linearised, gradient_descent};
use polyak::kernel::KernelName;
use std::error::Error;

/// The run ends at this share of the initial loss.
const TARGET: f64 = 1e-3;

/// Steps at most.
const STEPS: usize = 2000;

/// Everything that is known of a network before it is trained, but the envelope.
struct Known {
    convergence: Convergence,
    linear: Linearised,
}

fn known(instance: &ResidualInstance) -> Result<Known, Box<dyn Error>> {
    let gram = instance.reference_spectra()?;
    let mut observer = instance.observer()?;
    let observation = observer.observe(&instance.reference);
    let at = |radius: f64| instance.convergence(&gram, radius, observation.loss);
    let threshold = |radius: f64| at(radius).map(|found| found.loss_threshold());
    let largest = instance.largest_radius();
    let radius = smallest_admissible_radius(largest, observation.loss, threshold);
    let convergence = radius.and_then(at).ok_or("P8's condition fails")?;
    let errors = observer.tape().errors().clone();
    let kernel = observer.tangent_kernel(&instance.reference, &observation);
    let linear = Linearised::new(kernel, &errors, &observation);
    Ok(Known {
        convergence,
        linear,
    })
}

/// Steps to the target.
fn observed(instance: &ResidualInstance, step: f64) -> Result<(usize, f64), Box<dyn Error>> {
    let task = Descent {
        step,
        iterations: STEPS,
        target: TARGET,
        gram_spectra: false,
        tangent_every: 0,
    };
    let mut observer = instance.observer()?;
    let trace = gradient_descent(&mut observer, instance.reference.clone(), &task, |_| ())?;
    let (first, last) = (&trace.records[0], trace.records.last().expect("a start"));
    Ok((last.iteration, (first.loss.mid() / last.loss.mid()).ln()))
}

struct Row {
    uniform: f64,
    stepwise: f64,
    own_ball: f64,
}

/// `ln(L0/L_n)` that the three envelopes guarantee at `steps`; not below 0.
fn envelopes(
    instance: &ResidualInstance,
    known: &Known,
    steps: usize,
) -> Result<Row, Box<dyn Error>> {
    let extremes = known.linear.kernel().extremes()?;
    let (slope, step) = (extremes.1.sqrt(), known.convergence.step);
    let line = known.linear.train(step, steps, slope);
    let envelope = |radius: f64| Envelope {
        slope,
        curvature: Envelope::curvature(
            instance.samples(),
            instance.network.readout_norm_squared(),
            &instance.neighbourhood(Ball::from(radius)),
        ),
        contraction: known
            .linear
            .contraction(step, extremes)
            .min(Ball::from(1.0)),
        rate: Ball::from(step) / count(instance.samples()),
        radius,
    };
    let start = line[0].error;
    let log = |error: Ball| (2.0 * (start / error).ln().lower()).max(0.0);
    let last = |points: Vec<EnvelopePoint>| {
        let point = points.get(steps).copied();
        point.map_or(0.0, |point| log(point.error))
    };
    let radius = known.convergence.radius;
    let around = envelope(radius);
    let bent = around.curvature * Ball::from(radius);
    let change = bent * (Ball::from(2.0) * slope + bent);
    let uniform = uniform_envelope(&line, around.rate, change, known.convergence.factor());
    // The smallest ball that the stepwise envelope does not leave.
    let own = (1..=100).map(|i| radius * f64::from(i) / 100.0);
    let own = own.map(|radius| last(envelope(radius).points(&line, &[])));
    Ok(Row {
        uniform: log(uniform[steps]),
        stepwise: last(around.points(&line, &[])),
        own_ball: own.fold(0.0, f64::max),
    })
}

fn table(data: &Dataset, samples: usize, headroom: f64) -> Result<(), Box<dyn Error>> {
    let part = data.subsample(samples, 0)?;
    let kernel = "gaussian:0.35*auto"
        .parse::<KernelName>()?
        .resolve(&part.inputs)?;
    let training = Training {
        headroom,
        ..Training::default()
    };
    let instance = training.instance(&part, kernel, 0)?;
    let known = known(&instance)?;
    let (steps, fallen) = observed(&instance, known.convergence.step)?;
    let rate = -known.convergence.factor().ln().upper() * steps as f64;
    let row = envelopes(&instance, &known, steps)?;
    let scale = instance.network.readout_norm_squared().sqrt().mid();
    println!(
        "{samples:>7} {headroom:>8} {scale:>8.0} {steps:>6} {:>9.3e} {:>7.3} {:>8.3} {:>9.3} {:>9.3}",
        fallen / steps as f64,
        rate / fallen,
        row.uniform / fallen,
        row.stepwise / fallen,
        row.own_ball / fallen,
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let data = digits();
    println!("samples headroom    scale  steps  observed      P8  uniform  stepwise  own ball");
    for samples in [60, 100] {
        for headroom in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0] {
            table(&data, samples, headroom)?;
        }
    }
    Ok(())
}
