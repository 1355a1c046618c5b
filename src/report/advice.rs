//! What a report says first: what came of it, what was checked, what that means, and what to do next.

use super::{ClaimEntry, Layout, Outcome, Report};
use crate::campaign::Stage;
use crate::evidence::Verdict;
use crate::text::{count, printable, source};
use std::fmt::Write;

/// The answer, in words that ask for no knowledge of the theory.
pub(crate) struct Advice {
    /// In one line.
    pub title: String,
    pub checked: String,
    pub meaning: String,
    pub next: Vec<Step>,
}

/// Something to do, with the commands that do it.
pub(crate) struct Step {
    pub words: String,
    pub commands: Vec<String>,
}

impl Advice {
    pub fn of(report: &Report) -> Self {
        Self {
            title: title(report),
            checked: checked(report),
            meaning: meaning(report).to_owned(),
            next: next(report),
        }
    }

    /// What it means and what to do next, as text.
    pub fn text(&self, layout: Layout) -> String {
        let mut text = layout.wrapped(&format!("What that means: {}", self.meaning), "", "");
        text += "What to do next:\n";
        for step in &self.next {
            text += &layout.wrapped(&step.words, "  ", "    ");
            for command in &step.commands {
                let _ = writeln!(text, "      {}", printable(command));
            }
        }
        text
    }
}

impl Step {
    pub fn new<const N: usize>(words: &str, commands: [&str; N]) -> Self {
        Self {
            words: words.to_owned(),
            commands: commands.map(str::to_owned).to_vec(),
        }
    }
}

/// The answer in one line.
fn title(report: &Report) -> String {
    let all = count(report.claims.len(), "claim");
    let of = |wanted: fn(&&ClaimEntry) -> bool| report.claims.iter().filter(wanted).count();
    let violated = of(|claim| claim.verdict == Verdict::Violated);
    let standing = of(|claim| claim.verdict != Verdict::Violated && !claim.control_rejected);
    let open = report
        .claims
        .iter()
        .filter(|claim| is_open(report, claim))
        .count();
    match report.outcome {
        Outcome::Holds if report.claims.len() == 1 => "The claim holds".to_owned(),
        Outcome::Holds => format!("All {all} hold"),
        Outcome::Failed if violated > 0 => format!("{violated} of {all} violated"),
        Outcome::Failed if standing > 0 => {
            format!("{standing} of {all} with a control that is not rejected")
        }
        Outcome::Failed => "The run is worse than its baseline".to_owned(),
        Outcome::Open if report.unfinished => format!("Interrupted after {all}"),
        Outcome::Open => format!("{open} of {all} left open"),
    }
}

/// Tells whether a claim has to be read about: violated, or with a control that stands.
pub(super) fn is_failed(claim: &ClaimEntry) -> bool {
    claim.verdict == Verdict::Violated || !claim.control_rejected
}

/// Tells whether a claim that is not failed says too little.
pub(super) fn is_open(report: &Report, claim: &ClaimEntry) -> bool {
    !is_failed(claim) && claim.verdict != Verdict::Holds && !report.is_elsewhere(claim)
}

fn checked(report: &Report) -> String {
    let run = &report.run;
    let of = |stage| {
        let instances = report
            .claims
            .iter()
            .map(|claim| claim.stages.get(stage).instances());
        instances.fold(0, usize::saturating_add)
    };
    let source = match &run.data.file {
        None => "the embedded handwritten digits",
        file => source(file.as_deref()),
    };
    let part = match run.shard {
        Some(shard) => format!(" This is part {shard} of a run."),
        None => String::new(),
    };
    format!(
        "{} put to the test on {}: {} sharp, built so that a bound is nearly attained; {} random, drawn from seed {}; \
         {} on data, {} of {source}.{part}",
        match report.claims.len() {
            1 => "One theorem was".to_owned(),
            many => format!("{many} theorems were"),
        },
        count(
            Stage::ALL
                .into_iter()
                .map(of)
                .fold(0, usize::saturating_add),
            "instance"
        ),
        of(Stage::Pinned),
        of(Stage::Random),
        run.seed,
        of(Stage::Data),
        count(run.data.samples, "sample"),
    )
}

fn meaning(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Holds => {
            "Every inequality came out true, within a bound of the rounding error that was computed along with it, and every \
             control — the same statement made too strong, or a hypothesis dropped — was rejected, so that the checks can fail. \
             Statement, constants and code agree. This is evidence and no proof: each theorem has a page that proves it."
        }
        Outcome::Failed
            if report
                .claims
                .iter()
                .any(|claim| claim.verdict == Verdict::Violated) =>
        {
            "A computed quantity is on the wrong side of its bound by more than rounding can explain. Either the statement is \
             wrong, or one of its constants, or the code that computes them. What else holds stays true."
        }
        Outcome::Failed if report.claims.iter().any(|claim| !claim.control_rejected) => {
            "A check accepted something that it must reject. What it says of its claim cannot be trusted until it is mended."
        }
        Outcome::Failed => {
            "The claims hold, but something is worse than in the baseline that the run was held to: a bound is looser, a margin \
             is smaller, or something is checked no longer."
        }
        Outcome::Open if report.unfinished => {
            "The run was ended before its last claim. What is shown was checked to the end; nothing is known of the others."
        }
        Outcome::Open => {
            "Nothing is violated, but some claims said too little to count: a bound was trivial, a hypothesis failed, or \
             rounding used up the digits on more than half of the instances of a stage. The reasons stand with the claims."
        }
    }
}

fn next(report: &Report) -> Vec<Step> {
    let first = report
        .claims
        .iter()
        .find(|claim| is_failed(claim) || is_open(report, claim));
    let see = first.map(|claim| Step {
        words: format!(
            "Read what is said of {} first, then run it alone:",
            claim.id
        ),
        commands: vec![report.replay_command(&claim.id)],
    });
    let more = match report.outcome {
        Outcome::Holds => vec![
            Step::new(
                "Keep the result and hold later runs to it:",
                [
                    "polyak baseline write margins.json",
                    "polyak verify --baseline margins.json",
                ],
            ),
            Step::new("Check other draws:", ["polyak verify --fresh-seeds 20"]),
            Step::new(
                "Check your own data:",
                ["polyak verify --data table.csv --target LAST"],
            ),
        ],
        Outcome::Failed if first.is_none() => vec![Step::new(
            "Read which bound, margin or count is worse. If it is meant to be, look at the report and make it the baseline:",
            [
                "polyak verify --json report.json",
                "polyak baseline accept report.json margins.json",
            ],
        )],
        Outcome::Failed => vec![Step::new(
            "A violation on a random instance comes with a test to paste, which fails as long as the claim does. Start there: it is \
             the smallest instance that was found.",
            [],
        )],
        Outcome::Open if report.unfinished => vec![Step::new(
            "With the options --json FILE --resume the same command goes on from there.",
            [],
        )],
        Outcome::Open => vec![Step::new(
            "If a hypothesis fails on your data, the claim does not apply to them: two equal inputs, say, make every Gram matrix \
             singular. If random instances were too few, try --effort thorough.",
            [],
        )],
    };
    let is_led = report.outcome != Outcome::Holds && !report.unfinished;
    see.filter(|_| is_led).into_iter().chain(more).collect()
}
