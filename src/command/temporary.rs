//! Files that are being written: named after their target, and cleared away if a run was killed.

use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// How their names end.
const SUFFIX: &str = ".polyak-tmp";

/// Random letters in their names.
const LETTERS: usize = 6;

/// The most bytes of the target's name in theirs: names have 255.
const LONGEST: usize = 200;

/// How often a file that another run clears away is made again.
const TRIES: usize = 16;

/// Creates a file to be moved to `target`, in the same folder and with its permissions, and removes those that killed
/// runs have left of the same target.
///
/// A file is locked as long as it is written. One that bears the name and is not locked is in nobody's use.
pub fn created_for(folder: &Path, target: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(target);
    remove_stale(folder, &prefix);
    let there = fs::metadata(target).ok();
    for _ in 0..TRIES {
        let new = created_in(folder, &prefix, there.as_ref())?;
        // Between creation and lock another run may have taken it for one that was left. Where the file system has
        // no locks, no run removes anything.
        let held = new.as_file().try_lock();
        if !matches!(held, Err(TryLockError::WouldBlock)) && new.path().exists() {
            return Ok(new);
        }
    }
    Err(io::Error::other(
        "other runs write the same file all the time",
    ))
}

fn prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", &name[..name.floor_char_boundary(LONGEST)])
}

/// Tells whether a file that is being written bears this name.
fn is_ours(name: &str, prefix: &str) -> bool {
    let middle = name
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    middle.is_some_and(|letters| {
        letters.len() == LETTERS && letters.bytes().all(|letter| letter.is_ascii_alphanumeric())
    })
}

/// Removes the files of a target that nobody writes. What cannot be removed stays: it does no harm.
fn remove_stale(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| is_ours(name, prefix));
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(unix)]
fn created_in(folder: &Path, prefix: &str, there: Option<&Metadata>) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // Of a new file the mask of the process takes what it takes of any other.
    let usual = fs::Permissions::from_mode(0o666);
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(SUFFIX).rand_bytes(LETTERS);
    let new = builder.permissions(usual).tempfile_in(folder)?;
    if let Some(there) = there {
        new.as_file().set_permissions(there.permissions())?;
    }
    Ok(new)
}

#[cfg(not(unix))]
fn created_in(folder: &Path, prefix: &str, _: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(SUFFIX).rand_bytes(LETTERS);
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_of_a_target_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "left").unwrap();
            path
        };
        let left = file(".out.json.abcDE1.polyak-tmp");
        let others = [
            file(".other.json.abcDE1.polyak-tmp"),
            file(".out.json.abcDE.polyak-tmp"),
            file(".out.json.my.new.polyak-tmp"),
            file(".out.json.abcDE1.polyak-tmp.txt"),
            file("out.json"),
        ];
        let named = folder.path().join(".out.json.folder.polyak-tmp");
        fs::create_dir(&named).unwrap();
        let used = created_for(folder.path(), &folder.path().join("out.json")).unwrap();
        assert!(!left.exists() && named.is_dir() && used.path().is_file());
        assert!(others.iter().all(|other| other.is_file()));
        // One in use stays, for as long as it is.
        let second = created_for(folder.path(), &folder.path().join("out.json")).unwrap();
        assert!(used.path().is_file() && second.path() != used.path());
        let (_, path) = used.keep().unwrap();
        drop(created_for(folder.path(), &folder.path().join("out.json")).unwrap());
        assert!(!path.exists() && second.path().is_file());
    }

    #[test]
    fn long_names_are_cut() {
        let long = "é".repeat(127);
        assert_eq!(prefix(Path::new(&long)).len(), 202);
        assert_eq!(prefix(Path::new("a/b.json")), ".b.json.");
        assert!(is_ours(".b.json.abc123.polyak-tmp", ".b.json."));
        assert!(!is_ours(".b.json.abc-23.polyak-tmp", ".b.json."));
    }
}
