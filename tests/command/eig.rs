//! `polyak eig`: what is not known to the digits asked for, and remedies that help.

use crate::harness::{Folder, ended, polyak, refused, stderr, stdout};
use serde_json::Value;

/// Sixteen points on a line, where f64 returns noise.
fn line() -> String {
    (0..16)
        .map(|j| format!("{}\n", -1.0 + 2.0 * f64::from(j) / 15.0))
        .collect()
}

#[test]
fn an_estimate_short_of_its_digits_is_undecided() {
    let folder = Folder::new();
    let file = folder.file("line.csv", &line());
    for method in ["dense", "matrix-free"] {
        let common = ["eig", &file, "--kernel", "gaussian:1", "--method", method];
        let output = polyak(&common);
        ended(&output, 3);
        assert!(stdout(&output).contains("undecided: the error is too large for the 6 digits"));
        let json = polyak(&[&common[..], &["--json", "-"]].concat());
        ended(&json, 3);
        let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
        let estimate = &answer["estimate"]["estimate"];
        let number = |key: &str| estimate[key].as_f64().unwrap();
        assert!(
            number("error_bound") > 8.0 * number("value").abs(),
            "{estimate}"
        );
        assert_eq!(answer["estimate"]["reached"], false);
    }
    // Points that lie apart have all digits.
    let apart = folder.file("apart.csv", "0\n3\n7\n");
    for method in ["dense", "inverse-lanczos", "matrix-free"] {
        let output = polyak(&["eig", &apart, "--kernel", "gaussian:1", "--method", method]);
        ended(&output, 0);
        assert!(!stdout(&output).contains("undecided"));
    }
}

/// Two eigenvalues that nearly agree: an estimate with as many digits as are asked for says so, and no other.
#[test]
fn more_digits_than_f64_has_are_undecided() {
    let folder = Folder::new();
    let file = folder.file("line.csv", &line());
    let run =
        |digits: &str| polyak(&["eig", &file, "--kernel", "matern12:0.5", "--digits", digits]);
    ended(&run("6"), 0);
    ended(&run("14"), 3);
}

#[test]
fn half_a_matrix_is_to_be_mirrored() {
    let folder = Folder::new();
    for (name, table, side) in [
        ("upper.csv", "2,1,0.5\n0,2,1\n0,0,2\n", "below"),
        ("lower.csv", "2,0,0\n1,2,0\n0.5,1,2\n", "above"),
    ] {
        let file = folder.file(name, table);
        for certify in [&[][..], &["--certify"]] {
            let output = polyak(&[&["eig", &file], certify].concat());
            refused(&output, &[name, "A + Aᵀ − diag(A)", side]);
            assert!(!stderr(&output).contains("/2"), "{}", stderr(&output));
        }
    }
    let skew = folder.file("skew.csv", "2,1,0\n1.5,2,0\n0,0,1\n");
    refused(
        &polyak(&["eig", &skew]),
        &[
            "(1, 2) = 1e0 and (2, 1) = 1.5e0",
            "for points give --kernel",
        ],
    );
}

#[test]
fn limits_are_numbers() {
    let folder = Folder::new();
    let file = folder.file("matrix.csv", "2,1\n1,2\n");
    for limit in [
        ["--max-gib", "0.5"],
        ["--max-gib", "inf"],
        ["--max-seconds", "2.5"],
    ] {
        ended(&polyak(&[&["eig", &file], &limit[..]].concat()), 0);
    }
    for wrong in [
        "--max-gib=0",
        "--max-gib=-1",
        "--max-gib=x",
        "--max-seconds=-1",
        "--max-seconds=nan",
    ] {
        refused(&polyak(&["eig", &file, wrong]), &["give a number"]);
    }
    refused(
        &polyak(&["eig", &file, "--max-gib", "1e-9"]),
        &["matrix.csv", "raise the limit"],
    );
}

#[test]
fn kernels_of_other_names_are_suggested() {
    let folder = Folder::new();
    let file = folder.file("points.csv", "1,2\n3,4\n5,6\n");
    for (name, meant) in [
        ("rbf:1", "did you mean gaussian:S"),
        ("squared_exponential", "did you mean gaussian:S"),
        ("laplacian:1", "did you mean matern12:S"),
        ("gausian:1", "did you mean `gaussian`"),
        ("periodic:1", "linear, polynomial(p)"),
    ] {
        refused(
            &polyak(&["eig", &file, "--kernel", name]),
            &[meant, "the known names are gaussian"],
        );
    }
    for command in ["verify", "width", "recipe"] {
        refused(
            &polyak(&[command, "--kernel", "linear"]),
            &["`linear` is not radial"],
        );
    }
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let folder = Folder::new();
    let file = folder.file("a\u{1b}[31mb.csv", "1,2\n3,4\n");
    let missing = folder.path("no\u{1b}]0;title\u{7}.csv");
    let outputs = [
        polyak(&["eig", &file, "--kernel", "gaussian:1"]),
        polyak(&["eig", &file]),
        polyak(&["eig", &missing]),
        polyak(&["verify", "--data", &missing]),
        polyak(&["train", "--recipe", &missing]),
        polyak(&["distance", &missing, &missing]),
        polyak(&["merge", &missing]),
        polyak(&["claims", "\u{1b}[31m"]),
    ];
    // The parser of arguments leaves out what it knows.
    for wrong in [
        ["--kernel\u{1b}[31m", "\u{7}"],
        ["--digits", "\u{1b}[31m\u{7}"],
    ] {
        let printed = stderr(&polyak(&["eig", &file, wrong[0], wrong[1]]));
        assert!(!printed.contains(['\u{1b}', '\u{7}']), "{printed:?}");
    }
    for output in outputs {
        let printed = stdout(&output) + &stderr(&output);
        assert!(!printed.contains(['\u{1b}', '\u{7}']), "{printed:?}");
        assert!(printed.contains("\\u{1b}"), "{printed:?}");
    }
    // The document has the name itself.
    let output = polyak(&["eig", &file, "--kernel", "gaussian:1", "--json", "-"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["file"], file);
}
