//! What a forge shows of a report beside the change that was checked: annotations, and a summary.

use super::advice::Advice;
use super::{ClaimEntry, Outcome, Report};
use crate::evidence::Verdict;
use crate::text::{count, printable, printable_lines};
use std::fmt::Write;

/// Writes a report as workflow commands of GitHub, a line each: an error for a claim that is violated or has a control that is not
/// rejected, and for a regression; a warning for a claim that is left open.
///
/// # Example
/// ```
/// # use polyak::report::{from_json, to_annotations};
/// # let text = include_str!("../../margins.json");
/// let report = from_json(polyak::claims::registry(), "margins.json", text)?;
/// assert_eq!(to_annotations(&report), "", "all of them hold");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_annotations(report: &Report) -> String {
    let mut text = String::new();
    for claim in &report.claims {
        let Some((level, what)) = standing(report, claim) else {
            continue;
        };
        let message = format!(
            "{}\nreplay: {}",
            claim.why(),
            report.replay_command(&claim.id)
        );
        text += &annotation(level, &format!("{} {what}", claim.id), &message);
    }
    let regressions = report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.regressions);
    for change in regressions {
        let message = format!("{}: {} → {}", change.what, change.before, change.now);
        text += &annotation(
            "error",
            &format!("{} is worse than its baseline", change.claim),
            &message,
        );
    }
    text
}

/// How loud a claim is, and why; nothing of one that holds, or that other parts of the run have.
fn standing(report: &Report, claim: &ClaimEntry) -> Option<(&'static str, String)> {
    match claim.verdict {
        Verdict::Violated => Some(("error", "is violated".to_owned())),
        _ if !claim.control_rejected => {
            Some(("error", "has a control that is not rejected".to_owned()))
        }
        Verdict::Holds => None,
        _ if report.is_elsewhere(claim) => None,
        verdict => Some(("warning", format!("is {verdict}"))),
    }
}

fn annotation(level: &str, title: &str, message: &str) -> String {
    format!("::{level} title={}::{}\n", property(title), data(message))
}

/// What stands behind the colons of a command, on one line.
fn data(text: &str) -> String {
    let escaped = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    printable(&escaped).to_string()
}

/// The value of a property, which colons and commas would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Writes a report as Markdown for the summary of a step: the answer, what it means, what to do next, and what does not hold.
///
/// # Example
/// ```
/// # use polyak::report::{from_json, to_summary};
/// # let text = include_str!("../../margins.json");
/// let report = from_json(polyak::claims::registry(), "margins.json", text)?;
/// assert!(to_summary(&report).starts_with("## ✓ All "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_summary(report: &Report) -> String {
    let advice = Advice::of(report);
    let sign = match report.outcome {
        Outcome::Holds => "✓",
        Outcome::Failed => "✗",
        Outcome::Open => "?",
    };
    let mut text = format!("## {sign} {}\n\n", plain(&advice.title));
    text += &format!(
        "{}\n\n{}\n\n",
        plain(&advice.checked),
        plain(&advice.meaning)
    );
    for step in &advice.next {
        let _ = writeln!(text, "* {}", plain(&step.words));
        for command in &step.commands {
            let _ = writeln!(text, "  ```sh\n  {}\n  ```", printable_lines(command));
        }
    }
    let loud: Vec<(&ClaimEntry, String)> = (report.claims.iter())
        .filter_map(|claim| Some((claim, standing(report, claim)?.1)))
        .collect();
    if !loud.is_empty() {
        text += "\n| claim | standing | why |\n|---|---|---|\n";
    }
    for (claim, what) in loud {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            plain(&claim.id),
            plain(&what),
            plain(&claim.why())
        );
    }
    let regressions: Vec<_> = report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.regressions)
        .collect();
    if !regressions.is_empty() {
        let _ = write!(
            text,
            "\n{} against the baseline:\n\n",
            count(regressions.len(), "regression")
        );
    }
    for change in regressions {
        let line = format!(
            "{}: {}: {} → {}",
            change.claim, change.what, change.before, change.now
        );
        let _ = writeln!(text, "* {}", plain(&line));
    }
    text + "\n"
}

/// Text that Markdown takes as it is, on one line.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for character in printable_lines(text).replace('\n', " ").chars() {
        if "\\`*_{}[]<>#|~&!$".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Campaign, tests::fails_at_size};
    use crate::report::fixture::{report, run};
    use crate::report::{BaselineReport, Change};

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(
            annotation("error", "a: 5 %, b", "100 %\r\nb, c: d"),
            "::error title=a%3A 5 %25%2C b::100 %25%0D%0Ab, c: d\n"
        );
        assert_eq!(
            data("a\u{1b}[31m"),
            "a\\u{1b}[31m",
            "what commands a terminal is shown, as everywhere"
        );
        assert_eq!(
            plain("√L_0 | *x*\n<b> `c`"),
            "√L\\_0 \\| \\*x\\* \\<b\\> \\`c\\`"
        );
    }

    #[test]
    fn a_report_that_holds_has_no_annotation_and_a_summary() {
        assert_eq!(to_annotations(&report()), "");
        let summary = to_summary(&report());
        assert!(
            summary.starts_with("## ✓ All 2 claims hold\n\n2 theorems were put to the test on "),
            "{summary}"
        );
        assert!(
            summary.contains("  polyak verify --baseline margins.json\n"),
            "{summary}"
        );
        assert!(!summary.contains("| claim |"), "{summary}");
    }

    #[test]
    fn a_violation_and_a_standing_control_are_errors_and_what_is_open_is_a_warning() {
        let violated = Report::new(
            run(),
            &[Campaign { seed: 5, cases: 64 }.run(&fails_at_size(), &[], &|| ())],
        );
        let text = to_annotations(&violated);
        assert!(
            text.starts_with(
                "::error title=T1.size is violated::small fails (random stage, random instance "
            ),
            "{text}"
        );
        assert!(
            text.contains("%0Areplay: polyak verify --family T1.size --effort quick --seed 5"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1);
        let summary = to_summary(&violated);
        assert!(
            summary.starts_with("## ✗ 1 of 1 claim violated\n"),
            "{summary}"
        );
        assert!(
            summary.contains("| T1.size | is violated | small fails (random stage"),
            "{summary}"
        );

        let mut open = report();
        open.claims[0].verdict = Verdict::Vacuous;
        open.claims[0].reasons = [("equal, 100 %".to_owned(), 3)].into();
        open.claims[1].dropped[0].rejected = false;
        open.claims[1].control_rejected = false;
        let text = to_annotations(&open);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with(
                "::warning title=K4.lipschitz is vacuous::equal, 100 %25 (3×)%0Areplay: "
            ),
            "{text}"
        );
        assert!(
            lines[1].starts_with(
                "::error title=P3.local has a control that is not rejected::a control is not"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_regression_is_an_error() {
        let baseline = BaselineReport {
            regressions: vec![Change {
                claim: "P3.local".into(),
                what: "tightness".into(),
                before: "1".into(),
                now: "0.5".into(),
                allowance: None,
            }],
            notes: Vec::new(),
            gated: Default::default(),
        };
        let worse = report().with_baseline(baseline);
        let expected = "::error title=P3.local is worse than its baseline::tightness: 1 → 0.5\n";
        assert_eq!(to_annotations(&worse), expected);
        assert!(
            to_summary(&worse)
                .contains("1 regression against the baseline:\n\n* P3.local: tightness: 1 → 0.5\n")
        );
    }
}
