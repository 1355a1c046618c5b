//! The forms of a report for people and for pipelines: HTML and JUnit.

use crate::harness::{Folder, ended, polyak, refused, stderr, stdout};
use std::fs;
use std::process::Command;

const SHORT: [&str; 7] = [
    "verify",
    "--effort",
    "quick",
    "--max-samples",
    "12",
    "--family",
    "K4,P3.local",
];

#[test]
fn all_forms_are_of_one_run_and_beside_the_words() {
    let folder = Folder::new();
    let [html, junit, json] = ["out.html", "out.xml", "out.json"].map(|name| folder.path(name));
    let output = polyak(
        &[
            &SHORT[..],
            &["--report", &html, "--junit", &junit, "--json", &json],
        ]
        .concat(),
    );
    ended(&output, 0);
    assert!(stdout(&output).contains("ALL HOLD: 2 claims"));
    assert_eq!(folder.names().len(), 3);
    let page = fs::read_to_string(&html).unwrap();
    assert!(
        page.contains("<h1 class=\"holds\">All 2 claims hold</h1>"),
        "{page}"
    );
    let xml = fs::read_to_string(&junit).unwrap();
    let xml = roxmltree::Document::parse(&xml).unwrap();
    let root = xml.root_element();
    assert_eq!(
        (root.attribute("tests"), root.attribute("failures")),
        (Some("2"), Some("0"))
    );
    // Again, byte for byte.
    let again = folder.path("again.html");
    ended(&polyak(&[&SHORT[..], &["--report", &again]].concat()), 0);
    assert_eq!(page, fs::read_to_string(again).unwrap());
}

#[test]
fn merged_parts_have_the_page_of_the_whole() {
    let folder = Folder::new();
    let [whole, merged] = ["whole.html", "merged.html"].map(|name| folder.path(name));
    ended(&polyak(&[&SHORT[..], &["--report", &whole]].concat()), 0);
    let parts = ["1/2", "2/2"].map(|part| {
        let file = folder.path(&part.replace('/', "-"));
        ended(
            &polyak(&[&SHORT[..], &["--shard", part, "--json", &file]].concat()),
            0,
        );
        file
    });
    ended(
        &polyak(&["merge", &parts[0], &parts[1], "--report", &merged]),
        0,
    );
    assert_eq!(fs::read(whole).unwrap(), fs::read(merged).unwrap());
}

#[test]
fn files_that_cannot_be_written_are_refused_before_the_run() {
    let folder = Folder::new();
    let file = folder.path("out");
    let refuse = |more: &[&str], parts: &[&str]| {
        refused(&polyak(&[&SHORT[..], more].concat()), parts);
        assert!(folder.names().is_empty());
    };
    refuse(&["--report", "-"], &["--report", "needs a file"]);
    refuse(&["--junit", "-"], &["--junit", "needs a file"]);
    refuse(&["--report", &file, "--junit", &file], &["out"]);
    refuse(&["--json", &file, "--report", &file], &["out"]);
    refuse(&["--report", &folder.path("no/where.html")], &["no"]);
    refuse(
        &["--self-test", "--report", &file],
        &["--self-test", "cannot be used"],
    );
}

/// What servers read is a schema of its own; `xmllint` is the validator of libxml2.
#[test]
fn junit_is_what_servers_read() {
    let folder = Folder::new();
    let xml = folder.path("out.xml");
    // A claim that is open, one that holds, and one that is in another part of the run.
    let wave = folder.file("wave.csv", "0,0\n1,1\n2,0\n3,-1\n4,0\n5,1\n6,0\n7,-1\n");
    let output = polyak(&[&SHORT[..], &["--data", &wave, "--junit", &xml]].concat());
    assert!(
        [0, 3].contains(&output.status.code().unwrap()),
        "{output:?}"
    );
    let schema = format!("{}/tests/junit/junit.xsd", env!("CARGO_MANIFEST_DIR"));
    let validate = |file: &str| {
        let mut command = Command::new("xmllint");
        command
            .args(["--nonet", "--noout", "--schema", &schema, file])
            .output()
    };
    let Ok(seen) = validate(&xml) else {
        eprintln!("skipped: there is no xmllint; install libxml2-utils");
        return;
    };
    assert!(
        seen.status.success(),
        "{}",
        String::from_utf8_lossy(&seen.stderr)
    );
    // The schema refuses what is not so.
    let text = fs::read_to_string(&xml).unwrap();
    for (right, wrong) in [
        ("<testcase name=", "<testcase title="),
        ("tests=\"2\"", "tests=\"two\""),
        ("</testsuites>", "<testcase/></testsuites>"),
    ] {
        assert!(text.contains(right), "{right} in {text}");
        let file = folder.file("wrong.xml", &text.replacen(right, wrong, 1));
        assert!(!validate(&file).unwrap().status.success(), "{wrong}");
    }
}

#[test]
fn a_forge_hears_what_does_not_hold() {
    let folder = Folder::new();
    let summary = folder.file("summary.md", "before\n");
    let twice = folder.file("twice.csv", "0,0\n0,1\n1,1\n2,0\n");
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
        command.env("GITHUB_STEP_SUMMARY", &summary);
        command
            .args(SHORT)
            .args(["--quiet"])
            .args(more)
            .output()
            .unwrap()
    };
    let annotated = ["--annotate", "github"];
    let output = run(&annotated);
    ended(&output, 0);
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (String::new(), String::new())
    );
    let text = fs::read_to_string(&summary).unwrap();
    assert!(
        text.starts_with("before\n## ✓ All 2 claims hold\n"),
        "{text}"
    );
    // Of equal inputs P3.local says nothing.
    let output = run(&[&annotated[..], &["--data", &twice]].concat());
    ended(&output, 3);
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.starts_with("::warning title=P3.local is ")
            && said.contains("%0Areplay: polyak verify --family P3.local"),
        "{said}"
    );
    let more = fs::read_to_string(&summary).unwrap();
    assert!(
        more.starts_with(&text) && more.contains("## ? 1 of 2 claims left open\n"),
        "{more}"
    );
    // Without being asked, nothing.
    let output = run(&["--data", &twice]);
    assert_eq!(stderr(&output), "");
    assert_eq!(fs::read_to_string(&summary).unwrap(), more);
    refused(
        &polyak(&[&SHORT[..], &["--annotate", "nobody"]].concat()),
        &["nobody", "github"],
    );
}
