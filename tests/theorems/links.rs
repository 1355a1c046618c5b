//! Relative links resolve, and every proof page links the notation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files of a folder, in the order of their names.
fn pages(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap_or_else(|e| panic!("{folder}: {e}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.sort();
    found
}

/// The text without its fenced blocks and code spans, in which brackets are no links.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            for (place, part) in line.split('`').enumerate() {
                kept.push_str(if place % 2 == 0 { part } else { "code" });
            }
            kept.push('\n');
        }
    }
    kept
}

/// The targets of `[text](target)`.
fn targets(text: &str) -> Vec<String> {
    prose(text)
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// The anchor that a heading gets: its letters and digits in lower case, blanks as hyphens.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// The anchors of all headings of a page.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with('#') {
            found.insert(anchor(line.trim_start_matches('#')));
        }
    }
    found
}

/// What is wrong with the links of a page, a sentence each.
fn dead_links(page: &Path, text: &str) -> Vec<String> {
    let mut dead = Vec::new();
    for target in targets(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, fragment) = target.split_once('#').unwrap_or((&target, ""));
        let file = match path {
            "" => page.to_owned(),
            path => page.parent().unwrap().join(path),
        };
        if path.starts_with('/') || !file.exists() {
            dead.push(format!("{}: no file at {target}", page.display()));
        } else if !fragment.is_empty()
            && !anchors(&fs::read_to_string(&file).unwrap_or_default()).contains(fragment)
        {
            dead.push(format!("{}: no heading at {target}", page.display()));
        }
    }
    dead
}

#[test]
fn relative_links_resolve() {
    let mut all: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "tests/README.md"]
        .iter()
        .map(|name| root().join(name))
        .collect();
    all.extend(pages("docs"));
    all.extend(pages("proofs"));
    let mut dead = Vec::new();
    for page in all {
        dead.extend(dead_links(&page, &fs::read_to_string(&page).unwrap()));
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn every_proof_page_links_the_notation_below_its_title() {
    for page in pages("proofs") {
        let text = fs::read_to_string(&page).unwrap();
        if page.ends_with("README.md") {
            continue;
        }
        let line = text.lines().nth(2).unwrap_or_default();
        assert!(
            line.contains("](README.md#notation)"),
            "{}: the third line does not link README.md#notation",
            page.display()
        );
    }
}

#[test]
fn dead_files_and_dead_headings_are_found() {
    let page = root().join("proofs/README.md");
    let dead = dead_links(
        &page,
        "[a](README.md) [b](README.md#notation) [c](none.md) [d](README.md#none) [e](/etc) `[f](g)`",
    );
    let ends: Vec<&str> = dead
        .iter()
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    assert_eq!(ends, ["none.md", "README.md#none", "/etc"]);
}
