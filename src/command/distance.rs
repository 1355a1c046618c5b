//! `polyak distance`: the conditional optimal transport distance of two networks.

mod page;

use super::arguments::Distance;
use super::failure::Failure;
use super::input;
use super::interrupt::{Said, attended, listen};
use super::output::{Results, document};
use super::running::Running;
use crate::arithmetic::{Ball, count};
use crate::data::read_layers;
use crate::spectrum::certificate::{decimal_above, decimal_below, hexadecimal};
use crate::text::count as plural;
use crate::transport::{
    Conditional, RELATIVE_GAP, Transport, TransportError, conditional_distance_watched,
    expected_work,
};
use nalgebra::DMatrix;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// The exit status of an enclosure that is wider than promised.
pub const UNDECIDED: u8 = 3;

/// Significant digits of an end, as many as tell f64s apart.
pub const EXACT: usize = 17;

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    first: Network,
    second: Network,
    /// An enclosure of the distance.
    distance: [f64; 2],
    /// The same ends, written exactly.
    distance_exact: [String; 2],
    /// An enclosure of its square.
    squared: [f64; 2],
    /// The same ends, written exactly.
    squared_exact: [String; 2],
    /// The largest of a layer.
    relative_gap: f64,
    layers: Vec<Layer>,
    seconds: f64,
}

#[derive(Serialize)]
struct Network {
    file: String,
    layers: usize,
    particles: usize,
    coordinates: usize,
}

#[derive(Serialize)]
struct Layer {
    /// An enclosure of `W_2`.
    distance: [f64; 2],
    /// The same ends, written exactly.
    distance_exact: [String; 2],
    relative_gap: f64,
}

/// Reads, computes, prints.
pub fn run(options: &Distance) -> Result<u8, Failure> {
    let inputs: [&Path; 2] = [&options.first, &options.second];
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    let answer = answer(options)?;
    let narrow = answer.relative_gap <= RELATIVE_GAP;
    results.present(
        &page::advice(&answer),
        || text(&answer, options.layers),
        || page::sheet(&answer, narrow),
        || document(&answer),
    )?;
    Ok(if narrow { 0 } else { UNDECIDED })
}

fn answer(options: &Distance) -> Result<Answer, Failure> {
    let array = options.array.array.as_deref();
    let networks = Arc::new([
        read_layers(&options.first, array)?,
        read_layers(&options.second, array)?,
    ]);
    let names = [&options.first, &options.second].map(|file| input::named(file));
    let start = Instant::now();
    let found = found(&networks)?.map_err(|cause| Failure::Transport {
        first: names[0].clone(),
        second: names[1].clone(),
        cause,
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let [first_name, second_name] = names;
    Ok(Answer {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        first: network(first_name, &networks[0]),
        second: network(second_name, &networks[1]),
        distance: ends(found.distance()),
        distance_exact: ends(found.distance()).map(hexadecimal),
        squared: ends(found.squared()),
        squared_exact: ends(found.squared()).map(hexadecimal),
        relative_gap: found.relative_gap(),
        layers: layers(&found),
        seconds,
    })
}

/// The transports of all layers; of those that are known when the run is interrupted, how far apart they keep the networks.
fn found(
    networks: &Arc<[Vec<DMatrix<f64>>; 2]>,
) -> Result<Result<Conditional, TransportError>, Failure> {
    let stop = listen("ending with the layers that are done")?;
    let depth = networks[0].len();
    let running = Running::start("transporting the layers", Some(depth as u64));
    let layers = networks[0].iter().zip(&networks[1]);
    let work = layers.map(|(a, b)| expected_work(a.ncols(), b.ncols()));
    running.announce("the transport", work.sum());
    let known = Said::new((0, Ball::from(0.0)));
    let work = {
        let (networks, stop) = (Arc::clone(networks), stop.clone());
        let (known, bar) = (known.clone(), running.bar().clone());
        move || {
            let [first, second] = &*networks;
            let seen = |_: usize, layer: &Transport| {
                bar.inc(1);
                known.change(|(layers, total)| (layers + 1, total + layer.cost()));
            };
            conditional_distance_watched(first, second, &seen, &stop)
        }
    };
    match attended(&stop, work)? {
        None | Some(Err(TransportError::Stopped(_))) => {
            let (layers, total) = known.last();
            let least = (total / count(depth)).sqrt().lower().max(0.0);
            let least = decimal_below(least, EXACT);
            let known = format!(
                "{layers} of {} known, the distance is at least {least}",
                plural(depth, "layer")
            );
            Err(Failure::Interrupted { known })
        }
        Some(done) => Ok(done),
    }
}

fn network(file: String, layers: &[DMatrix<f64>]) -> Network {
    let (coordinates, particles) = layers[0].shape();
    Network {
        file,
        layers: layers.len(),
        particles,
        coordinates,
    }
}

fn layers(found: &Conditional) -> Vec<Layer> {
    let layers = found.layers().iter().map(|layer| Layer {
        distance: ends(layer.distance()),
        distance_exact: ends(layer.distance()).map(hexadecimal),
        relative_gap: layer.relative_gap(),
    });
    layers.collect()
}

/// A distance is not negative.
pub fn ends(ball: Ball) -> [f64; 2] {
    [ball.lower().max(0.0), ball.upper()]
}

fn text(answer: &Answer, with_layers: bool) -> String {
    let mut text = String::new();
    for Network {
        file,
        layers,
        particles,
        coordinates,
    } in [&answer.first, &answer.second]
    {
        let _ = writeln!(
            text,
            "{file}: {} of {} in dimension {coordinates}",
            plural(layers, "layer"),
            plural(particles, "particle")
        );
    }
    let [lo, hi] = answer.distance;
    let _ = write!(
        text,
        "conditional optimal transport distance\n\
         \x20 value      {:.12e}\n\
         \x20 enclosure  [{}, {}]\n\
         \x20 gap        {}, of the square, relative, in the worst layer\n\
         \x20 time       {:.3} s\n",
        lo + (hi - lo) / 2.0,
        decimal_below(lo, EXACT),
        decimal_above(hi, EXACT),
        decimal_above(answer.relative_gap, 2),
        answer.seconds
    );
    if with_layers {
        let _ = writeln!(text, "{:>5}  {:>20}  {:>8}", "layer", "W_2", "gap");
        for (k, layer) in answer.layers.iter().enumerate() {
            let [lo, hi] = layer.distance;
            let middle = lo + (hi - lo) / 2.0;
            let _ = writeln!(
                text,
                "{:>5}  {middle:>20.12e}  {:>8}",
                k + 1,
                decimal_above(layer.relative_gap, 2)
            );
        }
    }
    text
}
