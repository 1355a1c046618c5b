//! Runs of the command, and folders with files.

use crate::arrays::npy;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub fn polyak(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
    command.args(arguments).output().unwrap()
}

/// A run on so many threads.
pub fn polyak_on(threads: usize, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
    command.env("RAYON_NUM_THREADS", threads.to_string());
    command.args(arguments).output().unwrap()
}

/// The command with bytes on its standard input.
pub fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
    command.args(arguments).stdin(Stdio::piped());
    let streams = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A command that refuses its input does not read all of it.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The words on the standard output, wherever lines are broken.
pub fn words(output: &Output) -> String {
    let text = stdout(output);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Asserts an exit status, and that nothing panicked.
#[track_caller]
pub fn ended(output: &Output, expected: i32) {
    let message = stderr(output);
    assert_eq!(status(output), expected, "{message}\n{}", stdout(output));
    assert!(!message.contains("panicked"), "{message}");
    for text in [stdout(output), message] {
        let fault = one_of_many(&text);
        assert!(
            fault.is_none(),
            "`{}` in: {text}",
            fault.unwrap_or_default()
        );
    }
}

/// Words that end in s behind a number and are no plurals.
const SINGULAR: [&str; 13] = [
    "is", "has", "was", "does", "holds", "says", "names", "takes", "as", "its", "gives", "plus",
    "times",
];

/// A plural behind the number one, if there is any: `1 rows`.
fn one_of_many(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut pairs = words.windows(2).filter(|pair| {
        let noun = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric());
        let plural =
            noun.len() > 2 && noun.ends_with('s') && noun.chars().all(|c| c.is_ascii_lowercase());
        pair[0].trim_start_matches('(') == "1" && plural && !SINGULAR.contains(&noun)
    });
    pairs.next().map(|pair| pair.join(" "))
}

#[test]
fn plurals_of_one_are_found() {
    for (text, found) in [
        ("a 1 rows b", Some("1 rows")),
        ("(1 layers, 2", Some("(1 layers,")),
        ("1 row, 2 rows; line 1 is", None),
        ("0.1 nats of 1 s", None),
    ] {
        assert_eq!(one_of_many(text).as_deref(), found, "{text}");
    }
}

/// Asserts status 2, nothing on the standard output, and a message with these parts.
#[track_caller]
pub fn refused(output: &Output, parts: &[&str]) {
    ended(output, 2);
    assert_eq!(stdout(output), "");
    let message = stderr(output);
    assert!(message.starts_with("error: "), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` in: {message}");
    }
}

/// A folder with files.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str, contents: &str) -> String {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        path
    }

    pub fn npy(&self, name: &str, shape: &str, values: &[f64]) -> String {
        let path = self.path(name);
        fs::write(&path, npy(shape, values)).unwrap();
        path
    }

    pub fn names(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}
