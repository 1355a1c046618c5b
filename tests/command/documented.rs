//! What the README and the pages of `docs/` tell a reader to type is typed here, as it is written.
//!
//! Every fenced block `sh` or `console` of a page is run in the order of the page, in one folder a page, with the command of this build
//! on the search path. In a block `console` a line that begins with `$ ` is typed, and what stands below it is what was printed: with
//! other numbers, since these depend on the machine, and without the lines for which `…` stands. `UPDATE_EXPECT=1` renews what was printed
//! where nothing is left out.
//!
//! A comment on the line before a block says what else there is to know, and a reader of the page does not see it:
//!
//! | comment | meaning |
//! |---|---|
//! | `<!-- not run: REASON -->` | it is not run |
//! | `<!-- file: NAME -->` | the block, of any language, is the file of that name |
//! | `<!-- first: COMMAND -->` | this is typed before it |
//! | `<!-- needs: COMMAND -->` | it is skipped where that command fails |

use crate::harness::Folder;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The pages whose blocks are run.
const PAGES: [&str; 3] = ["README.md", "docs/first-hour.md", "docs/command.md"];

/// The exit statuses that an answer may have: all holds, something fails, something is open.
const ANSWERS: [i32; 3] = [0, 1, 3];

/// A block between fences.
struct Block<'a> {
    language: &'a str,
    /// The comments before it: a keyword, and what stands behind it.
    marks: Vec<(&'a str, &'a str)>,
    /// The place of its first line on the page, from 0.
    start: usize,
    lines: Vec<&'a str>,
}

/// Something typed, and the lines that it printed.
struct Typed<'a> {
    command: &'a str,
    /// The place of its first line in the block.
    start: usize,
    printed: Vec<&'a str>,
}

impl Block<'_> {
    fn mark(&self, wanted: &str) -> Option<&str> {
        let found = self.marks.iter().find(|(keyword, _)| *keyword == wanted);
        found.map(|(_, value)| *value)
    }

    /// What is typed in it.
    fn typed(&self) -> Vec<Typed<'_>> {
        let mut typed: Vec<Typed> = Vec::new();
        for (k, line) in self.lines.iter().enumerate() {
            let is_script = self.language == "sh";
            match (line.strip_prefix("$ "), typed.last_mut()) {
                (None, _) if is_script && (line.is_empty() || line.starts_with('#')) => {}
                (None, _) if is_script => typed.push(Typed {
                    command: line,
                    start: k + 1,
                    printed: Vec::new(),
                }),
                (Some(command), _) => typed.push(Typed {
                    command,
                    start: k + 1,
                    printed: Vec::new(),
                }),
                (None, Some(last)) => last.printed.push(line),
                (None, None) => panic!("a block begins with what was printed: {line}"),
            }
        }
        typed
    }
}

/// The blocks of a page.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let lines: Vec<&str> = page.lines().collect();
    let (mut found, mut marks) = (Vec::new(), Vec::new());
    let mut k = 0;
    while k < lines.len() {
        if let Some(language) = lines[k].strip_prefix("```") {
            let start = k + 1;
            k = start;
            while lines[k] != "```" {
                k += 1;
            }
            found.push(Block {
                language,
                marks: std::mem::take(&mut marks),
                start,
                lines: lines[start..k].to_vec(),
            });
        } else if let Some(mark) = lines[k]
            .strip_prefix("<!-- ")
            .and_then(|rest| rest.strip_suffix(" -->"))
        {
            marks.extend(mark.split_once(": "));
        } else {
            marks.clear();
        }
        k += 1;
    }
    found
}

/// Types a line in a folder.
fn type_in(folder: &Path, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_polyak"))
        .parent()
        .unwrap()
        .to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(binary).chain(env::split_paths(&path))).unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(folder)
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .env("PATH", path);
    command.output().unwrap()
}

/// The words of some lines, every number replaced.
fn masked(lines: &[&str]) -> String {
    let mut out = String::new();
    let text = lines.join(" ");
    let characters: Vec<char> = text.chars().collect();
    let digit = |k: usize| characters.get(k).is_some_and(char::is_ascii_digit);
    let mut k = 0;
    while k < characters.len() {
        let begins = k == 0 || " [(".contains(characters[k - 1]);
        if digit(k) || characters[k] == '-' && begins && digit(k + 1) {
            k += 1;
            loop {
                let exponent = characters.get(k) == Some(&'e')
                    && (digit(k + 1) || characters.get(k + 1) == Some(&'-') && digit(k + 2));
                match characters.get(k) {
                    Some('.') if digit(k + 1) => k += 1,
                    Some('e') if exponent => k += 2,
                    _ if digit(k) => k += 1,
                    _ => break,
                }
            }
            out.push('#');
        } else {
            out.push(characters[k]);
            k += 1;
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether what was printed is what the page says, but for numbers and for what `…` stands for.
fn agree(page: &[&str], printed: &[&str]) -> bool {
    let whole = masked(printed);
    let parts: Vec<String> = page.split(|line| *line == "…").map(masked).collect();
    let [first, .., last] = &parts[..] else {
        return whole == parts[0];
    };
    let mut rest = match whole.strip_prefix(&**first) {
        Some(rest) => rest,
        None => return false,
    };
    for part in &parts[1..] {
        match rest.find(&**part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    whole.ends_with(&**last)
}

/// Runs a page; returns it with what was printed renewed.
fn run(name: &str, page: &str) -> String {
    let folder = Folder::new();
    let place = PathBuf::from(folder.path(""));
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut faults = Vec::new();
    // The last first, so that places stay what they are.
    let mut renewed: Vec<(usize, usize, Vec<String>)> = Vec::new();
    for block in blocks(page) {
        if let Some(file) = block.mark("file") {
            fs::write(place.join(file), block.lines.join("\n") + "\n").unwrap();
        }
        if !["sh", "console"].contains(&block.language) {
            continue;
        }
        if let Some(reason) = block.mark("not run") {
            eprintln!("{name}, line {}: not run: {reason}", block.start + 1);
            continue;
        }
        if let Some(needed) = block.mark("needs")
            && !type_in(&place, needed).status.success()
        {
            eprintln!(
                "{name}, line {}: skipped: {needed} fails here",
                block.start + 1
            );
            continue;
        }
        if let Some(first) = block.mark("first") {
            assert!(type_in(&place, first).status.success(), "{first}");
        }
        for typed in block.typed() {
            let output = type_in(&place, typed.command);
            let status = output.status.code();
            let printed = String::from_utf8(output.stdout).unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let at = block.start + typed.start;
            if !status.is_some_and(|status| ANSWERS.contains(&status)) || said.contains("not found")
            {
                faults.push(format!(
                    "{name}, line {at}: {} ends with {status:?}: {said}",
                    typed.command
                ));
                continue;
            }
            let now: Vec<&str> = printed.lines().collect();
            let is_whole = !typed.printed.contains(&"…");
            if block.language == "console" && !agree(&typed.printed, &now) {
                faults.push(format!(
                    "{name}, line {at}: {} prints\n{printed}",
                    typed.command
                ));
            }
            if block.language == "console" && is_whole {
                let first = block.start + typed.start;
                let now = now.into_iter().map(str::to_owned).collect();
                renewed.push((first, first + typed.printed.len(), now));
            }
        }
    }
    if env::var_os("UPDATE_EXPECT").is_none() {
        assert!(
            faults.is_empty(),
            "{}\nrenew the pages: UPDATE_EXPECT=1 cargo test --test command documented",
            faults.join("\n")
        );
        return page.to_owned();
    }
    for (first, end, now) in renewed.into_iter().rev() {
        lines.splice(first..end, now);
    }
    lines.join("\n") + "\n"
}

#[test]
fn what_the_pages_tell_to_type_does_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in PAGES {
        let page = fs::read_to_string(root.join(name)).unwrap();
        let now = run(name, &page);
        if now != page {
            fs::write(root.join(name), now).unwrap();
        }
    }
}

#[test]
fn numbers_differ_and_words_do_not() {
    assert_eq!(
        masked(&["in [-1.4e-13, 2], 3×  4.5 s", "a-1 1e6."]),
        "in [#, #], #× # s a-# #."
    );
    let printed = ["head 12", "one", "two", "sum 3"];
    for page in [
        &printed[..],
        &["head 7", "…", "sum 9"],
        &["…", "two", "sum 1"],
        &["head 1", "…"],
    ] {
        assert!(agree(page, &printed), "{page:?}");
    }
    for page in [
        &printed[..3],
        &["head 7", "…", "sum"],
        &["…", "two", "three", "…"],
        &[],
    ] {
        assert!(!agree(page, &printed), "{page:?}");
    }
}

/// A page whose blocks do something else is noticed.
#[test]
fn a_page_that_says_something_else_is_noticed() {
    let page = "text\n\n<!-- file: note.txt -->\n```text\na line\n```\n\n```console\n$ cat note.txt\na line\n$ echo two\nthree\n```\n";
    let run = |page: &str| std::panic::catch_unwind(|| run("page", page)).map_err(|_| ());
    if env::var_os("UPDATE_EXPECT").is_none() {
        assert_eq!(run(page), Err(()));
    }
    let right = page.replace("three", "two");
    assert_eq!(run(&right), Ok(right.clone()));
    let marked = page.replace(
        "```console",
        "<!-- not run: it is an example -->\n```console",
    );
    assert_eq!(run(&marked), Ok(marked.clone()));
    let script = |line: &str| format!("```sh\n# a comment\n\n{line}\n```\n");
    assert_eq!(run(&script("true")), Ok(script("true")));
    if env::var_os("UPDATE_EXPECT").is_none() {
        assert_eq!(run(&script("exit 2")), Err(()));
    }
}
