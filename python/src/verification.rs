//! Campaigns, their reports, and baselines.

use crate::claims::selected;
use crate::refusal::{Class, Refusal};
use crate::work::attended;
use polyak::campaign::{Campaign, Effort, Shard};
use polyak::data::digits;
use polyak::kernel::KernelName;
use polyak::report::{DataEntry, Report, Run, from_json, to_json, to_text};
use pyo3::prelude::*;

/// The seed of sub-samples, and of what is drawn on them: that of the command.
const DATA: u64 = 0;

/// What ends a run before its end: a wish, whose exception is raised instead, or a thread that does not start.
fn ended(cause: impl std::fmt::Display) -> Refusal {
    Refusal::new(Class::Thread, cause)
}

fn refused(cause: impl std::fmt::Display) -> Refusal {
    Refusal::new(Class::Option, cause)
}

/// Runs claims on the embedded digits, as `polyak verify` does, and returns the report as JSON.
#[pyfunction]
#[pyo3(signature = (names, effort, seed, samples, kernel, factors, shard=None, progress=None))]
#[expect(clippy::too_many_arguments, reason = "the Python half names them")]
pub fn verify(
    py: Python<'_>,
    names: Vec<String>,
    effort: String,
    seed: u64,
    samples: usize,
    kernel: String,
    factors: bool,
    shard: Option<String>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    attended(py, progress, move |desk| {
        let claims = selected(&names)?;
        let effort: Effort = effort.parse().map_err(refused)?;
        let part: Option<Shard> = shard
            .map(|text| text.parse())
            .transpose()
            .map_err(refused)?;
        let name: KernelName = kernel.parse()?;
        let data = digits().subsample(samples, DATA).map_err(refused)?;
        let resolved = name.resolve(&data.inputs)?;
        let shard = part.unwrap_or(Shard::WHOLE);
        let mut data_notes = data.notes.clone();
        data_notes.extend(name.origin(data.samples()));
        let mut entries = Vec::with_capacity(claims.len());
        let campaign = Campaign {
            seed,
            cases: effort.cases(),
        };
        let mut units = 0;
        for claim in &claims {
            let plan = shard
                .is_first()
                .then(|| claim.on_data(&data, resolved, DATA));
            let instances = plan.as_ref().map_or(0, |plan| plan.instances());
            units += campaign.units(shard, *claim, instances);
            data_notes.extend(plan.iter().flat_map(|plan| plan.notes()).map(str::to_owned));
        }
        desk.begin("instances and controls", units);
        for claim in &claims {
            let instances = match shard.is_first() {
                true => claim
                    .on_data(&data, resolved, DATA)
                    .build()
                    .map_err(refused)?,
                false => Vec::new(),
            };
            let ran = campaign.run_part(shard, *claim, &instances, &**desk);
            let mut ran = ran.map_err(ended)?;
            if factors && shard.is_first() {
                ran.sensitivities = claim.sensitivities(&**desk).map_err(ended)?;
            }
            entries.push((&ran).into());
        }
        let run = Run {
            seed,
            effort,
            shard: part,
            selection: names,
            data: DataEntry {
                file: None,
                array: None,
                target: None,
                samples: data.samples(),
                inputs: data.input_dimension(),
                targets: data.target_dimension(),
                max_samples: samples,
                kernel: name.to_string(),
                resolved_kernel: resolved.to_string(),
            },
            data_notes,
        };
        Ok(to_json(&Report::of_entries(run, entries)))
    })
}

fn read(file: &str, text: &str) -> Result<Report, Refusal> {
    let read = from_json(polyak::claims::registry(), file, text);
    read.map_err(|cause| Refusal::new(Class::Report, cause))
}

/// Reads a report, checks it against itself, and writes it again.
#[pyfunction]
pub fn read_report(py: Python<'_>, file: String, text: String) -> PyResult<String> {
    attended(py, None, move |_| Ok(to_json(&read(&file, &text)?)))
}

/// A report as text.
#[pyfunction]
pub fn report_text(py: Python<'_>, text: String) -> PyResult<String> {
    attended(py, None, move |_| Ok(to_text(&read("report", &text)?)))
}

/// Puts parts together.
#[pyfunction]
pub fn merge(py: Python<'_>, parts: Vec<(String, String)>) -> PyResult<String> {
    attended(py, None, move |_| {
        let parts = parts
            .into_iter()
            .map(|(name, text)| Ok((name.clone(), read(&name, &text)?)));
        let parts = parts.collect::<Result<Vec<_>, Refusal>>()?;
        let merged = polyak::report::merge(parts);
        let merged = merged.map_err(|cause| Refusal::new(Class::Report, cause))?;
        Ok(to_json(&merged))
    })
}

/// Compares a report with a baseline, and returns it with what was found.
#[pyfunction]
pub fn compare(py: Python<'_>, file: String, baseline: String, report: String) -> PyResult<String> {
    attended(py, None, move |_| {
        let (baseline, report) = (read(&file, &baseline)?, read("report", &report)?);
        let found = polyak::report::compare(&baseline, &report);
        let found = found.map_err(|cause| Refusal::new(Class::Report, cause))?;
        Ok(to_json(&report.with_baseline(found)))
    })
}
