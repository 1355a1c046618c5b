//! `polyak recipe`: a network for given data, and a guarantee of its training.

mod page;

use super::arguments::{Model, Recipe};
use super::campaign::{load, notes, resolve, source};
use super::failure::Failure;
use super::interrupt::{Said, attended, listen};
use super::mean_field_recipe;
use super::output::{Results, document, stamped_document};
use super::points::noted;
use super::running::Running;
use super::sheet::{Row, lines, row};
use super::train::allowance;
use crate::recipe::{Plan, RecipeError, Side, Size, SoFar, Stated, TrainingCertificate};
use crate::spectrum::certificate::{decimal_above, decimal_below};
use crate::text;
use crate::text::count;
use crate::watch::Stopped;
use std::fmt::Write;
use std::path::Path;

/// Significant digits of a proved number.
const PLACES: usize = 7;

/// Reads, computes, prints.
pub fn run(options: &Recipe) -> Result<u8, Failure> {
    let inputs: Vec<&Path> = options.data.data.as_deref().into_iter().collect();
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    require_sense(options)?;
    let running = Running::start("recipe", None);
    if options.model == Model::Meanfield {
        let made = mean_field_recipe::recipe(options, &running)?;
        drop(running);
        results.present(
            &mean_field_recipe::advice(&made),
            || mean_field_recipe::text(&made),
            || mean_field_recipe::sheet(&made),
            || stamped_document(&made),
        )?;
    } else {
        let certificate = certificate(options, &running)?;
        drop(running);
        results.present(
            &page::advice(&certificate),
            || text(&certificate),
            || page::sheet(&certificate),
            || document(&certificate),
        )?;
    }
    Ok(0)
}

/// Refuses what takes more bytes, as estimated, than a limit of the process leaves.
pub fn require_memory(what: impl Into<String>, bytes: f64) -> Result<(), Failure> {
    // Where it is no number of bytes the conversion takes the largest.
    crate::memory::require(bytes as usize).map_err(|shortage| Failure::Memory {
        what: what.into(),
        shortage,
    })
}

/// Refuses matrices of so many numbers in all that they do not fit.
pub fn require_room(what: String, shape: [usize; 2]) -> Result<(), Failure> {
    let [rows, columns] = shape.map(|n| n as f64);
    let bytes = rows * columns * 8.0;
    let (gib, most) = (bytes / (1u64 << 30) as f64, super::train::MOST_GIB);
    if gib <= most {
        require_memory(what, bytes)
    } else {
        Err(Failure::TooLarge { what, gib, most })
    }
}

/// Refuses options that the network asked for does not have.
fn require_sense(options: &Recipe) -> Result<(), Failure> {
    const OF_PARTICLES: &str = "is an option of --model meanfield";
    const OF_RESIDUALS: &str = "is no option of --model meanfield";
    let of_particles = [("--width", options.width.is_some())];
    let of_residuals = [
        ("--realised", options.realised),
        ("--headroom", options.headroom.is_some()),
        ("--loss", options.loss.is_some()),
    ];
    let (others, why): (&[_], _) = match options.model {
        Model::Meanfield => (&of_residuals, OF_RESIDUALS),
        Model::Residual => (&of_particles, OF_PARTICLES),
    };
    if let Some(&(option, _)) = others.iter().find(|(_, given)| *given) {
        return Err(Failure::Idle { option, why });
    }
    match options.headroom {
        Some(given) if !(given >= 1.0 && given.is_finite()) => Err(Failure::Headroom { given }),
        _ => Ok(()),
    }
}

fn certificate(options: &Recipe, running: &Running) -> Result<TrainingCertificate, Failure> {
    let data = load(&options.data, options.seed)?;
    let kernel = resolve(&options.data.kernel, &data)?;
    let source = source(&options.data, options.seed)?;
    let notes = notes(&data, &options.data.kernel);
    let plan = Plan {
        depth: options.depth as usize,
        seed: options.seed,
        ..Plan::default()
    };
    let plan = Plan {
        headroom: options.headroom,
        target: options.loss.unwrap_or(plan.target),
        ..plan
    };
    let file = data.name.clone();
    let refused = |cause| Failure::Recipe { file, cause };
    if !options.realised {
        let failure = options.failure;
        let made = made(running, move |say| {
            say("bounding the width that λ_min(K) needs".to_owned());
            Ok(plan.a_priori(&data, source, kernel, failure))
        })?;
        let mut certificate = made.map_err(refused)?;
        certificate.data.notes = notes;
        return Ok(certificate);
    }
    let chosen = options.frequencies.map(|m| m as usize);
    let frequencies = chosen.unwrap_or(Plan::usual_frequencies(data.samples()));
    let state = data.input_dimension() + data.target_dimension();
    let shape = [data.samples(), state, frequencies];
    require_room(
        format!("{}: a network of so many frequencies", data.name),
        Plan::realised_room(shape),
    )?;
    running.announce("certifying what was drawn", Plan::realised_cost(shape));
    let stop = listen(WORD)?;
    let made = made(running, move |say| {
        let seen = |known: SoFar| say(known.to_string());
        match plan.realised_watched(&data, source, kernel, frequencies, &seen, &stop) {
            Err(RecipeError::Stopped(stopped)) => Err(stopped),
            made => Ok(made),
        }
    })?;
    let mut certificate = made.map_err(refused)?;
    certificate.data.notes = notes;
    Ok(certificate)
}

/// What is said of the first signal.
const WORD: &str = "ending with what is known";

/// Makes a recipe on a thread of its own, which says what it does and what it knows.
pub fn made<T: Send + 'static>(
    running: &Running,
    work: impl FnOnce(&dyn Fn(String)) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Failure> {
    let (said, bar) = (Said::new(String::new()), running.bar().clone());
    let words = said.clone();
    let work = move || {
        work(&|known| {
            bar.set_message(known.clone());
            words.say(known);
        })
    };
    match attended(&listen(WORD)?, work)? {
        Some(Ok(made)) => Ok(made),
        Some(Err(Stopped)) | None => Err(Failure::Interrupted { known: said.last() }),
    }
}

/// What is proved, with the reasons.
fn proved(certificate: &TrainingCertificate) -> Vec<Row> {
    let line = |(name, side, stated): (&str, Side, &Stated)| {
        // What is proved is rounded to its own side.
        let value = match side {
            Side::AtLeast => decimal_below(stated.value, PLACES),
            Side::AtMost => decimal_above(stated.value, PLACES),
        };
        row(name, format!("{side} {value}"), &*stated.source)
    };
    certificate.stated().map(line).to_vec()
}

/// The certificate in words.
fn text(certificate: &TrainingCertificate) -> String {
    let (data, architecture) = (&certificate.data, &certificate.architecture);
    let (constants, scale) = (&certificate.constants, &certificate.scale);
    let file = match &data.source.file {
        None => "the digits",
        file => text::source(file.as_deref()),
    };
    let kind = certificate.kind;
    let mut text = format!(
        "recipe, {kind}: {} of {file}, {}, {}, kernel {}\n\
         {}network      {}, seed {}, {} of states (x, 0) in dimension {}\n",
        count(data.samples, "sample"),
        count(data.inputs, "input"),
        count(data.targets, "target"),
        architecture.kernel,
        noted(&data.notes),
        count(architecture.frequencies, "frequency"),
        architecture.seed,
        count(architecture.depth, "layer"),
        data.inputs + data.targets,
    );
    if let Some(probability) = &certificate.probability {
        let _ = writeln!(
            text,
            "probability  the constants hold of the network drawn, but with probability {:e}; width by {}",
            probability.failure, probability.bound
        );
    }
    text += &lines(&proved(certificate), [12, 16]);
    let promise = &certificate.promise;
    let _ = write!(
        text,
        "scale        α = {:.6e}, {} times the smallest, α* = {:.6e} (c = {}, at R = {:.4e})\n\
         training     step {:.6e}, c = 1 − βη/2 = {:.6}, radius {}\n",
        scale.chosen,
        scale.chosen / scale.smallest,
        scale.smallest,
        scale.step_margin,
        scale.radius,
        promise.step,
        promise.step_margin,
        decimal_above(promise.radius, PLACES),
    );
    let (target, steps) = (promise.target, count(promise.iterations, "step"));
    let rate = decimal_below(promise.rate, 5);
    let _ = match &promise.filtered {
        None => writeln!(
            text,
            "promise      the loss falls by a share of {rate} a step at least: to {target} of its start in at most {steps} (P8)"
        ),
        Some(filtered) if filtered.iterations == promise.iterations => writeln!(
            text,
            "promise      the loss falls to {target} of its start in at most {steps}, each off by {:.1e} at most (P8b.filtered);\n\
             \x20            from there by a share of {rate} a step at least, to zero (P8b.resumed)",
            filtered.rounding
        ),
        Some(filtered) => writeln!(
            text,
            "promise      the loss falls to {target} of its start in at most {steps}: in {} of them, each off by {:.1e} at most, to {:.1e} (P8b.filtered),\n\
             \x20            from there by a share of {rate} a step at least, to zero (P8b.resumed)",
            filtered.iterations,
            filtered.rounding,
            filtered.error.value.powi(2)
                / (2.0 * data.samples as f64 * constants.initial_loss.value),
        ),
    };
    let size = Size::of_certificate(certificate);
    let _ = writeln!(
        text,
        "estimate     {:.2} GiB and {:.3} hours for all these steps",
        size.gib, size.hours
    );
    if let Err(refusal) = size.require(super::train::MOST_GIB, super::train::MOST_HOURS) {
        let (gib, hours) = (super::train::MOST_GIB, super::train::MOST_HOURS);
        let allowance = allowance(&size, certificate.kind, gib, hours);
        let _ = writeln!(
            text,
            "             `polyak train` refuses it: {refusal}; {allowance}"
        );
    }
    text
}
