//! A violated claim in all four forms of a report: each says what is wrong, by how much, where, and how to see it again.

use super::fixture::run;
use super::{Report, to_html, to_json, to_junit, to_text};
use crate::campaign::{Campaign, tests::fails_at_size};
use crate::claims::registry;
use roxmltree::Document;

/// The report of a claim that was weakened on purpose.
fn violated() -> Report {
    let found = Campaign { seed: 5, cases: 64 }.run(&fails_at_size(), &[], &|| ());
    Report::new(run(), &[found])
}

/// The words of an HTML page, its proof pages left out.
fn words(page: &str) -> String {
    let body = page.split("</style>").last().unwrap();
    let tags = body
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text: String = tags.collect::<Vec<_>>().join(" ");
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// All that is said of a failure in JUnit's XML.
fn failure(xml: &str) -> String {
    let read = Document::parse(xml).unwrap();
    let failure = read
        .descendants()
        .find(|node| node.has_tag_name("failure"))
        .unwrap();
    let case = failure.parent().unwrap().attribute("name").unwrap();
    let attribute = |name| failure.attribute(name).unwrap();
    format!(
        "{case} {} {}\n{}",
        attribute("type"),
        attribute("message"),
        failure.text().unwrap()
    )
}

#[test]
fn a_violation_reads_well_in_every_form() {
    let report = violated();
    let found = report.claims[0].counterexample.as_ref().unwrap();
    let numbers = [found.quantity, found.bound, found.margin, found.tolerance]
        .map(|number| format!("{:.17e}", number.unwrap()));
    let test = found.test.as_deref().unwrap();
    let replay = report.replay_command("T1.size");
    let forms = [
        ("text", to_text(&report)),
        ("HTML", words(&to_html(registry(), &report))),
        ("JUnit", failure(&to_junit(&report))),
    ];
    for (form, text) in &forms {
        for part in [
            "T1.size",
            "small",
            "random instance ",
            "shrunk",
            &*replay,
            &*numbers[0],
            &*numbers[1],
            &*numbers[2],
            &*numbers[3],
        ] {
            assert!(text.contains(part), "{form} does not say {part}: {text}");
        }
        assert!(text.to_lowercase().contains("violated"), "{form}: {text}");
        // The test to paste is there line by line, as it is to be pasted.
        assert!(
            text.contains(test.trim_end()),
            "{form} has no test to paste: {text}"
        );
    }
    // The numbers of JSON are those numbers, and its test that test.
    let json: serde_json::Value = serde_json::from_str(&to_json(&report)).unwrap();
    let claim = &json["claims"][0];
    assert_eq!(
        (claim["id"].as_str(), claim["verdict"].as_str()),
        (Some("T1.size"), Some("violated"))
    );
    assert_eq!(json["outcome"], "failed");
    let counterexample = &claim["counterexample"];
    for (field, number) in ["quantity", "bound", "margin", "tolerance"]
        .into_iter()
        .zip(&numbers)
    {
        assert_eq!(
            format!("{:.17e}", counterexample[field].as_f64().unwrap()),
            *number,
            "{field}"
        );
    }
    assert_eq!(counterexample["test"], test);
    assert_eq!(counterexample["statement"], "small");
    // The first screens say it, too.
    let first: String = forms[0].1.lines().take(20).collect::<Vec<_>>().join("\n");
    assert!(
        first.contains("1 of 1 claim violated.") && first.contains("What to do next:"),
        "{first}"
    );
}
