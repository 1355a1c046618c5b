//! The forms of a report for people and for pipelines: HTML and JUnit.

use crate::harness::{Folder, ended, polyak, refused, stdout};
use std::fs;

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
