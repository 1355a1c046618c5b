//! The rooms of the library depend on each other in the order that `src/lib.rs` states.
//!
//! A room is a folder of `src`, or a file beside them. What it uses are the names after `crate::` in its sources, comments and
//! whatever is compiled for tests alone left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What comes before the order in the documentation of `src/lib.rs`: levels between semicolons, rooms in backticks.
const STATEMENT: &str = "Every room uses only rooms of the levels before its own:";

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The levels that a text states, down to the next empty line.
fn levels(text: &str) -> Vec<BTreeSet<String>> {
    let (_, after) = text.split_once(STATEMENT).expect("the statement");
    let (paragraph, _) = after.split_once("\n//!\n").expect("the end of a paragraph");
    let named = |level: &str| {
        level
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    paragraph.split(';').map(named).collect()
}

/// The sources under a folder, by path.
fn read(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            into.insert(path, text);
        }
    }
}

/// The code of a source without comments and without items for tests, and the modules that are for tests alone.
fn code(text: &str) -> (String, Vec<String>) {
    let (mut kept, mut modules) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (indent, item) = line.split_at(line.len() - line.trim_start().len());
        if item == "#[cfg(test)]" {
            let first = lines.next().expect("an item");
            let words: Vec<&str> = first.trim_end_matches(';').split_whitespace().collect();
            if let Some(at) = words.iter().position(|&word| word == "mod") {
                modules.push(words[at + 1].to_owned());
            }
            // Formatted code ends an item where it began.
            let end = format!("{indent}}}");
            if !first.ends_with(';') {
                lines.find(|line| line.trim_end_matches(';') == end);
            }
        } else if !item.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    (kept, modules)
}

/// The rooms that a piece of code names.
fn uses(code: &str) -> BTreeSet<String> {
    let name = |rest: &str| -> String {
        let letters = rest.chars();
        letters
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let paths = code.match_indices("crate::");
    let own =
        paths.filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
    own.map(|(at, path)| name(&code[at + path.len()..]))
        .collect()
}

/// The room of a source, if it is in one.
fn room(source: &Path) -> Option<String> {
    let inside = source.strip_prefix(sources()).expect("a source");
    let first = inside.components().next()?;
    let name = Path::new(first.as_os_str())
        .file_stem()?
        .to_str()?
        .to_owned();
    (!["lib", "main"].contains(&name.as_str())).then_some(name)
}

/// What every room uses, and where.
fn graph() -> BTreeMap<String, BTreeMap<String, PathBuf>> {
    let mut texts = BTreeMap::new();
    read(&sources(), &mut texts);
    let mut tests = Vec::new();
    let mut parts = Vec::new();
    for (path, text) in &texts {
        let (kept, modules) = code(text);
        let stem = path.file_stem().expect("a name");
        let folder = path.parent().expect("a folder");
        let own = if stem == "mod" || stem == "lib" {
            folder.to_path_buf()
        } else {
            folder.join(stem)
        };
        tests.extend(modules.iter().map(|module| own.join(module)));
        parts.push((path, kept));
    }
    let mut graph: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (path, kept) in parts {
        let Some(room) = room(path) else { continue };
        let used = graph.entry(room.clone()).or_default();
        if tests
            .iter()
            .any(|test| path.with_extension("").starts_with(test))
        {
            continue;
        }
        let others = uses(&kept).into_iter().filter(|other| *other != room);
        used.extend(others.map(|other| (other, path.clone())));
    }
    graph
}

#[test]
fn rooms_use_only_rooms_of_the_levels_before_their_own() {
    let stated = fs::read_to_string(sources().join("lib.rs")).expect("src/lib.rs");
    let levels = levels(&stated);
    let level = |room: &str| levels.iter().position(|level| level.contains(room));
    let graph = graph();
    let named: BTreeSet<_> = levels.iter().flatten().collect();
    assert_eq!(
        named,
        graph.keys().collect(),
        "the rooms stated, and those there are"
    );
    assert_eq!(
        levels.iter().map(BTreeSet::len).sum::<usize>(),
        named.len(),
        "a room is named twice"
    );
    let mut upwards = Vec::new();
    for (room, used) in &graph {
        for (other, path) in used {
            if level(other) >= level(room) || level(other).is_none() {
                upwards.push(format!("{room} uses {other} in {}", path.display()));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn what_a_room_uses_is_read_from_its_code() {
    let text = "//! [`x`](crate::report)\nuse crate::linalg::{a, b};\n#[cfg(test)]\nmod oracle;\n\
                fn f() -> crate::text::T {\n    // crate::watch\n    other_crate::g()\n}\n\
                #[cfg(test)]\nmod tests {\n    use crate::data;\n    fn g() {\n    }\n}\nuse crate::gram;\n";
    let (kept, modules) = code(text);
    assert_eq!(modules, ["oracle", "tests"]);
    assert_eq!(Vec::from_iter(uses(&kept)), ["gram", "linalg", "text"]);
    let stated = format!("//! {STATEMENT} `a`, `b`;\n//! `c`; `d`.\n//!\n//! `e`\n");
    let found: Vec<Vec<_>> = levels(&stated).into_iter().map(Vec::from_iter).collect();
    assert_eq!(found, [vec!["a", "b"], vec!["c"], vec!["d"]]);
}
