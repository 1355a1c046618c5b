//! Running the claims on the data asked for.

use super::arguments::DataOptions;
use super::interrupt::{heard, listen};
use super::output::{Output, say};
use super::points::hint;
use super::recipe::require_memory;
use super::running::{Running, Watched};
use super::{CampaignOptions, Failure};
use crate::campaign::{Campaign, ClaimReport, Shard};
use crate::data::{Dataset, Preparation, digits, prepare, read_table_with};
use crate::kernel::{KernelName, KernelSpec};
use crate::recipe::DataSource;
use crate::report::{ClaimEntry, DataEntry, Layout, Report, Run, claim_text, heading, to_json};
use crate::theorem::{Claim, SensitivityError};
use crate::watch::Watch;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::Builder;

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
    /// How claims are printed as they are known; if not, nothing is before the end.
    pub shown: Option<Layout>,
    /// Whether factors are changed, to see which of the claims notice.
    pub factors: bool,
    /// What the same claims on the same data found under another seed: what no seed decides is taken from there.
    pub earlier: Option<Arc<Vec<ClaimReport>>>,
}

/// What became of a campaign.
pub struct Ran {
    /// All of it, or what was known when it was interrupted.
    pub report: Report,
    /// How many claims there were to run, if it was interrupted.
    pub interrupted: Option<usize>,
    /// What was run, before it became entries of the report.
    pub claims: Vec<ClaimReport>,
}

/// What is heard of a campaign that runs beside.
enum News {
    Claim(Box<ClaimReport>),
    Failed(Failure),
}

/// Multiplications of a random case with its share of controls and pinned instances: measured over all claims.
const CASE: f64 = 3e7;

/// The seed of sub-samples, and of what is drawn on them, whatever the seed of the run: hypotheses hold of data or do not,
/// and no law says how often they hold of a sub-sample.
const DATA: u64 = 0;

/// Loads the data, then runs every claim; `accept` may refuse before the long run.
///
/// The claims run on a thread of their own, which is left behind if it does not notice in time that the run was
/// interrupted.
pub fn run(
    options: &CampaignOptions,
    claims: &[&'static dyn Claim],
    part: &Part,
    accept: impl FnOnce(&Run) -> Result<(), Failure>,
) -> Result<Ran, Failure> {
    let data = load(&options.data, DATA)?;
    let kernel = resolve(&options.data.kernel, &data)?;
    let shard = part.shard.unwrap_or(Shard::WHOLE);
    let mut run = describe(options, &data, kernel);
    run.shard = part.shard;
    let plan = |claim: &'static dyn Claim| {
        let plan = claim.on_data(&data, kernel, DATA);
        shard.is_first().then_some(plan)
    };
    let plans = claims.iter().filter_map(|claim| plan(*claim));
    run.data_notes
        .extend(plans.flat_map(|plan| plan.notes().map(str::to_owned).collect::<Vec<_>>()));
    accept(&run)?;
    let known = known_claims(part, &run)?;
    let earlier = part
        .known
        .as_ref()
        .map_or("", |known| &known.instruction_set);
    let of = |id: &str| known.iter().find(|entry| entry.id == id).cloned();
    let campaign = Campaign {
        seed: options.seed,
        cases: options.effort.cases(),
    };
    let left: Vec<&'static dyn Claim> = claims
        .iter()
        .copied()
        .filter(|claim| of(claim.id()).is_none())
        .collect();
    let (mut units, mut work, mut bytes) = (0, 0.0, 0.0_f64);
    let of_earlier = {
        let earlier = part.earlier.clone();
        move |id: &str| {
            let all = earlier.iter().flat_map(|all| all.iter());
            all.clone().find(|found| found.id == id).cloned()
        }
    };
    for &claim in &left {
        if of_earlier(claim.id()).is_some() {
            let own = campaign.units_again(claim);
            units += own;
            work += own as f64 * CASE;
            continue;
        }
        let plan = plan(claim);
        let data = plan.as_ref().map_or(0, |plan| plan.instances());
        let own = campaign.units(shard, claim, data);
        units += own;
        work += own as f64 * CASE + plan.as_ref().map_or(0.0, |plan| plan.work());
        bytes = bytes.max(plan.map_or(0.0, |plan| plan.bytes()));
    }
    require_memory("training on these data", bytes)?;
    let stop = listen("ending with what is known")?;
    let running = Running::start("verify", Some(units));
    running.announce("this run", work);
    let mut report = Report::of_entries(run, Vec::new()).also_on(earlier);
    let show = |text: String| match part.shown {
        Some(_) => running.above(|| say(&text)),
        None => Ok(()),
    };
    let layout = part.shown.unwrap_or(Layout::PLAIN);
    show(heading(layout, &report))?;
    let watched = Watched::new(&running, &stop);
    let (told, news) = channel();
    let try_factors = part.factors;
    let work = move || {
        for claim in left {
            watched.say(claim.id());
            if let Some(earlier) = of_earlier(claim.id()) {
                let Ok(ran) = campaign.run_again(claim, &earlier, &watched) else {
                    return;
                };
                if told.send(News::Claim(Box::new(ran))).is_err() {
                    return;
                }
                continue;
            }
            let instances = match shard.is_first() {
                true => claim.on_data(&data, kernel, DATA).build(),
                false => Ok(Vec::new()),
            };
            let ran = match instances {
                Ok(instances) => campaign.run_part(shard, claim, &instances, &watched),
                Err(cause) => {
                    let file = data.name.clone();
                    let _ = told.send(News::Failed(Failure::Instance { file, cause }));
                    return;
                }
            };
            let Ok(mut ran) = ran else { return };
            if try_factors {
                match claim.sensitivities(&watched) {
                    Ok(found) => ran.sensitivities = found,
                    Err(SensitivityError::Stopped(_)) => return,
                    Err(SensitivityError::Trial(cause)) => {
                        let _ = told.send(News::Failed(Failure::Trial { cause }));
                        return;
                    }
                }
            }
            // Whoever does not listen has been interrupted.
            if told.send(News::Claim(Box::new(ran))).is_err() {
                return;
            }
        }
    };
    let worker = Builder::new().name("campaign".to_owned()).spawn(work);
    let worker = worker.map_err(|cause| Failure::Thread { cause })?;
    let mut ran = Vec::new();
    for claim in claims {
        let entry = match of(claim.id()) {
            Some(entry) => entry,
            None => match heard(&news, &stop) {
                Some(News::Claim(report)) => {
                    let entry = (&*report).into();
                    ran.push(*report);
                    entry
                }
                Some(News::Failed(failure)) => return Err(failure),
                None if stop.is_stopped() => {
                    let interrupted = Some(claims.len());
                    let report = in_order(report, claims, &known).so_far();
                    return Ok(Ran {
                        report,
                        interrupted,
                        claims: ran,
                    });
                }
                None => match worker.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => unreachable!("a campaign that is not stopped runs every claim"),
                },
            },
        };
        report.claims.push(entry);
        if let Some(entry) = report.claims.last() {
            show(claim_text(layout, &report, entry))?;
        }
        if let Some(kept) = part.kept {
            let so_far = in_order(report.clone(), claims, &known).so_far();
            kept.write(to_json(&so_far).as_bytes())?;
        }
    }
    drop(running);
    Ok(Ran {
        report: Report::of_entries(report.run, report.claims).also_on(earlier),
        interrupted: None,
        claims: ran,
    })
}

/// Adds the claims of an earlier report that come later, so that none is lost: in the order of the theory.
fn in_order(mut report: Report, claims: &[&dyn Claim], known: &[ClaimEntry]) -> Report {
    let there = |entries: &[ClaimEntry], id: &str| entries.iter().find(|e| e.id == id).cloned();
    let all = claims
        .iter()
        .filter_map(|claim| there(&report.claims, claim.id()).or_else(|| there(known, claim.id())));
    report.claims = all.collect();
    report
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
