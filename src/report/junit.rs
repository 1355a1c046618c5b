//! Reports as JUnit's XML: a suite a family, a case a claim.

use super::advice::is_failed;
use super::{ClaimEntry, Report};
use crate::evidence::Verdict;
use crate::text::count;
use quick_junit::{
    NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite,
};

/// Writes a report as JUnit's XML, which servers of continuous integration show.
///
/// A claim that is violated, or has a control that is not rejected, is a failure, with the command that replays it and the
/// test to paste. One that is open, or that other parts of the run have, is skipped, with the reason. A comparison with a
/// baseline is a suite of its own.
///
/// # Example
/// ```
/// # use polyak::report::{from_json, to_junit};
/// # let text = include_str!("../../margins.json");
/// let report = from_json(polyak::claims::registry(), "margins.json", text)?;
/// let xml = to_junit(&report);
/// assert!(xml.contains(r#"<testcase name="P3.local" classname="pl""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_junit(report: &Report) -> String {
    let mut suites: Vec<TestSuite> = Vec::new();
    for claim in &report.claims {
        let case = case(report, claim);
        match suites
            .iter_mut()
            .find(|suite| suite.name.as_str() == claim.family)
        {
            Some(suite) => suite.add_test_case(case),
            None => {
                suites.push(suite(report, &claim.family));
                suites
                    .last_mut()
                    .expect("it was pushed")
                    .add_test_case(case)
            }
        };
    }
    suites.extend(baseline(report));
    let mut document = Document::new("polyak verify");
    document.add_test_suites(suites);
    document
        .to_string()
        .expect("a string takes whatever is written")
}

fn suite(report: &Report, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
    let run = &report.run;
    for (name, value) in [
        ("version", report.version.clone()),
        ("instruction_set", report.instruction_set.clone()),
        ("seed", run.seed.to_string()),
        ("effort", run.effort.to_string()),
        ("kernel", run.data.resolved_kernel.clone()),
    ] {
        suite.add_property(Property::new(name, value));
    }
    suite
}

fn case(report: &Report, claim: &ClaimEntry) -> TestCase {
    let status = if let Some(reason) = failure(claim) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(reason);
        status.set_type(match claim.verdict {
            Verdict::Violated => "violated",
            _ => "control not rejected",
        });
        status.set_description(description(report, claim));
        status
    } else if report.is_elsewhere(claim) {
        skipped("all its instances are in other parts of the run")
    } else if claim.verdict == Verdict::Holds {
        TestCaseStatus::success()
    } else {
        skipped(&format!("{}: {}", claim.verdict, claim.why()))
    };
    let mut case = TestCase::new(&*claim.id, status);
    case.set_classname(&*claim.family);
    case.set_assertions(claim.total.checked);
    case.set_system_out(format!(
        "{}\n{} checked",
        claim.statement,
        count(claim.total.checked, "instance")
    ));
    case
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(reason);
    status
}

/// What is wrong with a claim, in a line.
fn failure(claim: &ClaimEntry) -> Option<String> {
    is_failed(claim).then(|| match claim.verdict {
        Verdict::Violated => format!("violated: {}", claim.why()),
        _ => claim.why(),
    })
}

/// How to see it again: numbers, command, and the test to paste.
fn description(report: &Report, claim: &ClaimEntry) -> String {
    let mut text = format!(
        "{}\nreplay: {}\n",
        claim.statement,
        report.replay_command(&claim.id)
    );
    if let Some(found) = &claim.counterexample {
        for (name, number) in [
            ("quantity", found.quantity),
            ("bound", found.bound),
            ("margin", found.margin),
            ("tolerance", found.tolerance),
        ] {
            let number = number.map_or("not finite".to_owned(), |number| format!("{number:.17e}"));
            text += &format!("{name}: {number}\n");
        }
        if let Some(test) = &found.test {
            text += &format!("test to paste:\n\n{test}\n");
        }
    }
    text
}

/// A case for the gate as a whole, a failure for each regression.
fn baseline(report: &Report) -> Option<TestSuite> {
    let baseline = report.baseline.as_ref()?;
    let mut suite = suite(report, "baseline");
    for change in &baseline.regressions {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("regression");
        status.set_message(format!(
            "{}: {} → {}",
            change.what, change.before, change.now
        ));
        let mut case = TestCase::new(&*change.claim, status);
        case.set_classname("baseline");
        suite.add_test_case(case);
    }
    if baseline.passed() {
        let mut case = TestCase::new("nothing got worse", TestCaseStatus::success());
        case.set_classname("baseline");
        suite.add_test_case(case);
    }
    Some(suite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Campaign, tests::fails_at_size};
    use crate::report::fixture::{report, run};
    use crate::report::{BaselineReport, Change};
    use roxmltree::{Document as Xml, Node};

    /// The cases of a document, by name, with the kind of their verdict and its message.
    fn cases(xml: &str) -> Vec<(String, String, String)> {
        let read = Xml::parse(xml).unwrap();
        let root = read.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let mut sums = [0; 3];
        let mut found = Vec::new();
        for suite in root.children().filter(Node::is_element) {
            assert_eq!(suite.tag_name().name(), "testsuite");
            let number = |node: Node, name| node.attribute(name).unwrap().parse::<usize>().unwrap();
            let own: Vec<Node> = suite
                .children()
                .filter(|node| node.has_tag_name("testcase"))
                .collect();
            assert_eq!(number(suite, "tests"), own.len());
            sums[0] += own.len();
            sums[1] += number(suite, "failures");
            for case in own {
                let verdict = case
                    .children()
                    .find(|node| node.has_tag_name("failure") || node.has_tag_name("skipped"));
                let (kind, message) = verdict.map_or(("success", ""), |verdict| {
                    (
                        verdict.tag_name().name(),
                        verdict.attribute("message").unwrap(),
                    )
                });
                sums[2] += usize::from(kind == "failure");
                assert!(case.attribute("classname").is_some());
                found.push((
                    case.attribute("name").unwrap().to_owned(),
                    kind.to_owned(),
                    message.to_owned(),
                ));
            }
        }
        assert_eq!(root.attribute("tests").unwrap(), sums[0].to_string());
        assert_eq!(sums[1], sums[2]);
        found
    }

    #[test]
    fn a_claim_is_a_case_and_a_family_a_suite() {
        let xml = to_junit(&report());
        let found = cases(&xml);
        let names: Vec<&str> = found.iter().map(|case| &*case.0).collect();
        assert_eq!(names, ["K4.lipschitz", "P3.local"]);
        assert!(found.iter().all(|case| case.1 == "success"));
        let read = Xml::parse(&xml).unwrap();
        let suites: Vec<&str> = read
            .descendants()
            .filter(|n| n.has_tag_name("testsuite"))
            .map(|n| n.attribute("name").unwrap())
            .collect();
        assert_eq!(suites, ["kernel", "pl"]);
        let property = |name| {
            read.descendants()
                .find(|n| n.attribute("name") == Some(name))
                .and_then(|n| n.attribute("value"))
        };
        assert_eq!(
            (property("seed"), property("effort")),
            (Some("5"), Some("quick"))
        );
    }

    #[test]
    fn what_is_open_is_skipped_with_its_reason() {
        let mut report = report();
        report.claims[0].verdict = Verdict::Vacuous;
        report.claims[0].reasons = [("equal & <inputs>".to_owned(), 3)].into();
        report.claims[1].control_rejected = false;
        report.claims[1].dropped[0].rejected = false;
        let found = cases(&to_junit(&report));
        assert_eq!(
            (&*found[0].1, &*found[0].2),
            ("skipped", "vacuous: equal & <inputs> (3×)")
        );
        assert_eq!(
            (&*found[1].1, &*found[1].2),
            ("failure", "a control is not rejected: too few layers")
        );
    }

    #[test]
    fn a_violation_is_a_failure_with_the_test_to_paste() {
        let claim = fails_at_size();
        let found = Campaign { seed: 5, cases: 64 }.run(&claim, &[], &|| ());
        let xml = to_junit(&Report::new(run(), &[found]));
        let all = cases(&xml);
        assert_eq!(all[0].1, "failure");
        assert!(
            all[0]
                .2
                .starts_with("violated: small fails (random stage, random instance 1, shrunk"),
            "{xml}"
        );
        let read = Xml::parse(&xml).unwrap();
        let failure = read
            .descendants()
            .find(|node| node.has_tag_name("failure"))
            .unwrap();
        assert_eq!(failure.attribute("type"), Some("violated"));
        let text = failure.text().unwrap();
        for part in [
            "replay: polyak verify --family T1.size --effort quick --seed 5",
            "bound: 1.00000000000000000e0",
            "fn t1_size_counterexample() {",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_baseline_is_a_suite() {
        let mut baseline = BaselineReport {
            regressions: Vec::new(),
            notes: Vec::new(),
            gated: Default::default(),
        };
        let last = |baseline: &BaselineReport| {
            cases(&to_junit(&report().with_baseline(baseline.clone())))
                .pop()
                .unwrap()
        };
        assert_eq!(last(&baseline).0, "nothing got worse");
        baseline.regressions.push(Change {
            claim: "P3.local".into(),
            what: "tightness".into(),
            before: "1".into(),
            now: "0.5".into(),
            allowance: None,
        });
        assert_eq!(
            last(&baseline),
            (
                "P3.local".into(),
                "failure".into(),
                "tightness: 1 → 0.5".into()
            )
        );
    }
}
