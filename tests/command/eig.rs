//! `polyak eig`: what is not known to the digits asked for, and remedies that help.

use crate::harness::{Folder, ended, polyak, refused, stderr, stdout, words};
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
        ("gausian:1", "did you mean `gaussian:1`"),
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

/// Equispaced points of `[0, 4π]`, as everybody writes them.
fn equispaced() -> String {
    let step = 4.0 * std::f64::consts::PI / 99.0;
    (0..100)
        .map(|j| format!("{}\n", step * f64::from(j)))
        .collect()
}

/// The text of what a run says, its document, and its status.
/// The words, wherever lines are broken, and the JSON.
fn answered(arguments: &[&str], status: i32) -> (String, Value) {
    let output = polyak(arguments);
    ended(&output, status);
    let json = polyak(&[arguments, &["--json", "-"]].concat());
    ended(&json, status);
    (
        words(&output),
        serde_json::from_slice(&json.stdout).unwrap(),
    )
}

/// "Shouldn't this kernel matrix already be positive definite?" It is, by less than any f64 sees.
#[test]
fn a_gaussian_on_a_line_is_positive_and_needs_a_jitter() {
    let folder = Folder::new();
    let file = folder.file("line.csv", &equispaced());
    let command = [
        "eig",
        &file,
        "--kernel",
        "gaussian:1.47",
        "--certify",
        "--jitter",
    ];
    let (text, answer) = answered(&command, 0);
    assert!(text.contains("positive, proved"), "{text}");
    let certificate = &answer["certificate"];
    let end = |index: usize| certificate["enclosure"][index].as_f64().unwrap();
    assert!(
        end(0) >= 6.0420e-114 && end(1) <= 6.0421e-114,
        "{certificate}"
    );
    assert_eq!(certificate["positive"], true);
    let epsilon = |arithmetic: &str| {
        let found = &answer["jitter"][arithmetic];
        assert_eq!(found["breaks_below"], 0.0);
        found["completes_from"].as_f64().unwrap()
    };
    // γ_104 of the trace, and the entries: some 1e-12 and 1e-11; 2⁻²⁴ in the place of 2⁻⁵³.
    assert!(
        epsilon("double") > 1e-12 && epsilon("double") < 2e-11,
        "{answer}"
    );
    assert!(
        epsilon("single") > 6e-4 && epsilon("single") < 2e-3,
        "{answer}"
    );
    assert!(text.contains("in f64 completes for every ε from"), "{text}");
}

#[test]
fn singular_matrices_are_proved_singular() {
    let folder = Folder::new();
    let path = (0..60)
        .map(|i: i32| {
            let entry = |j: i32| match (i - j).abs() {
                0 if i == 0 || i == 59 => "1",
                0 => "2",
                1 => "-1",
                _ => "0",
            };
            (0..60).map(entry).collect::<Vec<_>>().join(",") + "\n"
        })
        .collect::<String>();
    for table in ["1,1\n1,1\n", "2,0\n0,0\n", "0.1,0.1\n0.1,0.1\n", &path] {
        let file = folder.file("a.csv", table);
        let (text, answer) = answered(&["eig", &file, "--certify", "--condition"], 0);
        assert!(
            text.contains("enclosure [0, 0] sign zero, proved"),
            "{text}"
        );
        assert_eq!(answer["certificate"]["precision"], "Exact");
        assert_eq!(answer["condition"]["verdict"], "singular");
    }
}

#[test]
fn condition_numbers_are_enclosed_or_there_is_none() {
    let folder = Folder::new();
    let file = folder.file("a.csv", "2,1\n1,2\n");
    let (text, answer) = answered(&["eig", &file, "--condition"], 0);
    assert!(text.contains("condition number"), "{text}");
    let end = |index: usize| answer["condition"]["enclosure"][index].as_f64().unwrap();
    assert!(end(0) <= 3.0 && end(1) >= 3.0 && end(1) - end(0) < 1e-5);
    assert_eq!(answer["condition"]["verdict"], "between");
    let file = folder.file("a.csv", "1,2\n2,1\n");
    let (text, answer) = answered(&["eig", &file, "--condition"], 0);
    assert!(text.contains("not positive definite"), "{text}");
    assert_eq!(answer["condition"]["verdict"], "not-definite");
    // Where f64 alone cannot say whether it is positive.
    let file = folder.file("line.csv", &line());
    let command = [
        "eig",
        &file,
        "--kernel",
        "gaussian:1",
        "--condition",
        "--max-bits",
        "0",
    ];
    let (text, answer) = answered(&command, 3);
    assert!(text.contains("at least"), "{text}");
    assert_eq!(answer["condition"]["enclosure"][1], Value::Null);
}

#[test]
fn matrices_nearby_are_bounded() {
    let folder = Folder::new();
    let file = folder.file("a.csv", "2,1\n1,2\n");
    for (radius, definite, words) in [
        ("0.25", "every", "positive for all of them, proved"),
        ("1.5", "not-every", "not positive for one of them, proved"),
        ("0", "every", "positive for all"),
    ] {
        let (text, answer) = answered(&["eig", &file, "--within", radius], 0);
        assert!(text.contains(words), "{text}");
        let within = &answer["within"];
        assert_eq!(within["definite"], definite);
        let end = |index: usize| within["enclosure"][index].as_f64().unwrap();
        let radius: f64 = radius.parse().unwrap();
        assert!(
            end(0) <= 1.0 - radius
                && end(1) >= 1.0 + radius
                && end(1) - end(0) < 2.0 * radius + 1e-5
        );
    }
    // Radii of the entries: of norm 0.75.
    let radii = folder.file("radii.csv", "0.25,0.5\n0.5,0.25\n");
    let (_, answer) = answered(&["eig", &file, "--within", &radii], 0);
    let radius = answer["within"]["radius"].as_f64().unwrap();
    assert!((0.75..0.7500001).contains(&radius), "{radius}");
    let wrong = folder.file("wrong.csv", "1,2,3\n2,1,2\n3,2,1\n");
    let negative = folder.file("negative.csv", "0,-1\n-1,0\n");
    for (given, words) in [
        ("nan", ["--within", "not negative"]),
        (&wrong, ["3 × 3", "order 2"]),
        (&negative, ["negative.csv", "(2, 1)"]),
    ] {
        refused(&polyak(&["eig", &file, "--within", given]), &words);
    }
    refused(&polyak(&["eig", &file, "--within=-1"]), &["--within -1"]);
    // The eigenvalue is as far from zero as the distance, up to rounding.
    let (_, answer) = answered(&["eig", &file, "--within", "0.9999999999999999"], 3);
    assert_eq!(answer["within"]["definite"], "undecided");
}

#[test]
fn jitters_of_a_matrix_have_both_sides() {
    let folder = Folder::new();
    let file = folder.file("a.csv", "1,2\n2,1\n");
    let (text, answer) = answered(&["eig", &file, "--jitter"], 0);
    assert!(text.contains("breaks down below 9.99e-1, proved"), "{text}");
    let double = &answer["jitter"]["double"];
    assert!(double["completes_from"].as_f64().unwrap() > 1.0);
    let file = folder.file("a.csv", "2,1\n1,2\n");
    let (text, _) = answered(&["eig", &file, "--jitter"], 0);
    assert!(text.contains("completes without any ε, proved"), "{text}");
    let file = folder.file("a.csv", "2e13,1\n1,2e13\n");
    let (text, answer) = answered(&["eig", &file, "--jitter"], 0);
    assert!(text.contains("too large for f32"), "{text}");
    assert_eq!(answer["jitter"]["single"], Value::Null);
}

#[test]
fn what_is_not_quite_symmetric_is_made_so_when_asked() {
    let folder = Folder::new();
    let file = folder.file("skew.csv", "2,1,0\n1.5,2,0\n0,0,1\n");
    for certify in [&[][..], &["--certify"]] {
        let command = [&["eig", &file, "--symmetrize"], certify].concat();
        let (text, answer) = answered(&command, 0);
        assert!(
            text.contains("1 pair of mirrored entries differed, by 5.00e-1 at most, in (1, 2)"),
            "{text}"
        );
        assert!(text.contains("it is exact"), "{text}");
        let value = match certify {
            [] => answer["estimate"]["estimate"]["value"].as_f64(),
            _ => answer["certificate"]["enclosure"][0].as_f64(),
        };
        assert!((value.unwrap() - 0.75).abs() < 1e-6);
    }
    // A last place: the half is no f64.
    let file = folder.file("skew.csv", "2,1\n1.0000000000000002,2\n");
    let (text, _) = answered(&["eig", &file, "--symmetrize", "--certify"], 0);
    assert!(text.contains("bounds are wider by that"), "{text}");
    let same = folder.file("same.csv", "2,1\n1,2\n");
    let (text, _) = answered(&["eig", &same, "--symmetrize"], 0);
    assert!(text.contains("symmetric as it is"), "{text}");
}
