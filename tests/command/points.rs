//! Points of a file: the same for every command, and what was done to them is said.

use crate::harness::{Folder, ended, polyak, refused, status, stdout, words};
use serde_json::Value;

/// More points than are kept of the digits, in no order; words in the last column.
fn cloud() -> String {
    let row = |i: u64| {
        let part = |k: u64| (i * k % 1009) as f64 / 1009.0;
        let word = if i.is_multiple_of(2) { "even" } else { "odd" };
        format!("{},{},{},7,{word}\n", part(383), part(617), part(811))
    };
    "a,b,c,k,parity\n".to_owned() + &(1..=250).map(row).collect::<String>()
}

fn interval(output: &std::process::Output, before: &str) -> String {
    let text = stdout(output);
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with(before));
    line.and_then(|line| line.split('[').nth(1))
        .unwrap_or_else(|| panic!("{text}"))
        .to_owned()
}

#[test]
fn eig_and_width_enclose_the_eigenvalue_of_one_matrix() {
    let folder = Folder::new();
    let words = folder.file("cloud.csv", &cloud());
    let numbers = folder.file("numbers.csv", "x,y\n0.1,2\n0.3,5\n0.7,1\n0.2,4\n0.9,2\n");
    for (file, options) in [
        (&numbers, &[][..]),
        (&numbers, &["--standardise"]),
        (&numbers, &["--target", "x"]),
        (&words, &["--target", "parity"]),
        (&words, &["--target", "LAST", "--standardise"]),
    ] {
        for kernel in ["gaussian:0.2", "gaussian:0.2*auto", "matern32:auto"] {
            let common = [&["--kernel", kernel][..], options].concat();
            let one = polyak(&[&["eig", file, "--certify"], &common[..]].concat());
            let models = ["--models", "0"];
            let other = polyak(&[&["width", "--data", file], &models[..], &common].concat());
            ended(&one, 0);
            assert_ne!(status(&other), 2);
            let (one, other) = (interval(&one, "enclosure"), interval(&other, "λ_min(K)"));
            assert_eq!(one, other, "{kernel} {options:?}");
        }
    }
}

#[test]
fn a_part_of_the_points_is_kept_on_request_alone() {
    let folder = Folder::new();
    let file = folder.file("cloud.csv", &cloud());
    let width = |more: &[&str]| {
        let common = ["width", "--data", &file, "--target", "5", "--models", "0"];
        stdout(&polyak(&[&common, more].concat()))
    };
    assert!(width(&[]).starts_with("250 points"), "{}", width(&[]));
    let few = width(&["--max-samples", "20"]);
    assert!(
        few.starts_with("20 points") && few.contains("20 of 250 samples are kept"),
        "{few}"
    );
    let many: String = (0..2001).map(|i| format!("{i}.5\n")).collect();
    let many = folder.file("many.csv", &many);
    let parts = ["many.csv", "2001 points", "--max-samples"];
    refused(
        &polyak(&["width", "--data", &many, "--kernel", "gaussian:1"]),
        &parts,
    );
}

/// What every command must say of a table with a header and a constant column.
#[test]
fn notes_are_in_text_and_json() {
    let folder = Folder::new();
    let row = |i: i32| format!("{i},{},3,{}\n", 7 * i % 5, i * i);
    let table = "a,b,k,y\n".to_owned() + &(0..10).map(row).collect::<String>();
    let file = folder.file("table.csv", &table);
    let header = "line 1 is a header: it names the columns";
    let coordinates = "all 4 columns are coordinates, as they are";
    let median = "the bandwidth is 0.3 times the median of the distances of all 45 pairs of points";
    let default = "the bandwidth is 0.35 times the median of the distances of all 45 pairs of";
    let constant = "constant inputs are dropped: k";
    let target = "the target `y` is a real number";
    let recipe = folder.path("recipe.json");
    let checks: [(&[&str], &[&str], &str); 6] = [
        (
            &["eig", &file, "--kernel", "gaussian:0.3*auto"],
            &[header, coordinates, median],
            "data_notes",
        ),
        (
            &["eig", &file, "--kernel", "linear", "--largest"],
            &[header, coordinates],
            "data_notes",
        ),
        (
            &[
                "width",
                "--data",
                &file,
                "--kernel",
                "gaussian:0.3*auto",
                "--models",
                "0",
            ],
            &[header, coordinates, median],
            "data_notes",
        ),
        (
            &["recipe", "--data", &file, "--realised"],
            &[header, constant, target, default],
            "data/notes",
        ),
        (
            &[
                "recipe",
                "--data",
                &file,
                "--model",
                "meanfield",
                "--depth",
                "2",
            ],
            &[header, constant, target, default],
            "data_notes",
        ),
        (
            &["train", "--recipe", &recipe],
            &[header, constant, target],
            "data_notes",
        ),
    ];
    ended(
        &polyak(&["recipe", "--data", &file, "--realised", "--json", &recipe]),
        0,
    );
    for (arguments, notes, place) in checks {
        let text = words(&polyak(arguments));
        let output = polyak(&[arguments, &["--json", "-"]].concat());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = answer
            .pointer(&format!("/{place}"))
            .unwrap()
            .as_array()
            .unwrap();
        for note in notes {
            assert!(
                text.contains(&format!("· {note}")),
                "{arguments:?} {note}: {text}"
            );
            let given = said
                .iter()
                .any(|said| said.as_str().unwrap().contains(note));
            assert!(given, "{arguments:?} {note}: {said:?}");
        }
    }
    let matrix = folder.file("matrix.csv", "u,v\n2,1\n1,2\n");
    assert!(stdout(&polyak(&["eig", &matrix])).contains(header));
}

#[test]
fn a_kernel_matrix_taken_for_points_is_pointed_out() {
    let folder = Folder::new();
    let matrix = |diagonal: f64| -> String {
        let entry = |i: i32, j: i32| {
            if i == j {
                diagonal
            } else {
                0.5 / f64::from((i - j).abs())
            }
        };
        let row = |i: i32| {
            (0..5)
                .map(|j| entry(i, j).to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        (0..5).map(|i| row(i) + "\n").collect()
    };
    let kernel = folder.file("kernel.csv", &matrix(1.0));
    let words = "leave out --kernel";
    for arguments in [
        &["eig", &kernel, "--kernel", "gaussian:1"][..],
        &[
            "width",
            "--data",
            &kernel,
            "--kernel",
            "gaussian:1",
            "--models",
            "0",
        ],
    ] {
        let text = stdout(&polyak(arguments)).replace("\n  ", " ");
        assert!(text.contains(words), "{text}");
        let json = stdout(&polyak(&[arguments, &["--json", "-"]].concat()));
        assert!(json.contains(words), "{json}");
    }
    let recipe = polyak(&[
        "recipe",
        "--data",
        &kernel,
        "--realised",
        "--kernel",
        "gaussian:1",
    ]);
    let text = stdout(&recipe).replace("\n  ", " ");
    assert!(text.contains(words), "{text}");
    let text = stdout(&polyak(&["eig", &kernel]));
    assert!(
        text.contains("a matrix of order 5") && !text.contains(words),
        "{text}"
    );
    let distances = folder.file("distances.csv", &matrix(0.0));
    let text = stdout(&polyak(&["eig", &distances, "--kernel", "gaussian:1"]));
    assert!(text.contains("matrix of distances"), "{text}");
}

#[test]
fn equal_rows_are_named() {
    let folder = Folder::new();
    let file = folder.file("equal.csv", "a,y\n1,0\n2,1\n1,0\n");
    let width = polyak(&["width", "--data", &file, "--kernel", "gaussian:1"]);
    ended(&width, 3);
    let text = stdout(&width);
    assert!(
        text.contains("rows 1 and 3 of") && text.contains("remove those named"),
        "{text}"
    );
    let eig = polyak(&["eig", &file, "--kernel", "gaussian:1", "--certify"]);
    assert!(stdout(&eig).contains("rows 1 and 3 of"), "{}", stdout(&eig));
    // Without the target there are others.
    let file = folder.file("target.csv", "a,y\n1,0\n2,1\n2,5\n");
    let width = [
        "width",
        "--data",
        &file,
        "--kernel",
        "gaussian:1",
        "--target",
        "y",
    ];
    assert!(stdout(&polyak(&width)).contains("rows 2 and 3 of"));
}

#[test]
fn options_of_points_need_points() {
    let folder = Folder::new();
    let file = folder.file("matrix.csv", "2,1\n1,2\n");
    for option in [&["--target", "1"][..], &["--standardise"]] {
        refused(&polyak(&[&["eig", &file], option].concat()), &["--kernel"]);
        refused(&polyak(&[&["width"], option].concat()), &["--data"]);
    }
}
