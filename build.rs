//! Embeds the proof pages: with the feature `html`, every file of `proofs/` becomes one line of a generated list.
//!
//! It also passes on the commit that `--version` says: that which `POLYAK_COMMIT` in the environment of the build names, else that of a
//! package from a registry, else that of a checkout, which is said to be modified where its files are not those of the commit. A checkout is
//! asked for optimised builds alone: while one develops, a commit would compile everything again.

use std::path::Path;
use std::process::Command;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&root);
    if named_commit().is_none()
        && let Some(commit) = packaged_commit(root).or_else(|| optimised_commit(root))
    {
        println!("cargo::rustc-env=POLYAK_COMMIT={commit}");
    }
    if env::var_os("CARGO_FEATURE_HTML").is_none() {
        return Ok(());
    }
    let folder = root.join("proofs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name();
        names.extend(
            name.to_str()
                .filter(|name| name.ends_with(".md"))
                .map(str::to_owned),
        );
    }
    names.sort();
    let line = |name: &String| format!("({name:?}, include_str!({:?})),\n", folder.join(name));
    let lines: String = names.iter().map(line).collect();
    let list = Path::new(&env::var("OUT_DIR")?).join("proofs.rs");
    fs::write(list, format!("&[\n{lines}]\n"))?;
    Ok(())
}

/// The commit that the environment names.
fn named_commit() -> Option<String> {
    println!("cargo::rerun-if-env-changed=POLYAK_COMMIT");
    env::var("POLYAK_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty())
}

/// The commit that `cargo package` writes beside the manifest, ten digits of it, and whether the packaged tree had changes.
pub(crate) fn packaged_commit(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, after) = text.split_once("\"sha1\": \"")?;
    let digits = after.split('"').next()?;
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    Some(said(digits.get(..10)?, text.contains("\"dirty\": true")))
}

/// A commit in words.
fn said(commit: &str, modified: bool) -> String {
    match modified {
        true => format!("{commit}, modified"),
        false => commit.to_owned(),
    }
}

/// The commit of a checkout, for an optimised build.
fn optimised_commit(root: &Path) -> Option<String> {
    let profile = env::var("PROFILE").ok()?;
    (profile == "release").then(|| commit_of_checkout(root))?
}

/// The commit of the checkout whose root this is, ten digits of it; of a copy inside another repository there is none.
pub(crate) fn commit_of_checkout(root: &Path) -> Option<String> {
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if fs::canonicalize(top).ok()? != fs::canonicalize(root).ok()? {
        return None;
    }
    // Where the commit or a file changes, this is asked again.
    let places =
        ["HEAD", "logs/HEAD", "index"].map(|name| git(root, &["rev-parse", "--git-path", name]));
    let sources = ["src", "Cargo.toml", "Cargo.lock"].map(str::to_owned);
    for place in places.into_iter().flatten().chain(sources) {
        let place = root.join(place);
        if place.exists() {
            println!("cargo::rerun-if-changed={}", place.display());
        }
    }
    let commit = git(root, &["rev-parse", "--short=10", "HEAD"])?;
    let changes = git(root, &["status", "--porcelain", "--untracked-files=no"])?;
    Some(said(&commit, !changes.is_empty()))
}

/// What git says of a folder, if it says something. It writes nothing there: an index that it refreshed would be newer than
/// the build, and the next one would do everything again.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    let output = command
        .args(["--no-optional-locks", "-C"])
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
