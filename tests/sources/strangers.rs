//! What the README says of the packages of strangers, and what they are built with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The row of a package, and the files that its lines are counted of, in order.
const COUNTED: [(&str, &[&str]); 3] = [
    ("own-kernel", &["wendland.rs", "rational_quadratic.rs"]),
    ("own-theorem", &["rows.rs", "growth.rs"]),
    ("own-object", &["lib.rs"]),
];

#[test]
fn the_readme_counts_the_lines_of_strangers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    for (package, files) in COUNTED {
        let lines = files.iter().map(|file| {
            let path = root.join("examples").join(package).join("src").join(file);
            let text = fs::read_to_string(path).expect("a source");
            text.lines().count().to_string()
        });
        let expected = format!("| {} |", lines.collect::<Vec<_>>().join(" and "));
        let start = format!("| [`examples/{package}`]");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&start))
            .expect("a row");
        assert!(row.ends_with(&expected), "{row}: should end in {expected}");
    }
}

/// The versions of every crate of a lock file.
fn locked(path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(path)).expect("a lock file");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in text.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let mut values = package.lines().filter_map(|line| line.strip_prefix(key));
            values.next().expect("a value").trim_matches('"').to_owned()
        };
        let versions = found.entry(value("name = ")).or_default();
        versions.insert(value("version = "));
    }
    found
}

/// What is tested with the crate is what the other packages get, and they share one build of it.
#[test]
fn the_packages_lock_what_the_crate_locks() {
    let own = locked("Cargo.lock");
    assert!(own.len() > 100);
    for package in [
        "examples/own-kernel",
        "examples/own-theorem",
        "examples/own-object",
        "fuzz",
        "python",
    ] {
        let theirs = locked(&format!("{package}/Cargo.lock"));
        assert!(theirs.contains_key("polyak"));
        for (name, versions) in theirs {
            let Some(ours) = own.get(&name) else { continue };
            assert!(
                versions.is_subset(ours),
                "{package}: {name} {versions:?}, but the crate has {ours:?}: \
                 cargo update --manifest-path {package}/Cargo.toml -p {name} --precise VERSION"
            );
        }
    }
}
