//! The first screen: what was checked, what came of it, what that means, and what to do next; and the last words.

use super::failures::link;
use crate::campaign::Stage;
use crate::evidence::Verdict;
use crate::report::{ClaimEntry, Outcome, Report};
use crate::text::count;
use maud::{Markup, html};

/// The answer in one line.
pub(super) fn title(report: &Report) -> String {
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

/// Whether a claim is shown unfolded.
pub(super) fn is_unfolded(report: &Report, claim: &ClaimEntry) -> bool {
    is_failed(claim) || is_open(report, claim)
}

pub(super) fn header(report: &Report, title: &str) -> Markup {
    let class = match report.outcome {
        Outcome::Holds => "holds",
        Outcome::Failed => "violated",
        Outcome::Open => "undecided",
    };
    html! {
        p .kicker { "polyak " (report.version) " · theorem check" }
        h1 .(class) { (title) }
        p .lead { (checked(report)) }
        h2 { "What that means" }
        p { (meaning(report)) }
        h2 { "What to do next" }
        ul { @for step in next(report) { li { (step) } } }
    }
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
    let source = run
        .data
        .file
        .as_deref()
        .unwrap_or("the embedded handwritten digits");
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
             Statement, constants and code agree. This is evidence and no proof: the proof of each theorem stands in its section."
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
             rounding used up the digits on more than half of the instances of a stage. The reasons are given below."
        }
    }
}

fn next(report: &Report) -> Vec<Markup> {
    let first = report
        .claims
        .iter()
        .find(|claim| is_unfolded(report, claim));
    let see = first.map(|claim| {
        html! {
            "Read the section of " (link(claim)) " first, then run it alone: "
            code { (report.replay_command(&claim.id)) }
        }
    });
    match report.outcome {
        Outcome::Holds => vec![
            html! {
                "Keep the result and hold later runs to it: " code { "polyak baseline write margins.json" } ", then "
                code { "polyak verify --baseline margins.json" } "."
            },
            html! { "Check other draws: " code { "polyak verify --fresh-seeds 20" } "." },
            html! { "Check your own data: " code { "polyak verify --data table.csv --target LAST" } "." },
        ],
        Outcome::Failed => see
            .into_iter()
            .chain([html! {
                "A violation on a random instance comes with a test to paste, which fails as long as the claim does. "
                "Start there: it is the smallest instance that was found."
            }])
            .collect(),
        Outcome::Open if report.unfinished => {
            vec![html! { "The same command with " code { "--json FILE --resume" } " goes on from there." }]
        }
        Outcome::Open => see
            .into_iter()
            .chain([html! {
                "If a hypothesis fails on your data, the claim does not apply to them: two equal inputs, say, make every Gram "
                "matrix singular. If random instances were too few, try " code { "--effort thorough" } "."
            }])
            .collect(),
    }
}

/// What was run, for whoever runs it again.
pub(super) fn footer(report: &Report) -> Markup {
    let run = &report.run;
    html! {
        h2 { "How it was run" }
        dl {
            dt { "Version" } dd { "polyak " (report.version) ", instruction set " (report.instruction_set) }
            dt { "Seed, effort" } dd { (run.seed) ", " (run.effort) ": " (count(run.effort.cases(), "random instance")) " for most claims" }
            dt { "Kernel" } dd { code { (run.data.resolved_kernel) } ", asked for as " code { (run.data.kernel) } }
            dt { "Data" }
            dd { (run.data.file.as_deref().unwrap_or("the embedded digits")) ": " (count(run.data.samples, "sample")) ", "
                (count(run.data.inputs, "input")) ", " (count(run.data.targets, "target")) }
            @for note in &run.data_notes { dd { (note) } }
        }
        p { "This file needs no network and no script. The same program, seed, inputs and instruction set write it again, byte for byte." }
    }
}
