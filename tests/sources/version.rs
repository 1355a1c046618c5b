//! The commit that `--version` names: of a package, of a checkout, and of neither.

#[expect(dead_code, reason = "a build runs what a test does not")]
#[path = "../../build.rs"]
mod build;

use build::{commit_of_checkout, packaged_commit};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// Runs git in a folder, as somebody, and says whether it did what it should.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    let who = [
        "user.name=A",
        "user.email=a@example.org",
        "commit.gpgsign=false",
    ];
    let who = who.iter().flat_map(|setting| ["-c", setting]);
    command.arg("-C").arg(folder).args(who).args(arguments);
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_package_names_the_commit_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(packaged_commit(folder.path()), None);
    let written = |text: &str| {
        fs::write(folder.path().join(".cargo_vcs_info.json"), text).unwrap();
        packaged_commit(folder.path())
    };
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let clean =
        format!("{{\n  \"git\": {{\n    \"sha1\": \"{sha}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}");
    assert_eq!(written(&clean).as_deref(), Some("0123456789"));
    let dirty = clean.replace(
        &format!("\"{sha}\""),
        &format!("\"{sha}\",\n    \"dirty\": true"),
    );
    assert_eq!(written(&dirty).as_deref(), Some("0123456789, modified"));
    for wrong in [
        "",
        "{}",
        "{\"sha1\": \"",
        "{\"sha1\": \"no\\ncommit at all\"}",
    ] {
        assert_eq!(written(wrong), None, "{wrong}");
    }
}

#[test]
fn a_checkout_names_its_commit_and_whether_it_was_modified() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(commit_of_checkout(root), None);
    if !git(root, &["init", "--quiet"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    assert_eq!(commit_of_checkout(root), None, "no commit yet");
    fs::create_dir(root.join("src")).unwrap();
    fs::write(root.join("src/lib.rs"), "").unwrap();
    assert!(git(root, &["add", "."]) && git(root, &["commit", "--quiet", "-m", "first"]));
    let commit = commit_of_checkout(root).unwrap();
    assert!(
        commit.len() == 10 && commit.chars().all(|c| c.is_ascii_hexdigit()),
        "{commit}"
    );
    // A file that is newer than the index, and the same: whoever asks leaves the index as it is.
    let index = || fs::read(root.join(".git/index")).unwrap();
    let later = SystemTime::now() + Duration::from_secs(60);
    let source = fs::File::options()
        .write(true)
        .open(root.join("src/lib.rs"));
    source.unwrap().set_modified(later).unwrap();
    let before = index();
    assert_eq!(commit_of_checkout(root), Some(commit.clone()));
    assert!(index() == before);
    assert!(git(root, &["status"]) && index() != before);
    // What git does not know is no change of the sources.
    fs::write(root.join("notes"), "").unwrap();
    assert_eq!(commit_of_checkout(root), Some(commit.clone()));
    fs::write(root.join("src/lib.rs"), "//! Changed.").unwrap();
    assert_eq!(
        commit_of_checkout(root),
        Some(format!("{commit}, modified"))
    );
    // A copy inside another repository is not that repository.
    assert_eq!(commit_of_checkout(&root.join("src")), None);
}
