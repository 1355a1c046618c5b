//! Words fit 80 columns where nobody says how many there are, and a terminal's where one does.
//!
//! Three things are wider where they must be, since a break would spoil them: a word without a blank (a path, say), a command to run,
//! and a test to paste. Messages of the standard error are one line elsewhere than on a terminal, for whoever searches a log.

use crate::arrays::npy;
use crate::harness::{Folder, ended, polyak, status, stdout};
use std::fs;
use std::path::Path;
use std::process::Command;

const WIDTH: usize = 80;

/// Columns that a text takes: combining marks take none.
fn columns(text: &str) -> usize {
    let combining = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    text.chars().filter(|c| !combining(c)).count()
}

/// The first line that is too wide and need not be.
fn too_wide(text: &str, width: usize) -> Option<&str> {
    let mut pasted = false;
    text.lines().find(|line| {
        pasted = line.starts_with("#[test]") || pasted && *line != "}";
        let words = line.trim_start();
        let to_run = words.starts_with("polyak ") || words.starts_with("replay ");
        let one_word = !words.contains(' ');
        columns(line) > width && !pasted && !to_run && !one_word
    })
}

#[test]
fn what_is_too_wide_is_found() {
    let long = "x".repeat(81);
    let line = format!("  {} y", "x".repeat(78));
    assert_eq!(too_wide(&format!("short\n{line}\n"), WIDTH), Some(&*line));
    let pasted = format!("#[test]\nfn f() {{\n{line}\n}}\n");
    for text in [
        &*long,
        &format!("    polyak {line}"),
        &pasted,
        "e\u{302}".repeat(80).as_str(),
    ] {
        assert_eq!(too_wide(text, WIDTH), None, "{text}");
    }
    assert_eq!(too_wide(&format!("{pasted}{line}"), WIDTH), Some(&*line));
}

/// A run in a folder, so that files have short names; its words.
fn words_in(folder: &Folder, arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
    command
        .current_dir(folder.path(""))
        .args(arguments.split(' '));
    let output = command.output().unwrap();
    assert!(
        [0, 1, 3].contains(&status(&output)),
        "{arguments}: {output:?}"
    );
    stdout(&output)
}

/// A folder with something to read for every subcommand.
fn stocked() -> Folder {
    let folder = Folder::new();
    let wave = |i: i32| format!("{},{}\n", f64::from(i) / 4.0, (f64::from(i) / 2.0).sin());
    folder.file(
        "wave.csv",
        &("x,y\n".to_owned() + &(0..12).map(wave).collect::<String>()),
    );
    folder.file(
        "line.csv",
        &(0..16)
            .map(|i| format!("{}\n", f64::from(i) / 7.5))
            .collect::<String>(),
    );
    folder.file("twice.csv", "0\n1\n1\n");
    folder.file("matrix.csv", "2,1\n1,1\n");
    folder.file("other.csv", "2,1\n1,5\n3,3\n");
    let entries: Vec<f64> = (0..24).map(|i| f64::from(i % 7) / 3.0).collect();
    let moved: Vec<f64> = entries.iter().map(|x| x * 1.5).collect();
    fs::write(folder.path("a.npy"), npy("(2, 3, 4)", &entries)).unwrap();
    fs::write(folder.path("b.npy"), npy("(2, 3, 4)", &moved)).unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/check");
    for name in ["network.npz", "data.npz"] {
        fs::copy(examples.join(name), folder.path(name)).unwrap();
    }
    folder
}

/// What runs quickly and says much, the earlier ones leaving files for the later ones.
const RUNS: [&str; 41] = [
    "--help",
    "-h",
    "--version",
    "verify --help",
    "merge --help",
    "attack --help",
    "eig --help",
    "width --help",
    "distance --help",
    "transport --help",
    "recipe --help",
    "train --help",
    "check --help",
    "claims --help",
    "baseline --help",
    "baseline write --help",
    "baseline accept --help",
    "completions --help",
    "man --help",
    "claims",
    "claims P3",
    "claims R4",
    "verify --effort quick --data wave.csv --family K4,R3,P3.local,P8.convergence --json whole.json",
    "verify --effort quick --data wave.csv --family K4 --shard 1/1 --json part.json",
    "merge part.json",
    "baseline accept whole.json kept.json",
    "verify --effort quick --data wave.csv --family K4,R3,P3.local,P8.convergence --seed 1 --baseline kept.json",
    "verify --self-test --family pl",
    "verify --fresh-seeds 1 --effort quick --max-samples 12 --family K4,P3.local",
    "attack P7.hessian --factor θκ1 --starts 1 --steps 40",
    "eig line.csv --kernel gaussian:1",
    "eig line.csv --kernel gaussian:1 --certify --condition --within 1e-30 --jitter",
    "eig matrix.csv --largest",
    "width --max-samples 20 --failure 0.01 --models 20 --empirical",
    "width --data twice.csv",
    "distance a.npy b.npy --layers",
    "transport matrix.csv other.csv",
    "recipe --max-samples 20",
    "recipe --realised --max-samples 30 --frequencies 120 --json recipe.json",
    "recipe --model meanfield --max-samples 5 --width 40 --depth 2",
    "train --recipe recipe.json",
];

#[test]
fn words_fit_eighty_columns_in_a_pipe() {
    let folder = stocked();
    let more = [
        "check network.npz --data data.npz --scale 1/D",
        "check network.npz --data data.npz --scale 1/D --max-order 0",
        "train --from network.npz --data data.npz --scale 1/D --save on.npz",
        "train --from network.npz --data data.npz --scale 1/D --at 3",
    ];
    for arguments in RUNS.iter().chain(&more) {
        let words = words_in(&folder, arguments);
        assert!(!words.is_empty(), "{arguments}");
        if let Some(line) = too_wide(&words, WIDTH) {
            panic!("polyak {arguments}: {} columns: {line}", columns(line));
        }
    }
}

/// Every answer says what it means and what to do next, for whoever reads such a thing for the first time.
#[test]
fn an_answer_says_what_it_means_and_what_to_do_next() {
    let folder = stocked();
    for arguments in [
        "verify --effort quick --max-samples 12 --family K4",
        "eig line.csv --kernel gaussian:1",
        "eig matrix.csv --certify",
        "width --max-samples 20 --failure 0.01 --models 0",
        "width --data twice.csv",
        "distance a.npy b.npy",
        "transport matrix.csv other.csv",
        "recipe --realised --max-samples 30 --frequencies 120 --json recipe.json",
        "recipe --model meanfield --max-samples 5 --width 40 --depth 2",
        "train --recipe recipe.json",
        "train --recipe recipe.json --steps 1",
        "check network.npz --data data.npz --scale 1/D --max-order 0",
        "train --from network.npz --data data.npz --scale 1/D",
        "train --from network.npz --data data.npz --scale 1/D --steps 1",
        "train --from network.npz --data data.npz --scale 1/D --at 3",
    ] {
        let words = words_in(&folder, arguments);
        for part in ["What that means: ", "\nWhat to do next:\n  "] {
            assert_eq!(
                words.matches(part).count(),
                1,
                "polyak {arguments}: {part} in {words}"
            );
        }
    }
}

/// The tool `script` of util-linux makes a terminal, `stty` its width.
#[test]
fn words_fit_a_narrow_terminal() {
    let folder = stocked();
    let on_terminal = |width: usize, arguments: &str| {
        let binary = env!("CARGO_BIN_EXE_polyak");
        let line = format!("stty cols {width} rows 50 && '{binary}' --color never {arguments}");
        let mut command = Command::new("script");
        command
            .current_dir(folder.path(""))
            .args(["--quiet", "--command", &line, "/dev/null"]);
        command.output()
    };
    if !on_terminal(80, "--version").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no `script` of util-linux, which makes a terminal");
        return;
    }
    for width in [50, 120] {
        for arguments in [
            "claims P3.local",
            "eig line.csv --kernel gaussian:1",
            "eig missing.csv --kernel gaussian:1",
            "eig matrix.csv --certify --jitter",
            "transport matrix.csv other.csv",
            "recipe --realised --max-samples 30 --frequencies 120",
        ] {
            let output = on_terminal(width, arguments).unwrap();
            let words = stdout(&output).replace('\r', "");
            // The line of progress rewrites itself.
            let words: Vec<&str> = words
                .lines()
                .filter(|line| !line.contains('\u{1b}'))
                .collect();
            let words = words.join("\n");
            assert!(
                words.contains("line.csv") || words.len() > 60,
                "{arguments}: {words}"
            );
            if let Some(line) = too_wide(&words, width.min(100)) {
                panic!(
                    "polyak {arguments}: {} columns of {width}: {line}",
                    columns(line)
                );
            }
        }
    }
}

#[test]
fn a_message_is_one_line_in_a_pipe() {
    let output = polyak(&["eig", "missing.csv", "--kernel", "gaussian:1"]);
    ended(&output, 2);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message.lines().count(), 1, "{message}");
}
