//! What every subcommand takes, completions, manual pages, and the claims as pages.

use crate::harness::{Folder, ended, polyak, refused, status, stderr, stdout};
use std::fs;
use std::process::Command;

const SHORT: [&str; 7] = [
    "verify",
    "--effort",
    "quick",
    "--max-samples",
    "12",
    "--family",
    "K4",
];

#[test]
fn verdicts_are_coloured_only_where_that_is_asked_for() {
    let run = |more: &[&str]| stdout(&polyak(&[&SHORT[..], more].concat()));
    let plain = run(&[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert_eq!(plain, run(&["--color", "never"]));
    let coloured = run(&["--color", "always"]);
    assert!(
        coloured.contains("\u{1b}[1m\u{1b}[32mholds\u{1b}[0m"),
        "{coloured:?}"
    );
    assert!(
        coloured.contains("\u{1b}[1m\u{1b}[32mALL HOLD\u{1b}[0m: 1 claim"),
        "{coloured:?}"
    );
    let bare = ["\u{1b}[1m", "\u{1b}[32m", "\u{1b}[0m"]
        .iter()
        .fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(bare, plain);
    // JSON has no colours, whatever is asked for.
    let json = run(&["--color", "always", "--json", "-"]);
    assert!(json.starts_with('{') && !json.contains('\u{1b}'), "{json}");
}

#[test]
fn quiet_leaves_the_status_the_files_and_the_errors() {
    let folder = Folder::new();
    let file = folder.path("out.json");
    let output = polyak(&[&SHORT[..], &["--quiet", "--json", &file]].concat());
    ended(&output, 0);
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (String::new(), String::new())
    );
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
    // Before the subcommand, too.
    let output = polyak(&[&["-q"], &SHORT[..]].concat());
    ended(&output, 0);
    assert_eq!(stdout(&output), "");
    refused(
        &polyak(&["-q", "eig", "no-such-file.csv"]),
        &["no-such-file.csv"],
    );
    let json = polyak(&[&SHORT[..], &["-q", "--json", "-"]].concat());
    assert_eq!(stdout(&json), fs::read_to_string(&file).unwrap());
}

#[test]
fn threads_are_as_many_as_asked_for() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
        command
            .env("RAYON_NUM_THREADS", "no number")
            .args(arguments)
            .output()
            .unwrap()
    };
    ended(&run(&["--threads", "2", "claims"]), 0);
    ended(&run(&["claims", "--threads", "1"]), 0);
    ended(&run(&["claims"]), 2);
    refused(&polyak(&["--threads", "0", "claims"]), &["--threads"]);
    refused(&polyak(&["--threads", "two", "claims"]), &["--threads"]);
}

#[test]
fn the_version_says_what_results_depend_on() {
    let output = polyak(&["--version"]);
    ended(&output, 0);
    let set = polyak::arithmetic::instruction_set();
    let text = stdout(&output);
    assert!(
        text.starts_with(&format!("polyak {} (", env!("CARGO_PKG_VERSION"))),
        "{text}"
    );
    assert!(
        text.ends_with(&format!("instruction set {set})\n")),
        "{text}"
    );
    assert_eq!(
        stdout(&polyak(&["-V"])),
        format!("polyak {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn every_shell_has_its_completions_and_every_subcommand_its_page() {
    let subcommands = [
        "verify",
        "eig",
        "width",
        "distance",
        "transport",
        "check",
        "recipe",
        "train",
        "merge",
        "attack",
        "claims",
        "baseline",
    ];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = polyak(&["completions", shell]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let script = stdout(&output);
        for word in subcommands.iter().chain(&["fresh-seeds", "junit"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    refused(&polyak(&["completions", "cmd"]), &["cmd"]);
    let page = stdout(&polyak(&["man"]));
    assert!(
        page.contains(".TH polyak 1") && page.contains("verify"),
        "{page}"
    );
    let folder = Folder::new();
    let place = folder.path("man/man1");
    ended(&polyak(&["man", &place]), 0);
    for name in subcommands {
        let file = format!("{place}/polyak-{name}.1");
        let page = fs::read_to_string(&file).unwrap_or_else(|cause| panic!("{file}: {cause}"));
        assert!(page.contains("\\-\\-threads"), "{page}");
    }
    let verify = fs::read_to_string(format!("{place}/polyak-verify.1")).unwrap();
    assert!(
        verify.contains("Exit status") && verify.contains("\\-\\-junit"),
        "{verify}"
    );
}

#[test]
fn claims_are_pages_and_a_book() {
    let folder = Folder::new();
    let (page, book) = (folder.path("p3.html"), folder.path("a/book"));
    let output = polyak(&["claims", "P3.local", "--html", &page]);
    ended(&output, 0);
    assert_eq!(stdout(&output), format!("P3.local is in {page}\n"));
    let text = fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("<h1>P3.local: one PL constant") && text.contains("<math"),
        "{text}"
    );
    let output = polyak(&["claims", "--html", &book]);
    ended(&output, 0);
    assert!(stdout(&output).contains("pages in "), "{}", stdout(&output));
    let index = fs::read_to_string(format!("{book}/index.html")).unwrap();
    for claim in polyak::claims::registry() {
        let file = claim.about().page.replace(".md", ".html");
        assert!(
            index.contains(&format!("<a href=\"{file}\">{}</a>", claim.id())),
            "{}",
            claim.id()
        );
        assert!(fs::exists(format!("{book}/{file}")).unwrap(), "{file}");
    }
    refused(&polyak(&["claims", "P3.local", "--html", &book]), &["book"]);
    refused(&polyak(&["claims", "P99", "--html", &book]), &["P99"]);
}
