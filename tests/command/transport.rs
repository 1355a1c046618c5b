//! `polyak transport`: distances of clouds, found and proved by others.

use crate::harness::{Folder, ended, polyak, refused, stdout};
use serde_json::Value;

fn json(arguments: &[&str], expected: i32) -> Value {
    let output = polyak(&[&["transport"], arguments, &["--json", "-"]].concat());
    ended(&output, expected);
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn ends(answer: &Value, what: &str) -> [f64; 2] {
    [0, 1].map(|end| answer[what][end].as_f64().unwrap())
}

fn near(answer: &Value, what: &str, exact: f64, width: f64) {
    let [lo, hi] = ends(answer, what);
    // The closed form is rounded, too.
    let slack = 4.0 * f64::EPSILON * exact;
    assert!(
        lo <= exact + slack && exact - slack <= hi && hi - lo <= width,
        "{what}: {answer}"
    );
}

/// Sorted, 0 goes to 0, 1 to 2 and 4 to 3.
fn three(folder: &Folder) -> [String; 2] {
    [
        folder.file("a.csv", "4\n0\n1\n"),
        folder.file("b.csv", "2\n0\n3\n"),
    ]
}

#[test]
fn distances_on_the_line_are_those_by_hand() {
    let folder = Folder::new();
    let [a, b] = three(&folder);
    near(&json(&[&a, &b], 0), "cost", 2.0 / 3.0, 1e-12);
    near(
        &json(&[&a, &b], 0),
        "distance",
        (2.0_f64 / 3.0).sqrt(),
        1e-12,
    );
    near(
        &json(&[&a, &b, "--order", "1"], 0),
        "distance",
        2.0 / 3.0,
        1e-12,
    );
    let output = polyak(&["transport", &a, &b]);
    ended(&output, 0);
    assert!(
        stdout(&output).contains("W_2 distance, found"),
        "{}",
        stdout(&output)
    );
    // Of a cloud to itself, in another order.
    let c = folder.file("c.csv", "1\n4\n0\n");
    assert_eq!(ends(&json(&[&a, &c], 0), "distance"), [0.0, 0.0]);
}

#[test]
fn weights_are_a_column_and_sizes_may_differ() {
    let folder = Folder::new();
    let a = folder.file("a.csv", "x,w\n0,0.25\n1,0.75\n");
    let b = folder.file("b.csv", "w,x\n3,0\n0.5,1\n0.5,1\n");
    // 0.25 at 0 against 0.75: one half moves by one.
    let answer = json(&[&a, &b, "--weights", "w", "--order", "1"], 0);
    near(&answer, "distance", 0.5, 1e-12);
    assert_eq!(answer["second"]["atoms"], 3);
    assert!(
        answer["first"]["data_notes"]
            .to_string()
            .contains("`w` holds the weights")
    );
    let words = folder.file("words.csv", "x,w\n0,much\n1,0.75\n");
    refused(
        &polyak(&["transport", &words, &b, "--weights", "w"]),
        &["words.csv", "line 2", "--weights"],
    );
    let negative = folder.file("negative.csv", "x,w\n0,-1\n1,2\n");
    refused(
        &polyak(&["transport", &negative, &b, "--weights", "w"]),
        &["negative.csv", "weight of atom 1"],
    );
}

#[test]
fn decimal_weights_are_the_decimals_that_are_written() {
    let folder = Folder::new();
    let a = folder.file("a.csv", "x,w\n1,.2\n2,.3\n3,.5\n");
    let b = folder.file("b.csv", "x,w\n1,2\n2,3\n3,5\n");
    let answer = json(&[&a, &b, "--weights", "w"], 0);
    assert_eq!(ends(&answer, "distance"), [0.0, 0.0]);
    let notes = answer["first"]["data_notes"].to_string();
    assert!(
        notes.contains("taken as the decimals that they are"),
        "{notes}"
    );
    // One tenth moves from 3 to 1, and two tenths from 3 to 2.
    let c = folder.file("c.csv", "x,w\n1,.3\n2,.5\n3,.2\n");
    near(
        &json(&[&a, &c, "--weights", "w", "--order", "1"], 0),
        "distance",
        0.4,
        1e-12,
    );
    // The numbers of f64 are others, and are not taken for decimals.
    let binary = folder.npy("a.npy", "(3, 2)", &[1.0, 0.2, 2.0, 0.3, 3.0, 0.5]);
    let said = polyak(&["transport", &binary, &binary, "--weights", "2"]);
    refused(&said, &["a.npy", "of a binary file", "one power of ten"]);
    let whole = folder.npy("whole.npy", "(3, 2)", &[1.0, 2.0, 2.0, 3.0, 3.0, 5.0]);
    json(&[&whole, &whole, "--weights", "2"], 0);
    let none = folder.file("none.csv", "x,w\n1,0\n2,0\n");
    let said = polyak(&["transport", &none, &b, "--weights", "w"]);
    refused(&said, &["none.csv", "every weight is zero"]);
}

#[test]
fn potentials_may_have_one_dimension() {
    let folder = Folder::new();
    let [a, b] = three(&folder);
    let plan = folder.file("plan.csv", PLAN);
    let answers = ["(3,)", "(3, 1)", "(1, 3)"].map(|shape| {
        let potentials = folder.npy("potentials.npy", shape, &[1.0, 0.0, 1.0]);
        let given = ["--order", "1", "--plan", &plan, "--potentials", &potentials];
        json(&[&[a.as_str(), &b][..], &given].concat(), 0)
    });
    for answer in &answers {
        assert_eq!(ends(answer, "distance"), ends(&answers[0], "distance"));
    }
}

#[test]
fn the_standard_input_is_one_cloud_only() {
    let folder = Folder::new();
    let [a, _] = three(&folder);
    refused(&polyak(&["transport", "-", "-"]), &["read once", "2 files"]);
    let twice = ["transport", "-", &a, "--potentials", "-"];
    refused(&polyak(&twice), &["read once"]);
    let comments = folder.file("comments.csv", "# x\n# y\n");
    refused(
        &polyak(&["transport", &comments, &a]),
        &["comments.csv", "comments only"],
    );
}

/// Rows are 4, 0, 1 and columns 2, 0, 3.
const PLAN: &str = "0,0,0.3333333333333333\n0,0.3333333333333333,0\n0.3333333333333333,0,0\n";

#[test]
fn plans_and_potentials_of_others_are_proved() {
    let folder = Folder::new();
    let [a, b] = three(&folder);
    let plan = folder.file("plan.csv", PLAN);
    // Of 1-Lipschitz functions: 0 at 0, and 1 at 2 and 3, as mass moves up to 2 and down to 3.
    let potentials = folder.file("potentials.csv", "1\n0\n1\n");
    let first = [a.as_str(), &b, "--order", "1"];
    let all = [&first[..], &["--plan", &plan, "--potentials", &potentials]].concat();
    let answer = json(&all, 0);
    near(&answer, "distance", 2.0 / 3.0, 1e-6);
    assert_eq!(answer["proved_by"], "plan and potentials");
    // One of them alone is one end.
    let answer = json(&[&first[..], &["--plan", &plan]].concat(), 3);
    let [lo, hi] = ends(&answer, "distance");
    assert!(lo == 0.0 && (hi - 2.0 / 3.0).abs() < 1e-12, "{answer}");
    let answer = json(&[&first[..], &["--potentials", &potentials]].concat(), 3);
    let [lo, hi] = ends(&answer, "distance");
    assert!(
        (lo - 2.0 / 3.0).abs() < 1e-12 && hi <= 4.0 + 1e-12,
        "{answer}"
    );
    // A plan that is not optimal is that far off: 4 → 2, 0 → 0, 1 → 3.
    let worse = PLAN.replace("0,0,0.3333333333333333\n0,", "0.3333333333333333,0,0\n0,");
    let worse =
        worse.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n0,0,0.3333333333333333\n";
    let worse = folder.file("worse.csv", &worse);
    let all = [&first[..], &["--plan", &worse, "--potentials", &potentials]].concat();
    let answer = json(&all, 3);
    let [lo, hi] = ends(&answer, "distance");
    assert!(
        (lo - 2.0 / 3.0).abs() < 1e-12 && (hi - 4.0 / 3.0).abs() < 1e-12,
        "{answer}"
    );
    let output = polyak(&[&["transport"], &all[..]].concat());
    assert!(
        stdout(&output).contains("that far from optimal"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_does_not_fit_is_named() {
    let folder = Folder::new();
    let [a, b] = three(&folder);
    let plan = folder.file("plan.csv", "0.5,0.5\n0.5,0.5\n");
    refused(
        &polyak(&["transport", &a, &b, "--plan", &plan]),
        &["plan.csv", "2 × 2", "3 × 3"],
    );
    let negative = folder.file("negative.csv", &PLAN.replacen("0,0,", "-0.1,0,", 1));
    refused(
        &polyak(&["transport", &a, &b, "--plan", &negative]),
        &["-0.1"],
    );
    let short = folder.file("short.csv", "1\n2\n");
    refused(
        &polyak(&["transport", &a, &b, "--potentials", &short]),
        &["2", "3"],
    );
    let plane = folder.file("plane.csv", "1,2\n3,4\n");
    refused(&polyak(&["transport", &a, &plane]), &["a.csv", "plane.csv"]);
    refused(
        &polyak(&["transport", &a, &folder.path("none.csv")]),
        &["none.csv"],
    );
    refused(
        &polyak(&["transport", &a, &b, "--order", "3"]),
        &["--order"],
    );
}
