//! What every page must be, whatever the report.

use super::to_html;
use crate::campaign::{Campaign, Stage, tests::fails_at_size};
use crate::claims::registry;
use crate::evidence::Verdict;
use crate::report::fixture::{report, run};
use crate::report::{BaselineReport, Change, Report};
use std::collections::BTreeSet;

/// What stands in attributes of this name.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    let values = page
        .match_indices(&mark)
        .map(|(at, _)| &page[at + mark.len()..]);
    values.filter_map(|rest| rest.split('"').next()).collect()
}

/// Asserts what a browser, a printer and a screen reader rely on.
#[track_caller]
fn is_sound(page: &str) {
    for part in [
        "<!DOCTYPE html><html lang=\"en\">",
        "name=\"viewport\" content=\"width=device-width, initial-scale=1\"",
        "prefers-color-scheme:dark",
        "@media print",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for part in [
        "<script", "<link", "<img", "<iframe", " onclick", "@import", "url(h", "merror", " src=\"",
    ] {
        assert!(!page.contains(part), "{part}");
    }
    // One title, and no level of headings is skipped.
    assert_eq!(page.matches("<h1").count(), 1);
    let mut last = 0;
    for (at, _) in page.match_indices("<h") {
        if let Some(level) = page[at + 2..].chars().next().and_then(|c| c.to_digit(10)) {
            assert!(
                level <= last + 1,
                "h{level} behind h{last}: {}",
                &page[at..at + 60]
            );
            last = level;
        }
    }
    let ids = attributes(page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    for link in attributes(page, "href") {
        match link.strip_prefix('#') {
            Some(id) => assert!(unique.contains(id), "{link}"),
            None => assert!(link.starts_with("https://"), "{link}"),
        }
    }
    for (open, close) in [
        ("<details", "</details>"),
        ("<section", "</section>"),
        ("<table", "</table>"),
        ("<div", "</div>"),
    ] {
        assert_eq!(
            page.matches(open).count(),
            page.matches(close).count(),
            "{open}"
        );
    }
    assert_eq!(
        page.matches("<svg ").count(),
        page.matches("<svg role=\"img\" aria-label=").count()
    );
}

#[test]
fn a_report_that_holds_says_so_first_and_folds_its_claims() {
    let report = report();
    let page = to_html(registry(), &report);
    is_sound(&page);
    assert!(
        page.contains("<h1 class=\"holds\">All 2 claims hold</h1>"),
        "{page}"
    );
    assert!(page.contains("2 theorems were put to the test on "));
    for claim in &report.claims {
        assert!(
            page.contains(&format!(
                "<details class=\"claim\" id=\"{}\"><summary>",
                claim.id
            )),
            "{}",
            claim.id
        );
        assert!(
            page.contains(&report.replay_command(&claim.id)),
            "{}",
            claim.id
        );
    }
    // The pages of the claims, and what they stand on; of no others.
    for page_of in ["p3-local", "k4-lipschitz", "notation", "rounding"] {
        assert!(attributes(&page, "id").contains(&page_of), "{page_of}");
    }
    assert!(!attributes(&page, "id").contains(&"p2-flow"));
    assert!(page.contains("https://github.com/polyak-rs/polyak/blob/main/proofs/p2-flow.md"));
    assert!(!page.contains("What failed") && !page.contains("What is left open"));
    assert_eq!(page, to_html(registry(), &report));
}

/// Slopes have their points, and trainings their bounds; a claim that has neither has no figure.
#[test]
fn what_is_drawn_is_what_was_computed() {
    let ids = ["K4.lipschitz", "R7.rate", "C10.convergence"];
    let claims = ids.map(|id| {
        let claim = registry().find(id).unwrap();
        Campaign { seed: 5, cases: 0 }.run(claim, &[], &|| ())
    });
    let report = Report::new(run(), &claims);
    let page = to_html(registry(), &report);
    is_sound(&page);
    let section = |id: &str| {
        let (_, after) = page.split_once(&format!(" id=\"{id}\"")).unwrap();
        after
            .split("<details class=\"claim\"")
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(!section("K4.lipschitz").contains("Figure:"));
    let slope = &report.claims[1].slopes[0];
    let rate = section("R7.rate");
    for part in [
        "Figure: the slope of RMS‖K̂ − K‖ in m is −1/2",
        &format!("has the slope {:.3}", slope.slope),
        &format!("between {:.3} and ", slope.slope - slope.half_width),
        "the slope -0.500 that is claimed",
    ] {
        assert!(rate.contains(part), "{part} in {rate}");
    }
    let training = section("C10.convergence");
    for part in [
        "Figure: COT path length at every iterate",
        "≤ R<",
        "sharp instance 1",
    ] {
        assert!(training.contains(part), "{part} in {training}");
    }
    assert!(page.contains("Figure: Slopes with their intervals"));
    assert_eq!(page, to_html(registry(), &report));
}

#[test]
fn what_failed_comes_before_everything_else_and_is_unfolded() {
    let claim = fails_at_size();
    let found = Campaign { seed: 5, cases: 64 }.run(&claim, &[], &|| ());
    let page = to_html(registry(), &Report::new(run(), &[found]));
    is_sound(&page);
    assert!(
        page.contains("<h1 class=\"violated\">1 of 1 claim violated</h1>"),
        "{page}"
    );
    let at = |part: &str| {
        page.find(part)
            .unwrap_or_else(|| panic!("{part} in {page}"))
    };
    assert!(at("What failed") < at("The weakest margins"));
    assert!(page.contains("<details class=\"claim\" id=\"T1.size\" open>"));
    for part in [
        "random instance 1, shrunk",
        "-5.00000000000000000e-1",
        "fn t1_size_counterexample() {",
    ] {
        at(part);
    }
    // Nothing is known of a stranger's claim but what the report says.
    assert!(!page.contains("<dt>Hypotheses</dt>"));
}

#[test]
fn what_is_open_names_its_reason() {
    let mut report = report();
    report.claims[0].verdict = Verdict::Vacuous;
    report.claims[0].reasons = [("equal & <inputs>".to_owned(), 3)].into();
    let page = to_html(registry(), &report.clone().judged());
    is_sound(&page);
    assert!(
        page.contains("<h1 class=\"undecided\">1 of 2 claims left open</h1>"),
        "{page}"
    );
    assert!(page.contains("equal &amp; &lt;inputs&gt; (3×)"));
    report.claims[0].verdict = Verdict::Holds;
    let page = to_html(registry(), &report.so_far());
    assert!(page.contains("Interrupted after 2 claims") && page.contains("--resume"));
}

#[test]
fn a_control_that_stands_and_a_regression_fail() {
    let mut standing = report();
    standing.claims[1].dropped[0].rejected = false;
    standing.claims[1].control_rejected = false;
    let page = to_html(registry(), &standing.judged());
    is_sound(&page);
    assert!(
        page.contains("1 of 2 claims with a control that is not rejected"),
        "{page}"
    );
    assert!(page.contains("a control is not rejected: too few layers"));
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
    let page = to_html(registry(), &report().with_baseline(baseline));
    is_sound(&page);
    assert!(
        page.contains("The run is worse than its baseline") && page.contains("1 → 0.5"),
        "{page}"
    );
}

/// Three claims are enough for figures; numbers at the edges draw no nonsense.
#[test]
fn figures_have_names_and_survive_every_number() {
    let mut report = report();
    report.claims.push(report.claims[0].clone());
    report.claims[2].id = "T1.third".into();
    for number in [Some(0.0), Some(-1e-300), Some(1e308), None] {
        for claim in &mut report.claims {
            let stage = &mut claim.stages.random;
            (stage.worst_margin, stage.tolerance, stage.tightness) = (number, Some(5e-324), number);
        }
        let page = to_html(registry(), &report);
        is_sound(&page);
        assert_eq!(page.matches("<svg role=\"img\"").count(), 2);
        assert_eq!(page, to_html(registry(), &report));
        assert!(
            !page.contains("NaN") && !page.contains("inf\""),
            "{number:?}"
        );
    }
    for claim in &mut report.claims {
        for stage in Stage::ALL {
            let counts = match stage {
                Stage::Pinned => &mut claim.stages.pinned,
                Stage::Random => &mut claim.stages.random,
                Stage::Data => &mut claim.stages.data,
            };
            (counts.worst_margin, counts.tolerance, counts.tightness) = (None, None, None);
        }
    }
    assert!(!to_html(registry(), &report).contains("<svg"));
}
