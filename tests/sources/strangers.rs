//! What the README says of the packages of strangers.

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
