//! What each subcommand does.

mod arenas;
mod arguments;
mod attack;
mod campaign;
mod check;
mod claims;
mod distance;
mod eig;
mod factor;
mod failure;
mod fresh;
mod input;
mod interrupt;
mod manners;
mod mean_field_recipe;
mod output;
mod paint;
mod points;
mod recipe;
mod report_files;
mod running;
mod scripts;
mod self_test;
mod sheet;
mod temporary;
mod threads;
mod train;
mod transport;
mod version;
mod width;

use crate::campaign::{Effort, Shard};
use crate::report::{
    Layout, Outcome, Report, answer_text, closing, compare, from_json, to_json, to_text,
};
use crate::text::count;
use crate::theorem::Registry;
use arguments::{Action, Arguments, BaselineAction, CampaignOptions, Merge, Verify};
use campaign::{Part, Ran};
use clap::FromArgMatches;
use failure::Failure;
use interrupt::INTERRUPTED;
use output::Results;
use report_files::Files;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit status of bad usage and bad input.
const BAD_INPUT: u8 = 2;

/// Parses the arguments and does what they say; every failure ends on the standard error.
#[must_use]
pub fn run(registry: &'static Registry) -> ExitCode {
    arenas::share();
    let mut command = arguments::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let arguments = matches
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .unwrap_or_else(|refused| output::leave(&refused.format(&mut command)));
    arguments.manners.observe();
    let started = threads::start(arguments.manners.threads);
    let done = started.and_then(|()| act(registry, arguments.action));
    match done {
        Ok(status) => ExitCode::from(status),
        Err(interrupted @ Failure::Interrupted { .. }) => {
            output::remark(&interrupted.to_string());
            ExitCode::from(INTERRUPTED)
        }
        Err(failure) => {
            output::complain(&failure);
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn act(registry: &'static Registry, action: Action) -> Result<u8, Failure> {
    match action {
        Action::Verify(options) => verify(registry, &options),
        Action::Eig(options) => eig::run(&options),
        Action::Width(options) => width::run(&options),
        Action::Distance(options) => distance::run(&options),
        Action::Transport(options) => transport::run(&options),
        Action::Recipe(options) => recipe::run(&options),
        Action::Train(options) => train::run(&options),
        Action::Check(options) => check::run(&options),
        Action::Merge(options) => merge(registry, &options),
        Action::Attack(options) => attack::run(registry, &options),
        Action::Claims { name, html, json } => {
            claims::run(registry, name.as_deref(), html.as_deref(), json.as_deref())
        }
        Action::Completions { shell } => scripts::complete(shell),
        Action::Man { folder } => scripts::manual(folder.as_deref()),
        Action::Baseline { action } => match action {
            BaselineAction::Write { file, campaign } => write_baseline(registry, &file, &campaign),
            BaselineAction::Accept { report, file } => accept_baseline(registry, &report, &file),
        },
    }
}

fn verify(registry: &'static Registry, options: &Verify) -> Result<u8, Failure> {
    let claims = registry.select(&options.campaign.family)?;
    if options.self_test {
        return self_test::run(&claims, options.campaign.seed);
    }
    if let Some(count) = options.fresh_seeds {
        return fresh::run(options, &claims, count);
    }
    // Everything that can be wrong is found before the long run.
    let data = options.campaign.data.data.as_deref();
    let inputs: Vec<&Path> = data
        .into_iter()
        .chain(options.baseline.as_deref())
        .collect();
    let results = Results::try_new(options.json.as_deref(), &inputs)?;
    let files = Files::try_new(&options.files, options.json.as_deref(), &inputs)?;
    if options.resume && results.file().is_none() {
        return Err(Failure::Idle {
            option: "--resume",
            why: "needs a file to go on from, not the standard output",
        });
    }
    let baseline = options
        .baseline
        .as_deref()
        .map(|file| read_report(registry, file))
        .transpose()?;
    let earlier = options.json.as_deref().filter(|_| options.resume);
    let earlier = earlier.map(input::if_kept).transpose()?.flatten();
    let part = Part {
        shard: options.shard,
        known: earlier
            .map(|file| read_own_report(registry, file))
            .transpose()?,
        kept: results.file().filter(|_| options.resume),
        shown: results.terminal(),
        factors: options.shard.is_none_or(|shard| shard.is_first()),
        earlier: None,
    };
    let Ran {
        mut report,
        interrupted,
        ..
    } = campaign::run(&options.campaign, &claims, &part, |run| match &baseline {
        Some(baseline) => Ok(baseline.require_comparable(run)?),
        None => Ok(()),
    })?;
    if interrupted.is_none()
        && let Some(baseline) = &baseline
    {
        let compared = compare(baseline, &report)?;
        report = report.with_baseline(compared);
    }
    let words = || told(part.shown, &report);
    results.keep(|| to_json(&report))?;
    files.write(registry, &report)?;
    results.tell(words)?;
    let Some(all) = interrupted else {
        return Ok(match (options.shard, report.outcome) {
            // What a part leaves open the whole may settle: `merge` judges, and schedulers go on to it.
            (Some(shard), Outcome::Open) if shard != Shard::WHOLE => 0,
            (_, outcome) => outcome.exit_status(),
        });
    };
    let known = report.claims.len();
    let remedy = match (results.file(), options.resume) {
        (Some(_), true) => "which are kept: the same command goes on from there".to_owned(),
        (Some(_), false) => "which are kept: the same command with --resume goes on from there".to_owned(),
        (None, _) => "none of which is kept: with --json FILE they are, and --json FILE --resume goes on from there".to_owned(),
    };
    output::remark(&format!(
        "interrupted after {known} of {}, {remedy}",
        count(all, "claim")
    ));
    Ok(INTERRUPTED)
}

/// The words of a report; where its claims were shown as they were known, those that are left.
fn told(shown: Option<Layout>, report: &Report) -> String {
    match shown {
        Some(layout) => format!(
            "\n{}{}",
            answer_text(layout, report),
            closing(layout, report)
        ),
        None => to_text(report),
    }
}

fn merge(registry: &Registry, options: &Merge) -> Result<u8, Failure> {
    let json = options.json.as_deref();
    let read = options.parts.iter().chain(&options.baseline);
    let inputs: Vec<&Path> = read.map(PathBuf::as_path).collect();
    let results = Results::try_new(json, &inputs)?;
    let files = Files::try_new(&options.files, json, &inputs)?;
    // Each is read once: it may be a pipe.
    let named = |file: &PathBuf| Ok((input::named(file), input::text(file)?));
    let parts: Vec<_> = options
        .parts
        .iter()
        .map(named)
        .collect::<Result<_, Failure>>()?;
    if factor::is_part(&parts[0].1) {
        let files = &options.files;
        let more = files.report.is_some() || files.junit.is_some() || files.annotate.is_some();
        return match more || options.baseline.is_some() {
            true => Err(Failure::NoReport),
            false => factor::merge(&parts, &results),
        };
    }
    let baseline = options.baseline.as_deref();
    let baseline = baseline
        .map(|file| read_report(registry, file))
        .transpose()?;
    let read = |(file, text): (String, String)| {
        let report = from_json(registry, &file, &text)?;
        report.require_registered(registry, &file)?;
        match missing_claim(registry, &report)? {
            Some(claim) => Err(Failure::Unfinished { file, claim }),
            // Stopped behind its last claim, if at all.
            None => Ok((
                file,
                Report {
                    unfinished: false,
                    ..report
                },
            )),
        }
    };
    let reports: Result<Vec<_>, Failure> = parts.into_iter().map(read).collect();
    let mut report = crate::report::merge(reports?)?;
    if let Some(baseline) = &baseline {
        let compared = compare(baseline, &report)?;
        report = report.with_baseline(compared);
    }
    results.keep(|| to_json(&report))?;
    files.write(registry, &report)?;
    results.tell(|| to_text(&report))?;
    Ok(report.outcome.exit_status())
}

/// The first claim that was selected and is not in a report of this version.
fn missing_claim(registry: &Registry, report: &Report) -> Result<Option<String>, Failure> {
    let wanted = registry.select(&report.run.selection)?;
    let known = |id: &str| report.claims.iter().any(|entry| entry.id == id);
    let missing = wanted.iter().find(|claim| !known(claim.id()));
    Ok(missing.map(|claim| claim.id().to_owned()))
}

fn write_baseline(
    registry: &'static Registry,
    file: &Path,
    options: &CampaignOptions,
) -> Result<u8, Failure> {
    let claims = registry.select(&options.family)?;
    let inputs: Vec<&Path> = options.data.data.as_deref().into_iter().collect();
    let results = Results::try_new(Some(file), &inputs)?;
    let part = Part {
        shown: output::terminal(),
        factors: true,
        ..Part::default()
    };
    let Ran {
        report,
        interrupted,
        ..
    } = campaign::run(options, &claims, &part, |_| Ok(()))?;
    let words = || told(part.shown, &report);
    if interrupted.is_some() {
        output::say(&words())?;
        output::remark("interrupted: no baseline is written");
        return Ok(INTERRUPTED);
    }
    if report.outcome == Outcome::Failed {
        output::say(&words())?;
        output::complain(&Failure::NoBaseline);
        return Ok(report.outcome.exit_status());
    }
    results.keep(|| to_json(&report.clone().without_figures()))?;
    results.tell(words)?;
    Ok(report.outcome.exit_status())
}

/// Takes a report for the baseline of later runs, without what it was compared with.
fn accept_baseline(registry: &Registry, report: &Path, file: &Path) -> Result<u8, Failure> {
    let results = Results::try_new(Some(file), &[report])?;
    let report = read_own_report(registry, report)?;
    report.require_comparable(&report.run)?;
    let report = report.without_baseline().without_figures();
    if report.outcome == Outcome::Failed {
        output::complain(&Failure::NoBaseline);
        return Ok(report.outcome.exit_status());
    }
    results.keep(|| to_json(&report))?;
    if results.file().is_some() {
        let claims = count(report.claims.len(), "claim");
        output::say(&format!("{}: a baseline of {claims}\n", file.display()))?;
    }
    Ok(report.outcome.exit_status())
}

/// A report whose numbers go into a new one.
fn read_own_report(registry: &Registry, file: &Path) -> Result<Report, Failure> {
    let report = read_report(registry, file)?;
    report.require_registered(registry, &input::named(file))?;
    Ok(report)
}

fn read_report(registry: &Registry, file: &Path) -> Result<Report, Failure> {
    Ok(from_json(
        registry,
        &input::named(file),
        &input::text(file)?,
    )?)
}
