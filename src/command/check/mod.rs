//! `polyak check`: what the theory says of networks that were trained elsewhere.

pub(super) mod data;
pub(super) mod document;
pub(super) mod page;
pub(super) mod words;

use super::arguments::Check;
use super::failure::Failure;
use super::input;
use super::interrupt::{INTERRUPTED, Said, attended, listen};
use super::output::{Output, Results, document as written, remark};
use super::recipe::require_memory;
use super::running::Running;
use crate::check::{
    CheckError, CheckedNetwork, Checkpoint, CheckpointOptions, Course, Diagnosis, DiagnosisOptions,
    checkpoints,
};
use crate::data::{Dataset, NamedArray, read_arrays};
use crate::text::count;
use crate::watch::{Stop, Watch};
use document::{Answer, csv};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// The exit status of networks of which nothing is promised, or that are not what their files say.
const OPEN: u8 = 3;

/// A network, and where it is from.
pub(super) struct Found {
    pub file: String,
    /// The place in the file, from 1; none, if it is alone there.
    pub time: Option<usize>,
    pub checkpoint: Checkpoint,
}

impl Found {
    /// The file, with the place in it.
    pub fn name(&self) -> String {
        match self.time {
            Some(time) => format!("{}, checkpoint {time}", self.file),
            None => self.file.clone(),
        }
    }
}

/// Reads, computes, prints.
pub fn run(options: &Check) -> Result<u8, Failure> {
    let mut inputs: Vec<&Path> = options.networks.iter().map(PathBuf::as_path).collect();
    inputs.push(options.sight.data());
    let (json, page) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(page, json, &inputs)?;
    let table = options.csv.as_deref();
    inputs.extend(json.into_iter().chain(page));
    let table = table
        .map(|file| Output::try_new(file, &inputs))
        .transpose()?;
    if table.as_ref().is_some_and(Output::is_stdout) {
        return Err(Failure::Idle {
            option: "--csv -",
            why: "would mix with what is printed: name a file",
        });
    }
    let start = Instant::now();
    let networks = networks(options)?;
    let [.., outputs] = networks[0].checkpoint.network.shape();
    let data = data::load(&options.sight, outputs)?;
    let (diagnoses, interrupted) = diagnoses(&networks, &data, options)?;
    let networks = &networks[..diagnoses.len()];
    let all: Vec<&CheckedNetwork> = networks
        .iter()
        .map(|found| &found.checkpoint.network)
        .collect();
    let course = Course::of(&all, &diagnoses).map_err(|(k, cause)| Failure::Check {
        file: networks[k].name(),
        cause,
    })?;
    let answer = Answer::new(
        options.sight.loss,
        networks,
        &data,
        &diagnoses,
        &course,
        start.elapsed(),
    );
    if let Some(table) = &table {
        table.write(csv(&answer).as_bytes())?;
    }
    results.present(
        &page::advice(&answer),
        || words::text(&answer, &course),
        || page::sheet(&answer),
        || written(&answer),
    )?;
    if let Some(all) = interrupted {
        let known = diagnoses.len();
        remark(&format!(
            "interrupted after {known} of {}",
            count(all, "checkpoint")
        ));
        return Ok(INTERRUPTED);
    }
    Ok(if answer.holds() { 0 } else { OPEN })
}

/// The networks of all files, in the order of time.
fn networks(options: &Check) -> Result<Vec<Found>, Failure> {
    let understood = CheckpointOptions::default()
        .with_scaling(options.sight.scale.clone())
        .with_activation(options.activation);
    let mut found = Vec::new();
    for path in &options.networks {
        found.extend(in_file(path, read_arrays(path)?, &understood)?);
    }
    // Before the long run.
    let first = &found[0].checkpoint.network;
    for other in &found {
        if let Some(array) = other.checkpoint.network.moved(first) {
            let (file, cause) = (other.name(), CheckError::Moved { array });
            return Err(Failure::Check { file, cause });
        }
    }
    Ok(found)
}

/// The networks that the arrays of a file are.
pub(super) fn in_file(
    path: &Path,
    arrays: Vec<NamedArray>,
    understood: &CheckpointOptions,
) -> Result<Vec<Found>, Failure> {
    let file = input::named(path);
    let refused = |cause| Failure::Check {
        file: file.clone(),
        cause,
    };
    let read = checkpoints(arrays, understood).map_err(refused)?;
    let several = read.len() > 1;
    let found = |(time, checkpoint)| Found {
        file: file.clone(),
        time: several.then_some(time + 1),
        checkpoint,
    };
    Ok(read.into_iter().enumerate().map(found).collect())
}

/// The diagnoses of all networks; of those that are done, and how many there are, if the run was interrupted.
fn diagnoses(
    networks: &[Found],
    data: &Dataset,
    options: &Check,
) -> Result<(Vec<Diagnosis>, Option<usize>), Failure> {
    let wanted = DiagnosisOptions::default()
        .with_largest_order(options.sight.max_order as usize)
        .with_steps(options.steps as usize);
    let first = &networks[0].checkpoint.network;
    let sizes = first.sizes(data.samples());
    let bytes = wanted.bytes(sizes);
    require_memory("checking these networks", bytes)?;
    let running = Running::start("check", Some(networks.len() as u64));
    let work = networks.len() as f64 * wanted.multiplications(sizes);
    running.announce_with("this check", work, bytes);
    let stop = listen("ending with the checkpoints that are done")?;
    let known: Said<Vec<Diagnosis>> = Said::new(Vec::new());
    let work = {
        let all: Vec<CheckedNetwork> = networks
            .iter()
            .map(|found| found.checkpoint.network.clone())
            .collect();
        let data = Arc::new(data.clone());
        let (known, bar, stop) = (known.clone(), running.bar().clone(), stop.clone());
        move || -> Result<(), (usize, CheckError)> {
            for (k, network) in all.iter().enumerate() {
                if stop.is_stopped() {
                    return Ok(());
                }
                let say = |what| bar.set_message(what);
                let found = network.diagnose(&data.inputs, &data.targets, &wanted, say);
                let found = found.map_err(|cause| (k, cause))?;
                known.change(|mut all| {
                    all.push(found);
                    all
                });
                bar.inc(1);
            }
            Ok(())
        }
    };
    let done = attended(&stop, work)?;
    drop(running);
    if let Some(Err((k, cause))) = done {
        let file = networks[k].name();
        return Err(Failure::Check { file, cause });
    }
    let known = known.last();
    ended(known, networks.len(), &stop)
}

/// What is known, and how many checkpoints there are if some are not.
fn ended(
    known: Vec<Diagnosis>,
    all: usize,
    stop: &Stop,
) -> Result<(Vec<Diagnosis>, Option<usize>), Failure> {
    if known.len() == all {
        return Ok((known, None));
    }
    debug_assert!(stop.is_stopped());
    if known.is_empty() {
        let known = "no checkpoint is checked".to_owned();
        return Err(Failure::Interrupted { known });
    }
    Ok((known, Some(all)))
}
