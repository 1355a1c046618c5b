//! Embeds the proof pages: with the feature `html`, every file of `proofs/` becomes one line of a generated list.
//!
//! It also passes on the commit of a package from a registry, which `--version` says. Elsewhere `POLYAK_COMMIT` in the environment of the
//! build may name it; a commit that was looked up in a working tree could be another than what is built.

use std::path::Path;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if let (None, Some(commit)) = (named_commit(), packaged_commit()) {
        println!("cargo::rustc-env=POLYAK_COMMIT={commit}");
    }
    if env::var_os("CARGO_FEATURE_HTML").is_none() {
        return Ok(());
    }
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("proofs");
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

/// The commit that `cargo package` writes beside the manifest, ten digits of it; none of a tree with changes.
fn packaged_commit() -> Option<String> {
    let file = Path::new(&env::var("CARGO_MANIFEST_DIR").ok()?).join(".cargo_vcs_info.json");
    let text = fs::read_to_string(file).ok()?;
    let (_, after) = text.split_once("\"sha1\": \"")?;
    let commit = after.get(..10)?;
    (!text.contains("\"dirty\"")).then(|| commit.to_owned())
}
