//! The lazy regime on three data sets: slopes as the readout's scale `α` doubles, and the crossover of random features.
//!
//! ```text
//! cargo run --release --example lazy
//! ```
//!
//! The first table is what the check of P11 sees; the second lets `α` double from 1 for ever more frequencies: slope −2
//! before the crossover, −1 beyond it.

use nalgebra::DMatrix;
use polyak::claims::{ResidualInstance, TrainingSizes, find};
use polyak::data::{Dataset, digits};
use polyak::evidence::Finding;
use polyak::features::FourierFeatures;
use polyak::flow::Observer;
use polyak::kernel::{KernelName, KernelSpec};
use polyak::resnet::{ExpansionNetwork, ResNet, ResidualNetwork};
use std::error::Error;

const DEPTH: usize = 4;

/// Steps of every run of the second table.
const STEPS: usize = 40;

fn dataset(name: &str, inputs: DMatrix<f64>, targets: DMatrix<f64>) -> Dataset {
    Dataset {
        name: name.to_owned(),
        rows: (1..=inputs.ncols()).collect(),
        inputs,
        targets,
        notes: Vec::new(),
    }
}

/// Six digits, two circles of three points, and five points of a line with a wave.
fn data() -> Result<Vec<Dataset>, Box<dyn Error>> {
    let third = 2.0 * std::f64::consts::FRAC_PI_3;
    // The outer circle is turned by a sixth.
    let circles = DMatrix::from_fn(2, 6, |a, i| {
        let (radius, turn) = if i < 3 { (1.0, 0.0) } else { (2.5, 0.5) };
        let angle = third * (i as f64 + turn);
        radius * if a == 0 { angle.cos() } else { angle.sin() }
    });
    let inside = DMatrix::from_fn(1, 6, |_, i| if i < 3 { 1.0 } else { -1.0 });
    let line = DMatrix::from_fn(1, 5, |_, i| i as f64 - 2.0);
    let wave = line.map(|x| (1.5 * x).sin());
    Ok(vec![
        digits().subsample(6, 0)?,
        dataset("circles", circles, inside),
        dataset("line", line, wave),
    ])
}

fn instance(
    data: &Dataset,
    kernel: KernelSpec,
    frequencies: usize,
) -> Result<ResidualInstance, Box<dyn Error>> {
    let training = TrainingSizes::default()
        .with_frequencies(frequencies)
        .with_depth(DEPTH);
    Ok(training.instance(data, kernel, 0)?)
}

/// Slope and allowed interval of every quantity, from the comparisons of the claim.
fn slopes(data: &Dataset, kernel: KernelSpec) -> Result<(), Box<dyn Error>> {
    let finding = find("P11.lazy")?.check(&instance(data, kernel, 40)?.into());
    let Finding::Compared(comparisons) = finding else {
        println!("| {} | {finding:?} |", data.name);
        return Ok(());
    };
    let slopes: Vec<_> = comparisons
        .iter()
        .filter(|c| c.statement().contains("slope"))
        .collect();
    for pair in slopes.chunks(2) {
        let (lower, upper) = (pair[0], pair[1]);
        let name = lower.statement().split(':').next().unwrap_or_default();
        println!(
            "| {} | {name} | {:.5} ± {:.0e} | [{:.4}, {:.4}] |",
            data.name,
            -lower.quantity().mid(),
            lower.quantity().rad(),
            -upper.bound().mid(),
            -lower.bound().mid(),
        );
    }
    Ok(())
}

/// `‖T(vⁿ) − T_0‖/‖T_0‖` in the Frobenius norm, after descent at the scale `α` in rescaled time.
fn change<N: ResidualNetwork>(unit: &N, data: &Dataset, scale: f64) -> Result<f64, Box<dyn Error>> {
    let network = unit.with_readout_scaled(scale)?;
    let mut observer = Observer::try_new(&network, &data.inputs, &data.targets)?;
    let mut v = network.zero();
    let observation = observer.observe(&v);
    let start = observer.tangent_kernel(&v, &observation);
    let step = data.samples() as f64 / start.extremes()?.1.upper();
    for _ in 0..STEPS {
        observer.differentiate(&v);
        v = network.combination(&v, &[(-step, observer.gradient())]);
    }
    let observation = observer.observe(&v);
    let end = observer.tangent_kernel(&v, &observation);
    Ok((end.matrix - &start.matrix).norm() / start.matrix.norm())
}

fn row<N: ResidualNetwork>(name: &str, unit: &N, data: &Dataset) -> Result<(), Box<dyn Error>> {
    let changes = (0..=14)
        .map(|k| change(unit, data, 2.0_f64.powi(k)))
        .collect::<Result<Vec<_>, _>>()?;
    let slopes = changes.windows(2).step_by(2);
    let slopes: Vec<String> = slopes
        .map(|pair| format!("{:.2}", (pair[1] / pair[0]).log2()))
        .collect();
    println!("| {name} | {} |", slopes.join(" | "));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let kernel: KernelName = "gaussian:0.35*auto".parse()?;
    println!("| data | quantity | slope | allowed |\n|---|---|---|---|");
    for data in data()? {
        slopes(&data, kernel.resolve(&data.inputs)?)?;
    }

    let line = &data()?[2];
    let kernel = kernel.resolve(&line.inputs)?;
    let scales: Vec<String> = (0..7).map(|k| format!("{}", 4_u32.pow(k))).collect();
    println!("\nSlopes of ‖T−T₀‖/‖T₀‖ between α and 2α, on the line:\n");
    println!("| frequencies | {} |", scales.join(" | "));
    println!("|---|{}", "---|".repeat(scales.len()));
    for count in [20, 200, 2000, 20_000] {
        let features = FourierFeatures::draw(&kernel, 2, count, 0)?;
        let network = ResNet::lifted(1, 1, 1.0, features, DEPTH)?;
        row(&count.to_string(), &network, line)?;
    }
    let network = ExpansionNetwork::lifted(1, 1, 1.0, kernel, DEPTH)?;
    row("exact kernel", &network, line)
}
