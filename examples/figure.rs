//! Paper A's experiment in small: residuals with fixed and with trained hidden layers, on the digits.
//!
//! ```text
//! cargo run --release --example figure -- DIRECTORY
//! ```
//!
//! Writes `figure.csv`, `figure-loss.svg` and `figure-accuracy.svg`: training loss and test accuracy by
//! epoch, at depths 5, 10, 20 and widths 4, 8, 32 times the state, from zero and from a small initial loss.

use nalgebra::DMatrix;
use polyak::data::{Dataset, digits};
use polyak::features::FourierFeatures;
use polyak::kernel::KernelName;
use polyak::resnet::{HiddenNetwork, HiddenWeights, ResNet, Weights};
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

const DEPTHS: [usize; 3] = [5, 10, 20];
/// Features over dimensions of the state.
const WIDTHS: [usize; 3] = [4, 8, 32];
const TRAIN: usize = 200;
const BATCH: usize = 50;
const EPOCHS: usize = 15;
/// Scale of the readout, and the step in units of its inverse square.
const SCALE: f64 = 3.0;
const STEP: f64 = 2.0 / (SCALE * SCALE);
/// The small initial loss, as a share of that at zero; epochs spent on it at most.
const SMALL: f64 = 0.1;
const PREPARATION: usize = 40;

/// Training and test part.
struct Split {
    train: Dataset,
    test: Dataset,
}

fn split() -> Result<Split, Box<dyn Error>> {
    let both = digits().subsample(2 * TRAIN, 0)?;
    let part = |from: usize| Dataset {
        inputs: both.inputs.columns(from, TRAIN).into_owned(),
        targets: both.targets.columns(from, TRAIN).into_owned(),
        rows: both.rows[from..from + TRAIN].to_vec(),
        ..both.clone()
    };
    Ok(Split {
        train: part(0),
        test: part(TRAIN),
    })
}

/// One line of the figure.
struct Curve {
    depth: usize,
    width: usize,
    trained: bool,
    small: bool,
    /// Training loss and test accuracy, the start included.
    points: Vec<(f64, f64)>,
}

impl Curve {
    fn name(&self) -> &'static str {
        match (self.trained, self.small) {
            (false, false) => "fixed, from zero",
            (true, false) => "trained, from zero",
            (false, true) => "fixed, small loss",
            (true, true) => "trained, small loss",
        }
    }

    fn colour(&self) -> &'static str {
        match (self.trained, self.small) {
            (false, false) => "#1f77b4",
            (true, false) => "#d62728",
            (false, true) => "#17becf",
            (true, true) => "#ff7f0e",
        }
    }
}

fn accuracy(predictions: &DMatrix<f64>, targets: &DMatrix<f64>) -> f64 {
    let pairs = predictions.column_iter().zip(targets.column_iter());
    let hits = pairs.filter(|(found, wanted)| found.imax() == wanted.imax());
    hits.count() as f64 / targets.ncols() as f64
}

/// One pass over the training part in batches of a fixed order.
fn epoch(network: &HiddenNetwork, weights: &mut HiddenWeights, data: &Dataset, trained: bool) {
    for from in (0..TRAIN).step_by(BATCH) {
        let inputs = data.inputs.columns(from, BATCH).into_owned();
        let targets = data.targets.columns(from, BATCH).into_owned();
        let gradient = network.pass(weights, &inputs, &targets).gradient;
        *weights = weights.stepped(STEP, &gradient, trained);
    }
}

fn loss(network: &HiddenNetwork, weights: &HiddenWeights, data: &Dataset) -> f64 {
    network.pass(weights, &data.inputs, &data.targets).loss
}

fn train(
    network: &HiddenNetwork,
    start: &HiddenWeights,
    split: &Split,
    trained: bool,
) -> Vec<(f64, f64)> {
    let mut weights = start.clone();
    let see = |weights: &HiddenWeights| {
        let (inputs, targets) = (&split.test.inputs, &split.test.targets);
        let test = network.pass(weights, inputs, targets);
        let share = accuracy(&test.predictions, targets);
        (loss(network, weights, &split.train), share)
    };
    let mut points = vec![see(&weights)];
    for _ in 0..EPOCHS {
        epoch(network, &mut weights, &split.train, trained);
        points.push(see(&weights));
    }
    points
}

fn curves(split: &Split, depth: usize, width: usize) -> Result<Vec<Curve>, Box<dyn Error>> {
    let (inputs, outputs) = (
        split.train.input_dimension(),
        split.train.target_dimension(),
    );
    let state = inputs + outputs;
    let kernel = "gaussian:0.35*auto".parse::<KernelName>()?;
    let kernel = kernel.resolve(&split.train.inputs)?;
    let features = FourierFeatures::draw(&kernel, state, width * state / 2, 0)?;
    let frequencies = features.frequencies().transpose();
    let lifted = ResNet::lifted(inputs, outputs, SCALE, features, depth)?;
    let network = HiddenNetwork {
        lift: lifted.lift().clone(),
        readout: lifted.readout().clone(),
    };
    let zero = HiddenWeights {
        outer: lifted.zero_weights(),
        hidden: Weights::from_layers(vec![frequencies; depth]),
    };
    let mut prepared = zero.clone();
    let first = loss(&network, &zero, &split.train);
    for _ in 0..PREPARATION {
        if loss(&network, &prepared, &split.train) <= SMALL * first {
            break;
        }
        epoch(&network, &mut prepared, &split.train, false);
    }
    let mut curves = Vec::new();
    for (small, start) in [(false, &zero), (true, &prepared)] {
        for trained in [false, true] {
            curves.push(Curve {
                depth,
                width,
                trained,
                small,
                points: train(&network, start, split, trained),
            });
        }
    }
    Ok(curves)
}

fn table(curves: &[Curve]) -> Result<String, std::fmt::Error> {
    let mut text = "depth,width,hidden,start,epoch,training_loss,test_accuracy\n".to_owned();
    for curve in curves {
        let hidden = if curve.trained { "trained" } else { "fixed" };
        let start = if curve.small { "small" } else { "zero" };
        for (epoch, (loss, accuracy)) in curve.points.iter().enumerate() {
            let (depth, width) = (curve.depth, curve.width);
            writeln!(
                text,
                "{depth},{width},{hidden},{start},{epoch},{loss:e},{accuracy}"
            )?;
        }
    }
    Ok(text)
}

/// Size of a panel and of the margin around its axes.
const PANEL: (f64, f64) = (360.0, 280.0);
const MARGIN: f64 = 44.0;

/// Widths down, depths across, values from `low` to `high`.
fn draw(
    curves: &[Curve],
    what: &str,
    value: impl Fn(&(f64, f64)) -> f64,
    (low, high): (f64, f64),
) -> Result<String, std::fmt::Error> {
    let (columns, rows) = (DEPTHS.len() as f64, WIDTHS.len() as f64);
    let size = (columns * PANEL.0, rows * PANEL.1 + 24.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        size.0, size.1
    );
    for (i, width) in WIDTHS.into_iter().enumerate() {
        for (j, depth) in DEPTHS.into_iter().enumerate() {
            let corner = (j as f64 * PANEL.0 + MARGIN, i as f64 * PANEL.1 + MARGIN);
            let inner = (PANEL.0 - 1.5 * MARGIN, PANEL.1 - 1.5 * MARGIN);
            let (x, y) = corner;
            let below = y + inner.1;
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"black\"/>\n<text x=\"{x}\" y=\"{}\">{what}, depth {depth}, width {width}q</text>\n<text x=\"{}\" y=\"{}\">epoch {EPOCHS}</text>",
                inner.0,
                inner.1,
                y - 8.0,
                x + inner.0 - 54.0,
                below + 14.0
            )?;
            for (label, at) in [(high, y + 10.0), (low, below)] {
                writeln!(svg, "<text x=\"{}\" y=\"{at}\">{label}</text>", x - 26.0)?;
            }
            let here = curves
                .iter()
                .filter(|c| c.depth == depth && c.width == width);
            for curve in here {
                let points = curve.points.iter().enumerate().map(|(epoch, point)| {
                    let share = ((value(point) - low) / (high - low)).clamp(0.0, 1.0);
                    let across = epoch as f64 / EPOCHS as f64;
                    format!("{:.1},{:.1}", x + across * inner.0, below - share * inner.1)
                });
                let points = points.collect::<Vec<_>>().join(" ");
                let colour = curve.colour();
                writeln!(
                    svg,
                    "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
                )?;
            }
        }
    }
    for (i, curve) in curves.iter().take(4).enumerate() {
        let (x, y) = (MARGIN + 220.0 * i as f64, size.1 - 8.0);
        let (name, colour) = (curve.name(), curve.colour());
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"16\" height=\"4\" fill=\"{colour}\"/>\n<text x=\"{}\" y=\"{y}\">{name}</text>",
            y - 6.0,
            x + 22.0
        )?;
    }
    svg += "</svg>\n";
    Ok(svg)
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let split = split()?;
    let mut all = Vec::new();
    for width in WIDTHS {
        for depth in DEPTHS {
            let found = curves(&split, depth, width)?;
            for curve in &found {
                let (first, last) = (curve.points[0], curve.points[EPOCHS]);
                println!(
                    "depth {depth:>2}, width {width:>2}q, {:<20} loss {:.2e} to {:.2e}, accuracy {:.3} to {:.3}",
                    curve.name(),
                    first.0,
                    last.0,
                    first.1,
                    last.1
                );
            }
            all.extend(found);
        }
    }
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("figure.csv"), table(&all)?)?;
    let loss = |point: &(f64, f64)| point.0.max(1e-6).log10();
    let svg = draw(&all, "log10 loss", loss, (-4.0, 0.0))?;
    std::fs::write(directory.join("figure-loss.svg"), svg)?;
    let accuracy = |point: &(f64, f64)| point.1;
    let svg = draw(&all, "accuracy", accuracy, (0.0, 1.0))?;
    std::fs::write(directory.join("figure-accuracy.svg"), svg)?;
    Ok(())
}
