//! `polyak width`: how many random features a kernel needs.

use super::arguments::Width;
use super::campaign::{load, progress, resolve};
use super::failure::Failure;
use super::output::{Output, print};
use polyak::bounds::random_features::{Expressivity, WidthBound};
use polyak::campaign::ExpressivityTrial;
use polyak::evidence::statistics::Frequency;
use serde::Serialize;
use std::fmt::Write;

/// The exit status when no bound applies.
const UNDECIDED: u8 = 3;

/// The intervals of empirical probabilities miss them with this probability.
const MISS: f64 = 0.01;

/// Multiplications spent on the models of one width.
const BUDGET: f64 = 4e11;

/// Models drawn at least, however wide.
const FEWEST: f64 = 10.0;

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    data: String,
    samples: usize,
    dimension: usize,
    kernel: String,
    epsilon: f64,
    failure: f64,
    seed: u64,
    /// An enclosure of `λ_min(K)`.
    smallest: [f64; 2],
    widths: Vec<Promised>,
    best: Option<WidthBound>,
    observed: Option<Observed>,
    empirical: Option<Observed>,
}

/// The width by one bound; none if it has no positive rate.
#[derive(Serialize)]
struct Promised {
    bound: WidthBound,
    frequencies: Option<u64>,
}

/// What was drawn at one width.
#[derive(Serialize)]
struct Observed {
    frequencies: u64,
    #[serde(flatten)]
    lost: Frequency,
    /// Clopper–Pearson, at 99 %.
    interval: (f64, f64),
}

/// Reads, computes, draws, prints.
pub fn run(options: &Width) -> Result<u8, Failure> {
    let json = options.json.as_deref().map(Output::try_new).transpose()?;
    let answer = answer(options)?;
    if !json.as_ref().is_some_and(Output::is_stdout) {
        print(&text(&answer))?;
    }
    if let Some(json) = json {
        let document = serde_json::to_string_pretty(&answer).expect("an answer is plain data");
        json.write(&(document + "\n"))?;
    }
    Ok(if answer.best.is_some() { 0 } else { UNDECIDED })
}

fn answer(options: &Width) -> Result<Answer, Failure> {
    let data = load(&options.data, options.seed)?;
    let kernel = resolve(&options.data, &data)?;
    let spectrum = |cause| Failure::Spectrum {
        file: data.name.clone(),
        cause,
    };
    let expressivity = Expressivity::try_new(&kernel, &data.inputs).map_err(spectrum)?;
    let mut widths = Vec::new();
    for bound in WidthBound::ALL {
        let tail = expressivity
            .tail(bound, options.epsilon)
            .map_err(spectrum)?;
        let frequencies = tail.width(options.failure);
        widths.push(Promised { bound, frequencies });
    }
    let promised = widths
        .iter()
        .filter_map(|p| Some((p.bound, p.frequencies?)));
    let best = promised.min_by_key(|&(_, frequencies)| frequencies);
    let smallest = expressivity.smallest();
    let trial = ExpressivityTrial {
        kernel: kernel.as_kernel(),
        points: &data.inputs,
        threshold: (1.0 - options.epsilon) * smallest.lower(),
        seed: options.seed,
    };
    let observe = |frequencies| observed(options, &trial, frequencies);
    Ok(Answer {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        samples: data.samples(),
        dimension: data.input_dimension(),
        kernel: kernel.to_string(),
        epsilon: options.epsilon,
        failure: options.failure,
        seed: options.seed,
        smallest: [smallest.lower(), smallest.upper()],
        observed: best.map(|(_, width)| observe(width)).transpose()?,
        empirical: match best {
            Some((_, width)) if options.empirical => Some(search(options, width, observe)?),
            _ => None,
        },
        best: best.map(|(bound, _)| bound),
        widths,
        data: data.name,
    })
}

/// Draws as many models of a width as were asked for, or as the budget allows.
fn observed(
    options: &Width,
    trial: &ExpressivityTrial,
    frequencies: u64,
) -> Result<Observed, Failure> {
    let samples = trial.points.ncols() as f64;
    let work = samples * samples * (2.0 * frequencies as f64 + samples / 3.0);
    let affordable = (BUDGET / work).max(FEWEST);
    let models = affordable.min(f64::from(options.models)) as u32;
    let bar = progress(u64::from(models));
    bar.set_message(format!("{frequencies} frequencies"));
    let lost = trial.lost(frequencies, models, &|| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(Observed {
        frequencies,
        interval: lost.interval(MISS),
        lost,
    })
}

/// The smallest width, to one part in twenty, at which no larger a share of the models is lost than may be.
fn search(
    options: &Width,
    promised: u64,
    observe: impl Fn(u64) -> Result<Observed, Failure>,
) -> Result<Observed, Failure> {
    let enough = |seen: &Observed| seen.lost.share() <= options.failure;
    let (mut below, mut found) = (0, observe(promised)?);
    while enough(&found) && found.frequencies - below > found.frequencies.div_ceil(20) {
        // By halves down from the promise, then between.
        let middle = if below == 0 {
            found.frequencies / 2
        } else {
            below + (found.frequencies - below) / 2
        };
        let seen = observe(middle)?;
        if enough(&seen) {
            found = seen;
        } else {
            below = middle;
        }
    }
    Ok(found)
}

fn text(answer: &Answer) -> String {
    let Answer {
        samples,
        dimension,
        data,
        kernel,
        epsilon,
        failure,
        ..
    } = answer;
    let [lo, hi] = answer.smallest;
    let mut text = format!(
        "{samples} points of {data} in dimension {dimension}, kernel {kernel}\n\
         λ_min(K) in [{lo:.6e}, {hi:.6e}]\n\
         frequencies that keep (1 − {epsilon})λ_min(K), but with probability {failure}:\n"
    );
    for Promised { bound, frequencies } in &answer.widths {
        let width = frequencies.map_or("no width".to_owned(), |width| width.to_string());
        let mark = if answer.best == Some(*bound) {
            "  smallest"
        } else {
            ""
        };
        let _ = writeln!(text, "  {bound:<24}{width:>20}{mark}");
    }
    if answer.best.is_none() {
        text += "λ_min(K) is not certainly positive: no bound applies; are two points equal?\n";
    }
    for (what, seen) in [
        ("at the promised", &answer.observed),
        ("smallest empirical", &answer.empirical),
    ] {
        let Some(Observed {
            frequencies,
            lost,
            interval: (low, high),
        }) = seen
        else {
            continue;
        };
        let _ = writeln!(
            text,
            "{what} width of {frequencies}: {} of {} models lose more, a probability in \
             [{low:.2e}, {high:.2e}] (99 %)",
            lost.events, lost.trials
        );
    }
    text
}
