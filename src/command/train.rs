//! `polyak train`: training by a recipe, or on from a network of another program, held to its promise.

mod from;
mod outcome;
mod page;

use super::arguments::Train;
use super::campaign::load_source;
use super::failure::Failure;
use super::input;
use super::interrupt::{INTERRUPTED, Said, attended, listen};
use super::output::{Output, Results, document, remark};
use super::recipe::require_memory;
use super::running::Running;
use crate::data::{Dataset, read_bytes};
use crate::kernel::Kernel;
use crate::recipe::{
    RecipeKind, SCHEMA, Size, Training, TrainingCertificate, TrainingEnd, TrainingProgress,
    recheck_cost, recheck_watched,
};
use crate::spectrum::certificate::decimal_above;
use crate::text::count;
use crate::watch::{Stop, Watch};
use indicatif::ProgressBar;
use outcome::{Outcome, Promised, exit_status};
use page::Start;
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

/// Trains by a recipe, or on from a network of another program.
pub fn run(options: &Train) -> Result<u8, Failure> {
    match (&options.recipe, &options.from) {
        (Some(recipe), _) => by_recipe(options, recipe),
        (None, Some(network)) => from::run(options, network),
        (None, None) => unreachable!("the parser asks for one of them"),
    }
}

/// Reads, checks again, trains, prints.
fn by_recipe(options: &Train, recipe: &Path) -> Result<u8, Failure> {
    let file = input::named(recipe);
    let certificate = read(recipe)?;
    let data = certificate.data.source.file.as_deref().map(Path::new);
    let mut inputs: Vec<&Path> = data.into_iter().chain([recipe]).collect();
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
    let promise = &training.certificate().promise;
    let promised = Promised {
        iterations: Some(promise.iterations),
        rate: Some(promise.guaranteed_rate()),
        target: promise.target,
    };
    let outcome = Outcome::new(training.descent(), promised, end, data.notes.clone());
    let steps = training.losses().len() - before.max(1);
    let start = start(training.certificate());
    results.present(
        &page::advice(&outcome, &start),
        || {
            let proved = format!("proved again in {:.2} s", checked.as_secs_f64());
            let found = outcome.text(promised.target, trained, steps);
            format!("{}certificate  {proved}\n{found}", outcome.noted())
        },
        || page::sheet(&outcome, training.descent(), promised, start),
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

/// What a recipe starts from, in words.
fn start(certificate: &TrainingCertificate) -> Start {
    let architecture = &certificate.architecture;
    Start {
        checked: format!(
            "A network with {} and {} was trained on {}, by a certificate that was proved again before.",
            count(architecture.depth, "layer"),
            count(architecture.frequencies, "random frequency"),
            count(certificate.data.samples, "sample")
        ),
        next: [
            "Keep the recipe and report it: this must not happen.",
            "Ask the recipe for a larger --loss, which is reached earlier.",
            "Go on with the same command and --checkpoint FILE.",
        ],
        asked: vec![
            ("Kernel", architecture.kernel.to_string()),
            ("Seed", architecture.seed.to_string()),
            ("Step", format!("{:e}", certificate.promise.step)),
        ],
        sections: Vec::new(),
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
            show(bar, now);
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

/// Shows where a training is.
fn show(bar: &ProgressBar, now: &TrainingProgress) {
    bar.set_position(now.iteration);
    bar.set_message(format!(
        "loss {:.3e} ≤ {}",
        now.loss.mid(),
        decimal_above(now.bound, 4)
    ));
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
}
