//! Guaranteed over observed rate on the digits, for each version of the bounds.
//!
//! ```text
//! cargo run --release --example tightness
//! ```
//!
//! For every version the smallest scale, radius and step are found anew; the network is then trained with that
//! step, and the observed rate is `ln(L0/L_n)/n` at the first `n` with `L_n ≤ 1e-3·L0`.

use polyak::data::digits;
use polyak::features::FourierFeatures;
use polyak::flow::{Descent, Observer, gradient_descent};
use polyak::kernel::KernelName;
use polyak::recipe::{CurvatureVersion, DataSource, Ingredients, Plan};
use polyak::resnet::ResNet;
use std::f64::consts::FRAC_2_PI;

/// The sizes of `polyak recipe --realised` if nothing is said.
const KERNEL: &str = "gaussian:0.35*auto";
const FREQUENCIES: usize = 500;

/// Multiples of the smallest scale.
const HEADROOMS: [f64; 3] = [8.0, 64.0, 1000.0];

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
                let observed = observed(&network, &data, choice.convergence.step)?;
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
fn observed(
    network: &ResNet,
    data: &polyak::data::Dataset,
    step: f64,
) -> Result<f64, Box<dyn std::error::Error>> {
    let task = Descent {
        step,
        iterations: 1_000_000,
        target: 1e-3,
        gram_spectra: false,
        tangent_every: 0,
    };
    let mut observer = Observer::try_new(network, &data.inputs, &data.targets)?;
    let trace = gradient_descent(&mut observer, network.zero_weights(), &task, |_| ())?;
    let loss = |n: usize| trace.records[n].loss.mid();
    let last = trace.records.len() - 1;
    Ok((loss(0) / loss(last)).ln() / last as f64)
}
