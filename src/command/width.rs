//! `polyak width`: how many random features a kernel needs.

mod page;

use super::arguments::{LARGEST_SAMPLE, Width};
use super::campaign::{NO_ARCHIVE, notes, resolve};
use super::failure::Failure;
use super::interrupt::{INTERRUPTED, Said, attended, listen};
use super::output::{Results, document, remark};
use super::points::{equal_rows, noted, read_points};
use super::recipe::require_memory;
use super::running::Running;
use crate::bounds::random_features::WidthBound;
use crate::data::{Dataset, digits};
use crate::features::FeaturesError;
use crate::kernel::KernelSpec;
use crate::recipe::width::{Drawing, ObservedWidth, WidthOptions, WidthStudy};
use crate::spectrum::certificate::{
    CertificateProgress, Direction, Endpoint, decimal_above, decimal_below,
};
use crate::text::count;
use crate::watch::{Stop, Watch};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// The exit status when no bound applies.
const UNDECIDED: u8 = 3;

/// Digits kept, if nothing is said.
const DIGITS: usize = 200;

/// Significant digits of an enclosure in words.
const PLACES: usize = 7;

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
    observed: Option<ObservedWidth>,
    empirical: Option<ObservedWidth>,
    /// It was interrupted: models are missing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
    /// A search was asked for, and is too dear.
    #[serde(skip)]
    unsearched: bool,
    /// Widths with the smallest eigenvalues of some models, for the page.
    #[serde(skip)]
    drawn: Vec<(u64, Vec<f64>)>,
}

/// The width by one bound; none if it has no positive rate.
#[derive(Serialize)]
struct Promised {
    bound: WidthBound,
    frequencies: Option<u64>,
}

/// Reads, computes, draws, prints.
pub fn run(options: &Width) -> Result<u8, Failure> {
    let inputs: Vec<&Path> = options.data.as_deref().into_iter().collect();
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    let answer = answer(options)?;
    results.present(
        &page::advice(&answer),
        || text(&answer),
        || page::sheet(&answer),
        || document(&answer),
    )?;
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

/// Multiplications of all bounds of a width for the cube of the number of points: values of the kernel in ball arithmetic, and eigenvalues.
/// Measured at 200 and 400 points.
const BOUNDING: f64 = 400.0;

/// What follows from the kernel at the points, before anything is drawn.
struct Foretold {
    study: WidthStudy<'static>,
    widths: Vec<Promised>,
    smallest: [Endpoint; 2],
}

/// Computes it on a thread of its own; what of it is known is said when the run is interrupted.
fn foretold(
    data: &'static Dataset,
    kernel: &'static KernelSpec,
    wanted: WidthOptions,
    stop: &Stop,
) -> Result<Foretold, Failure> {
    let running = Running::start("bounding the widths", None);
    running.announce(
        "bounding the widths",
        BOUNDING * (data.samples() as f64).powi(3),
    );
    let said = Said::new("nothing is known yet".to_owned());
    let work = {
        let (stop, said, bar) = (stop.clone(), said.clone(), running.bar().clone());
        move || {
            let file = || data.name.clone();
            let spectrum = |cause| Failure::Spectrum {
                file: file(),
                cause,
            };
            let study = WidthStudy::try_new(kernel, &data.inputs, wanted).map_err(spectrum)?;
            let enclosed = |lo: f64, hi: f64| {
                let (lo, hi) = (decimal_below(lo, PLACES), decimal_above(hi, PLACES));
                format!("λ_min(K) in [{lo}, {hi}]")
            };
            let first = study.first_enclosure();
            let mut known = enclosed(first.lower(), first.upper());
            let mut widths = Vec::new();
            for bound in WidthBound::ALL {
                said.say(known.clone());
                if stop.is_stopped() {
                    return Err(Failure::Interrupted { known });
                }
                bar.set_message(bound.to_string());
                let frequencies = study.promised(bound).map_err(spectrum)?;
                if let Some(frequencies) = frequencies {
                    let _ = write!(known, ", {} by {bound}", count(frequencies, "frequency"));
                }
                widths.push(Promised { bound, frequencies });
            }
            said.say(known.clone());
            bar.set_message("enclosing λ_min(K)");
            let seen = |seen: &CertificateProgress| {
                let (lo, hi) = (
                    seen.lo.to_f64(Direction::Down),
                    seen.hi.to_f64(Direction::Up),
                );
                said.say(format!("{known}; {}", enclosed(lo, hi)));
            };
            let smallest = study.smallest_watched(&seen, &stop);
            let smallest = smallest.map_err(|cause| Failure::Certificate {
                file: file(),
                cause,
            })?;
            Ok(Foretold {
                study,
                widths,
                smallest,
            })
        }
    };
    let known = || said.last();
    attended(stop, work)?.unwrap_or_else(|| Err(Failure::Interrupted { known: known() }))
}

fn answer(options: &Width) -> Result<Answer, Failure> {
    // A thread that is left behind looks at them until the process ends.
    let data: &'static Dataset = Box::leak(Box::new(load(options)?));
    let kernel: &'static KernelSpec = Box::leak(Box::new(resolve(&options.kernel, data)?));
    let features = |cause| Failure::Features {
        file: data.name.clone(),
        cause,
    };
    // A Gram matrix with its factor and its pieces, once a thread.
    let order = data.samples() as f64;
    let threads = rayon::current_num_threads() as f64;
    let what = format!("{}: a model on every thread", data.name);
    require_memory(what, threads * 4.0 * 8.0 * order * order)?;
    let wanted = WidthOptions::default()
        .with_epsilon(options.epsilon)
        .with_failure(options.failure)
        .with_models(options.models)
        .with_seed(options.seed);
    let stop = listen("ending with what is known, of models those drawn so far")?;
    let Foretold {
        study,
        widths,
        smallest: [lo, hi],
    } = foretold(data, kernel, wanted, &stop)?;
    let promised = widths
        .iter()
        .filter_map(|p| Some((p.bound, p.frequencies?)));
    let best = promised.min_by_key(|&(_, frequencies)| frequencies);
    let equal = equal_rows(data);
    let begin = |drawing: &Drawing| Drawn::new(drawing, &stop);
    let observed = match best {
        Some((_, width)) => study.observe(width, begin).map_err(features)?,
        None => None,
    };
    let empirical = match best {
        Some((_, width)) if options.empirical => study.search(width, begin).map_err(features)?,
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
        data_notes: notes(data, &options.kernel)
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
        drawn: match (&options.page.report, best) {
            (Some(_), Some((_, width))) => drawn(&study, width, begin).map_err(features)?,
            _ => Vec::new(),
        },
        best: best.map(|(bound, _)| bound),
        widths,
        data: data.name.clone(),
    })
}

/// Models of a width that are shown.
const SHOWN: u32 = 5;

/// The smallest eigenvalues of a few models of widths that double up to the one that is promised, as far as these are not too dear.
fn drawn(
    study: &WidthStudy<'_>,
    promised: u64,
    begin: impl Fn(&Drawing) -> Drawn,
) -> Result<Vec<(u64, Vec<f64>)>, FeaturesError> {
    let halves = std::iter::successors(Some(promised), |width| Some(width / 2));
    let mut widths: Vec<u64> = halves.take_while(|width| *width > 0).collect();
    widths.reverse();
    let trial = study.trial();
    let mut seen = Vec::new();
    for frequencies in widths {
        if study.affordable(frequencies) == 0 {
            break;
        }
        let watch = begin(&Drawing {
            models: SHOWN,
            frequencies,
            work: 0.0,
            searching: true,
        });
        let smallest = trial.smallest(frequencies, SHOWN, &watch)?;
        seen.push((frequencies, smallest));
    }
    Ok(seen)
}

/// The line of models that are drawn, and the wish to end it, in one.
struct Drawn {
    running: Running,
    stop: Stop,
}

impl Drawn {
    fn new(drawing: &Drawing, stop: &Stop) -> Self {
        let running = Running::start("drawing models", Some(u64::from(drawing.models)));
        let bar = running.bar();
        bar.set_message(count(drawing.frequencies, "frequency"));
        if !drawing.searching {
            running.announce("drawing the models", drawing.work);
        }
        let stop = stop.clone();
        Self { running, stop }
    }
}

impl Watch for Drawn {
    fn advance(&self, units: u64) {
        self.running.bar().inc(units);
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// A number between 0 and 1; a small one by its exponent, for its zeros would not be counted.
fn share(number: f64) -> String {
    match number {
        0.0..1e-4 => format!("{number:e}"),
        _ => number.to_string(),
    }
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
        "{} of {data} in dimension {dimension}, kernel {kernel}\n\
         {}λ_min(K) in [{lo}, {hi}]\n\
         frequencies that keep (1 − {epsilon})λ_min(K), but with probability {failure}:\n",
        count(samples, "point"),
        noted(&answer.data_notes),
        epsilon = share(*epsilon),
        failure = share(*failure)
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
        if let Some(seen) = seen {
            let _ = writeln!(text, "{what} {seen}");
        }
    }
    text
}
