//! `polyak recipe`: a network for given data, and a guarantee of its training.

use super::arguments::{Model, Recipe};
use super::campaign::{load, resolve, source};
use super::failure::Failure;
use super::mean_field_recipe;
use super::output::{Results, document};
use polyak::recipe::{Certificate, Kind, Plan, Size, Stated};
use std::fmt::Write;
use std::path::Path;

/// Frequencies of a realised recipe if nothing is said, or twice the samples.
const FREQUENCIES: usize = 500;

/// Reads, computes, prints.
pub fn run(options: &Recipe) -> Result<u8, Failure> {
    let inputs: Vec<&Path> = options.data.data.as_deref().into_iter().collect();
    let results = Results::try_new(options.json.as_deref(), &inputs)?;
    if options.model == Model::Meanfield {
        let recipe = mean_field_recipe::recipe(options)?;
        results.deliver(|| mean_field_recipe::text(&recipe), || document(&recipe))?;
    } else {
        let certificate = certificate(options)?;
        results.deliver(|| text(&certificate), || document(&certificate))?;
    }
    Ok(0)
}

fn certificate(options: &Recipe) -> Result<Certificate, Failure> {
    let data = load(&options.data, options.seed)?;
    let kernel = resolve(&options.data, &data)?;
    let source = source(&options.data, options.seed);
    let plan = Plan {
        depth: options.depth as usize,
        headroom: options.headroom,
        target: options.loss,
        seed: options.seed,
        ..Plan::default()
    };
    if !options.realised {
        return Ok(plan.a_priori(&data, source, kernel, options.failure)?);
    }
    let chosen = options.frequencies.map(|m| m as usize);
    let frequencies = chosen.unwrap_or(FREQUENCIES.max(2 * data.samples()));
    Ok(plan.realised(&data, source, kernel, frequencies)?)
}

/// The certificate in words.
fn text(certificate: &Certificate) -> String {
    let (data, architecture) = (&certificate.data, &certificate.architecture);
    let (constants, scale) = (&certificate.constants, &certificate.scale);
    let file = data.source.file.as_deref().unwrap_or("the digits");
    let kind = match certificate.kind {
        Kind::APriori => "a priori",
        Kind::Realised => "realised",
    };
    let mut text = format!(
        "recipe, {kind}: {} samples of {file}, {} inputs, {} targets, kernel {}\n\
         network      {} frequencies, seed {}, {} layers of states (x, 0) in dimension {}\n",
        data.samples,
        data.inputs,
        data.targets,
        architecture.kernel,
        architecture.frequencies,
        architecture.seed,
        architecture.depth,
        data.inputs + data.targets,
    );
    if let Some(probability) = &certificate.probability {
        let _ = writeln!(
            text,
            "probability  the constants hold of the network drawn with probability {}; width by {}",
            1.0 - probability.failure,
            probability.bound
        );
    }
    let mut line = |name: &str, sign: &str, stated: &Stated| {
        let value = format!("{:.6e}", stated.value);
        let _ = writeln!(text, "{name:<12} {sign} {value:<14} {}", stated.source);
    };
    line("λ_min(K̂)", "≥", &constants.gram_smallest);
    line("λ_max(K̂)", "≤", &constants.gram_largest);
    line("κ̂0", "≤", &constants.kappa0);
    line("κ̂1", "≤", &constants.kappa1);
    line("κ̂2", "≤", &constants.kappa2);
    line("L(0)", "≤", &constants.initial_loss);
    line("R", "≤", &constants.largest_radius);
    let promise = &certificate.promise;
    line("m", "≥", &promise.pl_constant);
    line("β", "≤", &promise.smoothness);
    let _ = write!(
        text,
        "scale        α = {:.6e}, {} times the smallest, α* = {:.6e} (c = {}, at R = {:.4e})\n\
         training     step {:.6e}, c = 1 − βη/2 = {:.6}, radius {:.6e}\n\
         promise      the loss falls by a share of {:.4e} a step at least: to {} of its start in at most {} steps\n",
        scale.chosen,
        scale.chosen / scale.smallest,
        scale.smallest,
        scale.step_margin,
        scale.radius,
        promise.step,
        promise.step_margin,
        promise.radius,
        promise.rate,
        promise.target,
        promise.iterations,
    );
    let size = Size::of_certificate(certificate);
    let _ = writeln!(
        text,
        "estimate     {:.2} GiB and {:.3} hours for all these steps",
        size.gib, size.hours
    );
    if let Err(refusal) = size.require(super::train::MOST_GIB, super::train::MOST_HOURS) {
        let _ = writeln!(text, "             `polyak train` refuses it: {refusal}");
    }
    text
}
