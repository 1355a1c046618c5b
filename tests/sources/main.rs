//! The sources of the library, read as text: what rooms use, what public types are called, and what is said in words.

mod names;
mod rooms;
mod strangers;
mod version;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The sources of the library, by path from `src`.
fn library() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&folder, Path::new(""), &mut found);
    found
}

/// The sources under a folder, by path from there.
fn sources(folder: &Path, inside: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder.join(inside)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = inside.join(entry.file_name());
        if entry.path().is_dir() {
            sources(folder, &path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.insert(path, fs::read_to_string(entry.path()).expect("a source"));
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

/// The code of every source that is not for tests alone.
fn without_tests(texts: &BTreeMap<PathBuf, String>) -> BTreeMap<PathBuf, String> {
    let (mut found, mut tests) = (BTreeMap::new(), Vec::new());
    for (path, text) in texts {
        let (kept, modules) = code(text);
        let module = path.with_extension("");
        let own = if path.ends_with("mod.rs") || path.ends_with("lib.rs") {
            path.parent().expect("a folder")
        } else {
            &module
        };
        tests.extend(modules.iter().map(|test| own.join(test)));
        found.insert(path.clone(), kept);
    }
    found.retain(|path, _| {
        let module = path.with_extension("");
        !tests.iter().any(|test| module.starts_with(test))
    });
    found
}
