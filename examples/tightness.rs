//! Guaranteed over observed rate on the digits, for each version of the bounds.
//!
//! ```text
//! cargo run --release --example tightness
//! ```
//!
//! For every version the smallest scale, radius and step are found anew; the network is then trained with that
//! step, and the observed rate is `ln(L0/L_n)/n` at the first `n` with `L_n ≤ 1e-3·L0`.

use polyak::data::{Dataset, digits};
use polyak::features::FourierFeatures;
use polyak::kernel::KernelName;
use polyak::recipe::{CurvatureVersion, DataSource, Ingredients, Plan};
use polyak::resnet::{ResNet, Tape, Weights};
use std::f64::consts::FRAC_2_PI;

/// The sizes of `polyak recipe --realised` if nothing is said.
const KERNEL: &str = "gaussian:0.35*auto";
const FREQUENCIES: usize = 500;

/// Multiples of the smallest scale.
const HEADROOMS: [f64; 2] = [64.0, 1000.0];

/// The versions of β, from the crudest to all of them.
const VERSIONS: [(&str, f64, &[CurvatureVersion]); 4] = [
    ("global, θ = 1", 1.0, &[CurvatureVersion::Global]),
    ("global, θ = 2/π", FRAC_2_PI, &[CurvatureVersion::Global]),
    ("largest, θ = 2/π", FRAC_2_PI, &[CurvatureVersion::Largest]),
    ("layers, or the best", FRAC_2_PI, CurvatureVersion::ALL),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("| samples | β | α/α* | guaranteed, a step | observed | tightness |");
    println!("|---|---|---|---|---|---|");
    for samples in [60, 100] {
        let data = digits().subsample(samples, 0)?;
        let source = DataSource {
            file: None,
            target: None,
            max_samples: samples,
            seed: 0,
        };
        let kernel = KERNEL.parse::<KernelName>()?.resolve(&data.inputs)?;
        let plan = Plan::default();
        let certificate = plan.realised(&data, source, kernel, FREQUENCIES)?;
        let known = certificate.ingredients();
        let features = FourierFeatures::draw(&kernel, 74, FREQUENCIES, 0)?;
        let unit = ResNet::lifted(64, 10, 1.0, features, plan.depth)?;
        for (name, coupling, versions) in VERSIONS {
            let ingredients = Ingredients {
                coupling,
                versions,
                ..known.clone()
            };
            let smallest = ingredients.smallest_scale(0.5)?.scale;
            for headroom in HEADROOMS {
                let choice = ingredients.best(headroom * smallest)?;
                let guaranteed = -(-choice.rate()).ln_1p();
                let network = unit.with_readout_scaled(choice.scale)?;
                let observed = observed(&network, &data, choice.convergence.step);
                let tightness = guaranteed / observed;
                println!(
                    "| {samples} | {name} | {headroom} | {guaranteed:.2e} | {observed:.2e} | {tightness:.3} |"
                );
            }
        }
    }
    Ok(())
}

/// `ln(L0/L_n)/n` at the first `n` with `L_n ≤ 1e-3·L0`.
fn observed(network: &ResNet, data: &Dataset, step: f64) -> f64 {
    let mut tape = Tape::new(network, data.samples());
    let mut weights = network.zero_weights();
    let mut pass = |weights: &Weights| {
        let loss = tape.forward(network, weights, &data.inputs, &data.targets);
        tape.backward(network, weights);
        (loss, tape.gradient().clone())
    };
    let (start, mut gradient) = pass(&weights);
    for n in 1.. {
        weights.add_assign(-step, &gradient);
        let (loss, next) = pass(&weights);
        if loss <= 1e-3 * start {
            return (start / loss).ln() / f64::from(n);
        }
        gradient = next;
    }
    unreachable!("the loss falls by a factor at every step")
}
