//! `polyak width`: how many random features a kernel needs.

use super::arguments::{LARGEST_SAMPLE, Width};
use super::campaign::{NO_ARCHIVE, notes, resolve};
use super::failure::Failure;
use super::interrupt::{INTERRUPTED, listen};
use super::output::{Results, document, remark};
use super::points::{equal_rows, noted, read_points};
use super::recipe::require_memory;
use super::running::{Running, Watched};
use crate::bounds::random_features::{Expressivity, WidthBound};
use crate::campaign::ExpressivityTrial;
use crate::data::{Dataset, digits};
use crate::evidence::statistics::{Decision, Frequency, Sequential};
use crate::features::FeaturesError;
use crate::kernel::KernelSpec;
use crate::spectrum::certificate::{
    Budget, CertificateError, CertificateOptions, Direction, Endpoint, certify_smallest,
    decimal_above, decimal_below,
};
use crate::watch::{Stop, Watch};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// The exit status when no bound applies.
const UNDECIDED: u8 = 3;

/// The intervals of empirical probabilities miss them with this probability.
const MISS: f64 = 0.01;

/// The error probabilities of each step of the search.
const SEARCH_ERROR: f64 = 1e-3;

/// The seed of the models that are drawn at the width found, less that of those that found it.
const OTHERS: u64 = 1 << 63;

/// Digits kept, if nothing is said.
const DIGITS: usize = 200;

/// Significant digits of an enclosure in words.
const PLACES: usize = 7;

/// Models drawn of a width, if nothing is said and they are not too wide.
const MODELS: u32 = 200;

/// Multiplications spent on the models of one width, if nothing is said: half a minute or so on two cores.
const BUDGET: f64 = 4e11;

/// Fewer models say nothing of a small probability, and are not drawn.
const FEWEST: f64 = 10.0;

/// A cosine and a normal variate, in multiplications.
const ELEMENTARY: f64 = 32.0;

/// All that is printed; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    data: String,
    samples: usize,
    dimension: usize,
    kernel: String,
    /// How the file was read, and what was done to what is in it.
    data_notes: Vec<String>,
    epsilon: f64,
    failure: f64,
    seed: u64,
    /// An enclosure of `λ_min(K)`.
    smallest: [f64; 2],
    /// The same ends exactly.
    smallest_exact: [String; 2],
    /// The same in decimal, rounded outwards.
    #[serde(skip)]
    written: [String; 2],
    /// Whether two points are equal: the notes name them.
    #[serde(skip)]
    equal: bool,
    widths: Vec<Promised>,
    best: Option<WidthBound>,
    observed: Option<Observed>,
    empirical: Option<Observed>,
    /// It was interrupted: models are missing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
    /// A search was asked for, and is too dear.
    #[serde(skip)]
    unsearched: bool,
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
    let inputs: Vec<&Path> = options.data.as_deref().into_iter().collect();
    let results = Results::try_new(options.json.as_deref(), &inputs)?;
    let answer = answer(options)?;
    results.deliver(|| text(&answer), || document(&answer))?;
    if answer.unfinished {
        remark(
            "interrupted: of the models only those that were drawn are counted; --models takes fewer",
        );
        return Ok(INTERRUPTED);
    }
    Ok(if answer.best.is_some() { 0 } else { UNDECIDED })
}

/// The points: of a file as they are, all of them unless fewer are asked for; else of the digits.
fn load(options: &Width) -> Result<Dataset, Failure> {
    let most = options.max_samples.map(|most| most as usize);
    let array = options.array.array.as_deref();
    let Some(file) = &options.data else {
        if array.is_some() {
            return Err(NO_ARCHIVE);
        }
        return Ok(digits().subsample(most.unwrap_or(DIGITS), options.seed)?);
    };
    let data = read_points(file, array, options.target.as_deref(), options.standardise)?;
    match most {
        Some(most) => Ok(data.subsample(most, options.seed)?),
        None if data.samples() as i64 <= LARGEST_SAMPLE => Ok(data),
        None => Err(Failure::TooManyPoints {
            points: data.samples(),
            file: data.name,
            most: LARGEST_SAMPLE,
        }),
    }
}

/// What `polyak eig --certify` proves of `λ_min(K)`; in f64 alone where that does not tell its sign, since no width is
/// finite there, and of a kernel that has no certificate what the bounds are made of.
fn enclosure(
    kernel: &KernelSpec,
    data: &Dataset,
    expressivity: &Expressivity,
) -> Result<[Endpoint; 2], Failure> {
    let certify = |max_bits: usize| {
        let budget = Budget {
            max_bits,
            ..Budget::default()
        };
        let wanted = CertificateOptions {
            budget,
            ..CertificateOptions::default()
        };
        certify_smallest(&kernel.into(), &data.inputs, &wanted)
    };
    let found = certify(0).and_then(|found| {
        if found.is_positive() && !found.reached {
            certify(Budget::default().max_bits)
        } else {
            Ok(found)
        }
    });
    match found {
        Ok(found) => Ok([found.lo, found.hi]),
        Err(CertificateError::NotCertifiable { .. }) => {
            let smallest = expressivity.smallest();
            Ok([smallest.lower(), smallest.upper()].map(Endpoint::from))
        }
        Err(cause) => Err(Failure::Certificate {
            file: data.name.clone(),
            cause,
        }),
    }
}

fn answer(options: &Width) -> Result<Answer, Failure> {
    let data = load(options)?;
    let kernel = resolve(&options.kernel, &data)?;
    let spectrum = |cause| Failure::Spectrum {
        file: data.name.clone(),
        cause,
    };
    let features = |cause| Failure::Features {
        file: data.name.clone(),
        cause,
    };
    // A Gram matrix with its factor and its pieces, once a thread.
    let order = data.samples() as f64;
    let threads = rayon::current_num_threads() as f64;
    require_memory("a model a thread", threads * 4.0 * 8.0 * order * order)?;
    let running = Running::start("enclosing λ_min(K)", None);
    let expressivity = Expressivity::try_new(&kernel, &data.inputs).map_err(spectrum)?;
    let mut widths = Vec::new();
    for bound in WidthBound::ALL {
        running.bar().set_message(bound.to_string());
        let tail = expressivity
            .tail(bound, options.epsilon)
            .map_err(spectrum)?;
        let frequencies = tail.width(options.failure);
        widths.push(Promised { bound, frequencies });
    }
    running.bar().set_message("enclosing λ_min(K)");
    let [lo, hi] = enclosure(&kernel, &data, &expressivity)?;
    drop(running);
    let stop = listen("ending with the models drawn so far")?;
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
    let equal = equal_rows(&data);
    let observed = match best {
        Some((_, width)) => observed(options, &trial, width, &stop).map_err(features)?,
        None => None,
    };
    let empirical = match best {
        Some((_, width)) if options.empirical => {
            search(options, width, &trial, &stop).map_err(features)?
        }
        _ => None,
    };
    Ok(Answer {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        samples: data.samples(),
        dimension: data.input_dimension(),
        kernel: kernel.to_string(),
        epsilon: options.epsilon,
        failure: options.failure,
        seed: options.seed,
        smallest: [lo.to_f64(Direction::Down), hi.to_f64(Direction::Up)],
        smallest_exact: [lo, hi].map(|end| end.hexadecimal()),
        written: [
            lo.decimal(PLACES, Direction::Down),
            hi.decimal(PLACES, Direction::Up),
        ],
        equal: equal.is_some(),
        data_notes: notes(&data, &options.kernel)
            .into_iter()
            .chain(equal)
            .collect(),
        unsearched: options.empirical
            && best.is_some()
            && empirical.is_none()
            && !stop.is_stopped(),
        unfinished: stop.is_stopped(),
        observed,
        empirical,
        best: best.map(|(bound, _)| bound),
        widths,
        data: data.name,
    })
}

/// Multiplications of one model of a width.
fn work(trial: &ExpressivityTrial, frequencies: u64) -> f64 {
    let [samples, dimension, frequencies] = [
        trial.points.ncols() as f64,
        trial.points.nrows() as f64,
        frequencies as f64,
    ];
    // The Gram matrix and its eigenvalues; phases, cosines and sines; the frequencies.
    samples * samples * (2.0 * frequencies + samples / 3.0)
        + samples * frequencies * (dimension + 2.0 * ELEMENTARY)
        + frequencies * dimension * ELEMENTARY
}

/// How many models of a width are drawn at most; none, where too few would be.
fn affordable(options: &Width, trial: &ExpressivityTrial, frequencies: u64) -> u32 {
    if let Some(models) = options.models {
        return models;
    }
    let affordable = BUDGET / work(trial, frequencies);
    if affordable < FEWEST {
        return 0;
    }
    affordable.min(f64::from(MODELS)) as u32
}

/// Draws as many models of a width as were asked for, or as the budget allows.
fn observed(
    options: &Width,
    trial: &ExpressivityTrial,
    frequencies: u64,
    stop: &Stop,
) -> Result<Option<Observed>, FeaturesError> {
    let models = affordable(options, trial, frequencies);
    if models == 0 {
        return Ok(None);
    }
    let running = drawing(models, frequencies);
    let work = f64::from(models) * work(trial, frequencies);
    running.announce("drawing the models", work);
    let watched = Watched::new(&running, stop);
    let lost = trial.lost(frequencies, models, &watched)?;
    if lost.trials == 0 {
        return Ok(None);
    }
    Ok(Some(Observed {
        frequencies,
        interval: lost.interval(MISS),
        lost,
    }))
}

/// The line of models that are drawn.
fn drawing(models: u32, frequencies: u64) -> Running {
    let running = Running::start("drawing models", Some(u64::from(models)));
    let bar = running.bar();
    bar.set_message(format!("{frequencies} frequencies"));
    running
}

/// Tells whether models of a width are lost rarely enough: by a test that stops as soon as it knows, or by
/// their share among all the models that may be drawn.
fn suffices(
    options: &Width,
    trial: &ExpressivityTrial,
    frequencies: u64,
    stop: &Stop,
) -> Result<bool, FeaturesError> {
    let test = Sequential::new(
        options.failure,
        (2.0 * options.failure).min(0.5 + 0.5 * options.failure),
        SEARCH_ERROR,
        SEARCH_ERROR,
    );
    let models = affordable(options, trial, frequencies);
    let running = drawing(models, frequencies);
    let test = trial.decide(frequencies, models, test, &Watched::new(&running, stop))?;
    Ok(match test.decision() {
        Decision::Accepted => true,
        Decision::Rejected => false,
        Decision::Undecided => test.seen().share() <= options.failure,
    })
}

/// The smallest width, to one part in twenty, at which no larger a share of the models is lost than may be;
/// and what becomes of other models there: those that chose it would flatter it.
///
/// Nothing, if it is wider than the budget allows to draw, or the search was interrupted.
fn search(
    options: &Width,
    promised: u64,
    trial: &ExpressivityTrial,
    stop: &Stop,
) -> Result<Option<Observed>, FeaturesError> {
    // Fewer than N/2 frequencies span less than N dimensions.
    let mut below = (trial.points.ncols() as u64 - 1) / 2;
    let mut found = loop {
        let wider = 2 * below.max(1);
        if wider >= promised {
            break promised;
        }
        if affordable(options, trial, wider) == 0 {
            return Ok(None);
        }
        if suffices(options, trial, wider, stop)? {
            break wider;
        }
        if stop.is_stopped() {
            return Ok(None);
        }
        below = wider;
    };
    while found - below > found.div_ceil(20) {
        let middle = below + (found - below) / 2;
        let narrower = suffices(options, trial, middle, stop)?;
        if stop.is_stopped() {
            return Ok(None);
        }
        if narrower {
            found = middle;
        } else {
            below = middle;
        }
    }
    let others = ExpressivityTrial {
        seed: trial.seed.wrapping_add(OTHERS),
        ..*trial
    };
    observed(options, &others, found, stop)
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
    let [lo, hi] = &answer.written;
    let mut text = format!(
        "{samples} points of {data} in dimension {dimension}, kernel {kernel}\n\
         {}λ_min(K) in [{lo}, {hi}]\n\
         frequencies that keep (1 − {epsilon})λ_min(K), but with probability {failure}:\n",
        noted(&answer.data_notes)
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
        text += if answer.equal {
            "no bound applies: of equal rows λ_min(K) is zero; remove those named above\n"
        } else if answer.smallest[0] > 0.0 {
            "no bound gives a width below 2^53: ask for a larger --epsilon, or take a shorter bandwidth\n"
        } else {
            "no bound applies: λ_min(K) is not certainly positive in f64; take a shorter bandwidth, or fewer points\n"
        };
    } else if answer.observed.is_none() && !answer.unfinished {
        text +=
            "models of the promised width are not drawn: too wide, or --models 0; see --models\n";
    }
    if answer.unsearched {
        text += "the smallest empirical width is not searched: it is too wide; see --models\n";
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
            "{what} width of {frequencies}: {} of {} models lose more, a probability in [{}, {}] (99 %)",
            lost.events,
            lost.trials,
            decimal_below(*low, 3),
            decimal_above(*high, 3)
        );
    }
    text
}
