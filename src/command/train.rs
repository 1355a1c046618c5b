//! `polyak train`: training by a recipe, held to its promise.

mod page;

use super::arguments::Train;
use super::campaign::load_source;
use super::failure::Failure;
use super::input;
use super::interrupt::{INTERRUPTED, Said, attended, listen};
use super::output::{Output, Results, document, remark};
use super::points::noted;
use super::recipe::require_memory;
use super::running::Running;
use crate::bounds::Standing;
use crate::data::{Dataset, read_bytes};
use crate::kernel::Kernel;
use crate::recipe::{
    RecipeKind, SCHEMA, Size, Training, TrainingCertificate, TrainingEnd, recheck_cost,
    recheck_watched,
};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text::count;
use crate::watch::{Stop, Watch};
use serde::Serialize;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limits of a training if nothing is said.
pub const MOST_GIB: f64 = 8.0;
pub const MOST_HOURS: f64 = 0.5;

/// The exit statuses beside 0.
const BROKEN: u8 = 1;
const OPEN: u8 = 3;

/// What happened; the JSON of `--json`, version 1.
#[derive(Serialize)]
struct Outcome {
    schema: u32,
    version: &'static str,
    instruction_set: &'static str,
    /// What was done to the data.
    data_notes: Vec<String>,
    /// Why the training ended.
    end: &'static str,
    /// The conclusion that does not hold, if one does not.
    broken: Option<String>,
    iterations: u64,
    initial_loss: f64,
    loss: f64,
    /// The loss was promised to be at most this.
    bound: f64,
    promised_iterations: u64,
    guaranteed_rate: f64,
    observed_rate: Option<f64>,
    tightness: Option<f64>,
    losses: Vec<f64>,
}

/// Reads, checks again, trains, prints.
pub fn run(options: &Train) -> Result<u8, Failure> {
    let file = input::named(&options.recipe);
    let certificate = read(&options.recipe)?;
    let data = certificate.data.source.file.as_deref().map(Path::new);
    let mut inputs: Vec<&Path> = data.into_iter().chain([options.recipe.as_path()]).collect();
    let checkpoint = options.checkpoint.as_deref();
    let kept = checkpoint
        .map(|file| Output::try_new(file, &inputs))
        .transpose()?;
    if kept.as_ref().is_some_and(Output::is_stdout) {
        return Err(Failure::NoCheckpoint);
    }
    let earlier = checkpoint.map(input::if_kept).transpose()?.flatten();
    inputs.extend(checkpoint);
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    let size = Size::of_certificate(&certificate);
    let refused = size.require(options.max_gib, options.max_hours);
    refused.map_err(|cause| Failure::Refused {
        file: file.clone(),
        cause: cause.into(),
        allowance: allowance(&size, certificate.kind, options.max_gib, options.max_hours),
    })?;
    require_memory("this training", size.bytes())?;
    let data = load_source(&certificate.data.source)?;
    let started = Instant::now();
    let data = Arc::new(data);
    check_again(&certificate, &data, &file)?;
    let checked = started.elapsed();
    let refused = |cause| Failure::Recipe {
        file: file.clone(),
        cause,
    };
    let mut training = Training::new(certificate, &data.inputs, &data.targets).map_err(refused)?;
    if let Some(path) = earlier {
        let file = input::named(path);
        let restored = training.restore(&read_bytes(path, training.most_bytes())?);
        restored.map_err(|cause| Failure::Checkpoint { file, cause })?;
    }
    let before = training.losses().len();
    let stop = listen("ending after this step")?;
    let started = Instant::now();
    let end = train(&mut training, options, kept.as_ref(), &file, &stop)?;
    let trained = started.elapsed();
    let outcome = outcome(&training, end, data.notes.clone());
    let steps = training.losses().len() - before.max(1);
    results.present(
        &page::advice(&outcome, &training),
        || text(&outcome, &training, checked, trained, steps),
        || page::sheet(&outcome, &training),
        || document(&outcome),
    )?;
    if end != TrainingEnd::Stopped {
        return Ok(exit_status(end));
    }
    let taken = count(outcome.iterations, "iteration");
    remark(&match checkpoint {
        Some(file) => format!(
            "interrupted after {taken}, kept in {}: the same command goes on from there",
            file.display()
        ),
        None => format!(
            "interrupted after {taken}, and nothing of them is kept: with --checkpoint FILE the same command \
             goes on from there"
        ),
    });
    Ok(INTERRUPTED)
}

fn exit_status(end: TrainingEnd) -> u8 {
    match end {
        TrainingEnd::TargetReached => 0,
        TrainingEnd::Broken => BROKEN,
        TrainingEnd::Iterations | TrainingEnd::Stopped | TrainingEnd::PrecisionLost => OPEN,
    }
}

fn read(path: &Path) -> Result<TrainingCertificate, Failure> {
    let file = input::named(path);
    let text = input::text(path)?;
    serde_json::from_str(&text).map_err(|cause| {
        let other: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let schema = other.get("promise").and(other["schema"].as_u64());
        match schema.filter(|&schema| schema != u64::from(SCHEMA)) {
            _ if other.get("a_priori_width").is_some() => Failure::MeanFieldOnly { file },
            Some(schema) => Failure::OtherRecipe { file, schema },
            None => Failure::NoRecipe { file, cause },
        }
    })
}

/// Proves the certificate again before anything is trained by it.
fn check_again(
    certificate: &TrainingCertificate,
    data: &Arc<Dataset>,
    file: &str,
) -> Result<(), Failure> {
    let architecture = &certificate.architecture;
    // Of the shape that the data have: what the certificate says of it is checked.
    let dimension = data.input_dimension() + data.target_dimension();
    let count = architecture.frequencies as usize;
    let drawn = match certificate.kind {
        RecipeKind::Realised => {
            let (kernel, seed) = (&architecture.kernel, architecture.seed);
            let drawn = kernel.try_sample_frequencies(dimension, count, seed);
            let failed = |cause| Failure::Kernel {
                file: file.to_owned(),
                cause,
            };
            Some(drawn.map_err(failed)?)
        }
        RecipeKind::APriori => None,
    };
    let running = Running::start("proving the certificate again", None);
    running.announce("proving the certificate again", recheck_cost(certificate));
    let stop = listen("ending before a step is taken")?;
    let said = Said::new("");
    let work = {
        let (certificate, data) = (certificate.clone(), Arc::clone(data));
        let (said, stop, bar) = (said.clone(), stop.clone(), running.bar().clone());
        move || {
            let seen = |field| {
                said.say(field);
                bar.set_message(format!("proving {field} again"));
            };
            let (inputs, targets) = (&data.inputs, &data.targets);
            recheck_watched(&certificate, inputs, targets, drawn.as_ref(), &seen, &stop)
        }
    };
    let Some(Ok(found)) = attended(&stop, work)? else {
        let field = said.last();
        let known = format!("the certificate is not proved again beyond {field}, no step is taken");
        return Err(Failure::Interrupted { known });
    };
    drop(running);
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::Discrepancies {
        file: file.to_owned(),
        found,
    })
}

/// Trains, with a checkpoint now and then.
fn train(
    training: &mut Training,
    options: &Train,
    kept: Option<&Output>,
    file: &str,
    stop: &Stop,
) -> Result<TrainingEnd, Failure> {
    let size = Size::of_certificate(training.certificate());
    let running = Running::start("train", Some(training.certificate().promise.iterations));
    running.announce("training to the last step promised", size.multiplications());
    let bar = running.bar();
    let most = options.steps.unwrap_or(u64::MAX);
    let every = Duration::from_secs(options.every);
    loop {
        let since = Instant::now();
        let end = training.run(most, |now| {
            bar.set_position(now.iteration);
            bar.set_message(format!(
                "loss {:.3e} ≤ {}",
                now.loss.mid(),
                decimal_above(now.bound, 4)
            ));
            // Without a file to write there is nothing to pause for.
            if stop.is_stopped() || kept.is_some() && since.elapsed() >= every {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let end = end.map_err(|cause| Failure::Recipe {
            file: file.to_owned(),
            cause,
        })?;
        if let Some(kept) = kept {
            kept.write(&training.to_bytes())?;
        }
        if end != TrainingEnd::Stopped || stop.is_stopped() {
            return Ok(end);
        }
    }
}

/// What allows a training that is refused, in words.
pub fn allowance(size: &Size, kind: RecipeKind, most_gib: f64, most_hours: f64) -> String {
    // Rounded up, to a tenth.
    let above = |value: f64| (10.0 * value).ceil() / 10.0;
    let mut options = Vec::new();
    if size.gib > most_gib {
        options.push(format!("--max-gib {}", above(size.gib)));
    }
    if size.hours > most_hours {
        options.push(format!("--max-hours {}", above(size.hours)));
    }
    let allowing = format!("{} allows it", options.join(" with "));
    match kind {
        RecipeKind::APriori => format!("{allowing}, and `polyak recipe --realised` needs fewer"),
        RecipeKind::Realised => allowing,
    }
}

fn outcome(training: &Training, end: TrainingEnd, data_notes: Vec<String>) -> Outcome {
    let losses = training.losses().to_vec();
    let broken = match training.standing() {
        Standing::Broken {
            what,
            found,
            allowed,
        } => Some(format!("{what}: {found:e} is above {allowed:e}")),
        Standing::Held | Standing::Unknown => None,
    };
    Outcome {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        instruction_set: crate::arithmetic::instruction_set(),
        data_notes,
        end: match end {
            TrainingEnd::TargetReached => "target-reached",
            TrainingEnd::Iterations => "iterations",
            TrainingEnd::Stopped => "stopped",
            TrainingEnd::Broken => "broken",
            TrainingEnd::PrecisionLost => "precision-lost",
        },
        broken,
        iterations: losses.len() as u64 - 1,
        initial_loss: losses[0],
        loss: losses[losses.len() - 1],
        bound: training.bound().expect("a training that has started"),
        promised_iterations: training.certificate().promise.iterations,
        guaranteed_rate: training.certificate().promise.guaranteed_rate(),
        observed_rate: training.observed_rate(),
        tightness: training.tightness(),
        losses,
    }
}

fn text(
    outcome: &Outcome,
    training: &Training,
    checked: Duration,
    trained: Duration,
    steps: usize,
) -> String {
    let certificate = training.certificate();
    let mut text = noted(&outcome.data_notes);
    let _ = write!(
        text,
        "certificate  proved again in {:.2} s\n\
         training     {}, {} of them in this run, {:.2} s\n\
         loss         {:.6e} at the start, {:.6e} now, {:.3e} of it; promised {}\n",
        checked.as_secs_f64(),
        count(outcome.iterations, "iteration"),
        steps,
        trained.as_secs_f64(),
        outcome.initial_loss,
        outcome.loss,
        outcome.loss / outcome.initial_loss,
        decimal_above(outcome.bound, 7),
    );
    if let (Some(observed), Some(tightness)) = (outcome.observed_rate, outcome.tightness) {
        let _ = writeln!(
            text,
            "rate         {observed:.4e} a step observed, {} guaranteed: tightness {tightness:.3}",
            decimal_below(outcome.guaranteed_rate, 5)
        );
    }
    let promise = &certificate.promise;
    let _ = match (outcome.end, &outcome.broken) {
        (_, Some(broken)) => writeln!(text, "BROKEN       {broken}"),
        ("target-reached", _) => writeln!(
            text,
            "held         below the envelope at every iterate, {} of the start reached in {} of {}",
            promise.target,
            outcome.iterations,
            count(promise.iterations, "step")
        ),
        ("precision-lost", _) => writeln!(
            text,
            "open         rounding is no longer small against the loss: nothing is promised from here on"
        ),
        _ => writeln!(text, "open         held so far"),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No certificate that is proved again is known to be broken: what would be said of one.
    #[test]
    fn what_is_too_much_is_named_with_what_allows_it() {
        let size = Size::of([400, 74, 1_200_000, 8], 10_000);
        let realised = RecipeKind::Realised;
        let words = allowance(&size, realised, 1.0, f64::INFINITY);
        assert!(
            words.starts_with("--max-gib ") && !words.contains("--max-hours"),
            "{words}"
        );
        let words = allowance(&size, realised, f64::INFINITY, 0.5);
        let hours = words
            .strip_prefix("--max-hours ")
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        assert!(hours.parse::<f64>().unwrap() >= size.hours, "{words}");
        let both = allowance(&size, realised, 1.0, 0.5);
        assert!(both.contains(" with --max-hours") && !both.contains("--realised"));
        assert!(allowance(&size, RecipeKind::APriori, 1.0, 0.5).contains("--realised"));
    }

    #[test]
    fn a_broken_promise_has_its_own_status() {
        assert_eq!(exit_status(TrainingEnd::TargetReached), 0);
        assert_eq!(exit_status(TrainingEnd::Broken), 1);
        for end in [
            TrainingEnd::Iterations,
            TrainingEnd::Stopped,
            TrainingEnd::PrecisionLost,
        ] {
            assert_eq!(exit_status(end), 3);
        }
    }
}
