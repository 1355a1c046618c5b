//! `polyak train --from`: training on from a network of another program.

use super::outcome::{Origin, Outcome, Promised, exit_status};
use super::page::{self, Start};
use super::{OPEN, allowance, show};
use crate::check::{
    CheckError, CheckedNetwork, CheckpointOptions, Continuation, ContinuationError, Course,
    Diagnosis, DiagnosisOptions, LinearNetwork, with_layers,
};
use crate::command::arguments::Train;
use crate::command::check::document::{Answer, promise};
use crate::command::check::{self, Found};
use crate::command::failure::Failure;
use crate::command::interrupt::{INTERRUPTED, attended, listen};
use crate::command::output::{Output, Results, document, remark};
use crate::command::recipe::require_memory;
use crate::command::running::Running;
use crate::command::sheet::{Sheet, rows};
use crate::data::{ArrayFormat, Dataset, NamedArray, read_arrays};
use crate::flow::TrainingEnd;
use crate::recipe::{RecipeKind, Size};
use crate::report::Outcome as Standing;
use crate::text::{count, printable};
use crate::watch::{Stop, Watch};
use maud::html;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the network reached is kept.
struct Saved {
    file: String,
    output: Output,
    format: ArrayFormat,
}

impl Saved {
    fn try_new(path: &Path, inputs: &[&Path]) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let Some(format) = ArrayFormat::of_path(path) else {
            return Err(Failure::NetworkName { file });
        };
        let output = Output::try_new(path, inputs)?;
        Ok(Self {
            file,
            output,
            format,
        })
    }

    /// Writes the network reached into the arrays of the file that it came from.
    fn write(&self, arrays: Vec<NamedArray>, training: &Continuation) -> Result<(), Failure> {
        let losses = training.descent().losses();
        let loss = losses[losses.len() - 1];
        let arrays = with_layers(arrays, &training.own_layers(), loss);
        let arrays = arrays.map_err(|cause| Failure::Check {
            file: self.file.clone(),
            cause,
        })?;
        let bytes = self.format.bytes(&arrays);
        let bytes = bytes.ok_or_else(|| Failure::LargeNetwork {
            file: self.file.clone(),
        })?;
        self.output.write(&bytes)
    }
}

/// Reads, checks, and trains on where something is promised.
pub(super) fn run(options: &Train, path: &Path) -> Result<u8, Failure> {
    let sight = &options.sight;
    let mut inputs = vec![path, sight.data()];
    let (json, report) = (options.json.as_deref(), options.page.report.as_deref());
    let results = Results::try_new(json, &inputs)?.with_page(report, json, &inputs)?;
    inputs.extend(json.into_iter().chain(report));
    let saved = options.save.as_deref();
    let saved = saved
        .map(|file| Saved::try_new(file, &inputs))
        .transpose()?;
    let begun = Instant::now();
    let arrays = read_arrays(path)?;
    let found = chosen(path, arrays.clone(), options)?;
    let CheckedNetwork::Linear(network) = &found.checkpoint.network else {
        return Err(only_linear(path));
    };
    let data = check::data::load(sight, network.network.output_dimension())?;
    let stop = listen("ending with the steps that are taken")?;
    let continued = certified(network, &data, options, &found, &stop)?;
    let diagnosis = match &continued {
        Ok(training) => training.diagnosis(),
        Err(diagnosis) => diagnosis.as_ref(),
    };
    let answer = answer(options, &found, &data, diagnosis, begun.elapsed())?;
    let told = Told {
        found: &found,
        answer: &answer,
        data: &data,
    };
    let mut training = match continued {
        Ok(training) if !check::page::disagrees(&answer) => training,
        _ => {
            told.refused(&results, diagnosis_loss(&answer))?;
            return Ok(OPEN);
        }
    };
    require_size(&training, options, &data, &found)?;
    let started = Instant::now();
    let end = train(&mut training, options, &found, &stop)?;
    let trained = started.elapsed();
    if let Some(saved) = &saved {
        saved.write(arrays, &training)?;
    }
    let saved = saved.map(|saved| saved.file);
    told.trained(&results, &training, end, trained, saved.clone())?;
    if end != TrainingEnd::Stopped {
        return Ok(exit_status(end));
    }
    let steps = training.descent().losses().len() as u64 - 1;
    let taken = count(steps, "step");
    remark(&match saved {
        Some(file) => format!(
            "interrupted after {taken}, and the network reached is kept in {file}: --from that file goes on from there, \
             under what is promised there"
        ),
        None => format!(
            "interrupted after {taken}, and nothing of them is kept: --save FILE keeps the network reached"
        ),
    });
    Ok(INTERRUPTED)
}

fn only_linear(path: &Path) -> Failure {
    let file = path.display().to_string();
    Failure::OnlyLinear { file }
}

/// The checkpoint that was asked for, or the last.
fn chosen(path: &Path, arrays: Vec<NamedArray>, options: &Train) -> Result<Found, Failure> {
    let understood = CheckpointOptions::default().with_scaling(options.sight.scale.clone());
    let mut found = match check::in_file(path, arrays, &understood) {
        Err(Failure::Check {
            cause: CheckError::NoActivation,
            ..
        }) => return Err(only_linear(path)),
        found => found?,
    };
    let there = found.len();
    let at = options.at.map_or(there, |at| at as usize);
    if at > there {
        return Err(Failure::NoSuchCheckpoint {
            file: path.display().to_string(),
            at,
            there,
        });
    }
    Ok(found.swap_remove(at - 1))
}

/// The training that is promised something, or what is said of the network where nothing is.
fn certified(
    network: &LinearNetwork,
    data: &Dataset,
    options: &Train,
    found: &Found,
    stop: &Stop,
) -> Result<Result<Continuation, Box<Diagnosis>>, Failure> {
    let wanted = DiagnosisOptions::default().with_largest_order(options.sight.max_order as usize);
    let sizes = found.checkpoint.network.sizes(data.samples());
    let bytes = wanted.bytes(sizes);
    require_memory("checking this network", bytes)?;
    let running = Running::start("check", None);
    running.announce_with("this check", wanted.multiplications(sizes), bytes);
    let work = {
        let (network, bar) = (network.clone(), running.bar().clone());
        let (inputs, targets) = (data.inputs.clone(), data.targets.clone());
        let target = options.sight.loss;
        move || {
            let say = |what| bar.set_message(what);
            Continuation::try_new(network, &inputs, &targets, &wanted, target, say)
        }
    };
    let done = attended(stop, work)?;
    drop(running);
    match done {
        Some(Ok(training)) => Ok(Ok(training)),
        Some(Err(ContinuationError::Open(diagnosis))) => Ok(Err(diagnosis)),
        Some(Err(ContinuationError::Check(cause))) => {
            let file = found.name();
            Err(Failure::Check { file, cause })
        }
        None => {
            let known = "the network is not checked, no step is taken".to_owned();
            Err(Failure::Interrupted { known })
        }
    }
}

/// What `check` says of the network.
fn answer(
    options: &Train,
    found: &Found,
    data: &Dataset,
    diagnosis: &Diagnosis,
    took: Duration,
) -> Result<Answer, Failure> {
    let (network, known) = ([&found.checkpoint.network], std::slice::from_ref(diagnosis));
    let course = Course::of(&network, known).map_err(|(_, cause)| Failure::Check {
        file: found.name(),
        cause,
    })?;
    let found = std::slice::from_ref(found);
    let share = options.sight.loss;
    Ok(Answer::new(share, found, data, known, &course, took))
}

fn diagnosis_loss(answer: &Answer) -> f64 {
    let [low, high] = answer.checkpoints[0].loss;
    low + 0.5 * (high - low)
}

/// Refuses a training that is estimated to take more than it may.
fn require_size(
    training: &Continuation,
    options: &Train,
    data: &Dataset,
    found: &Found,
) -> Result<(), Failure> {
    let size = size(training, options, data);
    let refused = size.require(options.max_gib, options.max_hours);
    refused.map_err(|cause| Failure::Refused {
        file: found.name(),
        cause: cause.into(),
        allowance: allowance(
            &size,
            RecipeKind::Realised,
            options.max_gib,
            options.max_hours,
        ),
    })
}

/// What the training takes, to the last step promised or asked for.
fn size(training: &Continuation, options: &Train, data: &Dataset) -> Size {
    let own = &training.start().network;
    let shape = [
        data.samples(),
        own.state_dimension(),
        own.features().count(),
        own.depth(),
    ];
    let most = options.steps.unwrap_or(u64::MAX);
    let steps = training.promised().unwrap_or(u64::MAX).min(most);
    Size::of(shape.map(|n| n as u64), steps)
}

/// Trains until the target, or until it is asked to end.
fn train(
    training: &mut Continuation,
    options: &Train,
    found: &Found,
    stop: &Stop,
) -> Result<TrainingEnd, Failure> {
    let running = Running::start("train", training.promised());
    let bar = running.bar();
    let end = training.run(options.steps.unwrap_or(u64::MAX), |now| {
        show(bar, now);
        if stop.is_stopped() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    end.map_err(|cause| Failure::Check {
        file: found.name(),
        cause,
    })
}

/// What is told of a training from a network.
struct Told<'a> {
    found: &'a Found,
    answer: &'a Answer,
    data: &'a Dataset,
}

impl Told<'_> {
    fn origin(&self) -> Origin {
        let entry = &self.answer.checkpoints[0];
        Origin {
            file: self.found.file.clone(),
            checkpoint: self.found.time,
            scale: self.found.checkpoint.scaling.to_string(),
            stated_loss: entry.stated_loss,
            agrees: entry.agrees,
            promise: None,
            outlooks: entry.outlooks.clone(),
            saved: None,
        }
    }

    fn asked(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Network", self.found.name()),
            ("Data", self.data.name.clone()),
            ("Scaling", self.found.checkpoint.scaling.to_string()),
        ]
    }

    /// Says why no step is taken: as `check` says it.
    fn refused(&self, results: &Results, loss: f64) -> Result<(), Failure> {
        let entry = &self.answer.checkpoints[0];
        let mut outcome = Outcome::unheld(vec![loss], self.answer.data_notes.clone());
        outcome.from = Some(self.origin());
        let why = if check::page::disagrees(self.answer) {
            "the file states another loss than its network has: no step is taken"
        } else {
            "nothing is promised of gradient descent from there: no step is taken"
        };
        let sheet = || Sheet {
            subcommand: "train",
            outcome: Standing::Open,
            figures: Vec::new(),
            sections: vec![
                (
                    "What is promised from the checkpoint",
                    check::page::promises(self.answer, entry),
                ),
                (
                    "The checkpoint",
                    rows(
                        &entry.name,
                        ["what", "value", "meaning"],
                        &check::words::found(entry),
                    ),
                ),
            ],
            asked: self.asked(),
            notes: self.answer.data_notes.clone(),
        };
        results.present(
            &check::page::advice(self.answer),
            || {
                let heading = check::words::heading(self.answer);
                let checkpoint = check::words::checkpoint(self.answer, entry);
                format!("{heading}{checkpoint}refused      {why}\n")
            },
            sheet,
            || document(&outcome),
        )
    }

    /// Says what became of a training.
    fn trained(
        &self,
        results: &Results,
        training: &Continuation,
        end: TrainingEnd,
        trained: Duration,
        saved: Option<String>,
    ) -> Result<(), Failure> {
        let promised = Promised {
            iterations: training.promised(),
            rate: training.guaranteed_rate(),
            target: training.target(),
        };
        let descent = training.descent();
        let notes = self.answer.data_notes.clone();
        let mut outcome = Outcome::new(descent, promised, end, notes);
        let network = &self.found.checkpoint.network;
        let mut held = promise(network, training.outlook(), f64::NAN);
        held.steps = training.promised();
        let held_to = check::words::outlook(&held, promised.target);
        outcome.from = Some(Origin {
            promise: Some(held),
            saved: saved.clone(),
            ..self.origin()
        });
        let start = Start {
            checked: format!(
                "A network that another program trained, {}, was checked and trained on from there, on {}.",
                self.found.name(),
                count(self.data.samples(), "sample")
            ),
            next: [
                "Keep the network and the data, and report them: this must not happen.",
                "Ask for a larger --loss, which is reached earlier.",
                "Keep the network reached with --save FILE, and go on with --from FILE: what is promised there is proved anew.",
            ],
            asked: self.asked(),
            sections: vec![("What it was held to", html! { p { (held_to) } })],
        };
        let steps = descent.losses().len() - 1;
        results.present(
            &page::advice(&outcome, &start),
            || {
                let heading = check::words::heading(self.answer);
                let name = printable(&self.found.name()).to_string();
                let mut text = format!("{heading}from         {name}\nheld to      {held_to}\n");
                text += &outcome.text(promised.target, trained, steps);
                if let Some(file) = &saved {
                    text += &format!(
                        "saved        {}: the network reached, as `polyak check` and `train --from` read it\n",
                        printable(file)
                    );
                }
                text
            },
            || page::sheet(&outcome, descent, promised, start),
            || document(&outcome),
        )
    }
}
