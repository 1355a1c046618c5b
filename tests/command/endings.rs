//! Runs that are interrupted, and runs that meet a limit of the system.

use crate::harness::{Folder, ended, polyak, status, stderr, stdout};
use std::process::{Command, Output};

/// Runs the command under a limit of its address space, in KiB; nothing where there is no shell that knows one.
fn limited(kibibytes: u64, threads: &str, arguments: &[&str]) -> Option<Output> {
    let script = format!("ulimit -v {kibibytes} || exit 99; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_polyak")])
        .args(arguments)
        .env("RAYON_NUM_THREADS", threads);
    let Ok(output) = command.output() else {
        eprintln!("skipped: there is no shell");
        return None;
    };
    if output.status.code() == Some(99) {
        eprintln!("skipped: the shell has no `ulimit -v`");
        return None;
    }
    Some(output)
}

/// So many points on a line, ever farther apart: the first two alone decide the smallest eigenvalue, and iterations find it at once.
fn line(points: usize) -> String {
    (0..points).map(|i| format!("{}\n", i * i)).collect()
}

/// A gigabyte, in KiB.
const GIGABYTE: u64 = 1_000_000;

#[test]
#[cfg(target_os = "linux")]
fn a_matrix_that_does_not_fit_names_the_limit_that_it_meets() {
    let folder = Folder::new();
    let file = folder.file("points.csv", &line(9000));
    for how in [&["--certify"] as &[&str], &[], &["--method", "dense"]] {
        let arguments = [&["eig", &file, "--kernel", "laplace:0.5"], how].concat();
        let Some(output) = limited(GIGABYTE, "2", &arguments) else {
            return;
        };
        ended(&output, 2);
        let message = stderr(&output);
        for part in ["points.csv", "order 9000", "GiB", "(ulimit -v)", "raise"] {
            assert!(message.contains(part), "{part} in {message}");
        }
        assert!(!message.contains("allowed"), "{message}");
    }
    // The matrix fits; what one method takes beside it, or more bits, do not.
    let file = folder.file("fewer.csv", &line(5000));
    for (how, status) in [
        (&["--method", "dense"] as &[&str], 2),
        // Wide: no more than f64 is affordable.
        (&["--certify", "--digits", "14"], 3),
    ] {
        let arguments = [&["eig", &file, "--kernel", "laplace:0.5"], how].concat();
        let output = limited(GIGABYTE, "2", &arguments).unwrap();
        ended(&output, status);
        let named = stderr(&output).contains("(ulimit -v)");
        assert_eq!(named, status == 2, "{}", stderr(&output));
    }
}

/// Around what is just enough: refused, or computed, but never ended by the system. Threads take addresses of their own with
/// their first allocation.
#[test]
#[cfg(target_os = "linux")]
fn no_limit_of_the_address_space_ends_a_run_unasked() {
    let folder = Folder::new();
    let file = folder.file("points.csv", &line(2000));
    let mut seen = [0; 2];
    for megabytes in (150_u64..=600).step_by(25) {
        for how in [&["--certify", "--max-bits", "0"] as &[&str], &[]] {
            let arguments = [&["eig", &file, "--kernel", "laplace:0.5"], how].concat();
            let Some(output) = limited(megabytes << 10, "2", &arguments) else {
                return;
            };
            let status = status(&output);
            assert!(
                [0, 2, 3].contains(&status),
                "{megabytes} MB, {how:?}: {status}, {}",
                stderr(&output)
            );
            seen[usize::from(status != 2)] += 1;
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_do_not_fit_are_refused_before_one_starts() {
    // One that starts where no room is left for what it takes ends the process, now and then: so often that ten runs show it.
    for _ in 0..10 {
        let Some(output) = limited(GIGABYTE, "1000", &["claims", "P3.local"]) else {
            return;
        };
        ended(&output, 2);
        let message = stderr(&output);
        for part in ["of the threads", "(ulimit -v)", "--threads 1"] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
}

#[test]
fn a_number_of_threads_that_is_none_is_named() {
    let run = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
        let command = command.args(["claims", "P3.local"]);
        command.env("RAYON_NUM_THREADS", threads).output().unwrap()
    };
    let refused = run("100000");
    ended(&refused, 2);
    let message = stderr(&refused);
    assert!(
        message.starts_with("error: 100000 threads are more than"),
        "{message}"
    );
    let refused = run("two");
    ended(&refused, 2);
    assert!(stderr(&refused).starts_with("error: RAYON_NUM_THREADS is 'two'"));
    ended(&run("3"), 0);
    ended(&run(""), 0);
}

#[cfg(target_os = "linux")]
mod interrupted {
    use super::*;
    use serde_json::Value;
    use std::fs;
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    /// Starts the command and waits until it listens to signals.
    fn listening(arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
        let command = command.args(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let tasks = format!("/proc/{}/task", child.id());
        let named = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm"));
        let listens = || {
            let tasks = fs::read_dir(&tasks).into_iter().flatten().flatten();
            tasks
                .filter_map(|task| named(task).ok())
                .any(|name| name.trim() == "ctrl-c")
        };
        until(|| listens() || child.try_wait().unwrap().is_some());
        child
    }

    fn until(mut so: impl FnMut() -> bool) {
        while !so() {
            sleep(Duration::from_millis(20));
        }
    }

    fn signal(child: &Child, name: &str) {
        let kill = format!("kill -{name} {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }

    fn document(file: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
    }

    fn ids(report: &Value) -> Vec<String> {
        let claims = report["claims"].as_array().unwrap().iter();
        claims.map(|claim| claim["id"].to_string()).collect()
    }

    /// Hours of work.
    const LONG: [&str; 7] = [
        "verify",
        "--effort",
        "thorough",
        "--family",
        "pl,lazy,rff",
        "--max-samples",
        "12",
    ];

    #[test]
    fn verify_prints_what_is_known_and_goes_on_from_there() {
        let folder = Folder::new();
        let file = folder.path("report.json");
        let kept: Vec<&str> = [&LONG as &[&str], &["--json", &file, "--resume"]].concat();
        let child = listening(&kept);
        until(|| Path::new(&file).exists());
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        ended(&output, 130);
        let text = stdout(&output);
        let report = document(&file);
        let known = ids(&report);
        assert_eq!(
            (&report["unfinished"], &report["outcome"]),
            (&true.into(), &"open".into())
        );
        assert!(
            !known.is_empty() && text.contains("\nUNFINISHED: "),
            "{text}"
        );
        let message = stderr(&output);
        let words = format!(
            "interrupted after {} of 46 claims, which are kept: the same command goes on from there",
            known.len()
        );
        let words = words.replace("46", &selected().to_string());
        assert!(message.contains(&words), "{message}");
        // Interrupted again at once: nothing is lost.
        let child = listening(&kept);
        signal(&child, "TERM");
        ended(&child.wait_with_output().unwrap(), 130);
        let again = ids(&document(&file));
        assert_eq!(again[..known.len()], known);
    }

    fn selected() -> usize {
        let families = LONG[4].split(',').map(str::to_owned).collect::<Vec<_>>();
        polyak::claims::select(&families).unwrap().len()
    }

    #[test]
    fn verify_says_how_it_could_have_been_resumed() {
        let folder = Folder::new();
        let file = folder.path("report.json");
        for (json, words) in [
            (
                &["--json", &file] as &[&str],
                "with --resume goes on from there",
            ),
            (&[], "with --json FILE they are"),
        ] {
            let child = listening(&[&LONG as &[&str], json].concat());
            signal(&child, "INT");
            let output = child.wait_with_output().unwrap();
            ended(&output, 130);
            assert!(stderr(&output).contains(words), "{}", stderr(&output));
        }
        assert_eq!(document(&file)["unfinished"], true);
    }

    #[test]
    fn a_baseline_that_was_interrupted_is_not_written() {
        let folder = Folder::new();
        let file = folder.path("margins.json");
        let arguments = [&["baseline", "write", &file] as &[&str], &LONG[1..]].concat();
        let child = listening(&arguments);
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        ended(&output, 130);
        assert!(stderr(&output).contains("no baseline is written"));
        assert!(folder.names().is_empty());
    }

    #[test]
    fn width_counts_the_models_that_were_drawn() {
        let folder = Folder::new();
        let file = folder.path("width.json");
        let many = "1000000";
        let child = listening(&[
            "width",
            "--max-samples",
            "20",
            "--models",
            many,
            "--json",
            &file,
        ]);
        // The bounds of twenty samples take milliseconds; what is to be interrupted are the models.
        sleep(Duration::from_secs(2));
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        ended(&output, 130);
        assert!(
            stdout(&output).contains("tangent parabola"),
            "{}",
            stdout(&output)
        );
        let answer = document(&file);
        assert_eq!(answer["unfinished"], true);
        let drawn = answer["observed"]["trials"].as_u64().unwrap_or(0);
        assert!(drawn < 1_000_000);
    }

    /// Rows of a table, far more than are done before the signal.
    fn table(folder: &Folder, name: &str, rows: usize, columns: usize) -> String {
        let number = |i: usize, j: usize| ((i * 31 + j * 17 + 1) as f64 * 0.618).sin();
        let row = |i: usize| {
            let cells: Vec<String> = (0..columns).map(|j| number(i, j).to_string()).collect();
            cells.join(",") + "\n"
        };
        let file = folder.path(name);
        fs::write(&file, (0..rows).map(row).collect::<String>()).unwrap();
        file
    }

    /// Interrupts after a while, and returns the two outputs.
    fn ended_early(arguments: &[&str], after: Duration) -> (String, String) {
        let mut child = listening(arguments);
        sleep(after);
        assert!(
            child.try_wait().unwrap().is_none(),
            "{arguments:?} is short"
        );
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        ended(&output, 130);
        (stdout(&output), stderr(&output))
    }

    const AT_ONCE: Duration = Duration::ZERO;

    /// Thousands of bits for hundreds of points.
    #[test]
    fn eig_prints_the_interval_that_is_proved_so_far() {
        let folder = Folder::new();
        let (points, file) = (
            table(&folder, "points.csv", 400, 1),
            folder.path("eig.json"),
        );
        let long = [
            "eig",
            &points,
            "--kernel",
            "gaussian:3",
            "--certify",
            "--json",
            &file,
        ];
        for after in [AT_ONCE, Duration::from_millis(500)] {
            let (text, message) = ended_early(&long, after);
            assert!(
                text.contains("enclosure  [") && text.contains("not decided"),
                "{text}"
            );
            assert!(message.contains("interrupted: the interval is what was proved so far"));
            let answer = document(&file);
            assert_eq!(answer["unfinished"], true);
            let end = |i: usize| answer["certificate"]["enclosure"][i].as_f64().unwrap();
            assert!(end(0) >= 0.0 && end(0) < 1e-9 && end(1) > 0.0);
        }
    }

    #[test]
    fn what_has_no_document_yet_says_what_is_known() {
        let folder = Folder::new();
        let wide = table(&folder, "wide.csv", 1200, 12);
        let recipe = [
            "recipe",
            "--realised",
            "--data",
            &wide,
            "--max-samples",
            "1200",
        ];
        let most = ["--frequencies", "20000"];
        let (text, message) = ended_early(&[&recipe as &[&str], &most].concat(), AT_ONCE);
        assert!(
            text.is_empty() && message.contains("nothing is written"),
            "{message}"
        );
        let width = ["width", "--data", &wide, "--max-samples", "1200"];
        let (text, message) = ended_early(&width, AT_ONCE);
        assert!(
            text.is_empty() && message.contains("interrupted: "),
            "{message}"
        );
    }

    #[test]
    fn train_keeps_its_checkpoint_and_goes_on() {
        let folder = Folder::new();
        let (recipe, kept) = (folder.path("recipe.json"), folder.path("kept"));
        // Many layers: every step takes long, though there are few.
        let small = [
            "--max-samples",
            "40",
            "--frequencies",
            "1000",
            "--depth",
            "100",
            "--loss",
            "1e-9",
        ];
        let written = polyak(
            &[
                &["recipe", "--realised", "--json", &recipe] as &[&str],
                &small,
            ]
            .concat(),
        );
        ended(&written, 0);
        let arguments = [
            "train",
            "--recipe",
            &recipe,
            "--max-hours",
            "100",
            "--checkpoint",
            &kept,
        ];
        // Sooner the recipe is still proved a second time, later the training has ended.
        let delays = || (0..10).map(|k| Duration::from_millis(10 << k));
        let iterations = |arguments: &[&str]| {
            let interrupted = delays().find_map(|delay| {
                let child = listening(arguments);
                sleep(delay);
                signal(&child, "INT");
                let output = child.wait_with_output().unwrap();
                let message = stderr(&output);
                let (_, rest) = message.split_once("interrupted after ")?;
                let (count, rest) = rest.split_once(" iteration").unwrap();
                ended(&output, 130);
                Some((count.parse::<u64>().unwrap(), rest.to_owned()))
            });
            interrupted.expect("a moment of the training")
        };
        let (first, words) = iterations(&arguments);
        assert!(words.contains("goes on from there"), "{words}");
        let (second, _) = iterations(&arguments);
        assert!(Path::new(&kept).exists() && second >= first);
        let (_, words) = iterations(&arguments[..5]);
        assert!(
            words.contains("nothing of them is kept: with --checkpoint FILE"),
            "{words}"
        );
    }
}
