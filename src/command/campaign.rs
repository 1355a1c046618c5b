//! Running the claims on the data asked for.

use super::{CampaignOptions, Failure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polyak::campaign::Campaign;
use polyak::claims::{Claim, data_instances};
use polyak::data::{Dataset, Preparation, digits, read_dataset};
use polyak::kernel::KernelSpec;
use polyak::report::{DataEntry, Report, Run};
use std::io::{IsTerminal, stderr};

/// Loads the data, then runs every claim; `accept` may refuse before the long run.
pub fn run(
    options: &CampaignOptions,
    claims: &[&Claim],
    accept: impl FnOnce(&Run) -> Result<(), Failure>,
) -> Result<Report, Failure> {
    let data = load(options)?;
    let kernel = resolve(options, &data)?;
    let run = describe(options, &data, kernel);
    accept(&run)?;
    let campaign = Campaign {
        seed: options.seed,
        cases: options.effort.cases(),
    };
    let bar = progress(claims.len() as u64 * u64::from(campaign.cases));
    let mut reports = Vec::with_capacity(claims.len());
    for claim in claims {
        bar.set_message(claim.id);
        let instances = data_instances(claim, &data, kernel, options.seed).map_err(|cause| {
            Failure::Instance {
                file: data.name.clone(),
                cause,
            }
        })?;
        bar.inc_length((instances.len() + (claim.sharp)().len()) as u64);
        reports.push(campaign.run(claim, &instances, &|| bar.inc(1)));
    }
    bar.finish_and_clear();
    Ok(Report::new(run, &reports))
}

fn load(options: &CampaignOptions) -> Result<Dataset, Failure> {
    let most = options.max_samples as usize;
    let Some(file) = &options.data else {
        return Ok(digits().subsample(most, options.seed)?);
    };
    let target = options.target.as_deref().unwrap_or("LAST");
    let preparation = Preparation {
        target: target.parse().unwrap_or_else(|never| match never {}),
        max_samples: Some(most),
        seed: options.seed,
        ..Preparation::default()
    };
    Ok(read_dataset(file, &preparation)?)
}

fn resolve(options: &CampaignOptions, data: &Dataset) -> Result<KernelSpec, Failure> {
    let resolved = options.kernel.resolve(&data.inputs);
    resolved.map_err(|cause| Failure::Kernel {
        file: data.name.clone(),
        cause,
    })
}

fn describe(options: &CampaignOptions, data: &Dataset, kernel: KernelSpec) -> Run {
    let mut data_notes = data.notes.clone();
    data_notes.extend(equal_inputs(data));
    Run {
        seed: options.seed,
        effort: options.effort,
        selection: options.family.clone(),
        data: DataEntry {
            file: options.data.as_ref().map(|file| file.display().to_string()),
            target: options.target.clone(),
            samples: data.samples(),
            inputs: data.input_dimension(),
            targets: data.target_dimension(),
            max_samples: options.max_samples as usize,
            kernel: options.kernel.to_string(),
            resolved_kernel: kernel.to_string(),
        },
        data_notes,
    }
}

/// The hypothesis that fails when two inputs are equal, naming the rows.
fn equal_inputs(data: &Dataset) -> Option<String> {
    let consequence = "every Gram matrix of the data is singular: claims that need distinct \
                       inputs are vacuous or inapplicable on them; remove one of the rows";
    let name = &data.name;
    if let Some((one, other)) = data.conflicting_pair() {
        return Some(format!(
            "rows {one} and {other} of {name} have equal inputs and different targets: \
             no function fits both, and {consequence}"
        ));
    }
    let (one, other) = data.duplicate_pair()?;
    Some(format!(
        "rows {one} and {other} of {name} have equal inputs: {consequence}"
    ))
}

/// A bar on the standard error, if that is a terminal.
fn progress(length: u64) -> ProgressBar {
    let target = if stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}");
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
