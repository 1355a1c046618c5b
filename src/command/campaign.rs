//! Running the claims on the data asked for.

use super::arguments::DataOptions;
use super::output::Output;
use super::points::hint;
use super::{CampaignOptions, Failure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polyak::campaign::{Campaign, Shard};
use polyak::claims::{Claim, data_instances};
use polyak::data::{Dataset, Preparation, digits, prepare, read_table_with};
use polyak::kernel::{KernelName, KernelSpec};
use polyak::recipe::DataSource;
use polyak::report::{ClaimEntry, DataEntry, Report, Run, to_json};
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;

/// The name of an array, and nothing that it could be in.
pub const NO_ARCHIVE: Failure = Failure::Idle {
    option: "--array",
    why: "needs an archive of --data",
};

/// What of a campaign is run, and what is known of it already.
#[derive(Default)]
pub struct Part<'a> {
    /// One of several parts.
    pub shard: Option<Shard>,
    /// A report to take claims from, if it is of the same run.
    pub known: Option<Report>,
    /// Where the report goes after every claim.
    pub kept: Option<&'a Output>,
}

/// Loads the data, then runs every claim; `accept` may refuse before the long run.
pub fn run(
    options: &CampaignOptions,
    claims: &[&Claim],
    part: &Part,
    accept: impl FnOnce(&Run) -> Result<(), Failure>,
) -> Result<Report, Failure> {
    let data = load(&options.data, options.seed)?;
    let kernel = resolve(&options.data.kernel, &data)?;
    let mut run = describe(options, &data, kernel);
    run.shard = part.shard;
    accept(&run)?;
    let known = known_claims(part, &run)?;
    let earlier = part
        .known
        .as_ref()
        .map_or("", |known| &known.instruction_set);
    let found = |entries| Report::of_entries(run.clone(), entries).also_on(earlier);
    let shard = part.shard.unwrap_or(Shard::WHOLE);
    let campaign = Campaign {
        seed: options.seed,
        cases: options.effort.cases(),
    };
    let bar = progress(0);
    let mut entries: Vec<ClaimEntry> = Vec::with_capacity(claims.len());
    for claim in claims {
        bar.set_message(claim.id);
        if let Some(entry) = known.iter().find(|entry| entry.id == claim.id) {
            entries.push(entry.clone());
            continue;
        }
        let instances = match shard.is_first() {
            true => data_instances(claim, &data, kernel, options.seed),
            false => Ok(Vec::new()),
        };
        let instances = instances.map_err(|cause| Failure::Instance {
            file: data.name.clone(),
            cause,
        })?;
        let cases = claim.regime.cases(campaign.cases).div_ceil(shard.count());
        bar.inc_length(u64::from(cases) + (instances.len() + claim.sharp().len()) as u64);
        let report = campaign.run_part(shard, claim, &instances, &|| bar.inc(1));
        entries.push(ClaimEntry::from(&report));
        if let Some(kept) = part.kept {
            let so_far = found(entries.clone()).so_far();
            kept.write(to_json(&so_far).as_bytes())?;
        }
    }
    bar.finish_and_clear();
    Ok(found(entries))
}

/// The claims of an earlier report of the same run.
fn known_claims(part: &Part, run: &Run) -> Result<Vec<ClaimEntry>, Failure> {
    let Some(known) = &part.known else {
        return Ok(Vec::new());
    };
    if known.run != *run || known.version != env!("CARGO_PKG_VERSION") {
        return Err(Failure::OtherRun);
    }
    Ok(known.claims.clone())
}

/// Reads the data, or a sub-sample of the digits.
pub fn load(options: &DataOptions, seed: u64) -> Result<Dataset, Failure> {
    load_source(&source(options, seed)?)
}

/// What identifies the data asked for.
pub fn source(options: &DataOptions, seed: u64) -> Result<DataSource, Failure> {
    let name = |file: &PathBuf| {
        let name = file.to_str().map(str::to_owned);
        name.ok_or_else(|| Failure::NotUtf8 {
            file: file.display().to_string(),
        })
    };
    if options.data.is_none() && options.array.array.is_some() {
        return Err(NO_ARCHIVE);
    }
    Ok(DataSource {
        file: options.data.as_ref().map(name).transpose()?,
        array: options.array.array.clone(),
        target: options.target.clone(),
        max_samples: options.max_samples as usize,
        seed,
    })
}

/// Reads the data that a source names.
pub fn load_source(source: &DataSource) -> Result<Dataset, Failure> {
    let Some(file) = &source.file else {
        return Ok(digits().subsample(source.max_samples, source.seed)?);
    };
    let target = source.target.as_deref().unwrap_or("LAST");
    let preparation = Preparation {
        target: target.parse().unwrap_or_else(|never| match never {}),
        max_samples: Some(source.max_samples),
        seed: source.seed,
        ..Preparation::default()
    };
    let table = read_table_with(file.as_ref(), source.array.as_deref())?;
    let mut data = prepare(&table, &preparation)?;
    data.notes.extend(hint(&table));
    Ok(data)
}

/// The kernel, with its bandwidth found on the data.
pub fn resolve(kernel: &KernelName, data: &Dataset) -> Result<KernelSpec, Failure> {
    let resolved = kernel.resolve(&data.inputs);
    resolved.map_err(|cause| Failure::Kernel {
        file: data.name.clone(),
        cause,
    })
}

/// What was done to the data, and where the bandwidth comes from.
pub fn notes(data: &Dataset, kernel: &KernelName) -> Vec<String> {
    let origin = kernel.origin(data.samples());
    data.notes.iter().cloned().chain(origin).collect()
}

fn describe(options: &CampaignOptions, data: &Dataset, kernel: KernelSpec) -> Run {
    let wanted = &options.data;
    let mut data_notes = notes(data, &wanted.kernel);
    data_notes.extend(equal_inputs(data));
    Run {
        seed: options.seed,
        effort: options.effort,
        shard: None,
        selection: options.family.clone(),
        data: DataEntry {
            file: wanted.data.as_ref().map(|file| file.display().to_string()),
            array: wanted.array.array.clone(),
            target: wanted.target.clone(),
            samples: data.samples(),
            inputs: data.input_dimension(),
            targets: data.target_dimension(),
            max_samples: wanted.max_samples as usize,
            kernel: wanted.kernel.to_string(),
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
            "rows {one} and {other} of {name} have equal inputs, as standardised, and different targets: \
             no function fits both, and {consequence}"
        ));
    }
    let (one, other) = data.duplicate_pair()?;
    Some(format!(
        "rows {one} and {other} of {name} have equal inputs, as standardised: {consequence}"
    ))
}

/// A bar on the standard error, if that is a terminal.
pub fn progress(length: u64) -> ProgressBar {
    let target = if stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}");
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
