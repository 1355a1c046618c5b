//! What the sources say in words: messages, and the documentation of items.

use super::{library, without_tests};

/// Nouns that messages count.
const COUNTED: &str = "sample input target frequency layer claim instance control seed point row column cell entry number \
    digit iteration step factorisation model particle atom array network thread coordinate output statement draw word \
    name regression node product weight feature fault";

/// What is always many, by who writes it.
const ALWAYS_MANY: [&str; 17] = [
    "{LAYERS} layers",
    "{MEDIAN_POINTS} of the {points} points",
    // Written where there is one too: of nothing counted.
    "{stage} instances",
    "{width:<14} particles",
    "all {total} samples",
    "{samples} of {total} samples",
    "{empty} empty columns",
    "all {many} columns",
    "{many} inputs",
    "{entries} entries take more memory",
    "{rows} × {columns} entries",
    "{line} names the columns",
    "{what} needs rows of one positive length",
    "{} of entries where the shape calls",
    "of {trials} draws of all instances",
    "up to {trials} draws",
    "{columns} of {order} columns",
];

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

/// `{n} rows` would say `1 rows`: `text::count` says how many there are of what. Assertions may.
#[test]
fn messages_count_by_the_function_that_knows_grammar() {
    let plurals: Vec<String> = COUNTED.split_whitespace().map(plural).collect();
    let mut faults = Vec::new();
    for (path, kept) in without_tests(&library()) {
        let asserted = |before: &str| {
            before
                .rsplit(';')
                .next()
                .is_some_and(|last| last.contains("assert") || last.contains("panic!"))
        };
        for (at, _) in kept.match_indices("} ") {
            let words: Vec<&str> = kept[at + 2..].split([' ', '\n']).take(2).collect();
            let counted = words.iter().any(|word| {
                let word = word.trim_end_matches(|c: char| !c.is_alphabetic());
                plurals.iter().any(|plural| plural == word)
            });
            let start = kept[..at].rfind('\n').unwrap_or(0);
            let line = kept[start..].lines().nth(1).unwrap_or_default();
            // A placeholder, not the end of a block.
            let quoted = line.contains('"') && !kept[..=at].ends_with(" }");
            let many = ALWAYS_MANY.iter().any(|known| line.contains(known));
            if counted && quoted && !many && !asserted(&kept[..at]) {
                faults.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Formulas of the documentation are text: docs.rs shows a fence for mathematics, and TeX, as they are written.
#[test]
fn documentation_has_no_tex() {
    let mut faults = Vec::new();
    for (path, text) in library() {
        let mut in_code = false;
        for line in text.lines() {
            let line = line.trim_start();
            let Some(said) = line
                .strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
            else {
                in_code = false;
                continue;
            };
            let said = said.trim_start();
            if let Some(language) = said.strip_prefix("```") {
                in_code = !in_code;
                if language.trim() != "math" {
                    continue;
                }
            }
            let commands = said.split('\\').skip(1);
            let mut tex = commands.filter(|after| {
                after.len() > 1 && after.starts_with(|c: char| c.is_ascii_alphabetic())
            });
            // An escape of Rust, as `\u{1b}`, is none of TeX.
            let tex = tex.any(|after| !after.starts_with("u{"));
            if !in_code && (tex || said.contains("$$")) || said.starts_with("```math") {
                faults.push(format!("{}: {said}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
