//! What this program is: its version, the commit it was built from, and what it computes with.

use crate::arithmetic::instruction_set;
use std::sync::OnceLock;

/// The commit, if the build knew it: see `build.rs`.
const COMMIT: Option<&str> = option_env!("POLYAK_COMMIT");

/// The version for `--version`.
pub fn long() -> &'static str {
    static LONG: OnceLock<String> = OnceLock::new();
    LONG.get_or_init(|| {
        let commit = match COMMIT {
            Some(commit) => format!("commit {commit}"),
            None => "commit not recorded".to_owned(),
        };
        format!(
            "{} ({commit}, instruction set {})",
            env!("CARGO_PKG_VERSION"),
            instruction_set()
        )
    })
}
